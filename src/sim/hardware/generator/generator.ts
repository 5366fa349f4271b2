/**
 * Commands that keep devices, guests and handlers busy: most of them make sense. A plan of several
 * (map, then answer; unmap, then invalidate) is carried out one command at a time, with others
 * between them.
 */
import type { IommufdContext } from '../../../core/iommufd/state.ts';
import type { Command } from '../../../core/machine/command.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import { HARDWARE_MAKERS } from '../../generator/hardware/modelled.ts';
import { KERNELS } from '../../kernels.ts';
import type { Prng } from '../../prng.ts';
import type { HardwareProfile } from '../profile.ts';
import { changeNestParent, clearTables, mapPages, unmapPages, writeWords } from './guest.ts';
import { answerFault, readFaults } from './handler.ts';
import { attachedTo, contextOf, functionsOf, nestedOf, parentOf, queuesOf } from './pick.ts';
import { missing } from './set-up.ts';
import { deviceRun, dma, pageRequest, programLoad } from './traffic.ts';

type Kind =
  | 'DMA'
  | 'PROGRAM'
  | 'RUN'
  | 'REQUEST'
  | 'READ'
  | 'ANSWER'
  | 'SERVE'
  | 'MAP'
  | 'UNMAP'
  | 'NEST_PARENT'
  | 'WORDS'
  | 'CLEAR'
  | 'TIME'
  | 'REGISTER'
  | 'QUEUE'
  | 'STALL'
  | 'DOMAIN'
  | 'TAKE_DOWN';

const WEIGHTS: readonly (readonly [number, Kind])[] = [
  [26, 'DMA'],
  [3, 'PROGRAM'],
  [9, 'RUN'],
  [4, 'REQUEST'],
  [12, 'READ'],
  [18, 'ANSWER'],
  [12, 'SERVE'],
  [7, 'MAP'],
  [5, 'UNMAP'],
  [4, 'NEST_PARENT'],
  [2, 'WORDS'],
  [1, 'CLEAR'],
  [2, 'TIME'],
  [5, 'REGISTER'],
  [2, 'QUEUE'],
  [1, 'STALL'],
  [4, 'DOMAIN'],
  [1, 'TAKE_DOWN'],
];

const REGISTERS = [
  'PriEnable',
  'PriEnable',
  'PriEnable',
  'PriDisable',
  'PriResetSend',
  'AtsEnable',
  'AtsEnable',
  'AtsDisable',
  'AtcInvalidate',
  'AtcInvalidate',
  'DeviceReset',
] as const;

export class HardwareGenerator {
  private readonly random: Prng;
  private readonly profile: HardwareProfile;
  private plan: Command[] = [];

  constructor(random: Prng, profile: HardwareProfile) {
    this.random = random;
    this.profile = profile;
  }

  next(state: MachineState): Command {
    const { random } = this;
    if (random.chance(0.5)) {
      const absent = missing(random, state);
      if (absent !== null) return absent;
    }
    for (let draws = 0; draws < 8; draws++) {
      const planned = random.chance(0.7) ? this.plan.shift() : undefined;
      const command = planned ?? this.draw(random.weighted(WEIGHTS), state);
      if (command !== null) return command;
    }
    return dma(random, state);
  }

  /** The first command of what is to be done, the rest planned; null: there is nothing of the kind. */
  private draw(kind: Kind, state: MachineState): Command | null {
    const { random } = this;
    const context = contextOf(state);
    switch (kind) {
      case 'DMA':
        return dma(random, state);
      case 'PROGRAM':
        return programLoad(random, state);
      case 'RUN':
        return deviceRun(random, state);
      case 'REQUEST':
        return pageRequest(random, state);
      case 'SERVE':
        return serve(random, state);
      case 'TIME':
        return HARDWARE_MAKERS.HardwareAdvance(random);
      case 'REGISTER':
        return this.register(state);
      case 'QUEUE':
        return queue(random, state);
      case 'STALL':
        if (this.profile.variant !== 'SMMUV3_STALL' && random.chance(0.9)) return null;
        return random.chance(0.8)
          ? HARDWARE_MAKERS.StallResume(random, state)
          : HARDWARE_MAKERS.StallTerminate(random, state);
      default:
        return context === null ? null : this.inContext(kind, state, context);
    }
  }

  private inContext(kind: Kind, state: MachineState, context: IommufdContext): Command | null {
    const { random } = this;
    switch (kind) {
      case 'READ':
        return readFaults(random, context);
      case 'ANSWER':
        return this.planned(answerFault(random, state, context));
      case 'MAP':
        return this.planned(mapPages(random, context));
      case 'UNMAP':
        return this.planned(unmapPages(random, state, context));
      case 'NEST_PARENT':
        return this.planned(changeNestParent(random, context));
      case 'WORDS':
        return this.planned(writeWords(random, context));
      case 'CLEAR':
        return this.planned(clearTables(context));
      case 'DOMAIN':
        return changeDomain(random, state, context);
      default:
        return this.takeDown(state, context);
    }
  }

  private planned([first, ...rest]: readonly Command[]): Command | null {
    if (this.plan.length < PLANNED_MAX) this.plan.push(...rest);
    return first ?? null;
  }

