/**
 * The kernel versions whose behaviour can be emulated. Every difference is a field here, asked by
 * name; no version is compared anywhere in the core. Sources: the kernel functions named with each
 * field; the values are those of the .0 releases, except 6.12.117 and 7.3.4.
 */
export const BASELINES = [
  'V6_PATCH',
  'LINUX_6_11',
  'LINUX_6_12_0',
  'LINUX_6_12_117',
  'LINUX_6_13',
  'LINUX_6_14',
  'LINUX_6_15',
  'LINUX_6_16',
  'LINUX_7_3_4',
] as const;
export type BaselineName = (typeof BASELINES)[number];

export function isBaseline(name: string): name is BaselineName {
  return (BASELINES as readonly string[]).includes(name);
}
export const DEFAULT_BASELINE: BaselineName = 'LINUX_6_12_117';

export const BASELINE_TEXT: Readonly<Record<BaselineName, string>> = {
  V6_PATCH: 'The sixth posting of the series (May 2024), as in the mail.',
  LINUX_6_11: 'Linux 6.11: the series as merged.',
  LINUX_6_12_0: 'Linux 6.12, first release.',
  LINUX_6_12_117: 'Linux 6.12.117 (LTS): the reference; the kernel traces were recorded on it.',
  LINUX_6_13: 'Linux 6.13.',
  LINUX_6_14: 'Linux 6.14.',
  LINUX_6_15: 'Linux 6.15: replace answers the wrong fault queue.',
  LINUX_6_16: 'Linux 6.16: drivers enable IOPF in their own attach.',
  LINUX_7_3_4: 'Linux 7.3.4: the newest stable release looked at.',
};

/** What differs between kernels, one field a behaviour. */
export interface Behaviour {
  /** FAULT_ID_VALID on a paging hwpt. */
  readonly faultOnPagingHwpt: 'NO' | 'IF_DRIVER_ACCEPTS' | 'YES';
  /** FAULT_ID_VALID together with NEST_PARENT, where paging hwpts can be fault-capable at all. */
  readonly faultWithNestParent: boolean;
  /** Attaching a nested hwpt reserves the device's regions in the parent's IOAS. */
  readonly nestedEnforcesReservedRegions: boolean;
  /** A nest parent made by another IOMMU driver is refused. */
  readonly nestParentDriverChecked: boolean;
  /** Attachments to hwpts that are not fault-capable have an attach handle too. */
  readonly handleForPlainHwpts: boolean;
  /** The handle of a first attach is stored after the driver agreed, not before. */
  readonly handleStoredAfterAttach: boolean;
  /** Who enables IOPF: iommufd, counting on the asking device, or the driver on each device. */
  readonly iopfEnabledBy: 'IOMMUFD' | 'DRIVER';
  /** Which virtual functions are refused a fault-capable hwpt, and when. */
  readonly virtfnRefused: 'ANY_AT_ENABLE' | 'WITH_PRI_AT_ENABLE' | 'WITH_PRI_ALWAYS';
  /** A bound but unattached member of a group may ask for a replace. */
  readonly replaceByUnattachedMember: 'MOVES_GROUP' | 'EINVAL';
  /** Whose fault queue the automatic response of a replace looks into. */
  readonly replaceAnswersQueueOf: 'OLD_HWPT' | 'NEW_HWPT';
  /** A look-up that finds no attach handle is told from one that does. */
  readonly missingHandleNoticed: boolean;
  /** Order in which a replace reserves ranges for the attached devices of a group. */
  readonly replaceReservesInOrderOf: 'ATTACHMENT' | 'ID';
  /** A failed replace frees the handle it made. */
  readonly failedReplaceFreesHandle: boolean;
  /** The IOAS in which a failed replace releases the devices' reserved ranges. */
  readonly failedReplaceReleasesIn: 'NEW_IOAS' | 'OLD_IOAS';
  /** When the software MSI window of a group is prepared in a paging hwpt. */
  readonly softwareMsi: 'COOKIE_AT_ATTACH' | 'WHEN_USED';
  /** faultRead when not even the first group fits. */
  readonly readTooSmall: 'ZERO' | 'EINVAL';
  /** faultRead when the buffer is not there. */
  readonly readCopyFault: 'GROUP_LOST' | 'LOOPS' | 'EFAULT';
  /** faultWrite when the records are not there: EFAULT, or the number of bytes not copied. */
  readonly writeCopyFault: 'POSITIVE' | 'EFAULT';
  /** Response codes other than SUCCESS and INVALID are refused. */
  readonly responseCodeChecked: boolean;
  /** The reserved bytes of a page fault message. */
  readonly pgfaultReserved: 'UNDEFINED' | 'ZERO';
  /** Destroying a fault queue answers groups that were read, too. */
  readonly destroyAnswersDelivered: boolean;
  /** A group leaves its device's list of pending groups when iommufd queues it. */
  readonly groupDequeued: boolean;
  /** Leaving the iopf queue frees the device's pending groups. */
  readonly iopfRemoveFreesGroups: boolean;
  /** Binding takes the object id before it checks the device and its group. */
  readonly bindTakesIdFirst: boolean;
  /** IOMMU_HWPT_ALLOC_PASID: hwpts that may be attached to PASIDs. */
  readonly pasidHwpts: boolean;
  /** GET_HW_INFO tells about PASIDs. */
  readonly hwInfoPasid: boolean;
  /** GET_HW_INFO can be asked for one type of structure (IOMMU_HW_INFO_FLAG_INPUT_TYPE). */
  readonly hwInfoInputType: boolean;
  /**
   * Aligning the start of a hole for an automatic IOVA past the end of the space: it wraps to 0, or
   * there is no room. Where it wraps a hole of one byte can be used, and else not.
   */
  readonly autoIovaAlignment: 'WRAPS' | 'NO_ROOM';
  /** HWPT_INVALIDATE bounds its entries: 2^19 of at most PAGE_SIZE bytes. */
  readonly invalidateBounds: boolean;
  /** HWPT_INVALIDATE of an object that is no nested hwpt. */
  readonly invalidateWrongType: 'ENOENT' | 'EINVAL';
  /** GET_DIRTY_BITMAP with length 0: EINVAL, or EOVERFLOW and at IOVA 0 the whole space. */
  readonly dirtyBitmapLengthZero: 'EINVAL' | 'WRAPS';
}

