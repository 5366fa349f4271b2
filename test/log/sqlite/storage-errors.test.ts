/** What SQLite says of a disk, in words of ours, and a database that takes writes again. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { RowLog } from '../../../src/log/row-log.ts';
import { migrate } from '../../../src/log/sqlite/schema.ts';
import { storageErrorOf } from '../../../src/log/sqlite/sqlite-errors.ts';
import { guardedStore } from '../../../src/log/sqlite/sqlite-guard.ts';
import { sqliteStore } from '../../../src/log/sqlite/sqlite-store.ts';
import { StorageError } from '../../../src/log/storage-error.ts';
import { fill, next, operations, withEvents } from '../fixtures.ts';
import { temporaryDirectory } from '../temporary.ts';

const sqliteError = (code: string) => new SqliteDatabase.SqliteError('message', code);
const systemError = (code: string) => Object.assign(new Error(code), { code, syscall: 'open' });

test.each([
  [sqliteError('SQLITE_FULL'), 'STORAGE_FULL', /disk .* is full \(SQLITE_FULL\); make room/],
  [systemError('ENOSPC'), 'STORAGE_FULL', /disk .* is full \(ENOSPC\); make room/],
  [systemError('EDQUOT'), 'STORAGE_FULL', /disk .* is full \(EDQUOT\); make room/],
  [systemError('EIO'), 'STORAGE_FAILED', /read or written \(EIO\); check the disk/],
  [systemError('EROFS'), 'STORAGE_FAILED', /opened or made \(EROFS\); check the rights/],
  [sqliteError('SQLITE_IOERR_FSYNC'), 'STORAGE_FAILED', /\(SQLITE_IOERR_FSYNC\); check the disk/],
  [sqliteError('SQLITE_READONLY_DBMOVED'), 'STORAGE_FAILED', /written .*; check the rights/],
  [sqliteError('SQLITE_CANTOPEN'), 'STORAGE_FAILED', /opened .*; check the rights/],
  [sqliteError('SQLITE_BUSY_SNAPSHOT'), 'STORAGE_FAILED', /another process .*; end it/],
  [sqliteError('SQLITE_CORRUPT_INDEX'), 'STORAGE_FAILED', /damaged .*; run "faultline verify"/],
  [sqliteError('SQLITE_NOTADB'), 'STORAGE_FAILED', /damaged .*; run "faultline verify"/],
] as const)('%s is %s', (error, code, message) => {
  const failure = storageErrorOf(error, join(temporaryDirectory(), 'log.db'));
  expect(failure).toMatchObject({ code, message: expect.stringMatching(message), cause: error });
});

test('mistakes of ours are none of the storage', () => {
  for (const error of [
    sqliteError('SQLITE_ERROR'),
    sqliteError('SQLITE_CONSTRAINT_CHECK'),
    sqliteError('SQLITE_MISUSE'),
    new TypeError('not a function'),
    Object.assign(new Error('bad'), { code: 'ERR_INVALID_ARG_TYPE' }),
  ]) {
    expect(storageErrorOf(error, 'log.db')).toBeNull();
  }
});

test('a database that has no room says so until it has, and keeps what it had', async () => {
  const file = join(temporaryDirectory(), 'made', 'log.db');
  mkdirSync(join(file, '..'));
  const database = new SqliteDatabase(file);
  database.pragma('journal_mode = wal');
  await migrate(database);
  const log = new RowLog(guardedStore(sqliteStore(database), database, file, null));
  onTestFinished(() => log.close());
  const written = await fill(log, 'm', 5);
  const pages = database.pragma('page_count', { simple: true }) as number;
  database.pragma(`max_page_count = ${pages}`);
  const long = {
    ...withEvents([]),
    trace: [{ function: 'f'.repeat(9_000), depth: 0, returned: '' }],
  };
  const entry = { machineId: 'm', operation: next(written.at(-1)!, long) };
  const refused = (use: Promise<unknown>) =>
    expect(use).rejects.toMatchObject({ name: 'StorageError', code: 'STORAGE_FULL', file });
  expect(log.failure()).toBeNull();
  await refused(log.append([entry]));
  await refused(log.append([entry, { ...entry, operation: next(entry.operation) }]));
  expect(log.failure()).toBeInstanceOf(StorageError);
  await refused(log.checkWritable());
  expect(await log.read('m', { limit: 99, verify: true })).toEqual(operations(5));
  // Room for an operation is no room yet for what is tried.
  database.pragma(`max_page_count = ${pages + 4}`);
  await refused(log.checkWritable());
  database.pragma('max_page_count = 1000');
  await log.checkWritable();
  expect(log.failure()).toBeNull();
  await log.append([entry]);
  expect(await log.read('m', { limit: 99, verify: true })).toEqual([...written, entry.operation]);
  expect(database.prepare('select count(*) from probe').pluck().get()).toBe(0);
});
