/** Dirty tracking: on and off, reading the bitmap. */
import { BITMAP_WORDS_MAX } from '../../../abi/limits.ts';
import { IOMMU_HWPT_DIRTY_TRACKING_ENABLE, PAGE_SIZE } from '../../../abi/uapi.ts';
import { badInput } from '../../builder/bad-input.ts';
import { builder } from '../../builder/builder.ts';
import { RAW_TEXT, wordOf } from '../../builder/enums.ts';
import { DirtyBitmapFlag, DirtyTrackingFlag } from '../../builder/enums-ioas.ts';
import {
  CONTEXT_ID_FIELD,
  kernelMutation,
  MACHINE_ID_FIELD,
} from '../../builder/kernel-mutation.ts';
import { checkFirst, FIRST_TEXT, LIST_DEFAULT } from '../../builder/lists.ts';
import { payloadObject } from '../../builder/payload-object.ts';
import { HwptPagingType } from '../../builder/refs.ts';
import { bitCount, bitmapWords } from './bitmap.ts';

export const HWPT_ID_FIELD = {
  type: 'U32',
  required: true,
  description: 'A paging hwpt made with IOMMU_HWPT_ALLOC_DIRTY_TRACKING.',
} as const;

const hwptSetDirtyTracking = kernelMutation({
  command: 'HwptSetDirtyTracking',
  description:
    'IOMMU_HWPT_SET_DIRTY_TRACKING: switches tracking on, which first clears what was dirty, or off (iommufd_hwpt_set_dirty_tracking). Errors: EOPNOTSUPP, an unknown flag or a hwpt that cannot track; ENOENT.',
  input: builder.inputType('HwptSetDirtyTrackingInput', {
    description: 'Arguments of hwptSetDirtyTracking (struct iommu_hwpt_set_dirty_tracking).',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      hwptId: t.field(HWPT_ID_FIELD),
      flags: t.field({
        type: [DirtyTrackingFlag],
        description: 'Flags by name; left out with rawFlags: on.',
      }),
      rawFlags: t.field({ type: 'U32', description: RAW_TEXT }),
    }),
  }),
  toCommand: ({ contextId, hwptId, flags, rawFlags }) => ({
    type: 'HwptSetDirtyTracking',
    contextId,
    hwptId,
    flags:
      (flags ?? rawFlags ?? null) === null
        ? IOMMU_HWPT_DIRTY_TRACKING_ENABLE
        : wordOf(flags, rawFlags),
  }),
  payload: t => ({
    hwpt: t.field({
      type: HwptPagingType,
      nullable: true,
      description: 'The hwpt, as it is now.',
      resolve: payload => payloadObject(payload, payload.command.hwptId, 'HWPT_PAGING'),
    }),
  }),
});

/** One bit of a dirty bitmap stands for one page; these are the pages whose bits are set. */
const PageRangeType = builder
  .objectRef<{ readonly start: bigint; readonly last: bigint }>('PageRange')
  .implement({
    description: 'A range of page numbers, both ends inclusive.',
    fields: t => ({
      start: t.expose('start', { type: 'HexU64', description: 'First page.' }),
      last: t.expose('last', { type: 'HexU64', description: 'Last page.' }),
    }),
  });

const hwptGetDirtyBitmap = kernelMutation({
  command: 'HwptGetDirtyBitmap',
  description:
    'IOMMU_HWPT_GET_DIRTY_BITMAP: which pages of a range devices wrote to since the last time; clears what it read unless told not to (iommufd_hwpt_get_dirty_bitmap). A hole ends the walk and tracking that is off gives nothing, both without an error. Errors: EOPNOTSUPP; ENOENT; EINVAL, not aligned to the IOAS or to pageSize, or length 0; EOVERFLOW.',
  input: builder.inputType('HwptGetDirtyBitmapInput', {
    description: 'Arguments of hwptGetDirtyBitmap (struct iommu_hwpt_get_dirty_bitmap).',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      hwptId: t.field(HWPT_ID_FIELD),
      flags: t.field({ type: [DirtyBitmapFlag], description: 'Flags by name.' }),
      rawFlags: t.field({ type: 'U32', description: RAW_TEXT }),
      iova: t.field({ type: 'HexU64', required: true, description: 'First IOVA.' }),
      length: t.field({ type: 'HexU64', required: true, description: 'Bytes.' }),
      pageSize: t.field({
        type: 'HexU64',
        defaultValue: BigInt(PAGE_SIZE),
        description:
          'Bytes one bit stands for, a power of two from 1. Of another number the kernel checks the alignment with the bits of it less one, and takes the largest power of two that divides it.',
      }),
    }),
  }),
  toCommand: ({ contextId, hwptId, flags, rawFlags, iova, length, pageSize }) => ({
    type: 'HwptGetDirtyBitmap',
    contextId,
    hwptId,
    flags: wordOf(flags, rawFlags),
    iova,
    length,
    pageSize: pageSize ?? BigInt(PAGE_SIZE),
  }),
  payload: t => ({
    dirtyPageCount: t.field({
      type: 'HexU64',
      description: 'Bits set in the whole bitmap.',
      resolve: ({ reply }) => bitCount(reply.dirtyPages),
    }),
    dirtyRangeCount: t.int({
      description: 'Ranges in dirtyPages, if all of them are asked for.',
      resolve: ({ reply }) => reply.dirtyPages.length,
    }),
    dirtyPages: t.field({
      type: [PageRangeType],
      description: 'The bits set, as ranges of page numbers from `iova`, ascending.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: ({ reply }, { first }) => reply.dirtyPages.slice(0, checkFirst(first)),
    }),
    bitmap: t.field({
      type: ['HexU64'],
      description: 'The bitmap’s first words; bit 0 of the first stands for the page at `iova`.',
      args: {
        words: t.arg.int({
          defaultValue: 2,
          description: `Words of 64 bits, from 0 to ${BITMAP_WORDS_MAX}.`,
        }),
      },
      resolve: ({ reply }, { words }) => {
        const count = words ?? 2;
        if (count < 0 || count > BITMAP_WORDS_MAX) {
          throw badInput(`"words" must be from 0 to ${BITMAP_WORDS_MAX}, not ${count}`);
        }
        return bitmapWords(reply.dirtyPages, count);
      },
    }),
    hwpt: t.field({
      type: HwptPagingType,
      nullable: true,
      description: 'The hwpt, as it is now.',
      resolve: payload => payloadObject(payload, payload.command.hwptId, 'HWPT_PAGING'),
    }),
  }),
});

export const DIRTY_MUTATIONS = {
  HwptSetDirtyTracking: hwptSetDirtyTracking,
  HwptGetDirtyBitmap: hwptGetDirtyBitmap,
};
