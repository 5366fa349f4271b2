/**
 * The page-fault core: page requests become iopf groups, groups become responses.
 * Mirrors drivers/iommu/io-pgfault.c of Linux 6.12.117.
 */
import type { Errno } from '../../abi/errno.ts';
import { IOPF_GROUPS_QUEUED_MAX, PARTIAL_REQUESTS_PER_DEVICE_MAX } from '../../abi/limits.ts';
import {
  IOMMU_FAULT_PAGE_RESPONSE_NEEDS_PASID,
  IOMMU_PAGE_RESP_FAILURE,
  IOMMU_PGFAULT_FLAGS_LAST_PAGE,
  IOMMUFD_PAGE_RESP_INVALID,
} from '../../abi/uapi.ts';
import {
  iommuOfDevice,
  isModelled,
  type ModelledDevice,
  priOf,
} from '../hardware/function/lookup.ts';
import type { PhysicalDevice } from '../hardware/state.ts';
import { pcieCode, wireCode } from '../hardware/vendors/formats.ts';
import type { Execution } from '../machine/execution.ts';
import { deviceName, iopfEnabledSeq } from '../machine/lookup.ts';
import { type FaultHandler, findFaultHandler } from './fault-handler.ts';
import type {
  InFlightRequest,
  IopfGroup,
  PageRequest,
  PartialRequest,
  PlantedSeqs,
} from './state.ts';

/** What became of one request: the core's answer to the reporting driver, and what it made. */
export interface Report {
  readonly errno: Errno;
  readonly iopfGroupId: number | null;
  /** The request is held between look-up and queue. */
  readonly inFlightId: number | null;
}

/**
 * One page request arrives. Source: iommu_report_device_fault. Errors: EINVAL if nobody handles
 * it (the device is answered INVALID at once), ENOMEM if too many partial requests wait.
 */
export function reportDeviceFault(
  x: Execution,
  device: PhysicalDevice,
  request: PageRequest,
  hold = false,
): Report {
  let iopfGroupId: number | null = null;
  let inFlightId: number | null = null;
  const errno = x.call('iommu_report_device_fault', () => {
    const { deviceNo } = device;
    x.emit({ type: 'PageRequestReported', deviceNo, request });
    const found = findFaultHandler(x, device, request);
    if (found === null || !device.iopfFeature) {
      if (found !== null) noteNeverEnabled(x, device);
      answerUnhandled(x, device, request);
      return 'EINVAL';
    }
    if (hold) {
      inFlightId = x.state.nextInFlightId;
      x.emit({ type: 'PageRequestInFlight', inFlightId, deviceNo, request, ...found });
      return 0;
    }
    const landed = land(x, device, request, found);
    iopfGroupId = landed.iopfGroupId;
    return landed.errno;
  });
  return { errno, iopfGroupId, inFlightId };
}

function noteNeverEnabled(x: Execution, device: PhysicalDevice): void {
  x.hazard(
    'IOPF_ON_ONE_MEMBER',
    'iommu_report_device_fault',
    'the faulting device has no fault parameters: IOPF was enabled on another member only',
    [deviceName(device)],
    iopfEnabledSeq(x.state, device.iommuGroupId),
  );
}

function answerUnhandled(x: Execution, device: PhysicalDevice, request: PageRequest): void {
  respond(x, device, request, null, IOMMUFD_PAGE_RESP_INVALID);
  if (isLast(request)) return;
  x.hazard(
    'NON_LAST_ANSWERED',
    'iommu_report_device_fault',
    `the request with index ${request.grpid} is not the last of its group and was answered INVALID`,
    [deviceName(device)],
  );
}

function isLast({ flags }: PageRequest): boolean {
  return (flags & IOMMU_PGFAULT_FLAGS_LAST_PAGE) !== 0;
}

/**
 * A request that found its handler is collected, or completes its group. `held`: it was in flight
 * meanwhile. Errors: ENOMEM, it is not the last and is lost (report_partial_fault).
 */
export function land(
  x: Execution,
  device: PhysicalDevice,
  request: PageRequest,
  found: FaultHandler,
  held: InFlightRequest | null = null,
): { errno: Errno; iopfGroupId: number | null } {
  if (isLast(request)) {
    return { errno: 0, iopfGroupId: queueGroup(x, device, request, found, held) };
  }
  if (!x.allocates('kzalloc iopf_fault')) return { errno: 'ENOMEM', iopfGroupId: null };
  if (device.partial.length >= PARTIAL_REQUESTS_PER_DEVICE_MAX) {
    noteUnbounded(x, 'report_partial_fault', `${device.partial.length} partial requests wait`, [
      deviceName(device),
    ]);
    return { errno: 'ENOMEM', iopfGroupId: null };
  }
  const leftSeq = held?.leftIopfQueueSeq ?? null;
  if (leftSeq !== null) {
    notePartialsDropped(x, device, 'iommu_report_device_fault', 1, leftSeq);
    return { errno: 0, iopfGroupId: null };
  }
  const { attachHandleId } = found;
  x.emit({ type: 'PageRequestCollected', deviceNo: device.deviceNo, attachHandleId, request });
  return { errno: 0, iopfGroupId: null };
}

