/** Being a fault handler, over real WebSockets and server-sent events. */
import { describe, expect, test } from 'vitest';
import {
  DestroyDocument,
  DeviceDetachDocument,
  EventTypesDocument,
  FaultCloseDocument,
  FaultReadDocument,
  FaultWriteDocument,
  IopfGroupsDocument,
  MachineDeleteDocument,
} from '../../src/operations/operations.ts';
import { ask, sendGroups, succeed } from './asking.ts';
import {
  answer,
  cookieOf,
  DEVICE,
  handling,
  INVALID,
  idOf,
  listening,
  OBSERVING,
  QUEUE,
  queueOf,
  quiet,
  SUCCESS,
  take,
  world,
} from './faulting.ts';
import { Subscriber, subscribeSse } from './subscriber.ts';

describe('a handler', () => {
  test('gets groups of several pages; each delivery is a committed read', async () => {
    const server = await world();
    const handler = new Subscriber(server).subscribe(IopfGroupsDocument, handling());
    await listening(server, 1);
    await sendGroups(server, 2, { pages: 3 });
    const [one, two] = await take(handler, 2);
    expect(one).toMatchObject({
      kind: 'DELIVERED',
      redelivered: false,
      code: null,
      iopfGroup: {
        iopfGroupId: 1,
        cookie: 1,
        reader: 'HANDLER',
        messages: [
          { grpid: 0, addr: '0x1000', rawFlags: 0, cookie: 1, devId: 1 },
          { grpid: 0, addr: '0x2000', rawFlags: 0, cookie: 1, devId: 1 },
          { grpid: 0, addr: '0x3000', rawFlags: 2, cookie: 1, devId: 1 },
        ],
      },
    });
    const reads = (await server.engine.log.read('default', { limit: 1_000 })).filter(
      ({ command }) => command.type === 'FaultRead',
    );
    expect(reads.map(({ command }) => command)).toEqual(
      [0, 1].map(() => ({
        type: 'FaultRead',
        contextId: 1,
        faultId: 4,
        count: 120,
        reader: 'HANDLER',
      })),
    );
    expect([one!.seq, two!.seq]).toEqual(reads.map(({ seq }) => seq));
    expect(await answer(server, cookieOf(one!))).toEqual({ bytes: 8 });
    const again = await answer(server, cookieOf(one!));
    expect(again).toMatchObject({ errno: 'EINVAL', function: 'iommufd_fault_fops_write' });
    expect(await answer(server, cookieOf(two!), INVALID)).toEqual({ bytes: 8 });
    expect(await queueOf(server)).toEqual({ deliver: [], awaitingResponse: [] });
  });

  test('finds the groups that waited before it came', async () => {
    const server = await world();
    await sendGroups(server, 3);
    const handler = new Subscriber(server).subscribe(IopfGroupsDocument, handling());
    expect((await take(handler, 3)).map(idOf)).toEqual([1, 2, 3]);
  });

  test('holds at most maxInFlight groups; the rest wait in deliver', async () => {
    const server = await world();
    const handler = new Subscriber(server).subscribe(IopfGroupsDocument, handling(2));
    await listening(server, 1);
    await sendGroups(server, 5);
    const first = await take(handler, 2);
    await quiet();
    expect(handler.waiting).toBe(0);
    expect(await queueOf(server)).toMatchObject({
      deliver: [{ iopfGroupId: 3 }, { iopfGroupId: 4 }, { iopfGroupId: 5 }],
    });
    await answer(server, cookieOf(first[1]!));
    const [third] = await take(handler, 1);
    expect(idOf(third!)).toBe(3);
    await quiet();
    expect(handler.waiting).toBe(0);
    const responses = [first[0]!, third!].map(update => ({
      cookie: cookieOf(update),
      code: SUCCESS,
    }));
    await succeed(server, FaultWriteDocument, { ...QUEUE, responses });
    expect((await take(handler, 2)).map(idOf)).toEqual([4, 5]);
  });

  test('works the same over server-sent events', async () => {
    const server = await world();
    const handler = await subscribeSse(server, IopfGroupsDocument, handling(1));
    await listening(server, 1);
    await sendGroups(server, 2, { pages: 2 });
    const [one] = await take(handler, 1);
    await answer(server, cookieOf(one!));
    const [two] = await take(handler, 1);
    expect([one!, two!].map(idOf)).toEqual([1, 2]);
    handler.stop();
    await listening(server, 0);
    const next = await subscribeSse(server, IopfGroupsDocument, handling(1));
    expect((await take(next, 1))[0]).toMatchObject({
      redelivered: true,
      iopfGroup: { iopfGroupId: 2 },
    });
  });

  test('completes when the queue’s file is closed', async () => {
    const server = await world();
    const handler = new Subscriber(server).subscribe(IopfGroupsDocument, handling());
    const observer = new Subscriber(server).subscribe(IopfGroupsDocument, OBSERVING);
    await listening(server, 2);
    await succeed(server, FaultCloseDocument, QUEUE);
    expect(await handler.ended()).toBeNull();
    expect(handler.values).toEqual([]);
    await succeed(server, DeviceDetachDocument, DEVICE);
    await succeed(server, DestroyDocument, { contextId: 1, id: 5 });
    await succeed(server, DestroyDocument, { contextId: 1, id: 4 });
    expect(await observer.ended()).toBeNull();
    await listening(server, 0);
  });

  test('completes when the machine is deleted', async () => {
    const server = await world();
    const handler = new Subscriber(server).subscribe(IopfGroupsDocument, handling());
    const observer = new Subscriber(server).subscribe(IopfGroupsDocument, OBSERVING);
    await listening(server, 2);
    await ask(server, MachineDeleteDocument, { input: { machineId: 'default' } });
    expect(await handler.ended()).toBeNull();
    expect(await observer.ended()).toBeNull();
  });
});

