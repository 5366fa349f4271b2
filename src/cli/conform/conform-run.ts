/** Runs kernel traces and compares: every errno, every output, everything seen at the hardware. */
import { isDeepStrictEqual } from 'node:util';
import type { BaselineName } from '../../abi/baselines.ts';
import type { Command } from '../../core/machine/command.ts';
import type { Outcome } from '../../core/machine/operation.ts';
import { commandOf } from './trace-command.ts';
import {
  CLOSED,
  type Json,
  type TraceNames,
  type TraceOperation,
  type TraceSequence,
} from './trace-format.ts';
import { learnNames, traceHw, traceOut } from './trace-out.ts';
import { baselineOfKernel, processOfTrace } from './trace-setting.ts';

/** One machine, reached through the engine or through the GraphQL schema. */
export interface Entrance {
  /** A fresh machine with this kernel. */
  begin(baseline: BaselineName): Promise<void>;
  run(command: Command): Promise<Outcome>;
}

/** One difference between the kernel's trace and Faultline. */
export interface Divergence {
  /** Name or index of the sequence. */
  readonly sequence: string;
  /** Place of the operation in its sequence, from 0. */
  readonly place: number;
  readonly op: string;
  readonly field: string;
  readonly expected: Json | undefined;
  readonly got: Json | undefined;
}

export interface ConformCounts {
  sequences: number;
  operations: number;
  divergences: number;
}

/**
 * Runs one sequence on a fresh machine and a freshly opened context, as the process and, unless
 * `baseline` says otherwise, on the kernel that the trace says.
 */
export async function runSequence(
  entrance: Entrance,
  sequence: TraceSequence,
  ordinal: number,
  counts: ConformCounts,
  report: (divergence: Divergence) => void,
  baseline: BaselineName = baselineOfKernel(sequence.kernel),
): Promise<void> {
  const process = processOfTrace(sequence.process);
  await entrance.begin(baseline);
  const opened = await entrance.run({
    type: 'ContextOpen',
    ...(process === undefined ? {} : { process }),
  });
  const { contextId } = opened.reply as { contextId: number };
  const names: TraceNames = { contextId, faultIds: [], accessIds: [], mockDevs: new Map() };
  const label = sequence.name ?? String(sequence.index ?? ordinal);
  counts.sequences++;
  for (const [place, operation] of sequence.ops.entries()) {
    counts.operations++;
    const differ = (field: string, expected: Json | undefined, got: Json | undefined) => {
      counts.divergences++;
      report({ sequence: label, place, op: operation.op, field, expected, got });
    };
    const command = commandOf(operation, names);
    if (command === null) {
      differ('op', operation.op, 'no such operation in Faultline');
      return;
    }
    if (command.type === 'ContextClose') await closeFaultFiles(entrance, names);
    const outcome = await entrance.run(command);
    learnNames(names, outcome);
    compare(operation, outcome, names, differ);
  }
}

/** A trace's `close` comes after the fault queues' files are closed, also where it does not say so. */
async function closeFaultFiles(entrance: Entrance, names: TraceNames): Promise<void> {
  const { contextId } = names;
  for (const faultId of names.faultIds) {
    if (faultId === CLOSED) continue;
    await entrance.run({ type: 'FaultClose', contextId, faultId });
  }
  for (const accessId of names.accessIds) {
    if (accessId === CLOSED) continue;
    await entrance.run({ type: 'TestAccessClose', contextId, accessId });
  }
}

function compare(
  operation: TraceOperation,
  outcome: Outcome,
  names: TraceNames,
  differ: (field: string, expected: Json | undefined, got: Json | undefined) => void,
): void {
  const expectedHw = operation.hw ?? [];
  const hw = hwUntilFreedMemory(traceHw(outcome, names), operation.out === null);
  // After a use of freed memory the kernel's errno and outputs mean nothing.
  if (operation.out !== null) {
    if (operation.errno !== String(outcome.errno)) {
      differ('errno', operation.errno, String(outcome.errno));
    }
    const out = traceOut(outcome);
    for (const field of new Set([...Object.keys(operation.out), ...Object.keys(out)])) {
      const expected = operation.out[field];
      if (!isDeepStrictEqual(expected, out[field])) differ(`out.${field}`, expected, out[field]);
    }
  }
  if (!isDeepStrictEqual(expectedHw, hw)) differ('hw', expectedHw, hw);
}

/** A trace ends where the kernel touched freed memory; Faultline goes on. */
function hwUntilFreedMemory(hw: readonly Json[], undefinedAfter: boolean): readonly Json[] {
  const index = hw.findIndex(entry => Object.hasOwn(entry as object, 'useAfterFree'));
  return undefinedAfter && index !== -1 ? hw.slice(0, index + 1) : hw;
}
