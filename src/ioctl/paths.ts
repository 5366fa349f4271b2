/** Which paths are answered here instead of by the kernel below. */
import { existsSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { AT_FDCWD, ENOTDIR } from '../abi/ioctl/linux.ts';
import type { UserMemory } from './native/user-memory.ts';
import { fileOf, IOMMU_PATH, type OwnPath, vfioNumberAt } from './own-path.ts';
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
  const whole = name.endsWith('/') ? name.slice(0, -1) : name;
  const own = fileAt(whole, memory.tid);
  if (own !== null) {
    return whole === name ? own : { type: 'REFUSED', returned: -ENOTDIR, file: fileOf(own) };
  }
  if (DeviceTree.mayHave(whole)) return { type: 'SYSFS', path: name };
  const place = tree.find(name);
  return place === null ? null : { type: 'TREE', place };
}

/** What of ours a path names that is no folder, nor in one. */
function fileAt(name: string, tid: number): OwnPath | null {
  if (name === IOMMU_PATH) return { type: 'CONTEXT' };
  const number = vfioNumberAt(name);
  if (number !== null) return { type: 'DEVICE', number };
  const thread = failNthThread(name, tid);
  return thread === null ? openFileAt(name, tid) : { type: 'FAIL_NTH', tid: thread };
}

/**
 * The path that a call names, absolute, if it may be one of ours; one that must be a folder ends in "/".
 */
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
  const whole = throughProcess(posix.normalize(absolute), memory.tid);
  // From a folder of the tree: by the path that the folder stands for.
  const name = root !== '' && whole.startsWith(`${root}/`) ? whole.slice(root.length) : whole;
  if (!isLikely(name)) return null;
  return path.endsWith('/.') && !name.endsWith('/') ? `${name}/` : name;
}

const THROUGH_PROCESS = /^\/proc\/(self|thread-self|\d+)\/(root|cwd)(\/.*)$/;

/** A path that goes through the root or the working directory of a process, without that. */
function throughProcess(path: string, caller: number): string {
  const [, process, which, rest] =
    (path.startsWith('/proc/') ? THROUGH_PROCESS.exec(path) : null) ?? [];
  if (rest === undefined) return path;
  try {
    return posix.join(readlinkSync(`/proc/${processOf(process!, caller)}/${which}`), rest);
  } catch {
    return path;
  }
}

const FILE_LINK = /^\/proc\/(self|thread-self|\d+)(?:\/task\/(\d+))?\/fd\/(\d{1,9})$/;
const OWN_FILE_LINK = /^\/dev\/(?:fd\/(\d{1,9})|std(in|out|err))$/;
const STANDARD_FILES = ['in', 'out', 'err'];

/** The open file whose link in /proc/…/fd a path is, as the thread `caller` sees it; or null. */
export function openFileAt(
  path: string,
  caller: number,
): Extract<OwnPath, { type: 'FILE' }> | null {
  const [, process, task, number] = FILE_LINK.exec(path) ?? [];
  if (process !== undefined) {
    const tid = task === undefined ? processOf(process, caller) : Number(task);
    return { type: 'FILE', tid, number: Number(number) };
  }
  const [match, own, standard] = OWN_FILE_LINK.exec(path) ?? [];
  if (match === undefined) return null;
  const found = own === undefined ? STANDARD_FILES.indexOf(standard!) : Number(own);
  return { type: 'FILE', tid: caller, number: found };
}

/** A thread of the process that a folder of /proc belongs to. */
const processOf = (name: string, caller: number) =>
  name === 'self' || name === 'thread-self' ? caller : Number(name);

/**
 * What the working directory, or an open file, of a process is called; null: it lies in no folder of
 * ours.
 */
export function placeInTree({ root }: Tree, path: string, caller: number): string | null {
  const [, process, what] = /^\/proc\/(self|thread-self|\d+)\/(cwd|fd\/\d+)$/.exec(path) ?? [];
  if (process === undefined) return null;
  try {
    const place = readlinkSync(`/proc/${processOf(process, caller)}/${what}`);
    return place.startsWith(`${root}/`) ? place.slice(root.length) : null;
  } catch {
    return null;
  }
}

/** The path at an address of a program; null: none that can be ours. */
export function pathText(memory: UserMemory, pointer: bigint): string | null {
  const bytes = memory.readSome(pointer, PATH_BYTES);
  const end = bytes.indexOf(0);
  return end < 0 ? null : bytes.toString('utf8', 0, end);
}

function isLikely(path: string): boolean {
  return LIKELY_FILE.test(path) || path.startsWith(DEBUG_FOLDER) || DeviceTree.mayHave(path);
}

const LIKELY_FILE = /(?:iommu|fail-nth|vfio\d+|\/fd\/\d+|^\/dev\/std(?:in|out|err))\/*\.?$/;

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
