/**
 * Operations of PCI functions: they come and go, and send page requests (PCIe 6.0, section 10.4.1), with
 * the checks an IOMMU driver makes on its page request queue.
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
import type { PageRequestReply } from '../iommu/page-request-reply.ts';
import { answer, refused } from '../machine/answer.ts';
import type { Execution } from '../machine/execution.ts';
import { physicalDeviceOf } from '../machine/lookup.ts';
import type { Operation, OperationEntries } from '../machine/operation-entry.ts';
import { Refusal } from '../machine/refusal.ts';
import { noSuchFunction } from '../refuse/absent.ts';
import { isModelled } from './function/lookup.ts';
import { sendByCommand } from './pri/by-command.ts';
import { refuse } from './refuse.ts';
import type { PciDeviceSpec } from './state.ts';
import { addPciDevice, removePciDevice } from './topology.ts';

const NOT_REPORTED = { reportErrno: null, iopfGroupId: null };

/** A PCI function appears, with its IOMMU group (pci_device_add, iommu_probe_device). */
export interface PciDeviceAdd {
  readonly type: 'PciDeviceAdd';
  readonly device: PciDeviceSpec;
}

/** A PCI function is unplugged (pci_stop_and_remove_bus_device); refused while it is bound. */
export interface PciDeviceRemove {
  readonly type: 'PciDeviceRemove';
  readonly bdf: string;
}

/** A PCI function sends one Page Request Message (PCIe 6.0, section 10.4.1). */
export interface PageRequestSend {
  readonly type: 'PageRequestSend';
  readonly bdf: string;
  /** The PASID prefix, 0 to 2^20-1, or null for a request without one. */
  readonly pasid: number | null;
  /** Page request group index, 0 to 511. */
  readonly grpid: number;
  /** IOMMU_PGFAULT_PERM_*: 1 read, 2 write, 4 exec, 8 privileged. */
  readonly perm: number;
  readonly addr: bigint;
  readonly lastPage: boolean;
  /** Stop after the handler is found: PageRequestResume goes on. */
  readonly hold?: boolean;
}

/** The second half of a page request that was held: collect or queue it. */
export interface PageRequestResume {
  readonly type: 'PageRequestResume';
  readonly inFlightId: number;
}

/** The guest resets the emulated PRI of a virtual function (policy EMULATED_PRI). */
export interface VpriResetSend {
  readonly type: 'VpriResetSend';
  readonly bdf: string;
}

export interface HardwareOperations {
  PciDeviceAdd: Operation<
    PciDeviceAdd,
    { readonly deviceNo: number; readonly iommuGroupId: number }
  >;
  PciDeviceRemove: Operation<PciDeviceRemove, Record<string, never>>;
  PageRequestSend: Operation<PageRequestSend, PageRequestReply>;
  PageRequestResume: Operation<PageRequestResume, PageRequestReply>;
  VpriResetSend: Operation<VpriResetSend, Record<string, never>>;
}

export const HARDWARE_OPERATIONS: OperationEntries<HardwareOperations> = {
  PciDeviceAdd: {
    sentence: 'A PCI function appears, with its IOMMU group (pci_device_add, iommu_probe_device).',
    mutation: 'pciDeviceAdd',
    support: null,
    arguments: { device: 'pciDevice' },
    execute: (x, command) => answer(addPciDevice(x, command.device), reply => reply),
  },
  PciDeviceRemove: {
    sentence:
      'A PCI function is unplugged (pci_stop_and_remove_bus_device); refused while it is bound.',
    mutation: 'pciDeviceRemove',
    support: null,
    arguments: { bdf: 'bdf' },
    execute: (x, command) => refused(removePciDevice(x, command.bdf)),
  },
  PageRequestSend: {
    sentence: 'A PCI function sends one Page Request Message (PCIe 6.0, section 10.4.1).',
    mutation: 'pageRequest',
    support: {
      name: 'page requests to iopf groups to responses',
      source: 'iommu_report_device_fault (drivers/iommu/io-pgfault.c)',
      status: 'SUPPORTED',
      note: 'A PASID that is attached reaches its own hwpt, another one the RID’s if that is nested: through its guest’s PASID table.',
    },
    arguments: {
      bdf: 'bdf',
      pasid: 'pasid',
      grpid: 'u32',
      perm: 'u32',
      addr: 'u64',
      lastPage: 'flag',
      hold: 'flag?',
    },
    execute: (x, command) => answer(executePageRequestSend(x, command), reply => reply),
  },
  PageRequestResume: {
    sentence: 'The second half of a page request that was held: collect or queue it.',
    mutation: 'pageRequestResume',
    support: { rowOf: 'PageRequestSend' },
    arguments: { inFlightId: 'u32' },
    execute: (x, command) =>
      answer(executePageRequestResume(x, command.inFlightId), reply => reply),
  },
  VpriResetSend: {
    sentence: 'The guest resets the emulated PRI of a virtual function (policy EMULATED_PRI).',
    mutation: 'vpriReset',
    support: { rowOf: 'PageRequestSend' },
    arguments: { bdf: 'bdf' },
    execute: (x, command) => refused(executeVpriReset(x, command.bdf)),
  },
};

/**
 * The function sends one request. With PRI off it sends nothing; a stop marker is dropped before
 * it is reported. Errors: ENODEV, no such function; EOPNOTSUPP, one behind a modelled IOMMU is to be held.
 */
function executePageRequestSend(
  x: Execution,
  command: PageRequestSend,
): PageRequestReply | Refusal {
  const { pasid, grpid, perm, addr, lastPage } = command;
  const deviceNo = x.state.bdfs.get(command.bdf);
  if (deviceNo === undefined) return x.refusedBy('bus', noSuchFunction(x.state, command.bdf));
  const device = physicalDeviceOf(x.state, deviceNo);
  if (isModelled(device)) return sendByCommand(x, device, command);
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
function executePageRequestResume(x: Execution, inFlightId: number): PageRequestReply | Refusal {
  const landed = resumeInFlight(x, inFlightId);
  if (landed instanceof Refusal) return landed;
  if (landed === 'VPRI_FAILED') return { outcome: 'VPRI_FAILED', ...NOT_REPORTED };
  return { outcome: 'REPORTED', reportErrno: landed.errno, iopfGroupId: landed.iopfGroupId };
}

/**
 * The guest resets its emulated PRI, which forgets unfinished groups. Errors: ENODEV, no such
 * function; EINVAL, not a virtual one.
 */
function executeVpriReset(x: Execution, bdf: string): Errno {
  const deviceNo = x.state.bdfs.get(bdf);
  if (deviceNo === undefined) return x.refusedBy('bus', noSuchFunction(x.state, bdf)).errno;
  const device = physicalDeviceOf(x.state, deviceNo);
  if (!device.virtfn || x.state.policies.virtualFunctions !== 'EMULATED_PRI') {
    return refuse(x, 'device', 'EINVAL', 'NO_EMULATED_PRI', { bdf }).errno;
  }
  const changes = device.vpriFailed || device.partial.length > 0;
  if (changes) x.emit({ type: 'VpriReset', deviceNo });
  return 0;
}
