/**
 * Events in words: for each type what it says and the kernel function it stands for, and for each
 * event one sentence. The GraphQL schema, the demo and the docs take theirs from here.
 */

import type { PageRequest } from '../iommu/state.ts';
import { assertNever } from '../machine/assert.ts';
import type { Event, EventType } from '../machine/event.ts';

export const EVENT_TEXT: Readonly<Record<EventType, string>> = {
  MachineCreated: 'The machine came into being; always seq 1.',
  KernelReplaced: 'whatIf only: from here on it is another kernel, or other policies.',
  IommuGroupCreated: 'A new IOMMU group exists, on its default domain (iommu_group_alloc).',
  IommuGroupRemoved: 'An IOMMU group lost its last device (iommu_group_release).',
  PciDeviceAdded: 'A PCI function joined its IOMMU group (iommu_probe_device).',
  MockDeviceAdded: 'A mock device was made and joined its IOMMU group (mock_dev_create).',
  PhysicalDeviceRemoved: 'A PCI function or mock device is gone.',
  ContextOpened: '/dev/iommu was opened (iommufd_fops_open).',
  ContextFileClosed: "The context's own file was closed.",
  ContextReleased:
    "The last holder of the context's file is gone and its table is empty (iommufd_fops_release).",
  ObjectReserved: 'An object id was taken; the object is not visible yet (iommufd_object_alloc).',
  ObjectAborted:
    'A taken id was given back before its object became visible (iommufd_object_abort).',
  ObjectDestroyed: 'An object was destroyed and its id is free (iommufd_object_remove).',
  IoasAllocated: 'An IOAS exists (iommufd_ioas_alloc).',
  HwptPagingAllocated: 'A paging hwpt exists and holds its IOAS (iommufd_hwpt_paging_alloc).',
  DomainAdded:
    "A hwpt's domain joined its IOAS; what lies outside its aperture is reserved (iopt_table_add_domain).",
  DomainRemoved: "A hwpt's domain left its IOAS (iopt_table_remove_domain).",
  HwptNestedAllocated: 'A nested hwpt exists and holds its parent (iommufd_hwpt_nested_alloc).',
  HwptFaultQueueAssigned:
    'A hwpt became fault-capable: it names a fault queue and holds it (iommufd_hwpt_alloc).',
  AreaMapped: 'A range of IOVAs was mapped (iopt_map_pages).',
  AreaUnmapped: 'A range of IOVAs was unmapped, its pages unpinned (iopt_unmap_iova_range).',
  AllowedIovasSet:
    'The set of ranges that automatic IOVAs come from was replaced (iopt_set_allow_iova).',
  ReservedRangeAdded: 'A range was reserved for nobody (iommufd_test_add_reserved).',
  LargePagesSet: 'Large pages of an IOAS were switched on or off (iommufd_ioas_option).',
  RlimitModeSet: 'How locked memory is counted was switched (iommufd_option_rlimit_mode).',
  VfioIoasSet: 'The IOAS of the VFIO compatible ioctls was set or cleared (iommufd_vfio_ioas).',
  DirtyTrackingSet: 'Dirty tracking of a hwpt was switched on or off (iopt_set_dirty_tracking).',
  PagesDirtied: 'A mock device wrote through these IO pages (iommufd_test_dirty).',
  PagesCleaned: 'Dirty bits of IO pages were cleared (mock_domain_read_and_clear_dirty).',
  AccessCreated: 'An in-kernel access exists (iommufd_access_create).',
  AccessIoasChanged: 'An access moved to an IOAS or away from one (iommufd_access_change_ioas).',
  AccessPagesPinned: 'An access pinned the pages of a range (iommufd_access_pin_pages).',
  AccessPagesUnpinned: 'An access let go of pinned pages (iommufd_access_unpin_pages).',
  UserMemoryFilled: 'An access wrote into user memory (iommufd_access_rw).',
  MsiCookieCreated:
    "A hwpt got a cookie for the group's software MSI window (iommu_get_msi_cookie).",
  MockIotlbInvalidated:
    'IOTLB words of a nested hwpt were zeroed (mock_domain_cache_invalidate_user).',
  StageOneInvalidated: 'The IOMMU dropped cached first-stage translations of a nested hwpt.',
  DmaOwnershipClaimed:
    'A context owns DMA of the group; the group blocks (iommu_device_claim_dma_owner).',
  DmaOwnershipReleased:
    'Nobody owns DMA of the group; it is back on its default domain (iommu_device_release_dma_owner).',
  DeviceBound: 'A physical device became a DEVICE object of a context (iommufd_device_bind).',
  DeviceUnbound: 'The DEVICE object is gone (iommufd_device_unbind).',
  SelftestDeviceFinalized:
    "The self-test's handle of a mock device became visible (iommufd_test_mock_domain).",
  ReservedRegionsEnforced:
    "A device's reserved regions were reserved in an IOAS (iopt_table_enforce_dev_resv_regions).",
  ReservedRegionsRemoved:
    'All ranges a device reserved in an IOAS were released (iopt_remove_reserved_iova).',
  IopfEnabled: "A device's count of IOPF users went up by one (iommufd_fault_iopf_enable).",
  IopfDisabled: "A device's count of IOPF users went down by one (iommufd_fault_iopf_disable).",
  IopfFeatureEnabled:
    'The driver turned the IOPF feature on: the device may send page requests (iommu_dev_enable_feature).',
  IopfFeatureDisabled:
    'The driver turned the IOPF feature off; collected partial requests are dropped unanswered (iommu_dev_disable_feature).',
  AttachHandleStored:
    "An attach handle was stored for a group's RID (iommu_attach_group_handle, iommu_replace_group_handle).",
  AttachHandleErased: "A group's stored attach handle was erased; new page requests find none.",
  AttachHandleFreed: "An attach handle's memory was freed.",
  DomainAttached: "The hardware of a group was switched to a hwpt's domain.",
  DomainDetached:
    'The hardware of a group was switched to the blocking domain (iommu_detach_group_handle).',
  DeviceAttached: 'A device is attached to a hwpt (iommufd_hw_pagetable_attach).',
  DeviceDetached: 'A device is no longer attached (iommufd_hw_pagetable_detach).',
  DeviceReplaced: 'A whole IOMMU group moved from one hwpt to another (iommufd_device_do_replace).',
  FaultQueueAllocated: 'A fault queue and its file exist (iommufd_fault_alloc).',
  FaultFileClosed:
    "A fault queue's file was closed; what it holds stays (iommufd_fault_fops_release).",
  PageRequestReported: 'A page request reached the page-fault core (iommu_report_device_fault).',
  PageRequestCollected:
    'A request is not the last of its group and waits for it (report_partial_fault).',
  PartialRequestsDropped:
    'Collected requests of a group were freed because the group could not be queued.',
  IopfGroupQueued:
    'The last request made its group whole; it waits in the fault queue (iommufd_fault_iopf_handler).',
  IopfGroupRead:
    'A read took a group from the queue and gave it its cookie (iommufd_fault_fops_read).',
  PageResponseWritten: 'User space answered a group it had read (iommufd_fault_fops_write).',
  IopfGroupAutoResponded:
    'The kernel answered INVALID in place of user space (iommufd_auto_response_faults).',
  PageResponseSent: "A response left for the device (the driver's page_response).",
  HazardRecorded: 'The kernel itself misbehaves here; the machine goes on.',
  PageRequestInFlight:
    'A request found its handler and waits to be queued; others may come between.',
  PageRequestLanded: 'A request that was in flight went on to be collected or queued.',
  IopfGroupFlushed:
    'A device left the iopf queue while a group of it waited: it was answered INVALID (iopf_queue_remove_device).',
  IopfGroupLost: 'A group is gone without an answer; its device waits.',
  DriverIopfCounted:
    'A driver attached or left a domain with a fault handler on a device (since 6.16).',
  VpriFailed:
    'The emulated PRI of a virtual function failed: delivery is held back until it is reset.',
  VpriReset:
    'The guest reset the emulated PRI of a virtual function, which forgets unfinished groups.',
};

