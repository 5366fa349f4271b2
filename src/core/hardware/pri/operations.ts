/** A function's registers: PRI, ATS, its ATC, and its reset. Sources: drivers/pci/ats.c. */
import type { Errno } from '../../../abi/errno.ts';
import { PAGE_SIZE, U32_MAX } from '../../../abi/uapi.ts';
import { byKey } from '../../collections/by-key.ts';
import { refused } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import { Refusal } from '../../machine/refusal.ts';
import { notMultiple } from '../../refuse/multiples.ts';
import { ALL_PAGES, invalidateAtc } from '../ats/flush.ts';
import { pageOf } from '../cache/translation-cache.ts';
import { abort } from '../dma/dma.ts';
import { stallsOf } from '../dma/stall.ts';
import { iommuOfDevice, type ModelledDevice, priOf, priOwnerOf } from '../function/lookup.ts';
import { modelledFunction, wrongPasid } from '../function/named.ts';
import { failProgram } from '../program/fail.ts';
import { outOfBounds, refuse } from '../refuse.ts';

interface OnFunction<T extends string> {
  readonly type: T;
  readonly bdf: string;
}

/** PRI Control: Enable is set (pci_enable_pri). */
export interface PriEnable extends OnFunction<'PriEnable'> {
  /** Requests it may have outstanding; more than its capacity is its capacity. */
  readonly allocation: number;
}

/** PRI Control: Enable is cleared (pci_disable_pri). */
export interface PriDisable extends OnFunction<'PriDisable'> {}

/** PRI Control: Reset is set (pci_reset_pri). */
export interface PriResetSend extends OnFunction<'PriResetSend'> {}

/** ATS Control: Enable is set (pci_enable_ats). */
export interface AtsEnable extends OnFunction<'AtsEnable'> {}

/** ATS Control: Enable is cleared (pci_disable_ats). */
export interface AtsDisable extends OnFunction<'AtsDisable'> {}

/** A guest invalidates a range of a function's ATC (SMMUv3 CMD_ATC_INV, RISC-V ATS.INVAL). */
export interface AtcInvalidate extends OnFunction<'AtcInvalidate'> {
  readonly pasid: number | null;
  readonly addr: bigint;
  /** Bytes. */
  readonly size: bigint;
}

/** A function is reset (FLR), and what the driver had set is set again (pci_reset_function). */
export interface DeviceReset extends OnFunction<'DeviceReset'> {}

export interface FunctionOperations {
  PriEnable: Operation<PriEnable, Record<string, never>>;
  PriDisable: Operation<PriDisable, Record<string, never>>;
  PriResetSend: Operation<PriResetSend, Record<string, never>>;
  AtsEnable: Operation<AtsEnable, Record<string, never>>;
  AtsDisable: Operation<AtsDisable, Record<string, never>>;
  AtcInvalidate: Operation<AtcInvalidate, Record<string, never>>;
  DeviceReset: Operation<DeviceReset, Record<string, never>>;
}

type Run<C> = (x: Execution, device: ModelledDevice, command: C) => Errno | Refusal;

/** Errors: ENODEV, no such function; EOPNOTSUPP, not behind a modelled IOMMU; those of `run`. */
function onFunction<C extends { readonly bdf: string }>(run: Run<C>) {
  return (x: Execution, command: C) => {
    const device = modelledFunction(x, command.bdf);
    const done = device instanceof Refusal ? device : run(x, device, command);
    return refused(done instanceof Refusal ? done.errno : done);
  };
}

