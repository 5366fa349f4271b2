/**
 * Each refusal, as operations that meet it: the errno, the kernel function that decides (read in the
 * source of 6.12.117), the rule, and the sentence that a caller gets.
 */
import type { RefusalRule } from '../../../src/abi/refusal-rules.ts';
import { MOCK, MOCK_PASIDS, PCI_FAULTING, PCI_HWPTS, PCI_PASIDS, SHARED_GROUP } from './setups.ts';
import type { Kernel } from './table.ts';

export interface RefusalCase {
  readonly setup?: string;
  readonly kernel?: Kernel;
  /** `operation -> ERRNO function RULE: sentence` */
  readonly lines: readonly (readonly [
    operation: string,
    errno: string,
    decides: string,
    rule: RefusalRule,
    sentence: string,
  ])[];
}

/** Those of test machines, as a sentence lists them. */
const FUNCTIONS =
  '0000:01:00.0, 0000:02:00.0, 0000:02:00.1, 0000:02:00.2, 0000:03:00.0, 0000:03:00.4, 0000:04:00.0, 0000:04:00.1, …';

const IOAS = 'ioas = ioasAlloc';
const TWO_MiB = 0x200000;

const MAPPING: RefusalCase = {
  setup: `${IOAS}
    other = ioasAlloc
    m = mock ioas
    reserve ioas 0x2000000 0x1000
    map ioas 0x1000000 0x4000
    map other 0x1000 0x1001 prot=r
    map other 0x4000 0x1000 va=0x50000000`,
  lines: [
    [
      'map ioas 0x1800000 0x1000 flags=8',
      'EOPNOTSUPP',
      'iommufd_ioas_map',
      'FLAGS_UNKNOWN',
      'flags 0x8: not known here is 0x8; known: IOMMU_IOAS_MAP_FIXED_IOVA (0x1), IOMMU_IOAS_MAP_WRITEABLE (0x2), IOMMU_IOAS_MAP_READABLE (0x4).',
    ],
    [
      'map ioas MAX 0x1000',
      'EOVERFLOW',
      'iommufd_ioas_map',
      'IOVA_IS_MAX',
      'iova 0xffffffffffffffff: no range can begin or last with it.',
    ],
    [
      'map ioas 0x1800000 MAX',
      'EOVERFLOW',
      'iommufd_ioas_map',
      'IOVA_IS_MAX',
      'length 0xffffffffffffffff: no range can begin or last with it.',
    ],
    [
      'map ioas 0x1800000 0x1000 flags=1',
      'EINVAL',
      'iommufd_ioas_map',
      'NO_ACCESS_WANTED',
      'flags: neither IOMMU_IOAS_MAP_READABLE (4) nor IOMMU_IOAS_MAP_WRITEABLE (2); one of them is needed.',
    ],
    [
      'map 99 0x1800000 0x1000',
      'ENOENT',
      'iommufd_get_object',
      'OBJECT_ABSENT',
      'ioasId 99: context 1 has no such object. It has IOASes 1, 2.',
    ],
    [
      'map m.dev 0x1800000 0x1000',
      'ENOENT',
      'iommufd_get_object',
      'OBJECT_OF_OTHER_TYPE',
      'ioasId 4: object 4 of context 1 is of type DEVICE, and IOAS is wanted. The context has IOASes 1, 2.',
    ],
    [
      'map ioas 0x1800000 0',
      'EINVAL',
      'iopt_alloc_pages',
      'LENGTH_ZERO',
      'length 0: it must be 1 or more.',
    ],
    [
      'map ioas 0x1800000 0xfffffffffffff000',
      'EINVAL',
      'iopt_alloc_pages',
      'LENGTH_TOO_LARGE',
      'length 0xfffffffffffff000: it is above 0xffffffffffffefff.',
    ],
    [
      'map ioas 0x1800000 0x2000 va=0xfffffffffffff000',
      'EOVERFLOW',
      'iopt_alloc_pages',
      'RANGE_WRAPS',
      'userVa: the range of 0x2000 bytes from 0xfffffffffffff000 goes past the end of the address space.',
    ],
    [
      'map ioas 0x1800000 0x1001',
      'EINVAL',
      'iopt_alloc_area_pages',
      'LENGTH_UNALIGNED',
      'length 0x1001: no multiple of 0x800, the IOVA alignment of IOAS 1.',
    ],
    [
      'map ioas 0x1800001 0x1000',
      'EINVAL',
      'iopt_check_iova',
      'IOVA_UNALIGNED',
      'iova: the IOVA 0x1800001 is not a multiple of 0x800, the IOVA alignment of IOAS 1.',
    ],
    [
      'map ioas 0xfffffffffffff000 0x2000',
      'EOVERFLOW',
      'iopt_check_iova',
      'RANGE_WRAPS',
      'iova: the range of 0x2000 bytes from 0xfffffffffffff000 goes past the end of the address space.',
    ],
    [
      'map ioas 0x7ffff000 0x2000',
      'EINVAL',
      'iopt_check_iova',
      'IOVA_OUTSIDE_APERTURE',
      'iova: the IOVAs 0x7ffff000 to 0x80000fff reach beyond the aperture of hwpt 5: it cannot translate 0x80000000 to 0xffffffffffffffff.',
    ],
    [
      'map ioas 0x1000 0x1000',
      'EINVAL',
      'iopt_check_iova',
      'IOVA_OUTSIDE_APERTURE',
      'iova: the IOVAs 0x1000 to 0x1fff reach beyond the aperture of hwpt 5: it cannot translate 0x0 to 0xffffff.',
    ],
    [
      'map ioas 0x1fff000 0x2000',
      'EINVAL',
      'iopt_check_iova',
      'IOVA_RESERVED',
      'iova: the IOVAs 0x1fff000 to 0x2000fff meet 0x2000000 to 0x2000fff, which nobody may use: they are reserved in IOAS 1.',
    ],
    [
      'map ioas 0x1003000 0x2000',
      'EEXIST',
      'iopt_check_iova',
      'IOVA_MAPPED',
      'iova: the IOVAs 0x1003000 to 0x1004fff meet 0x1000000 to 0x1003fff, which is mapped in IOAS 1.',
    ],
    [
      'map ioas 0x1800000 0x1000 va=0x10000001',
      'EINVAL',
      'iopt_insert_area',
      'USER_VA_UNALIGNED',
      'userVa: the user address 0x10000001 lies 1 bytes into its page, which is not a multiple of 0x800, the IOVA alignment of IOAS 1.',
    ],
    [
      'map ioas 0x1800000 0x2000 va=0x10fff000',
      'EFAULT',
      'pfn_reader_user_pin',
      'USER_MEMORY_MISSING',
      'userVa: the process has no memory at the user address 0x11000000.',
    ],
    [
      'map other 0 0x8000000000000000 va=0 auto',
      'EOVERFLOW',
      'iopt_alloc_iova',
      'AUTO_LENGTH_TOO_LARGE',
      'length 0x8000000000000000: no IOVA is chosen for half of the address space or more.',
    ],
    [
      'map ioas 0 0x1000 va=0x10000001 auto',
      'EINVAL',
      'iopt_alloc_iova',
      'AUTO_ALIGNMENT_TOO_SMALL',
      'userVa: an IOVA for the user address 0x10000001 and 0x1000 bytes would be a multiple of 0x1 only, and IOAS 1 wants 0x800.',
    ],
    [
      `map ioas 0 0x80000000 auto`,
      'ENOSPC',
      'iopt_alloc_iova',
      'AUTO_NO_ROOM',
      `length 0x80000000: IOAS 1 has no room for so much at a multiple of 0x${TWO_MiB.toString(16)}, in what is allowed, not reserved and not mapped.`,
    ],
    [
      'copy ioas 0x1800000 other 0x1000 0x1000 flags=16',
      'EOPNOTSUPP',
      'iommufd_ioas_copy',
      'FLAGS_UNKNOWN',
      'flags 0x10: not known here is 0x10; known: IOMMU_IOAS_MAP_FIXED_IOVA (0x1), IOMMU_IOAS_MAP_WRITEABLE (0x2), IOMMU_IOAS_MAP_READABLE (0x4).',
    ],
    [
      'copy ioas MAX other 0x1000 0x1000',
      'EOVERFLOW',
      'iommufd_ioas_copy',
      'IOVA_IS_MAX',
      'dstIova 0xffffffffffffffff: no range can begin or last with it.',
    ],
    [
      'copy ioas 0x1800000 other 0x1000 0',
      'EINVAL',
      'iopt_get_pages',
      'LENGTH_ZERO',
      'length 0: it must be 1 or more.',
    ],
    [
      'copy ioas 0x1800000 other 0x1000 0xffffffffffffff00',
      'EOVERFLOW',
      'iopt_get_pages',
      'RANGE_WRAPS',
      'srcIova: the range of 0xffffffffffffff00 bytes from 0x1000 goes past the end of the address space.',
    ],
    [
      'copy ioas 0x1800000 other 0x1000 0x2000',
      'ENOENT',
      'iopt_get_pages',
      'RANGE_NOT_MAPPED',
      'srcIova: nothing is mapped at the IOVA 0x2001 of IOAS 2, in the range 0x1000 to 0x2fff.',
    ],
    [
      'copy ioas 0x1800000 other 0x1000 0x800',
      'EPERM',
      'iopt_insert_area',
      'PAGES_READ_ONLY',
      'flags IOMMU_IOAS_MAP_WRITEABLE (2): the pages from the user address 0x10000000 on were mapped without it.',
    ],
    [
      'unmap ioas MAX 1',
      'EOVERFLOW',
      'iommufd_ioas_unmap',
      'IOVA_IS_MAX',
      'iova 0xffffffffffffffff: no range can begin or last with it.',
    ],
    [
      'unmap ioas 0x1800000 0',
      'EINVAL',
      'iopt_unmap_iova',
      'LENGTH_ZERO',
      'length 0: it must be 1 or more.',
    ],
    [
      'unmap ioas 0x1800000 0xffffffffffffff00',
      'EOVERFLOW',
      'iopt_unmap_iova',
      'RANGE_WRAPS',
      'iova: the range of 0xffffffffffffff00 bytes from 0x1800000 goes past the end of the address space.',
    ],
    [
      'unmap ioas 0x1800000 0x1000',
      'ENOENT',
      'iommufd_ioas_unmap',
      'NOTHING_MAPPED',
      'iova 0x1800000: nothing is mapped from there to 0x1800fff in IOAS 1.',
    ],
    [
      'unmap ioas 0x1001000 0x1000',
      'ENOENT',
      'iopt_unmap_iova_range',
      'AREA_STICKS_OUT',
      'iova: the mapping 0x1000000 to 0x1003fff reaches beyond 0x1001000 to 0x1001fff: a mapping is unmapped whole.',
    ],
    [
      'mock other',
      'EADDRINUSE',
      'iopt_check_iova_alignment',
      'AREAS_MISALIGNED',
      'IOAS 2 has mappings that are not aligned to 0x800: 1.',
    ],
    [
      'reserve ioas 0x1000000 0x1000',
      'EADDRINUSE',
      'iopt_reserve_iova',
      'RESERVE_MEETS_MAPPED',
      'start: the range 0x1000000 to 0x1000fff cannot be reserved: 0x1000000 to 0x1003fff is mapped in IOAS 1.',
    ],
    [
      'reserve ioas 0 0',
      'EINVAL',
      'iommufd_test_add_reserved',
      'LENGTH_ZERO',
      'length 0: it must be 1 or more.',
    ],
    [
      'reserve ioas 0x1000 MAX',
      'EOVERFLOW',
      'iommufd_test_add_reserved',
      'RANGE_WRAPS',
      'start: the range of 0xffffffffffffffff bytes from 0x1000 goes past the end of the address space.',
    ],
  ],
};

