/** Places in a machine's log: which operation ends at a seq, and which one an event is of. */
import type { OperationEvents } from '../../log/log.ts';
import type { Engine } from '../machine/engine.ts';
import { MidOperationError, UnknownMachineError } from '../machine/errors.ts';

/** After operation `number`, which ends at `seq`; number 0 is before the first. */
export interface MomentPlace {
  readonly number: number;
  readonly seq: number;
}

/** The number of the last operation that ended at `seq` or before it; 0 if there is none. */
export async function lastNumberUntil(
  { log }: Engine,
  machineId: string,
  seq: number,
): Promise<number> {
  const [last] = await log.readEvents(machineId, { untilSeq: seq, limit: 1, order: 'backward' });
  return last?.number ?? 0;
}

/** The number of the operation whose event this is. */
export async function numberOfEvent(
  { log }: Engine,
  machineId: string,
  seq: number,
): Promise<number> {
  const [operation] = await log.readEvents(machineId, { afterSeq: seq - 1, limit: 1 });
  if (operation === undefined) throw new UnknownMachineError(machineId);
  return operation.number;
}

/** The operation that has events up to `seq` and after it; null if `seq` is the end of one. */
export async function operationAcross(
  { log }: Engine,
  machineId: string,
  seq: number,
): Promise<OperationEvents | null> {
  const [next] = await log.readEvents(machineId, { afterSeq: seq, limit: 1 });
  return next === undefined || next.seqBefore >= seq ? null : next;
}

/**
 * The place, if an operation ends there. Errors: MidOperationError, which names the places around.
 */
export async function boundary(
  engine: Engine,
  machineId: string,
  { number, seq }: MomentPlace,
): Promise<MomentPlace> {
  const across = await operationAcross(engine, machineId, seq);
  if (across === null) return { number, seq };
  throw new MidOperationError(machineId, seq, across);
}
