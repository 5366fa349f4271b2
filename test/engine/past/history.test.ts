/** Looking back is the same as having been there. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Command } from '../../../src/core/machine/command.ts';
import { evolve } from '../../../src/core/machine/evolve.ts';
import { canonicalText, toPlain } from '../../../src/core/machine/snapshot.ts';
import { initialState } from '../../../src/core/machine/state.ts';
import { Engine } from '../../../src/engine/machine/engine.ts';
import { SeqOutOfRangeError, UnknownMachineError } from '../../../src/engine/machine/errors.ts';
import { History } from '../../../src/engine/past/history.ts';
import { keepSnapshot, SNAPSHOT_EVENTS } from '../../../src/engine/past/snapshots.ts';
import type { Log } from '../../../src/log/log.ts';
import { openMemoryLog } from '../../../src/log/memory.ts';
import {
  CREATE,
  engineOver,
  faultingMachine,
  faultWrite,
  ioasAlloc,
  OPEN,
  pageRequest,
  QUEUE,
  runAll,
  watched,
} from '../machine/fixtures.ts';

test('the state at every seq is the state that was', async () => {
  const engine = engineOver();
  const history = new History(engine);
  await faultingMachine(engine);
  await runAll(engine, 'm', [
    pageRequest(1, 0x1000n, false),
    pageRequest(1),
    pageRequest(2),
    { type: 'FaultRead', ...QUEUE, count: 80, reader: 'READ' },
    { type: 'DeviceDetach', contextId: 1, devId: 1 },
    { type: 'ContextClose', contextId: 1 },
  ]);
  const state = initialState();
  const texts = [canonicalText(state)];
  for (const { events } of await engine.log.read('m', { limit: 1_000 })) {
    for (const event of events) {
      evolve(state, event);
      texts.push(canonicalText(state));
    }
  }
  expect(texts.length).toBeGreaterThan(40);
  // In an order that makes it forget and come back.
  const order = texts.map((_, seq) => seq).sort((a, b) => ((a * 7) % 11) - ((b * 7) % 11));
  for (const seq of order) {
    expect(canonicalText(await history.stateAt('m', seq)), `at ${seq}`).toBe(texts[seq]);
  }
});

test('the past stays as it was while the machine goes on', async () => {
  const engine = engineOver();
  const history = new History(engine);
  await engine.create('m', CREATE);
  const { seq } = (await engine.settled('m')).state;
  await engine.execute('m', OPEN);
  const past = canonicalText(await history.stateAt('m', seq));
  await runAll(engine, 'm', [OPEN, OPEN]);
  expect(canonicalText(await history.stateAt('m', seq))).toBe(past);
  expect((await history.stateAt('m', seq + 1)).contexts.size).toBe(1);
});

test('a machine made anew under an old name has a past of its own', async () => {
  const engine = engineOver();
  const history = new History(engine);
  await engine.create('m', CREATE);
  await runAll(engine, 'm', [OPEN, OPEN]);
  expect((await history.stateAt('m', 2)).physicalDevices.size).toBe(0);
  expect((await history.stateAt('m', 11)).contexts.size).toBe(1);
  await engine.delete('m');
  await engine.create('m', { ...CREATE, devices: [] });
  await runAll(engine, 'm', [OPEN, OPEN]);
  expect((await history.stateAt('m', 2)).contexts.size).toBe(1);
});

test.each([-1, 13, 1_000_000])('a seq out of range (%i) is refused by name', async at => {
  const engine = engineOver();
  const history = new History(engine);
  await engine.create('m', CREATE);
  await runAll(engine, 'm', [OPEN, OPEN]);
  await expect(history.stateAt('m', at)).rejects.toThrow(SeqOutOfRangeError);
  await expect(history.stateAt('m', at)).rejects.toThrow(`"at" must be from 0 to 12`);
  await expect(history.stateAt('nobody', 0)).rejects.toThrow(UnknownMachineError);
});

/** Texts of the state at every seq, by applying one event after the other. */
async function textsOf(log: Log, machineId: string): Promise<string[]> {
  const state = initialState();
  const texts = [canonicalText(state)];
  for (const { events } of await log.readEvents(machineId, { limit: 1_000_000 })) {
    for (const event of events) {
      evolve(state, event);
      texts.push(canonicalText(state));
    }
  }
  return texts;
}

/** Groups read and answered, every tenth left alone, and contexts opened: 8 or so events a round. */
function busy(rounds: number): Command[] {
  return Array.from({ length: rounds }, (_, round): Command[] => [
    pageRequest(round % 500, BigInt(round) * 4_096n, false),
    pageRequest(round % 500),
    { type: 'FaultRead', ...QUEUE, count: 80, reader: 'READ' },
    // Of the unanswered ones, one for ten rounds, each holds the cookie it got.
    ...(round % 10 === 0 ? [OPEN, ioasAlloc(1)] : [faultWrite(Math.floor(round / 10) + 2)]),
  ]).flat();
}

