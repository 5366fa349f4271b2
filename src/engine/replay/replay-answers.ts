/** A handler's answers to a replayed past, compared with the recorded ones. */
import { BEHAVIOUR } from '../../abi/behaviour.ts';
import { REPLAY_DIFFERENCES_MAX } from '../../abi/limits.ts';
import {
  IOMMU_PAGE_RESP_FAILURE,
  IOMMUFD_PAGE_RESP_INVALID,
  IOMMUFD_PAGE_RESP_SUCCESS,
} from '../../abi/uapi.ts';
import type { CommandOf } from '../../core/machine/command.ts';
import type { MachineState } from '../../core/machine/state.ts';
import type { RecordedAnswer } from './replay-record.ts';

/** How an answer compares with the record. */
export type ReplayVerdict =
  | 'SAME_CODE'
  | 'OTHER_CODE'
  | 'RECORDED_UNANSWERED'
  | 'RECORDED_AUTOMATIC'
  | 'REFUSED_CODE'
  | 'TOO_LATE'
  | 'UNKNOWN_COOKIE'
  | 'UNANSWERED';

export type VerdictCounts = Readonly<Record<ReplayVerdict, number>>;

export interface FaultQueueId {
  readonly contextId: number;
  readonly faultId: number;
}

/** A group as it was read in the record. */
export interface ReplayedGroup extends FaultQueueId {
  readonly iopfGroupId: number;
  readonly deviceNo: number;
  readonly cookie: number;
  /** When it was read, in milliseconds since the epoch. */
  readonly readMs: number;
  readonly recorded: RecordedAnswer | null;
}

/** One answer, or one that did not come, beside the recorded one. */
export interface ReplayComparison extends FaultQueueId {
  readonly verdict: ReplayVerdict;
  readonly cookie: number;
  /** null: it did not come (UNANSWERED). */
  readonly code: number | null;
  /** The last event sent before it. */
  readonly seq: number;
  /** null: no group has the cookie. */
  readonly iopfGroupId: number | null;
  /** null: the record has no answer in the range. */
  readonly recorded: RecordedAnswer | null;
  /** From the read to the recorded answer, in milliseconds. */
  readonly recordedWaitMs: number | null;
  /** From the delivery to this answer, in milliseconds. */
  readonly waitMs: number | null;
}

export interface ReplaySummary {
  /** Groups delivered. */
  readonly groups: number;
  readonly verdicts: VerdictCounts;
  /** All but SAME_CODE, and UNANSWERED only where the record has an answer: the first of them. */
  readonly differences: readonly ReplayComparison[];
}

interface Open extends ReplayedGroup {
  /** When it was delivered here, by the replay's clock. */
  readonly deliveredMs: number;
  /** The kernel takes no answer any more. */
  closed: boolean;
}

/** Groups delivered and what was answered. Times are of the replay's clock, in milliseconds. */
export class ReplayAnswers {
  /** Delivered and not answered here, by fault queue and cookie. */
  private readonly open = new Map<string, Open>();
  private readonly verdicts: Record<ReplayVerdict, number> = {
    SAME_CODE: 0,
    OTHER_CODE: 0,
    RECORDED_UNANSWERED: 0,
    RECORDED_AUTOMATIC: 0,
    REFUSED_CODE: 0,
    TOO_LATE: 0,
    UNKNOWN_COOKIE: 0,
    UNANSWERED: 0,
  };
  private readonly differences: ReplayComparison[] = [];
  private groups = 0;

  /** From now on the cookie is this group's: another one that had it can no longer be answered. */
  delivered(group: ReplayedGroup, seq: number, nowMs: number): void {
    const key = keyOf(group, group.cookie);
    const before = this.open.get(key);
    if (before !== undefined) this.missed(before, seq);
    this.open.set(key, { ...group, deliveredMs: nowMs, closed: false });
    this.groups++;
  }

  /** The kernel answered the group by itself: its cookie is no longer valid. */
  takenAway(queue: FaultQueueId, cookie: number): void {
    const open = this.open.get(keyOf(queue, cookie));
    if (open !== undefined) open.closed = true;
  }

