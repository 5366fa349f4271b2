/** Following events: every one once and in order, whatever happens to the connection. */
import { describe, expect, test } from 'vitest';
import {
  ContextOpenDocument,
  DestroyDocument,
  EventsDocument,
  EventsInFullDocument,
  type EventsSubscriptionVariables,
  EventTypesDocument,
  MachineCreateDocument,
  MachineRemakeDocument,
  MachineSeqDocument,
} from '../../src/operations/operations.ts';
import type { Faultline } from '../../src/server/faultline.ts';
import { start } from '../graphql/builder/testing.ts';
import { ask, makeFaulting, mutate, sendGroups } from './asking.ts';
import { type Reader, Subscriber, subscribeSse, until } from './subscriber.ts';

const seqsOf = (reader: Reader<{ readonly events: { readonly seq: number } }>) =>
  reader.values.map(({ events }) => events.seq);
const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

async function newestOf(server: Faultline): Promise<number> {
  return (await server.engine.settled('default')).state.seq;
}

/** Clients that change the machine at the same time, `rounds` times. */
async function load(server: Faultline, rounds: number): Promise<void> {
  const client = async (number: number) => {
    for (let round = 0; round < rounds; round++) {
      await mutate(server, ContextOpenDocument, {});
      await mutate(server, DestroyDocument, { contextId: 1, id: 99 });
      if (number === 0) await sendGroups(server, 4, { first: round % 100 });
    }
  };
  await Promise.all([0, 1, 2, 3].map(client));
}

async function world(): Promise<Faultline> {
  const server = await start();
  await makeFaulting(server);
  return server;
}

describe('events(after)', () => {
  test('replays what there is, then follows, over WebSocket and SSE alike', async () => {
    const server = await world();
    const before = await newestOf(server);
    const readers = [
      new Subscriber(server).subscribe(EventsDocument, { after: 0 }),
      await subscribeSse(server, EventsDocument, { after: 0 }),
      new Subscriber(server).subscribe(EventsDocument, { after: 7 }),
    ];
    const live = new Subscriber(server).subscribe(EventTypesDocument);
    await until(() => readers.every(({ values }) => values.length >= before - 7));
    await until(async () => (await server.engine.machine('default')).waiters.size === 4);
    await load(server, 25);
    const newest = await newestOf(server);
    expect(newest).toBeGreaterThan(before + 200);
    await until(() => [...readers, live].every(reader => seqsOf(reader).at(-1) === newest));
    expect(seqsOf(readers[0]!)).toEqual(upTo(newest));
    expect(seqsOf(readers[1]!)).toEqual(upTo(newest));
    expect(seqsOf(readers[2]!)).toEqual(upTo(newest, 8));
    expect(seqsOf(live)).toEqual(upTo(newest, before + 1));
    const operations = await server.engine.log.read('default', { limit: 10_000 });
    const told = readers[0]!.values.map(({ events }) => events.operation.number);
    expect(told).toEqual(operations.flatMap(({ number, events }) => events.map(() => number)));
  });

  test('goes on from the last seq over cut connections, under load', async () => {
    const server = await world();
    const seen: number[] = [];
    let loading = true;
    const loaded = load(server, 40).then(() => {
      loading = false;
    });
    let connections = 0;
    for (let more = 13; loading || (seen.at(-1) ?? 0) < (await newestOf(server)); more += 17) {
      connections++;
      const client = new Subscriber(server);
      const reader = client.subscribe(EventsDocument, { after: seen.at(-1) ?? 0 });
      const enough = () => reader.values.length >= more;
      const done = async () =>
        !loading && seen.length + reader.values.length >= (await newestOf(server));
      await until(async () => enough() || (await done()));
      client.terminate();
      await reader.ended();
      seen.push(...seqsOf(reader));
    }
    await loaded;
    expect(connections).toBeGreaterThan(3);
    expect(seen).toEqual(upTo(await newestOf(server)));
  });

  test('a client that does not read holds up nobody and misses nothing', async () => {
    const server = await world();
    const client = new Subscriber(server);
    const slow = client.subscribe(EventsInFullDocument, { after: 0 });
    await until(() => slow.values.length > 20);
    client.pause();
    const { engine } = server;
    // Far more than the newest operations that memory keeps: the rest comes from the log.
    const open = Array.from({ length: 3_000 }, () => ({ type: 'ContextOpen' }) as const);
    await Promise.all(open.map(command => engine.execute('default', command)));
    await Promise.all(
      Array.from({ length: 4_000 }, () =>
        engine.execute('default', { type: 'IoasAlloc', contextId: 1, flags: 0 }),
      ),
    );
    expect(await ask(server, MachineSeqDocument)).toEqual({
      machine: { seq: await newestOf(server) },
    });
    const heldBack = slow.values.length;
    client.resume();
    const newest = await newestOf(server);
    await slow.until(() => seqsOf(slow).at(-1) === newest);
    expect(heldBack).toBeLessThan(newest);
    expect(seqsOf(slow)).toEqual(upTo(newest));
  });

  test('ends when the machine is deleted, and does not go on with a new one', async () => {
    const server = await start();
    const m = { machineId: 'm' };
    await ask(server, MachineCreateDocument, { input: m });
    const all: EventsSubscriptionVariables = { ...m, after: 0 };
    const readers = [
      new Subscriber(server).subscribe(EventsDocument, all),
      await subscribeSse(server, EventsDocument, all),
    ];
    await until(() => readers.every(({ values }) => values.length === 1));
    await ask(server, MachineRemakeDocument, m);
    for (const reader of readers) {
      expect(await reader.ended()).toBeNull();
      expect(seqsOf(reader)).toEqual([1]);
    }
  });

  test('carries what the query asks for', async () => {
    const server = await start();
    const reader = new Subscriber(server).subscribe(EventsDocument, { after: 0 });
    const first = await reader.next('events');
    expect(first).toEqual({
      seq: 1,
      type: 'MachineCreated',
      summary: expect.stringContaining('LINUX_6_12_117'),
      operation: { number: 1, command: 'MachineCreate' },
    });
  });
});