test('in any order, with all snapshots or some or none, the past is what it was', async () => {
  const log = openMemoryLog();
  const engine = engineOver(log);
  await faultingMachine(engine);
  await runAll(engine, 'm', busy(300));
  await engine.create('other', CREATE);
  await runAll(
    engine,
    'other',
    Array.from({ length: 1_050 }, () => OPEN),
  );
  const texts = { m: await textsOf(log, 'm'), other: await textsOf(log, 'other') };
  expect(texts.m.length).toBeGreaterThan(2 * SNAPSHOT_EVENTS);
  expect(texts.other.length).toBeGreaterThan(SNAPSHOT_EVENTS);
  const place = fc.tuple(fc.constantFrom('m', 'other'), fc.nat());
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(place, { minLength: 1, maxLength: 25 }),
      async (every, places) => {
        let asked = 0;
        const forgetful = new Engine({
          log: {
            ...watched(log),
            snapshotBefore: async (id, seq) =>
              ++asked % every === 0 ? log.snapshotBefore(id, seq) : null,
          },
          now: () => 0,
        });
        const history = new History(forgetful);
        const seek = async ([machine, number]: [string, number]) => {
          const all = texts[machine as 'm' | 'other'];
          const at = number % all.length;
          const text = canonicalText(await history.stateAt(machine, at));
          if (text !== all[at]) expect(text, `${machine} at ${at}`).toBe(all[at]);
        };
        // Several at once, and one after the other.
        await Promise.all(places.slice(0, 5).map(seek));
        for (const each of places) await seek(each);
      },
    ),
    { numRuns: 40 },
  );
});

/** A log that counts the operations read from it. */
function counting(log: Log) {
  const counts = { read: 0 };
  const readEvents: Log['readEvents'] = async (machineId, options) => {
    const operations = await log.readEvents(machineId, options);
    counts.read += operations.length;
    return operations;
  };
  return { log: { ...watched(log), readEvents }, counts };
}

test('a seek reads a few operations; without snapshots, the first one makes them again', async () => {
  const inner = openMemoryLog();
  const { log, counts } = counting(inner);
  const engine = engineOver(log);
  await faultingMachine(engine);
  await runAll(engine, 'm', busy(350));
  const { seq, number } = (await log.head('m'))!;
  expect(number).toBeGreaterThan(1_300);
  const history = new History(engine);
  const most = async () => {
    let found = 0;
    for (let i = 0; i < 200; i++) {
      for (const at of [(i * 7_919) % seq, seq - 2 - i]) {
        counts.read = 0;
        await history.stateAt('m', at);
        found = Math.max(found, counts.read);
      }
    }
    return found;
  };
  // An operation between two snapshots has an event at least, and pages are read whole.
  expect(await most()).toBeLessThan(SNAPSHOT_EVENTS + 100);
  const bare = openMemoryLog();
  await bare.appendStored('m', await inner.readStored('m', { afterNumber: 0, limit: 1e6 }));
  const copy = counting(bare);
  const again = new History(engineOver(copy.log));
  copy.counts.read = 0;
  await again.stateAt('m', seq - 1);
  expect(copy.counts.read).toBeGreaterThan(number);
  copy.counts.read = 0;
  await again.stateAt('m', Math.floor(seq / 2));
  expect(copy.counts.read).toBeLessThan(SNAPSHOT_EVENTS + 100);
});

test('a machine is loaded from its newest snapshot and what came after', async () => {
  const { log, counts } = counting(openMemoryLog());
  const engine = engineOver(log);
  await faultingMachine(engine);
  await runAll(engine, 'm', busy(350));
  const live = canonicalText((await engine.settled('m')).state);
  counts.read = 0;
  const later = engineOver(log);
  expect(canonicalText((await later.settled('m')).state)).toBe(live);
  expect(counts.read).toBeLessThan(SNAPSHOT_EVENTS);
  await later.execute('m', OPEN);
  expect(await log.verify('m')).toBeNull();
});

test('a large state is kept rarely, and a log that refuses snapshots takes operations', async () => {
  const state = initialState();
  for (let id = 1; id <= 5_000; id++) state.bdfs.set(`device ${id}`, id);
  const characters = JSON.stringify(toPlain(state)).length;
  const inner = openMemoryLog();
  const seqs = await keepSnapshot(inner, 'm', state, 1, { last: 0, next: 0, charactersAThing: 0 });
  expect(seqs.next).toBeGreaterThan(characters / 200);
  const putSnapshot = () => Promise.reject(new Error('disk full'));
  const engine = engineOver({ ...watched(inner), putSnapshot });
  await engine.create('m', CREATE);
  await runAll(
    engine,
    'm',
    Array.from({ length: 2 * SNAPSHOT_EVENTS }, () => OPEN),
  );
  expect((await engine.settled('m')).state.contexts.size).toBe(2 * SNAPSHOT_EVENTS);
  expect(await inner.snapshotBefore('m', 1e9)).toBeNull();
});

test('a moment after one that was looked at is replayed from there, in the middle of operations too', async () => {
  const log = openMemoryLog();
  const engine = engineOver(log);
  await faultingMachine(engine);
  for (let grpid = 1; grpid <= 100; grpid++) await runAll(engine, 'm', [pageRequest(grpid)]);
  const { seq } = (await engine.settled('m')).state;
  expect(seq).toBeGreaterThan(200);
  expect(seq).toBeLessThan(SNAPSHOT_EVENTS);
  const wanted = new Map<number, string>();
  for (let at = seq - 60; at < seq; at++) {
    wanted.set(at, canonicalText(await new History(engine).stateAt('m', at)));
  }
  let operations = 0;
  const { readEvents } = log;
  log.readEvents = async (...args) => {
    const rows = await readEvents.apply(log, args);
    operations += rows.length;
    return rows;
  };
  const history = new History(engine);
  await history.stateAt('m', seq - 60);
  const first = operations;
  for (const [at, text] of wanted) {
    expect(canonicalText(await history.stateAt('m', at)), `at ${at}`).toBe(text);
  }
  // One to find the place, and no more than a first piece of the log, for each.
  expect(first).toBeGreaterThan(80);
  expect(operations - first).toBeLessThanOrEqual(60 * 17);
  expect(canonicalText(await history.stateAt('m', seq - 60))).toBe(wanted.get(seq - 60));
});
