/** `faultline replay`: an export without a database, as for continuous integration. */
import { parseArgs } from 'node:util';
import { checkExport } from '../../engine/export/import.ts';
import { type Difference, ReExecution } from '../../engine/machine/re-execute.ts';
import type { Flags } from '../command-line.ts';
import { liveLine } from '../print/live-line.ts';
import { onlyFile, runCommand } from './run-command.ts';

export const HELP = `Usage: faultline replay [--check] [--json] FILE

Checks an export as import does, applies its events, and prints what it holds and the final hash,
which stands for the state they lead to.

  --check  run its commands, too, and compare errno, reply and events with what is recorded
  --json   what it found as JSON
  --help   this text

Examples:
  faultline replay --check log.jsonl
  faultline replay --json log.jsonl | jq -r .finalHash

Exit code: 0 it replays, 1 it is refused or, with --check, something came out in another way: the
first such thing is printed. 2 wrong arguments.
`;

export const FLAGS = {
  check: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const satisfies Flags;

/** Lines between two that say how far it is. */
const PROGRESS_LINES = 1_000;
/** Longest text of a value in a printed difference. */
const SHOWN_LENGTH = 400;

/** Ends the reading of a file: what follows a difference follows from it. */
class DifferenceFound extends Error {
  readonly difference: Difference;
  readonly line: number;

  constructor(difference: Difference, line: number) {
    super('a difference was found');
    this.difference = difference;
    this.line = line;
  }
}

export function replay(argv: readonly string[]): Promise<number> {
  return runCommand('replay', async () => {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: FLAGS,
      allowPositionals: true,
    });
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    return replayFile(onlyFile(positionals), values.check === true, values.json === true);
  });
}

function replayFile(file: string, check: boolean, json: boolean): number {
  const again = new ReExecution();
  const shown = liveLine(json);
  try {
    const { machineId, operations, seq, finalHash } = checkExport(file, (operation, line) => {
      if (line % PROGRESS_LINES === 0) shown.show(`operation ${line - 1} …`);
      const difference = check ? again.run(operation) : null;
      if (difference !== null) throw new DifferenceFound(difference, line);
    });
    shown.clear();
    const found = { machineId, operations, seq, finalHash, difference: null };
    if (json) return say(found, 0);
    process.stdout.write(
      `machine ${machineId}: ${operations} operations, ${seq} events\nfinal hash ${finalHash}\n`,
    );
    return 0;
  } catch (error) {
    shown.clear();
    if (!(error instanceof DifferenceFound)) throw error;
    if (json) return say({ difference: { ...error.difference, line: error.line } }, 1);
    process.stdout.write(`${file}: ${textOf(error)}`);
    return 1;
  }
}

/** Prints it and gives the exit code. */
function say(found: object, code: number): number {
  process.stdout.write(`${JSON.stringify(found)}\n`);
  return code;
}

function textOf({ difference, line }: DifferenceFound): string {
  const { number, seq, field, recorded, now } = difference;
  const shown = (text: string) =>
    text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
  const where = `line ${line}, operation ${number}, seq ${seq}, ${field}`;
  return `${where}:\n  recorded ${shown(recorded)}\n  now      ${shown(now)}\n`;
}
