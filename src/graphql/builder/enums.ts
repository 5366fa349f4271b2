/** Enums under the kernel's names, with their numbers. */
import { BASELINE_TEXT, BASELINES } from '../../abi/baselines.ts';
import { ERRNO, ERRNO_TEXT, type ErrnoName } from '../../abi/errno.ts';
import { HAZARD_KIND_TEXT } from '../../abi/hazard-kinds.ts';
import { HAZARDS, type HazardName } from '../../abi/hazards.ts';
import * as uapi from '../../abi/uapi.ts';
import { builder } from './builder.ts';

type Values<V> = Record<string, { value: V; description: string }>;

/** An enum whose values are the kernel's numbers. */
export function numbers<const K extends string>(
  name: string,
  description: string,
  values: Record<K, readonly [value: number, description: string]>,
) {
  const entries = Object.entries(values) as [K, readonly [number, string]][];
  return builder.enumType(name, {
    description,
    values: Object.fromEntries(
      entries.map(([key, [value, text]]) => [key, { value, description: `${value}: ${text}` }]),
    ) as Values<number>,
  });
}

/** The values of an enum of words, by what each means. */
export function described<const K extends string>(texts: Readonly<Record<K, string>>) {
  return Object.fromEntries(
    Object.entries<string>(texts).map(([value, description]) => [value, { value, description }]),
  ) as Record<K, { value: K; description: string }>;
}

/** About fields of the state and of events, which are shown as they are kept. */
export const NUMBERS_TEXT =
  'Numbers are the uAPI’s: `perm` of IOMMU_PGFAULT_PERM_*, `flags` of a page request of IOMMU_PGFAULT_FLAGS_* and 4, IOMMU_FAULT_PAGE_RESPONSE_NEEDS_PASID, `code` of IOMMUFD_PAGE_RESP_*, `prot` of IOMMU_IOAS_MAP_*, `devFlags` of MOCK_FLAGS_DEVICE_*.';

export const Baseline = builder.enumType('Baseline', {
  description: 'The kernel version whose behaviour a machine has.',
  values: Object.fromEntries(
    BASELINES.map(name => [name, { value: name, description: BASELINE_TEXT[name] }]),
  ) as Values<(typeof BASELINES)[number]>,
});

export const Errno = builder.enumType('Errno', {
  description: 'Why the kernel refused, as errno(3) names it.',
  values: Object.fromEntries(
    Object.entries(ERRNO).map(([name, number]) => [
      name,
      { value: name, description: `${number}: ${ERRNO_TEXT[name as ErrnoName]}` },
    ]),
  ) as Values<ErrnoName>,
});

export const HwptAllocFlag = numbers('IommuHwptAllocFlag', 'Flags of IOMMU_HWPT_ALLOC.', {
  IOMMU_HWPT_ALLOC_NEST_PARENT: [
    uapi.IOMMU_HWPT_ALLOC_NEST_PARENT,
    'nested hwpts can be made on this paging hwpt',
  ],
  IOMMU_HWPT_ALLOC_DIRTY_TRACKING: [
    uapi.IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
    'dirty pages can be tracked; the device must be able to',
  ],
  IOMMU_HWPT_FAULT_ID_VALID: [
    uapi.IOMMU_HWPT_FAULT_ID_VALID,
    'faultId names a fault queue: the hwpt is fault-capable; in 6.12 only for nested hwpts',
  ],
  IOMMU_HWPT_ALLOC_PASID: [
    uapi.IOMMU_HWPT_ALLOC_PASID,
    'the hwpt may be attached to PASIDs, and to the RID of a device whose PASIDs are attached; from 6.15 on',
  ],
});

export const HwptDataType = numbers(
  'IommuHwptDataType',
  "Kind of the user data of a nested hwpt: the guest's page table, in the format of the IOMMU.",
  {
    IOMMU_HWPT_DATA_NONE: [uapi.IOMMU_HWPT_DATA_NONE, 'no user data: a paging hwpt'],
    IOMMU_HWPT_DATA_VTD_S1: [
      uapi.IOMMU_HWPT_DATA_VTD_S1,
      'a VT-d first-stage table (struct iommu_hwpt_vtd_s1); for PCI devices',
    ],
    IOMMU_HWPT_DATA_SELFTEST: [
      uapi.IOMMU_HWPT_DATA_SELFTEST,
      "the self-test's (struct iommu_hwpt_selftest); for mock devices",
    ],
  },
);

