/** The table of versions in words: what each row is about, and how its values read. */
import type { BaselineName } from './baselines.ts';
import { BEHAVIOUR, type Behaviour } from './behaviour.ts';

interface BehaviourText {
  /** What the row is about. */
  readonly title: string;
  /** Kernel function it comes from. */
  readonly source: string;
}

export const BEHAVIOUR_TEXT: Readonly<Record<keyof Behaviour, BehaviourText>> = {
  faultOnPagingHwpt: { title: 'fault-capable paging hwpts', source: 'iommufd_hwpt_paging_alloc' },
  faultWithNestParent: {
    title: 'fault-capable nest parents accepted',
    source: 'iommufd_hwpt_paging_alloc',
  },
  nestedEnforcesReservedRegions: {
    title: 'nested attach enforces reserved regions in the parent’s IOAS',
    source: 'iommufd_hw_pagetable_attach',
  },
  nestParentDriverChecked: {
    title: 'nest parent of another driver refused',
    source: 'iommufd_hwpt_nested_alloc',
  },
  handleForPlainHwpts: {
    title: 'attach handle for hwpts that are not fault-capable',
    source: 'iommufd_hwpt_attach_device',
  },
  handleStoredAfterAttach: {
    title: 'handle stored only after the driver attached',
    source: 'iommu_attach_group_handle',
  },
  iopfEnabledBy: { title: 'who enables IOPF', source: 'iommufd_fault_iopf_enable' },
  virtfnRefused: {
    title: 'virtual functions refused',
    source: 'iommufd_fault_iopf_enable; iommufd_hwpt_compatible_device',
  },
  replaceByUnattachedMember: {
    title: 'replace asked by a member that is not attached',
    source: 'iommufd_device_do_replace',
  },
  replaceAnswersQueueOf: {
    title: 'replace answers the groups in the fault queue of',
    source: 'iommufd_hwpt_replace_device',
  },
  missingHandleNoticed: {
    title: 'missing attach handle noticed',
    source: 'iommufd_fault_domain_replace_dev',
  },
  replaceReservesInOrderOf: {
    title: 'replace reserves ranges for the attached devices in order of',
    source: 'iommufd_device_do_replace',
  },
  failedReplaceFreesHandle: {
    title: 'failed replace frees its new handle',
    source: '__fault_domain_replace_dev',
  },
  failedReplaceReleasesIn: {
    title: 'failed replace releases the reserved ranges in the',
    source: 'iommufd_device_do_replace',
  },
  softwareMsi: { title: 'software MSI window prepared', source: 'iommufd_group_setup_msi' },
  readTooSmall: { title: 'read: first group does not fit', source: 'iommufd_fault_fops_read' },
  readCopyFault: { title: 'read: buffer not there', source: 'iommufd_fault_fops_read' },
  readCopyFaultGives: {
    title: 'read: buffer not there: what it gives',
    source: 'iommufd_fault_fops_read',
  },
  writeCopyFault: { title: 'write: records not there', source: 'iommufd_fault_fops_write' },
  responseCodeChecked: { title: 'response codes checked', source: 'iommufd_fault_fops_write' },
  pgfaultReserved: {
    title: 'reserved bytes of a page fault message',
    source: 'iommufd_compose_fault_message',
  },
  destroyAnswersDelivered: {
    title: 'destroying a fault queue answers groups that were read',
    source: 'iommufd_fault_destroy',
  },
  groupDequeued: {
    title: 'queued group leaves its device’s pending list',
    source: 'iommufd_fault_iopf_handler',
  },
  iopfRemoveFreesGroups: {
    title: 'leaving the iopf queue frees pending groups',
    source: 'iopf_queue_remove_device',
  },
  abortClosesFileFirst: {
    title: 'fault queue that cannot be finished: file closed before it is freed',
    source: 'iommufd_fault_alloc',
  },
  bindTakesIdFirst: { title: 'bind takes the object id first', source: 'iommufd_device_bind' },
  pasidHwpts: {
    title: 'PASIDs are attached, to hwpts made for them',
    source: 'iommufd_hwpt_paging_alloc; iommufd_device_attach',
  },
  hwInfoPasid: { title: 'hardware information on PASIDs', source: 'iommufd_get_hw_info' },
  hwInfoInputType: {
    title: 'hardware information of a type asked for',
    source: 'iommufd_get_hw_info',
  },
  autoIovaAlignment: {
    title: 'automatic IOVA: aligning past the end of the space',
    source: 'iopt_alloc_iova',
  },
  autoIovaAlignmentCapped: {
    title: 'automatic IOVA: aligned to 2 MiB at most',
    source: 'iopt_alloc_iova',
  },
  invalidateBounds: { title: 'invalidation bounded', source: 'iommufd_hwpt_invalidate' },
  invalidateWrongType: {
    title: 'invalidation of another object type',
    source: 'iommufd_hwpt_invalidate',
  },
  vtdReportsWithoutPasid: {
    title: 'VT-d reports page requests without PASID',
    source: 'prq_event_thread',
  },
  amdAnswersRefused: {
    title: 'AMD answers page requests it does not report',
    source: 'iommu_poll_ppr_log',
  },
  dirtyBitmapLengthZero: {
    title: 'dirty bitmap of length 0',
    source: 'iommufd_check_iova_range',
  },
  dirtyBitmapIndex: {
    title: 'dirty bitmap: finding the byte of a bit',
    source: 'iova_bitmap_offset_to_index',
  },
  mapChecksFirst: {
    title: 'map looks first at: length, or user address that wraps',
    source: 'iopt_alloc_pages',
  },
  hwInfoAts: { title: 'hardware information on missing ATS', source: 'iommufd_get_hw_info' },
  mockHugeIova: { title: 'mock devices with huge IOVA pages', source: 'mock_dev_create' },
  mockPasid: {
    title: 'mock devices with PASIDs, and operations on these',
    source: 'mock_dev_create; iommufd_test_pasid_attach',
  },
  mockPagingUserData: {
    title: 'mock driver takes user data with a paging hwpt',
    source: 'mock_domain_alloc_paging_flags',
  },
  mdCheckMapFirst: {
    title: 'TEST MD_CHECK_MAP looks first at',
    source: 'iommufd_test_md_check_pa',
  },
  testDirtyCounts: { title: 'TEST DIRTY counts the pages', source: 'iommufd_test_dirty' },
  testDirtyMarks: { title: 'TEST DIRTY marks the IO page at', source: 'iommufd_test_dirty' },
  mockDirtyBitOf: {
    title: 'one dirty bit of a mock hwpt stands for',
    source: 'mock_domain_read_and_clear_dirty',
  },
  mockDirtyWhenOff: {
    title: 'dirty bitmap of a mock hwpt with tracking off',
    source: 'mock_domain_read_and_clear_dirty',
  },
  addReservedChecked: {
    title: 'TEST ADD_RESERVED refuses a range that is empty or wraps',
    source: 'iommufd_test_add_reserved',
  },
};

/** A value of the table as text: yes, no, or the word that stands there. */
export function behaviourText(baseline: BaselineName, row: keyof Behaviour): string {
  const value = BEHAVIOUR[baseline][row];
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value.startsWith('E') && value === value.toUpperCase() && !value.includes('_')
    ? value
    : value.toLowerCase().replaceAll('_', ' ');
}
