/** Random commands: mostly ones that make sense in the state, some that do not. */
import type { IommufdContext } from '../../core/iommufd/state.ts';
import type { Command, CommandOf, CommandType } from '../../core/machine/command.ts';
import type { MachineState } from '../../core/machine/state.ts';
import { SIMULATED_DEVICES } from '../machine.ts';
import type { Prng } from '../prng.ts';
import { HARDWARE_MAKERS } from './generator-hardware.ts';
import { hwptAlloc, hwptInvalidate } from './generator-hwpt.ts';
import { IOAS_MAKERS, IOAS_WEIGHTS, processOf } from './generator-ioas.ts';
import { staleCommand } from './generator-stale.ts';
import {
  bdf,
  contextIdOf,
  devIdOf,
  faultIdOf,
  idOf,
  mockDevIdOf,
  NOTHING,
  ptIdFor,
} from './pick.ts';

type Maker = (random: Prng, state: MachineState, context: IommufdContext | null) => Command;

function faultWrite(
  random: Prng,
  state: MachineState,
  context: IommufdContext | null,
): CommandOf<'FaultWrite'> {
  const faultId = faultIdOf(random, context, queue => queue.awaitingResponse.size > 0);
  const faultQueue = context?.objects.get(faultId);
  const known = faultQueue?.type === 'FAULT' ? [...faultQueue.awaitingResponse.keys()] : [];
  const responses = Array.from({ length: random.below(4) }, () => ({
    cookie: known.length > 0 && random.chance(0.9) ? random.pick(known) : random.below(5),
    code: emulatedPri(state) && random.chance(0.5) ? 2 : random.pick([0, 0, 0, 1, 1, 2]),
  }));
  const exact = responses.length * 8;
  const count = random.chance(0.9) ? exact : exact + random.pick([1, 8, 4]);
  const contextId = contextIdOf(random, context);
  return { type: 'FaultWrite', contextId, faultId, count, responses };
}

function contextOpen(random: Prng, state: MachineState): CommandOf<'ContextOpen'> {
  const process = processOf(random, state);
  return { type: 'ContextOpen', ...(process === undefined ? {} : { process }) };
}

