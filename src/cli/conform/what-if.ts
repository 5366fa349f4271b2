/** `faultline what-if`: kernel traces run again on another kernel, and every outcome that differs. */
import { parseArgs } from 'node:util';
import { BASELINES, type BaselineName } from '../../abi/baselines.ts';
import type { CommandType } from '../../core/machine/command.ts';
import { Engine } from '../../engine/machine/engine.ts';
import { type ComparedStep, compareSteps, rerun } from '../../engine/replay/rerun.ts';
import { openMemoryLog } from '../../log/memory.ts';
import type { Flags } from '../command-line.ts';
import { liveLine, sparingLine } from '../print/live-line.ts';
import { baselineNamed, usageError } from './conform.ts';
import { type Entrance, runSequence } from './conform-run.ts';
import { type Reason, reasonOf } from './difference-reasons.ts';
import { eachSequence } from './trace-file.ts';
import { TraceFormatError, type TraceSequence } from './trace-format.ts';

export const HELP = `Usage: faultline what-if [--baseline NAME] [--each] [--json] FILE...

Runs each sequence of the kernel trace FILEs (.jsonl or .jsonl.gz) on the kernel it was recorded on,
runs the same operations again on another kernel, and prints how many outcomes (errno, reply,
events) differ and why. Reasons are known for V6_PATCH; what they do not explain is listed by
operation.

  --baseline NAME   the other kernel: ${BASELINES.join(', ')}
                    (default: V6_PATCH)
  --each            a line for each operation that differs
  --json            the counts and reasons as a line of JSON, with --each one before it for each
                    operation
  --help            this text

Examples:
  faultline what-if test/traces/fault.jsonl.gz
  faultline what-if --baseline LINUX_7_3_4 --each my-trace.jsonl
  faultline what-if --json test/traces/fault.jsonl.gz | jq '.findings[].count'

Exit code: 0, 1 if a file is no trace, 2 for wrong arguments.
`;

