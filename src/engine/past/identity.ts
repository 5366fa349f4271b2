/** Which history a moment belongs to: the log's chain says it in 64 hex digits. */
import { hash } from 'node:crypto';
import type { Engine } from '../machine/engine.ts';
import { UnknownMachineError } from '../machine/errors.ts';

/**
 * The hash of the operation that made the event `seq`, which is committed: it stands for all events up
 * to it. 64 zeros before the first. Errors: UnknownMachineError.
 */
export async function momentHash(engine: Engine, machineId: string, seq: number): Promise<string> {
  const found = await engine.log.hashAt(machineId, seq);
  if (found === null) throw new UnknownMachineError(machineId);
  return found;
}

/** The hash of an operation. Errors: UnknownMachineError. */
export async function operationHash(
  engine: Engine,
  machineId: string,
  number: number,
): Promise<string> {
  const found = await engine.log.hashOf(machineId, number);
  if (found === null) throw new UnknownMachineError(machineId);
  return found;
}

/**
 * What tells a machine from others that had or will have its name, 64 hex digits: of its name, its
 * first operation and when it was made or forked. Errors: UnknownMachineError.
 */
export async function lifeHash({ log }: Engine, machineId: string): Promise<string> {
  const head = await log.head(machineId);
  const first = await log.hashOf(machineId, 1);
  if (head === null || first === null) throw new UnknownMachineError(machineId);
  return hash('sha256', JSON.stringify([machineId, head.createdAtMs, first]), 'hex');
}
