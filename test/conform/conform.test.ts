/** What a real Linux answered, operation by operation, through the core. */
import { describe, expect, test } from 'vitest';
import type { BaselineName } from '../../src/abi/baselines.ts';
import { ruleText } from '../../src/abi/refusal-rules.ts';
import {
  type ConformCounts,
  type Divergence,
  type Entrance,
  runSequence,
} from '../../src/cli/conform/conform-run.ts';
import type { TraceOperation, TraceSequence } from '../../src/cli/conform/trace-format.ts';
import { checkInvariants } from '../../src/core/check/invariant.ts';
import type { Event } from '../../src/core/machine/event.ts';
import { evolve } from '../../src/core/machine/evolve.ts';
import { execute } from '../../src/core/machine/execute.ts';
import type { Outcome } from '../../src/core/machine/operation.ts';
import { toPlain } from '../../src/core/machine/snapshot.ts';
import { initialState, type MachineState } from '../../src/core/machine/state.ts';
import { readTraces, TRACES } from './traces.ts';

/** The core itself; every state is checked and the events are kept for a replay. */
class CoreEntrance implements Entrance {
  state: MachineState = initialState();
  events: Event[] = [];
  readonly violations: string[] = [];

  async begin(baseline: BaselineName): Promise<void> {
    this.state = initialState();
    this.events = [];
    await this.run({ type: 'MachineCreate', baseline, devices: [] });
  }

  async run(command: Parameters<Entrance['run']>[0]): ReturnType<Entrance['run']> {
    const outcome = execute(this.state, command);
    this.events.push(...outcome.events);
    this.violations.push(...checkInvariants(this.state), ...unexplained(outcome));
    return outcome;
  }
}

/** A refusal by a kernel function has a rule, and all the facts that the rule speaks of. */
function unexplained({ command, errno, trace }: Outcome): string[] {
  if (errno === 0 || trace.length === 0) return [];
  const step = trace.findLast(({ returned }) => returned === errno);
  if (step?.reason === undefined) return [`${command.type}: no rule for ${errno}`];
  const text = ruleText(step.reason.rule, step.reason.facts);
  return text.includes('{') ? [`${command.type}: ${text}`] : [];
}

async function divergencesOf(sequence: TraceSequence): Promise<Divergence[]> {
  const found: Divergence[] = [];
  const counts: ConformCounts = { sequences: 0, operations: 0, divergences: 0 };
  await runSequence(new CoreEntrance(), sequence, 0, counts, divergence => found.push(divergence));
  expect(counts.divergences).toBe(found.length);
  return found;
}

describe('kernel traces', () => {
  test.each(Object.entries(TRACES))('%s runs without a divergence', async (file, count) => {
    const sequences = readTraces(file);
    const counts: ConformCounts = { sequences: 0, operations: 0, divergences: 0 };
    const divergences: Divergence[] = [];
    for (const [ordinal, sequence] of sequences.entries()) {
      const entrance = new CoreEntrance();
      await runSequence(entrance, sequence, ordinal, counts, found => divergences.push(found));
      const replayed = initialState();
      for (const event of entrance.events) evolve(replayed, event);
      expect(toPlain(replayed)).toEqual(toPlain(entrance.state));
      expect(entrance.violations).toEqual([]);
    }
    expect(divergences).toEqual([]);
    expect(counts.sequences).toBe(count);
    expect(counts.operations).toBe(sequences.reduce((sum, { ops }) => sum + ops.length, 0));
  });
});

describe('a trace that is not what the kernel did', () => {
  type Change = (operation: TraceOperation) => TraceOperation | null;

  /** Changes the first operation that `change` takes; the place and the changed sequence. */
  function altered(change: Change): { place: number; sequence: TraceSequence } {
    for (const sequence of readTraces('fault.jsonl.gz')) {
      for (const [place, operation] of sequence.ops.entries()) {
        const changed = change(operation);
        if (changed !== null) {
          return { place, sequence: { ...sequence, ops: sequence.ops.with(place, changed) } };
        }
      }
    }
    throw new Error('no operation to change');
  }

  const answered = (operation: TraceOperation) =>
    operation.hw?.findIndex(entry => Object.hasOwn(entry, 'pageResponse')) ?? -1;

  const CASES: readonly (readonly [what: string, field: string, change: Change])[] = [
    [
      'a changed errno',
      'errno',
      operation => (operation.errno === 'EBUSY' ? { ...operation, errno: 'EINVAL' } : null),
    ],
    [
      'an errno where there was none',
      'errno',
      operation => (operation.op === 'faultWrite' ? { ...operation, errno: 'EIO' } : null),
    ],
    [
      'a changed output',
      'out.hwptId',
      operation =>
        operation.op === 'hwptAlloc' && operation.errno === '0'
          ? { ...operation, out: { ...operation.out, hwptId: 99 } }
          : null,
    ],
    [
      'an output that is not there',
      'out.extra',
      operation =>
        operation.op === 'faultPoll' ? { ...operation, out: { ...operation.out, extra: 1 } } : null,
    ],
    [
      'a changed message of a read',
      'out.faults',
      operation => {
        const { faults } = operation.out ?? {};
        if (!Array.isArray(faults) || faults.length === 0) return null;
        const changed = [{ ...faults[0], cookie: 77 }, ...faults.slice(1)];
        return { ...operation, out: { ...operation.out, faults: changed } };
      },
    ],
    [
      'a changed hardware entry',
      'hw',
      operation => {
        const index = answered(operation);
        if (index === -1) return null;
        const { pageResponse } = operation.hw![index]!;
        const changed = { pageResponse: { ...(pageResponse as object), code: 2 } };
        return { ...operation, hw: operation.hw!.with(index, changed) };
      },
    ],
    [
      'a dropped hardware entry',
      'hw',
      operation => {
        const index = answered(operation);
        return index === -1 ? null : { ...operation, hw: operation.hw!.toSpliced(index, 1) };
      },
    ],
    [
      'hardware entries in another order',
      'hw',
      operation => {
        if (operation.hw === undefined || operation.hw.length < 2) return null;
        const hw = operation.hw.toReversed();
        return JSON.stringify(hw) === JSON.stringify(operation.hw) ? null : { ...operation, hw };
      },
    ],
    [
      'an operation unknown here',
      'op',
      operation => (operation.op === 'faultPoll' ? { ...operation, op: 'ioasMapFile' } : null),
    ],
  ];

  test.each(CASES)('%s is found where it is', async (_what, field, change) => {
    const { place, sequence } = altered(change);
    const [first] = await divergencesOf(sequence);
    expect(first).toMatchObject({ place, field });
    expect(first!.expected).not.toEqual(first!.got);
  });
});
