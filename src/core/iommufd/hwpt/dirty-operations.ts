/**
 * Dirty tracking. Mirrors iommufd_hwpt_*dirty* of drivers/iommu/iommufd/hw_pagetable.c, Linux
 * 6.12.117.
 */
import type { Errno } from '../../../abi/errno.ts';
import {
  IOMMU_HWPT_DIRTY_TRACKING_ENABLE,
  IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR,
} from '../../../abi/uapi.ts';
import { answer, inContext, refused } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import { Refusal } from '../../machine/refusal.ts';
import type { IovaRange } from '../../memory/iova-range.ts';
import { DIRTY_BITMAP_FLAGS, DIRTY_TRACKING_FLAGS, unknownFlags } from '../../refuse/flags.ts';
import type { IommufdContext } from '../state.ts';
import {
  checkIovaRange,
  clean,
  dirtySlotsIn,
  lastIova,
  noteBitmapIndex,
  pagesOfSlots,
} from './dirty.ts';

/** IOMMU_HWPT_SET_DIRTY_TRACKING (iommufd_hwpt_set_dirty_tracking). */
export interface HwptSetDirtyTracking {
  readonly type: 'HwptSetDirtyTracking';
  readonly contextId: number;
  readonly hwptId: number;
  readonly flags: number;
}

/** IOMMU_HWPT_GET_DIRTY_BITMAP (iommufd_hwpt_get_dirty_bitmap). */
export interface HwptGetDirtyBitmap {
  readonly type: 'HwptGetDirtyBitmap';
  readonly contextId: number;
  readonly hwptId: number;
  readonly flags: number;
  readonly iova: bigint;
  readonly length: bigint;
  readonly pageSize: bigint;
}

export interface DirtyOperations {
  HwptSetDirtyTracking: Operation<HwptSetDirtyTracking, Record<string, never>>;
  /** Dirty bits by page from `iova`, as ranges of page numbers, both ends inclusive. */
  HwptGetDirtyBitmap: Operation<HwptGetDirtyBitmap, { readonly dirtyPages: readonly IovaRange[] }>;
}

export const DIRTY_OPERATIONS: OperationEntries<DirtyOperations> = {
  HwptSetDirtyTracking: {
    sentence: 'IOMMU_HWPT_SET_DIRTY_TRACKING (iommufd_hwpt_set_dirty_tracking).',
    mutation: 'hwptSetDirtyTracking',
    support: {
      name: 'IOMMU_HWPT_SET_DIRTY_TRACKING',
      source: 'iommufd_hwpt_set_dirty_tracking (drivers/iommu/iommufd/hw_pagetable.c)',
      status: 'SUPPORTED',
      note: '',
    },
    arguments: { contextId: 'contextId', hwptId: 'u32', flags: 'u32' },
    execute: inContext((x, context, command) =>
      refused(executeHwptSetDirtyTracking(x, context, command)),
    ),
  },
  HwptGetDirtyBitmap: {
    sentence: 'IOMMU_HWPT_GET_DIRTY_BITMAP (iommufd_hwpt_get_dirty_bitmap).',
    mutation: 'hwptGetDirtyBitmap',
    support: {
      name: 'IOMMU_HWPT_GET_DIRTY_BITMAP',
      source: 'iommufd_hwpt_get_dirty_bitmap (drivers/iommu/iommufd/hw_pagetable.c)',
      status: 'PARTIAL',
      note: 'Pages get dirty by testDirty alone, 2 KiB or from 6.19 on a leaf at a time. The bitmap is not OR-ed into a buffer of the caller’s.',
    },
    arguments: {
      contextId: 'contextId',
      hwptId: 'u32',
      flags: 'u32',
      iova: 'u64',
      length: 'u64',
      pageSize: 'u64',
    },
    execute: inContext((x, context, command) =>
      answer(executeHwptGetDirtyBitmap(x, context, command), reply => reply),
    ),
  },
};

/** Errors: EOPNOTSUPP, an unknown flag or a hwpt without dirty tracking; ENOENT. */
function executeHwptSetDirtyTracking(
  x: Execution,
  context: IommufdContext,
  { flags, hwptId }: HwptSetDirtyTracking,
): Errno {
  return x.call('iommufd_hwpt_set_dirty_tracking', () => {
    const known = IOMMU_HWPT_DIRTY_TRACKING_ENABLE;
    const unknown = unknownFlags(flags, known, DIRTY_TRACKING_FLAGS);
    if (unknown !== null) return x.pass(unknown);
    const hwpt = x.getObject(context, hwptId, 'HWPT_PAGING');
    if (hwpt instanceof Refusal) return hwpt.errno;
    return x.call('iopt_set_dirty_tracking', () => {
      if (!hwpt.domain.dirtyOps) {
        const facts = { argument: 'hwptId', what: 'hwpt', id: hwptId };
        return x.refuse('EOPNOTSUPP', 'NO_DIRTY_TRACKING', facts);
      }
      const enabled = (flags & IOMMU_HWPT_DIRTY_TRACKING_ENABLE) !== 0;
      if (enabled) clean(x, context, hwpt, [...hwpt.dirtySlots.keys()]);
      if (enabled !== hwpt.dirtyTracking) {
        x.emit({ type: 'DirtyTrackingSet', contextId: context.contextId, hwptId, enabled });
      }
      return 0;
    });
  });
}

/**
 * Reads, and unless NO_CLEAR clears, the dirty bits of a range. Once the arguments are good nothing
 * fails any more: a hole in the range ends the walk, tracking that is off gives nothing.
 * Errors: EOPNOTSUPP, ENOENT, EINVAL, EOVERFLOW.
 */
function executeHwptGetDirtyBitmap(
  x: Execution,
  context: IommufdContext,
  command: HwptGetDirtyBitmap,
): { dirtyPages: IovaRange[] } | Refusal {
  let dirtyPages: IovaRange[] = [];
  const rc = x.call('iommufd_hwpt_get_dirty_bitmap', () => {
    const { flags } = command;
    const known = IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR;
    const unknown = unknownFlags(flags, known, DIRTY_BITMAP_FLAGS);
    if (unknown !== null) return unknown;
    const hwpt = x.getObject(context, command.hwptId, 'HWPT_PAGING');
    if (hwpt instanceof Refusal) return hwpt;
    return x.call('iopt_read_and_clear_dirty_data', () => {
      const last = lastIova(command);
      const checked = checkIovaRange(x, context, hwpt, command, last);
      if (checked !== 0) return checked;
      if (!hwpt.domain.dirtyOps) {
        const facts = { argument: 'hwptId', what: 'hwpt', id: hwpt.id };
        const none = new Refusal('EOPNOTSUPP', 'NO_DIRTY_TRACKING', facts);
        return x.refusedBy('iommu_read_and_clear_dirty', none).errno;
      }
      if (!x.allocates('iova_bitmap_alloc')) return 'ENOMEM';
      noteBitmapIndex(x, hwpt, command.pageSize);
      const slots = dirtySlotsIn(x, context, hwpt, { start: command.iova, last });
      dirtyPages = pagesOfSlots(slots.shown, command);
      const clears = (flags & IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR) === 0;
      if (clears) clean(x, context, hwpt, slots.cleaned);
      return 0;
    });
  });
  if (rc instanceof Refusal) return rc;
  return rc === 0 ? { dirtyPages } : new Refusal(rc);
}
