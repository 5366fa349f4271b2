/** IOMMUs and hardware's time by command. */
import type { Errno } from '../../../abi/errno.ts';
import { PRQ_ENTRIES_MAX, TICK_MAX, TICKS_MAX } from '../../../abi/limits.ts';
import { answer, refused } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import { Refusal } from '../../machine/refusal.ts';
import { namedIommu } from '../function/named.ts';
import { servePrq } from '../prq/serve.ts';
import { outOfBounds, refuse } from '../refuse.ts';
import { timeOut } from './time.ts';

/** The driver's interrupt thread reads a page request queue. */
export interface PrqServe {
  readonly type: 'PrqServe';
  readonly iommuNo: number;
  /** Records it reads at most. */
  readonly max: number;
}

/** A page request queue is turned on or off. */
export interface PrqSwitch {
  readonly type: 'PrqSwitch';
  readonly iommuNo: number;
  readonly enabled: boolean;
}

/** Hardware's time goes on: deadlines of DMAs and of invalidations may pass. */
export interface HardwareAdvance {
  readonly type: 'HardwareAdvance';
  readonly ticks: number;
}

/** Software clears the error at which an invalidation queue stopped. */
export interface QueueErrorClear {
  readonly type: 'QueueErrorClear';
  readonly iommuNo: number;
}

export interface UnitOperations {
  PrqServe: Operation<
    PrqServe,
    { readonly count: number; readonly iopfGroupIds: readonly number[] }
  >;
  PrqSwitch: Operation<PrqSwitch, Record<string, never>>;
  HardwareAdvance: Operation<HardwareAdvance, { readonly tick: number }>;
  QueueErrorClear: Operation<QueueErrorClear, Record<string, never>>;
}

export const UNIT_OPERATIONS: OperationEntries<UnitOperations> = {
  PrqServe: {
    sentence: 'The driver’s interrupt thread reads a page request queue (prq_event_thread).',
    mutation: 'prqServe',
    support: null,
    arguments: { iommuNo: 'u32', max: 'u32' },
    execute: (x, command) => answer(executePrqServe(x, command), reply => reply),
  },
  PrqSwitch: {
    sentence: 'A page request queue is turned on or off.',
    mutation: 'prqSwitch',
    support: null,
    arguments: { iommuNo: 'u32', enabled: 'flag' },
    execute: (x, command) => refused(executePrqSwitch(x, command)),
  },
  HardwareAdvance: {
    sentence: 'Hardware’s time goes on: deadlines of DMAs and of invalidations may pass.',
    mutation: 'hardwareAdvance',
    support: null,
    arguments: { ticks: 'u32' },
    execute: (x, command) => answer(executeHardwareAdvance(x, command), reply => reply),
  },
  QueueErrorClear: {
    sentence: 'Software clears the error at which an invalidation queue stopped.',
    mutation: 'queueErrorClear',
    support: null,
    arguments: { iommuNo: 'u32' },
    execute: (x, command) => refused(executeQueueErrorClear(x, command)),
  },
};

/** Errors: ENODEV, no such IOMMU; EINVAL, no records or more than a queue can have. */
function executePrqServe(x: Execution, { iommuNo, max }: PrqServe) {
  const iommu = namedIommu(x, iommuNo);
  if (iommu instanceof Refusal) return iommu;
  return (
    outOfBounds(x, 'prq_event_thread', 'max', max, 1, PRQ_ENTRIES_MAX) ?? servePrq(x, iommu, max)
  );
}

/** Errors: ENODEV, no such IOMMU; EBUSY, it is so already. */
function executePrqSwitch(x: Execution, { iommuNo, enabled }: PrqSwitch): Errno {
  const iommu = namedIommu(x, iommuNo);
  if (iommu instanceof Refusal) return iommu.errno;
  if (iommu.pageRequestQueue.enabled === enabled) {
    const facts = { iommuNo, is: enabled ? 'on' : 'off' };
    return refuse(x, 'page request queue', 'EBUSY', 'PRQ_SWITCHED', facts).errno;
  }
  x.emit({ type: 'PrqSwitched', iommuNo, enabled });
  return 0;
}

/** Errors: EINVAL, no ticks, too many, or past the end of time. */
function executeHardwareAdvance(x: Execution, { ticks }: HardwareAdvance) {
  const wrong = outOfBounds(x, 'time', 'ticks', ticks, 1, TICKS_MAX);
  if (wrong !== null) return wrong;
  const before = x.state.tick;
  const tick = before + ticks;
  if (tick > TICK_MAX) {
    return refuse(x, 'time', 'EINVAL', 'END_OF_TIME', { ticks, tick: before, most: TICK_MAX });
  }
  x.emit({ type: 'TickAdvanced', tick });
  timeOut(x);
  return { tick };
}

/** Errors: ENODEV, no such IOMMU; ENOENT, there is no error. */
function executeQueueErrorClear(x: Execution, { iommuNo }: QueueErrorClear): Errno {
  const iommu = namedIommu(x, iommuNo);
  if (iommu instanceof Refusal) return iommu.errno;
  if (iommu.queueError === null) {
    return refuse(x, 'invalidation queue', 'ENOENT', 'NO_QUEUE_ERROR', { iommuNo }).errno;
  }
  x.emit({ type: 'QueueErrorCleared', iommuNo });
  return 0;
}
