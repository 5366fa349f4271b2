/**
 * The operations table: one row an operation, see src/log/codec.ts for the columns. Frozen.
 *
 * It keeps its rowid: bodies are often longer than a quarter page, and such rows in a table WITHOUT
 * ROWID go to overflow pages of their own, which made appends half as fast.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('operations')
    .addColumn('machine_id', 'text', column => column.notNull())
    .addColumn('number', 'integer', column => column.notNull())
    .addColumn('seq_before', 'integer', column => column.notNull())
    .addColumn('seq', 'integer', column => column.notNull())
    .addColumn('at_ms', 'integer', column => column.notNull())
    .addColumn('type', 'text', column => column.notNull())
    .addColumn('errno', 'text', column => column.notNull())
    .addColumn('events', 'text', column => column.notNull())
    .addColumn('body', 'text', column => column.notNull())
    .addColumn('hash', 'text', column => column.notNull())
    .addPrimaryKeyConstraint('operations_key', ['machine_id', 'number'])
    .modifyEnd(sql`strict`)
    .execute();
  await sql`pragma user_version = 1`.execute(db);
}
