/** What the kernel below says about the files that a process has mapped. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { PAGE_SIZE } from '../../abi/uapi.ts';
import { isSharedMemory, type MappedFiles, type Mapping } from './maps.ts';

/** Filesystems that keep pages nowhere but in memory. */
const IN_MEMORY: ReadonlySet<string> = new Set(['tmpfs', 'ramfs', 'hugetlbfs', 'devtmpfs']);
/** Memory that is called a file. */
const NO_FILE = /^(\/memfd:|\/dev\/zero\b|\/SYSV|\/anon_hugepage\b|\[|$)/;
/** May be of huge pages; the rest of the names is anybody's. */
const MAYBE_HUGE = /^\/(anon_hugepage\b|memfd:|SYSV|dev\/hugepages)/;
const HUGE = 1n << 21n;

export class ProcFiles implements MappedFiles {
  private readonly pid: number;
  private pageSizes: ReadonlyMap<bigint, number> | null = null;
  private writtenBack: ReadonlyMap<string, boolean> | null = null;
  /** Of files mapped to be private, by device and inode: libraries and the like stay as they are. */
  private readonly sizes = new Map<string, bigint | null>();

  constructor(pid: number) {
    this.pid = pid;
  }

  /** Another look: what is mapped is not what it was. */
  begin(): void {
    this.pageSizes = null;
  }

  sizeOf(mapping: Mapping): bigint | null {
    const { inode, path } = mapping;
    if (inode === '0' || path.startsWith('/dev/zero') || path.startsWith('/SYSV')) return null;
    const key = `${mapping.device} ${inode}`;
    const known = isShared(mapping) ? undefined : this.sizes.get(key);
    if (known !== undefined) return known;
    const found = sizeAt(path, inode) ?? this.sizeOfOpen(inode);
    this.sizes.set(key, found);
    return found;
  }

  /** A file without a name may be open under a number. */
  private sizeOfOpen(inode: string): bigint | null {
    const folder = `/proc/${this.pid}/fd`;
    for (const fd of listOf(folder)) {
      const size = sizeAt(`${folder}/${fd}`, inode);
      if (size !== null) return size;
    }
    return null;
  }

  isWrittenBack({ inode, path, device }: Mapping): boolean {
    if (inode === '0' || NO_FILE.test(path)) return false;
    this.writtenBack ??= filesystemsOf(this.pid);
    return this.writtenBack.get(device) ?? false;
  }

  pageSizeOf({ start, last, path }: Mapping): number {
    if (!MAYBE_HUGE.test(path) || start % HUGE !== 0n || (last + 1n) % HUGE !== 0n) {
      return PAGE_SIZE;
    }
    this.pageSizes ??= pageSizesOf(this.pid);
    return this.pageSizes.get(start) ?? PAGE_SIZE;
  }
}

/** As a guest's memory is, whose size may change. */
export function isShared(mapping: Mapping): boolean {
  return isSharedMemory(mapping) && !mapping.path.startsWith('/dev/zero');
}

function listOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** null: there is no such file, or it is another. */
function sizeAt(path: string, inode: string): bigint | null {
  try {
    const found = statSync(path, { bigint: true });
    return found.isFile() && found.ino === BigInt(inode) ? found.size : null;
  } catch {
    return null;
  }
}

/** Whether the pages of files on a device are written back, by `major:minor` in hex. */
function filesystemsOf(pid: number): Map<string, boolean> {
  const found = new Map<string, boolean>();
  for (const line of textOf(`/proc/${pid}/mountinfo`).split('\n')) {
    const [, , device] = line.split(' ');
    const type = line.split(' - ')[1]?.split(' ')[0];
    if (device === undefined || type === undefined) continue;
    const [major, minor] = device.split(':').map(BigInt);
    found.set(deviceName(major!, minor!), !IN_MEMORY.has(type));
  }
  return found;
}

/** As the list of mappings has it. */
function deviceName(major: bigint, minor: bigint): string {
  return [major, minor].map(part => part.toString(16).padStart(2, '0')).join(':');
}

/** The device of a file as the list of mappings has it, from what stat says (new_encode_dev). */
export function deviceOf(dev: bigint): string {
  return deviceName((dev >> 8n) & 0xfffn, (dev & 0xffn) | ((dev >> 12n) & 0xfff00n));
}

/** Bytes of a page by where a mapping begins. Walks all pages: asked only where some may be huge. */
function pageSizesOf(pid: number): Map<bigint, number> {
  const sizes = new Map<bigint, number>();
  let start = 0n;
  for (const line of textOf(`/proc/${pid}/smaps`).split('\n')) {
    const head = /^([\da-f]+)-[\da-f]+ /.exec(line);
    if (head !== null) start = BigInt(`0x${head[1]}`);
    const size = /^KernelPageSize: +(\d+) kB/.exec(line);
    if (size !== null) sizes.set(start, Number(size[1]) * 1024);
  }
  return sizes;
}
