/** `faultline log`: the log of a machine in a terminal, as `git log` or `journalctl` print theirs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ERRNO } from '../../abi/errno.ts';
import { DEFAULT_MACHINE_ID } from '../../abi/limits.ts';
import { namesAddress } from '../../core/explain/names-address.ts';
import { commandNames, eventNames } from '../../core/explain/naming.ts';
import type { ObjectKind } from '../../core/explain/object-fields.ts';
import { OBJECT_KINDS, type ObjectKey } from '../../core/explain/object-key.ts';
import { CORE_RESPONSE } from '../../core/hardware/vendors/formats.ts';
import type { Event } from '../../core/machine/event.ts';
import type { Operation } from '../../core/machine/operation.ts';
import { argumentsText } from '../../engine/find/search.ts';
import { eventsOf } from '../../engine/follow/follow.ts';
import { deviceAdded } from '../../engine/past/device-names.ts';
import type { Log } from '../../log/log.ts';
import { openSqliteLogToRead } from '../../log/sqlite/sqlite-read.ts';
import type { Flags } from '../command-line.ts';
import { operationJson, operationText } from '../print/log-text.ts';
import { checkMachine, runCommand, UsageError } from './run-command.ts';

const CODES = Object.keys(CORE_RESPONSE);

export const HELP = `Usage: faultline log [MACHINE] [flags]

Prints the operations of a machine (default), the oldest first, each with what it was refused for
and its events. The database is not changed, and a server may have it open.

  --database FILE  SQLite file of a server (DATABASE, or data/faultline.sqlite)
  --grep TEXT      only operations that say it: name, arguments, refusal, sentences of events;
                   letters in any case
  --object OBJECT  only those that name it: "device 2", "fault queue 4 of context 1",
                   "iopf group 7", or a PCI address
  --addr ADDRESS   only those about an address: a page request for its page with what became of its
                   group, a range over it
  --code CODE      only those by which a device was answered so: SUCCESS, INVALID, FAILURE
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
  faultline log --addr 0x10000 --json | jq -r '.events[].summary'

Exit code: 0 printed, 1 refused or not readable, 2 wrong arguments.
`;

export const FLAGS = {
  database: { type: 'string', default: process.env['DATABASE'] ?? 'data/faultline.sqlite' },
  grep: { type: 'string' },
  object: { type: 'string' },
  addr: { type: 'string' },
  code: { type: 'string', oneOf: CODES },
  errno: { type: 'string' },
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

type Fits = (operation: Operation) => boolean;

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
    const fits = allOf(conditionsOf(values, names));
    const stored = await openSqliteLogToRead(values.database);
    try {
      await checkMachine(stored, machineId);
      const print = values.json ? operationJson : operationText;
      await printLog(stored, machineId, {
        fits,
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
  readonly fits: Fits;
  readonly names: Names;
  readonly last: number | null;
  readonly follow: boolean;
  readonly print: (operation: Operation) => string;
}

async function printLog(stored: Log, machineId: string, printing: Printing): Promise<void> {
  const { fits, names, last, follow, print } = printing;
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
      if (!fits(operation)) continue;
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
  if (!found && !follow)
    process.stderr.write(`no operation of machine "${machineId}" is like that\n`);
}

/** What the physical devices are called, learned on the way. */
class Names {
  private readonly byNo = new Map<number, string>();
  readonly of = (deviceNo: number): string | null => this.byNo.get(deviceNo) ?? null;

  learn(events: readonly Event[]): void {
    for (const event of events) {
      const added = deviceAdded(event);
      if (added !== null) this.byNo.set(...added);
    }
  }

  /** The numbers that had the name so far: a function may go and come back. */
  numbersOf(name: string): number[] {
    return [...this.byNo].filter(([, is]) => is === name).map(([deviceNo]) => deviceNo);
  }
}

interface Wanted {
  readonly grep?: string | undefined;
  readonly object?: string | undefined;
  readonly addr?: string | undefined;
  readonly code?: string | undefined;
  readonly errno?: string | undefined;
  readonly since?: string | undefined;
}

