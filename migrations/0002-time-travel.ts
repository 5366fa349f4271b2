/**
 * What time travel keeps beside the operations. Frozen.
 *
 * `forks`: a machine whose operations up to `number` are those of `parent_id`; `hash` is that of
 * the last of them. `snapshots`: states of the past; they may be deleted at any time. `bookmarks`:
 * names for moments. `reruns`: what was changed when a machine's operations ran again; `whole` is 0
 * until all of them have.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('forks')
    .addColumn('machine_id', 'text', column => column.notNull().primaryKey())
    .addColumn('parent_id', 'text', column => column.notNull())
    .addColumn('number', 'integer', column => column.notNull())
    .addColumn('seq', 'integer', column => column.notNull())
    .addColumn('hash', 'text', column => column.notNull())
    .addColumn('at_ms', 'integer', column => column.notNull())
    .modifyEnd(sql`strict`)
    .execute();
  await db.schema
    .createIndex('forks_by_parent')
    .on('forks')
    .columns(['parent_id', 'machine_id'])
    .execute();
  await db.schema
    .createTable('snapshots')
    .addColumn('machine_id', 'text', column => column.notNull())
    .addColumn('seq', 'integer', column => column.notNull())
    .addColumn('number', 'integer', column => column.notNull())
    .addColumn('hash', 'text', column => column.notNull())
    .addColumn('version', 'integer', column => column.notNull())
    .addColumn('digest', 'text', column => column.notNull())
    .addColumn('state', 'text', column => column.notNull())
    .addPrimaryKeyConstraint('snapshots_key', ['machine_id', 'seq'])
    .modifyEnd(sql`strict`)
    .execute();
  await db.schema
    .createTable('bookmarks')
    .addColumn('machine_id', 'text', column => column.notNull())
    .addColumn('name', 'text', column => column.notNull())
    .addColumn('seq', 'integer', column => column.notNull())
    .addColumn('note', 'text', column => column.notNull())
    .addColumn('at_ms', 'integer', column => column.notNull())
    .addPrimaryKeyConstraint('bookmarks_key', ['machine_id', 'name'])
    .modifyEnd(sql`strict`)
    .execute();
  await db.schema
    .createTable('reruns')
    .addColumn('machine_id', 'text', column => column.notNull().primaryKey())
    .addColumn('recorded_id', 'text', column => column.notNull())
    .addColumn('plan', 'text', column => column.notNull())
    .addColumn('whole', 'integer', column => column.notNull())
    .modifyEnd(sql`strict`)
    .execute();
  await db.schema
    .createIndex('reruns_by_recorded')
    .on('reruns')
    .columns(['recorded_id', 'machine_id'])
    .execute();
  await sql`create index operations_refused on operations (machine_id, number)
    where errno <> '0'`.execute(db);
  await sql`pragma user_version = 2`.execute(db);
}
