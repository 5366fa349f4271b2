/** Following one object through events finds what comparing whole states finds. */
import { expect, test } from 'vitest';
import type { BaselineName } from '../../../src/abi/baselines.ts';
import { DEFAULT_POLICIES } from '../../../src/abi/policies.ts';
import { diffStates } from '../../../src/core/explain/diff.ts';
import { eventNames } from '../../../src/core/explain/naming.ts';
import { MACHINE_KEY, objectName } from '../../../src/core/explain/object-key.ts';
import { ObjectTrack } from '../../../src/core/explain/object-track.ts';
import { type Change, shownDifference } from '../../../src/core/explain/shown-value.ts';
import type { Command } from '../../../src/core/machine/command.ts';
import { evolve } from '../../../src/core/machine/evolve.ts';
import { execute } from '../../../src/core/machine/execute.ts';
import { fromPlain, toPlain } from '../../../src/core/machine/snapshot.ts';
import { initialState, type MachineState } from '../../../src/core/machine/state.ts';
import { randomCommand } from '../../../src/sim/generator/generator.ts';
import { DEVICES } from '../../../src/sim/machine.ts';
import { Prng } from '../../../src/sim/prng.ts';
import { PCI_FAULTING } from '../machine/setups.ts';
import { given } from '../machine/table.ts';

/** Commands with requests held in flight among them. */
function commandOf(random: Prng, state: MachineState): Command {
  const [inFlightId] = state.inFlight.keys();
  if (inFlightId !== undefined && random.chance(0.2)) {
    return { type: 'PageRequestResume', inFlightId };
  }
  const command = randomCommand(random, state);
  return command.type === 'PageRequestSend' ? { ...command, hold: random.chance(0.3) } : command;
}

const WALKS: readonly (readonly [BaselineName, seed: number])[] = [
  ['LINUX_6_12_117', 1],
  ['LINUX_6_12_117', 2],
  ['V6_PATCH', 3],
  ['LINUX_7_3_4', 4],
];

/** Each as text, in one order. */
function textsOf(changes: readonly Change[]): string[] {
  return changes
    .map(({ object, ...rest }) => `${objectName(object)} ${JSON.stringify(rest)}`)
    .sort();
}

test.each(WALKS)('on %s, seed %i: every change of every object, and no other', (baseline, seed) => {
  const random = new Prng(seed);
  const state = initialState();
  const replayed = initialState();
  const tracks = new Map([['machine', new ObjectTrack(replayed, MACHINE_KEY, null)]]);
  const operate = (command: Command) => {
    for (const event of execute(state, command).events) {
      const before = fromPlain(toPlain(replayed));
      evolve(replayed, event);
      const expected = diffStates(before, replayed).map(shownDifference);
      for (const { object, kind } of expected) {
        // What makes an object also names it, for who looks for the object in the log.
        const isNamed = eventNames(event, replayed.seq, object);
        if (kind === 'APPEARED') expect(isNamed, `${event.type} ${objectName(object)}`).toBe(true);
        const name = objectName(object);
        if (!tracks.has(name)) tracks.set(name, new ObjectTrack(before, object, null));
      }
      const found = [...tracks.values()].flatMap(track => track.after(replayed, event));
      expect(textsOf(found), `${event.type} at ${replayed.seq}`).toEqual(textsOf(expected));
    }
  };
  const policies = { ...DEFAULT_POLICIES, inFlightRequests: 'NOT_DRAINED' } as const;
  operate({ type: 'MachineCreate', baseline, policies, devices: DEVICES });
  for (let step = 0; step < 250; step++) operate(commandOf(random, state));
  expect(tracks.size).toBeGreaterThan(50);
});

test('one field: also by the object’s coming and going', () => {
  const machine = given(DEVICES, PCI_FAULTING);
  const { state } = machine;
  const key = { kind: 'FAULT', contextId: 1, id: 5, iova: null } as const;
  const track = new ObjectTrack(state, key, 'deliver');
  const follow = (line: string) => {
    const before = fromPlain(toPlain(state));
    machine.run(line);
    return machine.last.events.flatMap(event => {
      evolve(before, event);
      return track.after(before, event);
    });
  };
  const change = { object: key, field: 'deliver' };
  expect(follow('send 0000:01:00.0 grpid=1')).toEqual([
    { ...change, kind: 'CHANGED', before: [], after: [1] },
  ]);
  expect(follow('detach dev')).toEqual([{ ...change, kind: 'CHANGED', before: [1], after: [] }]);
  machine.run('closeFault q\n destroy fault');
  expect(follow('destroy q')).toEqual([{ ...change, kind: 'WENT', before: [], after: null }]);
  expect(follow('faultQueueAlloc')).toEqual([
    { ...change, kind: 'APPEARED', before: null, after: [] },
  ]);
});
