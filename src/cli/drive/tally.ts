/** What becomes of a driven device's faults, counted from the events of its machine. */

/** An event as the subscription sends it. */
export interface DrivenEvent {
  readonly type: string;
  readonly data: unknown;
  /** When, by the server's clock, as ISO 8601. */
  readonly operation: { readonly at: string };
}

export interface DriveSummary extends Counted {
  /** PCI address. */
  readonly device: string;
}

/** What was counted of a device's faults. */
export interface Counted {
  /** Groups that were sent, and of them those that reached the fault queue. */
  readonly sent: number;
  readonly queued: number;
  readonly answered: Readonly<Record<'success' | 'invalid' | 'failure', number>>;
  /** Answered INVALID by the kernel: detach, replace, destroy. */
  readonly takenAway: number;
  /** Queued and not answered at the end. */
  readonly unanswered: number;
  /** Refused or not sent, by why. */
  readonly refused: Readonly<Record<string, number>>;
  /** Why it ended before it was told to; null if it did not. */
  readonly stopped: string | null;
  readonly seconds: number;
  readonly groupsASecond: number;
  /** What the handler made of it, until its last answer. */
  readonly answersASecond: number;
  /** Milliseconds by the server's clock from the queue to the response; null without any. */
  readonly waitMs: { readonly p50: number; readonly p99: number; readonly max: number } | null;
  /** Times that the device had no index or credit left and waited. */
  readonly heldBack: number;
  /** Only where IOMMU and device are modelled. */
  readonly dmas: DmaCounts | null;
}

export interface DmaCounts {
  done: number;
  failed: number;
  /** Pages that were missing although the answer was SUCCESS. */
  retries: number;
}

/** Waits kept for the percentiles; of more, the newest. */
const WAITS_MAX = 100_000;

type Fields = Readonly<Record<string, unknown>>;

export class Tally {
  sent = 0;
  queued = 0;
  heldBack = 0;
  takenAway = 0;
  readonly answered = { success: 0, invalid: 0, failure: 0 };
  readonly refused: Record<string, number> = {};
  readonly dmas: DmaCounts = { done: 0, failed: 0, retries: 0 };
  private readonly deviceNo: number;
  private readonly modelled: boolean;
  private readonly now: () => number;
  private readonly beganMs: number;
  private endedMs: number | null = null;
  private answeredMs: number | null = null;
  /** iopfGroupId to when it was queued. */
  private readonly waiting = new Map<number, number>();
  private readonly waits: number[] = [];
  private place = 0;
  /** Of the newest event. */
  private atMs = 0;

  constructor(deviceNo: number, modelled: boolean, now: () => number = () => performance.now()) {
    this.deviceNo = deviceNo;
    this.modelled = modelled;
    this.now = now;
    this.beganMs = now();
  }

  get unanswered(): number {
    return this.waiting.size;
  }

  /** Everything that was sent and not refused has come to its end. */
  get isOver(): boolean {
    const over = this.modelled ? this.dmas.done + this.dmas.failed : this.queued;
    return this.unanswered === 0 && over >= this.taken;
  }

  /** Every group that was sent and not refused was seen in the queue; a modelled device sends its own. */
  get isQueued(): boolean {
    return this.modelled || this.queued >= this.taken;
  }

  /** Sent and not refused. */
  private get taken(): number {
    return this.sent - Object.values(this.refused).reduce((sum, count) => sum + count, 0);
  }

  /** No more groups are sent: the rate is that of the time before. */
  stop(): void {
    this.endedMs ??= this.now();
  }

  refuse(why: string): void {
    this.refused[why] = (this.refused[why] ?? 0) + 1;
  }

  /** Gives the index of a group of ours that got its response; null if it did not. */
  take({ type, data, operation }: DrivenEvent): number | null {
    const fields = data as Fields;
    this.atMs = Date.parse(operation.at);
    if (type === 'IopfGroupAutoResponded' && this.waiting.has(Number(fields['iopfGroupId']))) {
      this.end(Number(fields['iopfGroupId']));
      this.takenAway++;
      return null;
    }
    if (fields['deviceNo'] !== this.deviceNo) return null;
    switch (type) {
      case 'IopfGroupQueued':
        this.queued++;
        this.waiting.set(Number(fields['iopfGroupId']), this.atMs);
        return null;
      case 'PageResponseSent':
        this.answer(fields);
        return Number(fields['grpid']);
      case 'DmaCompleted':
        this.dmas.done++;
        return null;
      case 'DmaAborted':
      case 'DmaTimedOut':
        this.dmas.failed++;
        return null;
      case 'DmaRetried':
        this.dmas.retries++;
        return null;
      default:
        return null;
    }
  }

