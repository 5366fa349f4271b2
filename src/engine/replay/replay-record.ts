/** What the record says of a range of the past, read ahead so that an answer can be judged at once. */
import { REPLAY_GROUPS_MAX } from '../../abi/limits.ts';
import { IOMMUFD_PAGE_RESP_INVALID } from '../../abi/uapi.ts';
import { eventsOf, type Follower, type LoggedEvent } from '../follow/follow.ts';
import { ReplayTooLongError } from '../machine/errors.ts';
import { turn } from '../turn/turn.ts';

/** The answer a group got in the record. */
export interface RecordedAnswer {
  readonly seq: number;
  /** When, in milliseconds since the epoch. */
  readonly atMs: number;
  readonly code: number;
  /** The kernel gave it: detach, replace or destroy took the group away. */
  readonly automatic: boolean;
}

export interface ReplayRecord {
  readonly from: number;
  readonly to: number;
  /** Operations with an event in the range. */
  readonly operations: number;
  /** From the first of them to the last. */
  readonly durationMs: number;
  /** By iopfGroupId, the groups read in the range, each with its answer if that is in it too. */
  readonly groups: ReadonlyMap<number, RecordedAnswer | null>;
  /** How many of them a program answered, and how many the kernel. */
  readonly answered: number;
  readonly automatic: number;
}

/** Reads the events after `from` up to `to`. Errors: ReplayTooLongError, UnknownMachineError. */
export async function readRecord(
  follower: Follower,
  from: number,
  to: number,
): Promise<ReplayRecord> {
  const groups = new Map<number, RecordedAnswer | null>();
  let operations = 0;
  let firstMs: number | null = null;
  let lastMs = 0;
  for (let at = from; at < to; ) {
    const page = await follower.take();
    for (const operation of page) {
      const logged = eventsOf(operation).filter(({ seq }) => seq > from && seq <= to);
      if (logged.length === 0) continue;
      operations++;
      firstMs ??= operation.atMs;
      lastMs = operation.atMs;
      for (const event of logged) note(groups, event);
    }
    if (page.length === 0) break;
    at = page.at(-1)!.seq;
    // Others have their turn between two pages.
    await turn();
  }
  const durationMs = Math.max(0, lastMs - (firstMs ?? lastMs));
  const answers = [...groups.values()].filter(answer => answer !== null);
  const automatic = answers.filter(answer => answer.automatic).length;
  const answered = answers.length - automatic;
  return { from, to, operations, durationMs, groups, answered, automatic };
}

function note(
  groups: Map<number, RecordedAnswer | null>,
  { seq, event, operation: { atMs } }: LoggedEvent,
): void {
  if (event.type === 'IopfGroupRead') {
    if (groups.size === REPLAY_GROUPS_MAX) throw new ReplayTooLongError(REPLAY_GROUPS_MAX, seq);
    groups.set(event.iopfGroupId, null);
  }
  if (event.type !== 'PageResponseWritten' && event.type !== 'IopfGroupAutoResponded') return;
  if (!groups.has(event.iopfGroupId)) return;
  const automatic = event.type === 'IopfGroupAutoResponded';
  const code = automatic ? IOMMUFD_PAGE_RESP_INVALID : event.code;
  groups.set(event.iopfGroupId, { seq, atMs, code, automatic });
}