const MAKERS: Readonly<Record<Exclude<CommandType, 'MachineCreate' | 'KernelReplace'>, Maker>> = {
  PciDeviceAdd: (random, state) => ({
    type: 'PciDeviceAdd',
    device: {
      ...(SIMULATED_DEVICES.find(({ bdf }) => !state.bdfs.has(bdf)) ??
        random.pick(SIMULATED_DEVICES)),
      ...(random.chance(0.1) ? { groupWith: '0000:0f:00.0' } : {}),
    },
  }),
  PciDeviceRemove: random => ({ type: 'PciDeviceRemove', bdf: bdf(random) }),
  ContextOpen: contextOpen,
  ContextClose: (random, _state, context) => ({
    type: 'ContextClose',
    contextId: contextIdOf(random, context),
  }),
  IoasAlloc: (random, _state, context) => ({
    type: 'IoasAlloc',
    contextId: contextIdOf(random, context),
    flags: random.chance(0.1) ? 1 : 0,
  }),
  HwptAlloc: hwptAlloc,
  HwptInvalidate: hwptInvalidate,
  GetHwInfo: (random, _state, context) => ({
    type: 'GetHwInfo',
    contextId: contextIdOf(random, context),
    flags: random.pick([0, 0, 1, 1, 2]),
    devId: idOf(random, context, 'DEVICE'),
    dataLen: random.pick([0, 4, 64]),
    inDataType: random.pick([0, 1, 0xfeed_beef, 7]),
  }),
  Destroy: (random, _state, context) => ({
    type: 'Destroy',
    contextId: contextIdOf(random, context),
    id: random.chance(0.4) ? idOf(random, context, 'SELFTEST') : 1 + random.below(24),
  }),
  FaultQueueAlloc: (random, _state, context) => ({
    type: 'FaultQueueAlloc',
    contextId: contextIdOf(random, context),
    flags: random.chance(0.1) ? 1 : 0,
  }),
  FaultRead: (random, _state, context) => ({
    type: 'FaultRead',
    contextId: contextIdOf(random, context),
    faultId: faultIdOf(random, context, ({ deliver }) => deliver.length > 0),
    count: random.pick([0, 39, 40, 40, 80, 120, 400, 4000, 0x7fff_ffff]),
    reader: random.pick(['READ', 'HANDLER']),
    // Room for one message, for part of one, or for none.
    ...(random.chance(0.2) ? { bufVa: random.pick(BUFFERS_MISSING) } : {}),
  }),
  FaultWrite: faultWrite,
  FaultPoll: (random, _state, context) => ({
    type: 'FaultPoll',
    contextId: contextIdOf(random, context),
    faultId: idOf(random, context, 'FAULT'),
  }),
  FaultClose: (random, _state, context) => ({
    type: 'FaultClose',
    contextId: contextIdOf(random, context),
    faultId: idOf(random, context, 'FAULT'),
  }),
  DeviceBind: (random, state, context) => ({
    type: 'DeviceBind',
    contextId: contextIdOf(random, context),
    bdf: emulatedPri(state) && random.chance(0.3) ? VIRTFN : bdf(random),
  }),
  DeviceAttach: (random, state, context) => {
    const devId = devIdOf(random, state, context, 'PCI');
    const device = context?.objects.get(devId);
    const group = state.iommuGroups.get(device?.type === 'DEVICE' ? device.iommuGroupId : 0);
    // Where others of its group are it can be attached at once.
    const joined = random.chance(0.3) ? group?.hwptId : null;
    const ptId = joined ?? ptIdFor(random, context, 'PCI');
    return { type: 'DeviceAttach', contextId: contextIdOf(random, context), devId, ptId };
  },
  DeviceReplace: (random, state, context) => ({
    type: 'DeviceReplace',
    contextId: contextIdOf(random, context),
    devId: devIdOf(random, state, context, 'PCI'),
    // Now and then one that its driver refuses.
    ptId: ptIdFor(random, context, random.chance(0.1) ? 'MOCK' : 'PCI'),
  }),
  DeviceDetach: (random, state, context) => ({
    type: 'DeviceDetach',
    contextId: contextIdOf(random, context),
    devId: devIdOf(random, state, context, 'PCI'),
  }),
  DeviceUnbind: (random, state, context) => ({
    type: 'DeviceUnbind',
    contextId: contextIdOf(random, context),
    devId: devIdOf(random, state, context, 'PCI'),
  }),
  PageRequestSend: (random, state) => {
    const sending = [...state.physicalDevices.values()]
      .filter(device => device.kind === 'PCI' && device.iopfFeature)
      .map(device => (device.kind === 'PCI' ? device.bdf : ''));
    const virtfn = emulatedPri(state) && random.chance(0.4) && sending.includes(VIRTFN);
    const likely = sending.length > 0 && random.chance(0.95) ? random.pick(sending) : bdf(random);
    const drained = state.policies.inFlightRequests === 'DRAINED';
    return {
      type: 'PageRequestSend',
      bdf: virtfn ? VIRTFN : likely,
      pasid: random.pick([null, null, 0, 5]),
      grpid: random.below(4),
      perm: random.pick([0, 1, 2, 3, 5]),
      addr: BigInt(random.below(1000)) << 12n,
      lastPage: random.chance(0.6),
      ...(random.chance(drained ? 0.1 : 0.4) ? { hold: true } : {}),
    };
  },
  TestMockDomain: (random, state, context) => {
    const devFlags = random.pick([0, 0, 0, 1, 256, 256, 256, 257, 512, 768, 1024, 1280, 8]);
    const shared = (devFlags & 256) !== 0 ? hwptOfLastMock(state) : null;
    return {
      type: 'TestMockDomain',
      contextId: contextIdOf(random, context),
      ptId: shared !== null && random.chance(0.7) ? shared : ptIdFor(random, context, 'MOCK'),
      devFlags,
    };
  },
  TestMockDomainReplace: (random, _state, context) => ({
    type: 'TestMockDomainReplace',
    contextId: contextIdOf(random, context),
    stdevId: idOf(random, context, 'SELFTEST'),
    ptId: ptIdFor(random, context, 'MOCK'),
  }),
  TestTriggerIopf: (random, state, context) => ({
    type: 'TestTriggerIopf',
    contextId: contextIdOf(random, context),
    devId: mockDevIdOf(random, state, context),
    pasid: random.pick([0, 0, 0, 7]),
    grpid: random.below(4),
    perm: random.below(16),
    addr: BigInt(random.below(1000)) << 12n,
    lastPage: random.chance(0.6),
  }),
  TestMdCheckIotlb: (random, _state, context) => ({
    type: 'TestMdCheckIotlb',
    contextId: contextIdOf(random, context),
    hwptId: idOf(random, context, 'HWPT_NESTED'),
    iotlbId: random.below(5),
    iotlb: random.below(3),
  }),
  PageRequestResume: (random, { inFlight }) => ({
    type: 'PageRequestResume',
    inFlightId: inFlight.size > 0 ? random.pick([...inFlight.keys()]) : random.below(3),
  }),
  VpriResetSend: (random, state) => ({
    type: 'VpriResetSend',
    bdf: emulatedPri(state) && random.chance(0.8) ? VIRTFN : bdf(random),
  }),
  ...IOAS_MAKERS,
  ...HARDWARE_MAKERS,
};

