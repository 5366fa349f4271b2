/** Limits that Node or the supervisor changes, as the program is to have them. */
import { readFileSync } from 'node:fs';
import { RLIM_INFINITY, RLIMIT_FSIZE, RLIMIT_NOFILE } from '../../abi/ioctl/linux.ts';
import { setrlimit } from './libc.ts';

/** A limit of a process; decimal numbers, for they may have 64 bits. */
export interface Limit {
  readonly resource: number;
  readonly soft: string;
  readonly hard: string;
}

const NAMES: ReadonlyMap<number, string> = new Map([
  [RLIMIT_NOFILE, 'Max open files'],
  [RLIMIT_FSIZE, 'Max file size'],
]);

/** null: it cannot be read. */
function limitOf(process: number | 'self', resource: number): Limit | null {
  try {
    const text = readFileSync(`/proc/${process}/limits`, 'utf8');
    const line = new RegExp(`^${NAMES.get(resource)}\\s+(\\S+)\\s+(\\S+)`, 'm').exec(text);
    const number = (word: string) => (word === 'unlimited' ? String(RLIM_INFINITY) : word);
    return line === null ? null : { resource, soft: number(line[1]!), hard: number(line[2]!) };
  } catch {
    return null;
  }
}

export function setLimit({ resource, soft, hard }: Limit): boolean {
  const limit = Buffer.alloc(16);
  limit.writeBigUInt64LE(BigInt(soft), 0);
  limit.writeBigUInt64LE(BigInt(hard), 8);
  return setrlimit(resource, limit) === 0;
}

const FILE_SIZE = limitOf('self', RLIMIT_FSIZE);

/**
 * Node raises RLIMIT_NOFILE to the hard limit when it starts, so what it was is what the parent has, but
 * for a shell that lowered its own and became this process.
 */
function openFilesOfCaller(): Limit | null {
  const own = limitOf('self', RLIMIT_NOFILE);
  const parent = limitOf(process.ppid, RLIMIT_NOFILE);
  if (own === null || parent === null) return null;
  const lower = BigInt(parent.soft) < BigInt(own.hard);
  return { ...own, soft: lower ? parent.soft : own.hard };
}

/** What the program is to have. */
export function limitsOfCaller(): readonly Limit[] {
  return [openFilesOfCaller(), FILE_SIZE].filter(limit => limit !== null);
}

/** Files of this process may become as large as it can allow itself: the most bytes of one. */
export function raiseFileSize(): bigint {
  if (FILE_SIZE === null) return RLIM_INFINITY;
  const most = [String(RLIM_INFINITY), FILE_SIZE.hard].find(hard =>
    setLimit({ ...FILE_SIZE, soft: hard, hard }),
  );
  return BigInt(most ?? FILE_SIZE.soft);
}
