/** The driver's interrupt thread: it reads the page request queue and reports to the page-fault core. */
import { IOMMU_PAGE_RESP_FAILURE, IOMMUFD_PAGE_RESP_INVALID } from '../../../abi/uapi.ts';
import { answerVpriFailed, reportDeviceFault, respond } from '../../iommu/iopf.ts';
import type { Execution } from '../../machine/execution.ts';
import { devicesBehind, isModelled, type ModelledDevice } from '../function/lookup.ts';
import { isLastPage, pasidOf } from '../pri/request.ts';
import type { Iommu, PageRequestRecord } from '../unit/state.ts';
import { driverVerdict, LINUX_DISCARDS_PARTIAL } from './driver.ts';
import { queuedRecords, type RefusedBecause } from './events.ts';

/** What the thread did. */
export interface Served {
  readonly count: number;
  /** iopf groups that the last of these records completed. */
  readonly iopfGroupIds: readonly number[];
}

/** Reads at most `max` records, then clears an overflow if the queue is empty. */
export function servePrq(x: Execution, iommu: Iommu, max: number): Served {
  const { iommuNo, pageRequestQueue } = iommu;
  const records = queuedRecords(iommu).slice(0, max);
  const iopfGroupIds: number[] = [];
  for (const record of records) {
    const iopfGroupId = serveRecord(x, iommu, record);
    if (iopfGroupId !== null) iopfGroupIds.push(iopfGroupId);
  }
  if (records.length > 0) x.emit({ type: 'PrqServed', iommuNo, count: records.length });
  if (pageRequestQueue.overflow && pageRequestQueue.records.size === 0) clearOverflow(x, iommu);
  return { count: records.length, iopfGroupIds };
}

/** Serves what stands in the queue up to the last record of a device: it is to leave its domain. */
export function drainPrq(x: Execution, iommu: Iommu, deviceNo: number): void {
  const records = queuedRecords(iommu);
  const last = records.findLastIndex(record => record.deviceNo === deviceNo);
  if (last >= 0) servePrq(x, iommu, last + 1);
}

function serveRecord(x: Execution, iommu: Iommu, record: PageRequestRecord): number | null {
  const { iommuNo } = iommu;
  const { deviceNo, request } = record;
  const { grpid } = request;
  const device = x.state.physicalDevices.get(deviceNo);
  const refused = (why: RefusedBecause) =>
    x.emit({ type: 'PageRequestRefused', iommuNo, deviceNo, grpid, why });
  if (!isModelled(device)) {
    refused('NO_DEVICE');
    return null;
  }
  const { pasidWidth } = device.hardware.spec;
  const verdict = driverVerdict(x.behaviour, iommu.spec, request, pasidWidth);
  if (verdict.kind === 'REPORT' && device.vpriFailed) {
    x.emit({ type: 'PageRequestReported', deviceNo, request });
    answerVpriFailed(x, device, request);
    return null;
  }
  if (verdict.kind === 'REPORT') return reportDeviceFault(x, device, request).iopfGroupId;
  refused(verdict.why);
  if (verdict.why === 'STOP_MARKER' && pasidOf(request) === null) {
    noteUnansweredMarker(x, device, record);
  }
  if (verdict.answer === null || !isLastPage(request)) return null;
  const code = verdict.answer === 'INVALID' ? IOMMUFD_PAGE_RESP_INVALID : IOMMU_PAGE_RESP_FAILURE;
  respond(x, device, request, null, code);
  return null;
}

/** The device regards it as a request, and waits for ever. */
function noteUnansweredMarker(
  x: Execution,
  device: ModelledDevice,
  { request, queuedSeq }: PageRequestRecord,
): void {
  x.hazard(
    'STOP_MARKER_UNANSWERED',
    'prq_event_thread',
    `group index ${request.grpid}: last page, no read, no write and no PASID was taken for a stop marker`,
    [device.bdf],
    queuedSeq,
  );
}

/**
 * The queue is empty: requests may come again. What was collected of groups that were cut has to
 * go, which iopf_queue_discard_partial does for all functions of the IOMMU; not every driver asks.
 */
function clearOverflow(x: Execution, { iommuNo, spec }: Iommu): void {
  let discardedPartial = 0;
  if (spec.driver === 'CONFORMING' || LINUX_DISCARDS_PARTIAL[spec.vendor]) {
    x.call('iopf_queue_discard_partial', () => {
      for (const { deviceNo, partial } of devicesBehind(x.state, iommuNo)) {
        discardedPartial += partial.length;
        for (const grpid of new Set(partial.map(request => request.grpid))) {
          x.emit({ type: 'PartialRequestsDropped', deviceNo, grpid });
        }
      }
      return 0;
    });
  }
  x.emit({ type: 'PrqOverflowCleared', iommuNo, discardedPartial });
}
