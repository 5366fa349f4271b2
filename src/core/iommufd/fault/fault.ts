/**
 * The IOPF feature, automatic responses, the end of a fault queue. Alloc, poll and close are in
 * operations.ts, read and write in fault-file.ts.
 * Mirrors drivers/iommu/iommufd/fault.c of Linux 6.12.117.
 */
import type { Errno } from '../../../abi/errno.ts';
import { IOMMUFD_PAGE_RESP_INVALID } from '../../../abi/uapi.ts';
import type { PhysicalDevice } from '../../hardware/state.ts';
import { iopfGroupResponse } from '../../iommu/iopf.ts';
import { iopfQueueAdd, iopfQueueRemove } from '../../iommu/iopf-queue.ts';
import type { AttachHandle, IopfGroup } from '../../iommu/state.ts';
import type { Execution } from '../../machine/execution.ts';
import { deviceOf, iopfEnabledSeq, iopfGroupOf, physicalDeviceOf } from '../../machine/lookup.ts';
import type { Device, FaultQueue, IommufdContext } from '../state.ts';

/**
 * Whether this kernel refuses a fault-capable hwpt to the device because it is virtual. With PRI
 * means that the physical function has it, whose interface they share (pci_pri_supported).
 */
export function virtfnRefused(x: Execution, physical: PhysicalDevice): boolean {
  if (!physical.virtfn) return false;
  if (physical.kind === 'MOCK' || x.behaviour.virtfnRefused === 'ANY_AT_ENABLE') {
    return !hasEmulatedPri(x, physical);
  }
  const physfn = x.state.physicalDevices.get(x.state.bdfs.get(physical.physfn ?? '') ?? 0);
  const pri = physical.pri || (physfn?.kind === 'PCI' && physfn.pri);
  return pri && !hasEmulatedPri(x, physical);
}

/** A virtual PCI function with a PRI of its own, which iommufd emulates. */
export function hasEmulatedPri(x: Execution, physical: PhysicalDevice | undefined): boolean {
  if (physical?.kind !== 'PCI' || !physical.virtfn) return false;
  return x.state.policies.virtualFunctions === 'EMULATED_PRI';
}

/** Source: iommufd_fault_iopf_enable. Errors: EINVAL for a virtual function, the driver's. */
export function faultIopfEnable(x: Execution, context: IommufdContext, device: Device): Errno {
  return x.call('iommufd_fault_iopf_enable', () => {
    const { contextId } = context;
    const physical = physicalDeviceOf(x.state, device.deviceNo);
    if (virtfnRefused(x, physical)) {
      return x.refuse('EINVAL', 'VIRTUAL_FUNCTION', { devId: device.id });
    }
    if (device.iopfEnabled === 0) {
      const rc = iopfQueueAdd(x, physical);
      if (rc !== 0) return rc;
    }
    x.emit({ type: 'IopfEnabled', contextId, deviceId: device.id });
    return 0;
  });
}

/** Source: iommufd_fault_iopf_disable. Warns if this device's count is zero. */
export function faultIopfDisable(x: Execution, context: IommufdContext, device: Device): void {
  x.call('iommufd_fault_iopf_disable', () => {
    if (device.iopfEnabled === 0) {
      x.hazard(
        'IOPF_DISABLE_UNBALANCED',
        'iommufd_fault_iopf_disable',
        `IOPF was not enabled on device ${device.id}; the device that enabled it keeps it on`,
        [`device ${device.id}`],
        iopfEnabledSeq(x.state, device.iommuGroupId),
      );
      return 0;
    }
    x.emit({ type: 'IopfDisabled', contextId: context.contextId, deviceId: device.id });
    const { iopfEnabled } = deviceOf(context, device.id);
    if (iopfEnabled > 0) return 0;
    iopfQueueRemove(x, physicalDeviceOf(x.state, device.deviceNo));
    return 0;
  });
}

/**
 * Answers INVALID for every group of one attach handle: those queued, the newest first (the kernel
 * moves each to the head of its private list), then those read, by ascending cookie.
 * Source: iommufd_auto_response_faults.
 */
export function autoResponseFaults(
  x: Execution,
  context: IommufdContext,
  faultId: number,
  handle: AttachHandle,
): void {
  x.call('iommufd_auto_response_faults', () => {
    const faultQueue = context.objects.get(faultId) as FaultQueue;
    const mine = (group: IopfGroup) => group.attachHandleId === handle.attachHandleId;
    const queued = [...faultQueue.deliver].map(id => iopfGroupOf(x.state, id)).filter(mine);
    for (const group of queued.reverse()) autoRespond(x, context, faultQueue, group);
    for (const group of awaitingGroups(x, faultQueue).filter(mine)) {
      autoRespond(x, context, faultQueue, group);
    }
    return 0;
  });
}

/** Groups read and not answered, by ascending cookie. */
function awaitingGroups(x: Execution, faultQueue: FaultQueue): IopfGroup[] {
  return [...faultQueue.awaitingResponse]
    .sort(([a], [b]) => a - b)
    .map(([, iopfGroupId]) => iopfGroupOf(x.state, iopfGroupId));
}

function autoRespond(
  x: Execution,
  context: IommufdContext,
  faultQueue: FaultQueue,
  group: IopfGroup,
): void {
  const planted = x.state.iopfGroupsPlanted.get(group.iopfGroupId) ?? null;
  x.emit({
    type: 'IopfGroupAutoResponded',
    contextId: context.contextId,
    faultId: faultQueue.id,
    iopfGroupId: group.iopfGroupId,
    cookie: group.cookie,
  });
  iopfGroupResponse(x, group, IOMMUFD_PAGE_RESP_INVALID, planted);
}

/** The kernel of a baseline forgets groups that were read (before 6.14 and 6.12.14). */
function forgetDelivered(x: Execution, context: IommufdContext, faultQueue: FaultQueue): void {
  const { contextId } = context;
  for (const { iopfGroupId, readSeq } of awaitingGroups(x, faultQueue)) {
    x.emit({ type: 'IopfGroupLost', contextId, faultId: faultQueue.id, iopfGroupId });
    x.hazard(
      'DESTROY_LOST_GROUP',
      'iommufd_fault_destroy',
      'the fault queue is gone and its device waits for an answer',
      [`iopf group ${iopfGroupId}`],
      readSeq,
    );
  }
}

/** Answers INVALID for what is left. Source: iommufd_fault_destroy. */
export function destroyFaultQueue(
  x: Execution,
  context: IommufdContext,
  faultQueue: FaultQueue,
): void {
  x.call('iommufd_fault_destroy', () => {
    const queued = [...faultQueue.deliver].map(id => iopfGroupOf(x.state, id));
    for (const group of queued) autoRespond(x, context, faultQueue, group);
    if (!x.behaviour.destroyAnswersDelivered) forgetDelivered(x, context, faultQueue);
    for (const group of awaitingGroups(x, faultQueue)) {
      autoRespond(x, context, faultQueue, group);
    }
    return 0;
  });
}
