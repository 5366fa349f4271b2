/** Rows that carry a digest of themselves: how they are selected, written and checked. */
import type { Database } from 'better-sqlite3';
import type { Compilable, ExpressionBuilder } from 'kysely';
import { type Damage, DamagedLogError } from '../log.ts';
import { type DigestedKind, rowDigest } from '../row-digest.ts';
import type { BookmarkRow, ForkRow, RerunRow } from '../row-store.ts';
import { kyselyOf, lazily, type Tables, TEXT } from './sqlite-tables.ts';

/** Selects a row without its digest in the order in which the digest has the columns. */
export const FORK_COLUMNS = [
  'machine_id as machineId',
  'parent_id as parentId',
  'number',
  'seq',
  'hash',
  'at_ms as atMs',
] as const;
export const BOOKMARK_COLUMNS = [
  'machine_id as machineId',
  'name',
  'seq',
  'note',
  'at_ms as atMs',
] as const;
export const RERUN_COLUMNS = [
  'machine_id as machineId',
  'recorded_id as recordedId',
  'plan',
  'whole',
] as const;

/** As SQLite has it. */
export type StoredRerun = Omit<RerunRow, 'whole'> & { readonly whole: number };

class Digested<T extends { readonly machineId: string }> {
  readonly #kind: DigestedKind;
  readonly #keys: readonly (keyof T & string)[];
  readonly #describe: (row: T) => { beside: string; number: number; seq: number };

  constructor(
    kind: DigestedKind,
    columns: readonly string[],
    describe: (row: T) => { beside: string; number: number; seq: number },
  ) {
    this.#kind = kind;
    this.#keys = columns.map(column => column.split(' as ').at(-1) as keyof T & string);
    this.#describe = describe;
  }

  /** What an insert binds: the columns and their digest. */
  values(row: T): unknown[] {
    const values = this.#keys.map(key => row[key]);
    return [...values, rowDigest(this.#kind, values)];
  }

  /** The row that was found, if any, without its digest. Throws DamagedLogError. */
  intact(found: unknown): T | null {
    if (found === undefined) return null;
    const damage = this.damage(found);
    if (damage !== null) throw new DamagedLogError(damage);
    const { digest: _, ...row } = found as T & { readonly digest: string };
    return row as unknown as T;
  }

  damage(found: unknown): Damage | null {
    const row = found as T & { readonly digest: string };
    const digest = rowDigest(
      this.#kind,
      this.#keys.map(key => row[key]),
    );
    if (digest === row.digest) return null;
    const { machineId } = row;
    return { machineId, ...this.#describe(row), what: 'its digest does not match: it was changed' };
  }
}

export const forkRow = new Digested<ForkRow>('fork', FORK_COLUMNS, ({ number, seq }) => {
  return { beside: 'its fork', number, seq };
});
export const bookmarkRow = new Digested<BookmarkRow>('bookmark', BOOKMARK_COLUMNS, mark => {
  return { beside: `bookmark ${JSON.stringify(mark.name)}`, number: 0, seq: mark.seq };
});
export const rerunRow = new Digested<StoredRerun>('rerun', RERUN_COLUMNS, () => {
  return { beside: 'the plan it was made by', number: 0, seq: 0 };
});

/** What was changed of all these rows, or of one machine's. */
export function damagedRowsIn(database: Database): (machineId: string | null) => Iterable<Damage> {
  const db = kyselyOf(database);
  const forks = db.selectFrom('forks').select([...FORK_COLUMNS, 'digest']);
  const bookmarks = db.selectFrom('bookmarks').select([...BOOKMARK_COLUMNS, 'digest']);
  const reruns = db.selectFrom('reruns').select([...RERUN_COLUMNS, 'digest']);
  const statements = (all: Compilable, one: Compilable) => ({
    all: lazily(database, () => all),
    one: lazily(database, () => one),
  });
  const tables = [
    { row: forkRow, ...statements(forks, forks.where('machine_id', '=', TEXT)) },
    { row: bookmarkRow, ...statements(bookmarks, bookmarks.where('machine_id', '=', TEXT)) },
    { row: rerunRow, ...statements(reruns, reruns.where('machine_id', '=', TEXT)) },
  ];
  const hasNo =
    (table: 'operations' | 'forks') =>
    ({ not, exists, selectFrom }: ExpressionBuilder<Tables, 'reruns'>) =>
      not(
        exists(
          selectFrom(table)
            .whereRef(`${table}.machine_id`, '=', 'reruns.machine_id')
            .select(`${table}.number`),
        ),
      );
  const logless = lazily(database, () =>
    db
      .selectFrom('reruns')
      .where('whole', '=', 1)
      .where(hasNo('operations'))
      .where(hasNo('forks'))
      .select('machine_id as machineId'),
  );
  return function* (machineId) {
    // A machine of whatIf of which all has run has a log, its own or its parent's.
    for (const gone of logless().all(1) as { machineId: string }[]) {
      if (machineId !== null && machineId !== gone.machineId) continue;
      const what = 'all of it has run, and none of its operations is there';
      yield {
        machineId: gone.machineId,
        number: 0,
        seq: 0,
        beside: 'the plan it was made by',
        what,
      };
    }
    for (const { row, all, one } of tables) {
      const found = machineId === null ? all().iterate() : one().iterate(machineId);
      for (const each of found) {
        const damage = row.damage(each);
        if (damage !== null) yield damage;
      }
    }
  };
}
