/** `faultline import`: an export into a database. */
import { parseArgs } from 'node:util';
import { MACHINE_ID, MACHINE_ID_FORM } from '../../abi/limits.ts';
import { checkExport, importExport } from '../../engine/export/import.ts';
import { openSqliteLog } from '../../log/sqlite/sqlite.ts';
import { needed, onlyFile, runCommand, UsageError } from './run-command.ts';

const HELP = `Usage: faultline import FILE --database FILE [--as NAME]

Puts the machine of an export (see faultline export) into a database, which is made if it is not
there. First the whole file is checked: size, order, versions, hashes, limits, and whether its
events lead to the state it names. Then it is written in one transaction: all of it, or nothing.

  --database FILE  SQLite file of a server, which must not be running
  --as NAME        name of the machine (the one it had)
  --help           this text

Exit code: 0 imported, 1 refused and nothing written, 2 wrong arguments.
`;

export function importMachine(argv: readonly string[]): Promise<number> {
  return runCommand('import', async () => {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: {
        database: { type: 'string' },
        as: { type: 'string' },
        help: { type: 'boolean' },
      },
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
    const checked = checkExport(file);
    const machineId = values.as ?? checked.machineId;
    const log = await openSqliteLog({ file: database, durability: 'full', exclusive: true });
    try {
      await importExport(log, file, checked, machineId);
    } finally {
      await log.close();
    }
    const { operations, seq } = checked;
    process.stdout.write(`machine ${machineId}: ${operations} operations, seq ${seq}\n`);
    return 0;
  });
}
