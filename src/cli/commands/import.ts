/** `faultline import`: an export into a database. */
import { parseArgs } from 'node:util';
import { MACHINE_ID, MACHINE_ID_FORM } from '../../abi/limits.ts';
import { checkExport, importExport } from '../../engine/export/import.ts';
import { MachineExistsError, RequestError } from '../../engine/machine/errors.ts';
import type { Flags } from '../command-line.ts';
import { liveLine } from '../print/live-line.ts';
import { needed, onlyFile, runCommand, UsageError } from './run-command.ts';

export const HELP = `Usage: faultline import FILE --database FILE [--as NAME] [--json]

Puts the machine of an export (see faultline export) into a database, which is made if it is not
there. First the whole file is checked: size, order, versions, hashes, limits, and whether its
events lead to the state it names. Then it is written in one transaction: all of it, or nothing.

  --database FILE  SQLite file of a server, which must not be running
  --as NAME        name of the machine (the one it had)
  --json           what was imported as JSON
  --help           this text

Examples:
  faultline import log.jsonl --database data/other.sqlite --as yesterday

Exit code: 0 imported, 1 refused and nothing written, 2 wrong arguments.
`;

export const FLAGS = {
  database: { type: 'string' },
  as: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean' },
} as const satisfies Flags;

/** Lines between two that say how far it is. */
const PROGRESS_LINES = 1_000;

export function importMachine(argv: readonly string[]): Promise<number> {
  return runCommand('import', async () => {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: FLAGS,
      allowPositionals: true,
    });
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    const file = onlyFile(positionals);
    const database = needed('database', values.database);
    if (values.as !== undefined && !MACHINE_ID.test(values.as)) {
      throw new UsageError(`--as: expected ${MACHINE_ID_FORM}, not "${values.as}"`);
    }
    const shown = liveLine(values.json);
    const checked = checkExport(file, (_, line) => {
      if (line % PROGRESS_LINES === 0) shown.show(`checked operation ${line - 1} …`);
    });
    shown.show('writing …');
    const machineId = values.as ?? checked.machineId;
    // It takes longer to load than all else, and help needs none of it.
    const { openSqliteLog } = await import('../../log/sqlite/sqlite.ts');
    const log = await openSqliteLog({ file: database, durability: 'full', exclusive: true });
    try {
      await importExport(log, file, checked, machineId);
    } catch (error) {
      if (!(error instanceof MachineExistsError)) throw error;
      const message = `"${database}" has a machine "${machineId}" already; give another name with --as`;
      throw new RequestError('MACHINE_EXISTS', message);
    } finally {
      await log.close();
    }
    shown.clear();
    const { operations, seq, finalHash } = checked;
    const said = values.json
      ? JSON.stringify({ machineId, operations, seq, finalHash })
      : `machine ${machineId}: ${operations} operations, seq ${seq}\nfinal hash ${finalHash}`;
    process.stdout.write(`${said}\n`);
    return 0;
  });
}
