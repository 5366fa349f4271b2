/**
 * What is emulated, as data: docs/KERNEL.md and the GraphQL query `kernelSupport` are printed from
 * it. Operations say it in their entries; here stands what is no operation.
 */
import { COMMAND_TYPES, OPERATIONS } from '../machine/command.ts';
import type { SupportRow } from '../machine/operation-entry.ts';

export interface SupportEntry extends SupportRow {
  /** The mutation, if it is an operation. */
  readonly mutation: string | null;
}

const MECHANISMS: readonly SupportRow[] = [
  {
    name: 'reserved regions and software MSI windows at attach',
    source: 'iopt_table_enforce_dev_resv_regions (drivers/iommu/iommufd/io_pagetable.c)',
    status: 'SUPPORTED',
    note: '',
  },
  {
    name: 'in-kernel accesses',
    source: 'iommufd_access_create (drivers/iommu/iommufd/device.c)',
    status: 'PARTIAL',
    note: 'Those of the self-test; VFIO’s emulated devices are absent.',
  },
  {
    name: 'ioctl numbers, structure sizes, E2BIG',
    source: 'iommufd_fops_ioctl (drivers/iommu/iommufd/main.c)',
    status: 'ABSENT',
    note: 'Operations come as GraphQL mutations, not as bytes.',
  },
  {
    name: 'hazards of the kernel itself',
    source: 'fault.c, io-pgfault.c, device.c, io_pagetable.c',
    status: 'PARTIAL',
    note: 'Warnings, uses of freed memory, leaks, lost and wrong answers and wrong states on the emulated paths are recorded. Not recorded: races between operations; docs/KERNEL.md lists each.',
  },
];

export const SUPPORT: readonly SupportEntry[] = [
  ...COMMAND_TYPES.flatMap(type => {
    const { mutation, support } = OPERATIONS[type];
    return support !== null && 'name' in support ? [{ ...support, mutation }] : [];
  }),
  ...MECHANISMS.map(row => ({ ...row, mutation: null })),
];
