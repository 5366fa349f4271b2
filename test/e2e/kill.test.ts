/** The server is killed in the middle of its work, and started again on the same file. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSqliteLog } from '../../src/log/sqlite/sqlite.ts';
import {
  ContextOpenLoggedDocument,
  DestroyLoggedDocument,
  FaultWriteLoggedDocument,
  IopfGroupsDocument,
  type LoggedFragment,
  PageRequestsLoggedDocument,
} from '../../src/operations/operations.ts';
import { PCI } from '../graphql/builder/testing.ts';
import { ask, makeFaulting } from './asking.ts';
import { cookieOf, handling, idOf, QUEUE, SUCCESS } from './faulting.ts';
import { serve, temporaryDirectory } from './process.ts';
import { Subscriber, until } from './subscriber.ts';

const HANDLING = handling(4_096);

/** An answer to one or more mutations that tell the operation they did. */
type Told = Readonly<Record<string, { readonly operation?: LoggedFragment } | null>>;

test('nothing acknowledged is lost, and every unanswered group is delivered again', async () => {
  const file = join(temporaryDirectory(), 'faultline.sqlite');
  const server = await serve(file);
  await makeFaulting(server);
  /** What the server said it had done. */
  const acknowledged: LoggedFragment[] = [];
  const note = (told: Told) => {
    for (const member of Object.values(told)) acknowledged.push(member!.operation!);
  };
  /** Asks again and again until the server is gone. */
  const untilGone = async (request: (round: number) => Promise<Told>) => {
    for (let round = 0; ; round++) {
      const data = await request(round).catch(error => {
        if (error instanceof TypeError) return null;
        throw error;
      });
      if (data === null) return;
      note(data);
    }
  };
  const answered = new Set<number>();
  const attempted = new Set<number>();
  const handler = new Subscriber(server).subscribe(IopfGroupsDocument, HANDLING);
  const answering = async () => {
    for (let place = 0; ; place++) {
      await handler.until(() => handler.values.length > place || handler.end !== null);
      const update = handler.values[place]?.iopfGroups;
      if (update === undefined) return;
      const id = idOf(update);
      // Every third group is never answered.
      if (id % 3 === 0) continue;
      attempted.add(id);
      const responses = [{ cookie: cookieOf(update), code: SUCCESS }];
      const input = { ...QUEUE, responses };
      const data = await ask(server, FaultWriteLoggedDocument, { input }).catch(() => null);
      if (data === null) return;
      note(data);
      answered.add(id);
    }
  };
  const clients = [
    untilGone(() => ask(server, ContextOpenLoggedDocument, { input: {} })),
    untilGone(() => ask(server, DestroyLoggedDocument, { input: { contextId: 1, id: 99 } })),
    untilGone(round => {
      const page = { bdf: PCI, grpid: round % 500 };
      return ask(server, PageRequestsLoggedDocument, {
        first: { ...page, addr: '0x1000', lastPage: false },
        second: { ...page, addr: '0x2000' },
      });
    }),
    answering(),
  ];
  await until(() => acknowledged.length > 500 && answered.size > 30 && handler.values.length > 60);
  expect(await server.kill('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
  await Promise.all(clients);
  await handler.ended();
  expect(acknowledged.length).toBeGreaterThan(100);
  expect(answered.size).toBeGreaterThan(10);

  const again = await serve(file);
  const log = await openSqliteLog({ file, durability: 'normal' });
  const operations = await log.read('default', { limit: 1_000_000 });
  expect(await log.verify('default')).toBeNull();
  await log.close();
  const numbers = acknowledged.map(({ number }) => number);
  expect(new Set(numbers).size).toBe(numbers.length);
  for (const told of acknowledged) {
    const { type, ...rest } = operations[told.number - 1]!.command;
    const kept = JSON.parse(
      JSON.stringify(rest, (_key, value: unknown) =>
        typeof value === 'bigint' ? `0x${value.toString(16)}` : value,
      ),
    );
    expect({ command: type, arguments: kept }).toEqual({
      command: told.command,
      arguments: told.arguments,
    });
  }

  // What the log says is unanswered is what the next handler gets, and nothing else.
  const unanswered = new Set<number>();
  const wasRead: number[] = [];
  for (const event of operations.flatMap(({ events }) => events)) {
    if (event.type === 'IopfGroupQueued') unanswered.add(event.iopfGroupId);
    if (event.type === 'PageResponseWritten') unanswered.delete(event.iopfGroupId);
    if (event.type === 'IopfGroupRead') wasRead.push(event.iopfGroupId);
  }
  for (const id of answered) expect(unanswered.has(id)).toBe(false);
  const redelivered = wasRead.filter(id => unanswered.has(id));
  expect(redelivered.length).toBeGreaterThan(5);
  // Whatever a handler was sent and nobody tried to answer comes again.
  for (const { iopfGroups: update } of handler.values) {
    if (!attempted.has(idOf(update))) expect(redelivered).toContain(idOf(update));
  }
  const next = new Subscriber(again).subscribe(IopfGroupsDocument, HANDLING);
  await next.until(() => next.values.length >= unanswered.size);
  const got = next.values.map(({ iopfGroups: update }) => [idOf(update), update.redelivered]);
  const fresh = [...unanswered].filter(id => !wasRead.includes(id));
  expect(got).toEqual([...redelivered.map(id => [id, true]), ...fresh.map(id => [id, false])]);
  expect(await again.kill('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
});
