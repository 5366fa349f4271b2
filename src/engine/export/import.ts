/** Taking an export in: everything is checked before anything is written. */
import { MACHINES_MAX } from '../../abi/limits.ts';
import { evolve } from '../../core/machine/evolve.ts';
import type { Operation } from '../../core/machine/operation.ts';
import { initialState, type MachineState } from '../../core/machine/state.ts';
import { readExport } from '../../log/export/export-file.ts';
import { type ExportHeader, ExportRefusedError } from '../../log/export/export-format.ts';
import { ConcurrencyError, type Log, type StoredOperation } from '../../log/log.ts';
import { decodeStored } from '../../log/stored.ts';
import { CURRENT_UPCASTING, EventVersionError, type Upcasting } from '../../log/upcast.ts';
import { MachineExistsError, TooManyMachinesError } from '../machine/errors.ts';
import { finalHash } from './final-hash.ts';

/** An export that was read to its end and found right. */
export interface CheckedExport extends ExportHeader {
  readonly finalHash: string;
  /** Of its last line: stands for the whole file. */
  readonly hash: string;
}

/**
 * Reads the whole file: its lines, their order, hashes and versions, and whether the events lead to
 * the state it names. `see` gets each operation and its line; what it throws goes on to the caller.
 * Throws ExportRefusedError, or the system's error on opening the file.
 */
export function checkExport(
  file: string,
  see: (operation: Operation, line: number) => void = () => {},
  upcasting: Upcasting = CURRENT_UPCASTING,
): CheckedExport {
  const state = initialState();
  let header: ExportHeader | null = null;
  let checked: CheckedExport | null = null;
  for (const part of readExport(file)) {
    const { line } = part;
    if (part.kind === 'HEADER') {
      header = part.header;
    } else if (part.kind === 'OPERATION') {
      const operation = operationIn(header!.machineId, part.stored, line, upcasting);
      see(operation, line);
      apply(state, operation, line);
    } else {
      checkFinalHash(state, part.end.finalHash, line);
      checked = { ...header!, finalHash: part.end.finalHash, hash: part.hash };
    }
  }
  return checked!;
}

/**
 * Writes an export that was just checked as machine `machineId`, in one transaction. Errors:
 * MachineExistsError, TooManyMachinesError, ExportRefusedError if the file has changed since.
 */
export async function importExport(
  log: Log,
  file: string,
  checked: CheckedExport,
  machineId: string,
): Promise<void> {
  const machines = await log.machines({ after: null, limit: MACHINES_MAX });
  if ((await log.head(machineId)) !== null) throw new MachineExistsError(machineId);
  if (machines.length >= MACHINES_MAX) throw new TooManyMachinesError(MACHINES_MAX);
  try {
    await log.appendStored(machineId, storedIn(file, checked));
  } catch (error) {
    throw error instanceof ConcurrencyError ? new MachineExistsError(machineId) : error;
  }
}

/** The operations of the file that was checked, or ExportRefusedError if it is another now. */
function* storedIn(file: string, { hash }: CheckedExport): Generator<StoredOperation> {
  for (const part of readExport(file)) {
    if (part.kind === 'OPERATION') yield part.stored;
    if (part.kind !== 'END' || part.hash === hash) continue;
    const found = 'the file was changed while it was read';
    throw new ExportRefusedError('HASH', part.line, found, `hash ${hash} here`);
  }
}

function operationIn(
  machineId: string,
  stored: StoredOperation,
  line: number,
  upcasting: Upcasting,
): Operation {
  if (stored.number === 1 && stored.type !== 'MachineCreate') {
    const found = `the first operation is ${stored.type}`;
    throw new ExportRefusedError('ORDER', line, found, 'MachineCreate');
  }
  try {
    return decodeStored(machineId, stored, upcasting);
  } catch (error) {
    if (!(error instanceof EventVersionError)) throw error;
    const { eventType, what } = error;
    const known = 'events that this version of Faultline knows';
    throw new ExportRefusedError('VERSION', line, `event ${eventType}: ${what}`, known);
  }
}

/** `evolve` checks nothing: an event that does not fit the state breaks it somewhere. */
function apply(state: MachineState, { events }: Operation, line: number): void {
  for (const event of events) {
    try {
      evolve(state, event);
    } catch (error) {
      const found = `event ${event.type}, seq ${state.seq}, cannot be: ${(error as Error).message}`;
      throw new ExportRefusedError('STATE', line, found, 'an event that fits those before it');
    }
  }
}

function checkFinalHash(state: MachineState, recorded: string, line: number): void {
  let replayed: string;
  try {
    replayed = finalHash(state);
  } catch (error) {
    replayed = `a state that is none (${(error as Error).message})`;
  }
  if (replayed === recorded) return;
  const found = `its events lead to ${replayed} in this version of Faultline`;
  throw new ExportRefusedError('STATE', line, found, `the recorded final hash, ${recorded}`);
}
