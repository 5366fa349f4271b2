/**
 * The IOMMU in front of PCI functions: a driver that keeps the whole contract of iommufd's fault
 * path. It stops and drains page requests of a domain before a detach returns, reports requests
 * with and without PASID, and keeps ATS on over a nested attach. It speaks VT-d's user-data
 * formats. No driver of Linux 6.12 does all of this (docs/KERNEL.md), which is why it has no
 * vendor's name.
 */
import {
  HW_INFO_VTD_SIZE,
  HWPT_VTD_S1_SIZE,
  INVALIDATE_VTD_S1_SIZE,
  IOMMU_HW_INFO_TYPE_INTEL_VTD,
  IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
  IOMMU_HWPT_DATA_VTD_S1,
  IOMMU_HWPT_INVALIDATE_DATA_VTD_S1,
  IOMMU_VTD_INV_FLAGS_LEAF,
  IOMMU_VTD_S1_EAFE,
  IOMMU_VTD_S1_SRE,
  IOMMU_VTD_S1_WPE,
  PAGE_SIZE,
  ULONG_MAX,
} from '../../abi/uapi.ts';
import { Refusal } from '../machine/refusal.ts';
import type { IommuDriver } from './iommu-driver.ts';
import type { PhysicalDevice } from './state.ts';

/** Width of the emulated second stage: IOVAs of 48 bits. */
const APERTURE_LAST = 0xffff_ffff_ffffn;
/** VT-d capability register: 48-bit address width (MGAW, bits 21:16) and 4-level tables (SAGAW). */
const CAP_REG = (47n << 16n) | (1n << 10n);
/** VT-d extended capabilities: NEST (26), PRS (29), PASID (40), SMTS (43), SLTS (46), FLTS (47). */
const ECAP_REG = (1n << 26n) | (1n << 29n) | (1n << 40n) | (1n << 43n) | (1n << 46n) | (1n << 47n);
/** VT-d extended capability SLADS: dirty tracking in the second stage. */
const ECAP_SLADS = 1n << 45n;
const S1_FLAGS = IOMMU_VTD_S1_SRE | IOMMU_VTD_S1_EAFE | IOMMU_VTD_S1_WPE;
/** PASIDs of a function in bits. */
const PASID_WIDTH = 20;
const PAGE_MASK = BigInt(PAGE_SIZE - 1);

function dirtyTracking(device: PhysicalDevice): boolean {
  return device.kind === 'PCI' && device.dirtyTracking;
}

export const conformingDriver: IommuDriver = {
  functions: {
    allocPaging: 'ops->domain_alloc_user',
    allocNested: 'ops->domain_alloc_user (nested)',
    attach: 'ops->attach_dev',
    invalidate: 'ops->cache_invalidate_user',
    enableIopf: 'ops->dev_enable_feat',
  },
  userPasidTable: true,
  attachAllocates: true,
  maxPasidLog2: () => PASID_WIDTH,
  // A function that can send page requests has translated addresses to send them for.
  ats: device => device.kind === 'PCI' && device.pri,

  dirtyTracking,

  allocPaging(device, flags, userData) {
    // FAULT_ID_VALID reaches drivers in 6.13 alone, PASID since 6.15; this one accepts both.
    const wantsDirty = (flags & IOMMU_HWPT_ALLOC_DIRTY_TRACKING) !== 0;
    if (userData !== null || (wantsDirty && !dirtyTracking(device)))
      return new Refusal('EOPNOTSUPP');
    return {
      driver: 'CONFORMING',
      apertureStart: 0n,
      apertureLast: APERTURE_LAST,
      pageSize: PAGE_SIZE,
      dirtyOps: wantsDirty,
    };
  },

  allocNested(userData, parentDriver) {
    if (userData.dataType !== IOMMU_HWPT_DATA_VTD_S1) return new Refusal('EOPNOTSUPP');
    if (parentDriver !== 'CONFORMING') return new Refusal('EINVAL');
    if (userData.dataLen !== HWPT_VTD_S1_SIZE) return new Refusal('EINVAL');
    const { value } = userData;
    if (value?.kind !== 'VTD_S1') return new Refusal('EFAULT');
    if ((value.flags & ~S1_FLAGS) !== 0n) return new Refusal('EOPNOTSUPP');
    if (value.addrWidth !== 48 && value.addrWidth !== 57) return new Refusal('EINVAL');
    return value;
  },

  attach(device, hwpt, domain) {
    const driver = hwpt.type === 'HWPT_NESTED' ? hwpt.driver : domain.driver;
    if (driver !== 'CONFORMING') return 'EINVAL';
    return domain.dirtyOps && !dirtyTracking(device) ? 'EINVAL' : 0;
  },

  hwInfo(device) {
    const data = new Uint8Array(HW_INFO_VTD_SIZE);
    const view = new DataView(data.buffer);
    view.setBigUint64(8, CAP_REG, true);
    view.setBigUint64(16, dirtyTracking(device) ? ECAP_REG | ECAP_SLADS : ECAP_REG, true);
    return { dataType: IOMMU_HW_INFO_TYPE_INTEL_VTD, data };
  },

  invalidateArray(dataType, entryLen, entryNum) {
    if (dataType !== IOMMU_HWPT_INVALIDATE_DATA_VTD_S1) return 'EINVAL';
    return entryNum > 0 && entryLen !== INVALIDATE_VTD_S1_SIZE ? 'EINVAL' : 0;
  },

  invalidateEntry(contextId, hwpt, entry) {
    const addr = entry.addr ?? 0n;
    const npages = entry.npages ?? ULONG_MAX;
    if ((entry.flags & ~IOMMU_VTD_INV_FLAGS_LEAF) !== 0) return new Refusal('EOPNOTSUPP');
    if ((addr & PAGE_MASK) !== 0n || (npages === ULONG_MAX && addr !== 0n)) {
      return new Refusal('EINVAL');
    }
    const leaf = entry.flags === IOMMU_VTD_INV_FLAGS_LEAF;
    return { type: 'StageOneInvalidated', contextId, hwptId: hwpt.id, addr, npages, leaf };
  },

  enableIopf: device => (device.kind === 'PCI' && device.pri ? 0 : 'ENODEV'),
};
