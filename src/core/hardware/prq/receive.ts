/** A page request reaches its IOMMU: queued, or lost and perhaps answered by the IOMMU itself. */
import type { PageRequest } from '../../iommu/state.ts';
import type { Execution } from '../../machine/execution.ts';
import { groupOf } from '../../machine/lookup.ts';
import { iommuOfDevice, type ModelledDevice } from '../function/lookup.ts';
import { pasidOf } from '../pri/request.ts';
import type { Iommu } from '../unit/state.ts';
import { automaticAnswer, type LostBecause } from '../vendors/automatic-answer.ts';
import type { IommuVendor } from '../vendors/names.ts';
import type { QueuedPageRequest } from '../vendors/page-request.ts';
import { isFull, slotOf } from '../vendors/request-queue.ts';
import { type NamedFault, NO_CONTEXT } from '../vendors/table-fault.ts';
import { queuedRecords } from './events.ts';

/** A request in the terms of the vendors' records. */
export function queuedForm(device: ModelledDevice, request: PageRequest): QueuedPageRequest {
  const { perm, grpid, addr } = request;
  return {
    requesterId: requesterIdOf(device.bdf),
    pasid: pasidOf(request),
    read: (perm & 1) !== 0,
    write: (perm & 2) !== 0,
    execute: (perm & 4) !== 0,
    privileged: (perm & 8) !== 0,
    last: (request.flags & 2) !== 0,
    prgIndex: grpid & 0x1ff,
    address: addr,
  };
}

/** Bus, device and function as 16 bits. */
export function requesterIdOf(bdf: string): number {
  const [, bus = '0', device = '0', fn = '0'] = /:(\w+):(\w+)\.(\w)$/.exec(bdf) ?? [];
  return (
    (Number.parseInt(bus, 16) << 8) | (Number.parseInt(device, 16) << 3) | Number.parseInt(fn, 16)
  );
}

/** Whether it stands in the queue now. */
export function receivePageRequest(
  x: Execution,
  device: ModelledDevice,
  request: PageRequest,
): boolean {
  const iommu = iommuOfDevice(x.state, device);
  const { iommuNo, spec, pageRequestQueue: queue } = iommu;
  const why = lostBecause(x, iommu, device);
  if (why !== null) {
    lose(x, iommu, device, request, why);
    return false;
  }
  const index = slotOf(queue.tail, spec.prqEntries);
  x.emit({ type: 'PageRequestQueued', iommuNo, deviceNo: device.deviceNo, index, request });
  return true;
}

function lostBecause(x: Execution, iommu: Iommu, device: ModelledDevice): LostBecause | null {
  const { iommuNo, spec, pageRequestQueue: queue } = iommu;
  if (spec.vendor === 'RISCV' && hasNoContext(x, device)) return 'NO_CONTEXT';
  // SMMUv3 queues requests of any stream (IHI 0070, 8.2).
  if (!device.iopfFeature && spec.vendor !== 'SMMUV3') return 'NOT_ALLOWED';
  if (!queue.enabled) return 'QUEUE_OFF';
  if (spec.prqBroken) return 'QUEUE_BROKEN';
  if (queue.overflow) return 'OVERFLOW';
  const { head, tail } = queue;
  if (!isFull(spec.vendor, { entries: spec.prqEntries, head, tail })) return null;
  x.emit({ type: 'PrqOverflowed', iommuNo });
  noteOverflow(x, iommu);
  return 'OVERFLOW';
}

/** A blocked function has no valid device context (riscv_iommu_attach_blocking_domain). */
function hasNoContext({ state }: Execution, { iommuGroupId }: ModelledDevice): boolean {
  const { domain, pasids } = groupOf(state, iommuGroupId);
  return domain.kind === 'BLOCKING' && pasids.size === 0;
}

/** What is in the queue may belong to groups whose end will not come. */
function noteOverflow(x: Execution, iommu: Iommu): void {
  const records = queuedRecords(iommu);
  const open = new Map<string, string>();
  for (const { deviceNo, request } of records) {
    const name = `physical device ${deviceNo}, group index ${request.grpid}`;
    if ((request.flags & 2) === 0) open.set(`${deviceNo}/${request.grpid}`, name);
    else open.delete(`${deviceNo}/${request.grpid}`);
  }
  const cut = [...open.values()];
  x.hazard(
    'PRQ_OVERFLOWED',
    'page request queue',
    `${records.length} records waited and one more came; truncated: ${cut.join('; ') || 'none'}`,
    [`IOMMU ${iommu.iommuNo}`],
    records[0]?.queuedSeq ?? null,
  );
}

function lose(
  x: Execution,
  { iommuNo, spec }: Iommu,
  device: ModelledDevice,
  request: PageRequest,
  why: LostBecause,
): void {
  const { deviceNo } = device;
  const { grpid } = request;
  x.emit({ type: 'PageRequestDropped', iommuNo, deviceNo, request, why });
  if (why === 'NO_CONTEXT') noteRefused(x, iommuNo, NO_CONTEXT, device, request);
  const notAllowed = why === 'NOT_ALLOWED' ? NOT_ALLOWED[spec.vendor] : null;
  if (notAllowed !== null) noteRefused(x, iommuNo, notAllowed, device, request);
  const answer = automaticAnswer(spec.vendor, why, queuedForm(device, request), spec.answers);
  if (answer === null) return;
  const { code, pasid } = answer;
  x.emit({ type: 'PageRequestAutoResponded', iommuNo, deviceNo, grpid, pasid, code, why });
  const answeredSeq = x.state.seq;
  x.responses.push({ deviceNo, grpid, code, iopfGroup: null, answeredSeq, automatic: true });
}

/** The record of a request by a function that may send none. */
function noteRefused(
  x: Execution,
  iommuNo: number,
  { code, name }: NamedFault,
  { deviceNo }: ModelledDevice,
  request: PageRequest,
): void {
  x.emit({
    type: 'FaultRecorded',
    iommuNo,
    deviceNo,
    pasid: pasidOf(request),
    iova: request.addr,
    write: (request.perm & 2) !== 0,
    code,
    name,
    detail: {
      reason: null,
      stage: 1,
      implicit: false,
      gpa: null,
      translationRequest: false,
      request,
    },
  });
}

/** VT-d SCT.8, AMD-Vi INVALID_PPR_REQUEST, RISC-V "Transaction type disallowed". */
const NOT_ALLOWED: Readonly<Record<IommuVendor, NamedFault | null>> = {
  CONFORMING: { code: 0x47, name: 'page requests not enabled' },
  VTD: { code: 0x47, name: 'page requests not enabled (SCT.8)' },
  SMMUV3: null,
  AMD_VI: { code: 9, name: 'INVALID_PPR_REQUEST' },
  RISCV: { code: 260, name: 'Transaction type disallowed' },
};
