/** iopf groups as bars: when each was asked for, queued, read and answered. */

import { ask } from '../data/server.ts';
import type { Stretch } from '../data/stretch.ts';
import { GroupsDocument, type GroupsQuery } from '../documents.ts';
import type { Depths, GroupBar, Lane, Outcome } from './scene.ts';

type Group = GroupsQuery['machine']['iopfGroups']['edges'][number]['node'];

type Life = Omit<GroupBar, 'row'>;

function outcomeOf({ outcome, code }: Group): Outcome {
  switch (outcome) {
    case 'ANSWERED':
      return code === 'IOMMUFD_PAGE_RESP_SUCCESS' ? 'SUCCESS' : 'INVALID';
    case 'TAKEN_AWAY':
    case 'FLUSHED':
      return 'TAKEN_AWAY';
    case 'LOST':
      return 'LOST';
    default:
      return 'OPEN';
  }
}

function lifeOf(group: Group): Life {
  return {
    id: group.iopfGroupId,
    requested: group.requestedSeq ?? group.queuedSeq,
    queued: group.queuedSeq,
    read: group.readSeq,
    ended: group.endedSeq,
    outcome: outcomeOf(group),
    cookie: group.cookie,
    device: group.device ?? '',
    contextId: group.contextId,
    faultId: group.faultId,
  };
}

/** Gives each bar of a queue the first of its rows that is free where it begins. */
function packed(lives: readonly Life[], first: number): GroupBar[] {
  const ends: number[] = [];
  return lives.map(life => {
    let row = ends.findIndex(end => end < life.requested);
    if (row < 0) row = ends.length;
    ends[row] = life.ended === null ? Number.POSITIVE_INFINITY : life.ended + 1;
    return { ...life, row: first + row };
  });
}

export interface Bars {
  readonly bars: readonly GroupBar[];
  readonly lanes: readonly Lane[];
}

/** Each queue has rows of its own, as many as its groups need. */
function inLanes(lives: readonly Life[]): Bars {
  const queues = Map.groupBy(lives, ({ contextId, faultId }) => `${contextId} ${faultId}`);
  const bars: GroupBar[] = [];
  const lanes: Lane[] = [];
  let row = 0;
  const byNumber = (a: Life, b: Life) => a.contextId - b.contextId || a.faultId - b.faultId;
  for (const of of [...queues.values()].sort(([a], [b]) => byNumber(a!, b!))) {
    const { contextId, faultId } = of[0]!;
    const own = packed(of, row);
    const rows = Math.max(...own.map(bar => bar.row + 1 - row));
    bars.push(...own);
    lanes.push({ contextId, faultId, row, rows });
    row += rows;
  }
  return { bars, lanes };
}

/** The groups that were open in a stretch of a log, at most 1,000 of them. */
export async function readBars({ machine: machineId, from, to }: Stretch): Promise<Bars> {
  const { machine } = await ask(GroupsDocument, { machineId, from, to });
  return inLanes(machine.iopfGroups.edges.map(({ node }) => lifeOf(node)));
}

/** How many groups wait and are held after each event of a stretch. */
export function depthsOf(from: number, to: number, bars: readonly GroupBar[]): Depths {
  const first = Uint32Array.from({ length: Math.max(to - from + 1, 0) }, (_, at) => from + at);
  const waiting = new Int32Array(first.length + 1);
  const held = new Int32Array(first.length + 1);
  const add = (counts: Int32Array, begin: number, end: number | null) => {
    const at = (seq: number) => Math.min(Math.max(seq - from, 0), first.length);
    counts[at(begin)]! += 1;
    counts[at(end ?? to + 1)]! -= 1;
  };
  for (const { queued, read, ended } of bars) {
    if (queued !== null) add(waiting, queued, read ?? ended);
    if (read !== null) add(held, read, ended);
  }
  for (let at = 1; at < first.length; at += 1) {
    waiting[at]! += waiting[at - 1]!;
    held[at]! += held[at - 1]!;
  }
  return { first, last: first, waiting, held };
}
