/** `faultline conform`: traces of the kernel and of hardware against what is emulated. */
import { parseArgs } from 'node:util';
import { BASELINES, type BaselineName, DEFAULT_BASELINE, isBaseline } from '../../abi/baselines.ts';
import { type ConformCounts, type Divergence, type Entrance, runSequence } from './conform-run.ts';
import { engineEntrance } from './entrance-engine.ts';
import { runRiscvSequence } from './riscv-run.ts';
import { isRiscvSequence, parseRiscvSequence } from './riscv-trace.ts';
import { eachLine, parseSequence } from './trace-file.ts';
import { TraceFormatError } from './trace-format.ts';

const HELP = `Usage: faultline conform [--baseline NAME] [--through engine|graphql] FILE...

Runs each sequence of the trace FILEs (.jsonl or .jsonl.gz, formats in test/traces/README.md) on a
fresh machine and prints where Faultline differs from what the kernel did. Traces of the RISC-V
IOMMU's reference model run on the model of that IOMMU, which neither way of --through concerns.

  --baseline NAME     the kernel: ${BASELINES.join(', ')}
                      (default: the one a trace says, in its line or in one before it; none said:
                      ${DEFAULT_BASELINE})
  --through engine    run the commands in the engine (the default)
  --through graphql   run them as GraphQL operations against the schema
  --help              this text

The last line is "N sequences, M operations, K divergences"; how many operations ran a second, reading
the files not counted, goes to standard error. Exit code: 0 if K is 0, 1 if not or if a file is no
trace, 2 for wrong arguments.
`;

/** Longest text of a value in a printed divergence. */
const SHOWN_LENGTH = 400;

export async function conform(argv: readonly string[]): Promise<number> {
  let through: string;
  let baseline: BaselineName | undefined;
  let files: readonly string[];
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: {
        baseline: { type: 'string' },
        through: { type: 'string' },
        help: { type: 'boolean' },
      },
      allowPositionals: true,
    });
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    through = values.through ?? 'engine';
    baseline = baselineNamed(values.baseline);
    files = positionals;
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
  let runMs = 0;
  for (const file of files) {
    try {
      runMs += await conformFile(file, entrance, counts, baseline);
    } catch (error) {
      const known =
        error instanceof TraceFormatError || (error as NodeJS.ErrnoException).code !== undefined;
      if (!known) throw error;
      process.stderr.write(`faultline conform: ${(error as Error).message}\n`);
      return 1;
    }
  }
  const { sequences, operations, divergences } = counts;
  process.stdout.write(
    `${sequences} sequences, ${operations} operations, ${divergences} divergences\n`,
  );
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

/** Returns the milliseconds its sequences ran. */
async function conformFile(
  file: string,
  entrance: Entrance,
  counts: ConformCounts,
  baseline: BaselineName | undefined,
): Promise<number> {
  let runMs = 0;
  const report = (divergence: Divergence) =>
    process.stdout.write(`${file}: ${divergenceText(divergence)}\n`);
  await eachLine(file, async (line, ordinal) => {
    const started = performance.now();
    if (isRiscvSequence(line)) runRiscvSequence(parseRiscvSequence(line), counts, report);
    else await runSequence(entrance, parseSequence(line), ordinal, counts, report, baseline);
    runMs += performance.now() - started;
  });
  return runMs;
}

function divergenceText({ sequence, place, op, field, expected, got }: Divergence): string {
  const shown = (value: unknown) => {
    const text = JSON.stringify(value) ?? 'nothing';
    return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
  };
  return `sequence ${sequence}, operation ${place} ${op}, ${field}: expected ${shown(expected)}, got ${shown(got)}`;
}
