/**
 * What an operation on an address space costs with 100,000 areas against one with 100, and with
 * areas of 1 TiB against areas of one page: the core alone.
 */
import { DEFAULT_BASELINE } from '../src/abi/baselines.ts';
import type { Command } from '../src/core/command.ts';
import { execute } from '../src/core/execute.ts';
import { initialState, type MachineState, type UserProcess } from '../src/core/state.ts';
import { atMost, type BenchRow, median, timed } from './measure.ts';

const ROUNDS = 25;
const REPEATS = 1_000;
const WARM_UP = 10_000;
const FEW = 100;
const MANY = 100_000;

const PAGE = 4096n;
const TIB = 1n << 40n;
const CONTEXT_ID = 1;
const IOAS_ID = 1;
/** Memory enough for every area, from here on. */
const MEMORY = 1n << 46n;
/** Areas lie in pairs of pages from here on: mapped, free. */
const BASE = 1n << 32n;
/** Reserved for what the operations map, and empty before each of them. */
const FREE = 1n << 44n;

/** Without CAP_IPC_LOCK, so that pinned pages are counted too. */
const PROCESS: UserProcess = {
  memory: [{ start: MEMORY, last: (1n << 47n) - 1n }],
  capIpcLock: false,
  capSysResource: false,
  rlimitMemlock: null,
  userId: 1,
};

interface Filled {
  readonly state: MachineState;
  /** Areas mapped before. */
  readonly areas: number;
  /** Varies what an operation touches. */
  turn: number;
}

export async function benchAreas(): Promise<BenchRow[]> {
  const few = fill(FEW);
  const many = fill(MANY);
  const rows: BenchRow[] = [];
  // All of them first, so that nothing is compiled anew while one is measured.
  for (let time = 0; time < WARM_UP; time++) {
    for (const [, operate] of OPERATIONS) for (const filled of [few, many]) operate(filled);
    mapAndUnmap(few, TIB);
  }
  for (const [what, operate] of OPERATIONS) {
    rows.push(await compare(`${what}, 100,000 areas against 100`, [many, operate], [few, operate]));
  }
  rows.push(
    await compare(
      'map and unmap, 1 TiB against 4 KiB',
      [few, filled => mapAndUnmap(filled, TIB)],
      [few, filled => mapAndUnmap(filled, PAGE)],
    ),
  );
  return rows;
}

type Side = readonly [filled: Filled, operate: (filled: Filled) => void];

async function compare(what: string, large: Side, small: Side): Promise<BenchRow> {
  const repeat = ([filled, operate]: Side) => {
    for (let time = 0; time < REPEATS; time++) operate(filled);
  };
  for (const side of [large, small]) repeat(side);
  const times: Record<'large' | 'small', number[]> = { large: [], small: [] };
  for (let round = 0; round < ROUNDS; round++) {
    times.large.push(await timed(() => repeat(large)));
    times.small.push(await timed(() => repeat(small)));
  }
  const microseconds = (values: readonly number[]) => (median(values) * 1_000) / REPEATS;
  const pair = { ours: microseconds(times.large), bare: microseconds(times.small) };
  return atMost(what, 'µs', pair, 2, 1);
}

