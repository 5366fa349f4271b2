/**
 * Operations on hardware page tables: allocation, invalidation.
 * Mirrors drivers/iommu/iommufd/hw_pagetable.c of Linux 6.12.117.
 */
import type { Errno, ErrnoName } from '../../../abi/errno.ts';
import {
  INVALIDATE_ENTRY_NUM_MAX,
  IOMMU_HWPT_DATA_NONE,
  IOMMU_HWPT_FAULT_ID_VALID,
  PAGE_SIZE,
} from '../../../abi/uapi.ts';
import { invalidateFirstStage, invalidationRefused } from '../../hardware/ats/flush.ts';
import { driverNamed } from '../../hardware/drivers.ts';
import type { InvalidateEntry, UserData } from '../../hardware/iommu-driver.ts';
import { answer, inContext } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import { Refusal } from '../../machine/refusal.ts';
import { noSuchObject } from '../../refuse/absent.ts';
import type { Hwpt, HwptUserData, IommufdContext } from '../state.ts';
import { copyRefused, hwptAbort, hwptNestedAlloc, hwptPagingAlloc } from './hwpt.ts';

/** IOMMU_HWPT_ALLOC (iommufd_hwpt_alloc). */
export interface HwptAlloc {
  readonly type: 'HwptAlloc';
  readonly contextId: number;
  readonly flags: number;
  readonly devId: number;
  readonly ptId: number;
  readonly dataType: number;
  /** Length of the user data in bytes, as the caller states it. */
  readonly dataLen: number;
  readonly userData: HwptUserData | null;
  readonly faultId: number;
}

/** IOMMU_HWPT_INVALIDATE (iommufd_hwpt_invalidate). */
export interface HwptInvalidate {
  readonly type: 'HwptInvalidate';
  readonly contextId: number;
  readonly hwptId: number;
  readonly dataType: number;
  readonly entryLen: number;
  readonly entries: readonly InvalidateEntry[];
}

export interface HwptOperations {
  HwptAlloc: Operation<HwptAlloc, { readonly outHwptId: number }>;
  /** Also written back on an error: the entries handled before it. */
  HwptInvalidate: Operation<HwptInvalidate, { readonly entryNum: number }>;
}

export const HWPT_OPERATIONS: OperationEntries<HwptOperations> = {
  HwptAlloc: {
    sentence: 'IOMMU_HWPT_ALLOC (iommufd_hwpt_alloc).',
    mutation: 'hwptAlloc',
    support: {
      name: 'IOMMU_HWPT_ALLOC',
      source: 'iommufd_hwpt_alloc (drivers/iommu/iommufd/hw_pagetable.c)',
      status: 'PARTIAL',
      note: 'Paging, nested and automatic; from 6.15 for PASIDs. Enforcing cache coherency is not modelled.',
    },
    asks: ['MEMORY'],
    arguments: {
      contextId: 'contextId',
      flags: 'u32',
      devId: 'u32',
      ptId: 'u32',
      dataType: 'u32',
      dataLen: 'u32',
      userData: 'hwptUserData',
      faultId: 'u32',
    },
    execute: inContext((x, context, command) =>
      answer(executeHwptAlloc(x, context, command), outHwptId => ({ outHwptId })),
    ),
  },
  HwptInvalidate: {
    sentence: 'IOMMU_HWPT_INVALIDATE (iommufd_hwpt_invalidate).',
    mutation: 'hwptInvalidate',
    support: {
      name: 'IOMMU_HWPT_INVALIDATE',
      source: 'iommufd_hwpt_invalidate (drivers/iommu/iommufd/hw_pagetable.c)',
      status: 'PARTIAL',
      note: 'Entries are typed, so a bad user pointer (EFAULT) and non-zero bytes past an entry (E2BIG) cannot be passed.',
    },
    arguments: {
      contextId: 'contextId',
      hwptId: 'u32',
      dataType: 'u32',
      entryLen: 'u32',
      entries: 'invalidateEntries',
    },
    execute: inContext((x, context, command) => {
      const { errno, entryNum } = executeHwptInvalidate(x, context, command);
      return { errno, reply: { entryNum } };
    }),
  },
};

