/** What DMA costs, the core alone: from a cache, by walks among many areas, by its length. */
import { fromPlain, type Plain, toPlain } from '../../src/core/machine/snapshot.ts';
import type { MachineState } from '../../src/core/machine/state.ts';
import { atLeast, atMost, type BenchRow, median, timed } from '../measure.ts';
import {
  invalidateAll,
  type MachineOptions,
  type ModelledMachine,
  makeModelled,
  mapGuestMemory,
  mapInGuest,
  PAGE,
  readBy,
  run,
  TABLES_END,
  writeBy,
} from './modelled-machine.ts';

/** Many short rounds: on a busy machine most of them still run undisturbed. */
const SHORT = { rounds: 250, repeats: 200 };
/** Of walks: long enough that what the other side used before is out of the processor's caches. */
const LONG = { rounds: 40, repeats: 4_000 };
const WARM_UP = 20_000;
const IOVA = 1n << 30n;
const PAGES = 2_048;
/** Pages that walks go over, spread over all areas: what a device works on for a while. */
const WALKED_PAGES = 512;
const FEW_AREAS = 1_000;
const MANY_AREAS = 1_000_000;
const CACHED = 65_536;
const SNAPSHOT_ROUNDS = 40;
const SNAPSHOT_BAR = 1.2;
const MIB = 1n << 20n;

export const HARDWARE_NOTE = `\
A cached DMA is one event, and so is hardwareAdvance, which changes one number. Rates of cached DMAs
and of walks are of one thread of the core; their bars are for a quiet machine. A walk reads 4 words
of the guest’s table, looks 5 times into the second stage and fills one cache; walks go over 512
pages that are spread over all areas.`;

type Operate = (i: number) => void;

export async function benchHardwareCore(): Promise<BenchRow[]> {
  return [...(await cachedDma()), ...(await walks()), ...(await lengths()), ...(await snapshots())];
}

const pageAt = (i: number) => IOVA + BigInt(i % PAGES) * PAGE;

async function cachedDma(): Promise<BenchRow[]> {
  const { state } = withPages(PAGES);
  const dma: Operate = i => readBy(state, pageAt(i * 7));
  const plain: Operate = () => run(state, 'HardwareAdvance', { ticks: 1 });
  const { ours, bare } = await compare(dma, plain);
  const rate = { ours: 1e6 / ours, bare: 200_000 };
  return [
    atMost('cached DMA, against hardwareAdvance', 'µs', { ours, bare }, null, 2),
    atLeast('cached DMAs in a second, against the aim', '/s', rate, 1),
  ];
}

/** Guest memory behind the tables, mapped page by page in the guest's table. */
function withPages(pages: number, options: MachineOptions = {}): ModelledMachine {
  const machine = makeModelled(options);
  mapGuestMemory(machine, TABLES_END, BigInt(pages) * PAGE);
  mapInGuest(machine, IOVA, TABLES_END, pages);
  for (let i = 0; i < pages; i++) readBy(machine.state, IOVA + BigInt(i) * PAGE);
  return machine;
}

async function walks(): Promise<BenchRow[]> {
  const many = walking(MANY_AREAS);
  const few = walking(FEW_AREAS);
  const { ours, bare } = await compare(many, few, LONG);
  const what = `walk of 4 levels, ${MANY_AREAS.toLocaleString('en-US')} areas`;
  const rate = { ours: 1e6 / ours, bare: 50_000 };
  return [
    atMost(`${what} against ${FEW_AREAS.toLocaleString('en-US')}`, 'µs', { ours, bare }, 2, 2),
    atLeast('such walks in a second, against the aim', '/s', rate, 1),
  ];
}

/** Each area is one page, with a hole behind it; the guest's pages lie in areas all over them. */
function walking(areas: number): Operate {
  // A cache of one translation: whoever goes on to the next page walks.
  const machine = makeModelled({ iommu: { iotlb: { entries: 1, lru: false } }, fn: { ats: null } });
  const gpaOf = (area: number) => TABLES_END + BigInt(area) * 2n * PAGE;
  // The tables have an area too.
  for (let area = 0; area < areas - 1; area++) mapGuestMemory(machine, gpaOf(area), PAGE);
  const pages = WALKED_PAGES;
  for (let i = 0; i < pages; i++) {
    mapInGuest(machine, pageAt(i), gpaOf(Math.floor((i * (areas - 1)) / pages)), 1);
  }
  return i => readBy(machine.state, IOVA + BigInt((i * 7) % pages) * PAGE);
}

