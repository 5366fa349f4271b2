/** Errnos of commands to registers, and time: what is due when, and what it leaves. */
import { ITAGS_MAX } from '../../../abi/limits.ts';
import type { Command } from '../../../core/machine/command.ts';
import type { Outcome } from '../../../core/machine/operation.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import {
  allModelled,
  type LedgerPart,
  type Modelled,
  type Moment,
  modelled,
  ownerOf,
} from './part.ts';

const ON_FUNCTION = new Set<Command['type']>([
  'PriEnable',
  'PriDisable',
  'PriResetSend',
  'AtsEnable',
  'AtsDisable',
  'AtcInvalidate',
  'DeviceReset',
  'StallResume',
  'StallTerminate',
]);

/** The errno that a command must have on this state; null: no opinion. */
export function registerErrno(state: MachineState, command: Command): Outcome['errno'] | null {
  switch (command.type) {
    case 'PrqSwitch': {
      const iommu = state.iommus.get(command.iommuNo);
      if (iommu === undefined) return 'ENODEV';
      return iommu.pageRequestQueue.enabled === command.enabled ? 'EBUSY' : 0;
    }
    case 'PrqServe':
      if (!state.iommus.has(command.iommuNo)) return 'ENODEV';
      return command.max === 0 ? 'EINVAL' : 0;
    case 'QueueErrorClear': {
      const iommu = state.iommus.get(command.iommuNo);
      if (iommu === undefined) return 'ENODEV';
      return iommu.queueError === null ? 'ENOENT' : 0;
    }
    case 'HardwareAdvance':
      return command.ticks === 0 ? 'EINVAL' : 0;
    default:
      return ON_FUNCTION.has(command.type) ? onFunction(state, command) : null;
  }
}

function onFunction(state: MachineState, command: Command): Outcome['errno'] | null {
  const { bdf } = command as { readonly bdf: string };
  const deviceNo = state.bdfs.get(bdf);
  if (deviceNo === undefined) return 'ENODEV';
  const device = modelled(state, deviceNo);
  if (device === null) return 'EOPNOTSUPP';
  const { ats, spec } = device.hardware;
  const owner = ownerOf(state, device);
  const isVirtual = owner !== deviceNo;
  const pri = modelled(state, owner)?.hardware.pri ?? null;
  switch (command.type) {
    case 'PriEnable':
      if (pri === null || command.allocation === 0) return 'EINVAL';
      if (isVirtual) return pri.enabled ? 0 : 'EINVAL';
      return pri.enabled || pri.outstanding.size > 0 ? 'EBUSY' : 0;
    case 'PriDisable':
      return pri?.enabled === true || (pri !== null && isVirtual) ? 0 : 'EINVAL';
    case 'PriResetSend':
      if (pri === null) return 'EINVAL';
      return pri.enabled && !isVirtual ? 'EBUSY' : 0;
    case 'AtsEnable':
    case 'AtsDisable':
      if (ats === null) return 'EINVAL';
      return ats.enabled === (command.type === 'AtsEnable') ? 'EBUSY' : 0;
    case 'AtcInvalidate':
      return atcInvalidate(state, device, command);
    case 'StallResume':
    case 'StallTerminate':
      return spec.stall ? 0 : 'EOPNOTSUPP';
    default:
      return 0;
  }
}

function atcInvalidate(
  state: MachineState,
  { deviceNo, hardware }: Modelled,
  { pasid, addr, size }: { readonly pasid: number | null; addr: bigint; size: bigint },
): Outcome['errno'] {
  const { ats, spec } = hardware;
  const known = pasid === null || pasid < 2 ** spec.pasidWidth;
  if (ats?.enabled !== true || !known || size === 0n || (addr | size) % 4096n !== 0n)
    return 'EINVAL';
  const { queueError, invalidations } = state.iommus.get(spec.iommuNo)!;
  if (queueError !== null) return 'EIO';
  if (ats.respondsToInvalidation) return 0;
  const pending = [...invalidations.values()].filter(other => other.deviceNo === deviceNo).length;
  // Those in line have no tag yet.
  const tags = [...invalidations.keys()].filter(itag => itag < ITAGS_MAX).length;
  return pending < ats.invalidateQueueDepth && tags < ITAGS_MAX ? 0 : 'EBUSY';
}

/** Invalidations that a function does not complete: each ends by its reset, or in its deadline. */
export class TimeLedger implements LedgerPart {
  private tick = 0;
  /** IOMMUs in which an invalidation timed out in this operation. */
  private readonly failed = new Set<number>();

  follow({ before, event }: Moment): string[] {
    switch (event.type) {
      case 'TickAdvanced': {
        const right = event.tick > this.tick;
        this.tick = event.tick;
        return right ? [] : ['time went back'];
      }
      case 'InvalidationTimedOut':
      case 'InvalidationCompleted': {
        const device = modelled(before, event.deviceNo);
        const iommu = device && before.iommus.get(device.hardware.spec.iommuNo);
        const pending = iommu?.invalidations.get(event.itag);
        if (pending?.deviceNo !== event.deviceNo) return [`ITag ${event.itag} is not under way`];
        const timedOut = event.type === 'InvalidationTimedOut';
        if (timedOut) this.failed.add(device!.hardware.spec.iommuNo);
        const early = timedOut && pending.deadlineTick > before.tick;
        return early ? [`ITag ${event.itag} timed out before its time`] : [];
      }
      default:
        return [];
    }
  }

  settle(after: MachineState): string[] {
    const wrong: string[] = [];
    if (after.tick !== this.tick) wrong.push(`it is tick ${after.tick}, not ${this.tick}`);
    for (const [iommuNo, { spec, queueError }] of after.iommus) {
      const stops = spec.vendor !== 'AMD_VI';
      if (this.failed.has(iommuNo) && stops !== (queueError !== null)) {
        wrong.push(`IOMMU ${iommuNo}: its queue stopped, or did not, at a time-out`);
      }
    }
    this.failed.clear();
    for (const [iommuNo, { invalidations }] of after.iommus) {
      for (const { itag, deadlineTick, deviceNo } of invalidations.values()) {
        const where = `IOMMU ${iommuNo}, ITag ${itag}`;
        if (deadlineTick <= after.tick) wrong.push(`${where}: past its deadline`);
        const device = allModelled(after).find(other => other.deviceNo === deviceNo);
        if (device === undefined) wrong.push(`${where}: its function is gone`);
        else if (device.hardware.ats?.respondsToInvalidation) wrong.push(`${where}: was completed`);
      }
    }
    return wrong;
  }
}
