/** Which paths are answered here instead of by the kernel below. */
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { AT_FDCWD } from '../abi/ioctl/linux.ts';
import type { UserMemory } from './native/user-memory.ts';
import { DEBUG_FOLDER, type Tree } from './tree.ts';

export const IOMMU_PATH = '/dev/iommu';
/** Longer ones are none of ours. PATH_MAX is 4096. */
const PATH_BYTES = 256;

/** What a path of ours stands for. */
export type OwnPath =
  | { readonly type: 'CONTEXT' }
  /** /proc/…/fail-nth of a thread. */
  | { readonly type: 'FAIL_NTH'; readonly tid: number }
  /** A file or folder of the tree, at this place. */
  | { readonly type: 'TREE'; readonly place: string };

/** What a call names, if it is ours; null: it is not, and nothing more was looked at. */
export function ownPath(
  tree: Tree,
  memory: UserMemory,
  dirfd: number,
  pointer: bigint,
): OwnPath | null {
  const name = likelyPath(memory, dirfd, pointer);
  if (name === null) return null;
  if (name === IOMMU_PATH) return { type: 'CONTEXT' };
  const tid = failNthThread(name, memory.tid);
  if (tid !== null) return { type: 'FAIL_NTH', tid };
  const place = tree.find(name);
  return place === null ? null : { type: 'TREE', place };
}

/** The path that a call names, absolute, if it may be one of ours. */
export function likelyPath(memory: UserMemory, dirfd: number, pointer: bigint): string | null {
  const bytes = memory.readSome(pointer, PATH_BYTES);
  const end = bytes.indexOf(0);
  if (end < 0) return null;
  const path = bytes.toString('utf8', 0, end);
  // All but a few opens end here, so nothing dear may come before.
  if (!isLikely(path)) return null;
  const absolute = posix.isAbsolute(path) ? path : join(memory.tid, dirfd, path);
  return absolute === null ? null : posix.normalize(absolute).replace(/(.)\/$/, '$1');
}

function isLikely(path: string): boolean {
  return path.endsWith('iommu') || path.endsWith('fail-nth') || path.startsWith(DEBUG_FOLDER);
}

const FAIL_NTH = /^\/proc\/(self|thread-self|\d+)(?:\/task\/(\d+))?\/fail-nth$/;

/** The thread whose fail-nth a path is, as a program with the thread `caller` sees it; or null. */
function failNthThread(path: string, caller: number): number | null {
  const [, process, task] = FAIL_NTH.exec(path) ?? [];
  if (process === undefined) return null;
  const thread = task ?? (process === 'self' ? tgidOf(caller) : process);
  const tid = thread === 'thread-self' ? caller : Number(thread);
  const of = process === 'self' || process === 'thread-self' ? caller : Number(process);
  return existsSync(`/proc/${of}/task/${tid}`) ? tid : null;
}

function tgidOf(tid: number): string {
  return /^Tgid:\s+(\d+)/m.exec(readFileSync(`/proc/${tid}/status`, 'utf8'))![1]!;
}

function join(tid: number, dirfd: number, path: string): string | null {
  try {
    const from = dirfd === AT_FDCWD ? `/proc/${tid}/cwd` : `/proc/${tid}/fd/${dirfd}`;
    return posix.join(readlinkSync(from), path);
  } catch {
    return null;
  }
}
