/** The changes of an object, found backwards in pieces, are those that a walk forward meets. */
import { expect, test } from 'vitest';
import { diffStates } from '../../../src/core/explain/diff.ts';
import { type ObjectKey, objectName } from '../../../src/core/explain/object-key.ts';
import { ObjectTrack } from '../../../src/core/explain/object-track.ts';
import { evolve } from '../../../src/core/machine/evolve.ts';
import { initialState } from '../../../src/core/machine/state.ts';
import { changesOf, type EventChanges, nextChangeOf } from '../../../src/engine/find/changes.ts';
import type { Engine } from '../../../src/engine/machine/engine.ts';
import { UnknownMachineError } from '../../../src/engine/machine/errors.ts';
import { Overviews } from '../../../src/engine/overview/overview.ts';
import { History } from '../../../src/engine/past/history.ts';
import { Past } from '../../../src/engine/past/past.ts';
import { openMemoryLog } from '../../../src/log/memory.ts';
import {
  CREATE,
  engineOver,
  FAULTING,
  faultingMachine,
  faultWrite,
  ioasAlloc,
  OPEN,
  pageRequest,
  QUEUE,
  runAll,
} from '../machine/fixtures.ts';

const read = { type: 'FaultRead', ...QUEUE, count: 80, reader: 'READ' } as const;

/** More events than the first pieces have, with objects that change at both ends. */
async function longMachine(engine: Engine): Promise<void> {
  await faultingMachine(engine);
  for (let round = 0; round < 400; round++) {
    await runAll(engine, 'm', [pageRequest(1, 0x1000n, false), pageRequest(1), read]);
    await runAll(engine, 'm', [faultWrite(1), ioasAlloc(1)]);
    if (round % 2 === 0) await runAll(engine, 'm', [{ type: 'Destroy', contextId: 1, id: 6 }]);
  }
  await runAll(engine, 'm', [
    { type: 'DeviceDetach', contextId: 1, devId: 1 },
    { type: 'Destroy', contextId: 1, id: 5 },
  ]);
}

async function lookingAt(engine: Engine): Promise<{ past: Past; overviews: Overviews }> {
  const history = new History(engine);
  return {
    past: await Past.of(engine, history, 'm'),
    overviews: new Overviews(engine, history),
  };
}

/** All changes of an object's last life, by a walk over the whole log. */
async function walkedChanges(engine: Engine, key: ObjectKey, field: string | null) {
  const state = initialState();
  const track = new ObjectTrack(state, key, field);
  let changes: EventChanges[] = [];
  for (const { seqBefore, events } of await engine.log.read('m', { limit: 100_000 })) {
    for (const [index, event] of events.entries()) {
      evolve(state, event);
      const found = track.after(state, event);
      if (found[0]?.kind === 'APPEARED') changes = [];
      if (found.length > 0) changes.push({ seq: seqBefore + 1 + index, changes: found });
    }
  }
  return changes;
}

test('every object, and each page of its changes', async () => {
  const engine = engineOver();
  await longMachine(engine);
  const { seq: until } = (await engine.settled('m')).state;
  expect(until).toBeGreaterThan(3 * 1_024);
  const { past, overviews } = await lookingAt(engine);
  const middle = await past.look(until - 6, state => diffStates(initialState(), state));
  const keys = middle.filter(({ field }) => field === null).map(({ object }) => object);
  expect(keys.length).toBeGreaterThan(20);
  for (const key of [...keys.slice(0, 40), { ...keys[0]!, kind: 'MACHINE', id: null } as const]) {
    const expected = await walkedChanges(engine, key, null);
    const { found, more } = await changesOf(past, overviews, {
      key,
      field: null,
      until,
      last: 5_000,
    });
    expect(found, objectName(key)).toEqual(expected);
    // The machine itself is there from the beginning.
    expect(more).toBeNull();
  }
});

test('one field of a busy object, three at a time, back to where it appeared', async () => {
  const engine = engineOver();
  await longMachine(engine);
  const { past, overviews } = await lookingAt(engine);
  const key = { kind: 'FAULT', contextId: 1, id: 4, iova: null } as const;
  const expected = await walkedChanges(engine, key, 'users');
  expect(expected).toHaveLength(3);
  let until: number | null = (await engine.settled('m')).state.seq;
  const found: EventChanges[] = [];
  while (until !== null) {
    const page = await changesOf(past, overviews, { key, field: 'users', until, last: 2 });
    expect(page.found.length).toBeLessThanOrEqual(2);
    found.unshift(...page.found);
    until = page.more;
  }
  expect(found).toEqual(expected);
  expect(found.map(({ changes }) => changes[0])).toEqual([
    { object: key, kind: 'APPEARED', field: 'users', before: null, after: 2 },
    { object: key, kind: 'CHANGED', field: 'users', before: 2, after: 3 },
    { object: key, kind: 'CHANGED', field: 'users', before: 3, after: 2 },
  ]);
});

