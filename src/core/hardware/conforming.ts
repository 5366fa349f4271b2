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
import { deviceName } from '../machine/lookup.ts';
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
/** PASIDs of the IOMMU in bits. */
const PASID_WIDTH = 20;
const PAGE_MASK = BigInt(PAGE_SIZE - 1);

function dirtyTracking(device: PhysicalDevice): boolean {
  return device.kind === 'PCI' && device.dirtyTracking;
}

/** A function that is not modelled has all of them. */
function maxPasidLog2(device: PhysicalDevice): number {
  const hardware = device.kind === 'PCI' ? device.hardware : null;
  return Math.min(PASID_WIDTH, hardware?.spec.pasidWidth ?? PASID_WIDTH);
}

export const conformingDriver: IommuDriver = {
  functions: {
    allocPaging: 'ops->domain_alloc_user',
    allocNested: 'ops->domain_alloc_user (nested)',
    attach: 'ops->attach_dev',
    setPasid: 'ops->set_dev_pasid',
    invalidate: 'ops->cache_invalidate_user',
    enableIopf: 'ops->dev_enable_feat',
  },
  userPasidTable: true,
  attachAllocates: true,
  maxPasidLog2,
  maxPasids: device => (maxPasidLog2(device) === 0 ? 0 : 2 ** maxPasidLog2(device)),
  // A function that can send page requests has translated addresses to send them for.
  ats: device => device.kind === 'PCI' && device.pri,

  dirtyTracking,

  allocPaging(device, flags, userData) {
    // FAULT_ID_VALID reaches drivers in 6.13 alone, PASID since 6.15; this one accepts both.
    const wantsDirty = (flags & IOMMU_HWPT_ALLOC_DIRTY_TRACKING) !== 0;
    if (userData !== null) return new Refusal('EOPNOTSUPP', 'USER_DATA_UNWANTED');
    if (wantsDirty && !dirtyTracking(device)) {
      const facts = { argument: 'flags', what: 'function', id: deviceName(device) };
      return new Refusal('EOPNOTSUPP', 'NO_DIRTY_TRACKING', facts);
    }
    return {
      driver: 'CONFORMING',
      apertureStart: 0n,
      apertureLast: APERTURE_LAST,
      pageSize: PAGE_SIZE,
      dirtyOps: wantsDirty,
    };
  },

  allocNested({ value, dataType, dataLen }, { id: hwptId, domain }) {
    if (dataType !== IOMMU_HWPT_DATA_VTD_S1) {
      const facts = { dataType, wanted: IOMMU_HWPT_DATA_VTD_S1 };
      return new Refusal('EOPNOTSUPP', 'DATA_TYPE_UNKNOWN', facts);
    }
    if (domain.driver !== 'CONFORMING') return new Refusal('EINVAL', 'OTHER_DRIVER', { hwptId });
    if (dataLen !== HWPT_VTD_S1_SIZE) {
      return new Refusal('EINVAL', 'DATA_LENGTH', { dataLen, wanted: HWPT_VTD_S1_SIZE });
    }
    if (value?.kind !== 'VTD_S1') return new Refusal('EFAULT', 'USER_DATA_MISSING');
    const { flags, addrWidth: width } = value;
    if ((flags & ~S1_FLAGS) !== 0n) return new Refusal('EOPNOTSUPP', 'VTD_FLAGS', { flags });
    if (width !== 48 && width !== 57) return new Refusal('EINVAL', 'VTD_ADDR_WIDTH', { width });
    return value;
  },

  attach(device, hwpt, domain) {
    const driver = hwpt.type === 'HWPT_NESTED' ? hwpt.driver : domain.driver;
    const hwptId = hwpt.id;
    if (driver !== 'CONFORMING') return new Refusal('EINVAL', 'OTHER_DRIVER', { hwptId });
    if (!domain.dirtyOps || dirtyTracking(device)) return null;
    return new Refusal('EINVAL', 'DOMAIN_NEEDS_DIRTY', { hwptId, device: deviceName(device) });
  },

  hwInfo(device) {
    const data = new Uint8Array(HW_INFO_VTD_SIZE);
    const view = new DataView(data.buffer);
    view.setBigUint64(8, CAP_REG, true);
    view.setBigUint64(16, dirtyTracking(device) ? ECAP_REG | ECAP_SLADS : ECAP_REG, true);
    return { dataType: IOMMU_HW_INFO_TYPE_INTEL_VTD, data };
  },

  invalidateArray(dataType, entryLen, entryNum) {
    const wanted = IOMMU_HWPT_INVALIDATE_DATA_VTD_S1;
    if (dataType !== wanted)
      return new Refusal('EINVAL', 'DATA_TYPE_UNKNOWN', { dataType, wanted });
    if (entryNum === 0 || entryLen === INVALIDATE_VTD_S1_SIZE) return null;
    return new Refusal('EINVAL', 'ENTRY_LENGTH', { entryLen, wanted: INVALIDATE_VTD_S1_SIZE });
  },

  invalidateEntry(contextId, hwpt, entry, index) {
    const addr = entry.addr ?? 0n;
    const npages = entry.npages ?? ULONG_MAX;
    const { flags } = entry;
    if ((flags & ~IOMMU_VTD_INV_FLAGS_LEAF) !== 0) {
      return new Refusal('EOPNOTSUPP', 'ENTRY_FLAGS', { index, flags });
    }
    if ((addr & PAGE_MASK) !== 0n || (npages === ULONG_MAX && addr !== 0n)) {
      return new Refusal('EINVAL', 'ENTRY_ADDRESS', { index, addr });
    }
    const leaf = entry.flags === IOMMU_VTD_INV_FLAGS_LEAF;
    return { type: 'StageOneInvalidated', contextId, hwptId: hwpt.id, addr, npages, leaf };
  },

  enableIopf: device =>
    device.kind === 'PCI' && (device.pri || device.hardware?.spec.stall === true),
};
