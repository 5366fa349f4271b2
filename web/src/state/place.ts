/** Where the person is: one signal for each thing an address says, and the address for them. */
import { batch, computed, effect, signal } from '@preact/signals';
import { type Mark, newest } from '../data/head.ts';
import { shown } from '../data/moments.ts';
import {
  type Address,
  type Axis,
  formatAddress,
  PARTS,
  type Part,
  parseAddress,
  type Range,
  type Spot,
  type Tab,
} from './address.ts';
import { notice } from './notice.ts';

/** A place in the log: the machine, and the seq the playhead is at. */
export interface At {
  readonly machine: string;
  readonly seq: number;
}

/** Where a moment's name leads. */
export interface Landing {
  readonly seq: number;
  /** The name of an operation that was refused there: no event tells of it. null: the event's moment. */
  readonly refused: string | null;
  /** What is to be said of it: that it had to be another moment, say. */
  readonly note: string | null;
}

export const machine = signal<string | null>(null);
/** The playhead. null until the moment's name is resolved. */
export const playhead = signal<number | null>(null);
/** The refused operation that is looked at, as the address names it: `refused-23` or `op23`. */
export const refused = signal<string | null>(null);
/** 23, of `refused-23` or `op23`. */
export const numberOf = (name: string) => Number(/\d+$/.exec(name)?.[0]);
/** The playhead goes with the end of the log. */
export const live = signal(false);
export const selected = signal<string | null>(null);
export const field = signal<string | null>(null);
/** The mark that is compared with. */
export const other = signal<At | null>(null);
export const view = signal<Range | null>(null);
/** The trouble that the machine was opened on, for its address named no moment; until one moves. */
export const openedOn = signal<Mark | null>(null);
export const axis = signal<Axis>('step');
export const tab = signal<Tab>('moment');
/** Which view of the hardware. */
export const part = signal<Part>(PARTS[0]);
export const table = signal(false);

/** The history that the address was made for, until it is compared. */
let linked: string | null = null;

/** The first digits of the hash of what is shown, if that is the moment one is at. */
function shownHash(): string | null {
  const moment = shown.value;
  const here = moment?.machine === machine.value && moment?.seq === playhead.value;
  return here && !live.value ? (moment?.hash.slice(0, 8) ?? null) : null;
}

export const address = computed<Address>(() => ({
  hash: shownHash(),
  spot:
    machine.value === null
      ? null
      : {
          machine: machine.value,
          moment: live.value ? 'now' : (refused.value ?? String(playhead.value ?? 0)),
        },
  selected: selected.value,
  field: field.value,
  other:
    other.value === null ? null : { machine: other.value.machine, moment: String(other.value.seq) },
  view: view.value,
  axis: axis.value,
  tab: tab.value,
  part: part.value,
  table: table.value,
}));

/** Whether an address goes with the end: it says so, or says nothing and there is no trouble. */
function isLive(moment: string | null | undefined, seq: number): boolean {
  return moment === 'now' || (moment === null && openedOn.peek() === null && seq === newest.peek());
}

/** How a moment's name becomes a place: go.ts asks the server. */
type Resolve = (spot: Spot) => Promise<Landing | null>;

/** Written at most so often while scrubbing: browsers refuse more (Safari: 100 in 30 s). */
const WRITE_EVERY_MS = 250;

let written = '';
let timer: ReturnType<typeof setTimeout> | undefined;
/** What comes from an address is not written back before it is whole. */
let reading = false;
let pushNext = false;

function write(): void {
  clearTimeout(timer);
  timer = undefined;
  if (reading || isLost()) return;
  const text = formatAddress(address.peek());
  if (text === written) return;
  if (pushNext) history.pushState(null, '', text);
  else history.replaceState(null, '', text);
  pushNext = false;
  written = text;
}

/** The address names a moment that could not be asked for: it stays as it is, to be tried again. */
function isLost(): boolean {
  return machine.peek() !== null && playhead.peek() === null;
}

/** Counts jumps: each leaves a note in the trail. */
export const jumps = signal(0);

/** The next change of place is a jump: the browser's back button leads back to where this was. */
export function pushPlace(): void {
  write();
  pushNext = true;
  jumps.value += 1;
}

/** Opens an address, or the one the browser went back to. */
export async function openAddress(
  url: URL,
  resolve: Resolve,
  resolveOther: Resolve,
): Promise<void> {
  const wanted = parseAddress(url);
  reading = true;
  try {
    const landing = wanted.spot === null ? null : await resolve(wanted.spot);
    const b = wanted.other === null || landing === null ? null : await resolveOther(wanted.other);
    const seq = landing?.seq ?? null;
    batch(() => {
      machine.value = wanted.spot?.machine ?? null;
      live.value = seq !== null && isLive(wanted.spot?.moment, seq);
      linked = wanted.hash;
      playhead.value = seq;
      refused.value = landing?.refused ?? null;
      selected.value = wanted.selected;
      field.value = wanted.field;
      other.value = b && wanted.other && { machine: wanted.other.machine, seq: b.seq };
      view.value = wanted.view;
      axis.value = wanted.axis;
      tab.value = wanted.tab;
      part.value = wanted.part;
      table.value = wanted.table;
    });
  } finally {
    reading = false;
  }
  written = isLost() ? url.pathname + url.search : formatAddress(address.peek());
  if (written !== url.pathname + url.search) history.replaceState(null, '', written);
}

/** Says so if the moment of an address is of another history than when the address was made. */
function checkHistory(): void {
  const hash = shownHash();
  if (hash === null || linked === null) return;
  const name = machine.peek();
  if (hash !== linked) notice.value = `This link was made for another history of ${name}.`;
  linked = null;
}

/** Keeps the browser's address that of the place. */
export function keepAddress(): void {
  effect(checkHistory);
  effect(() => {
    address.value;
    if (pushNext) write();
    else timer ??= setTimeout(write, WRITE_EVERY_MS);
  });
}
