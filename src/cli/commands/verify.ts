/** `faultline verify`: is a database what was written? */
import { parseArgs } from 'node:util';
import { evolve } from '../../core/machine/evolve.ts';
import { initialState } from '../../core/machine/state.ts';
import { finalHash } from '../../engine/export/final-hash.ts';
import { isUnfinished } from '../../engine/replay/rerun-plan.ts';
import { DamagedLogError, damageText, type Log } from '../../log/log.ts';
import { isSqliteError } from '../../log/sqlite/sqlite-errors.ts';
import { checkStructures, openSqliteLogToRead } from '../../log/sqlite/sqlite-read.ts';
import { walLoss } from '../../log/sqlite/wal-frames.ts';
import type { Flags } from '../command-line.ts';
import { liveLine } from '../print/live-line.ts';
import { checkMachine, needed, runCommand } from './run-command.ts';

export const HELP = `Usage: faultline verify --database FILE [--machine ID] [--json]

Walks the hash chain of every machine, from its first operation to its last, and prints where it
ends, or the first damage by machine, operation and seq; then checks what is kept beside the
operations (forks, bookmarks, the plans of whatIf, snapshots), the file's own structures, and whether
all of the write-ahead log beside it can be read. Two
hashes tell a machine's log: the chain hash stands for each byte that is stored, with times and in
this order, and compares copies of one log; the final hash stands for the state that the events lead
to, and compares with what faultline replay and an export say. The
database is not changed, and a server may have it open. Operations cut off at the end can be seen
only by who kept the hash that was printed before.

  --database FILE  SQLite file of a server
  --machine ID     this machine alone
  --json           a line of JSON for each machine and each damage
  --help           this text

Examples:
  faultline verify --database data/faultline.sqlite
  faultline verify --database data/faultline.sqlite --machine default --json

Exit code: 0 nothing is damaged, 1 something is, or the file was refused, 2 wrong arguments.
`;

export const FLAGS = {
  database: { type: 'string' },
  machine: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean' },
} as const satisfies Flags;

export function verify(argv: readonly string[]): Promise<number> {
  return runCommand('verify', async () => {
    const { values } = parseArgs({
      args: [...argv],
      options: FLAGS,
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
      const said = values.json ? json : text;
      damaged = await verifyMachines(log, values.machine ?? null, said);
      damaged += await verifyKept(log, values.machine ?? null, said);
    } finally {
      await log.close();
    }
    const structures = checkStructures(file);
    const corrupt = structures === null ? null : `it is corrupt (${structures})`;
    const wrong = [corrupt, walLoss(file)].filter(what => what !== null);
    for (const what of wrong) {
      process.stdout.write(
        values.json ? json({ file, damaged: true, what }) : `${file}: ${what}\n`,
      );
    }
    return damaged === 0 && wrong.length === 0 ? 0 : 1;
  });
}

/** How many rows beside the operations are damaged. */
async function verifyKept(log: Log, only: string | null, said: Say): Promise<number> {
  try {
    const found = await log.verifyKept(only);
    for (const damage of found) {
      const { machineId } = damage;
      process.stdout.write(said({ machineId, damaged: true, what: damageText(damage) }));
    }
    return found.length;
  } catch (error) {
    if (!(error instanceof DamagedLogError) && !isSqliteError(error)) throw error;
    process.stdout.write(said({ damaged: true, what: `beside the operations: ${error.message}` }));
    return 1;
  }
}

/** How many are damaged. */
async function verifyMachines(log: Log, only: string | null, said: Say): Promise<number> {
  let damaged = 0;
  const line = liveLine();
  for await (const machineId of only === null ? machineIds(log) : [only]) {
    // Of all machines, what some share is walked once.
    line.show(`machine ${machineId} …`);
    const verdict = await verifyMachine(log, machineId, only === null ? 'OWN' : 'ALL');
    line.clear();
    process.stdout.write(said(verdict));
    if (verdict.damaged) damaged++;
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

async function verifyMachine(log: Log, machineId: string, which: 'ALL' | 'OWN'): Promise<Verdict> {
  try {
    const head = await log.head(machineId);
    const damage = await log.verify(machineId, which);
    if (damage !== null) return { machineId, damaged: true, what: damageText(damage) };
    const unfinished = await isUnfinished(log, machineId);
    if (head === null) return { machineId, damaged: false, what: 'deleted meanwhile' };
    const { number: operations, seq, hash: chainHash } = head;
    const ends = { operations, seq, chainHash, finalHash: await finalHashOf(log, machineId, seq) };
    return { machineId, damaged: false, ...ends, ...(unfinished ? { what: UNFINISHED } : {}) };
  } catch (error) {
    if (error instanceof DamagedLogError) {
      return { machineId, damaged: true, what: damageText(error.damage) };
    }
    if (!isSqliteError(error)) throw error;
    const what = `SQLite cannot read it (${error.code}: ${error.message})`;
    return { machineId, damaged: true, what };
  }
}

/** Also while a server makes it just now. */
const UNFINISHED = 'made by whatIf, of which not all operations have run';

/** What is found of a machine, or of what is kept beside its operations. */
interface Verdict {
  readonly file?: string;
  readonly machineId?: string;
  readonly damaged: boolean;
  /** Where the log ends; absent if it is damaged. */
  readonly operations?: number;
  readonly seq?: number;
  readonly chainHash?: string;
  readonly finalHash?: string;
  readonly what?: string;
}

type Say = (verdict: Verdict) => string;

const json: Say = verdict => `${JSON.stringify(verdict)}\n`;

function text({
  machineId,
  damaged,
  what,
  operations,
  seq,
  chainHash,
  finalHash,
}: Verdict): string {
  const which = machineId === undefined ? '' : `machine ${machineId}: `;
  if (damaged) return `${which}${machineId === undefined ? '' : 'damaged at '}${what}\n`;
  if (operations === undefined) return `${which}${what}\n`;
  const end = `${operations} operations, seq ${seq}${what === undefined ? '' : `; ${what}`}`;
  return `${which}${end}\n  chain hash ${chainHash}\n  final hash ${finalHash}\n`;
}

/** Operations read at a time. */
const PAGE_OPERATIONS = 500;

/** Of the state that the events lead to, up to seq `until`. */
async function finalHashOf(log: Log, machineId: string, until: number): Promise<string> {
  const state = initialState();
  for (let afterNumber = 0; state.seq < until; ) {
    const page = await log.readEvents(machineId, { afterNumber, limit: PAGE_OPERATIONS });
    if (page.length === 0) break;
    for (const { events } of page) {
      for (const event of events) if (state.seq < until) evolve(state, event);
    }
    afterNumber = page.at(-1)!.number;
  }
  return finalHash(state);
}
