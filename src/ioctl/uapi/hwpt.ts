/** ioctls on hardware page tables and devices (drivers/iommu/iommufd/{hw_pagetable,device}.c, 6.12.117). */
import {
  HWPT_VTD_S1,
  IOMMU_GET_HW_INFO,
  IOMMU_HWPT_ALLOC,
  IOMMU_HWPT_GET_DIRTY_BITMAP,
  IOMMU_HWPT_INVALIDATE,
  IOMMU_HWPT_SET_DIRTY_TRACKING,
} from '../../abi/ioctl/iommufd.ts';
import { HWPT_SELFTEST } from '../../abi/ioctl/selftest.ts';
import { IOMMU_HWPT_DATA_SELFTEST, IOMMU_HWPT_DATA_VTD_S1 } from '../../abi/uapi.ts';
import type { HwptUserData } from '../../core/iommufd/state.ts';
import { type Caller, failure, type Returned } from './caller.ts';
import { hwptGetDirtyBitmap } from './dirty-bitmap.ts';
import { hwptInvalidate } from './invalidate.ts';
import type { IoctlCall } from './ioctl-call.ts';
import { type IoctlEntry, ioctlEntry } from './ioctl-entry.ts';
import { plainIoctl } from './plain-ioctl.ts';
import { Struct } from './struct.ts';

export const HWPT_CALLS: readonly IoctlEntry[] = [
  ioctlEntry(IOMMU_HWPT_ALLOC, hwptAlloc),
  ioctlEntry(IOMMU_GET_HW_INFO, getHwInfo),
  ioctlEntry(IOMMU_HWPT_INVALIDATE, hwptInvalidate),
  ioctlEntry(IOMMU_HWPT_GET_DIRTY_BITMAP, hwptGetDirtyBitmap),
  plainIoctl(IOMMU_HWPT_SET_DIRTY_TRACKING, 'HwptSetDirtyTracking'),
];

async function hwptAlloc(call: IoctlCall<typeof IOMMU_HWPT_ALLOC.fields>): Promise<Returned> {
  const { contextId, cmd, caller } = call;
  const reserved = call.checkReserved();
  if (reserved !== 0) return reserved;
  const dataType = cmd.u32('data_type');
  const dataLen = cmd.u32('data_len');
  const { errno, reply } = await call.execute({
    type: 'HwptAlloc',
    contextId,
    flags: cmd.u32('flags'),
    devId: cmd.u32('dev_id'),
    ptId: cmd.u32('pt_id'),
    dataType,
    dataLen,
    // null is EFAULT where the driver comes to look at it.
    userData: readUserData(caller, dataType, dataLen, cmd.u64('data_uptr')),
    faultId: cmd.u32('fault_id'),
  });
  if (reply === null) return failure(errno);
  cmd.set('out_hwpt_id', reply.outHwptId);
  return call.respondOr({ type: 'Destroy', contextId, id: reply.outHwptId });
}

/** A driver's structure; null if its length is not the driver's, or it is not there. */
function readUserData(
  { memory }: Caller,
  dataType: number,
  dataLen: number,
  pointer: bigint,
): HwptUserData | null {
  if (dataType === IOMMU_HWPT_DATA_SELFTEST && dataLen === HWPT_SELFTEST.size) {
    const bytes = memory.read(pointer, dataLen);
    if (bytes === null) return null;
    return { kind: 'SELFTEST', iotlb: new Struct(HWPT_SELFTEST.fields, bytes).u32('iotlb') };
  }
  if (dataType === IOMMU_HWPT_DATA_VTD_S1 && dataLen === HWPT_VTD_S1.size) {
    const bytes = memory.read(pointer, dataLen);
    if (bytes === null) return null;
    const data = new Struct(HWPT_VTD_S1.fields, bytes);
    return {
      kind: 'VTD_S1',
      flags: data.u64('flags'),
      pgtblAddr: data.u64('pgtbl_addr'),
      addrWidth: data.u32('addr_width'),
    };
  }
  return null;
}

/** Zeros written in one go. */
const ZEROS = Buffer.alloc(64 * 1024);

/** Source: clear_user. */
function clear({ memory }: Caller, pointer: bigint, length: number): boolean {
  for (let done = 0; done < length; done += ZEROS.length) {
    const part = ZEROS.subarray(0, Math.min(ZEROS.length, length - done));
    if (!memory.writeAll(pointer + BigInt(done), part)) return false;
  }
  return true;
}

/** Writes the driver's structure, zeros behind it, then the answer. Source: iommufd_get_hw_info. */
async function getHwInfo(call: IoctlCall<typeof IOMMU_GET_HW_INFO.fields>): Promise<Returned> {
  const { contextId, cmd, caller } = call;
  const reserved = call.checkReserved();
  if (reserved !== 0) return reserved;
  const dataLen = cmd.u32('data_len');
  const { errno, reply } = await call.execute({
    type: 'GetHwInfo',
    contextId,
    flags: cmd.u32('flags'),
    devId: cmd.u32('dev_id'),
    dataLen,
    // From Linux 6.17 on it is the type asked for.
    inDataType: cmd.u32('out_data_type'),
  });
  if (reply === null) return failure(errno);
  const pointer = cmd.u64('data_uptr');
  const data = Buffer.from(reply.data, 'hex');
  const written =
    caller.memory.writeAll(pointer, data) &&
    clear(caller, pointer + BigInt(data.length), dataLen - data.length);
  if (!written) return failure('EFAULT');
  cmd.set('data_len', reply.dataLen);
  cmd.set('out_data_type', reply.outDataType);
  cmd.set('out_max_pasid_log2', reply.outMaxPasidLog2);
  cmd.set('out_capabilities', reply.outCapabilities);
  return call.respond();
}
