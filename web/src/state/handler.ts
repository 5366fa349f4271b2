/** Being the fault handler by hand: groups come, a person answers each, `faultline/client` does the rest. */
import { signal } from '@preact/signals';
import type {
  FaultAnswer,
  FaultGroup,
  FaultHandler,
  HandlerNotice,
} from '../../../src/client/handle-faults.ts';
import { shown } from '../data/moments.ts';
import { token, wordsOf } from '../data/server.ts';
import { announce, announceEach, tell } from './announce.ts';
import { machine, tab } from './place.ts';

export interface Queue {
  readonly machine: string;
  readonly contextId: number;
  readonly faultId: number;
}

export interface InHand {
  readonly group: FaultGroup<'hex'>;
  /** When it came, in milliseconds of performance.now(). */
  readonly since: number;
  /** HELD can be answered; the others are told for a while. WAITING: for the server, to be sent. */
  readonly state: 'HELD' | 'ANSWERING' | 'WAITING' | 'TAKEN_AWAY';
  /** Why it was taken away, or how it is answered. */
  readonly why: string;
}

export const handling = signal<Queue | null>(null);
export const inHand = signal<readonly InHand[]>([]);
/** The iopfGroupId of the group that keys answer. */
export const chosen = signal<number | null>(null);
export const handlerProblem = signal<string | null>(null);
/** What the page answered, by code: told at the end. */
export const answeredCount = signal(0);

/** Groups in hand at a time; the others wait in the queue. */
const IN_FLIGHT = 16;
/** How long a group that was taken away stays in sight. */
const TAKEN_MS = 5_000;

let handler: FaultHandler | null = null;
/** The handler's own connection is broken: answers wait until it is there again. */
let isCut = false;
const decisions = new Map<number, (answer: FaultAnswer) => void>();

/** The fault queues of the moment, by their keys. */
export function queuesOf(): Queue[] {
  const moment = shown.value;
  if (moment === null) return [];
  return moment.graph.nodes.flatMap(({ kind, key, changed }) => {
    const [, contextId, faultId] = key.split(':').map(Number);
    if (kind !== 'FAULT' || changed === 'WENT') return [];
    return [{ machine: moment.machine, contextId: contextId!, faultId: faultId! }];
  });
}

function update(id: number, next: Partial<InHand>): void {
  inHand.value = inHand.peek().map(held => {
    return held.group.iopfGroupId === id ? { ...held, ...next } : held;
  });
}

function remove(id: number): void {
  inHand.value = inHand.peek().filter(({ group }) => group.iopfGroupId !== id);
  if (chosen.peek() === id) chosen.value = heldGroups()[0]?.group.iopfGroupId ?? null;
}

export function heldGroups(): readonly InHand[] {
  return inHand.peek().filter(({ state }) => state === 'HELD');
}

/** Waits for the person. */
function decide(group: FaultGroup<'hex'>, signal: AbortSignal): Promise<FaultAnswer> {
  const id = group.iopfGroupId;
  const others = inHand.peek().filter(held => held.group.iopfGroupId !== id);
  inHand.value = [...others, { group, since: performance.now(), state: 'HELD', why: '' }];
  chosen.value ??= id;
  announceEach(`Group ${id} came, cookie ${group.cookie}${group.redelivered ? ', again' : ''}.`);
  return new Promise((resolve, reject) => {
    decisions.set(id, resolve);
    signal.addEventListener('abort', () => {
      decisions.delete(id);
      const why = wordsOf(signal.reason);
      update(id, { state: 'TAKEN_AWAY', why });
      if (chosen.peek() === id) chosen.value = heldGroups()[0]?.group.iopfGroupId ?? null;
      announceEach(`Group ${id} was taken away: ${why}`);
      setTimeout(() => remove(id), TAKEN_MS);
      reject(signal.reason);
    });
  });
}

