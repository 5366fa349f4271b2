/** The iopf groups of a log by what one knows of them, the answered ones too. */
import { namesAddress } from '../../core/explain/names-address.ts';
import type { PageRequest } from '../../core/iommu/state.ts';
import type { IovaRange } from '../../core/memory/iova-range.ts';
import { SearchLimitError } from '../machine/errors.ts';
import type { Past } from '../past/past.ts';
import { type IopfGroupRecord, type IopfOutcome, OpenGroups } from './open-groups.ts';
import { SEARCH_OPERATIONS_MAX } from './search.ts';

/** What is known of a group; null: anything. All that is given holds together. */
export interface IopfGroupKnown {
  /** Addresses, one of which is in one of its pages. */
  readonly addr: IovaRange | null;
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

/** Where to look: groups that ended after seq `from` and were queued at `to` or before. */
export interface GroupRange {
  /** 0: from the first on. */
  readonly from: number;
  readonly to: number;
}

/**
 * The groups open in a range that fit, as they were at its end: the first `limit` with an id above
 * `afterId`, and how many there are. Errors: SearchLimitError, UnknownMachineError.
 */
export async function iopfGroupsWhere(
  past: Past,
  known: IopfGroupKnown,
  { from, to }: GroupRange,
  { afterId, limit }: { readonly afterId: number; readonly limit: number },
  operationsMax = SEARCH_OPERATIONS_MAX,
): Promise<IopfGroupsFound> {
  const groups = await groupsAt(past, from);
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
  for await (const page of past.operationEvents(from, to)) {
    for (const operation of page) {
      for (const ended of groups.after(operation, from, to)) take(ended);
    }
    left -= page.length;
    if (left <= 0) {
      const shorter =
        'look at a shorter range with "from" and "to", or at an earlier moment with "at"';
      throw new SearchLimitError(operationsMax, 'operations', shorter);
    }
  }
  for (const group of groups.still()) take(group);
  return { found: lowest(found, limit), count };
}

/** What is open at a moment, with when it came. */
async function groupsAt(past: Past, seq: number): Promise<OpenGroups> {
  if (seq === 0) return new OpenGroups();
  const groups = await past.look(seq, state => new OpenGroups(state));
  for (const group of groups.undated()) {
    const times = [group.queuedSeq, group.readSeq].map(at => at && past.timeOf(at));
    const [queuedAtMs, readAtMs] = await Promise.all(times);
    Object.assign(group, { queuedAtMs, readAtMs });
  }
  return groups;
}

function lowest(groups: readonly IopfGroupRecord[], limit: number): IopfGroupRecord[] {
  return groups.toSorted((a, b) => a.iopfGroupId - b.iopfGroupId).slice(0, limit);
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
    (addr === null || namesAddress(group.requests, addr)) &&
    (minWaitMs === null || group.waitMs >= minWaitMs) &&
    (fromMs === null || group.queuedAtMs >= fromMs) &&
    (toMs === null || group.queuedAtMs <= toMs)
  );
}

/** The PASID of a request; null if it has none. */
export function pasidOf(request: PageRequest | undefined): number | null {
  return request !== undefined && (request.flags & 1) !== 0 ? request.pasid : null;
}