/** Where a change happens, from the program down to the device. */
export type Layer = 'USER_SPACE' | 'IOMMUFD' | 'IOMMU_CORE' | 'HARDWARE';

export const LAYER_TEXT: Readonly<Record<Layer, string>> = {
  USER_SPACE: 'What a program did with its files: open, close, read, write.',
  IOMMUFD: "iommufd's objects and their references (drivers/iommu/iommufd).",
  IOMMU_CORE:
    'IOMMU groups, DMA ownership, attach handles, the page-fault core (drivers/iommu/iommu.c, io-pgfault.c).',
  HARDWARE: 'Devices, and the IOMMU as its driver programs it.',
};

export const EVENT_LAYER: Readonly<Record<EventType, Layer>> = {
  MachineCreated: 'HARDWARE',
  KernelReplaced: 'HARDWARE',
  IommuGroupCreated: 'IOMMU_CORE',
  IommuGroupRemoved: 'IOMMU_CORE',
  PciDeviceAdded: 'HARDWARE',
  MockDeviceAdded: 'HARDWARE',
  PhysicalDeviceRemoved: 'HARDWARE',
  ContextOpened: 'USER_SPACE',
  ContextFileClosed: 'USER_SPACE',
  ContextReleased: 'IOMMUFD',
  ObjectReserved: 'IOMMUFD',
  ObjectAborted: 'IOMMUFD',
  ObjectDestroyed: 'IOMMUFD',
  IoasAllocated: 'IOMMUFD',
  HwptPagingAllocated: 'IOMMUFD',
  DomainAdded: 'IOMMUFD',
  DomainRemoved: 'IOMMUFD',
  HwptNestedAllocated: 'IOMMUFD',
  HwptFaultQueueAssigned: 'IOMMUFD',
  AreaMapped: 'IOMMUFD',
  AreaUnmapped: 'IOMMUFD',
  AllowedIovasSet: 'IOMMUFD',
  ReservedRangeAdded: 'IOMMUFD',
  LargePagesSet: 'IOMMUFD',
  RlimitModeSet: 'IOMMUFD',
  VfioIoasSet: 'IOMMUFD',
  DirtyTrackingSet: 'HARDWARE',
  PagesDirtied: 'HARDWARE',
  PagesCleaned: 'HARDWARE',
  AccessCreated: 'IOMMUFD',
  AccessIoasChanged: 'IOMMUFD',
  AccessPagesPinned: 'IOMMUFD',
  AccessPagesUnpinned: 'IOMMUFD',
  UserMemoryFilled: 'IOMMUFD',
  MsiCookieCreated: 'IOMMU_CORE',
  MockIotlbInvalidated: 'HARDWARE',
  StageOneInvalidated: 'HARDWARE',
  DmaOwnershipClaimed: 'IOMMU_CORE',
  DmaOwnershipReleased: 'IOMMU_CORE',
  DeviceBound: 'IOMMUFD',
  DeviceUnbound: 'IOMMUFD',
  SelftestDeviceFinalized: 'IOMMUFD',
  ReservedRegionsEnforced: 'IOMMUFD',
  ReservedRegionsRemoved: 'IOMMUFD',
  IopfEnabled: 'IOMMUFD',
  IopfDisabled: 'IOMMUFD',
  IopfFeatureEnabled: 'HARDWARE',
  IopfFeatureDisabled: 'HARDWARE',
  AttachHandleStored: 'IOMMU_CORE',
  AttachHandleErased: 'IOMMU_CORE',
  AttachHandleFreed: 'IOMMUFD',
  DomainAttached: 'HARDWARE',
  DomainDetached: 'HARDWARE',
  DeviceAttached: 'IOMMUFD',
  DeviceDetached: 'IOMMUFD',
  DeviceReplaced: 'IOMMUFD',
  FaultQueueAllocated: 'IOMMUFD',
  FaultFileClosed: 'USER_SPACE',
  PageRequestReported: 'HARDWARE',
  PageRequestCollected: 'IOMMU_CORE',
  PartialRequestsDropped: 'IOMMU_CORE',
  IopfGroupQueued: 'IOMMUFD',
  IopfGroupRead: 'USER_SPACE',
  PageResponseWritten: 'USER_SPACE',
  IopfGroupAutoResponded: 'IOMMUFD',
  PageResponseSent: 'HARDWARE',
  HazardRecorded: 'IOMMUFD',
  PageRequestInFlight: 'IOMMU_CORE',
  PageRequestLanded: 'IOMMU_CORE',
  IopfGroupFlushed: 'IOMMU_CORE',
  IopfGroupLost: 'IOMMUFD',
  DriverIopfCounted: 'HARDWARE',
  VpriFailed: 'IOMMUFD',
  VpriReset: 'USER_SPACE',
};

