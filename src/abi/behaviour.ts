/**
 * How the kernels that can be emulated differ. Every difference is a field here, asked by name; no
 * version is compared anywhere in the core. Sources: the kernel functions named with each field.
 */
import type { BaselineName } from './baselines.ts';

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
  /** What faultRead gives when nothing of its buffer is there: the bytes not copied, or EFAULT. */
  readonly readCopyFaultGives: 'BYTES_LEFT' | 'EFAULT';
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
  /** A fault queue that cannot be finished: its file is closed before it is freed, not after. */
  readonly abortClosesFileFirst: boolean;
  /** Binding takes the object id before it checks the device and its group. */
  readonly bindTakesIdFirst: boolean;
  /** IOMMU_HWPT_ALLOC_PASID, hwpts that may be attached to PASIDs, and VFIO's flag that attaches them. */
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
  /** The alignment of an automatic IOVA is at most a huge page, 2 MiB. */
  readonly autoIovaAlignmentCapped: boolean;
  /** HWPT_INVALIDATE bounds its entries: 2^19 of at most PAGE_SIZE bytes. */
  readonly invalidateBounds: boolean;
  /** HWPT_INVALIDATE of an object that is no nested hwpt. */
  readonly invalidateWrongType: 'ENOENT' | 'EINVAL';
  /** GET_DIRTY_BITMAP with length 0: EINVAL, or EOVERFLOW and at IOVA 0 the whole space. */
  readonly dirtyBitmapLengthZero: 'EINVAL' | 'WRAPS';
  /**
   * How a dirty bitmap finds the byte of a bit: it shifts an int (undefined from pages of 2^31 bytes
   * on), divides by eight pages (zero from 2^61 bytes on, CVE-2025-40293), or shifts twice.
   */
  readonly dirtyBitmapIndex: 'SHIFTS_INT' | 'DIVIDES' | 'SHIFTS';
  /** IOAS_MAP looks first at the length (EINVAL), or whether the user address wraps (EOVERFLOW). */
  readonly mapChecksFirst: 'LENGTH' | 'WRAP';
  /** GET_HW_INFO tells of devices that cannot use ATS (IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED). */
  readonly hwInfoAts: boolean;
  /** Mock devices with huge IOVA pages (MOCK_FLAGS_DEVICE_HUGE_IOVA). */
  readonly mockHugeIova: boolean;
  /** Mock devices with PASIDs (MOCK_FLAGS_DEVICE_PASID), and the operations that attach these. */
  readonly mockPasid: boolean;
  /** The mock driver takes user data with a paging hwpt: which page table it is to have. */
  readonly mockPagingUserData: boolean;
  /** TEST MD_CHECK_MAP looks first at its arguments (EINVAL), or for the hwpt (ENOENT). */
  readonly mdCheckMapFirst: 'ARGUMENTS' | 'HWPT';
  /** What TEST DIRTY counts: IO pages that are mapped, or every bit it was given. */
  readonly testDirtyCounts: 'MAPPED' | 'GIVEN';
  /** Where TEST DIRTY looks for a page of size S at an IOVA: IO page IOVA / S, or the IOVA itself. */
  readonly testDirtyMarks: 'IOVA_BY_PAGE_SIZE' | 'IOVA';
  /** What has one dirty bit in a mock hwpt: an IO page of 2 KiB, or a leaf of its page table. */
  readonly mockDirtyBitOf: 'IO_PAGE' | 'LEAF';
  /** A dirty bitmap of a mock hwpt whose tracking is off: nothing, or what was marked before. */
  readonly mockDirtyWhenOff: 'NOTHING' | 'MARKED';
  /** TEST ADD_RESERVED looks whether the range is empty (EINVAL) or wraps (EOVERFLOW). */
  readonly addReservedChecked: boolean;
  /** VT-d's driver reports page requests without a PASID; else it answers them INVALID. */
  readonly vtdReportsWithoutPasid: boolean;
  /** AMD's driver answers page requests that it does not report; else the device waits for ever. */
  readonly amdAnswersRefused: boolean;
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
  readCopyFaultGives: 'EFAULT',
  writeCopyFault: 'POSITIVE',
  responseCodeChecked: true,
  pgfaultReserved: 'UNDEFINED',
  destroyAnswersDelivered: false,
  groupDequeued: false,
  iopfRemoveFreesGroups: false,
  abortClosesFileFirst: false,
  bindTakesIdFirst: false,
  pasidHwpts: false,
  hwInfoPasid: false,
  hwInfoInputType: false,
  autoIovaAlignment: 'WRAPS',
  autoIovaAlignmentCapped: true,
  invalidateBounds: false,
  invalidateWrongType: 'ENOENT',
  dirtyBitmapLengthZero: 'WRAPS',
  dirtyBitmapIndex: 'SHIFTS_INT',
  mapChecksFirst: 'LENGTH',
  hwInfoAts: false,
  mockHugeIova: true,
  mockPasid: false,
  mockPagingUserData: false,
  mdCheckMapFirst: 'ARGUMENTS',
  testDirtyCounts: 'MAPPED',
  testDirtyMarks: 'IOVA_BY_PAGE_SIZE',
  mockDirtyBitOf: 'IO_PAGE',
  mockDirtyWhenOff: 'NOTHING',
  addReservedChecked: false,
  vtdReportsWithoutPasid: false,
  amdAnswersRefused: false,
};

const LINUX_6_12_0: Behaviour = {
  ...LINUX_6_11,
  nestedEnforcesReservedRegions: true,
  nestParentDriverChecked: true,
};

const LINUX_6_13: Behaviour = {
  ...LINUX_6_12_0,
  vtdReportsWithoutPasid: true,
  faultOnPagingHwpt: 'IF_DRIVER_ACCEPTS',
  faultWithNestParent: true,
  virtfnRefused: 'WITH_PRI_AT_ENABLE',
  invalidateWrongType: 'EINVAL',
  mapChecksFirst: 'WRAP',
};

const LINUX_6_14: Behaviour = {
  ...LINUX_6_13,
  faultOnPagingHwpt: 'YES',
  readCopyFault: 'LOOPS',
  pgfaultReserved: 'ZERO',
  destroyAnswersDelivered: true,
  iopfRemoveFreesGroups: true,
  dirtyBitmapIndex: 'DIVIDES',
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
  mockPasid: true,
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
    readCopyFaultGives: 'BYTES_LEFT',
    responseCodeChecked: false,
    autoIovaAlignmentCapped: false,
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
    abortClosesFileFirst: true,
    hwInfoPasid: true,
    autoIovaAlignment: 'NO_ROOM',
    invalidateBounds: true,
    dirtyBitmapLengthZero: 'EINVAL',
    dirtyBitmapIndex: 'SHIFTS',
    addReservedChecked: true,
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
    abortClosesFileFirst: true,
    bindTakesIdFirst: true,
    amdAnswersRefused: true,
    hwInfoInputType: true,
    autoIovaAlignment: 'NO_ROOM',
    invalidateBounds: true,
    dirtyBitmapLengthZero: 'EINVAL',
    dirtyBitmapIndex: 'SHIFTS',
    hwInfoAts: true,
    mockHugeIova: false,
    mockPagingUserData: true,
    mdCheckMapFirst: 'HWPT',
    testDirtyCounts: 'GIVEN',
    testDirtyMarks: 'IOVA',
    mockDirtyBitOf: 'LEAF',
    mockDirtyWhenOff: 'MARKED',
    addReservedChecked: true,
  },
};
