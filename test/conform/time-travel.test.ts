/** Looking back at a traced sequence gives, at every seq, the state that was live then. */
import { expect, test } from 'vitest';
import { type Entrance, runSequence } from '../../src/cli/conform/conform-run.ts';
import type { TraceSequence } from '../../src/cli/conform/trace-format.ts';
import { evolve } from '../../src/core/machine/evolve.ts';
import { initialState } from '../../src/core/machine/state.ts';
import { Engine } from '../../src/engine/machine/engine.ts';
import { History } from '../../src/engine/past/history.ts';
import { stateHash } from '../../src/engine/past/state-hash.ts';
import { openMemoryLog } from '../../src/log/memory.ts';
import { FIRST_TRACES, readTraces } from './traces.ts';

/**
 * Of each file every so many sequences, so that the run stays short; FAULTLINE_EVERY_SEQUENCE=1
 * takes them all.
 */
const EVERY = process.env['FAULTLINE_EVERY_SEQUENCE'] === '1' ? 1 : 25;

/** Seqs compared. */
async function compare(sequence: TraceSequence): Promise<number> {
  const engine = new Engine({ log: openMemoryLog(), now: () => 0 });
  const live = new Map<number, string>();
  const run: Entrance['run'] = async command => {
    const operation = await engine.execute('m', command);
    live.set(operation.seq, stateHash((await engine.machine('m')).state));
    return operation;
  };
  const begin: Entrance['begin'] = async baseline => {
    await engine.create('m', { type: 'MachineCreate', baseline, devices: [] });
  };
  const counts = { sequences: 0, operations: 0, divergences: 0 };
  await runSequence({ begin, run }, sequence, 0, counts, () => {});
  const history = new History(engine);
  const state = initialState();
  expect(stateHash(await history.stateAt('m', 0))).toBe(stateHash(state));
  for (const { events } of await engine.log.read('m', { limit: 100_000 })) {
    for (const event of events) {
      evolve(state, event);
      const then = stateHash(state);
      const seen = live.get(state.seq);
      if (seen !== undefined) expect(then).toBe(seen);
      expect(stateHash(await history.stateAt('m', state.seq)), `seq ${state.seq}`).toBe(then);
    }
  }
  return state.seq;
}

test.each(FIRST_TRACES)('%s', { timeout: 600_000 }, async file => {
  const sequences = readTraces(file);
  let seqs = 0;
  for (let i = 0; i < sequences.length; i += file === 'hazards.jsonl' ? 1 : EVERY) {
    seqs += await compare(sequences[i]!);
  }
  expect(seqs).toBeGreaterThan(sequences.length);
});
