/**
 * What snapshots cost: appends through the engine with them against appends without, and the size
 * of both databases. A fault handler's operations, three a commit.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Engine } from '../../src/engine/machine/engine.ts';
import type { Machine } from '../../src/engine/machine/machine.ts';
import { openSqliteLog } from '../../src/log/sqlite/sqlite.ts';
import { atMost, type BenchRow, inDirectory, median, timed } from '../measure.ts';
import { type Faulting, faultCycle, MACHINE, makeFaulting } from './workload.ts';

const APPEND_BAR = 1.05;
const SIZE_BAR = 1.25;
/** Of each side, so that a busy machine disturbs both alike. */
const TURNS_A_ROUND = 50;
/** IOASes that join one commit while the machine is filled. */
const IOASES_AT_ONCE = 100;

/** Objects of the machine that grows, and by how many at a time each side does. */
const GROWN = 50_000;
const GROWN_A_TURN = 1_000;

export const SNAPSHOTS_NOTE = `\
A round of appends with snapshots has ten of a small state and one of a large one, which lie far
apart; the bare side has as many events and no snapshot.`;

/** A machine with so many objects, and rounds of so many snapshots. */
interface Shape {
  readonly objects: number;
  readonly rounds: number;
  readonly snapshotsARound: number;
}

const SHAPES: readonly Shape[] = [
  { objects: 5, rounds: 40, snapshotsARound: 10 },
  { objects: 10_000, rounds: 5, snapshotsARound: 1 },
];

export async function benchSnapshots(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const shape of SHAPES) rows.push(...(await compare(shape)));
  rows.push(...(await compareGrowing()));
  return rows;
}

interface Side {
  readonly engine: Engine;
  readonly faulting: Faulting;
  readonly machine: Machine;
  page: number;
  /** Bytes of the database, which is closed. */
  size(): Promise<number>;
}

function compare({ objects, rounds, snapshotsARound }: Shape): Promise<BenchRow[]> {
  return inDirectory(async directory => {
    const ours = await openSide(join(directory, 'with.db'), objects, true);
    const bare = await openSide(join(directory, 'without.db'), objects, false);
    const sides = { ours, bare };
    // From one snapshot to the next.
    await appendUntil(ours, ours.machine.snapshots.next);
    await appendUntil(bare, ours.machine.state.seq);
    const distance = ours.machine.snapshots.next - ours.machine.state.seq;
    const times: Record<'ours' | 'bare', number[]> = { ours: [], bare: [] };
    for (let round = 0; round < rounds; round++) {
      const from = ours.machine.state.seq;
      const spent = { ours: 0, bare: 0 };
      for (let turn = 1; turn <= TURNS_A_ROUND; turn++) {
        const until = from + Math.ceil((snapshotsARound * distance * turn) / TURNS_A_ROUND);
        for (const name of orderOf(turn))
          spent[name] += await timed(() => appendUntil(sides[name], until));
      }
      times.ours.push(spent.ours);
      times.bare.push(spent.bare);
    }
    const sizes = { ours: (await ours.size()) / 1e6, bare: (await bare.size()) / 1e6 };
    const ms = { ours: median(times.ours), bare: median(times.bare) };
    const what = `${objects.toLocaleString('en-US')} objects, snapshots against none`;
    return [
      atMost(`appends through the engine, ${what}`, 'ms', ms, APPEND_BAR, 1),
      atMost(`database, ${what}`, 'MB', sizes, SIZE_BAR, 1),
    ];
  });
}

/** Each side is first every other time. */
function orderOf(turn: number): readonly ('ours' | 'bare')[] {
  return turn % 2 === 0 ? ['ours', 'bare'] : ['bare', 'ours'];
}

/** A state that grows with every operation, from nothing on. */
function compareGrowing(): Promise<BenchRow[]> {
  return inDirectory(async directory => {
    const ours = await openSide(join(directory, 'with.db'), 0, true);
    const bare = await openSide(join(directory, 'without.db'), 0, false);
    const sides = { ours, bare };
    const spent = { ours: 0, bare: 0 };
    for (let turn = 1; turn <= GROWN / GROWN_A_TURN; turn++) {
      for (const name of orderOf(turn)) {
        const { engine, machine } = sides[name];
        spent[name] += await timed(() => grow(engine, machine, turn * GROWN_A_TURN));
      }
    }
    const sizes = { ours: (await ours.size()) / 1e6, bare: (await bare.size()) / 1e6 };
    const what = `growing to ${GROWN.toLocaleString('en-US')} objects, snapshots against none`;
    return [
      atMost(`appends through the engine, ${what}`, 'ms', spent, APPEND_BAR, 1),
      atMost(`database, ${what}`, 'MB', sizes, SIZE_BAR, 1),
    ];
  });
}

async function openSide(file: string, objects: number, snapshots: boolean): Promise<Side> {
  const log = await openSqliteLog({ file, durability: 'normal' });
  const engine = new Engine({ log, now: Date.now });
  const faulting = await makeFaulting(engine);
  const machine = await engine.machine(MACHINE);
  if (!snapshots) machine.snapshots = { ...machine.snapshots, next: Number.MAX_SAFE_INTEGER };
  await grow(engine, machine, objects);
  const size = async () => {
    await log.close();
    return statSync(file).size;
  };
  return { engine, faulting, machine, page: 0, size };
}

/** Allocates IOASes until the machine's first context has so many objects. */
async function grow(engine: Engine, machine: Machine, objects: number): Promise<void> {
  const [context] = machine.state.contexts.values();
  const { contextId, objects: there } = context!;
  const alloc = { type: 'IoasAlloc', contextId, flags: 0 } as const;
  while (there.size < objects) {
    const more = Math.min(IOASES_AT_ONCE, objects - there.size);
    await Promise.all(Array.from({ length: more }, () => engine.execute(MACHINE, alloc)));
  }
}

async function appendUntil(side: Side, seq: number): Promise<void> {
  const { engine, faulting, machine } = side;
  while (machine.state.seq < seq) await faultCycle(engine, faulting, side.page++);
}
