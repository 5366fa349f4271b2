/** Handlers where a commit fails, a handler leaves at the worst moment, a machine is made anew. */
import { describe, expect, test } from 'vitest';
import type { Command } from '../../../src/core/machine/command.ts';
import { FaultHandlers } from '../../../src/engine/handler/fault-handler.ts';
import type { IopfGroupUpdate } from '../../../src/engine/handler/iopf-update.ts';
import type { Engine } from '../../../src/engine/machine/engine.ts';
import { NoFaultQueueError, UnknownMachineError } from '../../../src/engine/machine/errors.ts';
import { openMemoryLog } from '../../../src/log/memory.ts';
import {
  engineOver,
  faultingMachine,
  faultWrite,
  hwptAlloc,
  pageRequest,
  QUEUE,
  runAll,
  watched,
} from '../machine/fixtures.ts';

const NAME = { machineId: 'm', ...QUEUE };

interface World {
  engine: Engine;
  handlers: FaultHandlers;
  /** The next append is refused. */
  failNext: () => void;
}

async function world(): Promise<World> {
  let failing = false;
  const log = watched(openMemoryLog(), () => {
    if (!failing) return;
    failing = false;
    throw new Error('the disk is full');
  });
  const engine = engineOver(log);
  await faultingMachine(engine);
  const failNext = () => {
    failing = true;
  };
  return { engine, handlers: new FaultHandlers(engine), failNext };
}

async function next(handler: AsyncGenerator<IopfGroupUpdate>): Promise<IopfGroupUpdate> {
  const { value, done } = await handler.next();
  if (done) throw new Error('it has ended');
  return value;
}

describe('when the commit of a delivery fails', () => {
  test('the handler ends with the error; the next one reads the group as new', async () => {
    const { engine, handlers, failNext } = await world();
    await runAll(engine, 'm', [pageRequest(1)]);
    failNext();
    const first = await handlers.handle(NAME, 4);
    await expect(first.next()).rejects.toThrow('the disk is full');
    const second = await handlers.handle(NAME, 4);
    const update = await next(second);
    expect(update).toMatchObject({ kind: 'DELIVERED', redelivered: false });
    expect(update.iopfGroup).toMatchObject({ cookie: 1, reader: 'HANDLER' });
    await runAll(engine, 'm', [faultWrite(1)]);
    expect((await engine.settled('m')).state.iopfGroups.size).toBe(0);
  });

  test('a handler that had left meanwhile leaves no trace of it', async () => {
    const { engine, handlers, failNext } = await world();
    const first = await handlers.handle(NAME, 4);
    const pending = first.next();
    await runAll(engine, 'm', [pageRequest(1)]);
    failNext();
    await new Promise(resolve => queueMicrotask(() => resolve(first.return(undefined))));
    await pending.catch(() => {});
    const second = await handlers.handle(NAME, 4);
    const update = await next(second);
    expect(update.iopfGroup.cookie).toBe(1);
    expect((await engine.settled('m')).state.iopfGroups.get(1)!.reader).toBe('HANDLER');
  });

  test('a lost answer leaves the group to be delivered again', async () => {
    const { engine, handlers, failNext } = await world();
    await runAll(engine, 'm', [pageRequest(1)]);
    const first = await handlers.handle(NAME, 4);
    await next(first);
    await first.return(undefined);
    const second = await handlers.handle(NAME, 4);
    failNext();
    const answer = engine.execute('m', faultWrite(1));
    const redelivery = next(second);
    await expect(answer).rejects.toThrow('the disk is full');
    expect(await redelivery).toMatchObject({ redelivered: true, iopfGroup: { iopfGroupId: 1 } });
  });
});