const RANGES: RefusalCase = {
  setup: `${IOAS}
    reserve ioas 0x10000 0x1000
    allow ioas to=0x20000-0x2ffff
    hwpt = ioasAlloc`,
  lines: [
    [
      'ioasAlloc flags=1',
      'EOPNOTSUPP',
      'iommufd_ioas_alloc_ioctl',
      'FLAGS_UNKNOWN',
      'flags 0x1: not known here is 0x1; known: none.',
    ],
    [
      'ranges ioas room=1',
      'EMSGSIZE',
      'iommufd_ioas_iova_ranges',
      'ARRAY_TOO_SMALL',
      'numIovas 1: IOAS 1 has 2 ranges.',
    ],
    [
      'allow ioas to=0x1000-0x1000',
      'EINVAL',
      'iommufd_ioas_load_iovas',
      'RANGE_EMPTY',
      'allowedIovas[0]: the range 0x1000 to 0x1000 holds less than two IOVAs; its start must be below its last.',
    ],
    [
      'allow ioas to=0x1000-0x1fff|0x1800-0x2fff',
      'EINVAL',
      'iommufd_ioas_load_iovas',
      'RANGES_OVERLAP',
      'allowedIovas[1]: the range 0x1800 to 0x2fff meets 0x1000 to 0x1fff, given before it.',
    ],
    [
      'allow ioas to=0x8000-0x10000',
      'EADDRINUSE',
      'iopt_set_allow_iova',
      'RESERVED_MEETS_ALLOWED',
      'allowedIovas[0]: the allowed range 0x8000 to 0x10000 meets 0x10000 to 0x10fff, which is reserved in IOAS 1.',
    ],
    [
      'reserve ioas 0x2f000 0x2000',
      'EADDRINUSE',
      'iopt_reserve_iova',
      'RESERVE_MEETS_ALLOWED',
      'start: the range 0x2f000 to 0x30fff cannot be reserved: 0x20000 to 0x2ffff is allowed in IOAS 1.',
    ],
    [
      'mock ioas',
      'EADDRINUSE',
      'iopt_reserve_iova',
      'RESERVE_MEETS_ALLOWED',
      'ptId: the range 0x0 to 0xffffff cannot be reserved: 0x20000 to 0x2ffff is allowed in IOAS 1.',
    ],
  ],
};

const NO_COMPAT = 'No IOAS is set for the VFIO compatible ioctls.';

const VFIO_CUTS: RefusalCase = {
  setup: `${IOAS}
    vfioIoas 1 ioas=ioas
    vfioSet 1
    acc = access ioas pins
    vfioMap 0x10000 0x8000
    pin acc 0x10000 0x1000`,
  lines: [
    [
      'vfioUnmap 0x1000 0 flags=2',
      'EINVAL',
      'iommufd_vfio_unmap_dma',
      'UNMAP_ALL_RANGE',
      'flags VFIO_DMA_UNMAP_FLAG_ALL (2): iova 0x1000 and size 0x0 must be 0 with it.',
    ],
    [
      'vfioUnmap 0x10000 0x1800',
      'EINVAL',
      'iopt_area_split',
      'CUT_UNALIGNED',
      'Unmapping in the middle of 0x10000 to 0x17fff cuts it at 0x11800, which is no multiple of 0x1000, the IOVA alignment of IOAS 1, there or in user memory.',
    ],
    [
      'vfioUnmap 0x10000 0x1000',
      'EINVAL',
      'iopt_area_split',
      'CUT_PINNED',
      'Unmapping in the middle of 0x10000 to 0x17fff of IOAS 1 would cut what is pinned by accesses: 2.',
    ],
    [
      'pin acc 0x10000 0x1000 differs',
      'EBADE',
      'iommufd_test_check_pages',
      'PAGES_DIFFER',
      'iova 0x10000: the pages that access 2 pins from there on are not those at the pointer of the caller.',
    ],
    [
      'rw acc 0x10000 4 write data=0102',
      'EFAULT',
      'iommufd_test_access_rw',
      'BUFFER_ABSENT',
      'length 0x4: of the buffer of the caller 2 bytes can be read.',
    ],
  ],
};

