/** Random commands: mostly ones that make sense in the state, some that do not. */
import type { IommufdContext } from '../../core/iommufd/state.ts';
import type { Command } from '../../core/machine/command.ts';
import type { MachineState } from '../../core/machine/state.ts';
import type { Prng } from '../prng.ts';
import { HARDWARE_MAKERS } from './hardware/modelled.ts';
import { PCI_MAKERS } from './hardware/pci.ts';
import { DEVICE_MAKERS } from './iommufd/device.ts';
import { FAULT_MAKERS } from './iommufd/fault.ts';
import { HWPT_MAKERS } from './iommufd/hwpt.ts';
import { IOAS_MAKERS } from './iommufd/ioas.ts';
import { CONTEXT_MAKERS, contextOpen } from './iommufd/main.ts';
import { PASID_MAKERS } from './iommufd/pasid.ts';
import { SELFTEST_MAKERS } from './iommufd/selftest.ts';
import { VFIO_COMPAT_MAKERS } from './iommufd/vfio-compat.ts';
import type { Generated, Maker } from './maker.ts';
import { NOTHING } from './pick.ts';
import { staleCommand } from './stale.ts';
import { VFIO_MAKERS } from './vfio.ts';
import { WEIGHTS } from './weights.ts';

const MAKERS: Readonly<Record<Generated, Maker>> = {
  ...CONTEXT_MAKERS,
  ...VFIO_COMPAT_MAKERS,
  ...IOAS_MAKERS,
  ...HWPT_MAKERS,
  ...DEVICE_MAKERS,
  ...FAULT_MAKERS,
  ...SELFTEST_MAKERS,
  ...PASID_MAKERS,
  ...VFIO_MAKERS,
  ...PCI_MAKERS,
  ...HARDWARE_MAKERS,
};

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
