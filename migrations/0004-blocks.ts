/**
 * What was counted of a machine's events, stretch by stretch, for overviews. Frozen.
 *
 * Derived from the operations: any row may be missing. `number` is the first operation
 * that ends after the stretch and `hash` its hash; `digest` is that of the row's other columns, src/log/row-digest.ts.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('blocks')
    .addColumn('machine_id', 'text', column => column.notNull())
    .addColumn('block', 'integer', column => column.notNull())
    .addColumn('number', 'integer', column => column.notNull())
    .addColumn('hash', 'text', column => column.notNull())
    .addColumn('version', 'integer', column => column.notNull())
    .addColumn('counts', 'text', column => column.notNull())
    .addColumn('digest', 'text', column => column.notNull())
    .addPrimaryKeyConstraint('blocks_key', ['machine_id', 'block'])
    .modifyEnd(sql`strict`)
    .execute();
  await sql`pragma user_version = 4`.execute(db);
}
