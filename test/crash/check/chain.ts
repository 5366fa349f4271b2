/** Numbers and seqs without gaps, and the hash chain, of every machine. */
import { chainHash, eventsOf, type LogFile } from './log-file.ts';

export function* checkChains(file: LogFile): Generator<string> {
  if (file.integrity !== 'ok') yield `SQLite finds: ${file.integrity}`;
  for (const machineId of file.machineIds()) yield* checkChain(file, machineId);
}

function* checkChain(file: LogFile, machineId: string): Generator<string> {
  const fork = file.forks.get(machineId);
  let before = { number: 0, seq: 0, hash: '0'.repeat(64) };
  if (fork !== undefined) {
    const { number, seq, hash } = fork;
    const shared = file.row(fork.parent_id, number);
    if (shared?.hash !== hash || shared.seq !== seq) {
      yield `${machineId} was forked at operation ${number}, which ${fork.parent_id} has not`;
    }
    before = { number, seq, hash };
  }
  const own = [...(file.operations.get(machineId)?.values() ?? [])];
  for (const row of own.sort((a, b) => a.number - b.number)) {
    const where = `${machineId}, operation ${row.number}`;
    if (row.number !== before.number + 1) yield `${where}: ${before.number} comes before it`;
    if (row.seq_before !== before.seq) yield `${where}: begins at ${row.seq_before}`;
    if (row.seq !== row.seq_before + eventsOf(row).length) yield `${where}: ends at ${row.seq}`;
    if (row.hash !== chainHash(row, before.hash)) yield `${where}: its hash is wrong`;
    before = row;
  }
}
