/** What is looked at does not change: commands wait, and not for long. */
import { expect, test } from 'vitest';
import type { Engine } from '../../../src/engine/machine/engine.ts';
import { Look } from '../../../src/engine/machine/looks.ts';
import { CREATE, engineOver, OPEN } from './fixtures.ts';

async function world(): Promise<Engine> {
  const engine = engineOver();
  await engine.create('m', CREATE);
  return engine;
}

/** Notes what settles, in its order. */
function ordered() {
  const order: string[] = [];
  const note = (name: string, promise: Promise<unknown>) => promise.then(() => order.push(name));
  return { order, note };
}

test('a command waits until nobody looks, and those who come then let it go first', async () => {
  const engine = await world();
  const look = new Look();
  const { state } = await engine.seen('m', look);
  const { order, note } = ordered();
  const later = new Look();
  const all = [
    note('command', engine.execute('m', OPEN)),
    note('another', engine.execute('m', OPEN)),
    note('later', engine.seen('m', later)),
    note('settled', engine.settled('m')),
  ];
  await new Promise(resolve => setImmediate(resolve));
  expect(order).toEqual(['settled']);
  expect(state.contexts.size).toBe(0);
  // Who looks already is not held up.
  expect((await engine.seen('m', look)).state).toBe(state);
  look.end();
  await Promise.all(all);
  expect(order).toEqual(['settled', 'command', 'another', 'later']);
  expect((await engine.seen('m', later)).state).toBe(state);
  expect(state.contexts.size).toBe(2);
  later.end();
});

test('a command that waited for long gets a state of its own, and they keep theirs', async () => {
  const engine = await world();
  await engine.execute('m', OPEN);
  const look = new Look();
  const { state } = await engine.seen('m', look);
  const { seq } = state;
  expect((await engine.execute('m', OPEN)).errno).toBe(0);
  await engine.execute('m', OPEN);
  expect(state.seq).toBe(seq);
  expect(state.contexts.size).toBe(1);
  const machine = await engine.seen('m', look);
  expect(machine.state).not.toBe(state);
  expect(machine.state.contexts.size).toBe(3);
  look.end();
  await engine.execute('m', OPEN);
  // Nobody looked any more: no copy was made.
  expect((await engine.settled('m')).state).toBe(machine.state);
});

test('a look ends for one machine as for all, and a second time does nothing', async () => {
  const engine = await world();
  await engine.create('n', CREATE);
  const look = new Look();
  for (const name of ['m', 'n']) await engine.seen(name, look);
  const states = await Promise.all(['m', 'n'].map(name => engine.settled(name)));
  look.end();
  look.end();
  for (const name of ['m', 'n']) await engine.execute(name, OPEN);
  for (const { machineId, state } of states) {
    expect((await engine.settled(machineId)).state).toBe(state);
  }
});

test('a machine that is deleted while a command waits is not there', async () => {
  const engine = await world();
  await engine.seen('m', new Look());
  const waiting = engine.execute('m', OPEN);
  const refused = expect(waiting).rejects.toThrow('there is no machine "m"');
  await engine.delete('m');
  await refused;
});