export const FUNCTION_OPERATIONS: OperationEntries<FunctionOperations> = {
  PriEnable: {
    sentence: 'PRI Control: Enable is set (pci_enable_pri).',
    mutation: 'priEnable',
    support: null,
    arguments: { bdf: 'bdf', allocation: 'u32' },
    execute: onFunction(executePriEnable),
  },
  PriDisable: {
    sentence: 'PRI Control: Enable is cleared (pci_disable_pri).',
    mutation: 'priDisable',
    support: null,
    arguments: { bdf: 'bdf' },
    execute: onFunction(executePriDisable),
  },
  PriResetSend: {
    sentence: 'PRI Control: Reset is set, which forgets what is outstanding (pci_reset_pri).',
    mutation: 'priReset',
    support: null,
    arguments: { bdf: 'bdf' },
    execute: onFunction(executePriReset),
  },
  AtsEnable: {
    sentence: 'ATS Control: Enable is set (pci_enable_ats).',
    mutation: 'atsEnable',
    support: null,
    arguments: { bdf: 'bdf' },
    execute: onFunction((x, device) => switchAts(x, device, true)),
  },
  AtsDisable: {
    sentence: 'ATS Control: Enable is cleared (pci_disable_ats).',
    mutation: 'atsDisable',
    support: null,
    arguments: { bdf: 'bdf' },
    execute: onFunction((x, device) => switchAts(x, device, false)),
  },
  AtcInvalidate: {
    sentence: 'A guest invalidates a range of a function’s ATC.',
    mutation: 'atcInvalidate',
    support: null,
    arguments: { bdf: 'bdf', pasid: 'pasid', addr: 'u64', size: 'u64' },
    execute: onFunction(executeAtcInvalidate),
  },
  DeviceReset: {
    sentence: 'A function is reset, and what its driver had set is set again (pci_reset_function).',
    mutation: 'deviceReset',
    support: null,
    arguments: { bdf: 'bdf' },
    execute: onFunction(executeDeviceReset),
  },
};

const onOrOff = (on: boolean) => (on ? 'on' : 'off');

/** A virtual function has no PRI of its own: drivers ask for it, and it is as its physical one's. */
function isVirtual(x: Execution, device: ModelledDevice): boolean {
  return priOwnerOf(x.state, device).deviceNo !== device.deviceNo;
}

/** Errors: EINVAL, no PRI, no allocation, or a virtual function’s is off; EBUSY, on, or not stopped. */
function executePriEnable(x: Execution, device: ModelledDevice, { allocation }: PriEnable) {
  const { bdf } = device;
  const by = 'pci_enable_pri';
  const pri = priOf(x.state, device);
  if (pri === null) return refuse(x, by, 'EINVAL', 'PRI_ABSENT', { bdf });
  const wrong = outOfBounds(x, by, 'allocation', allocation, 1, U32_MAX);
  if (wrong !== null) return wrong;
  if (isVirtual(x, device)) {
    if (pri.enabled) return 0;
    const { bdf: physical } = priOwnerOf(x.state, device);
    return refuse(x, by, 'EINVAL', 'PRI_OF_PHYSICAL', { bdf, physical });
  }
  if (pri.enabled) return refuse(x, by, 'EBUSY', 'PRI_SWITCHED', { bdf, is: 'on' });
  if (!pri.stopped) return refuse(x, by, 'EBUSY', 'PRI_NOT_STOPPED', { bdf });
  const { deviceNo } = priOwnerOf(x.state, device);
  x.emit({ type: 'PriEnabled', deviceNo, allocation: Math.min(allocation, pri.capacity) });
  return 0;
}

/** Errors: EINVAL, no PRI, or it is disabled. */
function executePriDisable(x: Execution, device: ModelledDevice) {
  const { bdf } = device;
  const pri = priOf(x.state, device);
  if (pri === null) return refuse(x, 'pci_disable_pri', 'EINVAL', 'PRI_ABSENT', { bdf });
  if (isVirtual(x, device)) return 0;
  if (!pri.enabled) {
    return refuse(x, 'pci_disable_pri', 'EINVAL', 'PRI_SWITCHED', { bdf, is: 'off' });
  }
  const { deviceNo } = priOwnerOf(x.state, device);
  x.emit({ type: 'PriDisabled', deviceNo, why: 'SOFTWARE' });
  return 0;
}

/** Errors: EINVAL, no PRI; EBUSY, it is enabled. */
function executePriReset(x: Execution, device: ModelledDevice) {
  const { bdf } = device;
  const pri = priOf(x.state, device);
  if (pri === null) return refuse(x, 'pci_reset_pri', 'EINVAL', 'PRI_ABSENT', { bdf });
  if (isVirtual(x, device)) return 0;
  if (pri.enabled) return refuse(x, 'pci_reset_pri', 'EBUSY', 'PRI_ENABLED', { bdf });
  x.emit({ type: 'PriReset', deviceNo: priOwnerOf(x.state, device).deviceNo });
  return 0;
}