const LINUX_6_11: Behaviour = {
  faultOnPagingHwpt: 'NO',
  faultWithNestParent: false,
  nestedEnforcesReservedRegions: false,
  nestParentDriverChecked: false,
  handleForPlainHwpts: false,
  handleStoredAfterAttach: false,
  iopfEnabledBy: 'IOMMUFD',
  virtfnRefused: 'ANY_AT_ENABLE',
  replaceByUnattachedMember: 'MOVES_GROUP',
  replaceAnswersQueueOf: 'OLD_HWPT',
  missingHandleNoticed: true,
  replaceReservesInOrderOf: 'ATTACHMENT',
  failedReplaceFreesHandle: true,
  failedReplaceReleasesIn: 'NEW_IOAS',
  softwareMsi: 'COOKIE_AT_ATTACH',
  readTooSmall: 'ZERO',
  readCopyFault: 'GROUP_LOST',
  writeCopyFault: 'POSITIVE',
  responseCodeChecked: true,
  pgfaultReserved: 'UNDEFINED',
  destroyAnswersDelivered: false,
  groupDequeued: false,
  iopfRemoveFreesGroups: false,
  bindTakesIdFirst: false,
  pasidHwpts: false,
  hwInfoPasid: false,
  hwInfoInputType: false,
  autoIovaAlignment: 'WRAPS',
  invalidateBounds: false,
  invalidateWrongType: 'ENOENT',
  dirtyBitmapLengthZero: 'WRAPS',
};

const LINUX_6_12_0: Behaviour = {
  ...LINUX_6_11,
  nestedEnforcesReservedRegions: true,
  nestParentDriverChecked: true,
};

const LINUX_6_13: Behaviour = {
  ...LINUX_6_12_0,
  faultOnPagingHwpt: 'IF_DRIVER_ACCEPTS',
  faultWithNestParent: true,
  virtfnRefused: 'WITH_PRI_AT_ENABLE',
  invalidateWrongType: 'EINVAL',
};

const LINUX_6_14: Behaviour = {
  ...LINUX_6_13,
  faultOnPagingHwpt: 'YES',
  readCopyFault: 'LOOPS',
  pgfaultReserved: 'ZERO',
  destroyAnswersDelivered: true,
  iopfRemoveFreesGroups: true,
};

