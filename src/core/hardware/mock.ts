/**
 * The self-test's mock IOMMU driver.
 * Mirrors drivers/iommu/iommufd/selftest.c of Linux 6.12.117.
 */
import type { Behaviour } from '../../abi/behaviour.ts';
import {
  HW_INFO_SELFTEST_SIZE,
  HWPT_SELFTEST_PAGETABLE_SIZE,
  HWPT_SELFTEST_SIZE,
  INVALIDATE_SELFTEST_SIZE,
  IOMMU_HW_INFO_TYPE_SELFTEST,
  IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
  IOMMU_HWPT_ALLOC_NEST_PARENT,
  IOMMU_HWPT_ALLOC_PASID,
  IOMMU_HWPT_DATA_SELFTEST,
  IOMMU_HWPT_INVALIDATE_DATA_SELFTEST,
  IOMMU_TEST_INVALIDATE_FLAG_ALL,
  MOCK_APERTURE_LAST,
  MOCK_APERTURE_START,
  MOCK_FLAGS_DEVICE_HUGE_IOVA,
  MOCK_FLAGS_DEVICE_NO_DIRTY,
  MOCK_FLAGS_DEVICE_NO_IOPF,
  MOCK_FLAGS_DEVICE_PASID,
  MOCK_HW_INFO_TEST_REG,
  MOCK_IO_PAGE_SIZE,
  MOCK_NESTED_DOMAIN_IOTLB_NUM,
  MOCK_PASID_WIDTH,
} from '../../abi/uapi.ts';
import { deviceName } from '../machine/lookup.ts';
import { Refusal } from '../machine/refusal.ts';
import { HWPT_ALLOC_FLAGS, unknownFlags } from '../refuse/flags.ts';
import type { IommuDriver, UserData } from './iommu-driver.ts';
import type { PhysicalDevice } from './state.ts';

function flagsOf(device: PhysicalDevice): number {
  return device.kind === 'MOCK' ? device.devFlags : 0;
}

function noDirty(device: PhysicalDevice): boolean {
  return (flagsOf(device) & MOCK_FLAGS_DEVICE_NO_DIRTY) !== 0;
}

/** The flag is taken on kernels alone that give such a device its PASIDs. */
function maxPasidLog2(device: PhysicalDevice): number {
  return (flagsOf(device) & MOCK_FLAGS_DEVICE_PASID) === 0 ? 0 : MOCK_PASID_WIDTH;
}

/** struct iommu_hwpt_selftest, or why it cannot be had. */
function selftestData(
  { dataType, dataLen, value }: UserData,
  { mockPagingUserData }: Behaviour,
): Refusal | null {
  if (dataType !== IOMMU_HWPT_DATA_SELFTEST) return otherType(dataType);
  // The kind of page table came later: without it, it is the default one.
  const longest = mockPagingUserData ? HWPT_SELFTEST_PAGETABLE_SIZE : HWPT_SELFTEST_SIZE;
  if (dataLen < HWPT_SELFTEST_SIZE || dataLen > longest) {
    return new Refusal('EINVAL', 'DATA_LENGTH', { dataLen, wanted: HWPT_SELFTEST_SIZE });
  }
  return value?.kind === 'SELFTEST' ? null : new Refusal('EFAULT', 'USER_DATA_MISSING');
}

function otherType(dataType: number): Refusal {
  const facts = { dataType, wanted: IOMMU_HWPT_DATA_SELFTEST };
  return new Refusal('EOPNOTSUPP', 'DATA_TYPE_UNKNOWN', facts);
}

/** The core lets PASID through on kernels alone whose mock driver takes it. */
const PAGING_FLAGS =
  IOMMU_HWPT_ALLOC_NEST_PARENT | IOMMU_HWPT_ALLOC_DIRTY_TRACKING | IOMMU_HWPT_ALLOC_PASID;