const OPTIONS: RefusalCase = {
  setup: `${IOAS}
    m = mock ioas
    map ioas 0x1000000 0x1000
    other = ioasAlloc
    map other 0x1000 0x800
    open unprivileged`,
  lines: [
    [
      'option 7 0 0',
      'EOPNOTSUPP',
      'iommufd_option',
      'OPTION_UNKNOWN',
      'optionId 7: there are IOMMU_OPTION_RLIMIT_MODE (0) and IOMMU_OPTION_HUGE_PAGES (1).',
    ],
    [
      'option 0 0 1',
      'EOPNOTSUPP',
      'iommufd_option_rlimit_mode',
      'OBJECT_ID_NOT_ZERO',
      'objectId 1: this option is of the whole context, so it must be 0.',
    ],
    [
      'option 0 2 0',
      'EOPNOTSUPP',
      'iommufd_option_rlimit_mode',
      'OPERATION_UNKNOWN',
      'op 2: the operation is not known here; 0 sets, 1 gets and, for the VFIO IOAS, 0 gets, 1 sets, 2 clears.',
    ],
    [
      'option 0 0 0 ctx=2',
      'EPERM',
      'iommufd_option_rlimit_mode',
      'NO_CAP_SYS_RESOURCE',
      'The process has no CAP_SYS_RESOURCE.',
    ],
    [
      'option 0 0 0',
      'EBUSY',
      'iommufd_option_rlimit_mode',
      'CONTEXT_NOT_EMPTY',
      'The context has 5 objects (device 3, hwpt 4, IOASes 1, 5, mock device 2); the mode is set before the first is made.',
    ],
    [
      'option 1 2 ioas',
      'EOPNOTSUPP',
      'iommufd_ioas_option_huge_pages',
      'OPERATION_UNKNOWN',
      'op 2: the operation is not known here; 0 sets, 1 gets and, for the VFIO IOAS, 0 gets, 1 sets, 2 clears.',
    ],
    [
      'option 1 0 ioas val=2',
      'EINVAL',
      'iommufd_ioas_option_huge_pages',
      'OPTION_VALUE',
      'val64 0x2: it must be 0 or 1.',
    ],
    [
      'option 1 0 ioas',
      'EINVAL',
      'iopt_disable_large_pages',
      'LARGE_PAGES_MAPPED',
      'IOAS 1 has mappings in a hwpt; large pages are disabled before that.',
    ],
    [
      'option 1 0 other',
      'EADDRINUSE',
      'iopt_check_iova_alignment',
      'AREAS_MISALIGNED',
      'IOAS 5 has mappings that are not aligned to 0x1000: 1.',
    ],
    [
      'vfioIoas 0',
      'ENODEV',
      'get_compat_ioas',
      'NO_COMPAT_IOAS',
      'No IOAS is set for the VFIO compatible ioctls.',
    ],
    ['vfioSet 1', 'ENODEV', 'get_compat_ioas', 'NO_COMPAT_IOAS', NO_COMPAT],
    ['vfioCheck 4', 'ENODEV', 'get_compat_ioas', 'NO_COMPAT_IOAS', NO_COMPAT],
    ['vfioInfo', 'ENODEV', 'get_compat_ioas', 'NO_COMPAT_IOAS', NO_COMPAT],
    ['vfioMap 0x1000 0x1000', 'ENODEV', 'get_compat_ioas', 'NO_COMPAT_IOAS', NO_COMPAT],
    ['vfioUnmap 0x1000 0x1000', 'ENODEV', 'get_compat_ioas', 'NO_COMPAT_IOAS', NO_COMPAT],
    [
      'vfioSet 8',
      'EINVAL',
      'iommufd_vfio_set_iommu',
      'VFIO_IOMMU_TYPE',
      'iommuType 0x8: it must be VFIO_TYPE1_IOMMU (1) or VFIO_TYPE1v2_IOMMU (3).',
    ],
    [
      'vfioMap 0x1000 0x1000 flags=4',
      'EINVAL',
      'iommufd_vfio_map_dma',
      'FLAGS_UNKNOWN',
      'flags 0x4: not known here is 0x4; known: VFIO_DMA_MAP_FLAG_READ (0x1), VFIO_DMA_MAP_FLAG_WRITE (0x2).',
    ],
    [
      'vfioUnmap 0x1000 0x1000 flags=1',
      'EINVAL',
      'iommufd_vfio_unmap_dma',
      'FLAGS_UNKNOWN',
      'flags 0x1: not known here is 0x1; known: VFIO_DMA_UNMAP_FLAG_ALL (0x2).',
    ],
    [
      'vfioIoas 9',
      'EOPNOTSUPP',
      'iommufd_vfio_ioas',
      'OPERATION_UNKNOWN',
      'op 9: the operation is not known here; 0 sets, 1 gets and, for the VFIO IOAS, 0 gets, 1 sets, 2 clears.',
    ],
    [
      'destroy 99',
      'ENOENT',
      'iommufd_object_remove',
      'OBJECT_ABSENT',
      'id 99: context 1 has no such object. It has device 3, hwpt 4, IOASes 1, 5, mock device 2.',
    ],
    [
      'destroy ioas',
      'EBUSY',
      'iommufd_object_remove',
      'OBJECT_IN_USE',
      'id 1: IOAS 1 of context 1 is in use: its users are 2 and must be 1. It is held by hwpt 4 (paging).',
    ],
  ],
};

const LOCKED: RefusalCase = {
  setup: `open lock=2
    open lock=2
    option 0 0 0 val=1 ctx=3
    ioas = ioasAlloc ctx=2
    m = mock ioas ctx=2
    p = ioasAlloc ctx=3
    n = mock p ctx=3`,
  lines: [
    [
      'map ioas 0x1000000 0x3000 ctx=2',
      'ENOMEM',
      'incr_user_locked_vm',
      'MEMLOCK_REACHED',
      'RLIMIT_MEMLOCK allows 0x2 locked pages; 0x3 more are wanted and 0x0 are locked.',
    ],
    [
      'map p 0x1000000 0x3000 ctx=3',
      'ENOMEM',
      '__account_locked_vm',
      'MEMLOCK_REACHED',
      'RLIMIT_MEMLOCK allows 0x2 locked pages; 0x3 more are wanted and 0x0 are locked.',
    ],
  ],
};