export function startHandling(queue: Queue): void {
  if (handling.peek() !== null) return;
  handling.value = queue;
  handlerProblem.value = null;
  answeredCount.value = 0;
  void connectHandler(queue);
}

/** The client's code is loaded when it is first needed: who only looks needs none of it. */
async function connectHandler(queue: Queue): Promise<void> {
  const { machine: machineId, contextId, faultId } = queue;
  const { handleFaults } = await import('../../../src/client/handle-faults.ts');
  // Stopped before it began.
  if (handling.peek() !== queue) return;
  handler = handleFaults(
    {
      url: location.origin,
      token: token(),
      machineId,
      contextId,
      faultId,
      maxInFlight: IN_FLIGHT,
      addresses: 'hex',
      onNotice: note,
    },
    (group, { signal }) => decide(group, signal),
  );
  announce(`You handle the faults of queue ${faultId}.`);
  handler.ended.then(
    () => ended(null),
    error => ended(wordsOf(error)),
  );
}

function note(notice: HandlerNotice): void {
  switch (notice.kind) {
    case 'CONNECTED':
      isCut = false;
      break;
    case 'DISCONNECTED':
      isCut = true;
      for (const held of inHand.peek()) if (held.state === 'ANSWERING') wait(held, held.why);
      break;
    case 'ANSWERED':
      answeredCount.value += 1;
      sayWaited(notice.iopfGroupId);
      remove(notice.iopfGroupId);
      break;
    case 'ANSWER_REFUSED':
      handlerProblem.value = `${notice.errno}: ${notice.message}`;
      remove(notice.iopfGroupId);
  }
}

/** An answer that cannot be sent yet. */
function wait({ group: { iopfGroupId, cookie } }: InHand, code: string): void {
  update(iopfGroupId, { state: 'WAITING', why: code });
  announceEach(`Cookie ${cookie}: ${code} waits, for the server does not answer.`);
}

function sayWaited(id: number): void {
  const held = inHand.peek().find(({ group }) => group.iopfGroupId === id);
  if (held?.state === 'WAITING') announceEach(`Cookie ${held.group.cookie}: ${held.why}.`);
}

function ended(problem: string | null): void {
  handler = null;
  isCut = false;
  handling.value = null;
  inHand.value = [];
  chosen.value = null;
  decisions.clear();
  handlerProblem.value = problem;
  announce(problem ?? 'You do not handle faults any more.');
}

export function stopHandling(): void {
  if (handler === null) ended(null);
  else void handler.stop();
}

/** `h`: begins with the first queue of the moment, or stops. */
export function toggleHandling(): void {
  tab.value = 'handler';
  if (handling.peek() !== null) return stopHandling();
  const [queue] = queuesOf();
  if (queue !== undefined) startHandling(queue);
  else tell(`${machine.peek()} has no fault queue at this moment.`);
}

export function answer(code: FaultAnswer, id: number | null = chosen.peek()): void {
  const held = inHand.peek().find(({ group }) => group.iopfGroupId === id);
  if (held?.state !== 'HELD') return;
  const { iopfGroupId, cookie } = held.group;
  if (isCut) wait(held, code);
  else {
    update(iopfGroupId, { state: 'ANSWERING', why: code });
    announceEach(`Cookie ${cookie}: ${code}.`);
  }
  if (chosen.peek() === id) chosen.value = heldGroups()[0]?.group.iopfGroupId ?? null;
  decisions.get(iopfGroupId)?.(code);
  decisions.delete(iopfGroupId);
}

/** The next group in hand, or the one before. */
export function choose(by: -1 | 1): void {
  const ids = heldGroups().map(({ group }) => group.iopfGroupId);
  if (ids.length === 0) return;
  const at = ids.indexOf(chosen.peek() ?? -1);
  chosen.value = ids[(at + by + ids.length) % ids.length]!;
  const { group } = heldGroups().find(held => held.group.iopfGroupId === chosen.peek())!;
  announce(`Group ${group.iopfGroupId}, cookie ${group.cookie}.`);
}