/** Source: iommufd_hwpt_alloc. Returns the hwpt's id. */
function executeHwptAlloc(
  x: Execution,
  context: IommufdContext,
  command: HwptAlloc,
): number | Refusal {
  return x.call('iommufd_hwpt_alloc', () => {
    const { flags, dataType, dataLen } = command;
    if ((dataType === IOMMU_HWPT_DATA_NONE) !== (dataLen === 0)) {
      return new Refusal('EINVAL', 'DATA_TYPE_AND_LENGTH', { dataType, dataLen });
    }
    const device = x.getDevice(context, command.devId);
    if (device instanceof Refusal) return device;
    if (x.failsToGetObject()) return new Refusal('EINVAL');
    const pt = context.objects.get(command.ptId);
    const userData: UserData = { dataType, dataLen, value: command.userData };
    let hwpt: Hwpt | Refusal;
    if (pt?.type === 'IOAS') {
      hwpt = hwptPagingAlloc(x, context, pt, device, flags, dataLen === 0 ? {} : { userData });
    } else if (pt?.type === 'HWPT_PAGING') {
      hwpt = hwptNestedAlloc(x, context, pt, device, flags, userData);
    } else {
      const type = pt === undefined ? 'not there' : `of type ${pt.type}`;
      return new Refusal('EINVAL', 'PT_CANNOT_HOLD_HWPT', { id: command.ptId, type });
    }
    if (hwpt instanceof Refusal) return hwpt;
    if ((flags & IOMMU_HWPT_FAULT_ID_VALID) !== 0) {
      const fault = x.getFault(context, command.faultId);
      if (fault instanceof Refusal) {
        hwptAbort(x, context, hwpt);
        return fault;
      }
      x.emit({
        type: 'HwptFaultQueueAssigned',
        contextId: context.contextId,
        hwptId: hwpt.id,
        faultId: fault.id,
      });
    } else if (command.faultId !== 0) {
      x.hazard(
        'FAULT_ID_IGNORED',
        'iommufd_hwpt_alloc',
        `fault id ${command.faultId} came without IOMMU_HWPT_FAULT_ID_VALID`,
        [`hwpt ${hwpt.id}`],
      );
    }
    return hwpt.id;
  });
}

/** Before 6.13 a look-up that wants a nested hwpt; later any object is looked up, and then refused. */
function noNestedHwpt(x: Execution, context: IommufdContext, id: number): ErrnoName {
  const absent = noSuchObject(context, 'hwptId', id, 'HWPT_NESTED');
  const errno = context.objects.has(id) ? x.behaviour.invalidateWrongType : 'ENOENT';
  if (errno === 'ENOENT') return x.refusedBy('iommufd_get_object', absent).errno;
  return x.pass(noSuchObject(context, 'hwptId', id, 'HWPT_NESTED', errno));
}

/**
 * Source: iommufd_hwpt_invalidate. `entryNum`, the entries handled, is written back also on errors.
 */
function executeHwptInvalidate(
  x: Execution,
  context: IommufdContext,
  command: HwptInvalidate,
): { errno: Errno; entryNum: number } {
  let entryNum = 0;
  const errno = x.call('iommufd_hwpt_invalidate', () => {
    const { entries, entryLen, dataType } = command;
    const bounded = x.behaviour.invalidateBounds;
    const num = entries.length;
    if (num !== 0 && entryLen === 0) return x.refuse('EINVAL', 'ENTRY_LENGTH_ZERO');
    const most = INVALIDATE_ENTRY_NUM_MAX;
    if (bounded && num !== 0 && (entryLen > PAGE_SIZE || num > most)) {
      const facts = { entryNum: num, entryLen, most, longest: PAGE_SIZE };
      return x.refuse('EINVAL', 'ENTRY_BOUNDS', facts);
    }
    if (x.failsToGetObject()) return 'ENOENT';
    const object = context.objects.get(command.hwptId);
    if (object?.type !== 'HWPT_NESTED') return noNestedHwpt(x, context, command.hwptId);
    const hwpt = object;
    const driver = driverNamed(hwpt.driver);
    return x.call(driver.functions.invalidate, () => {
      const refused = driver.invalidateArray(dataType, entryLen, entries.length);
      if (refused !== null) return copyRefused(x, refused).errno;
      const stopped = invalidationRefused(x, context.contextId, hwpt.id);
      if (stopped !== null) return x.refuse('EIO', 'INVALIDATION_QUEUE_STOPPED', stopped);
      for (const [index, entry] of entries.entries()) {
        const event = driver.invalidateEntry(context.contextId, hwpt, entry, index);
        if (event instanceof Refusal) return x.pass(event);
        x.emit(event);
        entryNum++;
        if (event.type === 'StageOneInvalidated') {
          invalidateFirstStage(x, context, hwpt, event.addr, event.npages);
        }
      }
      return 0;
    });
  });
  return { errno, entryNum };
}
