/** The machine that is open: its end, which moves, and its marks. */
import { computed, effect, signal } from '@preact/signals';
import {
  type FirstTroubleFragment,
  FollowDocument,
  MachineHeadDocument,
  type MachineHeadQuery,
  type MarkLineFragment,
} from '../documents.ts';
import { forgetLines } from './events.ts';
import { forgetMoments, noteHead } from './moments.ts';
import { ask, connection, follow, wordsOf } from './server.ts';

export type Head = MachineHeadQuery['machine'];
export type Mark = MarkLineFragment;

export interface Trouble {
  readonly hazard: Mark | undefined;
  readonly refusal: Mark | undefined;
}

/** The first hazard and the first refusal of a machine. */
export function troubleOf({ hazards, refusals }: FirstTroubleFragment): Trouble {
  return { hazard: hazards.edges[0]?.node, refusal: refusals.edges[0]?.node };
}

export const head = signal<Head | null>(null);
/** The marks of the machine that is open, in order. */
export const marks = computed(() => (head.value?.marks.edges ?? []).map(({ node }) => node));
export const headError = signal<string | null>(null);
/** The seq of the newest event, as followed. */
export const newest = signal(0);

let following: { readonly machineId: string; end: () => void } | null = null;

const FRAME_MS = 16;

/** Reads a machine's head anew. Errors: those of `ask`, such as a machine that is not there. */
export async function readHead(machineId: string): Promise<Head> {
  const { machine } = await ask(MachineHeadDocument, { machineId });
  head.value = machine;
  headError.value = null;
  setNewest(machine.machineId, machine.seq);
  return machine;
}

/** Reads anew what else the head says, such as its marks; where the log ends is followed. */
export async function readMarks(machineId: string): Promise<void> {
  const { machine } = await ask(MachineHeadDocument, { machineId });
  if (following?.machineId === machineId) head.value = machine;
}

/** Events may have made marks, which are read after them, this often at most. */
const MARKS_MS = 1_000;
let areMarksDue = false;

function readMarksSoon(machineId: string): void {
  if (areMarksDue) return;
  areMarksDue = true;
  setTimeout(() => {
    areMarksDue = false;
    if (following?.machineId === machineId) void readMarks(machineId).catch(() => undefined);
  }, MARKS_MS);
}

function setNewest(machineId: string, seq: number): void {
  newest.value = seq;
  noteHead(machineId, seq);
}

let soon: { machineId: string; seq: number } | null = null;

/** Many events come in one frame; what is drawn changes once. */
function noteSoon(machineId: string, seq: number): void {
  if (soon === null) setTimeout(noteNow, FRAME_MS);
  soon = { machineId, seq };
}

function noteNow(): void {
  if (soon !== null && soon.machineId === following?.machineId) {
    setNewest(soon.machineId, soon.seq);
    readMarksSoon(soon.machineId);
  }
  soon = null;
}

/** Follows a machine's log after a seq; the one before is let go. */
export function followMachine(machineId: string, after: number): void {
  following?.end();
  if (isGone) forgetMachines();
  const mine = { machineId, end: () => sent.end() };
  const sent = follow(FollowDocument, { machineId, after }, ({ events }) => {
    if (following === mine) noteSoon(machineId, events.seq);
  });
  following = mine;
  sent.done.then(
    () => {
      if (following === mine && connection.peek().state === 'OPEN') gone(machineId);
    },
    error => {
      if (following === mine) headError.value = wordsOf(error);
    },
  );
}

/** What was kept is of a machine that is no more: it is forgotten when one is opened. */
let isGone = false;

/** A subscription that the server completes: the machine was deleted. What is shown stays. */
function gone(machineId: string): void {
  headError.value = `Machine ${machineId} was deleted. This is the last picture of it.`;
  isGone = true;
}

/** What was kept may be of machines that are no more. */
export function forgetMachines(): void {
  isGone = false;
  forgetMoments();
  forgetLines();
}

export function stopFollowing(): void {
  following?.end();
  following = null;
  head.value = null;
  headError.value = null;
}

/**
 * A connection that breaks takes the subscription with it, which would come back from where it once
 * began: it is begun anew from what was seen last. Marks may have come meanwhile, too.
 */
let before = connection.peek().state;
effect(() => {
  const { state } = connection.value;
  if (state === before) return;
  before = state;
  if (following === null) return;
  const { machineId } = following;
  if (state === 'LOST') {
    noteNow();
    followMachine(machineId, newest.peek());
  }
  if (state !== 'OPEN') return;
  // Until now it stayed readable. The server may have begun anew, with other machines.
  forgetMachines();
  void readHead(machineId).catch(() => undefined);
});
