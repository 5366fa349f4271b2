/** Counted blocks in SQLite. */
import type { Database } from 'better-sqlite3';
import type { BlockRow, BlockStore } from '../row-store.ts';
import { kyselyOf, lazily, NUMBER, TEXT } from './sqlite-tables.ts';

const COLUMNS = [
  'machine_id as machineId',
  'block',
  'number',
  'hash',
  'version',
  'counts',
  'digest',
] as const;

export function sqliteBlocks(database: Database): BlockStore {
  const db = kyselyOf(database);
  const ofMachine = db.selectFrom('blocks').where('machine_id', '=', TEXT);
  const insert = lazily(database, () =>
    db.replaceInto('blocks').values({
      machine_id: TEXT,
      block: NUMBER,
      number: NUMBER,
      hash: TEXT,
      version: NUMBER,
      counts: TEXT,
      digest: TEXT,
    }),
  );
  const range = lazily(database, () =>
    ofMachine.where('block', '>=', NUMBER).select(COLUMNS).orderBy('block').limit(NUMBER),
  );
  const every = lazily(database, () => db.selectFrom('blocks').select(COLUMNS));
  const ofOne = lazily(database, () => ofMachine.select(COLUMNS));
  const remove = lazily(database, () =>
    db.deleteFrom('blocks').where('machine_id', '=', TEXT).where('block', '>=', NUMBER),
  );
  const putAll = database.transaction((rows: readonly BlockRow[]) => {
    for (const { machineId, block, number, hash, version, counts, digest } of rows) {
      insert().run(machineId, block, number, hash, version, counts, digest);
    }
  });
  return {
    put: rows => putAll.immediate(rows),
    range: (machineId, first, limit) => range().all(machineId, first, limit) as BlockRow[],
    delete: (machineId, first) => remove().run(machineId, first).changes > 0,
    all: machineId =>
      (machineId === null
        ? every().iterate()
        : ofOne().iterate(machineId)) as IterableIterator<BlockRow>,
  };
}