const HWPTS: RefusalCase = {
  setup: `${PCI_HWPTS}
    ioas2 = ioasAlloc
    m = mock ioas2 flags=1
    mockParent = hwptAlloc m.dev ioas2 flags=1
    mockNested = hwptAlloc m.dev mockParent data=mock
    noDirty = bind 0000:02:00.2`,
  lines: [
    [
      'hwptAlloc dev ioas len=4',
      'EINVAL',
      'iommufd_hwpt_alloc',
      'DATA_TYPE_AND_LENGTH',
      'Data type 0 and length 4 do not go together: with type 0 there is no data, with another there is some.',
    ],
    [
      'hwptAlloc dev 99',
      'EINVAL',
      'iommufd_hwpt_alloc',
      'PT_CANNOT_HOLD_HWPT',
      'ptId 99: object 99 is not there; a hwpt is made in an IOAS or in a nest parent.',
    ],
    [
      'hwptAlloc dev q',
      'EINVAL',
      'iommufd_hwpt_alloc',
      'PT_CANNOT_HOLD_HWPT',
      'ptId 5: object 5 is of type FAULT; a hwpt is made in an IOAS or in a nest parent.',
    ],
    [
      'hwptAlloc dev ioas flags=16',
      'EOPNOTSUPP',
      'iommufd_hwpt_paging_alloc',
      'FLAGS_UNKNOWN',
      'flags 0x10: not known here is 0x10; known: IOMMU_HWPT_ALLOC_NEST_PARENT (0x1), IOMMU_HWPT_ALLOC_DIRTY_TRACKING (0x2), IOMMU_HWPT_FAULT_ID_VALID (0x4).',
    ],
    [
      'hwptAlloc dev ioas flags=4',
      'EOPNOTSUPP',
      'iommufd_hwpt_paging_alloc',
      'FAULT_ON_PAGING',
      'flags IOMMU_HWPT_FAULT_ID_VALID (4): this kernel has no fault-capable hwpts of an IOAS, only nested ones.',
    ],
    [
      'hwptAlloc noDirty ioas flags=2',
      'EOPNOTSUPP',
      'iommufd_hwpt_paging_alloc',
      'NO_DIRTY_TRACKING',
      'flags: the device 14 cannot track dirty pages.',
    ],
    [
      'hwptAlloc dev ioas data=vtd',
      'EOPNOTSUPP',
      'ops->domain_alloc_user',
      'USER_DATA_UNWANTED',
      'This driver takes no user data with a hwpt of an IOAS.',
    ],
    [
      'hwptAlloc m.dev ioas2 data=mock',
      'EOPNOTSUPP',
      'mock_domain_alloc_user',
      'USER_DATA_UNWANTED',
      'This driver takes no user data with a hwpt of an IOAS.',
    ],
    [
      'hwptAlloc dev parent',
      'EOPNOTSUPP',
      'iommufd_hwpt_nested_alloc',
      'NESTED_WITHOUT_DATA',
      'dataLen is 0: a nested hwpt needs user data of its driver, such as vtdS1.',
    ],
    [
      'hwptAlloc dev parent data=vtd flags=1',
      'EOPNOTSUPP',
      'iommufd_hwpt_nested_alloc',
      'FLAGS_UNKNOWN',
      'flags 0x1: not known here is IOMMU_HWPT_ALLOC_NEST_PARENT (0x1); known: IOMMU_HWPT_FAULT_ID_VALID (0x4).',
    ],
    [
      'hwptAlloc dev plain data=vtd',
      'EINVAL',
      'iommufd_hwpt_nested_alloc',
      'NOT_A_NEST_PARENT',
      'ptId 4: hwpt 4 was made without IOMMU_HWPT_ALLOC_NEST_PARENT (1), so no hwpt can be nested on it.',
    ],
    [
      'hwptAlloc m.dev m.hwpt data=mock',
      'EINVAL',
      'iommufd_hwpt_nested_alloc',
      'AUTOMATIC_PARENT',
      'ptId 11: hwpt 11 was made automatically and cannot be a nest parent.',
    ],
    [
      'hwptAlloc dev mockParent data=vtd',
      'EINVAL',
      'iommufd_hwpt_nested_alloc',
      'OTHER_DRIVER',
      'ptId 12: this hwpt was made by another IOMMU driver than the device’s.',
    ],
    [
      'hwptAlloc dev parent data=mock',
      'EOPNOTSUPP',
      'ops->domain_alloc_user (nested)',
      'DATA_TYPE_UNKNOWN',
      'dataType 57005 is not this driver’s, which is 1.',
    ],
    [
      'hwptAlloc dev parent data=vtd len=23',
      'EINVAL',
      '__iommu_copy_struct_from_user',
      'DATA_LENGTH',
      'dataLen 23: the driver’s structure has 24 bytes.',
    ],
    [
      'hwptAlloc m.dev mockParent data=mock len=5',
      'EINVAL',
      '__iommu_copy_struct_from_user',
      'DATA_LENGTH',
      'dataLen 5: the driver’s structure has 4 bytes.',
    ],
    [
      'hwptAlloc dev parent data=vtdUnmapped',
      'EFAULT',
      '__iommu_copy_struct_from_user',
      'USER_DATA_MISSING',
      'There is no user data at the address given.',
    ],
    [
      'hwptAlloc dev parent data=vtdBadFlags',
      'EOPNOTSUPP',
      'ops->domain_alloc_user (nested)',
      'VTD_FLAGS',
      'vtdS1.flags 0x8: bits that are not known here.',
    ],
    [
      'hwptAlloc dev parent data=vtdBadWidth',
      'EINVAL',
      'ops->domain_alloc_user (nested)',
      'VTD_ADDR_WIDTH',
      'vtdS1.addrWidth 39: it must be 48 or 57.',
    ],
    [
      'hwptAlloc dev parent data=vtd flags=4 fault=99',
      'ENOENT',
      'iommufd_get_object',
      'OBJECT_ABSENT',
      'faultId 99: context 1 has no such object. It has fault queue 5.',
    ],
    [
      'invalidate nested type=0 len=0 entries=0//0/1',
      'EINVAL',
      'iommufd_hwpt_invalidate',
      'ENTRY_LENGTH_ZERO',
      'entryLen 0: the entries must have the size of the driver’s structure.',
    ],
    [
      'invalidate nested type=0 len=4097 entries=0//0/1',
      'EINVAL',
      'iommufd_hwpt_invalidate',
      'ENTRY_BOUNDS',
      'The 1 entries of 4097 bytes are more than the kernel takes: 524288 of 1 to 4096 bytes.',
    ],
    [
      'invalidate nested type=0 len=25 entries=0//0/1',
      'EINVAL',
      '__iommu_copy_struct_from_user',
      'ENTRY_LENGTH',
      'entryLen 25: the driver’s structure has 24 bytes.',
    ],
    [
      'invalidate mockNested len=12 entries=0/0',
      'EINVAL',
      '__iommu_copy_struct_from_user',
      'ENTRY_LENGTH',
      'entryLen 12: the driver’s structure has 8 bytes.',
    ],
    [
      'invalidate nested entries=0//0/1',
      'EINVAL',
      'ops->cache_invalidate_user',
      'DATA_TYPE_UNKNOWN',
      'dataType 3735928559 is not this driver’s, which is 0.',
    ],
    [
      'invalidate 99',
      'ENOENT',
      'iommufd_get_object',
      'OBJECT_ABSENT',
      'hwptId 99: context 1 has no such object. It has nested hwpts 6, 7, 13.',
    ],
    [
      'invalidate plain',
      'ENOENT',
      'iommufd_get_object',
      'OBJECT_OF_OTHER_TYPE',
      'hwptId 4: object 4 of context 1 is of type HWPT_PAGING, and HWPT_NESTED is wanted. The context has nested hwpts 6, 7, 13.',
    ],
    [
      'invalidate nested type=0 entries=2//0/1',
      'EOPNOTSUPP',
      'ops->cache_invalidate_user',
      'ENTRY_FLAGS',
      'Entry 0 has flags that are not known here: 2.',
    ],
    [
      'invalidate nested type=0 entries=0//1/1',
      'EINVAL',
      'ops->cache_invalidate_user',
      'ENTRY_ADDRESS',
      'Entry 0 has the address 0x1, which must be page aligned, and 0 if all pages are meant.',
    ],
    [
      'invalidate mockNested len=8 entries=0/4',
      'EINVAL',
      'mock_domain_cache_invalidate_user',
      'ENTRY_IOTLB',
      'Entry 0 names IOTLB entry 4; there are 4.',
    ],
    [
      'hwInfo dev flags=2',
      'EOPNOTSUPP',
      'iommufd_get_hw_info',
      'FLAGS_UNKNOWN',
      'flags 0x2: not known here is 0x2; known: none.',
    ],
    [
      'faultQueueAlloc flags=1',
      'EOPNOTSUPP',
      'iommufd_fault_alloc',
      'FLAGS_UNKNOWN',
      'flags 0x1: not known here is 0x1; known: none.',
    ],
    [
      'checkIotlb nested 0 7',
      'EINVAL',
      'get_md_pagetable_nested',
      'NOT_A_MOCK_HWPT',
      'hwptId 7: it is not the mock driver’s.',
    ],
    [
      'checkIotlb mockNested 4 7',
      'EINVAL',
      'iommufd_test_md_check_iotlb',
      'IOTLB_ABSENT',
      'iotlbId 4: no such IOTLB entry; there are 4.',
    ],
    [
      'checkIotlb mockNested 0 8',
      'EINVAL',
      'iommufd_test_md_check_iotlb',
      'IOTLB_DIFFERS',
      'iotlb 8: IOTLB entry 0 holds 7.',
    ],
    [
      'checkMap plain 0 0x1000',
      'EINVAL',
      'get_md_pagetable',
      'NOT_A_MOCK_HWPT',
      'hwptId 4: it is not the mock driver’s.',
    ],
    [
      'trigger dev',
      'EINVAL',
      'iommufd_test_trigger_iopf',
      'NOT_A_MOCK_DEVICE',
      'Device 1 is a PCI function; the self-test has mock devices.',
    ],
    [
      'attach m.dev plain',
      'EINVAL',
      'vfio_iommufd_physical_attach_ioas',
      'NOT_A_FUNCTION',
      'devId 10: a mock device, and only PCI functions have a device file.',
    ],
    [
      'mock ioas2 flags=8',
      'EINVAL',
      'mock_dev_create',
      'MOCK_FLAGS',
      'devFlags 0x8: the mock devices of this kernel do not know 0x8; known: MOCK_FLAGS_DEVICE_NO_DIRTY (0x1), MOCK_FLAGS_DEVICE_HUGE_IOVA (0x2), MOCK_FLAGS_DEVICE_SHARED_GROUP (0x100), MOCK_FLAGS_DEVICE_VIRTFN (0x200), MOCK_FLAGS_DEVICE_NO_IOPF (0x400).',
    ],
    [
      'track plain flags=2',
      'EOPNOTSUPP',
      'iommufd_hwpt_set_dirty_tracking',
      'FLAGS_UNKNOWN',
      'flags 0x2: not known here is 0x2; known: IOMMU_HWPT_DIRTY_TRACKING_ENABLE (0x1).',
    ],
    [
      'track plain',
      'EOPNOTSUPP',
      'iopt_set_dirty_tracking',
      'NO_DIRTY_TRACKING',
      'hwptId: the hwpt 4 cannot track dirty pages.',
    ],
    [
      'bitmap plain 0 0x1000 flags=2',
      'EOPNOTSUPP',
      'iommufd_hwpt_get_dirty_bitmap',
      'FLAGS_UNKNOWN',
      'flags 0x2: not known here is 0x2; known: IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR (0x1).',
    ],
    [
      'bitmap plain 0 0x1000',
      'EOPNOTSUPP',
      'iommu_read_and_clear_dirty',
      'NO_DIRTY_TRACKING',
      'hwptId: the hwpt 4 cannot track dirty pages.',
    ],
    [
      'bitmap plain 0 0',
      'EINVAL',
      'iommufd_check_iova_range',
      'LENGTH_ZERO',
      'length 0: it must be 1 or more.',
    ],
    [
      'bitmap plain 0x1000 MAX',
      'EOVERFLOW',
      'iommufd_check_iova_range',
      'RANGE_WRAPS',
      'iova: the range of 0xffffffffffffffff bytes from 0x1000 goes past the end of the address space.',
    ],
    [
      'bitmap plain 0x1 0x1000',
      'EINVAL',
      'iommufd_check_iova_range',
      'RANGE_UNALIGNED',
      'iova: the range 0x1 to 0x1000 does not begin and end at a multiple of 0x1000, the IOVA alignment of IOAS 2.',
    ],
    [
      'bitmap plain 0x1000 0x1000 page=0',
      'EINVAL',
      'iommufd_check_iova_range',
      'PAGE_SIZE_ZERO',
      'pageSize 0: it must be a power of two.',
    ],
    [
      'bitmap plain 0x1000 0x1000 page=0x2000',
      'EINVAL',
      'iommufd_check_iova_range',
      'RANGE_UNALIGNED',
      'iova: the range 0x1000 to 0x1fff does not begin and end at a multiple of 0x2000, the page size of the bitmap.',
    ],
  ],
};

