/** The life of an iopf group, found from few states, is what a walk over the whole log finds. */
import { expect, test } from 'vitest';
import type { BaselineName } from '../../../src/abi/baselines.ts';
import { DEFAULT_POLICIES } from '../../../src/abi/policies.ts';
import type { Command } from '../../../src/core/machine/command.ts';
import type { Event, EventType } from '../../../src/core/machine/event.ts';
import type { MachineState } from '../../../src/core/machine/state.ts';
import { iopfLife } from '../../../src/engine/find/iopf-life.ts';
import { eventsOf, type LoggedEvent } from '../../../src/engine/follow/follow.ts';
import type { Engine } from '../../../src/engine/machine/engine.ts';
import { History } from '../../../src/engine/past/history.ts';
import { Past } from '../../../src/engine/past/past.ts';
import { randomCommand } from '../../../src/sim/generator/generator.ts';
import { DEVICES } from '../../../src/sim/machine.ts';
import { Prng } from '../../../src/sim/prng.ts';
import {
  engineOver,
  faultingMachine,
  faultWrite,
  pageRequest,
  QUEUE,
  runAll,
} from '../machine/fixtures.ts';

const POLICIES = {
  ...DEFAULT_POLICIES,
  inFlightRequests: 'NOT_DRAINED',
  autoResponse: 'ONLY_TO_PLAIN',
} as const;

function commandOf(random: Prng, state: MachineState): Command {
  const [inFlightId] = state.inFlight.keys();
  if (inFlightId !== undefined && random.chance(0.3)) {
    return { type: 'PageRequestResume', inFlightId };
  }
  const command = randomCommand(random, state);
  if (command.type === 'PageRequestSend') return { ...command, hold: random.chance(0.3) };
  if (command.type === 'FaultRead' && random.chance(0.3)) return { ...command, bufVa: 0n };
  return command;
}

/** The seqs of all events about each group. */
function walkedLives(events: readonly LoggedEvent[]): Map<number, number[]> {
  const lives = new Map<number, number[]>();
  const collected = new Map<string, number[]>();
  const held = new Map<number, number[]>();
  let arrived: number[] = [];
  const place = (deviceNo: number, grpid: number) => `${deviceNo} ${grpid}`;
  const note = (event: Event, seq: number) => {
    switch (event.type) {
      case 'PageRequestReported':
        arrived = [seq];
        return;
      case 'PageRequestInFlight':
        held.set(event.inFlightId, [...arrived, seq]);
        return;
      case 'PageRequestLanded':
        arrived = [...held.get(event.inFlightId)!, seq];
        return;
      case 'PageRequestCollected': {
        const at = place(event.deviceNo, event.request.grpid);
        collected.set(at, [...(collected.get(at) ?? []), ...arrived, seq]);
        return;
      }
      case 'PartialRequestsDropped':
        collected.delete(place(event.deviceNo, event.grpid));
        return;
      case 'IopfFeatureDisabled':
        for (const at of collected.keys()) {
          if (at.startsWith(`${event.deviceNo} `)) collected.delete(at);
        }
        return;
      case 'IopfGroupQueued': {
        const at = place(event.deviceNo, event.requests[0]!.grpid);
        const many = event.requests.length > 1;
        lives.set(event.iopfGroupId, [...((many && collected.get(at)) || []), ...arrived, seq]);
        if (many) collected.delete(at);
        return;
      }
      case 'HazardRecorded':
        for (const [id, life] of lives) {
          if (event.objects.includes(`iopf group ${id}`)) life.push(seq);
        }
        return;
      default:
        if ('iopfGroupId' in event && event.iopfGroupId !== null) {
          lives.get(event.iopfGroupId)!.push(seq);
        }
    }
  };
  for (const { event, seq } of events) note(event, seq);
  return lives;
}

async function eventsOfMachine(engine: Engine): Promise<LoggedEvent[]> {
  return (await engine.log.read('m', { limit: 100_000 })).flatMap(eventsOf);
}

/** Between them they meet everything that can become of a group. */
const WALKS: readonly (readonly [BaselineName, seed: number, meets: readonly EventType[]])[] = [
  ['LINUX_6_12_117', 3, ['IopfGroupAutoResponded']],
  ['V6_PATCH', 3, ['IopfGroupFlushed', 'IopfGroupLost']],
  ['V6_PATCH', 12, ['IopfGroupFlushed', 'IopfGroupLost', 'PageRequestLanded']],
  ['LINUX_7_3_4', 3, ['PageResponseWritten', 'PageRequestLanded']],
];

test.each(WALKS)(
  'on %s, seed %i: every group, answered, lost or waiting',
  async (baseline, seed, meets) => {
    const engine = engineOver();
    const random = new Prng(seed);
    await engine.create('m', {
      type: 'MachineCreate',
      baseline,
      policies: POLICIES,
      devices: DEVICES,
    });
    for (let step = 0; step < 1_500; step++) {
      const { state } = await engine.settled('m');
      await engine.execute('m', commandOf(random, state));
    }
    const until = (await engine.settled('m')).state.seq;
    const events = await eventsOfMachine(engine);
    expect(events.map(({ event }) => event.type)).toEqual(expect.arrayContaining([...meets]));
    const expected = walkedLives(events);
    expect(expected.size).toBeGreaterThan(5);
    const past = await Past.of(engine, new History(engine), 'm');
    for (const [iopfGroupId, seqs] of expected) {
      const life = await iopfLife(past, iopfGroupId, until);
      expect(
        life!.events.map(({ seq }) => seq),
        `iopf group ${iopfGroupId}`,
      ).toEqual(seqs.sort((a, b) => a - b));
    }
  },
);

test('a life up to a moment inside it', async () => {
  const engine = engineOver();
  await faultingMachine(engine);
  const [first, , read] = await runAll(engine, 'm', [
    pageRequest(1, 0x1000n, false),
    pageRequest(1),
    { type: 'FaultRead', ...QUEUE, count: 80, reader: 'READ' },
    faultWrite(1),
    pageRequest(2),
  ]);
  const past = await Past.of(engine, new History(engine), 'm');
  const typesAt = async (until: number) => {
    const life = await iopfLife(past, 1, until);
    return life && [life.ended, ...life.events.map(({ event }) => event.type)];
  };
  expect(await typesAt(first!.seq)).toBeNull();
  const queued = [
    'PageRequestReported',
    'PageRequestCollected',
    'PageRequestReported',
    'IopfGroupQueued',
  ];
  expect(await typesAt(read!.seqBefore)).toEqual([false, ...queued]);
  expect(await typesAt(read!.seq)).toEqual([false, ...queued, 'IopfGroupRead']);
  const answered = [...queued, 'IopfGroupRead', 'PageResponseWritten'];
  expect(await typesAt(read!.seq + 1)).toEqual([true, ...answered]);
  expect(await typesAt(read!.seq + 2)).toEqual([true, ...answered, 'PageResponseSent']);
  expect(await typesAt(read!.seq + 3)).toEqual([true, ...answered, 'PageResponseSent']);
});

test('ids that no group has', async () => {
  const engine = engineOver();
  await faultingMachine(engine);
  const [{ seq } = { seq: 0 }] = await runAll(engine, 'm', [pageRequest(1)]);
  const past = await Past.of(engine, new History(engine), 'm');
  expect(await iopfLife(past, 0, seq)).toBeNull();
  expect(await iopfLife(past, 2, seq)).toBeNull();
});
