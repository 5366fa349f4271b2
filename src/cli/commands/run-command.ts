/** What the commands that read or write logs have in common. */
import { accessSync, constants } from 'node:fs';
import { RequestError } from '../../engine/machine/errors.ts';
import { ExportRefusedError } from '../../log/export/export-format.ts';
import { DamagedLogError, DatabaseRefusedError, type Log } from '../../log/log.ts';
import { isSqliteError } from '../../log/sqlite/sqlite-errors.ts';
import { StorageError } from '../../log/storage-error.ts';
import { EventVersionError } from '../../log/upcast.ts';

/** Machines listed for who named another. */
const MACHINES_NAMED_MAX = 10;

/** The command was not called as it wants to be. */
export class UsageError extends Error {}

/** The text of a flag that must be there. */
export function needed(flag: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new UsageError(`--${flag} is missing`);
  return value;
}

/** The only argument that is no flag: an export. Errors: UsageError, also if it cannot be read. */
export function onlyFile(positionals: readonly string[]): string {
  const [file, another] = positionals;
  if (file === undefined) throw new UsageError('a file is missing');
  if (another !== undefined) throw new UsageError(`one file is wanted; "${another}" is another`);
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `FILE: "${file}" cannot be read (${code}); name a file that faultline export made`,
    );
  }
  return file;
}

/** Errors: RequestError, the log has no such machine. */
export async function checkMachine(log: Log, machineId: string): Promise<void> {
  if ((await log.head(machineId)) !== null) return;
  const heads = await log.machines({ after: null, limit: MACHINES_NAMED_MAX + 1 });
  const names = heads.slice(0, MACHINES_NAMED_MAX).map(head => head.machineId);
  if (heads.length > MACHINES_NAMED_MAX) names.push('…');
  const there = names.length === 0 ? 'there is none at all' : `there are: ${names.join(', ')}`;
  throw new RequestError('UNKNOWN_MACHINE', `there is no machine "${machineId}"; ${there}`);
}

/** Runs a command. Exit codes: its own; 1 refused, 2 wrong arguments, both said on standard error. */
export async function runCommand(name: string, command: () => Promise<number>): Promise<number> {
  try {
    return await command();
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof UsageError || isParseArgsError(error)) {
      // The first sentence names the argument; the next ones advise on what does not apply.
      process.stderr.write(`faultline ${name}: ${message.split(/\.\s|\n/)[0]}; see --help\n`);
      return 2;
    }
    if (!isRefusal(error)) throw error;
    const which = error instanceof StorageError ? `${error.file}: ` : '';
    process.stderr.write(`faultline ${name}: ${which}${message}\n`);
    return 1;
  }
}

function isParseArgsError(error: unknown): boolean {
  return String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
}

/** What is wrong with a file, a database or what was asked for; anything else is our mistake. */
function isRefusal(error: unknown): boolean {
  return (
    REFUSALS.some(kind => error instanceof kind) ||
    isSqliteError(error) ||
    (error as NodeJS.ErrnoException).syscall !== undefined
  );
}

const REFUSALS = [
  RequestError,
  ExportRefusedError,
  DatabaseRefusedError,
  DamagedLogError,
  EventVersionError,
  StorageError,
];