/** Errors: EINVAL, no ATS; EBUSY, it is as wanted already, or PRI is on and would be left alone. */
function switchAts(x: Execution, device: ModelledDevice, enabled: boolean) {
  const { bdf, hardware } = device;
  const { ats } = hardware;
  const by = enabled ? 'pci_enable_ats' : 'pci_disable_ats';
  if (ats === null) return refuse(x, by, 'EINVAL', 'ATS_ABSENT', { bdf });
  if (ats.enabled === enabled) {
    return refuse(x, by, 'EBUSY', 'ATS_SWITCHED', { bdf, is: onOrOff(enabled) });
  }
  x.emit({ type: 'AtsSwitched', deviceNo: device.deviceNo, enabled });
  return 0;
}

/**
 * Errors: EINVAL, no ATS or it is off, a PASID the function has not, a range that is empty or not
 * aligned; EIO, the invalidation queue has stopped; EBUSY, the function takes no more.
 */
function executeAtcInvalidate(
  x: Execution,
  device: ModelledDevice,
  { pasid, addr, size }: AtcInvalidate,
) {
  const { bdf, hardware } = device;
  const { ats } = hardware;
  const by = 'device';
  if (ats === null) return refuse(x, by, 'EINVAL', 'ATS_ABSENT', { bdf });
  if (!ats.enabled) return refuse(x, by, 'EINVAL', 'ATS_SWITCHED', { bdf, is: 'off' });
  const wrong = wrongPasid(x, device, pasid);
  if (wrong !== null) return wrong;
  const argument = size === 0n ? 'size' : notMultiple({ addr, size }, BigInt(PAGE_SIZE));
  if (argument !== null) {
    const facts = { argument, addr, size, alignment: PAGE_SIZE };
    return refuse(x, by, 'EINVAL', 'INVALIDATION_UNALIGNED', facts);
  }
  const { queueError, iommuNo, invalidations } = iommuOfDevice(x.state, device);
  if (queueError !== null) {
    const facts = { iommuNo, kind: queueError.kind };
    return refuse(x, 'invalidation queue', 'EIO', 'INVALIDATION_QUEUE_STOPPED', facts);
  }
  const firstPage = pageOf(addr);
  const lastPage = Math.min(pageOf(addr + size - 1n), ALL_PAGES.lastPage);
  if (invalidateAtc(x, device, { pasid: { pasid }, firstPage, lastPage }, 'REFUSE')) return 0;
  const pending = invalidations.size;
  return refuse(x, by, 'EBUSY', 'INVALIDATIONS_PENDING', { bdf, pending });
}

/** Nothing of what it did is left, and nobody waits for it any more. Errors: none. */
function executeDeviceReset(x: Execution, device: ModelledDevice): Errno {
  const { deviceNo, hardware } = device;
  const iommu = iommuOfDevice(x.state, device);
  const { iommuNo, invalidations } = iommu;
  const stags = stallsOf(iommu, device).map(([stag]) => stag);
  if (stags.length > 0) x.emit({ type: 'StallsTerminated', iommuNo, deviceNo, stags });
  for (const dmaId of [...hardware.dmas.keys()]) {
    if (hardware.dmas.has(dmaId)) abort(x, device, dmaId, null, 'DEVICE_RESET');
  }
  failProgram(x, device, 'the device was reset');
  for (const [itag, { deviceNo: of }] of byKey(invalidations)) {
    if (of === deviceNo) x.emit({ type: 'InvalidationCompleted', deviceNo, itag });
  }
  x.emit({ type: 'AtcInvalidated', deviceNo, ...ALL_PAGES });
  const { pri } = hardware;
  if (pri === null) return 0;
  const { enabled, allocation, responseFailure } = pri;
  if (enabled) x.emit({ type: 'PriDisabled', deviceNo, why: 'SOFTWARE' });
  x.emit({ type: 'PriReset', deviceNo });
  // A failure turned it off behind the driver's back, which sets it again (pci_restore_pri_state).
  if (enabled || responseFailure) x.emit({ type: 'PriEnabled', deviceNo, allocation });
  return 0;
}
