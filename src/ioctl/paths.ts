/** Which paths are answered here instead of by the kernel below. */
import { existsSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { AT_FDCWD } from '../abi/ioctl/linux.ts';
import type { UserMemory } from './native/user-memory.ts';
import { IOMMU_PATH, type OwnPath, vfioNumberAt } from './own-path.ts';
import { tgidOf } from './process-facts.ts';
import { DeviceTree } from './sysfs/device-tree.ts';
import { DEBUG_FOLDER, type Tree } from './tree.ts';

/** Longer ones are none of ours. PATH_MAX is 4096. */
const PATH_BYTES = 256;

/** What a call names, if it is ours; null: it is not, and nothing more was looked at. */
export function ownPath(
  tree: Tree,
  memory: UserMemory,
  dirfd: number,
  pointer: bigint,
): OwnPath | null {
  const name = likelyPath(memory, dirfd, pointer, tree.root);
  if (name === null) return null;
  if (name === IOMMU_PATH) return { type: 'CONTEXT' };
  const number = vfioNumberAt(name);
  if (number !== null) return { type: 'DEVICE', number };
  if (DeviceTree.mayHave(name)) return { type: 'SYSFS', path: name };
  const tid = failNthThread(name, memory.tid);
  if (tid !== null) return { type: 'FAIL_NTH', tid };
  const place = tree.find(name);
  return place === null ? null : { type: 'TREE', place };
}

/** The path that a call names, absolute, if it may be one of ours. */
export function likelyPath(
  memory: UserMemory,
  dirfd: number,
  pointer: bigint,
  root = '',
): string | null {
  const path = pathText(memory, pointer);
  // All but a few calls end here, so nothing dear may come before.
  const isAbsolute = path !== null && posix.isAbsolute(path);
  if (path === null || path === '' || (isAbsolute && !isLikely(path))) return null;
  const absolute = isAbsolute ? path : join(memory.tid, dirfd, path);
  if (absolute === null) return null;
  const whole = posix.normalize(absolute).replace(/(.)\/$/, '$1');
  // From a folder of the tree: by the path that the folder stands for.
  const name = root !== '' && whole.startsWith(`${root}/`) ? whole.slice(root.length) : whole;
  return isLikely(name) ? name : null;
}

/** The path at an address of a program; null: none that can be ours. */
export function pathText(memory: UserMemory, pointer: bigint): string | null {
  const bytes = memory.readSome(pointer, PATH_BYTES);
  const end = bytes.indexOf(0);
  return end < 0 ? null : bytes.toString('utf8', 0, end);
}

function isLikely(path: string): boolean {
  return (
    path.endsWith('iommu') ||
    path.endsWith('fail-nth') ||
    path.startsWith(DEBUG_FOLDER) ||
    LIKELY_DEVICE.test(path) ||
    DeviceTree.mayHave(path)
  );
}

const LIKELY_DEVICE = /vfio\d+$/;

const FAIL_NTH = /^\/proc\/(self|thread-self|\d+)(?:\/task\/(\d+))?\/fail-nth$/;

/** The thread whose fail-nth a path is, as a program with the thread `caller` sees it; or null. */
function failNthThread(path: string, caller: number): number | null {
  const [, process, task] = FAIL_NTH.exec(path) ?? [];
  if (process === undefined) return null;
  const thread = task ?? (process === 'self' ? String(tgidOf(caller)) : process);
  const tid = thread === 'thread-self' ? caller : Number(thread);
  const of = process === 'self' || process === 'thread-self' ? caller : Number(process);
  return existsSync(`/proc/${of}/task/${tid}`) ? tid : null;
}

function join(tid: number, dirfd: number, path: string): string | null {
  try {
    const from = dirfd === AT_FDCWD ? `/proc/${tid}/cwd` : `/proc/${tid}/fd/${dirfd}`;
    return posix.join(readlinkSync(from), path);
  } catch {
    return null;
  }
}