export const FLAGS = {
  baseline: { type: 'string', oneOf: BASELINES },
  each: { type: 'boolean' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean' },
} as const satisfies Flags;

const MACHINE = 'recorded';
const AGAIN = 'again';

/** How often a reason explained a difference, and where it first did. */
export interface Finding {
  readonly reason: Reason | null;
  /** With no reason: the operation and what differs. */
  readonly label: string;
  count: number;
  /** File, sequence, operation. */
  readonly first: string;
}

export interface WhatIfCounts {
  operations: number;
  readonly findings: Map<string, Finding>;
}

/** Runs one sequence on both kernels. `differing` sees each step whose outcome differs. */
export async function compareSequence(
  sequence: TraceSequence,
  baseline: BaselineName,
  differing: (step: ComparedStep) => void,
): Promise<number> {
  const engine = new Engine({ log: openMemoryLog(), now: () => 0 });
  const entrance: Entrance = {
    async begin(recorded) {
      await engine.create(MACHINE, { type: 'MachineCreate', baseline: recorded, devices: [] });
    },
    run: command => engine.execute(MACHINE, command),
  };
  const counts = { sequences: 0, operations: 0, divergences: 0 };
  await runSequence(entrance, sequence, 0, counts, () => {});
  const { committed: to } = await engine.machine(MACHINE);
  const request = { machineId: AGAIN, recordedId: MACHINE, from: 0, to, baseline };
  const kept = await rerun(engine, { ...request, policies: {}, edits: [] });
  const steps = await compareSteps(engine, kept, {
    index: 0,
    limit: to,
    aspects: new Set(['ERRNO', 'REPLY', 'EVENTS']),
  });
  for (const step of steps) differing(step);
  return to;
}

/** An operation with another outcome on the other kernel. */
export interface Difference {
  readonly file: string;
  readonly sequence: string;
  readonly operation: number;
  readonly command: CommandType;
  readonly differs: string;
  /** Its name; null: none is known. */
  readonly reason: string | null;
}

/** Adds the differences of one file to the counts. */
export async function compareFile(
  file: string,
  baseline: BaselineName,
  counts: WhatIfCounts,
  each: (difference: Difference) => void,
): Promise<void> {
  await eachSequence(file, async (sequence, ordinal) => {
    const earlier = new Set<string>();
    const name = sequence.name ?? String(sequence.index ?? ordinal);
    counts.operations += await compareSequence(sequence, baseline, step => {
      const { number: operation, command } = step.recorded!;
      const reason = baseline === 'V6_PATCH' ? reasonOf(step, earlier) : null;
      const of = { file, sequence: name, operation, command: command.type };
      const difference = { ...of, differs: differenceText(step), reason: reason?.name ?? null };
      const label = reason?.name ?? `${command.type}: ${difference.differs}`;
      const where = whereText(difference);
      each(difference);
      const found = counts.findings.get(label);
      if (found === undefined) {
        counts.findings.set(label, { reason, label, count: 1, first: where });
      } else {
        found.count++;
      }
    });
  });
}

function whereText({ file, sequence, operation, command }: Difference): string {
  return `${file}, sequence ${sequence}, operation ${operation} ${command}`;
}

function eachText(difference: Difference): string {
  return `${whereText(difference)}: ${difference.differs} (${difference.reason ?? 'no reason known'})`;
}

function differenceText({ recorded, rerun: again, differs }: ComparedStep): string {
  if (differs.includes('ERRNO')) return `errno ${recorded!.errno} and ${again!.errno}`;
  return differs.includes('REPLY') ? 'reply' : 'events';
}

export async function whatIf(argv: readonly string[]): Promise<number> {
  let baseline: BaselineName = 'V6_PATCH';
  let files: readonly string[];
  let showEach: boolean;
  let json: boolean;
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: FLAGS,
      allowPositionals: true,
    });
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    baseline = baselineNamed(values.baseline) ?? baseline;
    showEach = values.each ?? false;
    json = values.json;
    files = positionals;
    if (files.length === 0) throw new Error('a trace file is missing');
  } catch (error) {
    process.stderr.write(`faultline what-if: ${usageError(error)}; see --help\n`);
    return 2;
  }
  const counts: WhatIfCounts = { operations: 0, findings: new Map() };
  const line = sparingLine(liveLine(json));
  for (const file of files) {
    try {
      await compareFile(file, baseline, counts, difference => {
        line.show(() => `${file}: ${counts.operations} operations …`);
        if (!showEach) return;
        line.clear();
        process.stdout.write(`${json ? JSON.stringify(difference) : eachText(difference)}\n`);
      });
    } catch (error) {
      line.clear();
      const known =
        error instanceof TraceFormatError || (error as NodeJS.ErrnoException).code !== undefined;
      if (!known) throw error;
      process.stderr.write(`faultline what-if: ${(error as Error).message}\n`);
      return 1;
    }
  }
  line.clear();
  process.stdout.write((json ? summaryJson : summary)(baseline, counts));
  return 0;
}

/** The findings, the most frequent first, and how many differences they are. */
function sortedFindings({ findings }: WhatIfCounts) {
  const sorted = [...findings.values()].sort((a, b) => b.count - a.count);
  return { sorted, differing: sorted.reduce((sum, { count }) => sum + count, 0) };
}

function summaryJson(baseline: BaselineName, counts: WhatIfCounts): string {
  const { sorted, differing } = sortedFindings(counts);
  const findings = sorted.map(({ label, reason, count, first }) => {
    return { label, reason: reason?.text ?? null, count, first };
  });
  return `${JSON.stringify({ baseline, operations: counts.operations, differing, findings })}\n`;
}

function summary(baseline: BaselineName, counts: WhatIfCounts): string {
  const { operations } = counts;
  const { sorted, differing } = sortedFindings(counts);
  const lines = sorted.map(
    ({ label, reason, count, first }) =>
      `${String(count).padStart(6)}  ${label}\n        ${reason?.text ?? 'No reason known.'}\n        first: ${first}`,
  );
  return [
    `${operations} operations on the kernel of their recording and on ${baseline}: ${differing} differ`,
    ...lines,
    '',
  ].join('\n');
}