  private register(state: MachineState): Command {
    const { random } = this;
    for (const { iommuNo, queueError } of state.iommus.values()) {
      if (queueError !== null && random.chance(0.5)) return { type: 'QueueErrorClear', iommuNo };
    }
    // PRI that was turned off comes back rather than not.
    for (const { bdf, hardware } of functionsOf(state)) {
      const { pri, ats } = hardware;
      if (pri !== null && !pri.enabled && random.chance(0.15)) {
        if (!pri.stopped) return { type: 'PriResetSend', bdf };
        return { type: 'PriEnable', bdf, allocation: random.pick([1, 4, 32]) };
      }
      if (ats !== null && !ats.enabled && random.chance(0.15)) return { type: 'AtsEnable', bdf };
    }
    return HARDWARE_MAKERS[random.pick(REGISTERS)](random, state);
  }

  /** What ends objects, machines' parts, or the kernel itself. */
  private takeDown(state: MachineState, context: IommufdContext): Command | null {
    const { random } = this;
    const { contextId } = context;
    const queues = queuesOf(context);
    const roll = random.below(20);
    if (roll < 2) return { type: 'ContextClose', contextId };
    if (roll < 5 && queues.length > 0) {
      return { type: 'FaultClose', contextId, faultId: random.pick(queues).id };
    }
    if (roll < 8) return { type: 'Destroy', contextId, id: 1 + random.below(14) };
    if (roll < 11) return this.plugged(state);
    if (roll < 12 && this.profile.policies.virtualFunctions === 'EMULATED_PRI') {
      return { type: 'VpriResetSend', bdf: '0000:01:00.1' };
    }
    if (roll < 13) {
      const { baseline } = state;
      const { policies } = random.pick(KERNELS);
      return { type: 'KernelReplace', baseline, policies };
    }
    const bound = functionsOf(state).filter(({ binding }) => binding?.contextId === contextId);
    if (bound.length === 0) return null;
    return { type: 'DeviceUnbind', contextId, devId: random.pick(bound).binding!.deviceId };
  }

  /** A function comes back to the bus, or one that nobody has leaves it. */
  private plugged(state: MachineState): Command | null {
    const { random, profile } = this;
    const gone = profile.devices.filter(({ bdf }) => !state.bdfs.has(bdf));
    if (gone.length > 0) {
      const device = random.pick(gone);
      const partner = device.groupWith !== null && !state.bdfs.has(device.groupWith);
      return { type: 'PciDeviceAdd', device: partner ? { ...device, groupWith: null } : device };
    }
    const idle = functionsOf(state).filter(({ binding }) => binding === null);
    return idle.length === 0 ? null : { type: 'PciDeviceRemove', bdf: random.pick(idle).bdf };
  }
}

/** Commands that wait for their turn, above which no more are planned. */
const PLANNED_MAX = 12;

/** A queue in which something stands, mostly. */
function serve(random: Prng, state: MachineState): Command | null {
  const waiting = [...state.iommus.values()].filter(
    ({ pageRequestQueue }) => pageRequestQueue.records.size > 0,
  );
  if (waiting.length === 0 && random.chance(0.95)) return null;
  const { iommuNo } = waiting.length === 0 ? { iommuNo: 7 } : random.pick(waiting);
  return { type: 'PrqServe', iommuNo, max: random.pick([1, 2, 100, 100]) };
}

/** A queue that was turned off comes back rather than not; an error is cleared. */
function queue(random: Prng, state: MachineState): Command {
  for (const { iommuNo, pageRequestQueue, queueError } of state.iommus.values()) {
    if (!pageRequestQueue.enabled && random.chance(0.6)) {
      return { type: 'PrqSwitch', iommuNo, enabled: true };
    }
    if (queueError !== null && random.chance(0.5)) return { type: 'QueueErrorClear', iommuNo };
  }
  const iommuNo = random.below(2);
  return random.chance(0.7)
    ? { type: 'PrqSwitch', iommuNo, enabled: random.chance(0.7) }
    : { type: 'QueueErrorClear', iommuNo };
}

/** Replace, detach. */
function changeDomain(random: Prng, state: MachineState, context: IommufdContext): Command | null {
  const { contextId } = context;
  const bound = functionsOf(state).filter(({ binding }) => binding?.contextId === contextId);
  if (bound.length === 0) return null;
  const device = random.pick(bound);
  const { deviceId: devId } = device.binding!;
  if (random.chance(0.3)) return { type: 'DeviceDetach', contextId, devId };
  const nested = nestedOf(context).filter(({ id }) => id !== attachedTo(state, device));
  const parent = parentOf(context);
  const plain = parent === null || random.chance(0.5) ? 1 : parent.id;
  const ptId = nested.length > 0 && random.chance(0.75) ? random.pick(nested).id : plain;
  return { type: 'DeviceReplace', contextId, devId, ptId };
}

/** What ends a run: everything is closed, each function is reset, and time passes. */
export function closingCommands(state: MachineState): Command[] {
  const commands: Command[] = [];
  for (const { contextId, objects, fileOpen } of state.contexts.values()) {
    for (const object of objects.values()) {
      if (object.type === 'FAULT' && object.fileOpen) {
        commands.push({ type: 'FaultClose', contextId, faultId: object.id });
      }
      if (object.type === 'DEVICE') {
        commands.push({ type: 'DeviceUnbind', contextId, devId: object.id });
      }
    }
    if (fileOpen) commands.push({ type: 'ContextClose', contextId });
  }
  const resets = functionsOf(state).map(({ bdf }): Command => ({ type: 'DeviceReset', bdf }));
  commands.push(...resets);
  // As one is reset, another that shares its credits may ask.
  for (const iommuNo of state.iommus.keys()) commands.push({ type: 'PrqServe', iommuNo, max: 100 });
  commands.push(...resets);
  commands.push({ type: 'HardwareAdvance', ticks: 1_000 });
  return commands;
}