  /** Nobody can write to the queue's file any more. */
  fileClosed({ contextId, faultId }: FaultQueueId): void {
    for (const open of this.open.values()) {
      if (open.contextId === contextId && open.faultId === faultId) open.closed = true;
    }
  }

  /** Whether a group was delivered with the cookie and is not answered. */
  awaits(queue: FaultQueueId, cookie: number): boolean {
    return this.open.has(keyOf(queue, cookie));
  }

  /**
   * Compares answers in order, up to the first that the kernel would refuse with EINVAL, after
   * which faultWrite stops. The code is checked before the cookie. `state`: after the last event sent.
   */
  answer(
    queue: FaultQueueId,
    responses: CommandOf<'FaultWrite'>['responses'],
    state: MachineState,
    nowMs: number,
  ): ReplayComparison[] {
    const { seq } = state;
    const compared: ReplayComparison[] = [];
    for (const { cookie, code } of responses) {
      const key = keyOf(queue, cookie);
      const open = this.open.get(key);
      const verdict = takesCode(state, open, code) ? verdictOf(open, code) : 'REFUSED_CODE';
      const waitMs = open === undefined ? null : Math.round(nowMs - open.deliveredMs);
      const { contextId, faultId } = queue;
      compared.push(this.noted({ contextId, faultId, cookie, code, verdict, seq, waitMs }, open));
      if (REFUSED.has(verdict)) break;
      this.open.delete(key);
    }
    return compared;
  }

  /** The replay is over: what is not answered now will not be. */
  summary(seq: number): ReplaySummary {
    for (const open of this.open.values()) this.missed(open, seq);
    this.open.clear();
    const { groups, verdicts, differences } = this;
    return { groups, verdicts, differences };
  }

  private missed(open: Open, seq: number): void {
    const { contextId, faultId, cookie } = open;
    const verdict = 'UNANSWERED';
    this.noted({ contextId, faultId, cookie, code: null, verdict, seq, waitMs: null }, open);
  }

  private noted(
    answer: Omit<ReplayComparison, 'iopfGroupId' | 'recorded' | 'recordedWaitMs'>,
    open: Open | undefined,
  ): ReplayComparison {
    const recorded = open?.recorded ?? null;
    const compared = {
      ...answer,
      iopfGroupId: open?.iopfGroupId ?? null,
      recorded,
      recordedWaitMs: recorded && Math.max(0, recorded.atMs - open!.readMs),
    };
    this.verdicts[answer.verdict]++;
    const alike =
      answer.verdict === 'SAME_CODE' ||
      (answer.verdict === 'UNANSWERED' && (recorded === null || recorded.automatic));
    if (!alike && this.differences.length < REPLAY_DIFFERENCES_MAX) this.differences.push(compared);
    return compared;
  }
}

/** What faultWrite would refuse. */
const REFUSED: ReadonlySet<ReplayVerdict> = new Set(['REFUSED_CODE', 'TOO_LATE', 'UNKNOWN_COOKIE']);

/** Whether the machine's kernel takes the code for the group. Source: iommufd_fault_fops_write. */
function takesCode(state: MachineState, open: Open | undefined, code: number): boolean {
  if (!BEHAVIOUR[state.baseline].responseCodeChecked) return true;
  if (code === IOMMUFD_PAGE_RESP_SUCCESS || code === IOMMUFD_PAGE_RESP_INVALID) return true;
  if (code !== IOMMU_PAGE_RESP_FAILURE || open === undefined) return false;
  const physical = state.physicalDevices.get(open.deviceNo);
  const virtfn = physical?.kind === 'PCI' && physical.virtfn;
  return virtfn && state.policies.virtualFunctions === 'EMULATED_PRI';
}

function verdictOf(open: Open | undefined, code: number): ReplayVerdict {
  if (open === undefined) return 'UNKNOWN_COOKIE';
  if (open.closed) return 'TOO_LATE';
  if (open.recorded === null) return 'RECORDED_UNANSWERED';
  if (open.recorded.automatic) return 'RECORDED_AUTOMATIC';
  return open.recorded.code === code ? 'SAME_CODE' : 'OTHER_CODE';
}

function keyOf({ contextId, faultId }: FaultQueueId, cookie: number): string {
  return `${contextId}/${faultId}/${cookie}`;
}
