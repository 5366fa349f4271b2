/** Moments of a machine: a seq, an operation or a bookmark, and the place in the log each means. */
import type { MachineHead } from '../../log/log.ts';
import type { Engine } from '../machine/engine.ts';
import {
  OperationOutOfRangeError,
  SeqOutOfRangeError,
  TimeOutOfRangeError,
} from '../machine/errors.ts';
import { findBookmark } from './bookmarks.ts';
import type { History } from './history.ts';
import { lastNumberUntil, type MomentPlace } from './places.ts';

export type Moment =
  | { readonly seq: number }
  | { readonly operation: number }
  | { readonly time: Date }
  | { readonly bookmark: string };

/**
 * The last operation that ended at the moment or before it, and the moment's seq, which may be in
 * the middle of the next one. `argument` is what holds the moment, for errors. Errors: UnknownMachineError, SeqOutOfRangeError,
 * OperationOutOfRangeError, UnknownBookmarkError.
 */
export async function placeOfMoment(
  engine: Engine,
  history: History,
  machineId: string,
  moment: Moment,
  argument?: string,
): Promise<MomentPlace> {
  const newest = await engine.whenSettled(machineId, ({ state, committed }) => ({
    seq: state.seq,
    number: committed,
  }));
  if ('bookmark' in moment) return findBookmark(engine, history, machineId, moment.bookmark);
  const named = (name: string) => (argument === undefined ? name : `${argument}.${name}`);
  if ('operation' in moment) {
    return placeOfOperation(engine, machineId, moment.operation, newest, named('atOperation'));
  }
  if ('time' in moment) return placeOfTime(engine, machineId, moment.time, newest);
  const { seq } = moment;
  if (seq < 0 || seq > newest.seq) {
    throw new SeqOutOfRangeError(machineId, named('at'), seq, newest.seq);
  }
  return { number: await lastNumberUntil(engine, machineId, seq), seq };
}

async function placeOfOperation(
  { log }: Engine,
  machineId: string,
  number: number,
  newest: Pick<MachineHead, 'number'>,
  argument: string,
): Promise<MomentPlace> {
  const inRange = number >= 1 && number <= newest.number;
  const [operation] = inRange
    ? await log.readEvents(machineId, { afterNumber: number - 1, limit: 1 })
    : [];
  if (operation === undefined) {
    throw new OperationOutOfRangeError(machineId, argument, number, newest.number);
  }
  return { number, seq: operation.seq };
}

/** After the last operation that ran at that time or before it; by halves, as the clock goes on. */
async function placeOfTime(
  { log }: Engine,
  machineId: string,
  time: Date,
  newest: Pick<MachineHead, 'number'>,
): Promise<MomentPlace> {
  const at = async (number: number) =>
    (await log.read(machineId, { afterNumber: number - 1, limit: 1 }))[0];
  const first = await at(1);
  if (first === undefined || first.atMs > time.getTime()) {
    throw new TimeOutOfRangeError(machineId, time, new Date(first?.atMs ?? 0));
  }
  let place: MomentPlace = { number: 1, seq: first.seq };
  let after = newest.number + 1;
  while (after - place.number > 1) {
    const middle = Math.floor((place.number + after) / 2);
    const operation = await at(middle);
    if (operation !== undefined && operation.atMs <= time.getTime()) {
      place = { number: middle, seq: operation.seq };
    } else {
      after = middle;
    }
  }
  return place;
}
