/** The log near the playhead, in pieces that are kept: a piece that is full never changes. */
import { signal } from '@preact/signals';
import { EventWindowDocument, type EventWindowQuery } from '../documents.ts';
import { ask, wordsOf } from './server.ts';

export type LogLine = EventWindowQuery['machine']['events']['edges'][number]['node'];

/** Events in a piece; the first piece has the events 1 to 250. */
const PIECE = 250;
/** Pieces kept, of all machines. */
const PIECES_MAX = 60;

const pieces = new Map<string, readonly LogLine[]>();
const asked = new Set<string>();

/** Changes when a piece came: whoever reads lines reads this too. */
export const linesVersion = signal(0);
export const linesError = signal<string | null>(null);

function isFull(lines: readonly LogLine[] | undefined): boolean {
  return lines?.length === PIECE;
}

async function load(machineId: string, index: number, newest: number): Promise<void> {
  const name = `${machineId}@${index}`;
  if (asked.has(name)) return;
  asked.add(name);
  const to = Math.min((index + 1) * PIECE, newest);
  try {
    const last = to - index * PIECE;
    const { machine } = await ask(EventWindowDocument, { machineId, to, last });
    pieces.delete(name);
    pieces.set(
      name,
      machine.events.edges.map(({ node }) => node),
    );
    if (pieces.size > PIECES_MAX) pieces.delete(pieces.keys().next().value!);
    linesError.value = null;
  } catch (error) {
    linesError.value = wordsOf(error);
  }
  asked.delete(name);
  // Last, for whoever reads lines now may ask for the rest of this piece.
  if (linesError.peek() === null) linesVersion.value += 1;
}

/** The events from one seq to another that are here; the others are on their way. */
export function linesOf(
  machineId: string,
  from: number,
  to: number,
  newest: number,
): readonly LogLine[] {
  const first = Math.max(from, 1);
  const last = Math.min(to, newest);
  const found: LogLine[] = [];
  for (let index = Math.floor((first - 1) / PIECE); index * PIECE < last; index += 1) {
    const lines = pieces.get(`${machineId}@${index}`);
    const end = Math.min((index + 1) * PIECE, newest);
    const whole = isFull(lines) || (lines !== undefined && index * PIECE + lines.length >= end);
    if (!whole) void load(machineId, index, newest);
    for (const line of lines ?? []) if (line.seq >= first && line.seq <= last) found.push(line);
  }
  return found;
}

/** A machine that was deleted and made again has another log under the same name. */
export function forgetLines(): void {
  pieces.clear();
  linesVersion.value += 1;
}
