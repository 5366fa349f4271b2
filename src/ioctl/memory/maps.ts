/**
 * A process' memory as the kernel below lists it (/proc/PID/maps), and as iommufd would find it: what
 * could be pinned (check_vma_flags of mm/gup.c, Linux 6.12.117).
 */
import { PAGE_SIZE } from '../../abi/uapi.ts';
import type { IovaRange } from '../../core/memory/iova-range.ts';
import { isSameKind } from '../../core/memory/process-memory.ts';
import type { MemoryChange, MemoryRange } from '../../core/memory/user-process.ts';

/** One mapping, a line of the list. */
export interface Mapping extends IovaRange {
  /** As the list has it: `rw-p`, `r--s`. */
  readonly permissions: string;
  /** Where in the file it begins, in bytes. */
  readonly offset: bigint;
  /** `major:minor`, in hex. */
  readonly device: string;
  /** '0': no file. */
  readonly inode: string;
  readonly path: string;
}

/** Whether other processes may have the same: a file, or anonymous memory that is shared. */
export function isSharedMemory({ permissions, inode }: Mapping): boolean {
  return permissions[3] === 's' && inode !== '0';
}

const LINE = /^([\da-f]+)-([\da-f]+) (\S{4}) ([\da-f]+) (\S+) (\d+) *(.*)$/;

export function mappingsOf(text: string): Mapping[] {
  const mappings: Mapping[] = [];
  for (const line of text.split('\n')) {
    const found = LINE.exec(line);
    if (found === null) continue;
    const [, start, end, permissions, offset, device, inode, path] = found;
    mappings.push({
      start: BigInt(`0x${start}`),
      last: BigInt(`0x${end}`) - 1n,
      permissions: permissions!,
      offset: BigInt(`0x${offset}`),
      device: device!,
      inode: inode!,
      path: path!,
    });
  }
  return mappings;
}

/** The first mapping that ends at an address or above it; null: none. */
export function mappingFrom(mappings: readonly Mapping[], address: bigint): Mapping | null {
  let low = 0;
  let high = mappings.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (mappings[middle]!.last < address) low = middle + 1;
    else high = middle;
  }
  return mappings[low] ?? null;
}

/** Pages of the kernel itself, and of its own memory that processes see. */
const NEVER_PINNED = /^(\[vvar.*\]|\[vsyscall\]|\/secretmem\b.*)$/;
/** Device memory, but for what is memory of another kind under a name there. */
const DEVICE_MEMORY = /^\/dev\/(?!zero\b|shm\/|hugepages)/;
/** What stands in for the regions of a device. */
const OUR_FILES = /\/faultline-run-/;

/** Whether its pages can be pinned at all: not PROT_NONE, nothing of a device. */
function isMemory({ permissions, path }: Mapping): boolean {
  const touched = permissions[0] === 'r' || permissions[1] === 'w';
  return touched && !NEVER_PINNED.test(path) && !DEVICE_MEMORY.test(path) && !OUR_FILES.test(path);
}

/** What a line does not say, and the kernel below has to be asked for. */
export interface MappedFiles {
  /** Bytes of the file of a mapping; null: none, or nobody can tell. */
  sizeOf(mapping: Mapping): bigint | null;
  /** Whether the file's pages are written back: for long they are pinned to be read alone. */
  isWrittenBack(mapping: Mapping): boolean;
  /** Bytes of its pages. */
  pageSizeOf(mapping: Mapping): number;
}

/** What iommufd would find, in order; ranges of one kind that touch are one. */
export function memoryOf(mappings: readonly Mapping[], files: MappedFiles): MemoryRange[] {
  const ranges: MemoryRange[] = [];
  for (const mapping of mappings) {
    const range = isMemory(mapping) ? rangeOf(mapping, files) : null;
    if (range === null) continue;
    const before = ranges.at(-1);
    if (before !== undefined && before.last + 1n === range.start && isSameKind(before, range)) {
      ranges[ranges.length - 1] = { ...before, last: range.last };
    } else ranges.push(range);
  }
  return ranges;
}

const PAGE = BigInt(PAGE_SIZE);

/** null: all of it is beyond the end of its file. */
function rangeOf(mapping: Mapping, files: MappedFiles): MemoryRange | null {
  const { start, permissions, offset } = mapping;
  const size = files.sizeOf(mapping);
  const whole = size === null ? null : ((size + PAGE - 1n) / PAGE) * PAGE - offset;
  if (whole !== null && whole <= 0n) return null;
  const end = whole === null ? mapping.last : start + whole - 1n;
  const pageSize = files.pageSizeOf(mapping);
  const writable = permissions[1] === 'w';
  const readOnly = !writable || (permissions[3] === 's' && files.isWrittenBack(mapping));
  return {
    start,
    last: end < mapping.last ? end : mapping.last,
    ...(readOnly ? { readOnly } : {}),
    ...(pageSize === PAGE_SIZE ? {} : { pageSize }),
  };
}

/** How one list became another. */
export function changeOf(
  before: readonly MemoryRange[],
  after: readonly MemoryRange[],
): MemoryChange {
  const keyOf = (range: MemoryRange) =>
    `${range.start}-${range.last} ${range.readOnly} ${range.pageSize}`;
  const known = new Set(before.map(keyOf));
  const kept = new Set(after.map(keyOf));
  const gone = before.filter(range => !kept.has(keyOf(range)));
  return {
    removed: withoutParts(gone, after),
    added: after.filter(range => !known.has(keyOf(range))),
  };
}

/** What of some ranges others do not cover; both in order. */
function withoutParts(ranges: readonly IovaRange[], others: readonly IovaRange[]): IovaRange[] {
  const left: IovaRange[] = [];
  let place = 0;
  for (const { start, last } of ranges) {
    let next = start;
    while (place < others.length && others[place]!.last < start) place++;
    for (let at = place; at < others.length && others[at]!.start <= last; at++) {
      const other = others[at]!;
      if (other.start > next) left.push({ start: next, last: other.start - 1n });
      next = other.last + 1n;
    }
    if (next <= last) left.push({ start: next, last });
  }
  return left;
}
