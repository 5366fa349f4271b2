/** Moments: asked for one at a time, the newest wish first, and kept, for the past does not change. */
import { signal } from '@preact/signals';
import { type ChangeLineFragment, MomentDocument, type MomentQuery } from '../documents.ts';
import { type Graph, graphOf } from './graph.ts';
import { type Key, keyText } from './keys.ts';
import { ask, wordsOf } from './server.ts';

type NewestEvent = MomentQuery['machine']['newest']['edges'][number]['node'];

export type MomentOperation = NewestEvent['operation'];
export type EventLine = Omit<NewestEvent, 'operation'>;

export interface ShownChange extends ChangeLineFragment {
  readonly key: Key;
}

export interface Moment {
  readonly machine: string;
  readonly seq: number;
  /** The history it belongs to, in hex digits. */
  readonly hash: string;
  readonly unanswered: number;
  readonly hazardCount: number;
  readonly graph: Graph;
  /** The event that made this moment; null before the first. */
  readonly event: EventLine | null;
  readonly operation: MomentOperation | null;
  readonly changes: readonly ShownChange[];
  readonly changeCount: number;
}

/** Moments kept; one is some tens of kilobytes at most. */
const KEPT_MAX = 400;

const kept = new Map<string, Moment>();
const nameOf = (machine: string, seq: number) => `${machine}@${seq}`;

function keep(moment: Moment): void {
  kept.set(nameOf(moment.machine, moment.seq), moment);
  if (kept.size <= KEPT_MAX) return;
  const [oldest] = kept.keys();
  kept.delete(oldest!);
}

/** A machine that was deleted and made again has other moments under the same numbers. */
export function forgetMoments(): void {
  kept.clear();
}

function momentOf(machine: string, { machine: view, diff }: MomentQuery): Moment {
  const newest = view.newest.edges[0]?.node ?? null;
  return {
    machine,
    seq: view.seq,
    hash: view.hash,
    unanswered: view.unansweredIopfGroupCount,
    hazardCount: view.hazardCount,
    graph: graphOf(view.graph),
    event: newest,
    operation: newest?.operation ?? null,
    changes: diff.changes.map(change => ({ ...change, key: keyText(change.object) })),
    changeCount: diff.changeCount,
  };
}

/** One moment, from what was kept or from the server. Errors: those of `ask`. */
export async function fetchMoment(machine: string, seq: number): Promise<Moment> {
  const known = kept.get(nameOf(machine, seq));
  if (known !== undefined) return known;
  const before = Math.max(seq - 1, 0);
  const answer = await ask(MomentDocument, { machineId: machine, at: seq, before });
  const moment = momentOf(machine, answer);
  keep(moment);
  return moment;
}

/** What is shown: the last moment that came. It stays until the next is there. */
export const shown = signal<Moment | null>(null);
export const momentError = signal<string | null>(null);

interface Wish {
  readonly machine: string;
  readonly seq: number;
  /** Wishes are numbered: what belongs to an older one is never shown after a newer one. */
  readonly no: number;
}

let wanted: Wish | null = null;
let shownNo = 0;
let underWay = false;

/**
 * Shows a moment as soon as it is there. At most one request is under way; of the wishes made
 * meanwhile only the newest is asked for.
 */
export function wish(machine: string, seq: number): void {
  wanted = { machine, seq, no: (wanted?.no ?? 0) + 1 };
  const known = kept.get(nameOf(machine, seq));
  if (known !== undefined) show(wanted, known);
  if (!underWay) void fulfil();
}

function show({ no }: Wish, moment: Moment): void {
  if (no < shownNo) return;
  shownNo = no;
  shown.value = moment;
  momentError.value = null;
}

async function fulfil(): Promise<void> {
  underWay = true;
  for (let asked = wanted; asked !== null && asked.no > shownNo; asked = wanted) {
    try {
      show(asked, await fetchMoment(asked.machine, asked.seq));
    } catch (error) {
      if (wanted !== asked) continue;
      momentError.value = wordsOf(error);
      shownNo = asked.no;
    }
  }
  if (wanted !== null) await fetchAhead(wanted);
  underWay = false;
  if (wanted !== null && wanted.no > shownNo) void fulfil();
}

/** The neighbours, so that a step finds its moment here. */
async function fetchAhead(of: Wish): Promise<void> {
  for (const seq of [of.seq + 1, of.seq - 1]) {
    if (wanted !== of) return;
    if (seq < 0 || seq > (heads.get(of.machine) ?? 0)) continue;
    await fetchMoment(of.machine, seq).catch(() => undefined);
  }
}

const heads = new Map<string, number>();

/** The newest seq that is known of a machine: nothing behind it is fetched ahead. */
export function noteHead(machine: string, seq: number): void {
  heads.set(machine, seq);
}
