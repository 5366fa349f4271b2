/** `faultline export`: a machine's log as a file. */
import { createWriteStream, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { allOperations, type ExportEnd, exportLines } from '../../engine/export/export.ts';
import { chromeTrace } from '../../engine/trace/trace-chrome.ts';
import { ftraceText } from '../../engine/trace/trace-ftrace.ts';
import { perfettoTrace } from '../../engine/trace/trace-perfetto.ts';
import type { Log } from '../../log/log.ts';
import type { Flags } from '../command-line.ts';
import { liveLine, sparingLine } from '../print/live-line.ts';
import { checkMachine, needed, runCommand, UsageError } from './run-command.ts';

export const HELP = `Usage: faultline export [MACHINE] --database FILE [--output FILE] [--format NAME]

Writes the log of a machine. The database is not changed, and a server may have it open.

  --database FILE  SQLite file of a server
  --machine ID     the machine, as MACHINE; one of both is needed
  --output FILE    where to write; "-" is standard output (the default)
  --format jsonl   what faultline import and faultline replay take (the default): JSON Lines, an
                   operation a line, each hashed with the one before it. At the end stands the
                   final hash, of the machine's state: it compares with what replay, import and
                   verify print under that name, and is told on standard output, or on standard
                   error where the export goes to standard output
  --format chrome | perfetto
                   page faults as a trace for ui.perfetto.dev: a track for each iopf group,
                   counters for each fault queue; as JSON or as protocol buffers
  --format ftrace  text like that of /sys/kernel/tracing/trace. Page requests and responses are
                   prq_report and qi_submit, the tracepoints and bits of VT-d's driver, whatever
                   the vendor of the modelled IOMMU: the other drivers have none
  --help           this text

Examples:
  faultline export --database data/faultline.sqlite --machine default --output log.jsonl
  faultline export --database data/faultline.sqlite --machine m --format perfetto --output m.pftrace
  faultline export --database data/faultline.sqlite --machine m --format ftrace | grep prq_report

Exit code: 0 written, 1 refused or not readable, 2 wrong arguments.
`;

export const FLAGS = {
  database: { type: 'string' },
  machine: { type: 'string' },
  output: { type: 'string', default: '-' },
  format: { type: 'string', default: 'jsonl', oneOf: ['jsonl', 'chrome', 'perfetto', 'ftrace'] },
  help: { type: 'boolean' },
} as const satisfies Flags;

type Pieces = AsyncIterable<string | Uint8Array>;
type Format = (log: Log, machineId: string, ended: (end: ExportEnd) => void) => Pieces;

const FORMATS: Readonly<Record<string, Format>> = {
  jsonl: exportLines,
  chrome: (log, machineId) => chromeTrace(machineId, allOperations(log, machineId)),
  perfetto: (log, machineId) => perfettoTrace(machineId, allOperations(log, machineId)),
  ftrace: (log, machineId) => ftraceText(allOperations(log, machineId)),
};

export function exportMachine(argv: readonly string[]): Promise<number> {
  return runCommand('export', async () => {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: FLAGS,
      allowPositionals: true,
    });
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    const database = needed('database', values.database);
    const named = values.machine === undefined ? positionals : [values.machine, ...positionals];
    const machineId = needed('machine', named[0]);
    if (named.length > 1) throw new UsageError(`one machine is wanted; "${named[1]}" is another`);
    const format = Object.hasOwn(FORMATS, values.format) ? FORMATS[values.format] : undefined;
    if (format === undefined) {
      const names = Object.keys(FORMATS).join(', ');
      throw new UsageError(`--format: expected one of ${names}, not "${values.format}"`);
    }
    if (isSameFile(values.output, database)) {
      throw new UsageError('--output: this is the database; name another file');
    }
    // It takes longer to load than all else, and help needs none of it.
    const { openSqliteLogToRead } = await import('../../log/sqlite/sqlite-read.ts');
    const log = await openSqliteLogToRead(database);
    try {
      await checkMachine(log, machineId);
      let end: ExportEnd | null = null;
      const pieces = format(log, machineId, told => {
        end = told;
      });
      await write(values.output, shown(pieces));
      if (end !== null) endStream(values.output).write(endText(machineId, end));
    } finally {
      await log.close();
    }
    return 0;
  });
}

/** Where the export itself does not go. */
const endStream = (output: string) => (output === '-' ? process.stderr : process.stdout);

function endText(machineId: string, { operations, seq, finalHash }: ExportEnd): string {
  return `machine ${machineId}: ${operations} operations, ${seq} events\nfinal hash ${finalHash}\n`;
}

function isSameFile(left: string, right: string): boolean {
  const [a, b] = [left, right].map(file => statSync(file, { throwIfNoEntry: false, bigint: true }));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

/** A line tells how much of it there is. */
async function* shown(pieces: Pieces): AsyncGenerator<string | Uint8Array> {
  const line = sparingLine(liveLine());
  let bytes = 0;
  try {
    for await (const piece of pieces) {
      bytes += piece.length;
      line.show(() => `${(bytes / 1_000_000).toFixed(1)} MB …`);
      yield piece;
    }
  } finally {
    line.clear();
  }
}

/** A file gets its name when it is whole. */
async function write(output: string, pieces: Pieces): Promise<void> {
  const stream = Readable.from(pieces, { objectMode: true });
  if (output === '-') return pipeline(stream, process.stdout, { end: false });
  const part = `${output}.part`;
  try {
    await pipeline(stream, createWriteStream(part));
    await rename(part, output);
  } catch (error) {
    await rm(part, { force: true });
    const { syscall, code } = error as NodeJS.ErrnoException;
    if (syscall !== 'open' && syscall !== 'rename') throw error;
    throw new UsageError(
      `--output: "${output}" cannot be made (${code}); name a file in a directory that is there and can be written`,
    );
  }
}
