/** `faultline serve` as a process: stopping, starting again, databases it must not touch. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import {
  ContextOpenDocument,
  ContextsDocument,
  EventTypesDocument,
  IopfGroupsDocument,
  MachineSeqDocument,
} from '../../src/operations/operations.ts';
import { ask, makeFaulting, succeed } from './asking.ts';
import { run, serve, temporaryDirectory } from './process.ts';
import { Subscriber } from './subscriber.ts';

/** Gives the machine's seq after it. */
async function openContext(server: { url: string }): Promise<number> {
  await succeed(server, ContextOpenDocument, {});
  return (await ask(server, MachineSeqDocument)).machine.seq;
}

describe('stopping', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s ends it cleanly, with clients connected',
    async signal => {
      const file = join(temporaryDirectory(), 'deeper', 'faultline.sqlite');
      const server = await serve(file);
      await makeFaulting(server);
      const queue = { contextId: 1, faultId: 4 };
      const reader = new Subscriber(server).subscribe(IopfGroupsDocument, queue);
      const events = new Subscriber(server).subscribe(EventTypesDocument, { after: 0 });
      await events.next('events');
      const seq = await openContext(server);
      expect(await server.kill(signal)).toMatchObject({ code: 0, signal: null, stderr: '' });
      await Promise.all([reader.ended(), events.ended()]);
      const again = await serve(file);
      expect(await ask(again, ContextsDocument)).toEqual({
        machine: { seq, contexts: [{ contextId: 1 }, { contextId: 2 }] },
      });
      expect(await again.kill(signal)).toMatchObject({ code: 0 });
    },
  );

  test('--durability full keeps the same promises', async () => {
    const file = join(temporaryDirectory(), 'faultline.sqlite');
    const server = await serve(file, '--durability', 'full');
    const seq = await openContext(server);
    expect(await server.kill('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
    const again = await serve(file, '--durability', 'full');
    expect(await ask(again, MachineSeqDocument)).toEqual({ machine: { seq } });
    await again.kill('SIGTERM');
  });
});

describe('a file that is no log of ours', () => {
  const FILES: readonly (readonly [what: string, write: (file: string) => void, said: RegExp])[] = [
    ['text', file => writeFileSync(file, 'hello '.repeat(1_000)), /was refused and not touched/],
    ['one byte', file => writeFileSync(file, 'x'), /was refused and not touched/],
    [
      'another program’s database',
      file => {
        const database = new DatabaseSync(file);
        database.exec('CREATE TABLE operations (x); INSERT INTO operations VALUES (1)');
        database.close();
      },
      /was refused and not touched/,
    ],
  ];

  test.each(FILES)('%s is refused by name and left as it is', async (_, write, said) => {
    const file = join(temporaryDirectory(), 'other.sqlite');
    write(file);
    const before = readFileSync(file);
    const { code, stdout, stderr } = await run('serve', '--port', '0', '--database', file);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(said);
    expect(stderr).toContain(file);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('a log of ours that is cut short', async () => {
    const file = join(temporaryDirectory(), 'faultline.sqlite');
    const server = await serve(file);
    await makeFaulting(server);
    await server.kill('SIGTERM');
    const whole = readFileSync(file);
    writeFileSync(file, whole.subarray(0, 6_000));
    const before = readFileSync(file);
    const { code, stderr } = await run('serve', '--port', '0', '--database', file);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining(file) });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('a log of ours with one changed byte', async () => {
    const file = join(temporaryDirectory(), 'faultline.sqlite');
    const server = await serve(file);
    await makeFaulting(server);
    await server.kill('SIGTERM');
    const bytes = readFileSync(file);
    const place = bytes.indexOf('HwptNestedAllocated');
    expect(place).toBeGreaterThan(0);
    bytes[place] = 'h'.charCodeAt(0);
    writeFileSync(file, bytes);
    const { code, stderr } = await run('serve', '--port', '0', '--database', file);
    expect(code).toBe(1);
    expect(stderr).toContain(`${file} was refused and not touched`);
    expect(stderr).toMatch(/machine default, operation 7/);
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  test('a directory, and a place nobody can write to', async () => {
    const directory = temporaryDirectory();
    const notADirectory = join(directory, 'file');
    writeFileSync(notADirectory, '');
    for (const database of [directory, join(notADirectory, 'x.sqlite')]) {
      const { code, stderr } = await run('serve', '--port', '0', '--database', database);
      expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 1, lines: 1 });
      expect(stderr).toMatch(/^faultline serve: /);
    }
  });
});

test('a port that is taken is said in one line', async () => {
  const server = await serve(':memory:');
  const { port } = new URL(server.url);
  const { code, stderr } = await run('serve', '--port', port, '--database', ':memory:');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^faultline serve: .*EADDRINUSE.*\n$/);
});
