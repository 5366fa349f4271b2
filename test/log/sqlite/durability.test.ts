/** What `durability` asks of SQLite, seen on the connection that is really used. */
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openSqliteLog } from '../../../src/log/sqlite/sqlite.ts';
import { temporaryDirectory } from '../temporary.ts';

const opened = vi.hoisted(() => [] as { pragma(text: string, options: object): unknown }[]);

vi.mock('better-sqlite3', async importOriginal => {
  const { default: Database } = await importOriginal<{ default: new () => object }>();
  return {
    default: new Proxy(Database, {
      construct(target, args) {
        const database = Reflect.construct(target, args) as (typeof opened)[number];
        opened.push(database);
        return database;
      },
    }),
  };
});

const flushed = vi.hoisted(() => [] as string[]);

vi.mock('node:fs', async importOriginal => {
  const fs = await importOriginal<typeof import('node:fs')>();
  return {
    ...fs,
    fsyncSync(fd: number) {
      flushed.push(fs.readlinkSync(`/proc/self/fd/${fd}`));
      fs.fsyncSync(fd);
    },
  };
});

test('the names of folders that are made for it are flushed', async () => {
  const folder = temporaryDirectory();
  const open = async (name: string) => {
    flushed.length = 0;
    const log = await openSqliteLog({ file: join(folder, name), durability: 'full' });
    log.close();
    return flushed.toSorted();
  };
  expect(await open('a/b/c/log.sqlite')).toEqual([folder, join(folder, 'a'), join(folder, 'a/b')]);
  expect(await open('a/d/log.sqlite')).toEqual([join(folder, 'a')]);
  expect(await open('a/d/other.sqlite')).toEqual([]);
});

test.each([
  ['normal', 1],
  ['full', 2],
] as const)('%s is synchronous = %d, in write-ahead mode', async (durability, synchronous) => {
  const log = await openSqliteLog({ file: join(temporaryDirectory(), 'a.sqlite'), durability });
  onTestFinished(() => log.close());
  const connection = opened.at(-1)!;
  expect(connection.pragma('synchronous', { simple: true })).toBe(synchronous);
  expect(connection.pragma('journal_mode', { simple: true })).toBe('wal');
});
