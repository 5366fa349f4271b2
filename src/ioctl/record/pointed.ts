/** What memory an ioctl is about besides its structure: arrays and buffers that the structure points to. */
import {
  IOMMU_GET_HW_INFO,
  IOMMU_HWPT_ALLOC,
  IOMMU_HWPT_GET_DIRTY_BITMAP,
  IOMMU_HWPT_INVALIDATE,
  IOMMU_IOAS_ALLOW_IOVAS,
  IOMMU_IOAS_IOVA_RANGES,
  IOVA_RANGE,
} from '../../abi/ioctl/iommufd.ts';
import type { StructLayout } from '../../abi/ioctl/layout.ts';
import { IOMMU_TEST_CMD, TEST_OPS } from '../../abi/ioctl/selftest.ts';
import { IOCTL_ARRAY_ENTRIES_MAX, RECORDED_BYTES_MAX } from '../../abi/limits.ts';
import { PAGE_SIZE } from '../../abi/uapi.ts';
import { Struct } from '../uapi/struct.ts';

export interface Range {
  readonly address: bigint;
  readonly length: number;
}

type Words = (name: string) => bigint;

/** Of each ioctl with one: the field of the pointer, and how many bytes are there. */
const POINTED: ReadonlyMap<
  number,
  { readonly layout: StructLayout; readonly pointer: string; readonly bytes: (of: Words) => bigint }
> = new Map([
  [
    IOMMU_IOAS_ALLOW_IOVAS.request,
    {
      layout: IOMMU_IOAS_ALLOW_IOVAS,
      pointer: 'allowed_iovas',
      bytes: of => of('num_iovas') * BigInt(IOVA_RANGE.size),
    },
  ],
  [
    IOMMU_IOAS_IOVA_RANGES.request,
    {
      layout: IOMMU_IOAS_IOVA_RANGES,
      pointer: 'allowed_iovas',
      bytes: of => of('num_iovas') * BigInt(IOVA_RANGE.size),
    },
  ],
  [
    IOMMU_HWPT_ALLOC.request,
    { layout: IOMMU_HWPT_ALLOC, pointer: 'data_uptr', bytes: of => of('data_len') },
  ],
  [
    IOMMU_GET_HW_INFO.request,
    { layout: IOMMU_GET_HW_INFO, pointer: 'data_uptr', bytes: of => of('data_len') },
  ],
  [
    IOMMU_HWPT_INVALIDATE.request,
    {
      layout: IOMMU_HWPT_INVALIDATE,
      pointer: 'data_uptr',
      bytes: of => of('entry_len') * of('entry_num'),
    },
  ],
  [
    IOMMU_HWPT_GET_DIRTY_BITMAP.request,
    {
      layout: IOMMU_HWPT_GET_DIRTY_BITMAP,
      pointer: 'data',
      bytes: of => bitmapBytes(of('length'), of('page_size')),
    },
  ],
]);

/** Operations of the self-test that point somewhere. */
const POINTED_BY_TEST: ReadonlyMap<
  number,
  { readonly fields: StructLayout['fields']; readonly bytes: (of: Words) => bigint }
> = new Map<number, { fields: StructLayout['fields']; bytes: (of: Words) => bigint }>([
  [TEST_OPS.access_rw.op, { fields: TEST_OPS.access_rw.fields, bytes: of => of('length') }],
  [
    TEST_OPS.dirty.op,
    { fields: TEST_OPS.dirty.fields, bytes: of => bitmapBytes(of('length'), of('page_size')) },
  ],
  // It only compares addresses; whether the page is there decides.
  [TEST_OPS.access_pages.op, { fields: TEST_OPS.access_pages.fields, bytes: () => 0n }],
]);

function bitmapBytes(length: bigint, pageSize: bigint): bigint {
  return pageSize === 0n ? 0n : (length / pageSize + 7n) / 8n;
}

/** The memory that an ioctl with this structure points to; null: to none. */
export function pointedBy(request: number, struct: Buffer): Range | null {
  const isTest = request === IOMMU_TEST_CMD.request;
  const test = isTest ? POINTED_BY_TEST.get(struct.readUInt32LE(4)) : undefined;
  const ioctl = POINTED.get(request);
  const fields = test?.fields ?? ioctl?.layout.fields;
  const bytes = test?.bytes ?? ioctl?.bytes;
  if (fields === undefined || bytes === undefined) return null;
  const whole = Buffer.alloc(Math.max(struct.length, PAGE_SIZE));
  struct.copy(whole);
  const words = new Struct(fields, whole);
  const of: Words = name => (fields[name]![1] === 8 ? words.u64(name) : BigInt(words.u32(name)));
  const length = bytes(of);
  const most = BigInt(Math.min(RECORDED_BYTES_MAX, 16 * IOCTL_ARRAY_ENTRIES_MAX));
  const address = of(isTest ? 'uptr' : ioctl!.pointer);
  return { address, length: Number(length < most ? length : most) };
}
