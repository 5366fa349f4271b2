/**
 * Bookmarks: names for moments. Users make some; each refused operation has one by itself,
 * `refused-7` by the operation's number, and each hazard, `hazard-2` by how many there were by then.
 * Those are not stored: they follow from the log.
 */
import { BOOKMARKS_MAX } from '../../abi/limits.ts';
import type { Engine } from '../machine/engine.ts';
import { BookmarkError, UnknownBookmarkError } from '../machine/errors.ts';
import type { History } from './history.ts';
import { lastNumberUntil, type MomentPlace, numberOfEvent } from './places.ts';

export type BookmarkKind = 'NAMED' | 'REFUSED' | 'HAZARD';

export interface PlacedBookmark extends MomentPlace {
  readonly kind: BookmarkKind;
  readonly name: string;
  readonly note: string;
  /** Milliseconds since the epoch when it was made; null for those that follow from the log. */
  readonly atMs: number | null;
}

/** One name a moment: no leading zeros. */
const AUTOMATIC = /^(refused|hazard)-([1-9]\d{0,14})$/;
const RESERVED = /^(refused|hazard)-/;

/** Errors: UnknownBookmarkError. */
export async function findBookmark(
  engine: Engine,
  history: History,
  machineId: string,
  name: string,
): Promise<MomentPlace> {
  const [, kind, digits] = AUTOMATIC.exec(name) ?? [];
  const count = Number(digits);
  if (kind === 'refused') {
    const [found] = await engine.log.read(machineId, { afterNumber: count - 1, limit: 1 });
    if (found?.number === count && found.errno !== 0) return { number: count, seq: found.seq };
  } else if (kind === 'hazard') {
    const seq = await seqOfHazard(history, engine, machineId, count);
    if (seq !== null) return { number: await numberOfEvent(engine, machineId, seq), seq };
  } else {
    const found = await engine.log.bookmark(machineId, name);
    if (found !== null) {
      return { number: await lastNumberUntil(engine, machineId, found.seq), seq: found.seq };
    }
  }
  throw new UnknownBookmarkError(machineId, name);
}

/** The seq of the machine's n-th hazard: their count only rises. null if there were fewer. */
async function seqOfHazard(
  history: History,
  engine: Engine,
  machineId: string,
  nth: number,
): Promise<number | null> {
  const { seq, hazards, hazardCount } = (await engine.settled(machineId)).state;
  if (nth < 1 || nth > hazardCount) return null;
  const listed = hazards[nth - 1 - (hazardCount - hazards.length)];
  if (listed !== undefined) return listed.seq;
  let low = 1;
  let high = seq;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((await history.stateAt(machineId, middle)).hazardCount >= nth) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Errors: UnknownMachineError, BookmarkError: the name is taken, reserved, or there are too many. */
export async function addBookmark(
  engine: Engine,
  machineId: string,
  name: string,
  note: string,
  place: MomentPlace,
): Promise<PlacedBookmark> {
  const [prefix] = RESERVED.exec(name) ?? [];
  if (prefix !== undefined) {
    throw new BookmarkError(
      `"${name}" begins with "${prefix}", as only the names of refused operations and hazards do; take another`,
    );
  }
  const there = await engine.log.bookmarks(machineId);
  if (there.some(bookmark => bookmark.name === name)) {
    throw new BookmarkError(`machine "${machineId}" has a bookmark "${name}" already`);
  }
  if (there.length >= BOOKMARKS_MAX) {
    throw new BookmarkError(`a machine has at most ${BOOKMARKS_MAX} bookmarks; delete one first`);
  }
  const atMs = engine.now();
  await engine.log.putBookmark({ machineId, name, seq: place.seq, note, atMs });
  return { kind: 'NAMED', name, note, atMs, ...place };
}

export interface BookmarkCursor {
  readonly number: number;
  readonly name: string;
}

/**
 * Those up to a view of the machine, by operation and name, after `cursor`; at most `limit`.
 * `hazardSeqs` are those of the view's state, of which `hazardCount` counts all.
 */
export async function listBookmarks(
  engine: Engine,
  machineId: string,
  view: {
    readonly seq: number;
    readonly hazards: readonly { readonly seq: number; readonly detail: string }[];
    readonly hazardCount: number;
  },
  options: {
    readonly kinds: ReadonlySet<BookmarkKind>;
    readonly after: BookmarkCursor;
    readonly limit: number;
  },
): Promise<PlacedBookmark[]> {
  const { kinds, after, limit } = options;
  const found: PlacedBookmark[] = [];
  const add = (bookmark: PlacedBookmark) => {
    if (isAfter(bookmark, after)) found.push(bookmark);
  };
  if (kinds.has('NAMED')) {
    for (const { name, note, seq, atMs } of await engine.log.bookmarks(machineId)) {
      if (seq > view.seq) continue;
      const number = await lastNumberUntil(engine, machineId, seq);
      add({ kind: 'NAMED', name, note, seq, number, atMs });
    }
  }
  if (kinds.has('HAZARD')) {
    const first = view.hazardCount - view.hazards.length + 1;
    for (const [i, { seq, detail }] of view.hazards.entries()) {
      const number = await numberOfEvent(engine, machineId, seq);
      add({ kind: 'HAZARD', name: `hazard-${first + i}`, note: detail, seq, number, atMs: null });
    }
  }
  if (kinds.has('REFUSED')) {
    const untilNumber = await lastNumberUntil(engine, machineId, view.seq);
    const afterNumber = Math.max(0, after.number - 1);
    const bounds = { afterNumber, untilNumber, limit: limit + 1 };
    for (const number of await engine.log.refused(machineId, bounds)) {
      const [operation] = await engine.log.read(machineId, { afterNumber: number - 1, limit: 1 });
      if (operation === undefined) continue;
      const { command, errno, seq } = operation;
      const note = `${command.type}: ${errno}`;
      add({ kind: 'REFUSED', name: `refused-${number}`, note, seq, number, atMs: null });
    }
  }
  return found.sort(byPlace).slice(0, limit);
}

function byPlace(a: BookmarkCursor, b: BookmarkCursor): number {
  return a.number - b.number || (a.name < b.name ? -1 : 1);
}

function isAfter(bookmark: BookmarkCursor, cursor: BookmarkCursor): boolean {
  if (bookmark.number !== cursor.number) return bookmark.number > cursor.number;
  return bookmark.name > cursor.name;
}
