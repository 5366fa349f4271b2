/** What must become of a page request: what the attached hwpt says. */
import type { PhysicalDevice } from '../core/hardware/state.ts';
import type { PageRequestReply } from '../core/iommu/page-request-reply.ts';
import type { PageRequest } from '../core/iommu/state.ts';
import type { Outcome } from '../core/machine/operation.ts';
import type { MachineState } from '../core/machine/state.ts';

const PASID_VALID = 1;
const LAST_PAGE = 2;

/** Faults found in an operation by which a device sent a request. `before`: the state it ran on. */
export function checkReport(before: MachineState, outcome: Outcome, failed: boolean): string[] {
  const reported = outcome.events.find(event => event.type === 'PageRequestReported');
  if (reported === undefined) return [];
  const { request } = reported;
  const physical = before.physicalDevices.get(reported.deviceNo)!;
  // Other hazards say more about what is compared here.
  const types = outcome.events
    .filter(event => event.type !== 'HazardRecorded' || event.name === 'IOPF_ON_ONE_MEMBER')
    .filter(event => event.type !== 'PartialRequestsDropped')
    .map(({ type }) => type)
    .join(' ');
  const expected = physical.vpriFailed
    ? { errno: null, next: isLast(request) ? 'PageResponseSent' : '' }
    : expectedFate(before, physical, outcome, request, failed);
  const { reportErrno } = outcome.reply as PageRequestReply;
  const wrong: string[] = [];
  if (types !== `PageRequestReported ${expected.next}`.trimEnd()) {
    wrong.push(`a page request gave ${types}, not ${expected.next}`);
  }
  if (reportErrno !== expected.errno) {
    wrong.push(`it was answered ${reportErrno}, not ${expected.errno}`);
  }
  return wrong;
}

const isLast = ({ flags }: PageRequest) => (flags & LAST_PAGE) !== 0;

/** The errno the driver gets and the types of the events after the report. */
function expectedFate(
  before: MachineState,
  physical: PhysicalDevice,
  { command }: Outcome,
  request: PageRequest,
  failed: boolean,
): { errno: string | number; next: string } {
  if (!hasHandler(before, physical, request)) return { errno: 'EINVAL', next: 'PageResponseSent' };
  // It was enabled on another member of the IOMMU group only.
  if (!physical.iopfFeature) return { errno: 'EINVAL', next: 'HazardRecorded PageResponseSent' };
  if (command.type === 'PageRequestSend' && command.hold === true) {
    return { errno: 0, next: 'PageRequestInFlight' };
  }
  if (isLast(request)) return { errno: 0, next: failed ? 'PageResponseSent' : 'IopfGroupQueued' };
  return failed ? { errno: 'ENOMEM', next: '' } : { errno: 0, next: 'PageRequestCollected' };
}

/**
 * What the request's PASID is attached to is fault-capable. If that is attached to nothing: the RID is on
 * a fault-capable nested hwpt, whose guest has the table of PASIDs.
 */
function hasHandler(before: MachineState, physical: PhysicalDevice, request: PageRequest): boolean {
  const { hwptId, ownerContextId, pasids } = before.iommuGroups.get(physical.iommuGroupId)!;
  const otherPasid = (request.flags & PASID_VALID) !== 0 && request.pasid !== 0;
  const own = otherPasid ? pasids.get(request.pasid)?.hwptId : hwptId;
  const hwpt = before.contexts.get(ownerContextId ?? 0)?.objects.get(own ?? hwptId ?? 0);
  if (hwpt === undefined || !('faultId' in hwpt) || hwpt.faultId === null) return false;
  return own !== undefined || hwpt.type === 'HWPT_NESTED';
}