const NEWER: RefusalCase = {
  kernel: { baseline: 'LINUX_7_3_4' },
  setup: `${PCI_HWPTS}\n vf = bind 0000:03:00.4`,
  lines: [
    [
      'hwptAlloc dev ioas flags=5 fault=q',
      'EOPNOTSUPP',
      'iommufd_hwpt_paging_alloc',
      'FAULT_ON_NEST_PARENT',
      'flags IOMMU_HWPT_FAULT_ID_VALID (4): a nest parent cannot be fault-capable in this kernel.',
    ],
    [
      'hwInfo dev flags=1 type=7',
      'EOPNOTSUPP',
      'ops->hw_info',
      'HW_INFO_TYPE',
      'dataType 7: hardware information of this type is asked for, and the driver has 1.',
    ],
    [
      'attach vf fault',
      'EINVAL',
      'iommufd_hwpt_compatible_device',
      'VIRTUAL_FUNCTION',
      'Device 8 is a virtual function, which may not have a fault-capable hwpt in this kernel.',
    ],
    [
      'invalidate plain',
      'EINVAL',
      'iommufd_hwpt_invalidate',
      'OBJECT_OF_OTHER_TYPE',
      'hwptId 4: object 4 of context 1 is of type HWPT_PAGING, and HWPT_NESTED is wanted. The context has nested hwpts 6, 7.',
    ],
    [
      'map ioas 0x1000 0xfffffffffffff001 va=0x2000',
      'EOVERFLOW',
      'iopt_alloc_pages',
      'RANGE_WRAPS',
      'userVa: the range of 0xfffffffffffff001 bytes from 0x2000 goes past the end of the address space.',
    ],
  ],
};

const WRAPPING: RefusalCase = {
  kernel: { baseline: 'LINUX_6_13' },
  setup: `${IOAS}
    allow ioas to=0xfffffffffff00000-0xffffffffffffefff
    map ioas 0xfffffffffff00000 0xf9000
    map ioas 0 0x5000 va=0x20000000`,
  lines: [
    [
      'map ioas 0 0x5000 va=0x10008000 auto',
      'EINVAL',
      'iopt_alloc_area_pages',
      'AUTO_IOVA_IN_USE',
      'The IOVA 0x0 that was chosen is in use: the sum that chose it wrapped.',
    ],
  ],
};

