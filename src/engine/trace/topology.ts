/** The PCI functions of the default machine: one of each kind that behaves differently. */
import { CACHE_ENTRIES_MAX, ITAGS_MAX, PRI_CAPACITY_DEFAULT } from '../../abi/limits.ts';
import type { FunctionSpec } from '../../core/hardware/function/state.ts';
import type { PciDeviceSpec } from '../../core/hardware/state.ts';

/** A PCI function that can do everything, but for the differences. */
export function pciFunction(bdf: string, differences: Partial<PciDeviceSpec> = {}): PciDeviceSpec {
  return {
    bdf,
    groupWith: null,
    physfn: null,
    pri: true,
    dirtyTracking: true,
    dmaCoherent: true,
    msiIsolated: true,
    reservedRegions: [],
    ...differences,
  };
}

/** Where x86 has its interrupt window: no IOVA in it can be mapped. */
const MSI_WINDOW = { type: 'MSI', start: 0xfee0_0000n, last: 0xfeef_ffffn } as const;

export const DEFAULT_TOPOLOGY: readonly PciDeviceSpec[] = [
  // An accelerator that can send page requests, and its virtual function, which is refused.
  pciFunction('0000:01:00.0', { reservedRegions: [MSI_WINDOW] }),
  pciFunction('0000:01:00.1', { physfn: '0000:01:00.0', reservedRegions: [MSI_WINDOW] }),
  // A card with two functions that the IOMMU cannot tell apart: one group.
  pciFunction('0000:02:00.0', { reservedRegions: [MSI_WINDOW] }),
  pciFunction('0000:02:00.1', { groupWith: '0000:02:00.0', reservedRegions: [MSI_WINDOW] }),
  // A network card without PRI.
  pciFunction('0000:03:00.0', { pri: false, reservedRegions: [MSI_WINDOW] }),
];

/** log2 of how many PASIDs PCIe has. */
const PASID_BITS = 20;

const BEHIND_IT: FunctionSpec = {
  iommuNo: 0,
  ats: {
    invalidateQueueDepth: ITAGS_MAX,
    respondsToInvalidation: true,
    entries: CACHE_ENTRIES_MAX,
    lru: false,
  },
  priCapacity: PRI_CAPACITY_DEFAULT,
  pasidWidth: PASID_BITS,
  stall: false,
};

/** Those of the default machine behind DEFAULT_IOMMU, so that programs can start their DMAs. */
export const PROGRAM_TOPOLOGY: readonly PciDeviceSpec[] = DEFAULT_TOPOLOGY.map(device => ({
  ...device,
  hardware: BEHIND_IT,
}));
