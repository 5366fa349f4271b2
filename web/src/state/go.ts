/** Going somewhere: the steps and jumps that keys, buttons and links share. */
import { batch } from '@preact/signals';
import {
  followMachine,
  head,
  type Mark,
  newest,
  readHead,
  stopFollowing,
  type Trouble,
  troubleOf,
} from '../data/head.ts';
import { shown, wish } from '../data/moments.ts';
import { ask, wordsOf } from '../data/server.ts';
import {
  MachineHeadDocument,
  SeqOfBookmarkDocument,
  SeqOfOperationDocument,
} from '../documents.ts';
import type { Spot } from './address.ts';
import { tell } from './announce.ts';
import { notice } from './notice.ts';
import * as place from './place.ts';

/** Moves the playhead; steps replace the address, jumps leave a place to go back to. */
export function goTo(seq: number, how: 'step' | 'jump' = 'step'): void {
  const machine = place.machine.peek();
  if (machine === null) return;
  const end = newest.peek();
  const nearest = Math.min(Math.max(Math.round(seq), 0), end);
  place.openedOn.value = null;
  if (how === 'jump' && nearest !== place.playhead.peek()) place.pushPlace();
  batch(() => {
    place.live.value = false;
    place.playhead.value = nearest;
  });
  wish(machine, nearest);
}

export function goLive(): void {
  const machine = place.machine.peek();
  if (machine === null) return;
  batch(() => {
    place.live.value = true;
    place.playhead.value = newest.peek();
  });
  wish(machine, newest.peek());
}

export function stepEvent(by: number): void {
  goTo((place.playhead.peek() ?? 0) + by);
}

/** To the end of the operation before or after; their events are one after another. */
export function stepOperation(by: -1 | 1): void {
  const moment = shown.peek();
  const at = place.playhead.peek();
  if (moment === null || at === null) return;
  const { operation } = moment;
  if (by < 0) return goTo(operation === null ? 0 : operation.seqBefore, 'jump');
  if (operation !== null && at < operation.seq) return goTo(operation.seq, 'jump');
  const number = (operation?.number ?? 0) + 1;
  void seqOfOperation(moment.machine, number).then(
    seq => goTo(Math.max(seq, at), 'jump'),
    () => tell('This is the newest operation.'),
  );
}

/** The next mark that is a refusal or a hazard. */
export function stepTrouble(by: -1 | 1): void {
  const at = place.playhead.peek() ?? 0;
  const marks = (head.peek()?.marks.edges ?? []).map(({ node }) => node);
  const trouble = marks.filter(({ kind }) => kind !== 'NAMED');
  const next = by > 0 ? trouble.find(after(at)) : trouble.findLast(({ seq }) => seq < at);
  if (next === undefined) return tell(`No refusal or hazard ${by > 0 ? 'after' : 'before'}.`);
  goTo(next.seq, 'jump');
  tell(`${next.name}: ${next.note}`);
}

const after = (at: number) => (mark: Mark) => mark.seq > at;

export async function seqOfOperation(machineId: string, operation: number): Promise<number> {
  const { machine } = await ask(SeqOfOperationDocument, { machineId, operation });
  return machine.seq;
}

/**
 * The seq that a moment's name means; said, if it had to be another. Errors: those of `ask`.
 * `28`, `op12`, `50%`, `now`, the name of a bookmark or of a refusal.
 */
export async function seqOfMoment(
  machineId: string,
  moment: string,
  end = newest.peek(),
): Promise<number> {
  if (moment === 'now') return end;
  const percent = /^(\d{1,3})%$/.exec(moment);
  if (percent !== null) return Math.round((Math.min(Number(percent[1]), 100) / 100) * end);
  const operation = /^op(\d{1,9})$/.exec(moment);
  if (operation !== null) return seqOfOperation(machineId, Number(operation[1]));
  if (!/^\d{1,9}$/.test(moment)) {
    const { machine } = await ask(SeqOfBookmarkDocument, { machineId, name: moment });
    return machine.seq;
  }
  const seq = Number(moment);
  if (seq > end) notice.value = `There is no event ${seq} yet: this is the newest, ${end}.`;
  return Math.min(seq, end);
}

/** Makes another machine the one that is open. Errors: those of `ask`. */
export async function openMachine(machineId: string): Promise<void> {
  const { seq } = await readHead(machineId);
  followMachine(machineId, seq);
  place.machine.value = machineId;
}

/** The first hazard of the machine, else its first refusal, else its newest moment. */
function seqOfTrouble(): number {
  const { hazard, refusal } = troubleOf(head.peek()!);
  place.openedOn.value = hazard ?? refusal ?? null;
  return place.openedOn.peek()?.seq ?? newest.peek();
}

/** To the first hazard of the machine, or its first refusal. */
export function goToFirst(kind: keyof Trouble): void {
  const now = head.peek();
  const mark = now === null ? undefined : troubleOf(now)[kind];
  if (mark === undefined) return tell(`This machine has no ${kind}.`);
  goTo(mark.seq, 'jump');
  tell(`${mark.name}: ${mark.note}`);
}

/** Opens the machine of an address, and says which seq its moment is. */
async function resolve(spot: Spot): Promise<number | null> {
  place.openedOn.value = null;
  try {
    if (spot.machine !== place.machine.peek() || head.peek() === null) {
      const { seq } = await readHead(spot.machine);
      followMachine(spot.machine, seq);
    }
    return spot.moment === null ? seqOfTrouble() : await seqOfMoment(spot.machine, spot.moment);
  } catch (error) {
    notice.value = wordsOf(error);
    return null;
  }
}

/** Which seq a moment of any machine is: what is compared with is not opened. */
async function resolveOther({ machine: machineId, moment }: Spot): Promise<number | null> {
  try {
    if (moment !== null && moment !== 'now')
      return await seqOfMoment(machineId, moment, Number.MAX_SAFE_INTEGER);
    const { machine } = await ask(MachineHeadDocument, { machineId });
    return machine.seq;
  } catch (error) {
    notice.value = wordsOf(error);
    return null;
  }
}

/** Opens an address: at the start, and when the browser goes back or forward. */
export async function openUrl(url: URL): Promise<void> {
  await place.openAddress(url, resolve, resolveOther);
  const machine = place.machine.peek();
  const seq = place.playhead.peek();
  if (machine === null) stopFollowing();
  else if (seq !== null) wish(machine, seq);
}

/** Opens another address of the page, as a link does. */
export async function openLink(path: string): Promise<void> {
  place.pushPlace();
  history.pushState(null, '', path);
  await openUrl(new URL(location.href));
}
