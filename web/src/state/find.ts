/** Looking for something in the log: a condition, and what was found so far. */
import { signal } from '@preact/signals';
import { keyInput } from '../data/keys.ts';
import { ask, wordsOf } from '../data/server.ts';
import {
  type CommandType,
  type Errno,
  type EventType,
  type EventWhere,
  FindEventsDocument,
  FindNextDocument,
  type HazardName,
  type LogConditionInput,
  NamesDocument,
} from '../later-documents.ts';
import { announce, tell } from './announce.ts';
import { goTo } from './go.ts';
import { machine, numberOf, playhead, refused, selected } from './place.ts';

export interface Hit {
  readonly seq: number;
  /** The operation's number. */
  readonly operation: number;
  /** false: the operation fits by itself, and no event of it. */
  readonly isEvent: boolean;
  readonly words: string;
  readonly errno: Errno | null;
}

/** Operations that fit, by names, or events whose sentences have a text. */
type Wanted = { readonly condition: LogConditionInput } | { readonly where: EventWhere };

export interface Found {
  readonly machine: string;
  readonly text: string;
  readonly wanted: Wanted;
  readonly hits: readonly Hit[];
  /** Everything after the last hit was looked through. */
  readonly whole: boolean;
}

export const found = signal<Found | null>(null);
export const findProblem = signal<string | null>(null);

export interface Names {
  readonly events: readonly string[];
  readonly commands: readonly string[];
  readonly errnos: readonly string[];
  readonly hazards: readonly string[];
}

export const names = signal<Names | null>(null);

/** The names of events, operations, errnos and hazards, asked for once. */
export async function readNames(): Promise<Names> {
  const known = names.peek();
  if (known !== null) return known;
  const answer = await ask(NamesDocument, {});
  const listed = (type: keyof typeof answer) =>
    (answer[type]?.enumValues ?? []).map(({ name }) => name);
  const read = {
    events: listed('events'),
    commands: listed('commands'),
    errnos: listed('errnos'),
    hazards: listed('hazards'),
  };
  names.value = read;
  return read;
}

/** As sentences have them: no other word is that. */
const CODES: Readonly<Record<string, string>> = {
  SUCCESS: 'SUCCESS (0)',
  INVALID: 'INVALID (1)',
};

/** What words mean: names of the log, and what is none of these as a text of events' sentences. */
export async function wantedOf(text: string): Promise<Wanted> {
  const known = await readNames();
  const where: { -readonly [Name in keyof EventWhere]: EventWhere[Name] } = {};
  const rest: string[] = [];
  const words = text.trim().split(/\s+/);
  const named = (list: readonly string[], word: string) =>
    list.find(name => name.toLowerCase() === word.toLowerCase());
  for (const word of words) {
    const type = named(known.events, word);
    const command = named(known.commands, word);
    const errno = named(known.errnos, word);
    if (type !== undefined) where.type = type as EventType;
    else if (command !== undefined) where.command = command as CommandType;
    else if (errno !== undefined) where.errno = errno as Errno;
    else if (word === 'selected' && selected.peek() !== null) {
      where.object = keyInput(selected.peek()!);
    } else rest.push(word);
  }
  const hazard = rest.length === 1 ? named(known.hazards, rest[0]!) : undefined;
  if (rest.length > 0 && hazard === undefined) {
    const phrase = rest.join(' ');
    return { where: { ...where, text: CODES[phrase] ?? phrase } };
  }
  const { type, command, ...others } = where;
  const names = { eventType: type, operation: command, hazard: hazard as HazardName };
  return { condition: { ...others, ...names } };
}

/** Whether a hit is what one looks at. */
export function isHere(hit: Hit): boolean {
  return hit.seq === playhead.value && refusalOf(hit) === refused.value;
}

/** To a hit; what was refused is shown as that, for no event tells of it. */
export function goToFound(hit: Hit): void {
  goTo(hit.seq, 'jump', refusalOf(hit));
}

/** The name of the refused operation that was found; null: it is an event. */
function refusalOf({ isEvent, operation, errno }: Hit): string | null {
  return !isEvent && errno !== null ? `refused-${operation}` : null;
}

/** Whether a hit comes after the moment; what was refused there came after its event. */
function isAfter(hit: Hit): boolean {
  const at = playhead.peek() ?? 0;
  const name = refusalOf(hit);
  if (hit.seq !== at || name === null) return hit.seq > at;
  return refused.peek() === null || hit.operation > numberOf(refused.peek()!);
}

function isLastAfter(): boolean {
  const last = found.peek()!.hits.at(-1);
  return last !== undefined && isAfter(last);
}

/** Hits fetched at a time. */
const PAGE = 10;

interface Page {
  readonly hits: readonly Hit[];
  readonly whole: boolean;
}

async function readOperation(
  machineId: string,
  condition: LogConditionInput,
  after: number,
): Promise<Page> {
  const { machine } = await ask(FindNextDocument, { machineId, after, condition });
  if (machine.firstWhere === null) return { hits: [], whole: true };
  const { event, operation } = machine.firstWhere;
  const { number, command, errno } = operation;
  const seq = event?.seq ?? operation.seq;
  const words = event?.summary ?? command;
  const hit = { seq, operation: number, isEvent: event !== null, words, errno };
  return { hits: [hit], whole: false };
}

async function readEvents(machineId: string, where: EventWhere, after: number): Promise<Page> {
  const variables = { machineId, where, after: String(after), first: PAGE };
  const { edges, pageInfo } = (await ask(FindEventsDocument, variables)).machine.events;
  const hits = edges.map(({ node: { seq, summary, operation } }) => {
    const { number, errno } = operation;
    return { seq, operation: number, isEvent: true, words: summary, errno };
  });
  return { hits, whole: !pageInfo.hasNextPage };
}

/** Looks on after the last hit. Errors: those of `ask`, such as where to go on looking. */
export async function findMore(): Promise<void> {
  const end = (found.peek()?.hits.length ?? 0) + PAGE;
  for (;;) {
    const before = found.peek();
    if (before === null || before.whole || before.hits.length >= end) return;
    const { wanted, machine: machineId } = before;
    const last = before.hits.at(-1);
    const { hits, whole } = await ('where' in wanted
      ? readEvents(machineId, wanted.where, last?.seq ?? 0)
      : readOperation(machineId, wanted.condition, last?.operation ?? 0));
    if (found.peek() !== before) return;
    found.value = { ...before, whole, hits: [...before.hits, ...hits] };
  }
}

export async function find(text: string): Promise<void> {
  findProblem.value = null;
  found.value = null;
  try {
    const wanted = await wantedOf(text);
    found.value = { machine: machine.peek()!, text, wanted, hits: [], whole: false };
    await findMore();
    const { hits, whole } = found.peek()!;
    announce(`${hits.length}${whole ? '' : ' or more'} found.`);
  } catch (error) {
    findProblem.value = wordsOf(error);
  }
}

/** To the hit after the playhead, or before it. */
export async function goToHit(by: -1 | 1): Promise<void> {
  if (found.peek() === null) return tell('Nothing was looked for yet: press / to find.');
  try {
    while (!found.peek()!.whole && !isLastAfter()) await findMore();
  } catch (error) {
    findProblem.value = wordsOf(error);
  }
  const { hits } = found.peek()!;
  const next = by > 0 ? hits.find(isAfter) : hits.findLast(hit => !isAfter(hit) && !isHere(hit));
  if (next === undefined) return tell(`None ${by > 0 ? 'after' : 'before'} this moment.`);
  goToFound(next);
}
