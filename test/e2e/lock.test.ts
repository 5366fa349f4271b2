/** One server a database file: the second is told so, whatever became of the first. */
import { execFileSync } from 'node:child_process';
import {
  linkSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSqliteLog } from '../../src/log/sqlite/sqlite.ts';
import { ContextOpenDocument, ContextsDocument } from '../../src/operations/operations.ts';
import { ask, succeed } from './asking.ts';
import { canMount, type Finished, run, serve, temporaryDirectory } from './process.ts';

const temporaryFile = () => join(temporaryDirectory(), 'faultline.sqlite');

/** `serve` that is expected to end by itself. */
const attempt = (file: string): Promise<Finished> =>
  run('serve', '--port', '0', '--database', file);

const refusalOf = (file: string) => ({
  code: 1,
  stdout: '',
  stderr:
    `faultline serve: ${file} was refused and not touched: another Faultline server has it open. ` +
    'Stop the server that has it, or name another file\n',
});

test('a second server is refused, by any name of the file, and the first goes on', async () => {
  const file = temporaryFile();
  const first = await serve(file);
  const alias = join(temporaryDirectory(), 'alias.sqlite');
  symlinkSync(file, alias);
  expect(await attempt(file)).toMatchObject(refusalOf(file));
  expect(await attempt(alias)).toMatchObject(refusalOf(alias));
  // The refused ones took nothing away from the first.
  expect(await attempt(file)).toMatchObject(refusalOf(file));
  await succeed(first, ContextOpenDocument, {});
  expect(await ask(first, ContextsDocument)).toMatchObject({
    machine: { contexts: [{ contextId: 1 }] },
  });
  // Who only reads the log is not kept out.
  const log = await openSqliteLog({ file, durability: 'normal' });
  expect(await log.head('default')).toMatchObject({ number: 2 });
  await log.close();
  expect(await attempt(file)).toMatchObject(refusalOf(file));
  expect(await first.kill('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
  expect(readdirSync(dirname(file))).toEqual(['faultline.sqlite']);
});

test('the file is free again after a stop, and at once after kill -9', async () => {
  const file = temporaryFile();
  for (const signal of ['SIGTERM', 'SIGKILL', 'SIGKILL', 'SIGTERM'] as const) {
    const server = await serve(file);
    await succeed(server, ContextOpenDocument, {});
    expect(await attempt(file)).toMatchObject(refusalOf(file));
    await server.kill(signal);
  }
  expect(readdirSync(dirname(file))).toEqual(['faultline.sqlite']);
});

test('of servers that start on a new file together exactly one wins', async () => {
  const file = temporaryFile();
  const started = await Promise.allSettled([serve(file), serve(file), serve(file)]);
  const winners = started.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
  expect(winners).toHaveLength(1);
  for (const result of started) {
    if (result.status === 'rejected') expect(result.reason.message).toContain('serve ended with 1');
  }
  expect(await winners[0]!.kill('SIGTERM')).toMatchObject({ code: 0 });
  expect(readdirSync(dirname(file))).toEqual(['faultline.sqlite']);
});

test('a hard link is the same file: one server, and what was written by the other name', async () => {
  const file = temporaryFile();
  const link = join(temporaryDirectory(), 'link.sqlite');
  const first = await serve(file);
  linkSync(file, link);
  await succeed(first, ContextOpenDocument, {});
  expect(await attempt(link)).toMatchObject(refusalOf(link));
  // Who reads by the other name sees what is committed, and leaves nothing beside it.
  const verified = await run('verify', '--database', link);
  expect(verified).toMatchObject({ code: 0, stderr: '' });
  expect(verified.stdout).toContain('machine default: 2 operations');
  expect(readdirSync(dirname(link))).toEqual(['link.sqlite']);
  expect(await ask(first, ContextsDocument)).toMatchObject({
    machine: { contexts: [{ contextId: 1 }] },
  });
  // Killed, it leaves its write-ahead log beside the first name.
  await first.kill('SIGKILL');
  expect(readdirSync(dirname(file))).toContain('faultline.sqlite-wal');
  const second = await serve(link);
  await succeed(second, ContextOpenDocument, {});
  const both = { machine: { contexts: [{ contextId: 1 }, { contextId: 2 }] } };
  expect(await ask(second, ContextsDocument)).toMatchObject(both);
  expect(await attempt(file)).toMatchObject(refusalOf(file));
  await second.kill('SIGTERM');
  // The first name goes; the file lives on by the other.
  rmSync(file);
  const third = await serve(link);
  expect(await ask(third, ContextsDocument)).toMatchObject(both);
  await third.kill('SIGTERM');
});

test('a file that was renamed under a server is not another one', async () => {
  const file = temporaryFile();
  const moved = join(temporaryDirectory(), 'moved.sqlite');
  const first = await serve(file);
  renameSync(file, moved);
  expect(await attempt(moved)).toMatchObject(refusalOf(moved));
  await first.kill('SIGKILL');
});

/** Mounting wants root, and a container may still not be allowed to. */
const CAN_MOUNT = canMount();

test.skipIf(!CAN_MOUNT)('a bind mount of the file is the same file', async () => {
  const file = temporaryFile();
  const mounted = join(temporaryDirectory(), 'mounted.sqlite');
  const first = await serve(file);
  await succeed(first, ContextOpenDocument, {});
  writeFileSync(mounted, '');
  execFileSync('mount', ['--bind', file, mounted]);
  onTestFinished(() => {
    execFileSync('umount', ['--lazy', mounted]);
  });
  expect(await attempt(mounted)).toMatchObject(refusalOf(mounted));
  await first.kill('SIGKILL');
  const second = await serve(mounted);
  expect(await ask(second, ContextsDocument)).toMatchObject({
    machine: { contexts: [{ contextId: 1 }] },
  });
  expect(await attempt(file)).toMatchObject(refusalOf(file));
  await second.kill('SIGTERM');
});

test('the database is private, with the folder that was made for it', async () => {
  const folder = join(temporaryDirectory(), 'made', 'for it');
  const server = await serve(join(folder, 'faultline.sqlite'));
  await succeed(server, ContextOpenDocument, {});
  const modes = Object.fromEntries(
    readdirSync(folder).map(name => [name, statSync(join(folder, name)).mode & 0o777]),
  );
  // The last is the socket by which programs come to the machines.
  expect(modes).toEqual({
    'faultline.sqlite': 0o600,
    'faultline.sqlite-shm': 0o600,
    'faultline.sqlite-wal': 0o600,
    'faultline.sqlite.sock': 0o600,
  });
  for (const made of [folder, dirname(folder)]) expect(statSync(made).mode & 0o777).toBe(0o700);
  await server.kill('SIGTERM');
});