/** Collected requests go with what held them; the device gets no answer to them. */
export function notePartialsDropped(
  x: Execution,
  device: PhysicalDevice,
  kernelFunction: string,
  count: number,
  plantedSeq: number | null,
): void {
  x.hazard(
    'PARTIALS_DROPPED',
    kernelFunction,
    `${count} collected requests vanished without an answer`,
    [deviceName(device)],
    plantedSeq,
  );
}

/**
 * The last request came: the collected ones of its group go before it, in order of arrival, and
 * the group is queued. Sources: iopf_group_alloc, iommufd_fault_iopf_handler.
 */
function queueGroup(
  x: Execution,
  device: PhysicalDevice,
  last: PageRequest,
  { attachHandleId, contextId, faultId }: FaultHandler,
  held: InFlightRequest | null,
): number | null {
  const { deviceNo } = device;
  const left = held !== null && held.leftIopfQueueSeq !== null;
  const partial = left ? [] : device.partial.filter(request => request.grpid === last.grpid);
  const object = x.state.contexts.get(contextId)?.objects.get(faultId);
  const faultQueue = object?.type === 'FAULT' && !held?.queueGone ? object : null;
  const handle = x.state.attachHandles.get(attachHandleId);
  const allocated = x.allocates('kzalloc iopf_group');
  if (!allocated || faultQueue === null || faultQueue.deliver.length >= IOPF_GROUPS_QUEUED_MAX) {
    if (faultQueue === null) noteStaleGroup(x, `fault queue ${faultId}`, attachHandleId, held);
    else if (allocated) {
      noteUnbounded(
        x,
        'iommufd_fault_iopf_handler',
        `${faultQueue.deliver.length} iopf groups wait to be read`,
        [`fault queue ${faultId}`],
      );
    }
    if (partial.length > 0) {
      x.emit({ type: 'PartialRequestsDropped', deviceNo, grpid: last.grpid });
    }
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
      attachHandleId,
      deviceNo,
      // A freed handle still holds the id it had, until the memory is used again.
      deviceId: handle?.deviceId ?? device.binding?.deviceId ?? 0,
      requests: [...partial.map(withoutHandle), last],
    });
    return 0;
  });
  if (handle === undefined) {
    noteStaleGroup(x, `iopf group ${iopfGroupId}`, attachHandleId, held);
  }
  if (!faultQueue.fileOpen) {
    const { fileClosedSeq } = faultQueue;
    noteFaultFileClosed(x, 'iommufd_fault_iopf_handler', faultId, [iopfGroupId], fileClosedSeq);
  }
  const mixed = partial.find(
    request => request.attachHandleId !== attachHandleId || request.pasid !== last.pasid,
  );
  const cut = partial[0] !== undefined && isCut(x, device, last.grpid) ? partial[0] : undefined;
  if (mixed === undefined && cut !== undefined) {
    x.hazard(
      'PARTIALS_MIXED',
      'iopf_group_alloc',
      `requests with index ${last.grpid} are the head of a group that the IOMMU has answered`,
      [`iopf group ${iopfGroupId}`],
      cut.collectedSeq,
    );
  }
  if (mixed !== undefined) {
    x.hazard(
      'PARTIALS_MIXED',
      'iopf_group_alloc',
      `requests with index ${last.grpid} were collected for another attachment or PASID`,
      [`iopf group ${iopfGroupId}`],
      mixed.collectedSeq,
    );
  }
  return iopfGroupId;
}

/** Whether the IOMMU cut a group of this index from its end, by answering that itself. */
function isCut(x: Execution, device: PhysicalDevice, grpid: number): boolean {
  return isModelled(device) && (priOf(x.state, device)?.truncated.has(grpid) ?? false);
}

/** Groups wait in a fault queue whose file is closed: none can be opened for it again. */
export function noteFaultFileClosed(
  x: Execution,
  kernelFunction: string,
  faultId: number,
  iopfGroupIds: readonly number[],
  plantedSeq: number | null,
): void {
  x.hazard(
    'FAULT_FILE_CLOSED',
    kernelFunction,
    `fault queue ${faultId}: nobody can answer until detach or replace`,
    iopfGroupIds.map(id => `iopf group ${id}`),
    plantedSeq,
  );
}

