/** Which attach handle takes a page request. Mirrors drivers/iommu/io-pgfault.c of Linux 7.3.4. */
import { IOMMU_NO_PASID, IOMMU_PGFAULT_FLAGS_PASID_VALID } from '../../abi/uapi.ts';
import { driverOf } from '../hardware/drivers.ts';
import type { PhysicalDevice } from '../hardware/state.ts';
import type { Execution } from '../machine/execution.ts';
import { attachmentOf, contextOf, groupOf, hwptOf } from '../machine/lookup.ts';
import type { PageRequest } from './state.ts';

/** Where a request goes: found once, by its attach handle. */
export interface FaultHandler {
  readonly attachHandleId: number;
  readonly contextId: number;
  readonly faultId: number;
}

/**
 * The handler of a request: the attach handle of its PASID, else, where the PASID table is the
 * guest's, the RID's if a nested hwpt is attached. Source: find_fault_handler.
 */
export function findFaultHandler(
  x: Execution,
  device: PhysicalDevice,
  request: PageRequest,
): FaultHandler | null {
  const group = groupOf(x.state, device.iommuGroupId);
  const hasPasid = (request.flags & IOMMU_PGFAULT_FLAGS_PASID_VALID) !== 0;
  const pasid = hasPasid ? request.pasid : IOMMU_NO_PASID;
  const own = attachmentOf(group, pasid).attachHandleId;
  const attachHandleId = own ?? group.attachHandleId;
  if (attachHandleId === null) return null;
  const { contextId, hwptId } = x.state.attachHandles.get(attachHandleId)!;
  const hwpt = hwptOf(contextOf(x.state, contextId), hwptId);
  const takesPasids = driverOf(device).userPasidTable && hwpt.type === 'HWPT_NESTED';
  if (own === null && !takesPasids) return null;
  const { faultId } = hwpt;
  return faultId === null ? null : { attachHandleId, contextId, faultId };
}
