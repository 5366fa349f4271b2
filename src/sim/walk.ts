/**
 * Random operations on every kernel and policy, with held requests, missing buffers and failing
 * allocations. Whatever a kernel gets wrong, what is counted stays right, and a replay agrees.
 */
import { isDeepStrictEqual } from 'node:util';
import { BASELINES, type BaselineName, DEFAULT_POLICIES, type Policies } from '../abi/baselines.ts';
import type { Command } from '../core/command.ts';
import type { Event } from '../core/event.ts';
import { evolve } from '../core/evolve.ts';
import { execute } from '../core/execute.ts';
import { usersOf } from '../core/lookup.ts';
import { toPlain } from '../core/snapshot.ts';
import { initialState, type MachineState } from '../core/state.ts';
import { closingCommands, randomCommand } from './generator.ts';
import { DEVICES } from './machine.ts';
import { Prng } from './prng.ts';
import { SimulationError } from './simulate.ts';

/** The kernel and the policies of a walk. */
export interface Kernel {
  readonly baseline: BaselineName;
  readonly policies: Policies;
}

const POLICIES: readonly Policies[] = [
  DEFAULT_POLICIES,
  { ...DEFAULT_POLICIES, inFlightRequests: 'NOT_DRAINED' },
  { ...DEFAULT_POLICIES, autoResponse: 'ONLY_TO_PLAIN' },
  { ...DEFAULT_POLICIES, virtualFunctions: 'EMULATED_PRI' },
];

/** Every kernel with every policy. */
export const KERNELS: readonly Kernel[] = BASELINES.flatMap(baseline =>
  POLICIES.map(policies => ({ baseline, policies })),
);

/** A command of the simulation, now and then with what only other kernels and policies notice. */
function command(random: Prng, state: MachineState): Command {
  const inFlight = [...state.inFlight.keys()];
  if (inFlight.length > 0 && random.chance(0.1)) {
    return { type: 'PageRequestResume', inFlightId: inFlight[0]! };
  }
  const chosen = randomCommand(random, state);
  if (chosen.type === 'PageRequestSend' && random.chance(0.3)) return { ...chosen, hold: true };
  if (chosen.type === 'FaultRead' && random.chance(0.3)) return { ...chosen, bufVa: 0x10ff_ffd8n };
  return chosen;
}

/** What holds on every kernel. */
function violations(state: MachineState): string[] {
  const wrong: string[] = [];
  const check = (holds: boolean, sentence: string) => {
    if (!holds) wrong.push(sentence);
  };
  const queued = new Set<number>();
  for (const context of state.contexts.values()) {
    for (const object of context.objects.values()) {
      check(usersOf(object) >= 1, `object ${object.id} has no users`);
      if (object.type !== 'FAULT') continue;
      for (const id of [...object.deliver, ...object.awaitingResponse.values()]) {
        check(!queued.has(id), `iopf group ${id} is in two places`);
        queued.add(id);
      }
    }
  }
  check(queued.size === state.iopfGroups.size, 'an iopf group is in no fault queue');
  for (const id of state.iopfGroupsPlanted.keys()) {
    check(state.iopfGroups.has(id), `iopf group ${id} was answered and is remembered`);
  }
  for (const [deviceNo, device] of state.physicalDevices) {
    const groups = [...state.iopfGroups.values()].filter(group => group.deviceNo === deviceNo);
    check(device.unansweredGroups === groups.length, `device ${deviceNo} counts its groups wrong`);
    check(device.iopfRefcount >= 0, `device ${deviceNo} left more domains than it had`);
    check(device.iopfFeature || device.partial.length === 0, `device ${deviceNo} collects`);
    check(device.iopfFeature || device.pendingGroupIds.size === 0, `device ${deviceNo} waits`);
    check(
      device.iopfFeature === (device.iopfFeatureSeq !== null),
      `device ${deviceNo} does not know since when it has IOPF`,
    );
    const counted = device.iopfRefcount > 0;
    check(!counted || device.iopfFeature, `device ${deviceNo} has a fault domain and no IOPF`);
  }
  for (const group of state.iommuGroups.values()) {
    const attached = group.attachedDeviceIds.length > 0;
    check(attached === (group.hwptId !== null), `IOMMU group ${group.iommuGroupId}: hwpt`);
    check(attached === (group.domain.kind === 'HWPT'), `IOMMU group ${group.iommuGroupId}: domain`);
    const { attachHandleId } = group;
    check(
      attachHandleId === null || state.attachHandles.has(attachHandleId),
      `IOMMU group ${group.iommuGroupId} has a freed attach handle`,
    );
  }
  return wrong;
}

/** Walks and closes everything; the state at the end. Throws a SimulationError. */
export function walk({ baseline, policies }: Kernel, seed: number, steps: number): MachineState {
  const random = new Prng(seed);
  const state = initialState();
  const log: Event[] = [];
  const commands: Command[] = [];
  const fail = (what: string) => {
    const where = `${baseline} ${JSON.stringify(policies)}, seed ${seed}, operation ${commands.length}`;
    throw new SimulationError(`${where}: ${what}`, commands);
  };
  const operate = (next: Command, failNth?: number) => {
    commands.push(next);
    const { events } = execute(state, next, failNth === undefined ? {} : { failNth });
    log.push(...events);
    const wrong = violations(state);
    if (wrong.length > 0) fail(`${next.type}: ${wrong.join('; ')}`);
  };
  operate({ type: 'MachineCreate', baseline, policies, devices: DEVICES });
  for (let step = 0; step < steps; step++) {
    operate(command(random, state), random.chance(0.1) ? random.below(4) + 1 : undefined);
  }
  for (const inFlightId of [...state.inFlight.keys()]) {
    operate({ type: 'PageRequestResume', inFlightId });
  }
  for (const next of closingCommands(state)) operate(next);
  const replayed = initialState();
  for (const event of log) evolve(replayed, event);
  if (!isDeepStrictEqual(toPlain(replayed), toPlain(state))) fail('a replay gives another state');
  if (state.contexts.size > 0) fail('contexts are left');
  if (state.iopfGroups.size > 0) fail('iopf groups are left');
  return state;
}
