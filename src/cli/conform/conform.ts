/** `faultline conform`: traces of the kernel and of hardware against what is emulated. */
import { parseArgs } from 'node:util';
import { BASELINES, type BaselineName, DEFAULT_BASELINE, isBaseline } from '../../abi/baselines.ts';
import type { Flags } from '../command-line.ts';
import { liveLine, sparingLine } from '../print/live-line.ts';
import { type ConformCounts, type Divergence, type Entrance, runSequence } from './conform-run.ts';
import { engineEntrance } from './entrance-engine.ts';
import { isRecordedCall, isRecordingHead, RecordingRun } from './recording-run.ts';
import { runRiscvSequence } from './riscv-run.ts';
import { isRiscvSequence, parseRiscvSequence } from './riscv-trace.ts';
import { eachLine, parseSequence } from './trace-file.ts';
import { TraceFormatError } from './trace-format.ts';

export const HELP = `Usage: faultline conform [--baseline NAME] [--through engine|graphql] [--json] FILE...

Runs each sequence of the trace FILEs (.jsonl or .jsonl.gz, formats in test/traces/README.md) on a
fresh machine and prints where Faultline differs from what the kernel did. Traces of the RISC-V
IOMMU's reference model run on the model of that IOMMU, and recordings of programs (faultline run
--record) in the engine: neither way of --through concerns them.

  --baseline NAME     the kernel: ${BASELINES.join(', ')}
                      (default: the one a trace says, in its line or in one before it; none said:
                      ${DEFAULT_BASELINE})
  --through engine    run the commands in the engine (the default)
  --through graphql   run them as GraphQL operations against the schema
  --json              a line of JSON for each difference, and one with the counts
  --help              this text

Examples:
  faultline conform test/traces/fault.jsonl.gz
  faultline conform --baseline LINUX_7_3_4 --through graphql my-trace.jsonl
  faultline conform --json my-trace.jsonl | jq -c 'select(.field)'

The last line is "N sequences, M operations, K divergences"; how many operations ran a second, reading
the files not counted, goes to standard error. Exit code: 0 if K is 0, 1 if not or if a file is no
trace, 2 for wrong arguments.
`;

export const FLAGS = {
  baseline: { type: 'string', oneOf: BASELINES },
  through: { type: 'string', oneOf: ['engine', 'graphql'] },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean' },
} as const satisfies Flags;

/** Longest text of a value in a printed divergence. */
const SHOWN_LENGTH = 400;

export async function conform(argv: readonly string[]): Promise<number> {
  let through: string;
  let baseline: BaselineName | undefined;
  let files: readonly string[];
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
    through = values.through ?? 'engine';
    baseline = baselineNamed(values.baseline);
    files = positionals;
    json = values.json;
    if (through !== 'engine' && through !== 'graphql') {
      throw new Error(`--through: expected "engine" or "graphql", not "${through}"`);
    }
    if (files.length === 0) throw new Error('a trace file is missing');
  } catch (error) {
    process.stderr.write(`faultline conform: ${usageError(error)}; see --help\n`);
    return 2;
  }
  // The schema takes a while to load and the engine does not need it.
  const entrance =
    through === 'graphql'
      ? (await import('./entrance-graphql.ts')).graphqlEntrance()
      : engineEntrance();
  const counts: ConformCounts = { sequences: 0, operations: 0, divergences: 0 };
  const printing = json ? AS_JSON : AS_TEXT;
  const line = sparingLine(liveLine());
  let runMs = 0;
  for (const file of files) {
    try {
      const report = (divergence: Divergence) => {
        line.clear();
        process.stdout.write(printing.difference(file, divergence));
      };
      const tell = () => line.show(() => `${file}: ${counts.sequences} sequences …`);
      runMs += await conformFile(file, entrance, counts, { baseline, report, tell });
      line.clear();
    } catch (error) {
      line.clear();
      const known =
        error instanceof TraceFormatError || (error as NodeJS.ErrnoException).code !== undefined;
      if (!known) throw error;
      process.stderr.write(`faultline conform: ${(error as Error).message}\n`);
      return 1;
    }
  }
  const { operations, divergences } = counts;
  process.stdout.write(printing.counts(counts));
  // Not on standard output, which is the same for every run of the same traces.
  const rate = Math.round((operations * 1_000) / runMs).toLocaleString('en-US');
  process.stderr.write(`${rate} operations a second, ${(runMs / 1_000).toFixed(2)} s\n`);
  return divergences === 0 ? 0 : 1;
}

/** The baseline an argument names, or undefined for no argument. */
export function baselineNamed(name: string | undefined): BaselineName | undefined {
  if (name === undefined || isBaseline(name)) return name;
  throw new Error(`--baseline: expected one of ${BASELINES.join(' ')}, not "${name}"`);
}

/** The first sentence names the argument; the next ones advise on what does not apply. */
export function usageError(error: unknown): string {
  return (error as Error).message.split(/\.\s|\n/)[0]!;
}

interface Conforming {
  readonly baseline: BaselineName | undefined;
  readonly report: (divergence: Divergence) => void;
  /** After each sequence. */
  readonly tell: () => void;
}

/** Returns the milliseconds its sequences ran. */
async function conformFile(
  file: string,
  entrance: Entrance,
  counts: ConformCounts,
  { baseline, report, tell }: Conforming,
): Promise<number> {
  let runMs = 0;
  /** In a sequence of which nobody said on which kernel it was recorded. */
  let differing = false;
  let recording: RecordingRun | null = null;
  await eachLine(file, async (line, ordinal) => {
    const started = performance.now();
    if (isRecordingHead(line)) {
      recording = new RecordingRun(line, baseline);
      const on = recording.baseline;
      process.stderr.write(`${file}: recorded on Linux ${line.release}, runs on ${on}\n`);
      counts.sequences++;
    } else if (isRecordedCall(line)) {
      if (recording === null) throw new TraceFormatError('a call before the head of its recording');
      await recording.run(line, counts, report);
    } else if (isRiscvSequence(line)) runRiscvSequence(parseRiscvSequence(line), counts, report);
    else {
      const sequence = parseSequence(line);
      const before = counts.divergences;
      await runSequence(entrance, sequence, ordinal, counts, report, baseline);
      const isUntold = baseline === undefined && sequence.kernel === undefined;
      if (isUntold && counts.divergences > before) differing = true;
    }
    runMs += performance.now() - started;
    tell();
  });
  if (differing) {
    process.stderr.write(
      `${file} does not say its kernel and ran on ${DEFAULT_BASELINE}: --baseline says another\n`,
    );
  }
  return runMs;
}

interface Printing {
  readonly difference: (file: string, divergence: Divergence) => string;
  readonly counts: (counts: ConformCounts) => string;
}

const AS_TEXT: Printing = {
  difference: (file, divergence) => `${file}: ${divergenceText(divergence)}\n`,
  counts: ({ sequences, operations, divergences }) =>
    `${sequences} sequences, ${operations} operations, ${divergences} divergences\n`,
};

const AS_JSON: Printing = {
  difference: (file, divergence) => `${JSON.stringify({ file, ...divergence })}\n`,
  counts: counts => `${JSON.stringify(counts)}\n`,
};

function divergenceText({ sequence, place, op, field, expected, got }: Divergence): string {
  const shown = (value: unknown) => {
    const text = JSON.stringify(value) ?? 'nothing';
    return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
  };
  return `sequence ${sequence}, operation ${place} ${op}, ${field}: expected ${shown(expected)}, got ${shown(got)}`;
}