export const InvalidateDataType = numbers(
  'IommuHwptInvalidateDataType',
  'Kind of the entries of a cache invalidation.',
  {
    IOMMU_HWPT_INVALIDATE_DATA_VTD_S1: [
      uapi.IOMMU_HWPT_INVALIDATE_DATA_VTD_S1,
      'VT-d first stage: addr, npages, flags',
    ],
    IOMMU_HWPT_INVALIDATE_DATA_SELFTEST: [
      uapi.IOMMU_HWPT_INVALIDATE_DATA_SELFTEST,
      "the self-test's: iotlbId, flags",
    ],
  },
);

export const HwInfoType = numbers('IommuHwInfoType', 'Kind of the hardware information.', {
  IOMMU_HW_INFO_TYPE_NONE: [uapi.IOMMU_HW_INFO_TYPE_NONE, 'the driver tells nothing'],
  IOMMU_HW_INFO_TYPE_INTEL_VTD: [
    uapi.IOMMU_HW_INFO_TYPE_INTEL_VTD,
    'struct iommu_hw_info_vtd: capability and extended capability registers',
  ],
  IOMMU_HW_INFO_TYPE_SELFTEST: [
    uapi.IOMMU_HW_INFO_TYPE_SELFTEST,
    'struct iommu_test_hw_info of a mock device',
  ],
});

export const PgfaultFlag = numbers('IommuPgfaultFlag', 'Flags of a page fault message.', {
  IOMMU_PGFAULT_FLAGS_PASID_VALID: [
    uapi.IOMMU_PGFAULT_FLAGS_PASID_VALID,
    'the request came with a PASID',
  ],
  IOMMU_PGFAULT_FLAGS_LAST_PAGE: [
    uapi.IOMMU_PGFAULT_FLAGS_LAST_PAGE,
    'the last request of its group; the answer counts for all of them',
  ],
  IOMMU_FAULT_PAGE_RESPONSE_NEEDS_PASID: [
    uapi.IOMMU_FAULT_PAGE_RESPONSE_NEEDS_PASID,
    'kernel-internal, but visible: the response has to carry the PASID',
  ],
});

export const PgfaultPerm = numbers('IommuPgfaultPerm', 'The access a page request asks for.', {
  IOMMU_PGFAULT_PERM_READ: [uapi.IOMMU_PGFAULT_PERM_READ, 'read'],
  IOMMU_PGFAULT_PERM_WRITE: [uapi.IOMMU_PGFAULT_PERM_WRITE, 'write'],
  IOMMU_PGFAULT_PERM_EXEC: [uapi.IOMMU_PGFAULT_PERM_EXEC, 'execute'],
  IOMMU_PGFAULT_PERM_PRIV: [uapi.IOMMU_PGFAULT_PERM_PRIV, 'in privileged mode'],
});

export const PageResponseCode = numbers('IommufdPageResponseCode', 'The answer to an iopf group.', {
  IOMMUFD_PAGE_RESP_SUCCESS: [
    uapi.IOMMUFD_PAGE_RESP_SUCCESS,
    'the pages are there now; the device tries again',
  ],
  IOMMUFD_PAGE_RESP_INVALID: [
    uapi.IOMMUFD_PAGE_RESP_INVALID,
    'the pages cannot be had; the device must not ask again',
  ],
  IOMMU_PAGE_RESP_FAILURE: [
    uapi.IOMMU_PAGE_RESP_FAILURE,
    "the kernel's own, refused from user space (EINVAL): the device stops sending page requests",
  ],
});

export const MockDeviceFlag = numbers('MockDeviceFlag', 'What a mock device is like.', {
  MOCK_FLAGS_DEVICE_NO_DIRTY: [uapi.MOCK_FLAGS_DEVICE_NO_DIRTY, 'it cannot track dirty pages'],
  MOCK_FLAGS_DEVICE_HUGE_IOVA: [
    uapi.MOCK_FLAGS_DEVICE_HUGE_IOVA,
    'its domains have 1 MiB pages too; refused where the kernel no longer has it',
  ],
  MOCK_FLAGS_DEVICE_PASID: [
    uapi.MOCK_FLAGS_DEVICE_PASID,
    'it has PASIDs of 20 bits; refused where the kernel does not have it yet',
  ],
  MOCK_FLAGS_DEVICE_SHARED_GROUP: [
    uapi.MOCK_FLAGS_DEVICE_SHARED_GROUP,
    'not in the stock driver: it joins the IOMMU group of the mock device created last',
  ],
  MOCK_FLAGS_DEVICE_VIRTFN: [
    uapi.MOCK_FLAGS_DEVICE_VIRTFN,
    'not in the stock driver: it counts as a PCI virtual function',
  ],
  MOCK_FLAGS_DEVICE_NO_IOPF: [
    uapi.MOCK_FLAGS_DEVICE_NO_IOPF,
    'not in the stock driver: its driver refuses the IOPF feature with ENODEV',
  ],
});

