/** Files that are refused, by name, and keep every byte. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { DatabaseRefusedError } from '../../../src/log/log.ts';
import { APPLICATION_ID, SCHEMA_VERSION } from '../../../src/log/sqlite/schema.ts';
import { openSqliteLog } from '../../../src/log/sqlite/sqlite.ts';
import { fill } from '../fixtures.ts';
import { temporaryDirectory } from '../temporary.ts';

const open = (file: string) => openSqliteLog({ file, durability: 'normal' });

/** Every file of the directory with its bytes, but for SQLite's shared-memory index, a cache. */
function contents(directory: string): Map<string, string> {
  const files = readdirSync(directory).filter(name => !name.endsWith('-shm'));
  return new Map(files.map(name => [name, readFileSync(join(directory, name), 'hex')]));
}

async function expectRefused(file: string, reason: RegExp | string): Promise<void> {
  const before = contents(dirname(file));
  const names = readdirSync(dirname(file));
  const error = await open(file).catch(e => e);
  expect(error).toBeInstanceOf(DatabaseRefusedError);
  expect(error.file).toBe(file);
  expect(error.reason).toMatch(reason);
  expect(error.message).toContain(file);
  expect(error.wanted).toMatch(/^(Name|Restore|Open) /);
  expect(contents(dirname(file))).toEqual(before);
  expect(readdirSync(dirname(file))).toEqual(names);
}

/** An intact log of two machines, closed. */
async function ourFile(operations = 10): Promise<string> {
  const file = join(temporaryDirectory(), 'log.db');
  const log = await open(file);
  await fill(log, 'a', operations);
  await fill(log, 'b', operations);
  await log.close();
  return file;
}

/** Our file as a killed process leaves it: with operations in the write-ahead log alone. */
async function killedFile(): Promise<string> {
  const source = join(temporaryDirectory(), 'log.db');
  const log = await open(source);
  await fill(log, 'a', 10);
  const file = join(temporaryDirectory(), 'log.db');
  for (const suffix of ['', '-wal']) copyFileSync(source + suffix, file + suffix);
  await log.close();
  return file;
}

function edit(file: string, change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(file);
  change(bytes);
  writeFileSync(file, bytes);
}

function foreign(pragmas: readonly string[], sql: string): string {
  const file = join(temporaryDirectory(), 'other.db');
  const database = new SqliteDatabase(file);
  for (const pragma of pragmas) database.pragma(pragma);
  database.exec(sql);
  database.close();
  return file;
}

describe('a file is refused and keeps every byte if', () => {
  test('it is not an SQLite database', async () => {
    const file = join(temporaryDirectory(), 'notes.txt');
    writeFileSync(file, 'x'.repeat(5_000));
    await expectRefused(file, /not an SQLite database/);
    writeFileSync(file, 'short');
    await expectRefused(file, /not an SQLite database/);
  });

  test('it is a directory', async () => {
    const file = join(temporaryDirectory(), 'd');
    mkdirSync(file);
    await expect(open(file)).rejects.toThrow(DatabaseRefusedError);
    expect(readdirSync(dirname(file))).toEqual(['d']);
  });

  test('it has tables of something else', async () => {
    await expectRefused(foreign([], 'CREATE TABLE t (x)'), /tables of something else/);
    const wal = foreign(['journal_mode = wal'], 'CREATE TABLE t (x)');
    await expectRefused(wal, /tables of something else/);
  });

  test('it has the application id of something else', async () => {
    const file = foreign(['application_id = 12345'], 'CREATE TABLE operations (x)');
    await expectRefused(file, /another application \(application_id 0x00003039\)/);
  });

  test('something else set its version and made no table yet', async () => {
    await expectRefused(
      foreign(['user_version = 7'], ''),
      /something else began \(user_version 7\)/,
    );
  });

  test('another application has its tables in a write-ahead log only', async () => {
    const source = join(temporaryDirectory(), 'other.db');
    const database = new SqliteDatabase(source);
    database.pragma('journal_mode = wal');
    database.exec('CREATE TABLE t (x)');
    const file = join(temporaryDirectory(), 'other.db');
    for (const suffix of ['', '-wal']) copyFileSync(source + suffix, file + suffix);
    database.close();
    await expectRefused(file, /tables of something else/);
  });

  test('its schema is newer', async () => {
    const file = await ourFile();
    edit(file, bytes => bytes.writeUInt32BE(SCHEMA_VERSION + 1, 60));
    await expectRefused(
      file,
      `schema version is ${SCHEMA_VERSION + 1}, and ${SCHEMA_VERSION} is the newest known`,
    );
  });

  test('it is ours but its table is missing', async () => {
    const pragmas = [`application_id = ${APPLICATION_ID}`, `user_version = ${SCHEMA_VERSION}`];
    await expectRefused(foreign(pragmas, 'CREATE TABLE t (x)'), /no such table: operations/);
  });

  test('it was cut short', async () => {
    const file = await ourFile(200);
    writeFileSync(file, readFileSync(file).subarray(0, -8_192));
    await expectRefused(file, /corrupt|SQLITE_CORRUPT/);
  });

  test('a page of it was overwritten', async () => {
    const file = await ourFile(200);
    edit(file, bytes => bytes.fill(0xff, 3 * 4_096, 3 * 4_096 + 512));
    await expectRefused(file, /corrupt|SQLITE_CORRUPT/);
  });

  test('one letter of an operation was changed', async () => {
    const file = await ourFile();
    edit(file, bytes => {
      // All copies of it: a split page keeps stale ones, and those may be changed unseen.
      const word = 'iommufd_ioas_alloc_ioctl';
      for (let at = bytes.indexOf(word); at >= 0; at = bytes.indexOf(word)) bytes.write('j', at);
    });
    await expectRefused(file, /damaged at machine [ab], operation 2, seq 1: its hash/);
  });

  test('a killed process left a write-ahead log, and the operations in it are damaged', async () => {
    const file = await killedFile();
    const damaging = new SqliteDatabase(file);
    damaging.exec('UPDATE operations SET at_ms = at_ms + 1 WHERE number = 5');
    const copy = join(temporaryDirectory(), 'log.db');
    for (const suffix of ['', '-wal']) copyFileSync(file + suffix, copy + suffix);
    damaging.close();
    await expectRefused(copy, /damaged at machine a, operation 5/);
  });

  test('only a write-ahead log is left of it', async () => {
    const file = join(temporaryDirectory(), 'log.db');
    copyFileSync(`${await killedFile()}-wal`, `${file}-wal`);
    await expectRefused(file, /missing or empty, but the write-ahead log/);
  });
});

