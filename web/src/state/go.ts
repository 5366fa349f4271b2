/** Going somewhere: the steps and jumps that keys, buttons and links share. */
import { batch } from '@preact/signals';
import { GraphqlErrors } from '../../../src/client/connection.ts';
import {
  followMachine,
  head,
  headError,
  type Mark,
  marks,
  newest,
  readHead,
  readMarks,
  stopFollowing,
  type Trouble,
  troubleOf,
} from '../data/head.ts';
import { shown, wish } from '../data/moments.ts';
import { ask, wordsOf } from '../data/server.ts';
import {
  MachineHeadDocument,
  OperationAfterDocument,
  SeqOfBookmarkDocument,
} from '../documents.ts';
import { isName, type Spot } from './address.ts';
import { tell } from './announce.ts';
import { notice } from './notice.ts';
import * as place from './place.ts';

/** What was said of a landing: it is put away when one goes elsewhere. */
let landed: string | null = null;

function sayOfLanding(note: string | null): void {
  if (landed !== null && notice.peek() === landed) notice.value = null;
  landed = note;
  if (note !== null) notice.value = note;
}

/**
 * Moves the playhead; steps replace the address, jumps leave a place to go back to. `refused` names an
 * operation that was refused at that moment.
 */
export function goTo(
  seq: number,
  how: 'step' | 'jump' = 'step',
  refused: string | null = null,
): void {
  const machine = place.machine.peek();
  if (machine === null) return;
  const end = newest.peek();
  const nearest = Math.min(Math.max(Math.round(seq), 0), end);
  place.openedOn.value = null;
  const moves = nearest !== place.playhead.peek() || refused !== place.refused.peek();
  if (how === 'jump' && moves) place.pushPlace();
  sayOfLanding(null);
  batch(() => {
    place.live.value = false;
    place.playhead.value = nearest;
    place.refused.value = refused;
  });
  wish(machine, nearest);
}

/** A jump to where a moment's name leads. */
export function goToLanding({ seq, refused, note }: place.Landing): void {
  goTo(seq, 'jump', refused);
  sayOfLanding(note);
}

/** A jump to a mark; a refusal's shows what was refused. */
export function goToMark({ name, kind, seq }: Mark): void {
  goTo(seq, 'jump', kind === 'REFUSED' ? name : null);
}

export function goLive(): void {
  const machine = place.machine.peek();
  if (machine === null) return;
  batch(() => {
    place.live.value = true;
    place.playhead.value = newest.peek();
    place.refused.value = null;
  });
  wish(machine, newest.peek());
}

export function stepEvent(by: number): void {
  goTo((place.playhead.peek() ?? 0) + by);
}

/** The number of the operation that the playhead is at: a refused one, or its event's; 0 before all. */
function operationHere(): number {
  const refused = place.refused.peek();
  return refused === null ? (shown.peek()?.operation?.number ?? 0) : place.numberOf(refused);
}

/** To the end of the operation before or after, refused ones too: their events follow each other. */
export function stepOperation(by: -1 | 1): void {
  const moment = shown.peek();
  const at = place.playhead.peek();
  if (moment === null || at === null) return;
  const { operation } = moment;
  if (by > 0 && operation !== null && at < operation.seq) return goTo(operation.seq, 'jump');
  const number = operationHere() + by;
  if (number <= 0) return goTo(0, 'jump');
  void landingOfOperation(moment.machine, `op${number}`).then(landing => {
    if (landing.note === null) goToLanding(landing);
    else tell('This is the newest operation.');
  });
}

/** The next mark that is a refusal or a hazard. A refusal makes no event: nothing told of a new one. */
export async function stepTrouble(by: -1 | 1): Promise<void> {
  const machineId = place.machine.peek();
  if (nextTrouble(by) === undefined && machineId !== null) {
    await readMarks(machineId).catch(() => undefined);
  }
  const next = nextTrouble(by);
  if (next === undefined) return tell(`No refusal or hazard ${by > 0 ? 'after' : 'before'}.`);
  goToMark(next);
  tell(`${next.name}: ${next.note}`);
}

function nextTrouble(by: -1 | 1): Mark | undefined {
  const at = place.playhead.peek() ?? 0;
  const refused = place.refused.peek();
  const trouble = marks.peek().filter(({ kind }) => kind !== 'NAMED');
  const here = refused === null ? -1 : trouble.findIndex(({ name }) => name === refused);
  if (here >= 0) return trouble[here + by];
  // What was refused at this moment came after its event.
  const isAfter = ({ seq, kind }: Mark) => (kind === 'REFUSED' ? seq >= at : seq > at);
  return by > 0 ? trouble.find(isAfter) : trouble.findLast(({ seq }) => seq < at);
}

