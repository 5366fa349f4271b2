/** A server whose disk is full, fails, or whose database is taken away: what clients are told. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { openSqliteLog } from '../../src/log/sqlite/sqlite.ts';
import { ask, post } from '../graphql/builder/testing.ts';
import { untyped } from './asking.ts';
import { canMount, run, type ServerProcess, serve, temporaryDirectory } from './process.ts';
import { Subscriber } from './subscriber.ts';

/** A test that takes longer hangs. */
const HANGING_MS = 300_000;
const OPEN_CONTEXT =
  'mutation { contextOpen(input: {}) { ... on ContextOpenPayload { operation { number } } } }';
const NUMBER = '{ machine { operations(last: 1) { edges { node { number } } } } }';

const EVENTS = untyped('subscription { events(after: 0) { seq } }');

async function readiness({ url }: ServerProcess): Promise<unknown> {
  const response = await fetch(`${url}/ready`);
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

const refusal = (code: string, message: RegExp) => ({
  message: expect.stringMatching(message),
  extensions: { code },
});
const notReady = (code: string, message: RegExp) => ({
  status: 503,
  body: { errors: [refusal(code, message)] },
});

/** Opens contexts until one is refused; the error, and how many were opened. */
async function openUntilRefused(server: ServerProcess) {
  for (let opened = 0; ; opened++) {
    const { errors } = await post(server, OPEN_CONTEXT);
    if (errors.length > 0) return { error: errors[0]!, opened };
  }
}

/** A file system of so many bytes; needs CAN_MOUNT. */
function smallDisk(bytes: number): string {
  const directory = join(temporaryDirectory(), 'disk');
  mkdirSync(directory);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'none', directory]);
  onTestFinished(() => {
    execFileSync('umount', ['--lazy', directory]);
  });
  return directory;
}

const CAN_MOUNT = canMount();

test.skipIf(!CAN_MOUNT)(
  'a full disk is STORAGE_FULL and not ready, until there is room again',
  async () => {
    const disk = smallDisk(400 * 1024);
    const file = join(disk, 'faultline.sqlite');
    const server = await serve(file);
    const FULL = /^the disk of the database is full \(SQLITE_\w+\); make room on it/;
    expect(await readiness(server)).toEqual({ status: 200, body: null });
    const ballast = join(disk, 'ballast');
    fillUp(ballast);
    const { error, opened } = await openUntilRefused(server);
    expect(error).toMatchObject(refusal('STORAGE_FULL', FULL));
    expect(await readiness(server)).toEqual(notReady('STORAGE_FULL', FULL));
    const again = await openUntilRefused(server);
    expect(again).toMatchObject({ error: refusal('STORAGE_FULL', FULL), opened: 0 });
    // What is there can be looked at.
    const head = await ask(server, NUMBER);
    expect(head).toEqual({
      machine: { operations: { edges: [{ node: { number: 1 + opened } }] } },
    });
    expect(server.stderr()).toMatch(
      /^\S+faultline\.sqlite: the disk of the database is full .*\n$/,
    );
    rmSync(ballast);
    expect(await readiness(server)).toEqual({ status: 200, body: null });
    const next = { contextOpen: { operation: { number: 2 + opened } } };
    expect(await ask(server, OPEN_CONTEXT)).toEqual(next);
    expect(server.stderr()).toMatch(/faultline\.sqlite: the database takes writes again\n$/);
    await server.kill('SIGKILL');
    const { stdout, code } = await run('verify', '--database', file);
    expect(code).toBe(0);
    expect(stdout).toContain(`machine default: ${2 + opened} operations`);
  },
  HANGING_MS,
);

/** Takes what is left of the disk. */
function fillUp(file: string): void {
  const piece = Buffer.alloc(4_096);
  for (;;) {
    try {
      writeFileSync(file, piece, { flag: 'a' });
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
      return;
    }
  }
}

test.skipIf(!CAN_MOUNT)(
  'a server that finds no room for a new database says whose, and leaves nothing',
  async () => {
    const disk = smallDisk(64 * 1024);
    const file = join(disk, 'faultline.sqlite');
    const ballast = join(disk, 'ballast');
    fillUp(ballast);
    for (const command of [
      ['serve', '--port', '0'],
      ['import', 'test/export/golden/faults.jsonl'],
    ]) {
      const { code, stderr } = await run(...command, '--database', file);
      expect(stderr).toMatch(
        new RegExp(`^faultline ${command[0]}: ${file}: the disk of the database is full \\(`),
      );
      expect(code).toBe(1);
      expect(readdirSync(disk)).toEqual(['ballast']);
    }
  },
  HANGING_MS,
);

