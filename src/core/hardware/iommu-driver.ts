/**
 * What iommufd asks of an IOMMU driver (struct iommu_ops), one entry an emulated driver. Pure
 * answers: the caller emits what follows from them.
 */
import type { Behaviour } from '../../abi/behaviour.ts';
import type { Hwpt, HwptNested, HwptPaging, HwptUserData, PagingDomain } from '../iommufd/state.ts';
import type { Event } from '../machine/event.ts';
import type { Refusal } from '../machine/refusal.ts';
import type { PhysicalDevice } from './state.ts';

/** One cache invalidation entry; which fields count depends on the data type of the array. */
export interface InvalidateEntry {
  readonly flags: number;
  /** Self-test: the IOTLB entry, 0 to 3. */
  readonly iotlbId?: number;
  /** VT-d: first address, page aligned. */
  readonly addr?: bigint;
  /** VT-d: number of 4 KiB pages. */
  readonly npages?: bigint;
}

/** User data as the caller passed it: a stated type and length, and the structure itself. */
export interface UserData {
  readonly dataType: number;
  readonly dataLen: number;
  readonly value: HwptUserData | null;
}

export interface HwInfo {
  readonly dataType: number;
  /** Little-endian bytes of the driver's structure. */
  readonly data: Uint8Array;
}

export interface IommuDriver {
  /** Kernel functions, for the trace. */
  readonly functions: {
    readonly allocPaging: string;
    readonly allocNested: string;
    readonly attach: string;
    readonly setPasid: string;
    readonly invalidate: string;
    readonly enableIopf: string;
  };
  /** Without a PASID table of its own the driver lets RID handlers take PASID faults (nested only). */
  readonly userPasidTable: boolean;
  /** Attaching a domain needs memory. */
  readonly attachAllocates: boolean;
  /** PASID width of the device in bits; 0 without PASID support. */
  maxPasidLog2(device: PhysicalDevice): number;
  /** Number of PASIDs of the device (dev->iommu->max_pasids), among them 0, the RID; 0: none at all. */
  maxPasids(device: PhysicalDevice): number;
  /** IOMMU_CAP_PCI_ATS_SUPPORTED of the device. */
  ats(device: PhysicalDevice): boolean;
  /** IOMMU_CAP_DIRTY_TRACKING of the device. */
  dirtyTracking(device: PhysicalDevice): boolean;
  /** `userData`: null if none came. */
  allocPaging(
    device: PhysicalDevice,
    flags: number,
    userData: UserData | null,
    behaviour: Behaviour,
  ): PagingDomain | Refusal;
  /** Checks a nested hwpt's user data, and whether this driver made the parent. */
  allocNested(userData: UserData, parent: HwptPaging, behaviour: Behaviour): HwptUserData | Refusal;
  /** Whether the driver can attach the domain of `hwpt` to the device. */
  attach(device: PhysicalDevice, hwpt: Hwpt, pagingDomain: PagingDomain): Refusal | null;
  hwInfo(device: PhysicalDevice): HwInfo;
  /**
   * The array's type and entry size; checked before its entries. An entry may be neither shorter nor
   * longer than the driver's structure (__iommu_copy_struct_from_user).
   */
  invalidateArray(dataType: number, entryLen: number, entryNum: number): Refusal | null;
  /** One entry: the event it makes, or its errno. */
  invalidateEntry(
    contextId: number,
    hwpt: HwptNested,
    entry: InvalidateEntry,
    index: number,
  ): Event | Refusal;
  /** iommu_dev_enable_feature(IOMMU_DEV_FEAT_IOPF): whether the device can. */
  enableIopf(device: PhysicalDevice): boolean;
}
