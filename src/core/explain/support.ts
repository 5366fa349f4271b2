/**
 * What is emulated, as data: the one place that says so. docs/KERNEL.md and the GraphQL query
 * `kernelSupport` are printed from it.
 */
export type SupportStatus = 'SUPPORTED' | 'PARTIAL' | 'ABSENT';

export interface SupportEntry {
  /** The ioctl, file operation or mechanism. */
  readonly name: string;
  /** The mutation, if it is an operation. */
  readonly mutation: string | null;
  /** Kernel function and file it mirrors. */
  readonly source: string;
  readonly status: SupportStatus;
  /** What is missing or different; empty if nothing is known to be. */
  readonly note: string;
}

function entry(
  name: string,
  mutation: string | null,
  source: string,
  status: SupportStatus,
  note = '',
): SupportEntry {
  return { name, mutation, source, status, note };
}

const IOMMUFD = 'drivers/iommu/iommufd';

export const SUPPORT: readonly SupportEntry[] = [
  entry('IOMMU_DESTROY', 'destroy', `iommufd_destroy (${IOMMUFD}/main.c)`, 'SUPPORTED'),
  entry(
    'open and close of /dev/iommu',
    'contextOpen',
    `iommufd_fops_release (${IOMMUFD}/main.c)`,
    'SUPPORTED',
  ),
  entry(
    'IOMMU_IOAS_ALLOC',
    'ioasAlloc',
    `iommufd_ioas_alloc_ioctl (${IOMMUFD}/ioas.c)`,
    'SUPPORTED',
  ),
  entry(
    'IOMMU_IOAS_IOVA_RANGES',
    'ioasIovaRanges',
    `iommufd_ioas_iova_ranges (${IOMMUFD}/ioas.c)`,
    'SUPPORTED',
    'Room for at most 4,096 ranges a call.',
  ),
  entry(
    'IOMMU_IOAS_ALLOW_IOVAS',
    'ioasAllowIovas',
    `iommufd_ioas_allow_iovas (${IOMMUFD}/ioas.c)`,
    'SUPPORTED',
    'At most 1,024 ranges a call.',
  ),
  entry(
    'IOMMU_IOAS_MAP',
    'ioasMap',
    `iommufd_ioas_map (${IOMMUFD}/ioas.c)`,
    'PARTIAL',
    'User memory is what contextOpen declares, for good; contexts of one process share the count of locked memory and not what the memory holds. Locked memory is bounded by RLIMIT_MEMLOCK alone.',
  ),
  entry('IOMMU_IOAS_COPY', 'ioasCopy', `iommufd_ioas_copy (${IOMMUFD}/ioas.c)`, 'SUPPORTED'),
  entry(
    'IOMMU_IOAS_UNMAP',
    'ioasUnmap',
    `iommufd_ioas_unmap (${IOMMUFD}/ioas.c)`,
    'PARTIAL',
    'Operations run one at a time, so EBUSY and EDEADLOCK of a race cannot happen.',
  ),
  entry('IOMMU_OPTION', 'option', `iommufd_option (${IOMMUFD}/main.c)`, 'SUPPORTED'),
  entry(
    'IOMMU_VFIO_IOAS',
    'vfioIoas',
    `iommufd_vfio_ioas (${IOMMUFD}/vfio_compat.c)`,
    'PARTIAL',
    'The VFIO compatible ioctls that would use the IOAS are absent.',
  ),
  entry(
    'IOMMU_HWPT_ALLOC',
    'hwptAlloc',
    `iommufd_hwpt_alloc (${IOMMUFD}/hw_pagetable.c)`,
    'PARTIAL',
    'Paging, nested and automatic; from 6.15 for PASIDs, to which nothing attaches. Enforcing cache coherency is not modelled.',
  ),
  entry(
    'IOMMU_HWPT_INVALIDATE',
    'hwptInvalidate',
    `iommufd_hwpt_invalidate (${IOMMUFD}/hw_pagetable.c)`,
    'PARTIAL',
    'Entries are typed, so a bad user pointer (EFAULT) and non-zero bytes past an entry (E2BIG) cannot be passed.',
  ),
  entry('IOMMU_GET_HW_INFO', 'getHwInfo', `iommufd_get_hw_info (${IOMMUFD}/device.c)`, 'SUPPORTED'),
  entry(
    'IOMMU_HWPT_SET_DIRTY_TRACKING',
    'hwptSetDirtyTracking',
    `iommufd_hwpt_set_dirty_tracking (${IOMMUFD}/hw_pagetable.c)`,
    'SUPPORTED',
  ),
  entry(
    'IOMMU_HWPT_GET_DIRTY_BITMAP',
    'hwptGetDirtyBitmap',
    `iommufd_hwpt_get_dirty_bitmap (${IOMMUFD}/hw_pagetable.c)`,
    'PARTIAL',
    'Pages get dirty by testDirty alone, 2 KiB at a time. The bitmap is not OR-ed into a buffer of the caller’s.',
  ),
  entry(
    'IOMMU_FAULT_QUEUE_ALLOC',
    'faultQueueAlloc',
    `iommufd_fault_alloc (${IOMMUFD}/fault.c)`,
    'SUPPORTED',
  ),
  entry(
    'read of a fault queue’s file',
    'faultRead',
    `iommufd_fault_fops_read (${IOMMUFD}/fault.c)`,
    'PARTIAL',
    'A buffer that is not there gives EFAULT, or what older kernels do; what is read is not written into user memory.',
  ),
  entry(
    'write to a fault queue’s file',
    'faultWrite',
    `iommufd_fault_fops_write (${IOMMUFD}/fault.c)`,
    'SUPPORTED',
    'EFAULT stands for a count that says more than there is.',
  ),
  entry('poll', 'faultPoll', `iommufd_fault_fops_poll (${IOMMUFD}/fault.c)`, 'SUPPORTED'),
  entry(
    'close of a fault queue’s file',
    'faultClose',
    `iommufd_fault_fops_release (${IOMMUFD}/fault.c)`,
    'SUPPORTED',
    'The file is named by the id of its fault queue; dup is not modelled.',
  ),
  entry(
    'VFIO_DEVICE_BIND_IOMMUFD and close of the device file',
    'deviceBind',
    `iommufd_device_bind (${IOMMUFD}/device.c)`,
    'SUPPORTED',
  ),
  entry(
    'VFIO_DEVICE_ATTACH_IOMMUFD_PT',
    'deviceAttach',
    `iommufd_device_attach (${IOMMUFD}/device.c)`,
    'SUPPORTED',
    'Attaching an attached device replaces, as VFIO does.',
  ),
  entry(
    'iommufd_device_replace',
    'deviceReplace',
    `iommufd_device_do_replace (${IOMMUFD}/device.c)`,
    'SUPPORTED',
    'The whole IOMMU group moves.',
  ),
  entry(
    'VFIO_DEVICE_DETACH_IOMMUFD_PT',
    'deviceDetach',
    `iommufd_hw_pagetable_detach (${IOMMUFD}/device.c)`,
    'SUPPORTED',
  ),
  entry(
    'page requests to iopf groups to responses',
    'pageRequest',
    'iommu_report_device_fault (drivers/iommu/io-pgfault.c)',
    'SUPPORTED',
    'PASIDs reach a nested hwpt through its guest’s PASID table.',
  ),
  entry(
    'attach, replace and detach of one PASID, from 6.15 on',
    null,
    `iommufd_device_attach (${IOMMUFD}/device.c)`,
    'ABSENT',
    'The flag of hwpts for it is there on the kernels that have it, and decides nothing.',
  ),
  entry(
    'reserved regions and software MSI windows at attach',
    null,
    `iopt_table_enforce_dev_resv_regions (${IOMMUFD}/io_pagetable.c)`,
    'SUPPORTED',
  ),
  entry(
    'IOMMU_TEST_OP_MOCK_DOMAIN, _FLAGS',
    'testMockDomain',
    `iommufd_test_mock_domain (${IOMMUFD}/selftest.c)`,
    'SUPPORTED',
    'Three device flags more than the stock driver: 256 shared group, 512 virtual function, 1024 no IOPF. 2, huge IOVA pages, changes nothing: user memory has no huge pages.',
  ),
  entry(
    'IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE',
    'testMockDomainReplace',
    `iommufd_test_mock_domain_replace (${IOMMUFD}/selftest.c)`,
    'SUPPORTED',
  ),
  entry(
    'IOMMU_TEST_OP_TRIGGER_IOPF',
    'testTriggerIopf',
    `iommufd_test_trigger_iopf (${IOMMUFD}/selftest.c)`,
    'SUPPORTED',
    'lastPage is ours; the stock driver always sends the last request.',
  ),
  entry(
    'IOMMU_TEST_OP_MD_CHECK_IOTLB',
    'testMdCheckIotlb',
    `iommufd_test_md_check_iotlb (${IOMMUFD}/selftest.c)`,
    'SUPPORTED',
  ),
  entry(
    'IOMMU_TEST_OP_ADD_RESERVED',
    'testAddReserved',
    `iommufd_test_add_reserved (${IOMMUFD}/selftest.c)`,
    'SUPPORTED',
  ),
  entry(
    'IOMMU_TEST_OP_MD_CHECK_MAP',
    'testMdCheckMap',
    `iommufd_test_md_check_pa (${IOMMUFD}/selftest.c)`,
    'SUPPORTED',
  ),
  entry(
    'IOMMU_TEST_OP_DIRTY',
    'testDirty',
    `iommufd_test_dirty (${IOMMUFD}/selftest.c)`,
    'PARTIAL',
    'Only the first 64 pages of the range can be named.',
  ),
  entry(
    'IOMMU_TEST_OP_CREATE_ACCESS and close of its file',
    'testCreateAccess',
    `iommufd_test_create_access (${IOMMUFD}/selftest.c)`,
    'SUPPORTED',
    'The file is named by the id of its access; dup is not modelled.',
  ),
  entry(
    'IOMMU_TEST_OP_ACCESS_REPLACE_IOAS',
    'testAccessReplaceIoas',
    `iommufd_test_access_replace_ioas (${IOMMUFD}/selftest.c)`,
    'SUPPORTED',
  ),
  entry(
    'IOMMU_TEST_OP_ACCESS_PAGES',
    'testAccessPages',
    `iommufd_test_access_pages (${IOMMUFD}/selftest.c)`,
    'PARTIAL',
    'There is no user pointer to compare the pages with (EBADE).',
  ),
  entry(
    'IOMMU_TEST_OP_DESTROY_ACCESS_PAGES',
    'testDestroyAccessPages',
    `iommufd_test_access_item_destroy (${IOMMUFD}/selftest.c)`,
    'SUPPORTED',
  ),
  entry(
    'IOMMU_TEST_OP_ACCESS_RW',
    'testAccessRw',
    `iommufd_test_access_rw (${IOMMUFD}/selftest.c)`,
    'PARTIAL',
    'A write sets every byte to one value; a read has at most 64 KiB.',
  ),
  entry(
    'IOMMU_TEST_OP_MD_CHECK_REFS, _SET_TEMP_MEMORY_LIMIT',
    null,
    `iommufd_test (${IOMMUFD}/selftest.c)`,
    'ABSENT',
  ),
  entry(
    'in-kernel accesses',
    null,
    `iommufd_access_create (${IOMMUFD}/device.c)`,
    'PARTIAL',
    'Those of the self-test; VFIO’s emulated devices are absent.',
  ),
  entry(
    'ioctl numbers, structure sizes, E2BIG',
    null,
    `iommufd_fops_ioctl (${IOMMUFD}/main.c)`,
    'ABSENT',
    'Operations come as GraphQL mutations, not as bytes.',
  ),
  entry(
    'hazards of the kernel itself',
    null,
    'fault.c, io-pgfault.c, device.c, io_pagetable.c',
    'PARTIAL',
    'Warnings, uses of freed memory, leaks, lost and wrong answers and wrong states on the emulated paths are recorded. Not recorded: races between operations; docs/KERNEL.md lists each.',
  ),
];