const VIRTFN = SIMULATED_DEVICES.find(({ physfn }) => physfn !== null)!.bdf;

const emulatedPri = ({ policies }: MachineState) => policies.virtualFunctions === 'EMULATED_PRI';

/** Where user memory ends, and where there is none. */
const BUFFERS_MISSING = [0x10ff_ffd8n, 0x10ff_fff0n, 0x2000_0000n];

/** Where a mock device that joins the group of the last one can be attached at once. */
function hwptOfLastMock(state: MachineState): number | null {
  const last = state.physicalDevices.get(state.lastMockDeviceNo ?? 0);
  return state.iommuGroups.get(last?.iommuGroupId ?? 0)?.hwptId ?? null;
}

const WEIGHTS: readonly (readonly [number, keyof typeof MAKERS])[] = [
  [3, 'PciDeviceAdd'],
  [1, 'PciDeviceRemove'],
  [2, 'ContextOpen'],
  [1, 'ContextClose'],
  [6, 'IoasAlloc'],
  [34, 'HwptAlloc'],
  [4, 'HwptInvalidate'],
  [3, 'GetHwInfo'],
  [14, 'Destroy'],
  [6, 'FaultQueueAlloc'],
  [24, 'FaultRead'],
  [24, 'FaultWrite'],
  [3, 'FaultPoll'],
  [1, 'FaultClose'],
  [20, 'DeviceBind'],
  [36, 'DeviceAttach'],
  [14, 'DeviceReplace'],
  [6, 'DeviceDetach'],
  [5, 'DeviceUnbind'],
  [50, 'PageRequestSend'],
  [10, 'TestMockDomain'],
  [18, 'TestMockDomainReplace'],
  [50, 'TestTriggerIopf'],
  [3, 'TestMdCheckIotlb'],
  [1, 'PageRequestResume'],
  [2, 'VpriResetSend'],
  ...IOAS_WEIGHTS,
];

/** At most this many contexts live at once, so that commands meet. */
const CONTEXTS_MAX = 3;
/** Draws before a command on something that does not exist is taken as it is. */
const DRAWS_MAX = 5;

