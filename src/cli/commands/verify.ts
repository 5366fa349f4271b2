/** `faultline verify`: is a database what was written? */
import { parseArgs } from 'node:util';
import { isUnfinished } from '../../engine/replay/rerun-plan.ts';
import { DamagedLogError, damageText, type Log } from '../../log/log.ts';
import {
  checkStructures,
  isSqliteError,
  openSqliteLogToRead,
} from '../../log/sqlite/sqlite-read.ts';
import { walLoss } from '../../log/sqlite/wal-frames.ts';
import { checkMachine, needed, runCommand } from './run-command.ts';

const HELP = `Usage: faultline verify --database FILE [--machine ID]

Walks the hash chain of every machine, from its first operation to its last, and prints where it
ends, or the first damage by machine, operation and seq; then checks what is kept beside the
operations (forks, bookmarks, the plans of whatIf, snapshots), the file's own structures, and whether
all of the write-ahead log beside it can be read. The database is not changed, and a server may have it open. Operations cut off at the end can be seen
only by who kept the hash that was printed before.

  --database FILE  SQLite file of a server
  --machine ID     this machine alone
  --help           this text

Exit code: 0 nothing is damaged, 1 something is, or the file was refused, 2 wrong arguments.
`;

export function verify(argv: readonly string[]): Promise<number> {
  return runCommand('verify', async () => {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        database: { type: 'string' },
        machine: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    const file = needed('database', values.database);
    const log = await openSqliteLogToRead(file);
    let damaged = 0;
    try {
      if (values.machine !== undefined) await checkMachine(log, values.machine);
      damaged = await verifyMachines(log, values.machine ?? null);
      damaged += await verifyKept(log, values.machine ?? null);
    } finally {
      await log.close();
    }
    const structures = checkStructures(file);
    if (structures !== null) process.stdout.write(`${file}: it is corrupt (${structures})\n`);
    const lost = walLoss(file);
    if (lost !== null) process.stdout.write(`${lost}\n`);
    return damaged === 0 && structures === null && lost === null ? 0 : 1;
  });
}

/** How many rows beside the operations are damaged. */
async function verifyKept(log: Log, only: string | null): Promise<number> {
  try {
    const found = await log.verifyKept(only);
    for (const damage of found) {
      process.stdout.write(`machine ${damage.machineId}: damaged at ${damageText(damage)}\n`);
    }
    return found.length;
  } catch (error) {
    if (!(error instanceof DamagedLogError) && !isSqliteError(error)) throw error;
    process.stdout.write(`beside the operations: ${error.message}\n`);
    return 1;
  }
}

/** How many are damaged. */
async function verifyMachines(log: Log, only: string | null): Promise<number> {
  let damaged = 0;
  for await (const machineId of only === null ? machineIds(log) : [only]) {
    // Of all machines, what some share is walked once.
    const said = await verifyMachine(log, machineId, only === null ? 'OWN' : 'ALL');
    process.stdout.write(`machine ${machineId}: ${said.text}\n`);
    if (said.damaged) damaged++;
  }
  return damaged;
}

async function* machineIds(log: Log): AsyncGenerator<string> {
  let machineId = await machineIdAfter(log, null);
  while (machineId !== null) {
    yield machineId;
    machineId = await machineIdAfter(log, machineId);
  }
}

/** One at a time, so that one without its first operation does not hide the others. */
async function machineIdAfter(log: Log, after: string | null): Promise<string | null> {
  try {
    const [head] = await log.machines({ after, limit: 1 });
    return head?.machineId ?? null;
  } catch (error) {
    if (error instanceof DamagedLogError) return error.damage.machineId;
    throw error;
  }
}

async function verifyMachine(log: Log, machineId: string, which: 'ALL' | 'OWN') {
  try {
    const head = await log.head(machineId);
    const damage = await log.verify(machineId, which);
    if (damage !== null) return { damaged: true, text: `damaged at ${damageText(damage)}` };
    const unfinished = await isUnfinished(log, machineId);
    if (head === null) return { damaged: false, text: 'deleted meanwhile' };
    const { number, seq, hash } = head;
    const text = `${number} operations, seq ${seq}, hash ${hash}`;
    if (!unfinished) return { damaged: false, text };
    return { damaged: false, text: `${text}; ${UNFINISHED}` };
  } catch (error) {
    if (error instanceof DamagedLogError) {
      return { damaged: true, text: `damaged at ${damageText(error.damage)}` };
    }
    if (!isSqliteError(error)) throw error;
    return { damaged: true, text: `SQLite cannot read it (${error.code}: ${error.message})` };
  }
}

/** Also while a server makes it just now. */
const UNFINISHED = 'made by whatIf, of which not all operations have run';
