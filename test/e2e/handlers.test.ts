/** Several handlers of one queue: they compete, vanish, and lose groups to the kernel. */
import { describe, expect, test } from 'vitest';
import {
  DeviceDetachDocument,
  DeviceReplaceDocument,
  DeviceUnbindDocument,
  IopfGroupsDocument,
} from '../../src/operations/operations.ts';
import type { Faultline } from '../../src/server/faultline.ts';
import { sendGroups, succeed } from './asking.ts';
import {
  answer,
  cookieOf,
  DEVICE,
  handling,
  idOf,
  listening,
  OBSERVING,
  quiet,
  take,
  world,
} from './faulting.ts';
import { Subscriber, until } from './subscriber.ts';

describe('several handlers', () => {
  test('compete: each group goes to exactly one', async () => {
    const server = await world();
    const handlers = [1, 2].map(() =>
      new Subscriber(server).subscribe(IopfGroupsDocument, handling(4)),
    );
    await listening(server, 2);
    const answering = handlers.map(async handler => {
      const mine: number[] = [];
      for (;;) {
        const update = await handler.next('iopfGroups').catch(() => null);
        if (update === null) return mine;
        mine.push(idOf(update));
        await answer(server, cookieOf(update));
      }
    });
    for (let i = 0; i < 5; i++) await sendGroups(server, 8, { first: i * 8 });
    await until(() => handlers.reduce((sum, { values }) => sum + values.length, 0) === 40);
    await until(async () => (await server.engine.settled('default')).state.iopfGroups.size === 0);
    for (const handler of handlers) handler.stop();
    const shares = await Promise.all(answering);
    expect(shares.flat().sort((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, i) => i + 1),
    );
    for (const share of shares) expect(share.length).toBeGreaterThan(0);
  });

  test('one vanishes: its unanswered groups go to the next, in order, marked redelivered', async () => {
    const server = await world();
    await sendGroups(server, 5);
    const first = new Subscriber(server);
    const handler = first.subscribe(IopfGroupsDocument, handling(4));
    const got = await take(handler, 4);
    await answer(server, cookieOf(got[1]!));
    await take(handler, 1);
    first.terminate();
    const second = new Subscriber(server).subscribe(IopfGroupsDocument, handling(16));
    const again = await take(second, 4);
    expect(again.map(idOf)).toEqual([1, 3, 4, 5]);
    for (const update of again)
      expect(update).toMatchObject({ kind: 'DELIVERED', redelivered: true });
    expect(again.slice(0, 3).map(cookieOf)).toEqual([got[0]!, got[2]!, got[3]!].map(cookieOf));
    await sendGroups(server, 1, { first: 9 });
    expect((await take(second, 1))[0]).toMatchObject({ redelivered: false });
    for (const update of again)
      expect(await answer(server, cookieOf(update))).toEqual({ bytes: 8 });
    const reads = (await server.engine.log.read('default', { limit: 1_000 })).filter(
      ({ command }) => command.type === 'FaultRead',
    );
    expect(reads).toHaveLength(6);
  });

  test('one vanishes while another waits: the other takes over at once', async () => {
    const server = await world();
    const first = new Subscriber(server);
    const leaving = first.subscribe(IopfGroupsDocument, handling(16));
    await listening(server, 1);
    await sendGroups(server, 3);
    await take(leaving, 3);
    const staying = new Subscriber(server).subscribe(IopfGroupsDocument, handling(2));
    await listening(server, 2);
    first.terminate();
    const taken = await take(staying, 2);
    expect(taken.map(idOf)).toEqual([1, 2]);
    await quiet();
    expect(staying.waiting).toBe(0);
    await answer(server, cookieOf(taken[0]!));
    expect((await take(staying, 1))[0]).toMatchObject({
      redelivered: true,
      iopfGroup: { iopfGroupId: 3 },
    });
  });

  test('a group answered after its handler vanished is not delivered again', async () => {
    const server = await world();
    await sendGroups(server, 2);
    const first = new Subscriber(server);
    const got = await take(first.subscribe(IopfGroupsDocument, handling()), 2);
    first.terminate();
    await answer(server, cookieOf(got[0]!));
    const second = new Subscriber(server).subscribe(IopfGroupsDocument, handling());
    expect((await take(second, 1)).map(idOf)).toEqual([2]);
    await quiet();
    expect(second.waiting).toBe(0);
  });
});

describe('a group taken away', () => {
  test.each([
    [
      'replace',
      (server: Faultline) => succeed(server, DeviceReplaceDocument, { ...DEVICE, ptId: 3 }),
    ],
    ['detach', (server: Faultline) => succeed(server, DeviceDetachDocument, DEVICE)],
    ['unbind', (server: Faultline) => succeed(server, DeviceUnbindDocument, DEVICE)],
  ])('by %s is told to the handler that holds it, and only to it', async (_, takeAway) => {
    const server = await world();
    const holder = new Subscriber(server).subscribe(IopfGroupsDocument, handling(2));
    const observer = new Subscriber(server).subscribe(IopfGroupsDocument, OBSERVING);
    await listening(server, 2);
    await sendGroups(server, 3);
    const got = await take(holder, 2);
    const other = new Subscriber(server).subscribe(IopfGroupsDocument, handling(1));
    await take(other, 1);
    await take(observer, 6);
    await takeAway(server);
    const away = await take(holder, 2);
    for (const [i, update] of away.entries()) {
      expect(update).toMatchObject({ kind: 'TAKEN_AWAY', code: 'IOMMUFD_PAGE_RESP_INVALID' });
      expect(idOf(update)).toBe(idOf(got[i]!));
      expect(await answer(server, cookieOf(update))).toMatchObject({ errno: 'EINVAL' });
    }
    expect((await take(other, 1))[0]).toMatchObject({ kind: 'TAKEN_AWAY' });
    expect((await take(observer, 3)).map(({ kind }) => kind)).toEqual(Array(3).fill('TAKEN_AWAY'));
    await quiet();
    expect(holder.waiting + other.waiting + observer.waiting).toBe(0);
  });
});
