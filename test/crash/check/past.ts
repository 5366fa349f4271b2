/** Machines, forks, reruns and bookmarks that were acknowledged. */
import type { Notes } from '../load/notes.ts';
import { isGone } from './acknowledged.ts';
import type { LogFile } from './log-file.ts';

export function* checkPast(file: LogFile, notes: Notes): Generator<string> {
  for (const machineId of notes.gone) {
    if (file.has(machineId)) yield `${machineId} was deleted and is there`;
    const marks = file.bookmarks.filter(row => row.machine_id === machineId).length;
    const reruns = file.reruns.filter(row => row.machine_id === machineId).length;
    if (marks + reruns > 0) yield `${machineId} was deleted and left rows behind`;
  }
  for (const machineId of notes.created) {
    if (isGone(file, notes, machineId)) continue;
    if (file.row(machineId, 1)?.type !== 'MachineCreate') yield `${machineId} was made and is lost`;
  }
  yield* checkForks(file, notes);
  yield* checkReruns(file, notes);
  yield* checkBookmarks(file, notes);
}

function* checkForks(file: LogFile, notes: Notes): Generator<string> {
  for (const { machineId, parentId, number } of notes.forks) {
    if (isGone(file, notes, machineId)) continue;
    const fork = file.forks.get(machineId);
    const shared = file.row(parentId, number);
    if (fork === undefined) {
      yield `the fork ${machineId} was acknowledged and is lost`;
    } else if (
      fork.number !== number ||
      fork.parent_id !== file.holder(parentId, number) ||
      fork.hash !== shared?.hash
    ) {
      yield `the fork ${machineId} is another than was acknowledged: ${JSON.stringify(fork)}`;
    }
  }
}

function* checkReruns(file: LogFile, notes: Notes): Generator<string> {
  for (const { machineId, recordedId, toOperation } of notes.reruns) {
    if (isGone(file, notes, machineId)) continue;
    const row = file.reruns.find(({ machine_id }) => machine_id === machineId);
    if (row?.recorded_id !== recordedId)
      yield `the rerun ${machineId} was acknowledged and is lost`;
    const { number } = file.head(machineId);
    if (number < toOperation) yield `the rerun ${machineId} ends at ${number}, not ${toOperation}`;
  }
}

function* checkBookmarks(file: LogFile, notes: Notes): Generator<string> {
  const rows = new Map(file.bookmarks.map(row => [`${row.machine_id}/${row.name}`, row]));
  for (const { machineId, name, seq, note } of notes.bookmarks) {
    const key = `${machineId}/${name}`;
    const row = rows.get(key);
    if (notes.bookmarksGone.has(key)) {
      if (row !== undefined) yield `the bookmark ${key} was deleted and is there`;
    } else if (row === undefined) {
      if (!notes.bookmarksGoing.has(key)) yield `the bookmark ${key} was acknowledged and is lost`;
    } else if (row.seq !== seq || row.note !== note) {
      yield `the bookmark ${key} is another than was acknowledged: ${JSON.stringify(row)}`;
    }
  }
}
