/** Transactions that stall in an SMMUv3, and what CMD_RESUME does to them (IHI 0070, 4.7). */
import { STALLS_MAX } from '../../../abi/limits.ts';
import { IOMMU_PGFAULT_PERM_READ, IOMMU_PGFAULT_PERM_WRITE } from '../../../abi/uapi.ts';
import { byKey } from '../../collections/by-key.ts';
import { reportDeviceFault } from '../../iommu/iopf.ts';
import type { Execution } from '../../machine/execution.ts';
import { dmaOf, iommuOfDevice, type ModelledDevice } from '../function/lookup.ts';
import type { MissedPage } from '../function/state.ts';
import { pageRequest } from '../pri/request.ts';
import type { Iommu } from '../unit/state.ts';

/**
 * The transaction waits under the lowest free tag, and its event record becomes a fault of one
 * request: `grpid` is the tag, of 16 bits (arm_smmu_handle_evt).
 */
export function stallTransaction(
  x: Execution,
  device: ModelledDevice,
  dmaId: number,
  { page }: MissedPage,
): void {
  const iommu = iommuOfDevice(x.state, device);
  const { iommuNo } = iommu;
  const { deviceNo } = device;
  const stag = freeStag(iommu);
  x.emit({ type: 'TransactionStalled', iommuNo, stag, deviceNo, dmaId });
  const { request } = dmaOf(device, dmaId);
  const addr = ((request.iova >> 12n) + BigInt(page)) << 12n;
  const perm = request.write ? IOMMU_PGFAULT_PERM_WRITE : IOMMU_PGFAULT_PERM_READ;
  reportDeviceFault(x, device, pageRequest(request.pasid, stag, perm, addr, true));
}

/** DMAs a device are bounded far below the tags. */
function freeStag({ stalls }: Iommu): number {
  for (let stag = 0; stag < STALLS_MAX; stag++) if (!stalls.has(stag)) return stag;
  throw new Error('assertion failed: a tag is free');
}

/** The stalled transactions of a function, by tag. */
export function stallsOf({ stalls }: Iommu, { deviceNo }: ModelledDevice) {
  return byKey(stalls).filter(([, stall]) => stall.deviceNo === deviceNo);
}

/** Stalled transactions of a device whose domain is gone: who would resume them? */
export function noteStallsLeft(x: Execution, device: ModelledDevice): void {
  const iommu = iommuOfDevice(x.state, device);
  const left = stallsOf(iommu, device);
  if (left.length === 0) return;
  x.hazard(
    'STALL_NEVER_RESUMED',
    'arm_smmu_disable_iopf',
    `STAG ${left.map(([stag]) => stag).join(', ')} of ${device.bdf}: the domain is gone and nobody has the faults`,
    [device.bdf, `IOMMU ${iommu.iommuNo}`],
    Math.min(...left.map(([, { stalledSeq }]) => stalledSeq)),
  );
}
