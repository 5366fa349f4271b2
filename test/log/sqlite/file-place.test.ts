/** A database that is taken away while it is open: noticed at the next commit, and said. */
import {
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Log } from '../../../src/log/log.ts';
import { openSqliteLog } from '../../../src/log/sqlite/sqlite.ts';
import { walLoss, walStateOf } from '../../../src/log/sqlite/wal-frames.ts';
import { StorageError } from '../../../src/log/storage-error.ts';
import { fill, next, operations } from '../fixtures.ts';
import { temporaryDirectory } from '../temporary.ts';

const WRITTEN = 20;

async function opened() {
  const file = join(temporaryDirectory(), 'log.db');
  const said: string[] = [];
  const log = await openSqliteLog({
    file,
    durability: 'normal',
    exclusive: true,
    say: line => said.push(line),
  });
  onTestFinished(() => log.close());
  await fill(log, 'm', WRITTEN);
  return { file, log, said };
}

async function append(log: Log): Promise<void> {
  const operation = next(operations(WRITTEN).at(-1)!);
  await log.append([{ machineId: 'm', operation }]);
}

const LOSSES: readonly [string, (file: string) => void, RegExp][] = [
  ['the database is removed', file => rmSync(file), /^the database was removed or renamed/],
  [
    'the database is renamed',
    file => renameSync(file, `${file}-away`),
    /^the database was removed or renamed/,
  ],
  [
    'another file takes its place',
    file => {
      copyFileSync(file, `${file}-other`);
      renameSync(`${file}-other`, file);
    },
    /^another file took the database’s place/,
  ],
  [
    'the write-ahead log is removed',
    file => rmSync(`${file}-wal`),
    /^the write-ahead log of the database was removed or renamed; what was acknowledged is in/,
  ],
  [
    'another file takes the place of the write-ahead log',
    file => {
      copyFileSync(`${file}-wal`, `${file}-other`);
      renameSync(`${file}-other`, `${file}-wal`);
    },
    /^another file took the place of the database’s write-ahead log/,
  ],
  [
    'the write-ahead log is cut to nothing',
    file => truncateSync(`${file}-wal`, 0),
    /^the write-ahead log of the database was cut/,
  ],
  [
    'the end of the write-ahead log is cut off',
    file => truncateSync(`${file}-wal`, statSync(`${file}-wal`).size - 1),
    /^the write-ahead log of the database was cut/,
  ],
  [
    'the write-ahead log is overwritten with zeros',
    file => writeFileSync(`${file}-wal`, Buffer.alloc(statSync(`${file}-wal`).size)),
    /^the write-ahead log of the database was overwritten/,
  ],
  [
    'the write-ahead log is zeroed behind its header',
    file => overwrite(`${file}-wal`, 32, statSync(`${file}-wal`).size - 32),
    /^the write-ahead log of the database was overwritten/,
  ],
  [
    'the newest frame of the write-ahead log is overwritten',
    file => {
      const { frames, frameBytes } = framesOf(file);
      overwrite(`${file}-wal`, 32 + (frames - 1) * frameBytes, 24);
    },
    /^the write-ahead log of the database was overwritten/,
  ],
];

function overwrite(file: string, offset: number, bytes: number, value = 0): void {
  const fd = openSync(file, 'r+');
  writeSync(fd, Buffer.alloc(bytes, value), 0, bytes, offset);
  closeSync(fd);
}

function framesOf(file: string): { frames: number; frameBytes: number } {
  const state = walStateOf(file);
  if (state?.kind !== 'FRAMES') throw new Error('nothing is in the write-ahead log');
  return { frames: state.intact, frameBytes: 24 + readFileSync(`${file}-wal`).readUInt32BE(8) };
}

describe('a frame in the middle is overwritten', () => {
  async function damaged() {
    const { file, log } = await opened();
    const { frames, frameBytes } = framesOf(file);
    expect(frames).toBeGreaterThan(4);
    overwrite(`${file}-wal`, 32 + 2 * frameBytes + 100, 8, 0xa5);
    return { file, log, frames };
  }

  test('what is lost is told, by number of frames', async () => {
    const { file, frames } = await damaged();
    expect(walStateOf(file)).toEqual({ kind: 'FRAMES', intact: 2, lost: frames - 3 });
    expect(walLoss(file)).toBe(
      `${file}-wal is damaged behind its frame 2: ${frames - 3} more frames cannot be read, and what they held is lost`,
    );
  });

  test('nothing of it comes into the database when the log is closed', async () => {
    const { file, log } = await damaged();
    const before = readFileSync(file);
    log.close();
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('who opens it next hears of it, once', async () => {
    const { file, log } = await damaged();
    log.close();
    const said: string[] = [];
    const again = async () => {
      const say = (line: string) => said.push(line);
      (await openSqliteLog({ file, durability: 'normal', exclusive: true, say })).close();
    };
    await again().catch(() => {});
    expect(said).toEqual([expect.stringMatching(/-wal is damaged behind its frame 2: /)]);
  });
});

describe('it is lost, and nothing is taken or given from then on, if', () => {
  test.each(LOSSES)('%s', async (_what, lose, message) => {
    const { file, log, said } = await opened();
    lose(file);
    const error = await append(log).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StorageError);
    expect(error).toMatchObject({ code: 'STORAGE_LOST', message: expect.stringMatching(message) });
    expect((error as Error).message).toMatch(/start (it|the server) again/);
    expect(log.failure()).toBe(error);
    for (const use of [
      () => append(log),
      () => log.read('m', { limit: 1 }),
      () => log.head('m'),
      () => log.checkWritable(),
      () => log.putBookmark({ machineId: 'm', name: 'b', seq: 1, note: '', atMs: 0 }),
      () => log.deleteMachine('m'),
    ]) {
      await expect(use()).rejects.toBe(error);
    }
    expect(said).toEqual([`${file}: ${(error as Error).message}`]);
  });

  test.each(LOSSES)(
    '%s, seen by who asks whether it takes writes',
    async (_what, lose, message) => {
      const { file, log } = await opened();
      await log.checkWritable();
      lose(file);
      await expect(log.checkWritable()).rejects.toThrow(message);
    },
  );
});

test('what a removed write-ahead log held is in the database afterwards', async () => {
  const { file, log } = await opened();
  rmSync(`${file}-wal`);
  await expect(append(log)).rejects.toThrow('what was acknowledged is in the database itself now');
  // The process may be killed from here on.
  const copy = join(temporaryDirectory(), 'log.db');
  copyFileSync(file, copy);
  const again = await openSqliteLog({ file: copy, durability: 'normal' });
  expect(await again.read('m', { limit: 99, verify: true })).toEqual(operations(WRITTEN));
  await again.close();
  await log.close();
});

test('what somebody put into the write-ahead log never comes into the database', async () => {
  for (const [what, lose] of LOSSES.slice(-4)) {
    const { file, log } = await opened();
    const before = readFileSync(file);
    lose(file);
    await expect(append(log)).rejects.toThrow(StorageError);
    await log.close();
    expect(readFileSync(file).equals(before), what).toBe(true);
  }
});

test('a write-ahead log that begins anew, as SQLite lets it, is no loss', async () => {
  const { file, log } = await opened();
  const made = operations(4_000).slice(WRITTEN);
  const sizes = new Set<number>();
  for (const operation of made) {
    await log.append([{ machineId: 'm', operation }]);
    sizes.add(statSync(`${file}-wal`).size);
  }
  // It stopped growing: its beginning was written over.
  expect(sizes.size).toBeLessThan(made.length / 2);
  await log.checkWritable();
  expect(await log.verify('m')).toBeNull();
});
