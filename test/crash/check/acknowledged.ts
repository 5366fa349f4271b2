/** What clients were told, against what is in the database. */
import { isDeepStrictEqual } from 'node:util';
import { type Acknowledged, MARKER_ID_MIN, markerKey, type Notes } from '../load/notes.ts';
import { bodyOf, type LogFile, type LogRow } from './log-file.ts';

/** Acknowledged deletion, or one asked for that happened. */
export const isGone = (file: LogFile, notes: Pick<Notes, 'gone' | 'going'>, machineId: string) =>
  notes.gone.has(machineId) || (notes.going.has(machineId) && !file.has(machineId));

/** The part of the notes that this is about; `acknowledged` may be what was by some moment. */
type Operations = Pick<Notes, 'acknowledged' | 'refused' | 'gone' | 'going'>;

export function* checkAcknowledged(file: LogFile, notes: Operations): Generator<string> {
  const seen = new Set<string>();
  for (const told of notes.acknowledged) {
    const { machineId, number } = told;
    const place = `${machineId}, operation ${number}`;
    if (seen.has(place)) yield `${place} was acknowledged twice`;
    seen.add(place);
    if (isGone(file, notes, machineId)) continue;
    const row = file.row(machineId, number);
    if (row === undefined) yield `${place} (${told.command}) was acknowledged and is lost`;
    else if (!isAsTold(row, told)) yield `${place} is another than was acknowledged: ${row.body}`;
  }
  yield* checkMarkers(file, notes);
}

function isAsTold(row: LogRow, told: Acknowledged): boolean {
  const { command, reply } = bodyOf(row);
  const { type, ...rest } = command;
  const kept = {
    seqBefore: row.seq_before,
    seq: row.seq,
    command: type,
    arguments: rest,
    errno: row.errno === '0' ? null : row.errno,
    reply,
  };
  const { seqBefore, seq, errno } = told;
  return isDeepStrictEqual(kept, {
    seqBefore,
    seq,
    command: told.command,
    arguments: told.arguments,
    errno,
    reply: told.reply,
  });
}

/** Fields by which a command can be told from every other one: see `Marker`. */
const MARKING: Readonly<Record<string, string>> = {
  Destroy: 'id',
  IoasMap: 'userVa',
  PageRequestSend: 'addr',
};

/** No command ran twice, and none that was refused ran. */
function* checkMarkers(file: LogFile, notes: Operations): Generator<string> {
  const rerun = new Set(file.reruns.map(({ machine_id }) => machine_id));
  const numbers = new Map<string, number>();
  for (const [machineId, rows] of file.operations) {
    // Such a machine has another one's commands, by its nature.
    if (rerun.has(machineId)) continue;
    for (const row of rows.values()) {
      const field = MARKING[row.type];
      const value = field === undefined ? undefined : bodyOf(row).command[field];
      if (field === undefined || value === undefined) continue;
      // Objects are destroyed by small ids, too, and an id may come back.
      if (row.type === 'Destroy' && (value as number) < MARKER_ID_MIN) continue;
      const key = `${machineId}: ${markerKey({ command: row.type, field, value })}`;
      if (numbers.has(key)) yield `${key} ran twice: ${numbers.get(key)}, ${row.number}`;
      numbers.set(key, row.number);
    }
  }
  yield* checkRefused(notes, numbers);
}

/**
 * A transaction whose flush failed may be on the disk after a crash, as the newest there is. But
 * what the same server acknowledged later is in its place if it is not.
 */
function* checkRefused(notes: Operations, numbers: ReadonlyMap<string, number>): Generator<string> {
  const newest = new Map<string, number>();
  for (const { machineId, life, number } of notes.acknowledged) {
    const key = `${machineId} ${life}`;
    newest.set(key, Math.max(number, newest.get(key) ?? 0));
  }
  for (const { machineId, marker, life } of notes.refused) {
    const number = numbers.get(`${machineId}: ${markerKey(marker)}`);
    if (number !== undefined && number < (newest.get(`${machineId} ${life}`) ?? 0)) {
      yield `${machineId}: ${markerKey(marker)} was refused and is operation ${number}`;
    }
  }
}