test('a flipped bit anywhere in the file is refused, or changes nothing that is read', async () => {
  const file = await ourFile();
  const intact = readFileSync(file);
  const reader = await open(file);
  const [a, b] = [await reader.read('a', { limit: 99 }), await reader.read('b', { limit: 99 })];
  await reader.close();
  let refused = 0;
  for (let at = 0; at < intact.length; at += 61) {
    const bytes = Buffer.from(intact);
    bytes[at] = bytes[at]! ^ (1 << (at % 8));
    writeFileSync(file, bytes);
    try {
      const log = await open(file);
      expect(await log.read('a', { limit: 99 })).toEqual(a);
      expect(await log.read('b', { limit: 99 })).toEqual(b);
      await log.close();
    } catch (error) {
      expect(error).toBeInstanceOf(DatabaseRefusedError);
      expect(readFileSync(file).equals(bytes)).toBe(true);
      expect(readdirSync(dirname(file))).toEqual(['log.db']);
      refused++;
    }
  }
  // The rest of the file is free space, stale copies and counters.
  expect(refused).toBeGreaterThan(100);
});

describe('a file is taken as new if', () => {
  const files: [string, (file: string) => void][] = [
    ['it is empty', file => writeFileSync(file, '')],
    [
      'it is an SQLite database with nothing in it',
      file => {
        const database = new SqliteDatabase(file);
        database.exec('VACUUM');
        database.close();
      },
    ],
    [
      'its creation was cut short after it became ours',
      file => {
        const database = new SqliteDatabase(file);
        database.pragma(`application_id = ${APPLICATION_ID}`);
        database.pragma('journal_mode = wal');
        database.close();
      },
    ],
  ];
  for (const [what, make] of files) {
    test(what, async () => {
      const file = join(temporaryDirectory(), 'log.db');
      make(file);
      const log = await open(file);
      const written = await fill(log, 'm', 5);
      await log.close();
      const again = await open(file);
      expect(await again.read('m', { limit: 9, verify: true })).toEqual(written);
      await again.close();
    });
  }
});

test('a file carries our application id and schema version', async () => {
  const file = await ourFile();
  const database = new SqliteDatabase(file, { readonly: true });
  expect(database.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
  expect(database.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION);
  database.close();
});

test('what a killed process left in the write-ahead log is there again', async () => {
  const log = await open(await killedFile());
  expect(await log.head('a')).toMatchObject({ number: 10 });
  expect(await log.verify('a')).toBeNull();
  await log.close();
});

test('opening an intact file and closing it changes no byte', async () => {
  const file = await ourFile();
  const before = contents(dirname(file));
  await (await open(file)).close();
  expect(contents(dirname(file))).toEqual(before);
});
