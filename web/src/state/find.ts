/** Looking for something in the log: a condition, and what was found so far. */
import { signal } from '@preact/signals';
import { keyInput } from '../data/keys.ts';
import { ask, wordsOf } from '../data/server.ts';
import {
  type CommandType,
  type Errno,
  type EventType,
  FindNextDocument,
  type FindNextQuery,
  type HazardName,
  type LogConditionInput,
  NamesDocument,
} from '../later-documents.ts';
import { announce, tell } from './announce.ts';
import { goTo } from './go.ts';
import { machine, playhead, selected } from './place.ts';

export type Hit = NonNullable<FindNextQuery['machine']['firstWhere']>;

export interface Found {
  readonly machine: string;
  readonly text: string;
  readonly condition: LogConditionInput;
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

/** A condition from words; throws an Error that says what would be right. */
export async function conditionOf(text: string): Promise<LogConditionInput> {
  const known = await readNames();
  const condition: { -readonly [Name in keyof LogConditionInput]: LogConditionInput[Name] } = {};
  for (const word of text.trim().split(/\s+/)) {
    const named = (list: readonly string[]) =>
      list.find(name => name.toLowerCase() === word.toLowerCase());
    if (word === 'SUCCESS' || word === 'INVALID') {
      condition.responseCode = `IOMMUFD_PAGE_RESP_${word}`;
    } else if (named(known.events)) condition.eventType = named(known.events) as EventType;
    else if (named(known.commands)) condition.operation = named(known.commands) as CommandType;
    else if (named(known.errnos)) condition.errno = named(known.errnos) as Errno;
    else if (named(known.hazards)) condition.hazard = named(known.hazards) as HazardName;
    else if (word === 'selected' && selected.peek() !== null) {
      condition.object = keyInput(selected.peek()!);
    } else throw new Error(`“${word}” is no event, operation, errno, hazard, SUCCESS or INVALID.`);
  }
  return condition;
}

export function seqOfHit({ event, operation }: Hit): number {
  return event?.seq ?? operation.seq;
}

/** Hits fetched at a time. */
const PAGE = 10;

/** Looks on after the last hit. Errors: those of `ask`, such as where to go on looking. */
export async function findMore(): Promise<void> {
  for (let count = 0; count < PAGE; count += 1) {
    const before = found.peek();
    if (before === null || before.whole) return;
    const after = before.hits.at(-1)?.operation.number ?? 0;
    const { condition, machine: machineId } = before;
    const answer = await ask(FindNextDocument, { machineId, after, condition });
    if (found.peek() !== before) return;
    const hit = answer.machine.firstWhere;
    found.value = {
      ...before,
      whole: hit === null,
      hits: hit === null ? before.hits : [...before.hits, hit],
    };
  }
}

export async function find(text: string): Promise<void> {
  findProblem.value = null;
  try {
    const condition = await conditionOf(text);
    found.value = { machine: machine.peek()!, text, condition, hits: [], whole: false };
    await findMore();
    const { hits, whole } = found.peek()!;
    announce(`${hits.length}${whole ? '' : ' or more'} found.`);
  } catch (error) {
    findProblem.value = wordsOf(error);
  }
}

/** To the hit after the playhead, or before it. */
export async function goToHit(by: -1 | 1): Promise<void> {
  const at = playhead.peek() ?? 0;
  if (found.peek() === null) return tell('Nothing was looked for yet: press / to find.');
  try {
    while (!found.peek()!.whole && seqOfHit(found.peek()!.hits.at(-1)!) <= at) await findMore();
  } catch (error) {
    findProblem.value = wordsOf(error);
  }
  const seqs = found.peek()!.hits.map(seqOfHit);
  const next = by > 0 ? seqs.find(seq => seq > at) : seqs.findLast(seq => seq < at);
  if (next === undefined) return tell(`None ${by > 0 ? 'after' : 'before'} this moment.`);
  goTo(next, 'jump');
}
