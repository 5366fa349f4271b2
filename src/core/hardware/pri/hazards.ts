/** What an answer got wrong, as the device sees it when it looks again. */
import { hex } from '../../explain/words.ts';
import type { DeviceResponse, IopfGroup } from '../../iommu/state.ts';
import type { Execution } from '../../machine/execution.ts';
import { groupOf } from '../../machine/lookup.ts';
import type { Pass } from '../dma/pass.ts';
import type { DmaFault } from '../dma/walk.ts';
import type { ModelledDevice } from '../function/lookup.ts';
import type { Dma, MissedPage, OutstandingGroup, PriState } from '../function/state.ts';

const PERMISSION = new Set([
  'NOT_READABLE',
  'NOT_WRITABLE',
  'NOT_EXECUTABLE',
  'PRIVILEGE',
  'STAGE2_PERMISSION',
]);

/**
 * Software said that the pages of a group are there, and one is missing. Whether a hazard was noted:
 * what the hardware itself answers after an overflow says nothing about pages.
 */
export function noteWrongAnswer(
  x: Execution,
  device: ModelledDevice,
  dma: Dma,
  asked: readonly MissedPage[],
  { missed, faults }: Pass,
  { iopfGroup, answeredSeq }: DeviceResponse,
  askedSeq: number,
): boolean {
  if (iopfGroup === null) return false;
  const wrong = missed.find(({ page }) => asked.some(other => other.page === page));
  if (wrong === undefined) return false;
  const fault = faults.get(wrong.page)!;
  const iova = ((dma.request.iova >> 12n) + BigInt(wrong.page)) << 12n;
  const stageWas = asked.find(({ page }) => page === wrong.page)!.stage;
  const what = `IOVA ${hex(iova)} of ${device.bdf}, DMA ${dma.dmaId}`;
  const objects = [`iopf group ${iopfGroup.iopfGroupId}`, device.bdf, `DMA ${dma.dmaId}`];
  if (PERMISSION.has(fault.reason)) {
    x.hazard(
      'SUCCESS_WITHOUT_PERMISSION',
      'page response',
      `${what}: the page is there, and a ${dma.request.write ? 'write' : 'read'} is ${fault.reason}`,
      objects,
      answeredSeq,
    );
    return true;
  }
  if (stageWas === 2 && fault.stage === 2 && guestWroteSince(x, device, askedSeq)) {
    x.hazard(
      'STAGE2_FAULT_PASSED_TO_GUEST',
      'page response',
      `${what}: guest address ${hex(fault.gpa ?? 0n)} is missing in the nest parent, which no guest can map`,
      objects,
      answeredSeq,
    );
    return true;
  }
  const now =
    fault.stage === stageWas ? `the page is ${fault.reason} still` : `the page ${nowMisses(fault)}`;
  x.hazard(
    'SUCCESS_WITHOUT_MAPPING',
    'page response',
    `${what}: answered SUCCESS, and ${now}${sameIndexAs(x, iopfGroup)}`,
    objects,
    answeredSeq,
  );
  return true;
}

/** Another fault than the one that was asked about. */
function nowMisses({ stage, reason, gpa, implicit }: DmaFault): string {
  if (stage === 1 || gpa === null) return `is ${reason} now`;
  const needs = implicit ? 'has a table at' : 'is mapped to';
  return `${needs} guest address ${hex(gpa)}, which is missing in the second stage`;
}

/** A group of another function that is being handled under the same index may be the one meant. */
function sameIndexAs({ state }: Execution, answered: IopfGroup): string {
  const { grpid } = answered.requests[0]!;
  for (const { deviceNo, iopfGroupId, requests, cookie } of state.iopfGroups.values()) {
    if (deviceNo === answered.deviceNo || cookie === null || requests[0]!.grpid !== grpid) continue;
    const device = state.physicalDevices.get(deviceNo);
    const whose = device?.kind === 'PCI' ? device.bdf : `physical device ${deviceNo}`;
    return `; iopf group ${iopfGroupId} of ${whose} has group index ${grpid} as well`;
  }
  return '';
}

function guestWroteSince(x: Execution, device: ModelledDevice, seq: number): boolean {
  const { domain, pasids, ownerContextId } = groupOf(x.state, device.iommuGroupId);
  if (domain.kind !== 'HWPT' && pasids.size === 0) return false;
  return (x.state.contexts.get(ownerContextId ?? 0)?.guestWrittenSeq ?? 0) > seq;
}

/**
 * The answer is to another group than the one the device has under this index, or to one that it has
 * not any more. `group`: what is outstanding under the index.
 */
export function noteAnsweredOtherGroup(
  x: Execution,
  device: ModelledDevice,
  pri: PriState,
  group: OutstandingGroup | null,
  { grpid, iopfGroup }: DeviceResponse,
): void {
  if (iopfGroup === null) return;
  const { iopfGroupId, requests, queuedSeq } = iopfGroup;
  const truncated = pri.truncated.get(grpid);
  const objects = [`iopf group ${iopfGroupId}`, device.bdf];
  // A group that holds the head of one that was cut has more requests than the device sent now.
  const holdsHead = truncated !== undefined && requests.length > (group?.requests ?? 0);
  const newer =
    group !== null &&
    (group.sentSeq > queuedSeq || (holdsHead && group.sentSeq > truncated.overflowSeq));
  if (newer) {
    x.hazard(
      'ANSWER_HIT_NEWER_GROUP',
      'page response',
      `group index ${grpid}: the answer to an older group reaches the one that ${device.bdf} sent since`,
      objects,
      holdsHead ? truncated.overflowSeq : queuedSeq,
    );
  } else if (holdsHead) {
    x.hazard(
      'TRUNCATED_GROUP_ANSWERED',
      'page response',
      `group index ${grpid}: the IOMMU answered its last request when the queue was full`,
      objects,
      truncated.overflowSeq,
    );
  }
}