function conditionsOf({ grep, object, addr, code, errno, since }: Wanted, names: Names): Fits[] {
  const conditions: Fits[] = [];
  // It learns from each operation, so it is asked before any other.
  if (addr !== undefined) conditions.push(aboutAddress(addressOf(addr)));
  if (since !== undefined) {
    const fromMs = timeOf(since);
    conditions.push(({ atMs }) => atMs >= fromMs);
  }
  if (errno !== undefined) {
    const wanted = errno.toUpperCase();
    if (wanted !== 'ANY' && !Object.hasOwn(ERRNO, wanted)) {
      const names = Object.keys(ERRNO).join(' ');
      throw new UsageError(`--errno: expected "any" or one of ${names}, not "${errno}"`);
    }
    conditions.push(
      operation => operation.errno !== 0 && ['ANY', operation.errno].includes(wanted),
    );
  }
  if (code !== undefined) {
    const wanted = codeOf(code);
    conditions.push(({ events }) =>
      events.some(event => event.type === 'PageResponseSent' && event.code === wanted),
    );
  }
  if (object !== undefined) conditions.push(namesObject(object, names));
  if (grep !== undefined) {
    const wanted = grep.toLowerCase();
    conditions.push(operation => {
      const said = operationText(operation, names.of) + argumentsText(operation.command);
      return said.toLowerCase().includes(wanted);
    });
  }
  return conditions;
}

/** Also the reading and the answer of a group that asked for its page. */
function aboutAddress(address: bigint): Fits {
  const groups = new Set<number>();
  return ({ command, events }) => {
    let isAbout = namesAddress(command, address);
    for (const event of events) {
      const names = namesAddress(event, address);
      if (names && event.type === 'IopfGroupQueued') groups.add(event.iopfGroupId);
      const isOfGroup =
        'iopfGroupId' in event && event.iopfGroupId !== null && groups.has(event.iopfGroupId);
      isAbout ||= names || isOfGroup;
    }
    return isAbout;
  };
}

function allOf(conditions: readonly Fits[]): Fits {
  return operation => conditions.every(fits => fits(operation));
}

const OBJECT = /^(.+?) (\d{1,15})(?: of context (\d{1,10}))?$/;
const BDF = /^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;

/** Errors: UsageError. */
function namesObject(text: string, names: Names): Fits {
  if (BDF.test(text)) {
    return operation =>
      Object.values(operation.command).includes(text) ||
      names.numbersOf(text).some(id => named(operation, { ...NO_KEY, id }));
  }
  const [, word, id, contextId] = OBJECT.exec(text) ?? [];
  const kinds = Object.entries(OBJECT_KINDS)
    .filter(([kind, said]) => kind.toLowerCase() === word?.toLowerCase() || saidAs(said.word, word))
    .map(([kind]) => kind as ObjectKind);
  if (kinds.length === 0) {
    const words = Object.values(OBJECT_KINDS).map(({ word: said }) => said);
    throw new UsageError(
      `--object: expected a PCI address, or one of ${words.join(', ')} with its number, not "${text}"`,
    );
  }
  const keys = kinds.map(kind => ({
    kind,
    contextId: kind === 'CONTEXT' ? Number(id) : contextId === undefined ? null : Number(contextId),
    id: kind === 'CONTEXT' ? null : Number(id),
    iova: null,
  }));
  return operation => keys.some(key => named(operation, key));
}

const NO_KEY = { kind: 'PHYSICAL_DEVICE', contextId: null, iova: null } as const;

/** "hwpt" says both kinds. */
function saidAs(word: string, asked: string | undefined): boolean {
  return word === asked || (asked === 'hwpt' && word.endsWith('hwpt'));
}

function named(operation: Operation, key: ObjectKey): boolean {
  if (commandNames(operation.command, key)) return true;
  return eventsOf(operation).some(({ event, seq }) => eventNames(event, seq, key));
}

/** Errors: UsageError. */
function codeOf(text: string): number {
  const name = text.toUpperCase();
  if (!Object.hasOwn(CORE_RESPONSE, name)) {
    throw new UsageError(`--code: expected one of ${CODES.join(', ')}, not "${text}"`);
  }
  return CORE_RESPONSE[name as keyof typeof CORE_RESPONSE];
}

/** Errors: UsageError. */
function addressOf(text: string): bigint {
  if (!/^0x[0-9a-f]{1,16}$/i.test(text)) {
    throw new UsageError(`--addr: expected an address such as 0x10000, not "${text}"`);
  }
  return BigInt(text);
}

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds since the epoch. Errors: UsageError. */
function timeOf(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (unit !== undefined) return Date.now() - Number(count) * UNITS_MS[unit]!;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) {
    throw new UsageError(
      `--since: expected a time such as 2026-11-26T20:00:00Z or 15m, not "${text}"`,
    );
  }
  return ms;
}

/** Errors: UsageError. */
function wholeNumber(flag: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    throw new UsageError(`--${flag}: expected a whole number from 1, not "${text}"`);
  }
  return Number(text);
}
