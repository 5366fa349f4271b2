/**
 * Page Request Messages of PCI functions on their way to the page-fault core (PCIe 6.0, section
 * 10.4.1), with the checks an IOMMU driver makes on its page request queue.
 */
import type { Errno } from '../../abi/errno.ts';
import {
  IOMMU_FAULT_PAGE_RESPONSE_NEEDS_PASID,
  IOMMU_PGFAULT_FLAGS_LAST_PAGE,
  IOMMU_PGFAULT_FLAGS_PASID_VALID,
  IOMMU_PGFAULT_PERM_READ,
  IOMMU_PGFAULT_PERM_WRITE,
} from '../../abi/uapi.ts';
import { resumeInFlight } from '../iommu/in-flight.ts';
import { answerVpriFailed, reportDeviceFault } from '../iommu/iopf.ts';
import type { CommandOf } from '../machine/command.ts';
import type { Execution } from '../machine/execution.ts';
import { physicalDeviceOf } from '../machine/lookup.ts';
import { Refusal } from '../machine/refusal.ts';
import type { PageRequestReply } from '../machine/reply.ts';

const NOT_REPORTED = { reportErrno: null, iopfGroupId: null };

/**
 * The function sends one request. With PRI off it sends nothing; a stop marker is dropped before
 * it is reported. Errors: ENODEV, no such function.
 */
export function executePageRequestSend(
  x: Execution,
  command: CommandOf<'PageRequestSend'>,
): PageRequestReply | Refusal {
  const { pasid, grpid, perm, addr, lastPage } = command;
  const deviceNo = x.state.bdfs.get(command.bdf);
  if (deviceNo === undefined) return new Refusal('ENODEV');
  const device = physicalDeviceOf(x.state, deviceNo);
  if (!device.iopfFeature) return { outcome: 'PRI_DISABLED', ...NOT_REPORTED };
  const readsOrWrites = (perm & (IOMMU_PGFAULT_PERM_READ | IOMMU_PGFAULT_PERM_WRITE)) !== 0;
  if (lastPage && pasid !== null && !readsOrWrites) {
    return { outcome: 'STOP_MARKER_DROPPED', ...NOT_REPORTED };
  }
  const flags =
    (lastPage ? IOMMU_PGFAULT_FLAGS_LAST_PAGE : 0) |
    (pasid !== null ? IOMMU_PGFAULT_FLAGS_PASID_VALID | IOMMU_FAULT_PAGE_RESPONSE_NEEDS_PASID : 0);
  const request = { flags, pasid: pasid ?? 0, grpid, perm, addr };
  if (device.vpriFailed) {
    x.emit({ type: 'PageRequestReported', deviceNo, request });
    answerVpriFailed(x, device, request);
    return { outcome: 'VPRI_FAILED', ...NOT_REPORTED };
  }
  const report = reportDeviceFault(x, device, request, command.hold ?? false);
  const { errno: reportErrno, iopfGroupId, inFlightId } = report;
  return inFlightId === null
    ? { outcome: 'REPORTED', reportErrno, iopfGroupId }
    : { outcome: 'IN_FLIGHT', reportErrno, iopfGroupId, inFlightId };
}

/** The second half of a held request. Errors: ENOENT, none of this id is in flight. */
export function executePageRequestResume(
  x: Execution,
  inFlightId: number,
): PageRequestReply | Refusal {
  const landed = resumeInFlight(x, inFlightId);
  if (landed instanceof Refusal) return landed;
  if (landed === 'VPRI_FAILED') return { outcome: 'VPRI_FAILED', ...NOT_REPORTED };
  return { outcome: 'REPORTED', reportErrno: landed.errno, iopfGroupId: landed.iopfGroupId };
}

/**
 * The guest resets its emulated PRI, which forgets unfinished groups. Errors: ENODEV, no such
 * function; EINVAL, not a virtual one.
 */
export function executeVpriReset(x: Execution, bdf: string): Errno {
  const deviceNo = x.state.bdfs.get(bdf);
  if (deviceNo === undefined) return 'ENODEV';
  const device = physicalDeviceOf(x.state, deviceNo);
  if (!device.virtfn || x.state.policies.virtualFunctions !== 'EMULATED_PRI') return 'EINVAL';
  const changes = device.vpriFailed || device.partial.length > 0;
  if (changes) x.emit({ type: 'VpriReset', deviceNo });
  return 0;
}
