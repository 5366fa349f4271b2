/**
 * The page-fault core: page requests become iopf groups, groups become responses.
 * Mirrors drivers/iommu/io-pgfault.c of Linux 6.12.117.
 */
import type { Errno } from '../abi/errno.ts';
import { IOPF_GROUPS_QUEUED_MAX, PARTIAL_REQUESTS_PER_DEVICE_MAX } from '../abi/limits.ts';
import {
  IOMMU_PAGE_RESP_FAILURE,
  IOMMU_PGFAULT_FLAGS_LAST_PAGE,
  IOMMU_PGFAULT_FLAGS_PASID_VALID,
  IOMMUFD_PAGE_RESP_INVALID,
} from '../abi/uapi.ts';
import type { Execution } from './execution.ts';
import { driverOf } from './hardware/iommu-driver.ts';
import { contextOf, faultQueueOf, groupOf, hwptOf } from './lookup.ts';
import type { AttachHandle, IopfGroup, PageRequest, PhysicalDevice } from './state.ts';

/** What became of one request: the core's answer to the reporting driver, and the group it queued. */
export interface Report {
  readonly errno: Errno;
  readonly iopfGroupId: number | null;
}

/**
 * One page request arrives. Source: iommu_report_device_fault. Errors: EINVAL if nobody handles
 * it (the device is answered INVALID at once), ENOMEM if too many partial requests wait.
 */
export function reportDeviceFault(
  x: Execution,
  device: PhysicalDevice,
  request: PageRequest,
): Report {
  let iopfGroupId: number | null = null;
  const errno = x.call('iommu_report_device_fault', () => {
    const { deviceNo } = device;
    x.emit({ type: 'PageRequestReported', deviceNo, request });
    const found = findFaultHandler(x, device, request);
    if (found === null || !device.iopfFeature) {
      if (found !== null) {
        x.hazard(
          'WARNING',
          'iommu_report_device_fault',
          'the faulting device has no fault parameters: IOPF was enabled on another member only',
        );
      }
      respond(x, device, request, null, IOMMUFD_PAGE_RESP_INVALID);
      return 'EINVAL';
    }
    if ((request.flags & IOMMU_PGFAULT_FLAGS_LAST_PAGE) === 0) {
      if (device.partial.length >= PARTIAL_REQUESTS_PER_DEVICE_MAX) return 'ENOMEM';
      x.emit({ type: 'PageRequestCollected', deviceNo, request });
      return 0;
    }
    iopfGroupId = queueGroup(x, device, request, found);
    return 0;
  });
  return { errno, iopfGroupId };
}

interface FaultHandler {
  readonly handle: AttachHandle;
  readonly faultId: number;
}

/**
 * The handler of a request: the attach handle of its PASID, else, where the PASID table is the
 * guest's, the RID's if a nested hwpt is attached. Source: find_fault_handler.
 */
function findFaultHandler(
  x: Execution,
  device: PhysicalDevice,
  request: PageRequest,
): FaultHandler | null {
  const { attachHandleId } = groupOf(x.state, device.iommuGroupId);
  const handle = attachHandleId === null ? null : x.state.attachHandles.get(attachHandleId)!;
  if (handle === null) return null;
  const hwpt = hwptOf(contextOf(x.state, handle.contextId), handle.hwptId);
  const hasPasid = (request.flags & IOMMU_PGFAULT_FLAGS_PASID_VALID) !== 0;
  if (hasPasid && !(driverOf(device).userPasidTable && hwpt.type === 'HWPT_NESTED')) return null;
  return hwpt.faultId === null ? null : { handle, faultId: hwpt.faultId };
}

/**
 * The last request came: the collected ones of its group go before it, in order of arrival, and
 * the group is queued. Sources: iopf_group_alloc, iommufd_fault_iopf_handler.
 */
function queueGroup(
  x: Execution,
  device: PhysicalDevice,
  last: PageRequest,
  { handle, faultId }: FaultHandler,
): number | null {
  const { contextId } = handle;
  const { deviceNo } = device;
  const partial = device.partial.filter(request => request.grpid === last.grpid);
  const faultQueue = faultQueueOf(contextOf(x.state, contextId), faultId);
  if (faultQueue.deliver.length >= IOPF_GROUPS_QUEUED_MAX) {
    x.emit({ type: 'PartialRequestsDropped', deviceNo, grpid: last.grpid });
    respond(x, device, last, null, IOMMU_PAGE_RESP_FAILURE);
    return null;
  }
  const iopfGroupId = x.state.nextIopfGroupId;
  x.call('iommufd_fault_iopf_handler', () => {
    x.emit({
      type: 'IopfGroupQueued',
      contextId,
      faultId,
      iopfGroupId,
      attachHandleId: handle.attachHandleId,
      deviceNo,
      deviceId: handle.deviceId,
      requests: [...partial, last],
    });
    return 0;
  });
  return iopfGroupId;
}

/** A group that left its fault queue is answered at its device. Source: iopf_group_response. */
export function iopfGroupResponse(x: Execution, group: IopfGroup, code: number): void {
  x.call('iopf_group_response', () => {
    const device = x.state.physicalDevices.get(group.deviceNo);
    if (device === undefined) {
      x.hazard('USE_AFTER_FREE', 'iopf_group_response', 'the device that faulted is gone');
      return 0;
    }
    respond(x, device, group.requests.at(-1)!, group.iopfGroupId, code);
    return 0;
  });
}

/** The driver's page_response. */
function respond(
  x: Execution,
  device: PhysicalDevice,
  request: PageRequest,
  iopfGroupId: number | null,
  code: number,
): void {
  const { deviceNo } = device;
  const { pasid, grpid } = request;
  x.emit({ type: 'PageResponseSent', deviceNo, iopfGroupId, pasid, grpid, code });
}
