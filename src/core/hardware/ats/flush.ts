/**
 * What invalidates translation caches: the kernel's drivers, which flush what a change can have left,
 * and the guest, whose own invalidations go as far as its vendor's commands do.
 * Sources: intel/cache.c, arm-smmu-v3.c (nested_ats_flush).
 */
import { ITAGS_MAX } from '../../../abi/limits.ts';
import { ULONG_MAX } from '../../../abi/uapi.ts';
import type { Hwpt, HwptNested, Ioas, IommufdContext } from '../../iommufd/state.ts';
import type { Execution } from '../../machine/execution.ts';
import { contextOf, deviceOf, hwptOf } from '../../machine/lookup.ts';
import type { MachineState } from '../../machine/state.ts';
import type { IovaRange } from '../../memory/iova-range.ts';
import { PAGES_LOG2_MAX, pageOf } from '../cache/translation-cache.ts';
import { iommuOfDevice, isModelled, type ModelledDevice } from '../function/lookup.ts';
import type { Iommu } from '../unit/state.ts';
import type { IommuVendor } from '../vendors/names.ts';
import type { InvalidatedPages } from './events.ts';

export const ALL_PAGES: InvalidatedPages = {
  pasid: null,
  firstPage: 0,
  lastPage: 2 ** PAGES_LOG2_MAX - 1,
};

/**
 * Whether an invalidation of a nested hwpt reaches the ATCs too. VT-d's driver sends it there (a
 * nested domain has a DEVTLB cache tag), and so do CONFORMING and AMD-Vi here; on SMMUv3 and RISC-V a
 * command says one or the other.
 */
const REACHES_ATC: Readonly<Record<IommuVendor, boolean>> = {
  CONFORMING: true,
  VTD: true,
  AMD_VI: true,
  SMMUV3: false,
  RISCV: false,
};

/** Functions that translate through a hwpt. */
function devicesOn(state: MachineState, contextId: number, hwptId: number): ModelledDevice[] {
  const devices: ModelledDevice[] = [];
  const context = contextOf(state, contextId);
  const byPasid = new Set(
    Array.from(
      hwptOf(context, hwptId).pasidDevices.keys(),
      id => deviceOf(context, id).iommuGroupId,
    ),
  );
  for (const { iommuGroupId, domain, deviceNos } of state.iommuGroups.values()) {
    const byRid =
      domain.kind === 'HWPT' && domain.contextId === contextId && domain.hwptId === hwptId;
    if (!byRid && !byPasid.has(iommuGroupId)) continue;
    for (const deviceNo of deviceNos) {
      const device = state.physicalDevices.get(deviceNo);
      if (isModelled(device)) devices.push(device);
    }
  }
  return devices;
}

/** Whose queue has stopped, so that an invalidation for a hwpt is refused; null: none has. */
export function invalidationRefused(x: Execution, contextId: number, hwptId: number) {
  if (x.state.iommus.size === 0) return null;
  for (const device of devicesOn(x.state, contextId, hwptId)) {
    const { iommuNo, queueError } = iommuOfDevice(x.state, device);
    if (queueError !== null) return { iommuNo, kind: queueError.kind };
  }
  return null;
}

/** An entry of HWPT_INVALIDATE: the guest changed its table in [addr, addr + npages). */
export function invalidateFirstStage(
  x: Execution,
  { contextId }: IommufdContext,
  hwpt: HwptNested,
  addr: bigint,
  npages: bigint,
): void {
  if (x.state.iommus.size === 0) return;
  const devices = devicesOn(x.state, contextId, hwpt.id);
  const pages = npages === ULONG_MAX ? ALL_PAGES : pagesFrom(addr, npages);
  invalidate(x, contextId, hwpt.id, devices, pages, device =>
    REACHES_ATC[iommuOfDevice(x.state, device).spec.vendor] ? pages : null,
  );
}

function pagesFrom(addr: bigint, npages: bigint): InvalidatedPages {
  const firstPage = pageOf(addr);
  const end = BigInt(firstPage) + (npages === 0n ? 1n : npages) - 1n;
  const lastPage = Math.min(Number(end), ALL_PAGES.lastPage);
  return { pasid: null, firstPage, lastPage };
}

/** `atcPages`: what goes to a function; null: nothing does. */
function invalidate(
  x: Execution,
  contextId: number,
  hwptId: number,
  devices: readonly ModelledDevice[],
  pages: InvalidatedPages,
  atcPages: (device: ModelledDevice) => InvalidatedPages | null,
): void {
  const left = devices.filter(device => atcPages(device) === null && device.hardware.atc.size > 0);
  for (const iommuNo of new Set(devices.map(({ hardware }) => hardware.spec.iommuNo))) {
    const atcLeft = left
      .filter(({ hardware }) => hardware.spec.iommuNo === iommuNo)
      .map(({ deviceNo }) => deviceNo);
    const { iotlb } = x.state.iommus.get(iommuNo)!;
    if (iotlb.size === 0 && atcLeft.length === 0) continue;
    x.emit({ type: 'IotlbInvalidated', iommuNo, contextId, hwptId, atcLeft, ...pages });
  }
  for (const device of devices) {
    const wanted = atcPages(device);
    if (wanted !== null) invalidateAtc(x, device, wanted, 'IN_LINE');
  }
}