const DEVICES_CASE: RefusalCase = {
  setup: `${SHARED_GROUP}
    attach a plain
    dirty = hwptAlloc a ioas flags=2
    vf = bind 0000:03:00.4
    noPri = bind 0000:04:00.0
    two = bind 0000:08:00.0
    ioas2 = ioasAlloc
    m = mock ioas2
    mockParent = hwptAlloc m.dev ioas2 flags=1
    map ioas2 0x8000000 0x1000
    ioas3 = ioasAlloc
    tracking = mock ioas3
    parent3 = hwptAlloc tracking.dev ioas3 flags=1
    fault3 = hwptAlloc tracking.dev parent3 flags=4 data=mock fault=q
    open`,
  lines: [
    [
      'bind 0000:0f:00.0',
      'ENODEV',
      'vfio_df_ioctl_bind_iommufd',
      'NO_SUCH_FUNCTION',
      `bdf 0000:0f:00.0: no PCI function has this address. The machine has ${FUNCTIONS}.`,
    ],
    [
      'send 0000:0f:00.0',
      'ENODEV',
      'bus',
      'NO_SUCH_FUNCTION',
      `bdf 0000:0f:00.0: no PCI function has this address. The machine has ${FUNCTIONS}.`,
    ],
    [
      'addDevice 0000:0b:00.0 groupWith=0000:0f:00.0',
      'ENODEV',
      'bus',
      'NO_SUCH_FUNCTION',
      `groupWith 0000:0f:00.0: no PCI function has this address. The machine has ${FUNCTIONS}.`,
    ],
    [
      'addDevice 0000:0b:00.0 physfn=0000:0f:00.0',
      'ENODEV',
      'bus',
      'NO_SUCH_FUNCTION',
      `physfn 0000:0f:00.0: no PCI function has this address. The machine has ${FUNCTIONS}.`,
    ],
    [
      'addDevice 0000:02:00.0',
      'EEXIST',
      'bus',
      'FUNCTION_EXISTS',
      'bdf 0000:02:00.0: a PCI function has this address already.',
    ],
    [
      'addDevice 0000:0b:00.0 physfn=0000:03:00.4',
      'EINVAL',
      'bus',
      'PHYSFN_IS_VIRTUAL',
      'physfn 0000:03:00.4: this function is itself a virtual one.',
    ],
    [
      'addDevice 0000:0b:00.0 reserved=0x2000-0x1fff',
      'EINVAL',
      'bus',
      'REGION_BACKWARDS',
      'reservedRegions: one ends at 0x1fff, before it starts at 0x2000.',
    ],
    [
      'removeDevice 0000:03:00.0',
      'EBUSY',
      'bus',
      'FUNCTION_HAS_VIRTUAL',
      'bdf 0000:03:00.0: its virtual function 0000:03:00.4 goes first.',
    ],
    [
      'removeDevice 0000:02:00.0',
      'EBUSY',
      'bus',
      'FUNCTION_BOUND',
      'bdf 0000:02:00.0: the function is device 1 of context 1; deviceUnbind comes first.',
    ],
    [
      'vpriReset 0000:01:00.0',
      'EINVAL',
      'device',
      'NO_EMULATED_PRI',
      'bdf 0000:01:00.0: the function has no emulated PRI; virtual functions have one with the policy EMULATED_PRI.',
    ],
    [
      'resume 7',
      'ENOENT',
      'device',
      'NO_SUCH_REQUEST',
      'inFlightId 7: no page request of this number is held; none is.',
    ],
    [
      'replace 99 ioas2',
      'ENOENT',
      'program',
      'OBJECT_ABSENT',
      'devId 99: context 1 has no such object. It has devices 1, 2, 11, 12, 13, 16, 21.',
    ],
    [
      'bind 0000:02:00.0',
      'EINVAL',
      'vfio_df_ioctl_bind_iommufd',
      'DEVICE_BOUND',
      'bdf 0000:02:00.0: it is bound already, in context 1 as device 1.',
    ],
    [
      'bind 0000:05:00.0',
      'EINVAL',
      'iommufd_device_bind',
      'NO_COHERENT_DMA',
      'The DMA of 0000:05:00.0 is not cache coherent.',
    ],
    [
      'bind 0000:06:00.0',
      'EPERM',
      'iommufd_device_bind',
      'MSI_NOT_ISOLATED',
      'The interrupts of 0000:06:00.0 are not isolated.',
    ],
    [
      'bind 0000:07:00.0',
      'EINVAL',
      '__iommu_device_set_domain',
      'DIRECT_MAPPING',
      'The firmware demands that 0000:07:00.0 keeps a 1:1 mapping.',
    ],
    [
      'bind 0000:02:00.2 ctx=2',
      'EPERM',
      'iommu_device_claim_dma_owner',
      'GROUP_OWNED',
      'IOMMU group 2, which the device is in, belongs to context 1.',
    ],
    [
      'attach b 99',
      'ENOENT',
      'iommufd_get_object',
      'OBJECT_ABSENT',
      'ptId 99: context 1 has no such object. It has IOASes 3, 14, 19, hwpts 4, 5, 10, 17, 18, 22, 23, nested hwpts 7, 9, 24.',
    ],
    [
      'attach b q',
      'EINVAL',
      'iommufd_device_change_pt',
      'PT_CANNOT_BE_ATTACHED',
      'ptId 6: object 6 is of type FAULT; a device is attached to an IOAS or a hwpt.',
    ],
    [
      'attach 99 plain',
      'ENOENT',
      'vfio_iommufd_physical_attach_ioas',
      'OBJECT_ABSENT',
      'devId 99: context 1 has no such object. It has devices 1, 2, 11, 12, 13, 16, 21.',
    ],
    [
      'attach ioas plain',
      'ENOENT',
      'vfio_iommufd_physical_attach_ioas',
      'OBJECT_OF_OTHER_TYPE',
      'devId 3: object 3 of context 1 is of type IOAS, and DEVICE is wanted. The context has devices 1, 2, 11, 12, 13, 16, 21.',
    ],
    [
      'attach b parent',
      'EINVAL',
      'iommufd_hw_pagetable_attach',
      'GROUP_ON_OTHER_HWPT',
      'IOMMU group 2 is attached to hwpt 5: its devices share one.',
    ],
    [
      'replace b parent',
      'EINVAL',
      'iommufd_device_do_replace',
      'DEVICE_NOT_ATTACHED',
      'Device 2 is not attached, and so cannot ask for a replace of its group.',
    ],
    [
      'replace vf plain',
      'EINVAL',
      'iommufd_device_do_replace',
      'GROUP_NOT_ATTACHED',
      'IOMMU group 4 is not attached to anything that could be replaced.',
    ],
    [
      'attach two plain',
      'EINVAL',
      'iopt_table_enforce_dev_resv_regions',
      'TWO_MSI_WINDOWS',
      'Device 13 has a software MSI window and another one.',
    ],
    [
      'attach vf fault',
      'EINVAL',
      'iommufd_fault_iopf_enable',
      'VIRTUAL_FUNCTION',
      'Device 11 is a virtual function, which may not have a fault-capable hwpt in this kernel.',
    ],
    [
      'attach noPri fault',
      'ENODEV',
      'ops->dev_enable_feat',
      'NO_IOPF',
      'The driver of 0000:04:00.0 cannot enable its page requests.',
    ],
    [
      'attach noPri dirty',
      'EINVAL',
      'ops->attach_dev',
      'DOMAIN_NEEDS_DIRTY',
      'ptId 10: this hwpt tracks dirty pages and 0000:04:00.0 cannot.',
    ],
    [
      'attach noPri mockParent',
      'EADDRINUSE',
      'iopt_reserve_iova',
      'RESERVE_MEETS_MAPPED',
      'ptId: the range 0x8000000 to 0x80fffff cannot be reserved: 0x8000000 to 0x8000fff is mapped in IOAS 14.',
    ],
    [
      'attach vf mockParent',
      'EINVAL',
      '__iommu_attach_group',
      'OTHER_DRIVER',
      'ptId 18: this hwpt was made by another IOMMU driver than the device’s.',
    ],
    [
      'map ioas 0xfee00000 0x1000',
      'EINVAL',
      'iopt_check_iova',
      'IOVA_RESERVED_FOR_DEVICE',
      'iova: the IOVAs 0xfee00000 to 0xfee00fff meet 0xfee00000 to 0xfeefffff, which IOAS 3 reserves for device 1.',
    ],
  ],
};

const PROBE: RefusalCase = {
  setup: `${IOAS}\n m = mock ioas\n dirty = hwptAlloc m.dev ioas flags=2\n mockReplace m dirty`,
  lines: [
    [
      'mock dirty flags=257',
      'EINVAL',
      'iommufd_device_bind',
      'PROBE_FAILED',
      'No IOMMU driver has iommufd_mock1: joining what its group is attached to failed with EINVAL, which nobody looks at.',
    ],
  ],
};

