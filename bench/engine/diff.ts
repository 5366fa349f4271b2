/** Comparing two moments of a machine with few or many objects: the core alone. */
import { diffStates } from '../../src/core/explain/diff.ts';
import { canonicalText, fromPlain, toPlain } from '../../src/core/machine/snapshot.ts';
import type { MachineState } from '../../src/core/machine/state.ts';
import { allocate, fill } from '../core/objects.ts';
import { atMost, type BenchRow, count, median, timed } from '../measure.ts';

/** Objects, and rounds of each side. */
const SIZES = [
  [100, 500],
  [100_000, 3],
] as const;

export const DIFF_NOTE = `\
The bare side of a diff writes both states as text, which tells that they differ and not where.
Far moments: half of the objects are not there before. A moment's own seek is not in these rows.`;

export async function benchDiff(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const [objects, rounds] of SIZES) {
    const filled = fill(objects);
    const before = asLookedAt(filled.state);
    allocate(filled);
    const after = asLookedAt(filled.state);
    const far = asLookedAt(fill(objects / 2).state);
    rows.push(await compare('neighbouring', objects, rounds, before, after));
    rows.push(await compare('far', objects, rounds, far, after));
  }
  return rows;
}

/** As the past of a machine is given. */
function asLookedAt(state: MachineState): MachineState {
  return fromPlain(toPlain(state));
}

async function compare(
  which: string,
  objects: number,
  rounds: number,
  before: MachineState,
  after: MachineState,
): Promise<BenchRow> {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(
      await timed(() => {
        if (diffStates(before, after).length === 0) throw new Error('no difference was found');
      }),
    );
    bare.push(await timed(() => canonicalText(before) === canonicalText(after)));
  }
  const times = { ours: median(ours), bare: median(bare) };
  const what = `diff of ${which} moments, ${count(objects)} objects, against both as text`;
  return atMost(what, 'ms', times, null, 2);
}
