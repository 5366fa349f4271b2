/** Who waits is woken by what it waits for and by nothing else, and nothing is missed by it. */
import { expect, test } from 'vitest';
import { OBSERVED_GROUPS_MAX } from '../../../src/abi/limits.ts';
import { Follower, followEvents } from '../../../src/engine/follow/follow.ts';
import { Closer } from '../../../src/engine/follow/pull.ts';
import { ANY_OPERATION, queueTopic, Waiters } from '../../../src/engine/follow/waiters.ts';
import { FaultHandlers } from '../../../src/engine/handler/fault-handler.ts';
import { ObservedGroups } from '../../../src/engine/handler/fault-observer.ts';
import { TooManyObservedError } from '../../../src/engine/machine/errors.ts';
import { openMemoryLog } from '../../../src/log/memory.ts';
import {
  CREATE,
  engineOver,
  faultingMachine,
  faultWrite,
  pageRequest,
  QUEUE,
  runAll,
} from '../machine/fixtures.ts';

const NAME = { machineId: 'm', ...QUEUE };
const TOPIC = queueTopic(QUEUE.contextId, QUEUE.faultId);
const OPEN = { type: 'ContextOpen' } as const;

/** More than the operations a machine keeps decoded in memory. */
const MANY = 700;

async function world() {
  const engine = engineOver(openMemoryLog());
  await faultingMachine(engine);
  const machine = await engine.settled('m');
  return { engine, machine, handlers: new FaultHandlers(engine) };
}

/** How often somebody looked at the machine's log or at the machine. */
function looks(engine: { machine: (machineId: string) => Promise<unknown> }): () => number {
  let count = 0;
  const machine = engine.machine.bind(engine);
  engine.machine = machineId => {
    count++;
    return machine(machineId);
  };
  return () => count;
}

test.each(['handle', 'observe'] as const)(
  'to %s a quiet queue costs an event of its machine nothing, and misses nothing',
  async mode => {
    const { engine, machine, handlers } = await world();
    const open = () => (mode === 'handle' ? handlers.handle(NAME, 4) : handlers.observe(NAME));
    const silent = await Promise.all(Array.from({ length: 100 }, open));
    const pending = silent.map(one => one.next());
    while (machine.waiters.size < 100) await new Promise(setImmediate);
    const count = looks(engine as never);
    for (let i = 0; i < MANY; i++) await engine.execute('m', OPEN);
    // The operations' own looks, and none of the hundred.
    expect(count()).toBe(MANY);
    expect(machine.waiters.size).toBe(100);
    await runAll(engine, 'm', [pageRequest(1)]);
    const first = await (mode === 'handle' ? Promise.race(pending) : pending[0]!);
    expect(first.value).toMatchObject({ kind: mode === 'handle' ? 'DELIVERED' : 'QUEUED' });
    await Promise.all(silent.map(one => one.return(undefined)));
  },
);

test('who follows one machine is not woken by another', async () => {
  const { engine } = await world();
  await engine.create('other', CREATE);
  const { seq } = (await engine.settled('m')).state;
  const events = await followEvents(engine, 'm', seq);
  const next = events.next();
  await new Promise(setImmediate);
  const count = looks(engine as never);
  for (let i = 0; i < 20; i++) await engine.execute('other', OPEN);
  expect(count()).toBe(20);
  await engine.execute('m', OPEN);
  expect((await next).value).toMatchObject({ seq: seq + 1 });
  await events.return(undefined);
});

test('a topic is woken by its own operations, with the first of them', async () => {
  const { engine, machine } = await world();
  const closer = new Closer();
  const follower = new Follower(engine, machine, machine.committed, closer);
  const waiting = follower.wait(await follower.mark(), TOPIC);
  for (let i = 0; i < MANY; i++) await engine.execute('m', OPEN);
  const operation = await engine.execute('m', pageRequest(1));
  await waiting;
  expect(follower.number).toBe(operation.number - 1);
  expect((await follower.peek())?.number).toBe(operation.number);
});

test('what came between the look and the wait is passed over, or ends the wait', async () => {
  const { engine, machine } = await world();
  const follower = new Follower(engine, machine, machine.committed, new Closer());
  const mark = await follower.mark();
  await engine.execute('m', OPEN);
  const { size } = machine.waiters;
  const waiting = follower.wait(mark, TOPIC);
  expect(machine.waiters.size).toBe(size + 1);
  expect(follower.number).toBe(machine.committed);
  await engine.execute('m', pageRequest(1));
  await waiting;
  await engine.execute('m', pageRequest(2));
  await follower.wait(await follower.mark(), TOPIC);
  expect(machine.waiters.size).toBe(size);
});

test('the release of a context wakes who waits for its queues', async () => {
  const { engine, machine, handlers } = await world();
  await runAll(engine, 'm', [OPEN, { type: 'FaultQueueAlloc', contextId: 2, flags: 0 }]);
  const observer = await handlers.observe({ machineId: 'm', contextId: 2, faultId: 1 });
  const next = observer.next();
  while (machine.waiters.size < 1) await new Promise(setImmediate);
  await runAll(engine, 'm', [{ type: 'FaultClose', contextId: 2, faultId: 1 }]);
  const [release] = await runAll(engine, 'm', [{ type: 'ContextClose', contextId: 2 }]);
  expect(release!.events).toContainEqual({ type: 'ContextReleased', contextId: 2 });
  expect((await next).done).toBe(true);
});

test('a handler that leaves with groups wakes those of its queue; one without wakes nobody', async () => {
  const { engine, machine, handlers } = await world();
  await runAll(engine, 'm', [pageRequest(1)]);
  const holder = await handlers.handle(NAME, 1);
  expect((await holder.next()).value).toMatchObject({ kind: 'DELIVERED' });
  const idle = await handlers.handle(NAME, 1);
  const other = await handlers.handle(NAME, 1);
  const pending = [idle.next(), other.next()];
  while (machine.waiters.size < 2) await new Promise(setImmediate);
  const { news } = machine;
  await idle.return(undefined);
  await new Promise(setImmediate);
  expect(machine.news).toBe(news);
  await holder.return(undefined);
  expect((await pending[1]!).value).toMatchObject({ kind: 'DELIVERED', redelivered: true });
  await engine.execute('m', faultWrite(1));
  await other.return(undefined);
});

test('waiters are forgotten with their topics', () => {
  const waiters = new Waiters();
  const woken: string[] = [];
  const wake = (name: string) => (from: number) => woken.push(`${name} ${from}`);
  const every = wake('any');
  waiters.add(ANY_OPERATION, every);
  waiters.add('1/2', wake('queue'));
  waiters.add('1/2', wake('again'));
  expect(waiters.size).toBe(3);
  waiters.delete(ANY_OPERATION, every);
  waiters.wake('1/3', 4);
  expect(woken).toEqual([]);
  waiters.wake('1/2', 5);
  waiters.wake('1/2', 6);
  expect(woken).toEqual(['queue 5', 'again 5']);
  expect(waiters.size).toBe(0);
});

test('observers keep no more groups together than the bound', () => {
  const observed = new ObservedGroups();
  observed.add(OBSERVED_GROUPS_MAX);
  expect(() => observed.add(1)).toThrow(TooManyObservedError);
  observed.remove(1);
  observed.add(1);
});
