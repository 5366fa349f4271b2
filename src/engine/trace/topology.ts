/** The PCI functions of the default machine: one of each kind that behaves differently. */
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
