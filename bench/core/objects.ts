/** What one operation costs in a context with 100,000 objects against one with 100: the core alone. */
import { DEFAULT_BASELINE } from '../../src/abi/baselines.ts';
import type { Command } from '../../src/core/machine/command.ts';
import { execute } from '../../src/core/machine/execute.ts';
import { initialState, type MachineState } from '../../src/core/machine/state.ts';
import { DEFAULT_TOPOLOGY } from '../../src/engine/trace/topology.ts';
import { atMost, type BenchRow, median, timed } from '../measure.ts';

/** Many short rounds: on a busy machine most of them still run undisturbed. */
const ROUNDS = 250;
const REPEATS = 500;
const FEW = 100;
const MANY = 100_000;

/** A context with a bound device, half of its objects IOASes and half hwpts on one of them. */
export interface Filled {
  readonly state: MachineState;
  readonly devId: number;
  readonly ioasId: number;
  readonly hwptId: number;
}

const CONTEXT_ID = 1;

export async function benchObjects(): Promise<BenchRow[]> {
  const few = fill(FEW);
  const many = fill(MANY);
  const rows: BenchRow[] = [];
  for (const [what, run] of [
    ['hwptAlloc and destroy', allocAndDestroy],
    ['deviceAttach and detach', attachAndDetach],
  ] as const) {
    const times: Record<'few' | 'many', number[]> = { few: [], many: [] };
    for (const filled of [few, many]) repeat(() => run(filled));
    for (let round = 0; round < ROUNDS; round++) {
      times.many.push(await timed(() => repeat(() => run(many))));
      times.few.push(await timed(() => repeat(() => run(few))));
    }
    const microseconds = (values: readonly number[]) => (median(values) * 1_000) / REPEATS;
    const pair = { ours: microseconds(times.many), bare: microseconds(times.few) };
    rows.push(atMost(`${what}, 100,000 objects against 100`, 'µs', pair, 2, 1));
  }
  return rows;
}

function repeat(run: () => void): void {
  for (let i = 0; i < REPEATS; i++) run();
}

export function fill(objects: number): Filled {
  const state = initialState();
  run(state, { type: 'MachineCreate', baseline: DEFAULT_BASELINE, devices: DEFAULT_TOPOLOGY });
  run(state, { type: 'ContextOpen' });
  const bdf = '0000:01:00.0';
  run(state, { type: 'DeviceBind', contextId: CONTEXT_ID, bdf });
  const context = state.contexts.get(CONTEXT_ID)!;
  const devId = [...context.objects.keys()][0]!;
  const ioasId = context.ids.peek();
  run(state, { type: 'IoasAlloc', contextId: CONTEXT_ID, flags: 0 });
  const hwptId = context.ids.peek();
  run(state, hwptAlloc(devId, ioasId));
  for (let i = context.objects.size; i < objects; i++) {
    if (i % 2 === 0) run(state, { type: 'IoasAlloc', contextId: CONTEXT_ID, flags: 0 });
    else run(state, hwptAlloc(devId, ioasId));
  }
  return { state, devId, ioasId, hwptId };
}

function allocAndDestroy(filled: Filled): void {
  const { state } = filled;
  const id = state.contexts.get(CONTEXT_ID)!.ids.peek();
  allocate(filled);
  run(state, { type: 'Destroy', contextId: CONTEXT_ID, id });
}

/** One hwpt more. */
export function allocate({ state, devId, ioasId }: Filled): void {
  run(state, hwptAlloc(devId, ioasId));
}

function attachAndDetach({ state, devId, hwptId }: Filled): void {
  run(state, { type: 'DeviceAttach', contextId: CONTEXT_ID, devId, ptId: hwptId });
  run(state, { type: 'DeviceDetach', contextId: CONTEXT_ID, devId });
}

function hwptAlloc(devId: number, ptId: number): Command {
  return {
    type: 'HwptAlloc',
    contextId: CONTEXT_ID,
    flags: 0,
    devId,
    ptId,
    dataType: 0,
    dataLen: 0,
    userData: null,
    faultId: 0,
  };
}

function run(state: MachineState, command: Command): void {
  const { errno } = execute(state, command);
  if (errno !== 0) throw new Error(`${command.type} was refused with ${errno}`);
}