const RESPONSE_CODES = ['SUCCESS', 'INVALID', 'FAILURE'];

const responseName = (code: number): string => RESPONSE_CODES[code] ?? String(code);
const hex = (value: bigint): string => `0x${value.toString(16)}`;

function permissions(perm: number): string {
  const names = ['read', 'write', 'exec', 'privileged'];
  return names.filter((_, bit) => (perm & (1 << bit)) !== 0).join('+') || 'no access';
}

function rangeText({ start, last }: { start: bigint; last: bigint }): string {
  return `${hex(start)} to ${hex(last)}`;
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}

function describeRequest({ flags, pasid, grpid, perm, addr }: PageRequest): string {
  const with_ = (flags & 1) !== 0 ? ` with PASID ${pasid}` : '';
  const last = (flags & 2) !== 0 ? ', last of its group' : '';
  return `${permissions(perm)} at ${hex(addr)}${with_}, group index ${grpid}${last}`;
}

/** One event in one sentence, without a full stop. */
export function describeEvent(event: Event): string {
  switch (event.type) {
    case 'MachineCreated':
      return `the machine behaves as ${event.baseline}`;
    case 'KernelReplaced':
      return `from here on the machine behaves as ${event.baseline}`;
    case 'IommuGroupCreated':
      return `IOMMU group ${event.iommuGroupId} created, on its default domain`;
    case 'IommuGroupRemoved':
      return `IOMMU group ${event.iommuGroupId} removed with its last device`;
    case 'PciDeviceAdded':
      return `PCI function ${event.device.bdf} joined IOMMU group ${event.iommuGroupId}`;
    case 'MockDeviceAdded':
      return `iommufd_mock${event.mockDev} joined IOMMU group ${event.iommuGroupId}`;
    case 'PhysicalDeviceRemoved':
      return `physical device ${event.deviceNo} is gone`;
    case 'ContextOpened':
      return `context ${event.contextId}: /dev/iommu opened`;
    case 'ContextFileClosed':
      return `context ${event.contextId}: file closed`;
    case 'ContextReleased':
      return `context ${event.contextId} released`;
    case 'ObjectReserved':
      return `id ${event.id} taken for a ${event.objectType}`;
    case 'ObjectAborted':
      return `${event.objectType} ${event.id} aborted, its id is free`;
    case 'ObjectDestroyed':
      return `${event.objectType} ${event.id} destroyed`;
    case 'IoasAllocated':
      return `IOAS ${event.ioasId} allocated`;
    case 'HwptPagingAllocated': {
      const kind = event.auto ? 'automatic' : event.nestParent ? 'nest-parent' : 'paging';
      return `${kind} hwpt ${event.hwptId} allocated on IOAS ${event.ioasId}`;
    }
    case 'DomainAdded':
      return `the domain of hwpt ${event.hwptId} joined IOAS ${event.ioasId}`;
    case 'DomainRemoved':
      return `the domain of hwpt ${event.hwptId} left IOAS ${event.ioasId}`;
    case 'HwptNestedAllocated':
      return `nested hwpt ${event.hwptId} allocated on parent hwpt ${event.parentId}`;
    case 'HwptFaultQueueAssigned':
      return `hwpt ${event.hwptId} is fault-capable: faults go to fault queue ${event.faultId}`;
    case 'AreaMapped':
      return `IOAS ${event.ioasId}: ${rangeText(event)} maps user memory at ${hex(event.userVa)}`;
    case 'AreaUnmapped':
      return `IOAS ${event.ioasId}: ${rangeText(event)} unmapped`;
    case 'AllowedIovasSet':
      return `IOAS ${event.ioasId}: automatic IOVAs from ${count(event.allowed.length, 'range')}`;
    case 'ReservedRangeAdded':
      return `IOAS ${event.ioasId}: ${rangeText(event)} reserved`;
    case 'LargePagesSet':
      return `IOAS ${event.ioasId}: large pages ${event.enabled ? 'on' : 'off'}`;
    case 'RlimitModeSet':
      return `context ${event.contextId}: locked memory is counted per ${event.mode === 0 ? 'user' : 'process'}`;
    case 'VfioIoasSet':
      return `context ${event.contextId}: VFIO's IOAS is ${event.ioasId ?? 'none'}`;
    case 'DirtyTrackingSet':
      return `hwpt ${event.hwptId}: dirty tracking ${event.enabled ? 'on' : 'off'}`;
    case 'PagesDirtied':
      return `hwpt ${event.hwptId}: ${count(event.slots.length, 'IO page')} dirtied`;
    case 'PagesCleaned':
      return `hwpt ${event.hwptId}: dirty bits of ${count(event.slots.length, 'IO page')} cleared`;
    case 'AccessCreated':
      return `access ${event.accessId} created`;
    case 'AccessIoasChanged':
      return `access ${event.accessId} is on ${event.ioasId === null ? 'no IOAS' : `IOAS ${event.ioasId}`}`;
    case 'AccessPagesPinned':
      return `access ${event.accessId} pinned ${rangeText(event)} as item ${event.itemId}`;
    case 'AccessPagesUnpinned':
      return `access ${event.accessId} let go of item ${event.itemId}`;
    case 'UserMemoryFilled':
      return `${event.length} bytes of user memory at ${hex(event.userVa)} set to ${event.fill}`;
    case 'MsiCookieCreated':
      return `hwpt ${event.hwptId} got an MSI cookie at ${hex(event.swMsiStart)}`;
    case 'MockIotlbInvalidated':
      return `hwpt ${event.hwptId}: IOTLB ${event.iotlbId ?? 'words all'} zeroed`;
    case 'StageOneInvalidated':
      return `hwpt ${event.hwptId}: cached translations from ${hex(event.addr)} dropped`;
    case 'DmaOwnershipClaimed':
      return `context ${event.contextId} owns DMA of IOMMU group ${event.iommuGroupId}, which now blocks`;
    case 'DmaOwnershipReleased':
      return `IOMMU group ${event.iommuGroupId} is back on its default domain`;
    case 'DeviceBound':
      return `device ${event.deviceId} bound in IOMMU group ${event.iommuGroupId}`;
    case 'DeviceUnbound':
      return `device ${event.deviceId} unbound`;
    case 'SelftestDeviceFinalized':
      return `mock device ${event.stdevId} ready, its DEVICE is ${event.deviceId}`;
    case 'ReservedRegionsEnforced':
      return `reserved regions of device ${event.deviceId} reserved in IOAS ${event.ioasId}`;
    case 'ReservedRegionsRemoved':
      return `reserved regions of device ${event.deviceId} released in IOAS ${event.ioasId}`;
    case 'IopfEnabled':
      return `device ${event.deviceId}: one more user of IOPF`;
    case 'IopfDisabled':
      return `device ${event.deviceId}: one user of IOPF less`;
    case 'IopfFeatureEnabled':
      return `IOPF feature ON for physical device ${event.deviceNo}: it may send page requests`;
    case 'IopfFeatureDisabled':
      return `IOPF feature OFF for physical device ${event.deviceNo}`;
    case 'AttachHandleStored':
      return `attach handle ${event.attachHandleId} stored: group ${event.iommuGroupId} to hwpt ${event.hwptId} for device ${event.deviceId}`;
    case 'AttachHandleErased':
      return `attach handle ${event.attachHandleId} erased from group ${event.iommuGroupId}`;
    case 'AttachHandleFreed':
      return `attach handle ${event.attachHandleId} freed`;
    case 'DomainAttached':
      return `IOMMU group ${event.iommuGroupId} translates through hwpt ${event.hwptId}`;
    case 'DomainDetached':
      return `IOMMU group ${event.iommuGroupId} blocks all DMA`;
    case 'DeviceAttached':
      return `device ${event.deviceId} attached to hwpt ${event.hwptId}`;
    case 'DeviceDetached':
      return `device ${event.deviceId} detached from hwpt ${event.hwptId}`;
    case 'DeviceReplaced':
      return `IOMMU group ${event.iommuGroupId} moved from hwpt ${event.oldHwptId} to hwpt ${event.hwptId}`;
    case 'FaultQueueAllocated':
      return `fault queue ${event.faultId} allocated, its file is open`;
    case 'FaultFileClosed':
      return `fault queue ${event.faultId}: file closed`;
    case 'PageRequestReported':
      return `page request: ${describeRequest(event.request)}`;
    case 'PageRequestCollected':
      return `the request waits for the last page of group index ${event.request.grpid}`;
    case 'PartialRequestsDropped':
      return `collected requests of group index ${event.grpid} dropped`;
    case 'IopfGroupQueued':
      return `iopf group ${event.iopfGroupId} with ${count(event.requests.length, 'page request')} queued in fault queue ${event.faultId}`;
    case 'IopfGroupRead':
      return `iopf group ${event.iopfGroupId} read from fault queue ${event.faultId} with cookie ${event.cookie}`;
    case 'PageResponseWritten':
      return `user space answered cookie ${event.cookie}: ${responseName(event.code)}`;
    case 'IopfGroupAutoResponded':
      return `the kernel took iopf group ${event.iopfGroupId} away and answers INVALID`;
    case 'PageResponseSent':
      return `response to physical device ${event.deviceNo}: group index ${event.grpid} ${responseName(event.code)}`;
    case 'HazardRecorded':
      return `HAZARD ${event.name} in ${event.function}: ${event.detail}`;
    case 'PageRequestInFlight':
      return `the request is in flight (${event.inFlightId}): looked up, not queued`;
    case 'PageRequestLanded':
      return `the request in flight ${event.inFlightId} goes on`;
    case 'IopfGroupFlushed':
      return `iopf group ${event.iopfGroupId} answered because its device left the iopf queue`;
    case 'IopfGroupLost':
      return `iopf group ${event.iopfGroupId} is lost`;
    case 'DriverIopfCounted':
      return `physical device ${event.deviceNo}: one domain with a fault handler ${event.step === 1 ? 'more' : 'less'}`;
    case 'VpriFailed':
      return `physical device ${event.deviceNo}: emulated PRI failed, delivery held back`;
    case 'VpriReset':
      return `physical device ${event.deviceNo}: emulated PRI reset`;
    default:
      return assertNever(event);
  }
}