test(
  'a file that may not grow is STORAGE_FAILED and not ready, until it may',
  async () => {
    const file = join(temporaryDirectory(), 'faultline.sqlite');
    const server = await serve(file);
    const limit = (bytes: string) =>
      execFileSync('prlimit', [`--pid=${server.pid}`, `--fsize=${bytes}:`]);
    const FAILED =
      /^the database cannot be read or written \(SQLITE_IOERR_WRITE\); check the disk, its quota/;
    const subscriber = new Subscriber(server).subscribe(EVENTS);
    await subscriber.until(() => subscriber.values.length > 0);
    limit(String(40 * 1024));
    const { error, opened } = await openUntilRefused(server);
    expect(error).toMatchObject(refusal('STORAGE_FAILED', FAILED));
    expect(await readiness(server)).toEqual(notReady('STORAGE_FAILED', FAILED));
    expect(subscriber.end).toBeNull();
    limit('unlimited');
    expect(await readiness(server)).toEqual({ status: 200, body: null });
    const next = { contextOpen: { operation: { number: 2 + opened } } };
    expect(await ask(server, OPEN_CONTEXT)).toEqual(next);
    expect(await server.kill('SIGTERM')).toMatchObject({ code: 0 });
  },
  HANGING_MS,
);

test(
  'of a write-ahead log that is removed nothing acknowledged is lost, and the server says so',
  async () => {
    const file = join(temporaryDirectory(), 'faultline.sqlite');
    const server = await serve(file);
    for (let i = 0; i < 5; i++) await ask(server, OPEN_CONTEXT);
    rmSync(`${file}-wal`);
    const { error, opened } = await openUntilRefused(server);
    const LOST = /^the write-ahead log of the database was removed or renamed; .* start the server/;
    expect(error).toMatchObject(refusal('STORAGE_LOST', LOST));
    expect(opened).toBe(0);
    expect(await readiness(server)).toEqual(notReady('STORAGE_LOST', LOST));
    const { errors } = await post(server, NUMBER);
    expect(errors).toMatchObject([refusal('STORAGE_LOST', LOST)]);
    await server.kill('SIGKILL');
    const again = await serve(file);
    expect(await ask(again, NUMBER)).toEqual({
      machine: { operations: { edges: [{ node: { number: 6 } }] } },
    });
    await again.kill('SIGTERM');
  },
  HANGING_MS,
);

test(
  'a database that is removed is noticed by /ready, by the next commit, and by who subscribed',
  async () => {
    const file = join(temporaryDirectory(), 'faultline.sqlite');
    const server = await serve(file);
    await ask(server, OPEN_CONTEXT);
    const subscriber = new Subscriber(server).subscribe(EVENTS);
    await subscriber.until(() => subscriber.values.length > 0);
    rmSync(file);
    const LOST = /^the database was removed or renamed; stop the server/;
    const { error, opened } = await openUntilRefused(server);
    expect(error).toMatchObject(refusal('STORAGE_LOST', LOST));
    expect(opened).toBe(0);
    expect(await readiness(server)).toEqual(notReady('STORAGE_LOST', LOST));
    expect(await subscriber.ended()).toMatchObject([refusal('STORAGE_LOST', LOST)]);
    expect(await server.kill('SIGTERM')).toMatchObject({ code: 0 });
    // Nothing was made in the place of what was removed.
    expect(readdirSync(dirname(file))).not.toContain('faultline.sqlite');
  },
  HANGING_MS,
);

test('verify names a row beside the operations that was changed, and a whatIf left unfinished', async () => {
  const file = join(temporaryDirectory(), 'faultline.sqlite');
  const server = await serve(file);
  await ask(server, OPEN_CONTEXT);
  await server.kill('SIGTERM');
  const log = await openSqliteLog({ file, durability: 'normal' });
  const bookmark = { name: 'late', seq: 2, note: '', atMs: 0 };
  for (const machineId of ['default', 'other']) await log.putBookmark({ machineId, ...bookmark });
  await log.fork({ machineId: 'rerun', parentId: 'default', number: 1, atMs: 0 });
  const plan = JSON.stringify({ from: 1, to: 2, kernelReplaced: false, edits: [] });
  await log.putRerun({ machineId: 'rerun', recordedId: 'default', plan, whole: false });
  await log.close();
  const intact = await run('verify', '--database', file);
  expect(intact).toMatchObject({ code: 0, stderr: '' });
  expect(intact.stdout).toMatch(
    /^machine rerun: 1 operations, .*; made by whatIf, of which not all operations have run$/m,
  );
  const database = new SqliteDatabase(file);
  database.exec(`update bookmarks set seq = 1 where machine_id = 'default'`);
  database.exec('update reruns set whole = 1');
  database.close();
  const { code, stdout } = await run('verify', '--database', file);
  const changed = 'its digest does not match: it was changed';
  expect(code).toBe(1);
  expect(stdout).toContain(`machine default: damaged at bookmark "late": ${changed}\n`);
  expect(stdout).toContain(`machine rerun: damaged at the plan it was made by: ${changed}\n`);
  expect(stdout).not.toContain('machine other: damaged');
});

test('a folder that cannot be written is named with the file', async () => {
  const { code, stderr } = await run(
    'serve',
    '--port',
    '0',
    '--database',
    '/proc/faultline.sqlite',
  );
  const which = 'faultline serve: /proc/faultline.sqlite: the database cannot be opened or made';
  expect(stderr.slice(0, which.length)).toBe(which);
  expect(stderr).toMatch(/ \(E\w+\); check the rights on the file and its folder/);
  expect(code).toBe(1);
});
