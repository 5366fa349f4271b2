/**
 * A digest for what no chain covers, the name by which a file is open, and a place to try. Frozen.
 *
 * `digest` is that of the row's other columns: the connection that migrates has
 * `faultline_row_digest`, src/log/row-digest.ts. `home` has one row at most: the path whose
 * neighbour is the write-ahead log. `probe` is written to see whether that can be done, and empty
 * else.
 */
import { type Kysely, sql } from 'kysely';

const DIGESTED = {
  forks: sql`'fork', machine_id, parent_id, number, seq, hash, at_ms`,
  bookmarks: sql`'bookmark', machine_id, name, seq, note, at_ms`,
  reruns: sql`'rerun', machine_id, recorded_id, plan, whole`,
};

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const [table, columns] of Object.entries(DIGESTED)) {
    await db.schema
      .alterTable(table)
      .addColumn('digest', 'text', column => column.notNull().defaultTo(''))
      .execute();
    await sql`update ${sql.table(table)} set digest = faultline_row_digest(${columns})`.execute(db);
  }
  await db.schema
    .createTable('home')
    .addColumn('id', 'integer', column => column.primaryKey().check(sql`id = 1`))
    .addColumn('path', 'text', column => column.notNull())
    .modifyEnd(sql`strict`)
    .execute();
  await db.schema
    .createTable('probe')
    .addColumn('bytes', 'blob', column => column.notNull())
    .modifyEnd(sql`strict`)
    .execute();
  await sql`pragma user_version = 3`.execute(db);
}