test('at the limit it says where to go on', async () => {
  const engine = engineOver();
  await longMachine(engine);
  const { past, overviews } = await lookingAt(engine);
  const key = { kind: 'CONTEXT', contextId: 1, id: null, iova: null } as const;
  const { seq } = (await engine.settled('m')).state;
  const looked = (until: number) =>
    changesOf(past, overviews, { key, field: 'fileOpen', until, last: 5 }, 3_000);
  expect(await looked(seq)).toEqual({ found: [], more: seq - 3_000 });
  expect(await looked(seq - 3_000)).toMatchObject({ found: [{ seq: 11 }], more: null });
});

test('what comes next is each change after another, and at the limit it says where to go on', async () => {
  const engine = engineOver();
  await longMachine(engine);
  const { past } = await lookingAt(engine);
  const key = { kind: 'FAULT', contextId: 1, id: 4, iova: null } as const;
  const until = (await engine.settled('m')).state.seq;
  const found: EventChanges[] = [];
  let after = 0;
  for (;;) {
    const next = await nextChangeOf(past, { key, field: 'users', after, until }, 2_000);
    if (next.found === null && next.more === null) break;
    if (next.found !== null) found.push(next.found);
    else expect(next.more).toBe(after + 2_000);
    after = next.found?.seq ?? next.more!;
  }
  expect(found).toEqual(await walkedChanges(engine, key, 'users'));
  expect(found).toHaveLength(3);
});

test('stretches of nothing but page faults are passed over, and only for what they cannot change', async () => {
  const log = openMemoryLog();
  const engine = engineOver(log);
  await faultingMachine(engine);
  const faults = async (cycles: number) => {
    for (let cycle = 0; cycle < cycles; cycle++) {
      await runAll(engine, 'm', [pageRequest(1), read, faultWrite(1)]);
    }
  };
  await faults(1_000);
  const map = { type: 'IoasMap', contextId: 1, ioasId: 2, flags: 7, iova: 0x10000n } as const;
  await runAll(engine, 'm', [ioasAlloc(1), { ...map, length: 0x1000n, userVa: 0x10000000n }]);
  await faults(5_000);
  const { past, overviews } = await lookingAt(engine);
  const { seq: until } = (await engine.settled('m')).state;
  expect(until).toBeGreaterThan(3 * 8_192);
  let eventsRead = 0;
  const readEvents = log.readEvents.bind(log);
  log.readEvents = async (...args) => {
    const rows = await readEvents(...args);
    for (const { events } of rows) eventsRead += events.length;
    return rows;
  };
  const inContext = { contextId: 1, iova: null } as const;
  const keys: readonly ObjectKey[] = [
    { kind: 'IOAS', id: 2, ...inContext },
    { kind: 'IOAS', id: 6, ...inContext },
    { kind: 'DEVICE', id: 1, ...inContext },
    { kind: 'IOMMU_GROUP', contextId: null, id: 1, iova: null },
    { kind: 'CONTEXT', contextId: 1, id: null, iova: null },
  ];
  await overviews.table('m');
  for (const key of keys) {
    const expected = await walkedChanges(engine, key, null);
    eventsRead = 0;
    const { found } = await changesOf(past, overviews, { key, field: null, until, last: 5 });
    expect(found, objectName(key)).toEqual(expected.slice(-5));
    expect(eventsRead, objectName(key)).toBeLessThan(until / 2);
  }
  const queue: ObjectKey = { kind: 'FAULT', id: 4, ...inContext };
  const wanted = { key: queue, field: 'users', until, last: 5 };
  const { found } = await changesOf(past, overviews, wanted);
  expect(found).toEqual(await walkedChanges(engine, queue, 'users'));
});

test('an object that never was has no changes', async () => {
  const engine = engineOver();
  await faultingMachine(engine);
  const { past, overviews } = await lookingAt(engine);
  const key = { kind: 'IOAS', contextId: 1, id: 77, iova: null } as const;
  const { seq: until } = (await engine.settled('m')).state;
  expect(await changesOf(past, overviews, { key, field: null, until, last: 5 })).toEqual({
    found: [],
    more: null,
  });
});

test('a machine deleted meanwhile is unknown, also if there is a new one of its name', async () => {
  const engine = engineOver();
  await faultingMachine(engine);
  const { past } = await lookingAt(engine);
  await engine.delete('m');
  await expect(past.look(1, ({ seq }) => seq)).rejects.toThrow(UnknownMachineError);
  await engine.create('m', CREATE);
  await runAll(engine, 'm', [OPEN, ...FAULTING.slice(1)]);
  await expect(past.copyAt(1)).rejects.toThrow(UnknownMachineError);
  await expect(past.operationOf(1)).rejects.toThrow(UnknownMachineError);
  await expect(past.events(0, 5).next()).rejects.toThrow(UnknownMachineError);
});

test('the newest state is the caller’s own, and the past of a state that goes on', async () => {
  const engine = engineOver();
  await faultingMachine(engine);
  const { past } = await lookingAt(engine);
  const { state } = await engine.settled('m');
  const { seq } = state;
  const copy = await past.copyAt(seq);
  await runAll(engine, 'm', [OPEN]);
  expect(copy.seq).toBe(seq);
  expect(copy.contexts.size).toBe(1);
  expect(await past.look(seq, ({ contexts }) => contexts.size)).toBe(1);
});
