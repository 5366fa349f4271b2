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
    null,
    `iommufd_ioas_iova_ranges (${IOMMUFD}/ioas.c)`,
    'ABSENT',
    'The reserved ranges themselves can be queried on the IOAS.',
  ),
  entry('IOMMU_IOAS_ALLOW_IOVAS', null, `iommufd_ioas_allow_iovas (${IOMMUFD}/ioas.c)`, 'ABSENT'),
  entry(
    'IOMMU_IOAS_MAP, _COPY, _UNMAP',
    null,
    `iommufd_ioas_map (${IOMMUFD}/ioas.c)`,
    'ABSENT',
    'IOAS hold reserved ranges and domains, no mappings.',
  ),
  entry('IOMMU_OPTION', null, `iommufd_option (${IOMMUFD}/main.c)`, 'ABSENT'),
  entry('IOMMU_VFIO_IOAS', null, `iommufd_vfio_ioas (${IOMMUFD}/vfio_compat.c)`, 'ABSENT'),
  entry(
    'IOMMU_HWPT_ALLOC',
    'hwptAlloc',
    `iommufd_hwpt_alloc (${IOMMUFD}/hw_pagetable.c)`,
    'PARTIAL',
    'Paging, nested and automatic. Enforcing cache coherency is not modelled.',
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
    'IOMMU_HWPT_SET_DIRTY_TRACKING, _GET_DIRTY_BITMAP',
    null,
    `iommufd_hwpt_set_dirty_tracking (${IOMMUFD}/hw_pagetable.c)`,
    'ABSENT',
    'DIRTY_TRACKING hwpts can be allocated; nothing gets dirty.',
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
    'There is no user buffer, so EFAULT in the middle of a copy cannot happen.',
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
    'PASIDs reach a nested hwpt through its guest’s PASID table; attaching to one PASID is of 6.15.',
  ),
  entry(
    'reserved regions and software MSI windows at attach',
    null,
    `iopt_table_enforce_dev_resv_regions (${IOMMUFD}/io_pagetable.c)`,
    'PARTIAL',
    'Without mappings and allowed ranges nothing can be in the way (EADDRINUSE).',
  ),
  entry(
    'IOMMU_TEST_OP_MOCK_DOMAIN, _FLAGS',
    'testMockDomain',
    `iommufd_test_mock_domain (${IOMMUFD}/selftest.c)`,
    'SUPPORTED',
    'Three device flags more than the stock driver: 256 shared group, 512 virtual function, 1024 no IOPF.',
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
  entry('other IOMMU_TEST_OP_*', null, `iommufd_test (${IOMMUFD}/selftest.c)`, 'ABSENT'),
  entry('in-kernel accesses', null, `iommufd_access_create (${IOMMUFD}/device.c)`, 'ABSENT'),
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
    'WARN_ON and freed memory in fault.c, io-pgfault.c',
    'PARTIAL',
    'Warnings and uses of freed memory on the emulated paths are recorded; leaks are not yet.',
  ),
];
