/** The devices of simulated machines: every kind of PCI function and IOMMU group. */
import type { PciDeviceSpec } from '../core/hardware/state.ts';
import { pciFunction } from '../engine/trace/topology.ts';

export const pci = pciFunction;

const MSI = { type: 'MSI', start: 0xfee0_0000n, last: 0xfeef_ffffn } as const;
const SW_MSI = { type: 'SW_MSI', start: 0x0800_0000n, last: 0x080f_ffffn } as const;
const RESERVED = { type: 'RESERVED', start: 0x9000_0000n, last: 0x9000_ffffn } as const;
const RELAXABLE = { type: 'DIRECT_RELAXABLE', start: 0xa000_0000n, last: 0xa000_ffffn } as const;
const DIRECT = { type: 'DIRECT', start: 0xb000_0000n, last: 0xb000_ffffn } as const;

export const DEVICES: readonly PciDeviceSpec[] = [
  pci('0000:01:00.0'),
  pci('0000:02:00.0', { reservedRegions: [MSI, RELAXABLE] }),
  pci('0000:02:00.1', { groupWith: '0000:02:00.0', reservedRegions: [MSI, RESERVED] }),
  pci('0000:02:00.2', { groupWith: '0000:02:00.0', dirtyTracking: false }),
  pci('0000:03:00.0'),
  pci('0000:03:00.4', { physfn: '0000:03:00.0' }),
  pci('0000:04:00.0', { pri: false, dirtyTracking: false, reservedRegions: [SW_MSI] }),
  pci('0000:04:00.1', { groupWith: '0000:04:00.0', reservedRegions: [SW_MSI] }),
  pci('0000:05:00.0', { dmaCoherent: false }),
  pci('0000:06:00.0', { msiIsolated: false }),
  pci('0000:07:00.0', { reservedRegions: [DIRECT] }),
  pci('0000:08:00.0', { reservedRegions: [MSI, SW_MSI] }),
];

/** One more group, whose second member refuses what the first agreed to. */
export const SIMULATED_DEVICES: readonly PciDeviceSpec[] = [
  ...DEVICES,
  pci('0000:09:00.0'),
  pci('0000:09:00.1', { groupWith: '0000:09:00.0', pri: false }),
];
