/** The iopf groups of a log by what one knows of them, the answered ones too. */
import type { PageRequest } from '../../core/iommu/state.ts';
import type { Event } from '../../core/machine/event.ts';
import type { Operation } from '../../core/machine/operation.ts';
import { eventsOf } from '../follow/follow.ts';
import { SearchLimitError } from '../machine/errors.ts';
import type { Past } from '../past/past.ts';
import { rangeUntil, SEARCH_OPERATIONS_MAX } from './search.ts';

const PAGE_MASK = ~0xfffn;

/** Where a group is, or how it ended. */
export type IopfOutcome = 'QUEUED' | 'READ' | 'ANSWERED' | 'TAKEN_AWAY' | 'FLUSHED' | 'LOST';

/** What the log has of one iopf group. */
export interface IopfGroupRecord {
  readonly iopfGroupId: number;
  readonly contextId: number;
  readonly faultId: number;
  readonly deviceNo: number;
  /** Its PCI address or mock name; null if its function was added in a part not looked at. */
  readonly device: string | null;
  readonly requests: readonly PageRequest[];
  outcome: IopfOutcome;
  /** null until it is read. */
  cookie: number | null;
  /** What the device got, or will get; null until there is an answer. */
  code: number | null;
  readonly queuedSeq: number;
  readSeq: number | null;
  /** The event that ended it; null while it waits. */
  endedSeq: number | null;
  readonly queuedAtMs: number;
  /** Until it ended; while it waits, until the newest operation looked at. */
  waitMs: number;
}

/** What is known of a group; null: anything. All that is given holds together. */
export interface IopfGroupKnown {
  /** An address in one of its pages. */
  readonly addr: bigint | null;
  /** The device by its PCI address or mock name. */
  readonly device: string | null;
  readonly contextId: number | null;
  readonly faultId: number | null;
  readonly pasid: number | null;
  readonly grpid: number | null;
  readonly cookie: number | null;
  readonly code: number | null;
  readonly outcome: IopfOutcome | null;
  /** Waited at least so many milliseconds. */
  readonly minWaitMs: number | null;
  /** Queued then or later, and then or before; milliseconds since the epoch. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

export interface IopfGroupsFound {
  /** By iopfGroupId, those after the cursor. */
  readonly found: readonly IopfGroupRecord[];
  /** All that fit, whatever the page. */
  readonly count: number;
}

/**
 * The groups queued up to seq `until` that fit: the first `limit` with an id above `afterId`, and how
 * many there are. Errors: SearchLimitError, UnknownMachineError.
 */
export async function iopfGroupsWhere(
  past: Past,
  known: IopfGroupKnown,
  until: number,
  { afterId, limit }: { readonly afterId: number; readonly limit: number },
  operationsMax = SEARCH_OPERATIONS_MAX,
): Promise<IopfGroupsFound> {
  const waiting = new Groups();
  let found: IopfGroupRecord[] = [];
  let count = 0;
  const take = (group: IopfGroupRecord) => {
    if (!fits(group, known)) return;
    count++;
    if (group.iopfGroupId <= afterId) return;
    found.push(group);
    if (found.length > 2 * limit + 64) found = lowest(found, limit);
  };
  let left = operationsMax;
  for await (const page of past.between(await rangeUntil(past, until), 'forward')) {
    for (const operation of page) {
      for (const ended of waiting.after(operation, until)) take(ended);
    }
    left -= page.length;
    if (left <= 0) {
      throw new SearchLimitError(operationsMax, 'operations', 'ask an earlier moment with "at"');
    }
  }
  for (const group of waiting.still()) take(group);
  return { found: lowest(found, limit), count };
}

function lowest(groups: readonly IopfGroupRecord[], limit: number): IopfGroupRecord[] {
  return groups.toSorted((a, b) => a.iopfGroupId - b.iopfGroupId).slice(0, limit);
}

/** Follows the groups through a log from its beginning. */
class Groups {
  private readonly groups = new Map<number, IopfGroupRecord>();
  private readonly names = new Map<number, string>();
  private nowMs = 0;

