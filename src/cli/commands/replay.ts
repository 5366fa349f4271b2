/** `faultline replay`: an export without a database, as for continuous integration. */
import { parseArgs } from 'node:util';
import { checkExport } from '../../engine/export/import.ts';
import { type Difference, ReExecution } from '../../engine/machine/re-execute.ts';
import { onlyFile, runCommand } from './run-command.ts';

const HELP = `Usage: faultline replay [--check] FILE

Checks an export as import does, applies its events, and prints what it holds and the final hash,
which stands for the state they lead to.

  --check  run its commands, too, and compare errno, reply and events with what is recorded
  --help   this text

Exit code: 0 it replays, 1 it is refused or, with --check, something came out in another way: the
first such thing is printed. 2 wrong arguments.
`;

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
      options: { check: { type: 'boolean' }, help: { type: 'boolean' } },
      allowPositionals: true,
    });
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    return replayFile(onlyFile(positionals), values.check === true);
  });
}

function replayFile(file: string, check: boolean): number {
  const again = new ReExecution();
  try {
    const { machineId, operations, seq, finalHash } = checkExport(file, (operation, line) => {
      const difference = check ? again.run(operation) : null;
      if (difference !== null) throw new DifferenceFound(difference, line);
    });
    process.stdout.write(
      `machine ${machineId}: ${operations} operations, ${seq} events\nfinal hash ${finalHash}\n`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof DifferenceFound)) throw error;
    process.stdout.write(`${file}: ${textOf(error)}`);
    return 1;
  }
}

function textOf({ difference, line }: DifferenceFound): string {
  const { number, seq, field, recorded, now } = difference;
  const shown = (text: string) =>
    text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
  const where = `line ${line}, operation ${number}, seq ${seq}, ${field}`;
  return `${where}:\n  recorded ${shown(recorded)}\n  now      ${shown(now)}\n`;
}
