/**
 * Fault queues and their files; the IOPF feature; automatic responses.
 * Mirrors drivers/iommu/iommufd/fault.c of Linux 6.12.117.
 */
import type { Errno } from '../abi/errno.ts';
import {
  IOMMUFD_PAGE_RESP_INVALID,
  IOMMUFD_PAGE_RESP_SUCCESS,
  MAX_RW_COUNT,
  PAGE_RESPONSE_SIZE,
  PGFAULT_SIZE,
} from '../abi/uapi.ts';
import type { CommandOf } from './command.ts';
import { type Execution, Refusal } from './execution.ts';
import { driverOf } from './hardware/iommu-driver.ts';
import { iopfGroupResponse } from './iopf.ts';
import { deviceOf, iopfGroupOf, physicalDeviceOf } from './lookup.ts';
import { objectAlloc } from './object.ts';
import type { PgfaultMessage } from './reply.ts';
import type { AttachHandle, Device, FaultQueue, IommufdContext, IopfGroup } from './state.ts';

/** Source: iommufd_fault_alloc. Errors: EOPNOTSUPP for any flag, ENOMEM. */
export function executeFaultQueueAlloc(
  x: Execution,
  context: IommufdContext,
  command: CommandOf<'FaultQueueAlloc'>,
): number | Refusal {
  return x.call('iommufd_fault_alloc', () => {
    if (command.flags !== 0) return new Refusal('EOPNOTSUPP');
    const rc = objectAlloc(x, context);
    if (rc !== 0) return new Refusal(rc);
    const faultId = context.ids.peek();
    x.emit({ type: 'FaultQueueAllocated', contextId: context.contextId, faultId });
    return faultId;
  });
}

/**
 * Reads whole groups, never part of one; each gets the lowest free cookie. `count` in bytes.
 * Source: iommufd_fault_fops_read. Errors: ESPIPE if `count` is not a multiple of 40, EINVAL if
 * not even the first group fits. An empty queue is 0 bytes.
 */
export function executeFaultRead(
  x: Execution,
  context: IommufdContext,
  faultQueue: FaultQueue,
  command: CommandOf<'FaultRead'>,
): { bytes: number; faults: PgfaultMessage[] } | Refusal {
  const faults: PgfaultMessage[] = [];
  const rc = x.call('iommufd_fault_fops_read', () => {
    const count = Math.min(command.count, MAX_RW_COUNT);
    if (count % PGFAULT_SIZE !== 0) return new Refusal('ESPIPE');
    for (;;) {
      const iopfGroupId = faultQueue.deliver.first();
      if (iopfGroupId === null) break;
      const group = iopfGroupOf(x.state, iopfGroupId);
      if ((faults.length + group.requests.length) * PGFAULT_SIZE > count) {
        if (faults.length === 0) return new Refusal('EINVAL');
        break;
      }
      checkHandleDevice(x, context, group);
      const cookie = faultQueue.cookies.peek();
      x.emit({
        type: 'IopfGroupRead',
        contextId: context.contextId,
        faultId: faultQueue.id,
        iopfGroupId,
        cookie,
        reader: command.reader,
      });
      for (const request of group.requests) {
        faults.push({ ...request, devId: group.deviceId, length: 0, cookie });
      }
    }
    return faults.length * PGFAULT_SIZE;
  });
  return rc instanceof Refusal ? rc : { bytes: faults.length * PGFAULT_SIZE, faults };
}

/** The read takes dev_id from the device in the group's attach handle, which may be gone by now. */
function checkHandleDevice(x: Execution, context: IommufdContext, group: IopfGroup): void {
  const handle = x.state.attachHandles.get(group.attachHandleId);
  const device = context.objects.get(group.deviceId);
  if (device?.type === 'DEVICE' && device.bindNo === handle?.bindNo) return;
  x.hazard(
    'USE_AFTER_FREE',
    'iommufd_fault_fops_read',
    `attach handle ${group.attachHandleId} names a device that is gone`,
  );
}

