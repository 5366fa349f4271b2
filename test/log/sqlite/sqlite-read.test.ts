/** Reading a log that is not ours to write. */
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { DatabaseRefusedError } from '../../../src/log/log.ts';
import { openSqliteLog } from '../../../src/log/sqlite/sqlite.ts';
import { checkStructures, openSqliteLogToRead } from '../../../src/log/sqlite/sqlite-read.ts';
import { fill, next } from '../fixtures.ts';
import { temporaryDirectory } from '../temporary.ts';

const temporaryFile = () => join(temporaryDirectory(), 'log.db');

/** Every file beside this one with its bytes, but for SQLite's shared-memory index, a cache. */
function contents(file: string): Map<string, string> {
  const names = readdirSync(dirname(file)).filter(name => !name.endsWith('-shm'));
  return new Map(names.map(name => [name, readFileSync(join(dirname(file), name), 'hex')]));
}

describe('a log opened to be read', () => {
  test('is what was written, and nothing is left beside it', async () => {
    const file = temporaryFile();
    const log = await openSqliteLog({ file, durability: 'normal' });
    const written = await fill(log, 'm', 20);
    await log.close();
    const before = contents(file);
    const reading = await openSqliteLogToRead(file);
    expect(await reading.read('m', { limit: 99, verify: true })).toEqual(written);
    const more = { machineId: 'm', operation: next(written.at(-1)!) };
    await expect(reading.append([more])).rejects.toThrow(/readonly/);
    await reading.close();
    expect(checkStructures(file)).toBeNull();
    expect(contents(file)).toEqual(before);
    expect(readdirSync(dirname(file))).toEqual(['log.db']);
  });

  test('shows what another connection commits meanwhile, and is not in its way', async () => {
    const file = temporaryFile();
    const log = await openSqliteLog({ file, durability: 'normal', exclusive: true });
    const written = await fill(log, 'm', 3);
    const reading = await openSqliteLogToRead(file);
    expect((await reading.head('m'))!.number).toBe(3);
    await log.append([{ machineId: 'm', operation: next(written.at(-1)!) }]);
    expect((await reading.head('m'))!.number).toBe(4);
    await reading.close();
    await log.close();
  });

  test('may be as a killed process left it', async () => {
    const source = temporaryFile();
    const log = await openSqliteLog({ file: source, durability: 'normal' });
    const written = await fill(log, 'm', 10);
    const file = temporaryFile();
    for (const suffix of ['', '-wal']) copyFileSync(source + suffix, file + suffix);
    await log.close();
    const before = contents(file);
    const reading = await openSqliteLogToRead(file);
    expect(await reading.read('m', { limit: 99, verify: true })).toEqual(written);
    await reading.close();
    expect(contents(file)).toEqual(before);
  });

  test('is refused if there is none, or one of another version', async () => {
    const file = temporaryFile();
    await expect(openSqliteLogToRead(file)).rejects.toThrow(/missing or empty/);
    const log = await openSqliteLog({ file, durability: 'normal' });
    await log.close();
    const database = new SqliteDatabase(file);
    database.pragma('user_version = 0');
    database.close();
    const error = await openSqliteLogToRead(file).catch(thrown => thrown);
    expect(error).toBeInstanceOf(DatabaseRefusedError);
    expect(error.reason).toMatch(/^its schema version is 0, not \d+$/);
    expect(error.wanted).toMatch(/faultline serve/);
  });

  test('whose structures disagree is found corrupt', async () => {
    const file = temporaryFile();
    const log = await openSqliteLog({ file, durability: 'normal' });
    await fill(log, 'm', 400);
    await log.close();
    const database = new SqliteDatabase(file);
    database.unsafeMode(true);
    database.pragma('writable_schema = on');
    database.exec(
      `UPDATE sqlite_schema SET rootpage = 2 WHERE type = 'table' AND name = 'operations'`,
    );
    database.close();
    expect(checkStructures(file)).toMatch(/\S/);
  });
});