/** The count of a member that leaves is another's: the feature stays on, and is asked for again. */
const ENABLED: RefusalCase = {
  setup: `${SHARED_GROUP}\n attach a fault\n attach b fault\n detach a\n detach b\n unbind a\n a2 = bind 0000:02:00.0`,
  lines: [
    [
      'attach a2 fault',
      'EBUSY',
      'iopf_queue_add_device',
      'IOPF_ENABLED',
      'Page requests of 0000:02:00.0 are enabled already.',
    ],
  ],
};

/** The cookie of a group that was read is another's than the one that was meant. */
const LATE: RefusalCase = {
  setup: `${PCI_FAULTING}\n send 0000:01:00.0 grpid=1\n read q 40`,
  lines: [
    [
      'write q to=1:0:7',
      'EINVAL',
      'iommufd_fault_fops_write',
      'COOKIE_OF_OTHER_GROUP',
      'Cookie 1 is of iopf group 1, and group 7 was meant.',
    ],
  ],
};

const FAULTS: RefusalCase = {
  setup: `${PCI_FAULTING}\n send 0000:01:00.0 grpid=1 more\n send 0000:01:00.0 grpid=1`,
  lines: [
    [
      'read q 41',
      'ESPIPE',
      'iommufd_fault_fops_read',
      'NOT_WHOLE_RECORDS',
      'count 41: no multiple of 40, the size of a record.',
    ],
    [
      'read q 40',
      'EINVAL',
      'iommufd_fault_fops_read',
      'GROUP_DOES_NOT_FIT',
      'The next group has 2 requests and does not fit into 40 bytes.',
    ],
    [
      'read q 80 buf=0x50000000',
      'EFAULT',
      'iommufd_fault_fops_read',
      'BUFFER_MISSING',
      'The process has no memory for all of the group at the user address 0x50000000.',
    ],
    [
      'write q count=7',
      'ESPIPE',
      'iommufd_fault_fops_write',
      'NOT_WHOLE_RECORDS',
      'count 7: no multiple of 8, the size of a record.',
    ],
    [
      'write q count=8',
      'EFAULT',
      'iommufd_fault_fops_write',
      'RECORDS_MISSING',
      'Of the 8 bytes to be written only 0 were given.',
    ],
    [
      'write q to=1:2',
      'EINVAL',
      'iommufd_fault_fops_write',
      'RESPONSE_CODE',
      'code 2 is neither IOMMUFD_PAGE_RESP_SUCCESS (0) nor IOMMUFD_PAGE_RESP_INVALID (1).',
    ],
    [
      'write q to=9:0',
      'EINVAL',
      'iommufd_fault_fops_write',
      'COOKIE_UNKNOWN',
      'cookie 9: no group that was read from fault queue 5 awaits an answer to it; none is awaited.',
    ],
    [
      'destroy q',
      'EBUSY',
      'iommufd_object_remove',
      'OBJECT_IN_USE',
      'id 5: fault queue 5 of context 1 is in use: its users are 3 and must be 1. It is held by its open file, nested hwpt 6 (fault-capable).',
    ],
  ],
};

const SELFTEST: RefusalCase = {
  setup: `${MOCK}
    hwpt = hwptAlloc m.dev ioas flags=2
    map ioas 0x1000000 0x2000 prot=r
    pins = access ioas pins
    plainAccess = access ioas
    other = ioasAlloc
    map other 0x1000 0x2800 va=0x10000800
    map other 0x8000 0x1000 va=0x50000000
    map other 0xa000 0x3000 va=0x10ffe800
    moving = access other`,
  lines: [
    [
      'access ioas flags=2',
      'EOPNOTSUPP',
      'iommufd_test_create_access',
      'FLAGS_UNKNOWN',
      'flags 0x2: not known here is 0x2; known: MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES (0x1).',
    ],
    [
      'access other pins',
      'EADDRINUSE',
      'iopt_check_iova_alignment',
      'AREAS_MISALIGNED',
      'IOAS 12 has mappings that are not aligned to 0x1000: 2.',
    ],
    [
      'moveAccess 99 ioas',
      'EBADFD',
      'iommufd_access_get',
      'ACCESS_ABSENT',
      'accessId 99: no open file of an access.',
    ],
    [
      'pin pins 0x1000000 0x1000001',
      'ENOMEM',
      'iommufd_test_access_pages',
      'ACCESS_TOO_LONG',
      'length 0x1000001: it is above 0x1000000, the most the self-test takes.',
    ],
    [
      'pin pins 0x1000000 0x1000 flags=2',
      'EOPNOTSUPP',
      'iommufd_test_access_pages',
      'FLAGS_UNKNOWN',
      'flags 0x2: not known here is 0x2; known: MOCK_ACCESS_RW_WRITE (0x1).',
    ],
    [
      'pin plainAccess 0x1000000 0x1000',
      'EOPNOTSUPP',
      'iommufd_test_access_pages',
      'ACCESS_CANNOT_PIN',
      'accessId 11: it was made without MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES.',
    ],
    [
      'pin pins 0x1000000 0',
      'EINVAL',
      'iommufd_access_pin_pages',
      'LENGTH_ZERO',
      'length 0: it must be 1 or more.',
    ],
    [
      'pin pins 0xfffffffffffff000 0x2000',
      'EOVERFLOW',
      'iommufd_access_pin_pages',
      'RANGE_WRAPS',
      'iova: the range of 0x2000 bytes from 0xfffffffffffff000 goes past the end of the address space.',
    ],
    [
      'pin pins 0x1000000 0x1000 write',
      'EPERM',
      'iommufd_access_pin_pages',
      'NOT_PERMITTED',
      'iova 0x1000000: the mapping there does not permit to write.',
    ],
    [
      'pin pins 0x1000800 0x1000',
      'EINVAL',
      'iommufd_access_pin_pages',
      'PIN_UNALIGNED',
      'iova 0x1000800: the mapping there does not begin and end on whole pages of user memory inside the range.',
    ],
    [
      'pin pins 0x1000000 0x3000',
      'ENOENT',
      'iommufd_access_pin_pages',
      'RANGE_NOT_MAPPED',
      'iova: nothing is mapped at the IOVA 0x1002000 of IOAS 1, in the range 0x1000000 to 0x1002fff.',
    ],
    [
      'unpin pins 7',
      'ENOENT',
      'iommufd_test_access_item_destroy',
      'ITEM_ABSENT',
      'itemId 7: access 10 has no such item.',
    ],
    [
      'rw pins 0x1000000 16 write',
      'EPERM',
      'iommufd_access_rw',
      'NOT_PERMITTED',
      'iova 0x1000000: the mapping there does not permit to write.',
    ],
    [
      'rw moving 0x8000 16',
      'EFAULT',
      'iopt_pages_rw_access',
      'USER_MEMORY_MISSING',
      'iova: the process has no memory at the user address 0x50000000.',
    ],
    [
      'rw moving 0x8000 16 flags=4',
      'EFAULT',
      'iopt_pages_rw_page',
      'USER_MEMORY_MISSING',
      'iova: the process has no memory at the user address 0x50000000.',
    ],
    [
      'rw moving 0xa000 0x2000 flags=4',
      'EFAULT',
      'pfn_reader_user_pin',
      'USER_MEMORY_MISSING',
      'iova: the process has no memory at the user address 0x11000000.',
    ],
    [
      'dirty hwpt 0 0x1000 page=0',
      'EINVAL',
      'iommufd_test_dirty',
      'PAGE_SIZE_ZERO',
      'pageSize 0: it must be a power of two.',
    ],
    [
      'dirty hwpt 0 0',
      'EINVAL',
      'iommufd_test_dirty',
      'LENGTH_ZERO',
      'length 0: it must be 1 or more.',
    ],
    [
      'dirty hwpt 0x400 0x1000',
      'EINVAL',
      'iommufd_test_dirty',
      'PAGES_NOT_WHOLE',
      'iova: the IOVA 0x400 and the length 0x1000 must be multiples of pageSize 0x800.',
    ],
    [
      'dirty hwpt 0 0x8000001 page=1',
      'EOVERFLOW',
      'iommufd_test_dirty',
      'TOO_MANY_PAGES',
      'length: 0x8000001 pages are in the range; the self-test takes 0x8000000.',
    ],
    [
      'dirty hwpt 0 0x1000',
      'EINVAL',
      'iommufd_test_dirty',
      'TRACKING_OFF',
      'hwptId 9: it does not track dirty pages now.',
    ],
    [
      'checkMap hwpt 0x1 0x1000',
      'EINVAL',
      'iommufd_test_md_check_pa',
      'CHECK_UNALIGNED',
      'iova: the IOVA 0x1, the length 0x1000 and the user address 0x10000000 must be multiples of 0x800.',
    ],
    [
      'checkMap hwpt 0 0x1000 va=0xfffffffffffff000',
      'EINVAL',
      'iommufd_test_md_check_pa',
      'RANGE_WRAPS',
      'userVa: the range of 0x1000 bytes from 0xfffffffffffff000 goes past the end of the address space.',
    ],
    [
      'checkMap hwpt 0x1000000 0x1000 va=0x10001000',
      'EINVAL',
      'iommufd_test_md_check_pa',
      'MAPPED_ELSEWHERE',
      'iova 0x1000000: hwpt 9 does not map it to the user address 0x10001000.',
    ],
    [
      'checkMap hwpt 0x1000000 0x1000 va=0x50000000',
      'EFAULT',
      'iommufd_test_md_check_pa',
      'USER_MEMORY_MISSING',
      'userVa: the process has no memory at the user address 0x50000000.',
    ],
    [
      'checkRefs 0x10000800 0x1000 1',
      'EINVAL',
      'iommufd_test_md_check_refs',
      'REFS_UNALIGNED',
      'userVa: the user address 0x10000800 and the length 0x1000 must be multiples of 0x1000.',
    ],
    [
      'checkRefs 0xfffffffffffff000 0x1000 0',
      'EINVAL',
      'iommufd_test_md_check_refs',
      'RANGE_WRAPS',
      'userVa: the range of 0x1000 bytes from 0xfffffffffffff000 goes past the end of the address space.',
    ],
    [
      'checkRefs 0x10001000 0x1000 2',
      'EIO',
      'iommufd_test_md_check_refs',
      'PINNED_OTHERWISE',
      'refs: the pins of the page at user address 0x10001000 are 1, not 2.',
    ],
    [
      'checkRefs 0x50000000 0x1000 0',
      'EFAULT',
      'iommufd_test_md_check_refs',
      'USER_MEMORY_MISSING',
      'userVa: the process has no memory at the user address 0x50000000.',
    ],
    [
      'memoryLimit 11',
      'EINVAL',
      'iommufd_test',
      'LIMIT_TOO_SMALL',
      'limit 11: it is below 12, the bytes of one entry.',
    ],
  ],
};