/**
 * Answers groups by cookie until the first error. The code is checked before the cookie. `count`
 * in bytes. Source: iommufd_fault_fops_write. Errors, if nothing was answered before: ESPIPE if
 * `count` is not a multiple of 8, EINVAL for a code other than 0 and 1 or an unknown cookie,
 * EFAULT if there are fewer responses than `count` says.
 */
export function executeFaultWrite(
  x: Execution,
  context: IommufdContext,
  faultQueue: FaultQueue,
  command: CommandOf<'FaultWrite'>,
): number | Refusal {
  return x.call('iommufd_fault_fops_write', () => {
    const count = Math.min(command.count, MAX_RW_COUNT);
    if (count % PAGE_RESPONSE_SIZE !== 0) return new Refusal('ESPIPE');
    let done = 0;
    while (done < count) {
      const rc = writeResponse(x, context, faultQueue, command, done / PAGE_RESPONSE_SIZE);
      if (rc !== 0) return done === 0 ? new Refusal(rc) : done;
      done += PAGE_RESPONSE_SIZE;
    }
    return done;
  });
}

function writeResponse(
  x: Execution,
  context: IommufdContext,
  faultQueue: FaultQueue,
  command: CommandOf<'FaultWrite'>,
  index: number,
): Errno {
  const response = command.responses[index];
  if (response === undefined) return 'EFAULT';
  const { cookie, code } = response;
  if (code !== IOMMUFD_PAGE_RESP_SUCCESS && code !== IOMMUFD_PAGE_RESP_INVALID) return 'EINVAL';
  const iopfGroupId = faultQueue.awaitingResponse.get(cookie);
  if (iopfGroupId === undefined) return 'EINVAL';
  const group = iopfGroupOf(x.state, iopfGroupId);
  x.emit({
    type: 'PageResponseWritten',
    contextId: context.contextId,
    faultId: faultQueue.id,
    iopfGroupId,
    cookie,
    code,
  });
  iopfGroupResponse(x, group, code);
  return 0;
}

/** Source: iommufd_fault_iopf_enable. Errors: EINVAL for a virtual function, the driver's. */
export function faultIopfEnable(x: Execution, context: IommufdContext, device: Device): Errno {
  return x.call('iommufd_fault_iopf_enable', () => {
    const { contextId } = context;
    const physical = physicalDeviceOf(x.state, device.deviceNo);
    if (physical.virtfn) return 'EINVAL';
    if (device.iopfEnabled === 0) {
      const driver = driverOf(physical);
      const rc = x.call(driver.functions.enableIopf, () => {
        const refused = driver.enableIopf(physical);
        if (refused !== 0) return refused;
        return physical.iopfFeature ? 'EBUSY' : 0;
      });
      if (rc !== 0) return rc;
      x.emit({ type: 'IopfFeatureEnabled', deviceNo: device.deviceNo });
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
        'WARNING',
        'iommufd_fault_iopf_disable',
        `IOPF was not enabled on device ${device.id}; the device that enabled it keeps it on`,
      );
      return 0;
    }
    x.emit({ type: 'IopfDisabled', contextId: context.contextId, deviceId: device.id });
    const { iopfEnabled } = deviceOf(context, device.id);
    if (iopfEnabled > 0) return 0;
    x.emit({
      type: 'IopfFeatureDisabled',
      deviceNo: device.deviceNo,
      droppedPartialRequests: physicalDeviceOf(x.state, device.deviceNo).partial.length,
    });
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
  x.emit({
    type: 'IopfGroupAutoResponded',
    contextId: context.contextId,
    faultId: faultQueue.id,
    iopfGroupId: group.iopfGroupId,
    cookie: group.cookie,
  });
  iopfGroupResponse(x, group, IOMMUFD_PAGE_RESP_INVALID);
}

/** Answers INVALID for what is left. Source: iommufd_fault_destroy. */
export function destroyFaultQueue(
  x: Execution,
  context: IommufdContext,
  faultQueue: FaultQueue,
): void {
  x.call('iommufd_fault_destroy', () => {
    const queued = [...faultQueue.deliver].map(id => iopfGroupOf(x.state, id));
    for (const group of [...queued, ...awaitingGroups(x, faultQueue)]) {
      autoRespond(x, context, faultQueue, group);
    }
    return 0;
  });
}
