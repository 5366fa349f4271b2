/** IOMMU_HWPT_INVALIDATE: an array of entries, of a type that the driver knows. */
import { HWPT_VTD_S1_INVALIDATE, type IOMMU_HWPT_INVALIDATE } from '../../abi/ioctl/iommufd.ts';
import { HWPT_INVALIDATE_SELFTEST } from '../../abi/ioctl/selftest.ts';
import {
  INVALIDATE_ENTRY_NUM_MAX,
  IOMMU_HWPT_INVALIDATE_DATA_SELFTEST,
  IOMMU_HWPT_INVALIDATE_DATA_VTD_S1,
} from '../../abi/uapi.ts';
import type { InvalidateEntry } from '../../core/hardware/iommu-driver.ts';
import { failure, type Returned } from './caller.ts';
import type { IoctlCall } from './ioctl-call.ts';
import { Struct } from './struct.ts';

type Call = IoctlCall<typeof IOMMU_HWPT_INVALIDATE.fields>;

/** An entry that stands for those nobody comes to read. */
const UNREAD: InvalidateEntry = { flags: 0 };

/** No driver knows it. */
const UNKNOWN_FLAG = 0x8000_0000;

/** How many entries were handled is written back, also on errors. Source: iommufd_hwpt_invalidate. */
export async function hwptInvalidate(call: Call): Promise<Returned> {
  const { cmd } = call;
  const entryNum = cmd.u32('entry_num');
  const answer = (done: number, returned: Returned) => {
    cmd.set('entry_num', done);
    return call.respond() === 0 ? returned : failure('EFAULT');
  };
  const reserved = call.checkReserved();
  if (reserved !== 0) return answer(0, reserved);
  const bad = cmd.u64('data_uptr') === 0n || entryNum > INVALIDATE_ENTRY_NUM_MAX;
  if (entryNum > 0 && bad) {
    return answer(0, call.caller.refuse('EINVAL', 'IOCTL_ARRAY_REFUSED', entryNum));
  }
  const entries = readEntries(call, entryNum);
  const { errno, reply } = await call.execute({
    type: 'HwptInvalidate',
    contextId: call.contextId,
    hwptId: cmd.u32('hwpt_id'),
    dataType: cmd.u32('data_type'),
    entryLen: cmd.u32('entry_len'),
    entries,
  });
  const missing = errno === 0 && isKnown(call) && entries.length < entryNum;
  return answer(reply?.entryNum ?? 0, failure(missing ? 'EFAULT' : errno));
}

/** Whether the driver will read entries: their type and length are its own. */
function isKnown({ cmd }: Call): boolean {
  const length = cmd.u32('entry_len');
  const type = cmd.u32('data_type');
  return (
    (type === IOMMU_HWPT_INVALIDATE_DATA_SELFTEST && length === HWPT_INVALIDATE_SELFTEST.size) ||
    (type === IOMMU_HWPT_INVALIDATE_DATA_VTD_S1 && length === HWPT_VTD_S1_INVALIDATE.size)
  );
}

/** The entries before the first that is not there; one that stands for all if none is read. */
function readEntries(call: Call, entryNum: number): InvalidateEntry[] {
  if (entryNum === 0) return [];
  if (!isKnown(call)) return [UNREAD];
  const { cmd, caller } = call;
  const size = cmd.u32('entry_len');
  const array = caller.memory.readSome(cmd.u64('data_uptr'), entryNum * size);
  const entries: InvalidateEntry[] = [];
  for (let at = 0; at + size <= array.length; at += size) {
    entries.push(entryOf(cmd.u32('data_type'), array.subarray(at, at + size)));
  }
  return entries;
}

function entryOf(dataType: number, bytes: Buffer): InvalidateEntry {
  if (dataType === IOMMU_HWPT_INVALIDATE_DATA_SELFTEST) {
    const entry = new Struct(HWPT_INVALIDATE_SELFTEST.fields, bytes);
    return { flags: entry.u32('flags'), iotlbId: entry.u32('iotlb_id') };
  }
  const entry = new Struct(HWPT_VTD_S1_INVALIDATE.fields, bytes);
  // The driver refuses a reserved word as it refuses a flag that it does not know.
  const unknown = entry.u32('__reserved') === 0 ? 0 : UNKNOWN_FLAG;
  return {
    flags: (entry.u32('flags') | unknown) >>> 0,
    addr: entry.u64('addr'),
    npages: entry.u64('npages'),
  };
}