export const mockDriver: IommuDriver = {
  functions: {
    allocPaging: 'mock_domain_alloc_user',
    allocNested: 'mock_domain_alloc_user',
    attach: 'mock_domain_nop_attach',
    setPasid: 'mock_domain_set_dev_pasid_nop',
    invalidate: 'mock_domain_cache_invalidate_user',
    enableIopf: 'mock_dev_enable_feat',
  },
  userPasidTable: true,
  attachAllocates: false,
  maxPasidLog2,
  // One without the flag has a width of 0 bits, which the core takes for one PASID.
  maxPasids: device => 2 ** maxPasidLog2(device),
  ats: () => false,

  dirtyTracking: device => !noDirty(device),

  allocPaging(device, flags, userData, behaviour) {
    const wantsDirty = (flags & IOMMU_HWPT_ALLOC_DIRTY_TRACKING) !== 0;
    const unknown = unknownFlags(flags, PAGING_FLAGS, HWPT_ALLOC_FLAGS);
    if (unknown !== null) return unknown;
    if (wantsDirty && noDirty(device)) {
      const facts = { argument: 'flags', what: 'mock device', id: device.deviceNo };
      return new Refusal('EOPNOTSUPP', 'NO_DIRTY_TRACKING', facts);
    }
    if (userData !== null) {
      if (!behaviour.mockPagingUserData) return new Refusal('EOPNOTSUPP', 'USER_DATA_UNWANTED');
      const refused = selftestData(userData, behaviour);
      if (refused !== null) return refused;
    }
    return {
      driver: 'MOCK',
      apertureStart: MOCK_APERTURE_START,
      apertureLast: MOCK_APERTURE_LAST,
      pageSize: MOCK_IO_PAGE_SIZE,
      dirtyOps: wantsDirty,
      ...((flagsOf(device) & MOCK_FLAGS_DEVICE_HUGE_IOVA) === 0 ? {} : { hugePages: true }),
    };
  },

  allocNested(userData, { id: hwptId, domain }, behaviour) {
    if (userData.dataType !== IOMMU_HWPT_DATA_SELFTEST) return otherType(userData.dataType);
    if (domain.driver !== 'MOCK') return new Refusal('EINVAL', 'OTHER_DRIVER', { hwptId });
    return selftestData(userData, behaviour) ?? userData.value!;
  },

  // A nested domain has no dirty operations of its own, whatever its parent has.
  attach: (device, hwpt) =>
    hwpt.type === 'HWPT_PAGING' && hwpt.domain.dirtyOps && noDirty(device)
      ? new Refusal('EINVAL', 'DOMAIN_NEEDS_DIRTY', { hwptId: hwpt.id, device: deviceName(device) })
      : null,

  hwInfo() {
    const data = new Uint8Array(HW_INFO_SELFTEST_SIZE);
    new DataView(data.buffer).setUint32(4, MOCK_HW_INFO_TEST_REG, true);
    return { dataType: IOMMU_HW_INFO_TYPE_SELFTEST, data };
  },

  invalidateArray(dataType, entryLen, entryNum) {
    const wanted = IOMMU_HWPT_INVALIDATE_DATA_SELFTEST;
    if (dataType !== wanted)
      return new Refusal('EINVAL', 'DATA_TYPE_UNKNOWN', { dataType, wanted });
    if (entryNum === 0 || entryLen === INVALIDATE_SELFTEST_SIZE) return null;
    return new Refusal('EINVAL', 'ENTRY_LENGTH', { entryLen, wanted: INVALIDATE_SELFTEST_SIZE });
  },

  invalidateEntry(contextId, hwpt, entry, index) {
    const iotlbId = entry.iotlbId ?? 0;
    const { flags } = entry;
    if ((flags & ~IOMMU_TEST_INVALIDATE_FLAG_ALL) !== 0) {
      return new Refusal('EOPNOTSUPP', 'ENTRY_FLAGS', { index, flags });
    }
    const most = MOCK_NESTED_DOMAIN_IOTLB_NUM;
    if (iotlbId >= most) return new Refusal('EINVAL', 'ENTRY_IOTLB', { index, iotlbId, most });
    return {
      type: 'MockIotlbInvalidated',
      contextId,
      hwptId: hwpt.id,
      iotlbId: entry.flags === IOMMU_TEST_INVALIDATE_FLAG_ALL ? null : iotlbId,
    };
  },

  enableIopf: device => (flagsOf(device) & MOCK_FLAGS_DEVICE_NO_IOPF) === 0,
};
