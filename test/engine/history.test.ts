/** Looking back is the same as having been there. */
import { expect, test } from 'vitest';
import { evolve } from '../../src/core/evolve.ts';
import { canonicalText } from '../../src/core/snapshot.ts';
import { initialState } from '../../src/core/state.ts';
import { SeqOutOfRangeError, UnknownMachineError } from '../../src/engine/errors.ts';
import { History } from '../../src/engine/history.ts';
import {
  CREATE,
  engineOver,
  faultingMachine,
  OPEN,
  pageRequest,
  QUEUE,
  runAll,
} from './fixtures.ts';

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