const PASIDS: RefusalCase = {
  kernel: { baseline: 'LINUX_7_3_4' },
  setup: `${PCI_PASIDS}
    attach dev wide pasid=5
    rid = bind 0000:04:00.0
    other = ioasAlloc
    ridPlain = hwptAlloc rid other
    ridWide = hwptAlloc rid other flags=8
    attach rid ridPlain`,
  lines: [
    [
      'attach dev wide pasid=0x80000000',
      'ENOSPC',
      'vfio_iommufd_physical_pasid_attach_ioas',
      'PASID_TOO_LARGE',
      'VFIO counts PASIDs up to 2147483647, and 2147483648 is larger.',
    ],
    [
      'attach dev wide pasid=0x100000',
      'EINVAL',
      'iommu_attach_device_pasid',
      'TOO_FEW_PASIDS',
      '0000:01:00.0 has 1048576 PASIDs, from 0 on, and 1048576 is none of them.',
    ],
    [
      'attach dev plain pasid=6',
      'EINVAL',
      'iommufd_hwpt_pasid_compat',
      'HWPT_NOT_FOR_PASIDS',
      'PASID 6: hwpt 4 is none that was made with IOMMU_HWPT_ALLOC_PASID, as those by which an IOAS is attached never are.',
    ],
    [
      'attach dev plain',
      'EINVAL',
      'iommufd_hwpt_pasid_compat',
      'HWPT_BESIDE_PASIDS',
      'hwpt 4 was made without IOMMU_HWPT_ALLOC_PASID, and PASID 5 of IOMMU group 1 is attached.',
    ],
    [
      'attach rid ridWide pasid=6',
      'EINVAL',
      'iommufd_hwpt_pasid_compat',
      'RID_NOT_FOR_PASIDS',
      'The RID of IOMMU group 5 is on hwpt 12, made without IOMMU_HWPT_ALLOC_PASID.',
    ],
    [
      'replace dev wide pasid=6',
      'EINVAL',
      'iommufd_device_do_replace',
      'PASID_NOT_ATTACHED',
      'PASID 6 of IOMMU group 1 is not attached to anything that could be replaced.',
    ],
    [
      'attach rid ridPlain pasid=0',
      'EBUSY',
      'iommufd_hw_pagetable_attach',
      'ATTACHED_ALREADY',
      'Device 10 is attached by PASID 0 to hwpt 12 already (PASID 0 is its RID).',
    ],
  ],
};

const MOCK_PASIDS_CASE: RefusalCase = {
  kernel: { baseline: 'LINUX_7_3_4' },
  setup: `${MOCK_PASIDS}
    pasidAttach one 5 wide
    pasidAttach one 1024 wide`,
  lines: [
    [
      'pasidReplace one 1024 wide2',
      'ENOMEM',
      'mock_domain_set_dev_pasid_nop',
      'MOCK_PASID_FAILS',
      'The mock driver fails every second time that PASID 1024 is set.',
    ],
    [
      'pasidCheck one 6 wide',
      'EINVAL',
      'iommufd_test_pasid_check_hwpt',
      'PASID_ABSENT',
      'PASID 6 of mock device 2 is attached to nothing.',
    ],
    [
      'pasidCheck one 5 0',
      'EINVAL',
      'iommufd_test_pasid_check_hwpt',
      'PASID_ATTACHED',
      'PASID 5 of mock device 2 is attached to hwpt 5.',
    ],
  ],
};

const WITHOUT_PASIDS: RefusalCase = {
  kernel: { baseline: 'LINUX_6_14' },
  setup: `${PCI_HWPTS}
    m = mock ioas`,
  lines: [
    [
      'attach dev plain pasid=5',
      'EINVAL',
      'vfio_iommufd_physical_pasid_attach_ioas',
      'PASID_UNKNOWN',
      'This kernel attaches no PASIDs: the flag for them (VFIO_DEVICE_ATTACH_PASID) came with Linux 6.15.',
    ],
    [
      'pasidDetach m 5',
      'EOPNOTSUPP',
      'iommufd_test_pasid_detach',
      'NO_PASID_TESTS',
      'The self-test of this kernel has no PASIDs: these operations came with Linux 6.15.',
    ],
  ],
};

export const REFUSAL_CASES: Readonly<Record<string, RefusalCase>> = {
  mapping: MAPPING,
  ranges: RANGES,
  options: OPTIONS,
  'cuts of VFIO': VFIO_CUTS,
  locked: LOCKED,
  hwpts: HWPTS,
  newer: NEWER,
  wrapping: WRAPPING,
  devices: DEVICES_CASE,
  probe: PROBE,
  enabled: ENABLED,
  faults: FAULTS,
  late: LATE,
  selftest: SELFTEST,
  pasids: PASIDS,
  'pasids of mock devices': MOCK_PASIDS_CASE,
  'without pasids': WITHOUT_PASIDS,
};
