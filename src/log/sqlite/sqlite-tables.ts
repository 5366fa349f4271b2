/** The tables as Kysely sees them, and how statements are prepared. */
import type { Database, Statement } from 'better-sqlite3';
import { type Compilable, Kysely, SqliteDialect } from 'kysely';

export interface OperationsTable {
  machine_id: string;
  number: number;
  seq_before: number;
  seq: number;
  at_ms: number;
  type: string;
  errno: string;
  events: string;
  body: string;
  hash: string;
}

export interface Tables {
  operations: OperationsTable;
  forks: {
    machine_id: string;
    parent_id: string;
    number: number;
    seq: number;
    hash: string;
    at_ms: number;
    digest: string;
  };
  snapshots: {
    machine_id: string;
    seq: number;
    number: number;
    hash: string;
    version: number;
    digest: string;
    state: string;
  };
  blocks: {
    machine_id: string;
    block: number;
    number: number;
    hash: string;
    version: number;
    counts: string;
    digest: string;
  };
  bookmarks: {
    machine_id: string;
    name: string;
    seq: number;
    note: string;
    at_ms: number;
    digest: string;
  };
  reruns: {
    machine_id: string;
    recorded_id: string;
    plan: string;
    whole: number;
    digest: string;
  };
}

export function kyselyOf(database: Database): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
}

/** Values bound at run time; Kysely wants some value of the type to build the statement. */
export const TEXT = '';
export const NUMBER = 0;

/**
 * A statement prepared when it is first used: a database of an older version may lack the table
 * until it is migrated.
 */
export function lazily(
  database: Database,
  query: () => Compilable,
): () => Statement<unknown[], unknown> {
  let statement: Statement<unknown[], unknown> | null = null;
  return () => {
    statement ??= database.prepare<unknown[], unknown>(query().compile().sql);
    return statement;
  };
}
