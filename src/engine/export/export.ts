/** Taking a machine's log away: the lines of an export file (log/export/export-format.ts). */
import { EXPORT_LINE_BYTES_MAX, EXPORT_OPERATIONS_MAX } from '../../abi/limits.ts';
import { evolve } from '../../core/machine/evolve.ts';
import type { Operation } from '../../core/machine/operation.ts';
import { initialState } from '../../core/machine/state.ts';
import { ExportWriter } from '../../log/export/export-format.ts';
import type { Log, MachineHead } from '../../log/log.ts';
import { decodeStored } from '../../log/stored.ts';
import { ExportLimitError, UnknownMachineError } from '../machine/errors.ts';
import { finalHash } from './final-hash.ts';

/** Operations read from the log at a time. */
const PAGE_OPERATIONS = 256;

/** What the export of a machine says at its end. */
export interface ExportEnd {
  readonly operations: number;
  readonly seq: number;
  /** Of the state: what replay, verify and import compute of the same events. */
  readonly finalHash: string;
}

/**
 * The lines of the export of all that is in the log at the first one, each with its break. Errors:
 * UnknownMachineError, also if it is deleted in between; ExportLimitError; those of reading the log.
 * `ended` is told the end when all lines were taken.
 */
export async function* exportLines(
  log: Log,
  machineId: string,
  ended: (end: ExportEnd) => void = () => {},
): AsyncGenerator<string> {
  const head = await headOf(log, machineId);
  const { number: operations, seq } = head;
  if (operations > EXPORT_OPERATIONS_MAX) {
    throw new ExportLimitError(`it has ${operations} operations`, EXPORT_OPERATIONS_MAX);
  }
  const writer = new ExportWriter();
  const state = initialState();
  yield writer.header({ machineId, operations, seq });
  for await (const stored of storedOperations(log, head)) {
    for (const event of decodeStored(machineId, stored).events) evolve(state, event);
    const line = writer.operation(stored);
    if (Buffer.byteLength(line) > EXPORT_LINE_BYTES_MAX) {
      const what = `operation ${stored.number} has ${Buffer.byteLength(line)} bytes`;
      throw new ExportLimitError(what, EXPORT_LINE_BYTES_MAX);
    }
    yield line;
  }
  const end = { operations, seq, finalHash: finalHash(state) };
  yield writer.end(end);
  ended(end);
}

/** The machine's operations, oldest first. Errors: as `exportLines`. */
export async function* allOperations(log: Log, machineId: string): AsyncGenerator<Operation> {
  const head = await headOf(log, machineId);
  for await (const stored of storedOperations(log, head)) yield decodeStored(machineId, stored);
}

async function headOf(log: Log, machineId: string): Promise<MachineHead> {
  const head = await log.head(machineId);
  if (head === null) throw new UnknownMachineError(machineId);
  return head;
}

/** Those up to `head`: more may come while they are read. */
async function* storedOperations(log: Log, { machineId, number: last }: MachineHead) {
  for (let afterNumber = 0; afterNumber < last; ) {
    const limit = Math.min(PAGE_OPERATIONS, last - afterNumber);
    const page = await log.readStored(machineId, { afterNumber, limit });
    if (page.length < limit) throw new UnknownMachineError(machineId);
    yield* page;
    afterNumber += limit;
  }
}
