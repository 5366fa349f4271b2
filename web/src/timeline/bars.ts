/** iopf groups as bars: when each was asked for, queued, read and answered. */

import { ask } from '../data/server.ts';
import type { Stretch } from '../data/stretch.ts';
import { GroupsDocument, type GroupsQuery } from '../documents.ts';
import type { Depths, GroupBar, Outcome } from './scene.ts';

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
  };
}

/** Gives each bar the first row that is free where it begins. */
function packed(lives: readonly Life[]): GroupBar[] {
  const ends: number[] = [];
  return lives.map(life => {
    let row = ends.findIndex(end => end < life.requested);
    if (row < 0) row = ends.length;
    ends[row] = life.ended === null ? Number.POSITIVE_INFINITY : life.ended + 1;
    return { ...life, row };
  });
}

/** The groups that were open in a stretch of a log, at most 1,000 of them. */
export async function readBars({ machine: machineId, from, to }: Stretch): Promise<GroupBar[]> {
  const { machine } = await ask(GroupsDocument, { machineId, from, to });
  return packed(machine.iopfGroups.edges.map(({ node }) => lifeOf(node)));
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