  private answer({ iopfGroupId, code }: Fields): void {
    if (typeof iopfGroupId !== 'number' || !this.waiting.has(iopfGroupId)) return;
    this.end(iopfGroupId);
    this.answeredMs = this.now();
    if (code === 0) this.answered.success++;
    else if (code === 1) this.answered.invalid++;
    else this.answered.failure++;
  }

  private end(iopfGroupId: number): void {
    this.waits[this.place++ % WAITS_MAX] = this.atMs - this.waiting.get(iopfGroupId)!;
    this.waiting.delete(iopfGroupId);
  }

  summary(): Counted {
    const seconds = ((this.endedMs ?? this.now()) - this.beganMs) / 1_000;
    const { sent, queued, answered, takenAway, unanswered, refused, heldBack } = this;
    const answering = ((this.answeredMs ?? this.beganMs) - this.beganMs) / 1_000;
    const aSecond = (count: number, time: number) => rounded(time === 0 ? 0 : count / time);
    return {
      sent,
      queued,
      answered: { ...answered },
      takenAway,
      unanswered,
      refused: { ...refused },
      stopped: null,
      seconds: rounded(seconds),
      groupsASecond: aSecond(sent, seconds),
      answersASecond: aSecond(answered.success + answered.invalid + answered.failure, answering),
      waitMs: percentiles(this.waits),
      heldBack,
      dmas: this.modelled ? { ...this.dmas } : null,
    };
  }
}

function percentiles(waits: readonly number[]): DriveSummary['waitMs'] {
  if (waits.length === 0) return null;
  const sorted = waits.toSorted((a, b) => a - b);
  const at = (part: number) =>
    rounded(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!);
  return { p50: at(0.5), p99: at(0.99), max: rounded(sorted.at(-1)!) };
}

const rounded = (value: number) => Math.round(value * 100) / 100;

/** `500 groups/s  wait p50 0.8 ms, p99 3.1 ms  unanswered 2  refused 0`. */
export function summaryLine(summary: Counted): string {
  const { groupsASecond, waitMs, unanswered, sent, refused } = summary;
  const wait =
    waitMs === null ? 'no answer yet' : `wait p50 ${waitMs.p50} ms, p99 ${waitMs.p99} ms`;
  const total = Object.values(refused).reduce((sum, count) => sum + count, 0);
  return `${sent} groups, ${groupsASecond}/s  ${wait}  unanswered ${unanswered}  refused ${total}`;
}

export function summaryText(summary: DriveSummary): string {
  const { sent, queued, answered, takenAway, unanswered, refused, seconds, waitMs } = summary;
  const { device, groupsASecond, answersASecond, heldBack, dmas, stopped } = summary;
  const why = Object.entries(refused).map(([name, count]) => `${name} ${count}`);
  return [
    `device      ${device}`,
    `sent        ${sent} groups in ${seconds} s, ${groupsASecond} a second`,
    `queued      ${queued}`,
    `answered    SUCCESS ${answered.success}, INVALID ${answered.invalid}, FAILURE ${answered.failure}; taken away ${takenAway}`,
    `unanswered  ${unanswered}`,
    `refused     ${why.join(', ') || 0}`,
    `wait        ${waitMs === null ? 'no answer' : `p50 ${waitMs.p50} ms, p99 ${waitMs.p99} ms, max ${waitMs.max} ms`}`,
    `handler     ${answersASecond} answers a second`,
    `held back   ${heldBack} times without an index or a credit`,
    ...(stopped === null ? [] : [`stopped     ${stopped}`]),
    ...(dmas === null
      ? []
      : [`DMAs        done ${dmas.done}, failed ${dmas.failed}, retries ${dmas.retries}`]),
    '',
  ].join('\n');
}