/** The kernel goes on where Faultline has a bound. */
function noteUnbounded(
  x: Execution,
  kernelFunction: string,
  detail: string,
  objects: readonly string[],
): void {
  x.hazard('FAULT_MEMORY_UNBOUNDED', kernelFunction, `${detail}, and one more`, objects);
}

function withoutHandle({ flags, pasid, grpid, perm, addr }: PartialRequest): PageRequest {
  return { flags, pasid, grpid, perm, addr };
}

function noteStaleGroup(
  x: Execution,
  object: string,
  attachHandleId: number,
  held: InFlightRequest | null,
): void {
  x.hazard(
    'STALE_GROUP_QUEUED',
    'iommufd_fault_iopf_handler',
    `attach handle ${attachHandleId} was freed between look-up and queue`,
    [object, `attach handle ${attachHandleId}`],
    held?.handleFreedSeq ?? null,
  );
}

/** A group that left its fault queue is answered at its device. Source: iopf_group_response. */
export function iopfGroupResponse(
  x: Execution,
  group: IopfGroup,
  code: number,
  planted: PlantedSeqs | null,
): void {
  x.call('iopf_group_response', () => {
    const name = `iopf group ${group.iopfGroupId}`;
    if (group.freed) {
      x.hazard(
        'GROUP_OWNED_TWICE',
        'iopf_group_response',
        'the group itself was freed',
        [name],
        planted?.group ?? null,
      );
      return 0;
    }
    if (group.responded) return 0;
    const device = x.state.physicalDevices.get(group.deviceNo);
    if (device === undefined) {
      x.hazard(
        'RESPONSE_TO_GONE_DEVICE',
        'iopf_group_response',
        'the device that faulted is gone',
        [name, `physical device ${group.deviceNo}`],
        planted?.device ?? null,
      );
      return 0;
    }
    respond(x, device, group.requests.at(-1)!, group.iopfGroupId, code, group);
    return 0;
  });
}

/** The driver's page_response. */
export function respond(
  x: Execution,
  device: PhysicalDevice,
  request: PageRequest,
  iopfGroupId: number | null,
  code: number,
  group: IopfGroup | null = null,
): void {
  const { deviceNo } = device;
  const { pasid, grpid } = request;
  const modelled = isModelled(device) ? device : null;
  const sent = modelled === null ? code : codeAtDevice(x, modelled, code);
  if (device.kind === 'PCI' && sent === IOMMU_PAGE_RESP_FAILURE) {
    x.hazard(
      'FAILURE_CODE_RESERVED',
      'intel_iommu_page_response',
      `the request with index ${grpid} is answered with the kernel’s own number for FAILURE`,
      [deviceName(device)],
    );
  }
  const answered = group === null ? null : writtenAnswer(x, group);
  const needsPasid = (request.flags & IOMMU_FAULT_PAGE_RESPONSE_NEEDS_PASID) !== 0;
  const carries = modelled !== null && needsPasid ? { withPasid: true as const } : {};
  x.emit({ type: 'PageResponseSent', deviceNo, iopfGroupId, pasid, grpid, code, ...carries });
  if (modelled === null) return;
  const answeredSeq = answered ?? x.state.seq;
  const iopfGroup = answered === null ? null : group;
  x.responses.push({ deviceNo, grpid, code: sent, iopfGroup, answeredSeq });
}

/** The code as it reaches the device: PCIe's, or of a stalled transaction the core's own. */
function codeAtDevice(x: Execution, device: ModelledDevice, code: number): number {
  if (device.hardware.spec.stall) return code;
  const { vendor, driver } = iommuOfDevice(x.state, device).spec;
  return pcieCode(vendor, wireCode(vendor, driver, code));
}

/** seq of the event by which software answered a group just now; null: the kernel did. */
function writtenAnswer(x: Execution, { iopfGroupId }: IopfGroup): number | null {
  const place = x.events.findLastIndex(
    event =>
      (event.type === 'PageResponseWritten' || event.type === 'IopfGroupAutoResponded') &&
      event.iopfGroupId === iopfGroupId,
  );
  if (x.events[place]?.type !== 'PageResponseWritten') return null;
  return x.state.seq - (x.events.length - 1 - place);
}

/** A virtual function whose emulated PRI failed: nothing is delivered, the request is invalid. */
export function answerVpriFailed(x: Execution, device: PhysicalDevice, request: PageRequest): void {
  if (isLast(request)) respond(x, device, request, null, IOMMUFD_PAGE_RESP_INVALID);
}