/**
 * What was mapped in an IOAS is gone: its domains forget the range, and what is nested on them
 * everything, because nobody knows which translations of the guest led there.
 */
export function flushIoas(
  x: Execution,
  context: IommufdContext,
  ioas: Ioas,
  { start, last }: IovaRange,
): void {
  if (x.state.iommus.size === 0) return;
  const { contextId } = context;
  const range = { pasid: null, firstPage: pageOf(start), lastPage: pageOf(last) };
  for (const hwptId of ioas.hwptIds) {
    flush(x, contextId, hwptId, range);
    const hwpt = hwptOf(context, hwptId);
    if (hwpt.type !== 'HWPT_PAGING') continue;
    for (const childId of hwpt.childIds) flush(x, contextId, childId, ALL_PAGES);
  }
}

function flush(x: Execution, contextId: number, hwptId: number, pages: InvalidatedPages): void {
  const devices = devicesOn(x.state, contextId, hwptId);
  restartQueues(x, devices);
  invalidate(x, contextId, hwptId, devices, pages, () => pages);
}

/**
 * A driver that has to flush does not leave it because its queue has stopped: it clears the error and
 * the queue goes on (qi_check_fault, arm_smmu_gerror_handler, riscv_iommu_cmdq_process).
 */
function restartQueues(x: Execution, devices: readonly ModelledDevice[]): void {
  for (const device of devices) {
    const { iommuNo, queueError } = iommuOfDevice(x.state, device);
    if (queueError !== null) x.emit({ type: 'QueueErrorCleared', iommuNo });
  }
}

/**
 * A function leaves a domain: nothing of it stays cached, of the PASID that leaves or of all.
 * Source: intel_pasid_tear_down_entry.
 */
export function flushDeviceDomain(
  x: Execution,
  device: ModelledDevice,
  contextId: number,
  { id: hwptId }: Hwpt,
  pasid: number | null,
): void {
  const pages = pasid === null ? ALL_PAGES : { ...ALL_PAGES, pasid: { pasid } };
  restartQueues(x, [device]);
  invalidate(x, contextId, hwptId, [device], pages, () => pages);
}

/**
 * An invalidation request to a function's ATC. Whether it was sent or is not needed. `ifNone`: what
 * becomes of it where no ITag is free, or the function takes no more.
 */
export function invalidateAtc(
  x: Execution,
  device: ModelledDevice,
  pages: InvalidatedPages,
  ifNone: 'REFUSE' | 'IN_LINE',
): boolean {
  const { pasid, firstPage, lastPage } = pages;
  const { deviceNo, hardware } = device;
  const { ats, atc } = hardware;
  if (ats === null || !ats.enabled || (atc.size === 0 && ats.respondsToInvalidation)) return true;
  if (ats.respondsToInvalidation) {
    x.emit({ type: 'AtcInvalidated', deviceNo, pasid, firstPage, lastPage });
    return true;
  }
  const iommu = iommuOfDevice(x.state, device);
  const itag = freeItag(iommu.invalidations, deviceNo, ats.invalidateQueueDepth);
  if (itag === null) {
    if (ifNone === 'IN_LINE') standInLine(x, device, iommu, pages);
    return ifNone === 'IN_LINE';
  }
  const deadlineTick = x.state.tick + iommu.spec.invalidationTimeoutTicks;
  x.emit({
    type: 'InvalidationRequested',
    deviceNo,
    itag,
    pasid,
    firstPage,
    lastPage,
    deadlineTick,
  });
  return true;
}

/**
 * A driver waits until its flush is done, and the IOMMU sends no more than the function takes: so
 * the request is kept, one for all of a function's that stand in line, and times out as they would.
 */
function standInLine(
  x: Execution,
  { deviceNo }: ModelledDevice,
  { invalidations, spec }: Iommu,
  { pasid, firstPage, lastPage }: InvalidatedPages,
): void {
  const itag = ITAGS_MAX + deviceNo;
  const before = invalidations.get(itag);
  x.emit({
    type: 'InvalidationRequested',
    deviceNo,
    itag,
    pasid,
    firstPage: Math.min(firstPage, before?.firstPage ?? firstPage),
    lastPage: Math.max(lastPage, before?.lastPage ?? lastPage),
    deadlineTick: before?.deadlineTick ?? x.state.tick + spec.invalidationTimeoutTicks,
  });
}

/** null: all ITags are in use, or the function takes no more. */
function freeItag(
  pending: ReadonlyMap<number, { readonly deviceNo: number }>,
  deviceNo: number,
  depth: number,
): number | null {
  const own = [...pending.values()].filter(other => other.deviceNo === deviceNo).length;
  if (own >= depth) return null;
  for (let itag = 0; itag < ITAGS_MAX; itag++) if (!pending.has(itag)) return itag;
  return null;
}