describe('an answer that comes too late, after a replace took its group away', () => {
  /** Handlers a and b: a was given group 1, which is gone; b has group 2, with the same cookie. */
  async function lateAnswer() {
    const { engine, handlers } = await world();
    const a = await handlers.handle(NAME, 1);
    await runAll(engine, 'm', [pageRequest(1)]);
    const first = await next(a);
    await runAll(engine, 'm', [
      { type: 'DeviceReplace', contextId: 1, devId: 1, ptId: 3 },
      { type: 'DeviceReplace', contextId: 1, devId: 1, ptId: 5 },
    ]);
    const b = await handlers.handle(NAME, 1);
    await runAll(engine, 'm', [pageRequest(2)]);
    const second = await next(b);
    expect(await next(a)).toMatchObject({ kind: 'TAKEN_AWAY', handlerId: first.handlerId });
    expect(second.iopfGroup.cookie).toBe(first.iopfGroup.cookie);
    expect(second.handlerId).not.toBe(first.handlerId);
    const { cookie } = first.iopfGroup;
    const write = (more: object, response: object = {}): Command => ({
      type: 'FaultWrite',
      ...QUEUE,
      count: 8,
      responses: [{ cookie: cookie!, code: 0, ...response }],
      ...more,
    });
    return { engine, handlers, first, second, write };
  }

  test('is refused if it names the group, and the other waits as before', async () => {
    const { engine, first, second, write } = await lateAnswer();
    const { iopfGroupId } = first.iopfGroup;
    const late = await engine.execute('m', write({}, { iopfGroupId }));
    expect(late).toMatchObject({ errno: 'EINVAL', events: [] });
    const own = { iopfGroupId: second.iopfGroup.iopfGroupId };
    expect(await engine.execute('m', write({}, own))).toMatchObject({ errno: 0 });
  });

  test('is a hazard if it says who answers, and none from the handler that has it', async () => {
    const { engine, handlers, first, second, write } = await lateAnswer();
    expect(handlers.givenTo(second.handlerId!, NAME)).toEqual([second.iopfGroup.iopfGroupId]);
    const given = handlers.givenTo(first.handlerId!, NAME);
    expect(given).toEqual([]);
    const { errno, events } = await engine.execute('m', write({ given }));
    expect(errno).toBe(0);
    expect(events[0]).toMatchObject({ type: 'HazardRecorded', name: 'ANSWERED_UNSEEN' });
  });

  test('an id of nobody, or of another queue, was given nothing', async () => {
    const { handlers, second } = await lateAnswer();
    expect(handlers.givenTo('99.99', NAME)).toEqual([]);
    expect(handlers.givenTo(second.handlerId!, { ...NAME, faultId: 5 })).toEqual([]);
    expect(handlers.givenTo(second.handlerId!, { ...NAME, machineId: 'other' })).toEqual([]);
  });
});

test('a group left in one life of a machine is not the next life’s', async () => {
  const { engine, handlers } = await world();
  await runAll(engine, 'm', [pageRequest(1)]);
  const first = await handlers.handle(NAME, 4);
  await next(first);
  await first.return(undefined);
  await engine.delete('m');
  await expect(handlers.handle(NAME, 4)).rejects.toThrow(UnknownMachineError);
  await faultingMachine(engine);
  const second = await handlers.handle(NAME, 4);
  const third = await handlers.handle(NAME, 4);
  const racing = [next(second), next(third)];
  await runAll(engine, 'm', [pageRequest(1)]);
  const update = await Promise.race(racing);
  expect(update).toMatchObject({ redelivered: false, iopfGroup: { iopfGroupId: 1, cookie: 1 } });
  await Promise.all([second.return(undefined), third.return(undefined)]);
});

test('a handler of a closed file does not read a later queue with the same id', async () => {
  const { engine, handlers } = await world();
  const handler = await handlers.handle(NAME, 4);
  const pending = handler.next();
  await Promise.all(
    [
      { type: 'FaultClose', ...QUEUE } as const,
      { type: 'DeviceDetach', contextId: 1, devId: 1 } as const,
      { type: 'Destroy', contextId: 1, id: 5 } as const,
      { type: 'Destroy', contextId: 1, id: 4 } as const,
      { type: 'FaultQueueAlloc', contextId: 1, flags: 0 } as const,
      hwptAlloc({ flags: 4, ptId: 3, nested: true, faultId: 4 }),
    ].map(command => runAll(engine, 'm', [command])),
  );
  expect((await engine.settled('m')).state.contexts.get(1)!.objects.get(4)!.type).toBe('FAULT');
  expect(await pending).toEqual({ done: true, value: undefined });
  const again = await handlers.handle(NAME, 4);
  await again.return(undefined);
});

test('there is nothing to handle without an open queue', async () => {
  const { engine, handlers } = await world();
  for (const name of [
    { ...NAME, contextId: 2 },
    { ...NAME, faultId: 5 },
    { ...NAME, faultId: 77 },
  ]) {
    await expect(handlers.handle(name, 1)).rejects.toThrow(NoFaultQueueError);
    await expect(handlers.observe(name)).rejects.toThrow(NoFaultQueueError);
  }
  await runAll(engine, 'm', [{ type: 'FaultClose', ...QUEUE }]);
  await expect(handlers.handle(NAME, 1)).rejects.toThrow(NoFaultQueueError);
});

test('who leaves is forgotten, also one to whom nothing ever came', async () => {
  const { engine, handlers } = await world();
  const machine = await engine.settled('m');
  const silent = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      i % 2 ? handlers.handle(NAME, 4) : handlers.observe(NAME),
    ),
  );
  const pending = silent.map(handler => handler.next());
  await new Promise(resolve => setImmediate(resolve));
  expect(machine.waiters.size).toBe(20);
  await Promise.all(silent.map(handler => handler.return(undefined)));
  for (const result of await Promise.all(pending)) expect(result.done).toBe(true);
  expect(machine.waiters.size).toBe(0);
});