const LINUX_6_15: Behaviour = {
  ...LINUX_6_14,
  faultWithNestParent: false,
  handleForPlainHwpts: true,
  handleStoredAfterAttach: true,
  replaceByUnattachedMember: 'EINVAL',
  replaceAnswersQueueOf: 'NEW_HWPT',
  replaceReservesInOrderOf: 'ID',
  softwareMsi: 'WHEN_USED',
  pasidHwpts: true,
  hwInfoPasid: true,
};

const LINUX_6_16: Behaviour = {
  ...LINUX_6_15,
  iopfEnabledBy: 'DRIVER',
  virtfnRefused: 'WITH_PRI_ALWAYS',
};

/** Each baseline as what changed against one before it. */
export const BEHAVIOUR: Readonly<Record<BaselineName, Behaviour>> = {
  V6_PATCH: {
    ...LINUX_6_11,
    missingHandleNoticed: false,
    failedReplaceFreesHandle: false,
    failedReplaceReleasesIn: 'OLD_IOAS',
    responseCodeChecked: false,
  },
  LINUX_6_11,
  LINUX_6_12_0,
  LINUX_6_12_117: {
    ...LINUX_6_12_0,
    handleForPlainHwpts: true,
    replaceByUnattachedMember: 'EINVAL',
    readTooSmall: 'EINVAL',
    readCopyFault: 'EFAULT',
    writeCopyFault: 'EFAULT',
    pgfaultReserved: 'ZERO',
    destroyAnswersDelivered: true,
    groupDequeued: true,
    iopfRemoveFreesGroups: true,
    hwInfoPasid: true,
    autoIovaAlignment: 'NO_ROOM',
    invalidateBounds: true,
    dirtyBitmapLengthZero: 'EINVAL',
  },
  LINUX_6_13,
  LINUX_6_14,
  LINUX_6_15,
  LINUX_6_16,
  LINUX_7_3_4: {
    ...LINUX_6_16,
    replaceAnswersQueueOf: 'OLD_HWPT',
    readTooSmall: 'EINVAL',
    readCopyFault: 'EFAULT',
    writeCopyFault: 'EFAULT',
    groupDequeued: true,
    bindTakesIdFirst: true,
    hwInfoInputType: true,
    autoIovaAlignment: 'NO_ROOM',
    invalidateBounds: true,
    dirtyBitmapLengthZero: 'EINVAL',
  },
};

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
  bindTakesIdFirst: { title: 'bind takes the object id first', source: 'iommufd_device_bind' },
  pasidHwpts: { title: 'hwpts for PASIDs', source: 'iommufd_hwpt_paging_alloc' },
  hwInfoPasid: { title: 'hardware information on PASIDs', source: 'iommufd_get_hw_info' },
  hwInfoInputType: {
    title: 'hardware information of a type asked for',
    source: 'iommufd_get_hw_info',
  },
  autoIovaAlignment: {
    title: 'automatic IOVA: aligning past the end of the space',
    source: 'iopt_alloc_iova',
  },
  invalidateBounds: { title: 'invalidation bounded', source: 'iommufd_hwpt_invalidate' },
  invalidateWrongType: {
    title: 'invalidation of another object type',
    source: 'iommufd_hwpt_invalidate',
  },
  dirtyBitmapLengthZero: {
    title: 'dirty bitmap of length 0',
    source: 'iommufd_check_iova_range',
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

/** Choices the patch's review discusses, made once for a machine. */
export interface Policies {
  /**
   * What a replace away from a fault-capable hwpt answers: everything of the old attach handle, as
   * merged, or only if the new hwpt is not fault-capable, as the posting's cover letter meant.
   */
  readonly autoResponse: 'EVERY_REPLACE' | 'ONLY_TO_PLAIN';
  /** Whether the IOMMU driver finishes page requests in flight before a domain is gone. */
  readonly inFlightRequests: 'DRAINED' | 'NOT_DRAINED';
  /** Virtual functions: as the baseline refuses them, or with an emulated PRI of their own. */
  readonly virtualFunctions: 'AS_BASELINE' | 'EMULATED_PRI';
}

export const DEFAULT_POLICIES: Policies = {
  autoResponse: 'EVERY_REPLACE',
  inFlightRequests: 'DRAINED',
  virtualFunctions: 'AS_BASELINE',
};
