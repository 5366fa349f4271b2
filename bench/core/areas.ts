/**
 * What an operation on an address space costs with 100,000 areas against one with 100, and with
 * an area of 1 TiB against one of a page: the core alone.
 */
import { atMost, type BenchRow, median, timed } from '../measure.ts';
import {
  type AddressSpace,
  addDomain,
  attachAndDetach,
  copyAndUnmap,
  detachAndAttach,
  makeAttachedSpace,
  makeDirtySpace,
  makeSpace,
  mapAndUnmap,
  mapAutomatic,
  PAGE,
  pinAll,
  pinAndUnpin,
  readBitmap,
  readDirty,
  TIB,
  translate,
  UNCOUNTED,
  unmapAndMap,
  unmapPinned,
} from './address-space.ts';

/** Many short rounds: on a busy machine most of them still run undisturbed. */
const ROUNDS = 250;
const REPEATS = 100;
const WARM_UP = 5_000;
const FEW = 100;
const MANY = 100_000;
const BAR = 2;
/** Of the rows that take as long as there are areas. */
const FILL_ROUNDS = 5;

export const AREAS_NOTE = `\
The first domain of an address space takes every area that is there (iopt_fill_domain), and the last
one lets go of each. Where pinned pages are counted, that takes as long as there are areas: the row
is per area and has no bar; 100 areas stay in the processor's caches, 100,000 do not.
In the rows of 1 TiB an access pins 16 MiB of it, the most one call can pin, and no
domain pins those pages as well.`;

type Operate = (space: AddressSpace) => void;
type Operations = readonly (readonly [what: string, operate: Operate])[];

const PIN = ['testAccessPages and testDestroyAccessPages', pinAndUnpin] as const;
const FIRST_DOMAIN = ['deviceAttach and deviceDetach, the first domain', attachAndDetach] as const;

/** On a space with a domain. */
const OPERATIONS: Operations = [
  ['ioasMap and ioasUnmap behind all areas', mapAndUnmap],
  ['ioasUnmap and ioasMap of an area', unmapAndMap],
  ['ioasMap at an automatic IOVA, and ioasUnmap', mapAutomatic],
  ['ioasCopy and ioasUnmap', copyAndUnmap],
  ['translate', translate],
  ['hwptGetDirtyBitmap, clean', readBitmap],
  ['hwptAlloc and destroy', addDomain],
  ['deviceDetach and deviceAttach', detachAndAttach],
];

interface Sides {
  readonly large: AddressSpace;
  readonly small: AddressSpace;
  /** How they differ. */
  readonly against: string;
}

export async function benchAreas(): Promise<BenchRow[]> {
  const attached = countSides(areas => makeAttachedSpace(areas, PAGE));
  const uncounted = countSides(areas => makeSpace(areas, PAGE, UNCOUNTED));
  return [
    ...(await compareAll([...OPERATIONS, PIN], attached)),
    ...(await compareAll([['ioasUnmap of a pinned area', unmapPinned]], countSides(makePinned))),
    ...(await compareAll(
      [['testDirty and hwptGetDirtyBitmap', readDirty]],
      countSides(makeDirtySpace),
    )),
    ...(await compareAll([[`${FIRST_DOMAIN[0]}, CAP_IPC_LOCK`, attachAndDetach]], uncounted)),
    await compareFill(),
    ...(await compareAll(OPERATIONS, lengthSides(makeAttachedSpace))),
    ...(await compareAll([PIN, FIRST_DOMAIN], lengthSides(makeSpace))),
  ];
}

function makePinned(areas: number): AddressSpace {
  const space = makeAttachedSpace(areas, PAGE);
  pinAll(space);
  return space;
}

function countSides(make: (areas: number) => AddressSpace): Sides {
  return { large: make(MANY), small: make(FEW), against: '100,000 areas against 100' };
}

function lengthSides(make: (areas: number, length: bigint) => AddressSpace): Sides {
  return { large: make(1, TIB), small: make(1, PAGE), against: '1 TiB against 4 KiB' };
}

async function compareAll(operations: Operations, sides: Sides): Promise<BenchRow[]> {
  const { large, small, against } = sides;
  // All of them first, so that nothing is compiled anew while one is measured.
  for (let time = 0; time < WARM_UP; time++) {
    for (const [, operate] of operations) for (const space of [large, small]) operate(space);
  }
  const rows: BenchRow[] = [];
  for (const [what, operate] of operations) {
    const times = await measure(
      ROUNDS,
      () => repeat(REPEATS, operate, large),
      () => repeat(REPEATS, operate, small),
    );
    const microseconds = (milliseconds: number) => (milliseconds * 1_000) / REPEATS;
    const pair = { ours: microseconds(times.large), bare: microseconds(times.small) };
    rows.push(atMost(`${what}, ${against}`, 'µs', pair, BAR, 1));
  }
  return rows;
}

/** The first domain where pages are counted: both sides fill as many areas. */
async function compareFill(): Promise<BenchRow> {
  const { large, small, against } = countSides(areas => makeSpace(areas, PAGE));
  const times = await measure(
    FILL_ROUNDS,
    () => attachAndDetach(large),
    () => repeat(MANY / FEW, attachAndDetach, small),
  );
  const nanoseconds = (milliseconds: number) => (milliseconds * 1_000_000) / MANY;
  const pair = { ours: nanoseconds(times.large), bare: nanoseconds(times.small) };
  const what = `${FIRST_DOMAIN[0]}, for each area, ${against}`;
  return atMost(what, 'ns', pair, null, 0);
}

function repeat(times: number, operate: Operate, space: AddressSpace): void {
  for (let time = 0; time < times; time++) operate(space);
}

/** Medians of rounds that take turns, after one that does not count; milliseconds. */
async function measure(rounds: number, large: () => void, small: () => void) {
  const times: Record<'large' | 'small', number[]> = { large: [], small: [] };
  for (const run of [large, small]) run();
  for (let round = 0; round < rounds; round++) {
    times.large.push(await timed(large));
    times.small.push(await timed(small));
  }
  return { large: median(times.large), small: median(times.small) };
}