/** A PCI device's hwpt, dirty tracking on, and one area in each pair of pages. */
function fill(areas: number): Filled {
  const state = initialState();
  const bdf = '0000:01:00.0';
  const device = {
    bdf,
    groupWith: null,
    physfn: null,
    pri: true,
    dirtyTracking: true,
    dmaCoherent: true,
    msiIsolated: true,
    reservedRegions: [],
  };
  run(state, { type: 'MachineCreate', baseline: DEFAULT_BASELINE, devices: [device] });
  run(state, { type: 'ContextOpen', process: PROCESS });
  run(state, { type: 'IoasAlloc', contextId: CONTEXT_ID, flags: 0 });
  run(state, { type: 'DeviceBind', contextId: CONTEXT_ID, bdf });
  run(state, {
    type: 'HwptAlloc',
    contextId: CONTEXT_ID,
    flags: 2,
    devId: 2,
    ptId: IOAS_ID,
    dataType: 0,
    dataLen: 0,
    userData: null,
    faultId: 0,
  });
  const hwptId = 3;
  run(state, { type: 'HwptSetDirtyTracking', contextId: CONTEXT_ID, hwptId, flags: 1 });
  // Below the areas nothing is free, so that an automatic IOVA is looked for among and above them.
  run(state, {
    type: 'TestAddReserved',
    contextId: CONTEXT_ID,
    ioasId: IOAS_ID,
    start: 0n,
    length: BASE,
  });
  for (let area = 0; area < areas; area++) map(state, areaAt(area), PAGE);
  return { state, areas, turn: 0 };
}

const areaAt = (area: number) => BASE + BigInt(area) * 2n * PAGE;

/**
 * One of 100 places evenly among the areas, by turns: as many on both sides, so that the search is
 * compared and not how much memory the processor's caches hold.
 */
function someArea(filled: Filled): bigint {
  filled.turn = (filled.turn + 1) % FEW;
  return areaAt(filled.turn * Math.floor(filled.areas / FEW));
}

function map(state: MachineState, iova: bigint, length: bigint): void {
  const base = { type: 'IoasMap', contextId: CONTEXT_ID, ioasId: IOAS_ID } as const;
  run(state, { ...base, flags: 7, userVa: MEMORY, length, iova });
}

function unmap(state: MachineState, iova: bigint, length: bigint): void {
  run(state, { type: 'IoasUnmap', contextId: CONTEXT_ID, ioasId: IOAS_ID, iova, length });
}

/** Behind all areas. */
function mapAndUnmap({ state }: Filled, length: bigint): void {
  map(state, FREE, length);
  unmap(state, FREE, length);
}

/** One of the areas goes and comes back. */
function unmapAndMap(filled: Filled): void {
  const iova = someArea(filled);
  unmap(filled.state, iova, PAGE);
  map(filled.state, iova, PAGE);
}

/** Two pages: no hole among the areas is wide enough. */
function mapAutomatic({ state }: Filled): void {
  const base = { type: 'IoasMap', contextId: CONTEXT_ID, ioasId: IOAS_ID, flags: 6 } as const;
  const { reply } = execute(state, { ...base, userVa: MEMORY, length: 2n * PAGE, iova: 0n });
  unmap(state, (reply as { readonly iova: bigint }).iova, 2n * PAGE);
}

function copyAndUnmap(filled: Filled): void {
  const { state } = filled;
  run(state, {
    type: 'IoasCopy',
    contextId: CONTEXT_ID,
    flags: 7,
    dstIoasId: IOAS_ID,
    srcIoasId: IOAS_ID,
    length: PAGE,
    dstIova: FREE,
    srcIova: someArea(filled),
  });
  unmap(state, FREE, PAGE);
}

function readBitmap(filled: Filled): void {
  run(filled.state, {
    type: 'HwptGetDirtyBitmap',
    contextId: CONTEXT_ID,
    hwptId: 3,
    flags: 0,
    iova: someArea(filled),
    length: PAGE,
    pageSize: PAGE,
  });
}

const OPERATIONS: readonly (readonly [what: string, operate: (filled: Filled) => void])[] = [
  ['ioasMap and ioasUnmap behind them', filled => mapAndUnmap(filled, PAGE)],
  ['ioasUnmap and ioasMap among them', unmapAndMap],
  ['ioasMap at an automatic IOVA', mapAutomatic],
  ['ioasCopy and ioasUnmap', copyAndUnmap],
  ['hwptGetDirtyBitmap', readBitmap],
];

function run(state: MachineState, command: Command): void {
  const { errno } = execute(state, command);
  if (errno !== 0) throw new Error(`${command.type} was refused with ${errno}`);
}