export function randomCommand(random: Prng, state: MachineState): Command {
  const contexts = [...state.contexts.values()];
  const open = contexts.filter(context => context.fileOpen);
  if (open.length === 0 && contexts.length < CONTEXTS_MAX) return contextOpen(random, state);
  const stale = staleCommand(random, state);
  if (stale !== null) return stale;
  let command: Command;
  let draws = 0;
  do {
    let context = open.length > 0 && random.chance(0.9) ? open[0]! : random.pick(contexts);
    if (random.chance(0.2)) context = random.pick(contexts);
    const type = dueType(random, state, context) ?? random.weighted(WEIGHTS);
    if (type === 'FaultRead' || type === 'FaultWrite') {
      context = random.pick(contexts.filter(other => waits(other, type))) ?? context;
    }
    command = MAKERS[type](random, state, random.chance(0.01) ? null : context);
    draws++;
  } while (draws < DRAWS_MAX && isIdle(command, state));
  return command;
}

/** What can be done now and rarely can. */
function dueType(
  random: Prng,
  { inFlight, physicalDevices }: MachineState,
  context: IommufdContext | undefined,
): 'Option' | 'PageRequestResume' | 'VpriResetSend' | null {
  // How memory is counted can be set only while a context is empty.
  if (context?.objects.size === 0 && random.chance(0.3)) return 'Option';
  if (inFlight.size > 0 && random.chance(0.1)) return 'PageRequestResume';
  const failed = [...physicalDevices.values()].some(({ vpriFailed }) => vpriFailed);
  return failed && random.chance(0.05) ? 'VpriResetSend' : null;
}

/** Whether a fault queue of a context has something to read or to answer. */
function waits({ objects }: IommufdContext, type: 'FaultRead' | 'FaultWrite'): boolean {
  return [...objects.values()].some(
    object =>
      object.type === 'FAULT' &&
      (type === 'FaultRead' ? object.deliver.length : object.awaitingResponse.size) > 0,
  );
}

/** Names nothing, finds nothing to read, answer or ask for, or opens one context too many. */
function isIdle(command: Command, state: MachineState): boolean {
  if (command.type === 'ContextOpen') return state.contexts.size >= CONTEXTS_MAX;
  if (command.type === 'HwptAlloc') return command.devId === NOTHING || command.ptId === NOTHING;
  if (command.type === 'PageRequestSend') {
    return state.physicalDevices.get(state.bdfs.get(command.bdf) ?? 0)?.iopfFeature !== true;
  }
  if (command.type === 'FaultRead' || command.type === 'FaultWrite') {
    const context = state.contexts.get(command.contextId);
    return context === undefined || !waits(context, command.type);
  }
  return Object.entries(command).some(
    ([field, value]) => ID_FIELDS.has(field) && value === NOTHING,
  );
}

const ID_FIELDS = new Set([
  'devId',
  'ptId',
  'stdevId',
  'hwptId',
  'faultId',
  'ioasId',
  'dstIoasId',
  'srcIoasId',
  'accessId',
]);

/** What ends a run: what is held goes on and every file is closed, which ends every context. */
export function closingCommands(state: MachineState): Command[] {
  const commands: Command[] = [...state.inFlight.keys()].map(inFlightId => ({
    type: 'PageRequestResume',
    inFlightId,
  }));
  for (const { contextId, objects, fileOpen } of state.contexts.values()) {
    for (const object of objects.values()) {
      if (object.type === 'FAULT' && object.fileOpen) {
        commands.push({ type: 'FaultClose', contextId, faultId: object.id });
      }
      if (object.type === 'ACCESS') {
        commands.push({ type: 'TestAccessClose', contextId, accessId: object.id });
      }
      if (object.type !== 'DEVICE') continue;
      if (state.physicalDevices.get(object.deviceNo)?.kind === 'PCI') {
        commands.push({ type: 'DeviceUnbind', contextId, devId: object.id });
      }
    }
    if (fileOpen) commands.push({ type: 'ContextClose', contextId });
  }
  return commands;
}