describe('an observer', () => {
  test('consumes nothing and sees every fate', async () => {
    const server = await world();
    await sendGroups(server, 1);
    const observer = new Subscriber(server).subscribe(IopfGroupsDocument, OBSERVING);
    expect((await take(observer, 1))[0]).toMatchObject({
      kind: 'QUEUED',
      iopfGroup: { iopfGroupId: 1, cookie: null, messages: [] },
    });
    await sendGroups(server, 1, { first: 1 });
    await take(observer, 1);
    await quiet();
    expect(await queueOf(server)).toMatchObject({
      deliver: [{ iopfGroupId: 1 }, { iopfGroupId: 2 }],
      awaitingResponse: [],
    });
    await succeed(server, FaultReadDocument, { ...QUEUE, count: 40 });
    const handler = new Subscriber(server).subscribe(IopfGroupsDocument, handling());
    const [mine] = await take(handler, 1);
    expect(idOf(mine!)).toBe(2);
    await answer(server, cookieOf(mine!), INVALID);
    await succeed(server, DeviceDetachDocument, DEVICE);
    const fates = await take(observer, 4);
    expect(fates.map(update => [update.kind, idOf(update), update.code])).toEqual([
      ['DELIVERED', 1, null],
      ['DELIVERED', 2, null],
      ['ANSWERED', 2, 'IOMMUFD_PAGE_RESP_INVALID'],
      ['TAKEN_AWAY', 1, 'IOMMUFD_PAGE_RESP_INVALID'],
    ]);
    expect(fates.map(update => update.iopfGroup.reader)).toEqual([
      'READ',
      'HANDLER',
      'HANDLER',
      'READ',
    ]);
  });
});

test('a group read by a faultRead is its caller’s: no handler gets it', async () => {
  const server = await world();
  await sendGroups(server, 2);
  const { faults } = await succeed(server, FaultReadDocument, { ...QUEUE, count: 40 });
  const handler = new Subscriber(server).subscribe(IopfGroupsDocument, handling());
  expect((await take(handler, 1)).map(idOf)).toEqual([2]);
  handler.stop();
  await listening(server, 0);
  const next = new Subscriber(server).subscribe(IopfGroupsDocument, handling());
  const [update] = await take(next, 1);
  expect(update).toMatchObject({ redelivered: true, iopfGroup: { iopfGroupId: 2 } });
  await quiet();
  expect(next.waiting).toBe(0);
  expect(await answer(server, faults[0]!.cookie)).toEqual({ bytes: 8 });
  expect(await answer(server, cookieOf(update!))).toEqual({ bytes: 8 });
});

test('silent subscribers leave no trace, whether they say goodbye or not', async () => {
  const server = await world();
  const subscribers = Array.from({ length: 6 }, () => new Subscriber(server));
  const readers = subscribers.flatMap(client => [
    client.subscribe(IopfGroupsDocument, handling()),
    client.subscribe(IopfGroupsDocument, OBSERVING),
    client.subscribe(EventTypesDocument),
  ]);
  const streams = [
    await subscribeSse(server, IopfGroupsDocument, handling()),
    await subscribeSse(server, EventTypesDocument),
  ];
  await listening(server, 20);
  for (const stream of streams) stream.stop();
  for (const reader of readers.slice(0, 9)) reader.stop();
  for (const client of subscribers.slice(3)) client.terminate();
  await listening(server, 0);
});
