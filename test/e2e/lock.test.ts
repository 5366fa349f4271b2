/** One server a database file: the second is told so, whatever became of the first. */
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { openSqliteLog } from '../../src/log/sqlite/sqlite.ts';
import { ContextOpenDocument, ContextsDocument } from '../../src/operations/operations.ts';
import { ask, succeed } from './asking.ts';
import { type Finished, run, serve, temporaryDirectory } from './process.ts';

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

test('a file of someone else in the place of the lock is named and kept', async () => {
  const file = temporaryFile();
  writeFileSync(`${file}-lock`, 'mine');
  const { code, stderr } = await attempt(file);
  expect(code).toBe(1);
  expect(stderr).toContain(`${file}-lock, which is to be its lock, is not an empty file`);
  expect(readdirSync(dirname(file))).toEqual(['faultline.sqlite-lock']);
  expect(readFileSync(`${file}-lock`, 'utf8')).toBe('mine');
});
