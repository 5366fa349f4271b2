/** `faultline log`: the log of a machine in a terminal, as `git log` or `journalctl` print theirs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ERRNO } from '../../abi/errno.ts';
import { DEFAULT_MACHINE_ID } from '../../abi/limits.ts';
import type { Operation } from '../../core/machine/operation.ts';
import type { Log } from '../../log/log.ts';
import type { Flags } from '../command-line.ts';
import { operationJson, operationText } from '../print/log-text.ts';
import { CODES, Names, type Where, whereOf } from './log-where.ts';
import { checkMachine, runCommand, UsageError } from './run-command.ts';

export const HELP = `Usage: faultline log [MACHINE] [flags]

Prints the operations of a machine (default), the oldest first, each with what it was refused for
and its events. The database is not changed, and a server may have it open.

  --database FILE  SQLite file of a server (DATABASE, or data/faultline.sqlite)
  --grep TEXT      only operations that say it: name, arguments, refusal, sentences of events;
                   letters in any case
  --object OBJECT  only those that name it: "device 2", "fault queue 4 of context 1",
                   "iopf group 7", or a PCI address
  --addr ADDRESS   only those about an address: a page request for its page with what became of its
                   group, a range over it; or about a range: 0x10000..0x1ffff with both its ends,
                   0x10000+0x10000 with its length
  --code CODE      only those by which a device was answered so: SUCCESS, INVALID, FAILURE, or the
                   number of one
  --errno NAME     only those refused with it; "any" for every refusal
  --since TIME     only those that ran then or later: 2026-11-26T20:00:00Z, or 90s, 15m, 2h, 3d ago
  --last N         only the newest N of them; with --follow, and what comes
  --follow         go on with what comes, until it is interrupted
  --json           a line of JSON for each operation, whole where the text cuts long arguments;
                   names of codes and flags stand beside them: perm 1, permNames
  --help           this text

Examples:
  faultline log --errno any --last 5
  faultline log story --object "iopf group 1"
  faultline log story --code INVALID
  faultline log --addr 0x10000..0x4ffff --code INVALID
  faultline log --addr 0x10000 --json | jq -r '.events[].summary'

Exit code: 0 printed, 1 refused or not readable, 2 wrong arguments.
`;

export const FLAGS = {
  database: { type: 'string', default: process.env['DATABASE'] ?? 'data/faultline.sqlite' },
  grep: { type: 'string' },
  object: { type: 'string' },
  addr: { type: 'string' },
  code: { type: 'string', oneOf: CODES },
  errno: { type: 'string', oneOf: ['any', ...Object.keys(ERRNO)] },
  since: { type: 'string' },
  last: { type: 'string' },
  follow: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean' },
} as const satisfies Flags;

/** Operations read at a time. */
const PAGE_OPERATIONS = 500;
/** How often a log that is followed is looked at again. */
const FOLLOW_MS = 200;

export function log(argv: readonly string[]): Promise<number> {
  return runCommand('log', async () => {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: FLAGS,
      allowPositionals: true,
    });
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    const [machineId = DEFAULT_MACHINE_ID, another] = positionals;
    if (another !== undefined) {
      throw new UsageError(`one machine is wanted; "${another}" is another`);
    }
    const last = values.last === undefined ? null : wholeNumber('last', values.last);
    const names = new Names();
    const where = whereOf(values, names);
    // It takes longer to load than all else, and help needs none of it.
    const { openSqliteLogToRead } = await import('../../log/sqlite/sqlite-read.ts');
    const stored = await openSqliteLogToRead(values.database);
    try {
      await checkMachine(stored, machineId);
      const print = values.json ? operationJson : operationText;
      await printLog(stored, machineId, {
        where,
        names,
        last,
        follow: values.follow,
        print: operation => print(operation, names.of),
      });
    } finally {
      await stored.close();
    }
    return 0;
  });
}

interface Printing {
  readonly where: Where;
  readonly names: Names;
  readonly last: number | null;
  readonly follow: boolean;
  readonly print: (operation: Operation) => string;
}

async function printLog(stored: Log, machineId: string, printing: Printing): Promise<void> {
  const { where, names, last, follow, print } = printing;
  /** How many are kept for the end of what is there; null: each is printed at once. */
  let keeps = last;
  let kept: string[] = [];
  let stopped = false;
  let found = false;
  process.once('SIGINT', () => {
    stopped = true;
  });
  for (let after = 0; !stopped; ) {
    const page = await stored.read(machineId, { afterNumber: after, limit: PAGE_OPERATIONS });
    for (const operation of page) {
      names.learn(operation.events);
      if (!where.fits(operation)) continue;
      found = true;
      if (keeps === null) process.stdout.write(print(operation));
      else kept.push(print(operation));
    }
    if (keeps !== null) kept = kept.slice(-keeps);
    after = page.at(-1)?.number ?? after;
    if (page.length === PAGE_OPERATIONS) continue;
    for (const text of kept.splice(0)) process.stdout.write(text);
    if (!follow) break;
    keeps = null;
    await sleep(FOLLOW_MS);
  }
  if (found || follow) return;
  const why = where.neverWas() ?? `no operation of machine "${machineId}" is like that`;
  process.stderr.write(`${why}\n`);
}

/** Errors: UsageError. */
function wholeNumber(flag: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    throw new UsageError(`--${flag}: expected a whole number from 1, not "${text}"`);
  }
  return Number(text);
}