export const ReservedRegionType = builder.enumType('IommuResvType', {
  description: 'Kind of a range of IOVAs a device cannot use for DMA (enum iommu_resv_type).',
  values: {
    IOMMU_RESV_DIRECT: {
      value: 'DIRECT',
      description: 'Firmware demands a 1:1 mapping; such a device cannot be bound.',
    },
    IOMMU_RESV_DIRECT_RELAXABLE: {
      value: 'DIRECT_RELAXABLE',
      description: 'As IOMMU_RESV_DIRECT, but may be given up: not reserved.',
    },
    IOMMU_RESV_RESERVED: {
      value: 'RESERVED',
      description: 'Never to be mapped.',
    },
    IOMMU_RESV_MSI: {
      value: 'MSI',
      description: 'The hardware takes writes there for interrupts.',
    },
    IOMMU_RESV_SW_MSI: {
      value: 'SW_MSI',
      description: 'Software maps the interrupt doorbell there.',
    },
  } as const,
});

export const FaultReader = builder.enumType('FaultReader', {
  description: 'Who read an iopf group.',
  values: {
    READ: { description: 'A faultRead mutation. The group is its caller’s to answer.' },
    HANDLER: {
      description:
        'A handler subscription. If it leaves, the group is delivered again to the next one.',
    },
  } as const,
});

export const HazardKindEnum = builder.enumType('HazardKind', {
  description: 'How the kernel itself misbehaves in a place; the machine survives it.',
  values: described(HAZARD_KIND_TEXT),
});

export const HazardNameEnum = builder.enumType('HazardName', {
  description: 'The hazards Faultline detects.',
  values: Object.fromEntries(
    Object.entries(HAZARDS).map(([name, { kind, title, kernels }]) => [
      name,
      { value: name as HazardName, description: `${kind}: ${title}. Kernels: ${kernels}.` },
    ]),
  ) as Values<HazardName>,
});

export const AutoResponsePolicy = builder.enumType('AutoResponsePolicy', {
  description: 'What a replace away from a fault-capable hwpt answers INVALID.',
  values: {
    EVERY_REPLACE: { description: 'Every group of the old attach handle, as was merged.' },
    ONLY_TO_PLAIN: {
      description:
        'Only if the new hwpt is not fault-capable, as the review discussed. Breaks: groups stay behind with a freed attach handle.',
    },
  } as const,
});

export const InFlightPolicy = builder.enumType('InFlightPolicy', {
  description: 'What the IOMMU driver does with page requests in flight when a domain goes.',
  values: {
    DRAINED: { description: 'It finishes them first: the contract of iommufd’s fault path.' },
    NOT_DRAINED: {
      description:
        'It leaves them. Breaks: a request that found its handler is queued after its attach handle was freed.',
    },
  } as const,
});

export const VirtualFunctionPolicy = builder.enumType('VirtualFunctionPolicy', {
  description: 'What becomes of virtual functions and fault-capable hwpts.',
  values: {
    AS_BASELINE: { description: 'Refused as the kernel refuses them.' },
    EMULATED_PRI: {
      description:
        'Each has an emulated PRI: a failure is not passed to the hardware, and what the function sends after it is answered INVALID and not delivered, until vpriReset or until PRI is turned on again. Implemented in no kernel.',
    },
  } as const,
});

/** The names of the bits set in a flag word, and what is left over is only in the raw word. */
export function bitsOf(word: number, known: readonly number[]): number[] {
  return known.filter(bit => (word & bit) !== 0);
}

/** The flag word of names and raw bits given together. */
export function wordOf(
  names: readonly number[] | null | undefined,
  raw: number | null | undefined,
): number {
  return ((names ?? []).reduce((word, bit) => word | bit, 0) | (raw ?? 0)) >>> 0;
}

export const RAW_TEXT = 'The word as a number, for bits that have no name; added to the names.';
