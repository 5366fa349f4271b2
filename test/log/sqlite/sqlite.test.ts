/** What SQLite adds to the contract: files, other writers, crashes, damage. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import SqliteDatabase from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { ConcurrencyError, DamagedLogError, DatabaseRefusedError } from '../../../src/log/log.ts';
import { openMemoryLog } from '../../../src/log/memory.ts';
import { openSqliteLog } from '../../../src/log/sqlite/sqlite.ts';
import { describeLogContract } from '../contract.ts';
import { describeTimeTravelContract } from '../contract-time-travel.ts';
import { AT_MS, fill, next, operations } from '../fixtures.ts';
import { temporaryDirectory } from '../temporary.ts';

const temporaryFile = () => join(temporaryDirectory(), 'log.db');
const open = (file: string) => openSqliteLog({ file, durability: 'normal' });

describeLogContract('SQLite, file', () => open(temporaryFile()));
describeTimeTravelContract('SQLite, file', () => open(temporaryFile()));
describeLogContract('SQLite, memory', () => open(':memory:'));

describe('an SQLite log', () => {
  test('makes the same hashes as the one in memory', async () => {
    const sqlite = await open(temporaryFile());
    const memory = openMemoryLog();
    await fill(sqlite, 'm', 20);
    await fill(memory, 'm', 20);
    expect(await sqlite.head('m')).toEqual(await memory.head('m'));
    await sqlite.close();
  });

  test('is there again after close, in missing directories too, and leaves one file', async () => {
    const file = join(temporaryDirectory(), 'a', 'b', 'log.db');
    const first = await open(file);
    const written = await fill(first, 'm', 8);
    const head = await first.head('m');
    await first.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
    const second = await open(file);
    expect(await second.head('m')).toEqual(head);
    await second.append([{ machineId: 'm', operation: next(written.at(-1)!) }]);
    expect((await second.read('m', { limit: 99, verify: true })).slice(0, 8)).toEqual(written);
    await second.close();
  });

  test('is in WAL mode', async () => {
    const file = temporaryFile();
    const log = await openSqliteLog({ file, durability: 'full' });
    await fill(log, 'm', 2);
    const other = new SqliteDatabase(file, { readonly: true });
    expect(other.pragma('journal_mode', { simple: true })).toBe('wal');
    other.close();
    await log.close();
  });

  test('of two connections with one expected seq exactly one wins, and the loser goes on', async () => {
    const file = temporaryFile();
    const left = await open(file);
    const right = await open(file);
    const written = await fill(left, 'm', 3);
    const fourth = next(written[2]!);
    // The right one has seen operation 3, and remembers it.
    await right.append([{ machineId: 'm', operation: fourth }]);
    const late = { ...fourth, atMs: AT_MS };
    const error = await left.append([{ machineId: 'm', operation: late }]).catch(e => e);
    expect(error).toBeInstanceOf(ConcurrencyError);
    expect(error).toMatchObject({ expected: { number: 3 }, actual: { number: 4, seq: 4 } });
    expect(await left.read('m', { limit: 9, verify: true })).toEqual([...written, fourth]);
    const batch = [next(fourth), next(next(fourth))];
    await left.append(batch.map(operation => ({ machineId: 'm', operation })));
    expect(await right.verify('m')).toBeNull();
    await left.close();
    await right.close();
  });

  test('a writer behind a deleted machine is refused', async () => {
    const file = temporaryFile();
    const left = await open(file);
    const right = await open(file);
    const written = await fill(left, 'm', 3);
    await right.deleteMachine('m');
    const fourth = { machineId: 'm', operation: next(written[2]!) };
    const error = await left.append([fourth]).catch(e => e);
    expect(error).toBeInstanceOf(ConcurrencyError);
    expect(error).toMatchObject({ actual: { number: 0, seq: 0 } });
    expect(await left.head('m')).toBeNull();
    await left.close();
    await right.close();
  });

  test('a writer behind a machine rewritten to the same number and seq is refused', async () => {
    const file = temporaryFile();
    const left = await open(file);
    const right = await open(file);
    const written = await fill(left, 'm', 3);
    await right.deleteMachine('m');
    const others = written.map(operation => ({ ...operation, atMs: operation.atMs + 1 }));
    await right.append(others.map(operation => ({ machineId: 'm', operation })));
    const fourth = { machineId: 'm', operation: next(written[2]!) };
    await expect(left.append([fourth])).rejects.toThrow('was rewritten');
    expect(await left.read('m', { limit: 9 })).toEqual(others);
    await left.close();
    await right.close();
  });

  test('an exclusive one keeps out other exclusive ones until it is closed', async () => {
    const file = join(temporaryDirectory(), 'a', 'log.db');
    const exclusive = () => openSqliteLog({ file, durability: 'normal', exclusive: true });
    const first = await exclusive();
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(exclusive()).rejects.toThrow(DatabaseRefusedError);
    }
    const reader = await open(file);
    await first.close();
    const second = await exclusive();
    // Closing again gives nothing back that is another's now.
    await first.close();
    await expect(exclusive()).rejects.toThrow('another Faultline server has it open');
    await second.close();
    await reader.close();
    expect(readdirSync(dirname(file))).toEqual(['log.db']);
  });

  test('two processes append to one machine: every number is won once', async () => {
    // Both create the file, too.
    const file = temporaryFile();
    const processes = [appender(file, 'race', 200), appender(file, 'race', 200)];
    const won = await Promise.all(processes.map(process => process.finished));
    const numbers = won.flat().sort((left, right) => left - right);
    const log = await open(file);
    expect(numbers).toEqual(Array.from({ length: 400 }, (_, i) => i + 1));
    expect(await log.head('race')).toMatchObject({ number: 400 });
    expect(await log.verify('race')).toBeNull();
    await log.close();
  });

  test('keeps every acknowledged operation through kill -9', async () => {
    const file = temporaryFile();
    const { child, finished, acknowledged } = appender(file, 'm', 1_000_000);
    while (acknowledged.length < 300) await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await finished;
    const log = await open(file);
    const head = await log.head('m');
    expect(head!.number).toBeGreaterThanOrEqual(acknowledged.at(-1)!);
    expect(await log.verify('m')).toBeNull();
    expect(await log.read('m', { limit: 1e6 })).toEqual(operations(head!.number));
    await log.close();
  });
});

/** A child process that appends `count` operations and prints the number of each when it is acknowledged. */
function appender(file: string, machineId: string, count: number) {
  const script = join(import.meta.dirname, '..', 'appender.ts');
  const child = spawn(process.execPath, [script, file, machineId, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: number[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', line => acknowledged.push(Number(line)));
  const finished = once(lines, 'close').then(() => acknowledged);
  return { child, finished, acknowledged };
}

describe('damage in an SQLite log', () => {
  const changes: [string, string][] = [
    ['machine_id', "machine_id = 'n'"],
    ['number', 'number = 99'],
    ['seq_before', 'seq_before = seq_before + 1'],
    ['seq', 'seq = seq + 1'],
    ['at_ms', 'at_ms = at_ms + 1'],
    ['type', "type = 'ContextOpen'"],
    ['errno', "errno = 'EINVAL'"],
    ['events', `events = replace(events, '"deviceNo":1', '"deviceNo":2')`],
    ['body', `body = replace(body, '"perm":3', '"perm":1')`],
    ['hash', "hash = replace(hash, substr(hash, 1, 1), '!')"],
  ];
  for (const [column, change] of changes) {
    test(`a change of ${column} is found by verify and by a verifying read`, async () => {
      const file = temporaryFile();
      const log = await open(file);
      await fill(log, 'm', 10);
      const raw = new SqliteDatabase(file);
      const { changes } = raw
        .prepare(`UPDATE operations SET ${change} WHERE machine_id = 'm' AND number = 3`)
        .run();
      expect(changes).toBe(1);
      const damage = await log.verify('m');
      expect(damage?.machineId).toBe('m');
      expect([3, 4]).toContain(damage?.number);
      const error = await log.read('m', { limit: 99, verify: true }).catch(e => e);
      expect(error).toBeInstanceOf(DamagedLogError);
      expect(error.message).toMatch(/^machine m, operation [34]: /);
      raw.close();
      await log.close();
    });
  }

  test('a missing operation is found by every read that passes it', async () => {
    const file = temporaryFile();
    const log = await open(file);
    await fill(log, 'm', 10);
    const raw = new SqliteDatabase(file);
    raw.exec("DELETE FROM operations WHERE machine_id = 'm' AND number = 5");
    raw.close();
    await expect(log.read('m', { limit: 99 })).rejects.toThrow(DamagedLogError);
    await expect(log.read('m', { limit: 3, afterNumber: 4 })).rejects.toThrow(DamagedLogError);
    await expect(log.read('m', { limit: 3, afterNumber: 5 })).rejects.toThrow(DamagedLogError);
    await expect(log.readEvents('m', { limit: 6, order: 'backward' })).rejects.toThrow(
      'operation 5',
    );
    expect(await log.read('m', { limit: 4 })).toHaveLength(4);
    expect(await log.verify('m')).toMatchObject({ machineId: 'm', number: 6 });
    await log.close();
  });

  test('text that is not JSON is damage that names its operation', async () => {
    const file = temporaryFile();
    const log = await open(file);
    await fill(log, 'm', 3);
    const raw = new SqliteDatabase(file);
    raw.exec("UPDATE operations SET events = '[' WHERE number = 2");
    raw.close();
    await expect(log.read('m', { limit: 9 })).rejects.toThrow('machine m, operation 2');
    await log.close();
  });
});
