/** Physical devices: PCI functions and the mock devices of the self-test. Types only. */
import type { PageRequest, PartialRequest } from '../iommu/state.ts';
import type { FunctionHardware, FunctionSpec } from './function/state.ts';

/** Kind of a reserved region of a device (enum iommu_resv_type). */
export type ReservedRegionType = 'DIRECT' | 'DIRECT_RELAXABLE' | 'RESERVED' | 'MSI' | 'SW_MSI';

/** A range of IOVAs a device cannot use for DMA; both ends inclusive. */
export interface ReservedRegion {
  readonly type: ReservedRegionType;
  readonly start: bigint;
  readonly last: bigint;
}

/** One PCI function to add to the machine's topology. */
export interface PciDeviceSpec {
  /** Domain, bus, device and function, as `0000:01:00.0`. */
  readonly bdf: string;
  /** bdf of a device whose IOMMU group this one joins; null gives it a group of its own. */
  readonly groupWith: string | null;
  /** bdf of the physical function if this is a virtual function, else null. */
  readonly physfn: string | null;
  /** The function has PRI and its IOMMU can report page requests: the IOPF feature can be enabled. */
  readonly pri: boolean;
  /** The IOMMU in front of it can track dirty pages in the second stage. */
  readonly dirtyTracking: boolean;
  /** DMA is cache-coherent; iommufd refuses to bind a device that is not. */
  readonly dmaCoherent: boolean;
  /** The IOMMU group isolates MSIs; iommufd refuses to bind a device where it does not. */
  readonly msiIsolated: boolean;
  readonly reservedRegions: readonly ReservedRegion[];
  /** What it is behind a modelled IOMMU; left out: DMA is not modelled, requests are declared. */
  readonly hardware?: FunctionSpec;
}

export type IommuDriverName = 'MOCK' | 'CONFORMING';

interface PhysicalDeviceBase {
  /** Never reused, unlike a bdf or a mock device number. */
  readonly deviceNo: number;
  readonly iommuGroupId: number;
  readonly virtfn: boolean;
  /** The driver told it to turn its IOPF feature on: it is on an iopf queue (has fault parameters). */
  iopfFeature: boolean;
  /** seq of the event that turned it on; null while it is off. */
  iopfFeatureSeq: number | null;
  /** Requests collected until the last page of their group (iommu_fault_param->partial). */
  partial: PartialRequest[];
  /** Groups not dequeued (iommu_fault_param->faults), on kernels that keep them there. */
  readonly pendingGroupIds: Set<number>;
  /** Last requests of groups that their fault queue lost and that are still pending here. */
  readonly lostGroups: Map<number, PageRequest>;
  /** iopf groups of its requests that are not answered (references to its iommu_fault_param). */
  unansweredGroups: number;
  /** Domains with a fault handler its driver has attached, where drivers enable IOPF. */
  iopfRefcount: number;
  /** Emulated PRI of a virtual function: a failure was answered, delivery is held back. */
  vpriFailed: boolean;
  /** The iommufd DEVICE it is bound to. */
  binding: { readonly contextId: number; readonly deviceId: number } | null;
}

/** A device of the kernel's self-test. */
export interface MockDevice extends PhysicalDeviceBase {
  readonly kind: 'MOCK';
  /** Lowest free number from 0. */
  readonly mockDev: number;
  readonly devFlags: number;
  /** Its driver fails when PASID 1024 is set next (pasid_1024_fake_error). */
  pasidErrorArmed: boolean;
}

/** A PCI function behind the conforming IOMMU. */
export interface PciDevice extends PhysicalDeviceBase {
  readonly kind: 'PCI';
  readonly bdf: string;
  readonly physfn: string | null;
  readonly pri: boolean;
  readonly dirtyTracking: boolean;
  readonly dmaCoherent: boolean;
  readonly msiIsolated: boolean;
  readonly reservedRegions: readonly ReservedRegion[];
  /** null: it is not behind a modelled IOMMU. */
  readonly hardware: FunctionHardware | null;
}

export type PhysicalDevice = MockDevice | PciDevice;