/** Where `op12` or `refused-12` leads. Errors: those of `ask`. */
async function landingOfOperation(machineId: string, name: string): Promise<place.Landing> {
  const number = place.numberOf(name);
  if (number === 0) return { seq: 0, refused: null, note: null };
  const { machine } = await ask(OperationAfterDocument, { machineId, after: String(number - 1) });
  const found = machine.operations.edges[0]?.node;
  if (found === undefined) {
    const last = machine.newest.edges[0]?.node ?? { number: 0, seq: 0 };
    const note = `There is no operation ${number} yet: this is the end of the newest, ${last.number}.`;
    return { seq: last.seq, refused: null, note };
  }
  const { seq, errno } = found;
  if (errno !== null) return { seq, refused: name, note: null };
  const note = name.startsWith('op')
    ? null
    : `Operation ${number} was not refused: this is its end.`;
  return { seq, refused: null, note };
}

async function landingOfBookmark(machineId: string, name: string): Promise<place.Landing> {
  if (!isName(name)) {
    throw new Error(
      `“${name}” names no moment: an event is 28, an operation op12, a refusal refused-23,` +
        ' a part 50%, the end now; bookmarks have no spaces.',
    );
  }
  const { machine } = await ask(SeqOfBookmarkDocument, { machineId, name });
  return { seq: machine.seq, refused: null, note: null };
}

/**
 * Where a moment's name leads; a note says so if it had to be another. Errors: those of `ask`.
 * `28`, `op12`, `50%`, `now`, the name of a bookmark or of a refusal.
 */
export async function landingOf(
  machineId: string,
  moment: string,
  end = newest.peek(),
): Promise<place.Landing> {
  const to = (seq: number, note: string | null = null) => ({ seq, refused: null, note });
  if (moment === 'now') return to(end);
  const percent = /^(\d{1,3})%$/.exec(moment);
  if (percent !== null) return to(Math.round((Math.min(Number(percent[1]), 100) / 100) * end));
  if (/^(op|refused-)\d{1,9}$/.test(moment)) return landingOfOperation(machineId, moment);
  if (!/^\d{1,9}$/.test(moment)) return landingOfBookmark(machineId, moment);
  const seq = Number(moment);
  if (seq <= end) return to(seq);
  return to(end, `There is no event ${seq} yet: this is the newest, ${end}.`);
}

/** Makes another machine the one that is open. Errors: those of `ask`. */
export async function openMachine(machineId: string): Promise<void> {
  const { seq } = await readHead(machineId);
  followMachine(machineId, seq);
  place.machine.value = machineId;
}

/** The first hazard of the machine, else its first refusal, else its newest moment. */
function landingOfTrouble(): place.Landing {
  const { hazard, refusal } = troubleOf(head.peek()!);
  const mark = hazard ?? refusal ?? null;
  place.openedOn.value = mark;
  const refused = mark?.kind === 'REFUSED' ? mark.name : null;
  return { seq: mark?.seq ?? newest.peek(), refused, note: null };
}

/** To the first hazard of the machine, or its first refusal. */
export function goToFirst(kind: keyof Trouble): void {
  const now = head.peek();
  const mark = now === null ? undefined : troubleOf(now)[kind];
  if (mark === undefined) return tell(`This machine has no ${kind}.`);
  goToMark(mark);
  tell(`${mark.name}: ${mark.note}`);
}

/** Opens the machine of an address, and says where its moment is; null: nobody can say. */
async function resolve(spot: Spot): Promise<place.Landing | null> {
  place.openedOn.value = null;
  try {
    if (spot.machine !== place.machine.peek() || head.peek() === null) {
      stopFollowing();
      const { seq } = await readHead(spot.machine);
      followMachine(spot.machine, seq);
    }
  } catch (error) {
    headError.value = wordsOf(error);
    return null;
  }
  const landing = await landingOfSpot(spot);
  sayOfLanding(landing?.note ?? null);
  return landing;
}

/** The machine is there: a moment that is not is its newest. */
async function landingOfSpot({ machine, moment }: Spot): Promise<place.Landing | null> {
  try {
    return moment === null ? landingOfTrouble() : await landingOf(machine, moment);
  } catch (error) {
    if (error instanceof GraphqlErrors) {
      return { seq: newest.peek(), refused: null, note: wordsOf(error) };
    }
    headError.value = wordsOf(error);
    return null;
  }
}

/** Where a moment of any machine is: what is compared with is not opened. */
async function resolveOther({ machine: machineId, moment }: Spot): Promise<place.Landing | null> {
  try {
    if (moment !== null && moment !== 'now')
      return await landingOf(machineId, moment, Number.MAX_SAFE_INTEGER);
    const { machine } = await ask(MachineHeadDocument, { machineId });
    return { seq: machine.seq, refused: null, note: null };
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