/** A large page of the guest, all of it in one area: the walk is the same whatever is moved. */
async function lengths(): Promise<BenchRow[]> {
  const machine = makeModelled();
  const gpa = 1n << 21n;
  mapGuestMemory(machine, gpa, 1n << 21n);
  mapInGuest(machine, IOVA, gpa, 1, 1n << 21n);
  const mib: Operate = i => writeBy(machine.state, IOVA, MIB, i % 256);
  const page: Operate = i => writeBy(machine.state, IOVA + MIB, PAGE, i % 256);
  const { ours, bare } = await compare(mib, page);
  const sizes = { ours: sizeAfter(MIB) / 1e3, bare: sizeAfter(PAGE) / 1e3 };
  return [
    atMost('DMA of 1 MiB, against 4 KiB', 'µs', { ours, bare }, 2, 2),
    atMost('state after a write of 1 MiB, against 4 KiB', 'kB', sizes, 1.01, 2),
  ];
}

function sizeAfter(length: bigint): number {
  const machine = makeModelled();
  const gpa = 1n << 21n;
  mapGuestMemory(machine, gpa, 1n << 21n);
  mapInGuest(machine, IOVA, gpa, 1, 1n << 21n);
  writeBy(machine.state, IOVA, length, 7);
  return textOf(machine.state).length;
}

const textOf = (state: MachineState) => JSON.stringify(toPlain(state));

/**
 * A guest of which a device has read each page, and the same once the cache was invalidated: what the
 * reads wrote into the guest's table, its accessed bits, both have.
 */
async function snapshots(): Promise<BenchRow[]> {
  // Without ATS the IOTLB alone is filled.
  const fn = { ats: null };
  const full = withPages(CACHED, { fn });
  const bare = withPages(CACHED, { fn });
  invalidateAll(bare);
  const sizes = [full, bare].map(({ state }) => state.iommus.get(0)!.iotlb.size);
  if (sizes[0] !== CACHED || sizes[1] !== 0) throw new Error(`${sizes} translations are cached`);
  const texts = { ours: textOf(full.state), bare: textOf(bare.state) };
  const states = { ours: full.state, bare: bare.state };
  const write = await byTurns(side => textOf(states[side]));
  const read = await byTurns(side => fromPlain(JSON.parse(texts[side]) as Plain));
  const what = 'with 65,536 cached translations, against none';
  return [
    atMost(`snapshot ${what}`, 'ms', write, SNAPSHOT_BAR, 1),
    atMost(`state from a snapshot ${what}`, 'ms', read, SNAPSHOT_BAR, 1),
  ];
}

/** Milliseconds of each. Who goes first changes: what one leaves to the collector the next pays for. */
async function byTurns(work: (side: 'ours' | 'bare') => unknown) {
  const times: Record<'ours' | 'bare', number[]> = { ours: [], bare: [] };
  for (let round = 0; round < SNAPSHOT_ROUNDS; round++) {
    const order = ['ours', 'bare'] as const;
    for (const side of round % 2 === 0 ? order : order.toReversed()) {
      times[side].push(await timed(() => work(side)));
    }
  }
  return { ours: median(times.ours), bare: median(times.bare) };
}

/** Microseconds of each, by turns, once all is compiled. */
async function compare(ours: Operate, bare: Operate, { rounds, repeats } = SHORT) {
  const times: Record<'ours' | 'bare', number[]> = { ours: [], bare: [] };
  const sides = { ours, bare };
  const done = { ours: 0, bare: 0 };
  const repeat = (side: 'ours' | 'bare', times_: number) => {
    for (let i = 0; i < times_; i++) sides[side](done[side]++);
  };
  for (const side of ['ours', 'bare'] as const) repeat(side, WARM_UP);
  for (let round = 0; round < rounds; round++) {
    for (const side of ['ours', 'bare'] as const) {
      times[side].push(await timed(() => repeat(side, repeats)));
    }
  }
  const each = (values: readonly number[]) => (median(values) * 1_000) / repeats;
  return { ours: each(times.ours), bare: each(times.bare) };
}