  /** Goes through an operation's events up to `until`; gives the groups that ended in it. */
  after(operation: Operation, until: number): IopfGroupRecord[] {
    this.nowMs = operation.atMs;
    const ended: IopfGroupRecord[] = [];
    for (const { seq, event } of eventsOf(operation)) {
      if (seq > until) break;
      const group = this.step(event, seq);
      if (group !== null) ended.push(group);
    }
    return ended;
  }

  /** Those that wait at the end. */
  *still(): Generator<IopfGroupRecord> {
    for (const group of this.groups.values()) {
      yield { ...group, waitMs: this.nowMs - group.queuedAtMs };
    }
  }

  private step(event: Event, seq: number): IopfGroupRecord | null {
    switch (event.type) {
      case 'PciDeviceAdded':
        this.names.set(event.deviceNo, event.device.bdf);
        return null;
      case 'MockDeviceAdded':
        this.names.set(event.deviceNo, `iommufd_mock${event.mockDev}`);
        return null;
      case 'IopfGroupQueued':
        this.queue(event, seq);
        return null;
      case 'IopfGroupRead': {
        const group = this.groups.get(event.iopfGroupId);
        if (group !== undefined) {
          Object.assign(group, { outcome: 'READ', cookie: event.cookie, readSeq: seq });
        }
        return null;
      }
      case 'PageResponseWritten':
        return this.end(event.iopfGroupId, seq, 'ANSWERED', event.code);
      case 'IopfGroupAutoResponded':
        return this.end(event.iopfGroupId, seq, 'TAKEN_AWAY', 1);
      case 'IopfGroupFlushed':
        return this.end(event.iopfGroupId, seq, 'FLUSHED', 1);
      case 'IopfGroupLost':
        return this.end(event.iopfGroupId, seq, 'LOST', null);
      default:
        return null;
    }
  }

  private queue(event: Extract<Event, { type: 'IopfGroupQueued' }>, seq: number): void {
    const { iopfGroupId, contextId, faultId, deviceNo, requests } = event;
    this.groups.set(iopfGroupId, {
      iopfGroupId,
      contextId,
      faultId,
      deviceNo,
      device: this.names.get(deviceNo) ?? null,
      requests,
      outcome: 'QUEUED',
      cookie: null,
      code: null,
      queuedSeq: seq,
      readSeq: null,
      endedSeq: null,
      queuedAtMs: this.nowMs,
      waitMs: 0,
    });
  }

  private end(id: number, seq: number, outcome: IopfOutcome, code: number | null) {
    const group = this.groups.get(id);
    if (group === undefined) return null;
    this.groups.delete(id);
    return { ...group, outcome, code, endedSeq: seq, waitMs: this.nowMs - group.queuedAtMs };
  }
}

function fits(group: IopfGroupRecord, known: IopfGroupKnown): boolean {
  const same = <T>(wanted: T | null, is: T | null) => wanted === null || wanted === is;
  const { addr, minWaitMs, fromMs, toMs } = known;
  const last = group.requests.at(-1);
  return (
    same(known.contextId, group.contextId) &&
    same(known.faultId, group.faultId) &&
    same(known.device, group.device) &&
    same(known.cookie, group.cookie) &&
    same(known.code, group.code) &&
    same(known.outcome, group.outcome) &&
    same(known.pasid, pasidOf(last)) &&
    same(known.grpid, last?.grpid ?? null) &&
    (addr === null ||
      group.requests.some(page => (page.addr & PAGE_MASK) === (addr & PAGE_MASK))) &&
    (minWaitMs === null || group.waitMs >= minWaitMs) &&
    (fromMs === null || group.queuedAtMs >= fromMs) &&
    (toMs === null || group.queuedAtMs <= toMs)
  );
}

/** The PASID of a request; null if it has none. */
export function pasidOf(request: PageRequest | undefined): number | null {
  return request !== undefined && (request.flags & 1) !== 0 ? request.pasid : null;
}
