/**
 * A second reading of the kernel's rules on address spaces, written apart from the core and without
 * any of its indexes: everything is looked for in plain lists. null: no opinion.
 */
import { BEHAVIOUR } from '../../../abi/behaviour.ts';
import type { Errno } from '../../../abi/errno.ts';
import type { Area, Ioas, IommufdContext } from '../../../core/iommufd/state.ts';
import type { Command, CommandOf } from '../../../core/machine/command.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import type { IovaRange } from '../../../core/memory/iova-range.ts';
import { rangesOfContext } from '../../../core/memory/process-memory.ts';
import { autoAlignment, autoIova } from './auto-iova.ts';

const MAX = 2n ** 64n - 1n;
const PAGE = 4096n;

const meets = (a: IovaRange, start: bigint, last: bigint) => a.start <= last && a.last >= start;

export function expectedIoasErrno(state: MachineState, command: Command): Errno | null {
  const context = 'contextId' in command ? state.contexts.get(command.contextId) : undefined;
  if (command.type === 'TestAccessClose') {
    return context?.objects.get(command.accessId)?.type === 'ACCESS' ? 0 : 'EBADF';
  }
  if (command.type === 'ContextOpen' || command.type === 'MachineCreate') return null;
  const judge = JUDGES[command.type as keyof typeof JUDGES] as
    | ((context: IommufdContext, command: Command, state: MachineState) => Errno | null)
    | undefined;
  if (judge === undefined) return null;
  return context?.fileOpen ? judge(context, command, state) : 'EBADF';
}

export function ioasOf(context: IommufdContext, id: number): Ioas | null {
  const ioas = context.objects.get(id);
  return ioas?.type === 'IOAS' ? ioas : null;
}

const reservedOf = (ioas: Ioas) => [...ioas.reserved.values()].flat();

export function pagingHwptsOf(context: IommufdContext, ioas: Ioas) {
  return [...context.objects.values()].filter(
    object => object.type === 'HWPT_PAGING' && object.ioasId === ioas.id,
  );
}

export function alignmentOf(context: IommufdContext, ioas: Ioas): bigint {
  let alignment = ioas.largePages ? 1n : PAGE;
  for (const object of context.objects.values()) {
    let own = 1n;
    if (object.type === 'HWPT_PAGING' && object.ioasId === ioas.id) {
      own = BigInt(object.domain.pageSize);
    }
    if (object.type === 'ACCESS' && object.ioasId === ioas.id && object.needsPinPages) own = PAGE;
    if (own > alignment) alignment = own;
  }
  return alignment;
}

/** Whether every area complies with an alignment. */
export function complies(ioas: Ioas, alignment: bigint): boolean {
  return [...ioas.areas].every(
    ({ start, last, userVa }) =>
      start % alignment === 0n &&
      (last - start + 1n) % alignment === 0n &&
      (userVa % PAGE) % alignment === 0n,
  );
}

/** How memory is looked at. */
interface Pinning {
  /** It has to be writable. */
  readonly written?: boolean;
  /** Pages that are pinned already are not looked at. */
  readonly pinned?: ReadonlySet<bigint>;
}

function hasMemory(
  state: MachineState,
  context: IommufdContext,
  userVa: bigint,
  length: bigint,
  { written = false, pinned }: Pinning = {},
): boolean {
  const memory = [...rangesOfContext(state, context)].filter(
    ({ readOnly = false }) => !(written && readOnly),
  );
  if (length > 1n << 32n) return false;
  for (let page = userVa / PAGE; page * PAGE < userVa + length; page++) {
    if (pinned?.has(page) === true) continue;
    if (!memory.some(region => meets(region, page * PAGE, page * PAGE))) return false;
  }
  return true;
}

/** Areas and their parts that cover [start, last] from its first byte on, until a gap. */
export function covering(ioas: Ioas, start: bigint, last: bigint) {
  const parts: { area: Area; start: bigint; last: bigint }[] = [];
  let next = start;
  for (const area of [...ioas.areas].sort((a, b) => (a.start < b.start ? -1 : 1))) {
    if (area.last < next || area.start > next || next > last) continue;
    const to = area.last < last ? area.last : last;
    parts.push({ area, start: next, last: to });
    next = to + 1n;
  }
  return { parts, complete: next > last };
}

export const behind = (area: Area, iova: bigint) => area.userVa + iova - area.start;

interface Piece {
  readonly container: object;
  readonly userVa: bigint;
  readonly length: bigint;
  readonly writable: boolean;
}

/** Pages pinned of each container, one by one; containers by number, new ones by themselves. */
function pinnedPages(context: IommufdContext): Map<number, Set<bigint>> {
  const pinned = new Map<number, Set<bigint>>();
  const pin = (area: Area, start: bigint, last: bigint) => {
    const pages = pinned.get(area.pagesId) ?? new Set();
    pinned.set(area.pagesId, pages);
    for (let page = behind(area, start) / PAGE; page * PAGE <= behind(area, last); page++) {
      pages.add(page);
    }
  };
  for (const ioas of context.objects.values()) {
    if (ioas.type !== 'IOAS') continue;
    for (const area of ioas.areas) {
      if (pagingHwptsOf(context, ioas).length > 0) pin(area, area.start, area.last);
      for (const access of context.objects.values()) {
        if (access.type !== 'ACCESS' || access.ioasId !== ioas.id) continue;
        for (const { start, last } of access.items.values()) {
          if (!meets(area, start, last)) continue;
          pin(area, start > area.start ? start : area.start, last < area.last ? last : area.last);
        }
      }
    }
  }
  return pinned;
}

const sizeOf = (pinned: ReadonlyMap<unknown, Set<bigint>>) =>
  [...pinned.values()].reduce((sum, pages) => sum + pages.size, 0);

function isSameProcess(a: IommufdContext, b: IommufdContext): boolean {
  return a.process.processId !== undefined && a.process.processId === b.process.processId;
}

/** EFAULT or ENOMEM of pinning the pieces one after another. */
function pinErrno(state: MachineState, context: IommufdContext, pieces: readonly Piece[]): Errno {
  const { capIpcLock, rlimitMemlock, userId } = context.process;
  let locked = 0;
  for (const other of state.contexts.values()) {
    if (other.process.capIpcLock) continue;
    const counts =
      context.rlimitMode === 1
        ? other === context || (other.rlimitMode === 1 && isSameProcess(other, context))
        : other.rlimitMode === 0 && other.process.userId === userId;
    if (counts) locked += sizeOf(pinnedPages(other));
  }
  const known = pinnedPages(context);
  const pinned = new Map<object, Set<bigint>>();
  for (const { container, userVa, length, writable } of pieces) {
    const id = 'pagesId' in container ? (container.pagesId as number) : -1;
    const pages = pinned.get(container) ?? new Set(known.get(id) ?? []);
    const how = { written: writable, pinned: pages };
    if (!hasMemory(state, context, userVa, length, how)) return 'EFAULT';
    if (capIpcLock || rlimitMemlock === null) continue;
    pinned.set(container, pages);
    const before = pages.size;
    for (let page = userVa / PAGE; page * PAGE < userVa + length; page++) pages.add(page);
    locked += pages.size - before;
    if (pages.size > before && BigInt(locked) > rlimitMemlock / PAGE) return 'ENOMEM';
  }
  return 0;
}

/** EFAULT or ENOMEM of the first domain of an IOAS, area by area. */
export function fillErrno(state: MachineState, context: IommufdContext, ioas: Ioas): Errno {
  if (pagingHwptsOf(context, ioas).length > 0) return 0;
  const pieces = [...ioas.areas].map(area => {
    const container = context.pages.get(area.pagesId)!;
    const { userVa, start, last } = area;
    return { container, userVa, length: last - start + 1n, writable: container.writable };
  });
  return pinErrno(state, context, pieces);
}

/** Whether a range can be reserved: EADDRINUSE if something is mapped or allowed there. */
export function reserveErrno(ioas: Ioas, start: bigint, last: bigint): Errno {
  const used = [...ioas.areas, ...ioas.allowed].some(range => meets(range, start, last));
  return used ? 'EADDRINUSE' : 0;
}

/** From the placement on. */
function placeErrno(
  state: MachineState,
  context: IommufdContext,
  ioas: Ioas,
  pieces: readonly Piece[],
  fixed: bigint | null,
  flags: number,
): Errno {
  const alignment = alignmentOf(context, ioas);
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0n);
  if (length % alignment !== 0n) return 'EINVAL';
  if (fixed === null) {
    if (length >= MAX / 2n) return 'EOVERFLOW';
    const { userVa } = pieces[0]!;
    const { autoIovaAlignment, autoIovaAlignmentCapped: capped } = BEHAVIOUR[state.baseline];
    const wanted = { userVa, length, wraps: autoIovaAlignment === 'WRAPS', capped };
    if (autoAlignment(wanted) < alignment) return 'EINVAL';
    const chosen = autoIova(ioas, wanted);
    if (chosen === null) return 'ENOSPC';
    // The self-test's kernel looks again whether the range is free.
    const last = chosen.iova + length - 1n;
    if ([...reservedOf(ioas), ...ioas.areas].some(range => meets(range, chosen.iova, last))) {
      return 'EINVAL';
    }
  } else {
    if (fixed % alignment !== 0n) return 'EINVAL';
    const last = fixed + length - 1n;
    if (last > MAX) return 'EOVERFLOW';
    if (reservedOf(ioas).some(range => meets(range, fixed, last))) return 'EINVAL';
    if ([...ioas.areas].some(range => meets(range, fixed, last))) return 'EEXIST';
  }
  for (const { writable, userVa } of pieces) {
    if ((flags & 2) !== 0 && !writable) return 'EPERM';
    if ((userVa % PAGE) % alignment !== 0n) return 'EINVAL';
  }
  return pagingHwptsOf(context, ioas).length > 0 ? pinErrno(state, context, pieces) : 0;
}

function mapErrno(
  context: IommufdContext,
  { flags, ioasId, iova, length, userVa }: CommandOf<'IoasMap'>,
  state: MachineState,
): Errno {
  if ((flags & ~7) !== 0) return 'EOPNOTSUPP';
  if (iova === MAX || length === MAX) return 'EOVERFLOW';
  if ((flags & 6) === 0) return 'EINVAL';
  const ioas = ioasOf(context, ioasId);
  if (ioas === null) return 'ENOENT';
  const fixed = (flags & 1) !== 0 ? iova : null;
  return mapUserErrno(state, context, ioas, { userVa, length, fixed, flags });
}

/** Of user memory, once its IOAS is found; `flags` as of IOMMU_IOAS_MAP. */
export function mapUserErrno(
  state: MachineState,
  context: IommufdContext,
  ioas: Ioas,
  wanted: {
    readonly userVa: bigint;
    readonly length: bigint;
    readonly fixed: bigint | null;
    readonly flags: number;
  },
): Errno {
  const { userVa, length, fixed, flags } = wanted;
  const wrapsFirst = BEHAVIOUR[state.baseline].mapChecksFirst === 'WRAP';
  if (wrapsFirst && userVa + length > MAX) return 'EOVERFLOW';
  if (length === 0n || length > MAX - PAGE) return 'EINVAL';
  if (userVa + length > MAX) return 'EOVERFLOW';
  const piece = { container: {}, userVa, length, writable: (flags & 2) !== 0 };
  return placeErrno(state, context, ioas, [piece], fixed, flags);
}

function copyErrno(
  context: IommufdContext,
  { flags, dstIoasId, srcIoasId, length, dstIova, srcIova }: CommandOf<'IoasCopy'>,
  state: MachineState,
): Errno {
  if ((flags & ~7) !== 0) return 'EOPNOTSUPP';
  if ([length, dstIova, srcIova].includes(MAX)) return 'EOVERFLOW';
  if ((flags & 6) === 0) return 'EINVAL';
  const source = ioasOf(context, srcIoasId);
  if (source === null) return 'ENOENT';
  if (length === 0n) return 'EINVAL';
  if (srcIova + length - 1n > MAX) return 'EOVERFLOW';
  const { parts, complete } = covering(source, srcIova, srcIova + length - 1n);
  if (!complete) return 'ENOENT';
  const destination = ioasOf(context, dstIoasId);
  if (destination === null) return 'ENOENT';
  const pieces = parts.map(({ area, start, last }) => {
    const container = context.pages.get(area.pagesId)!;
    const { writable } = container;
    return { container, userVa: behind(area, start), length: last - start + 1n, writable };
  });
  const fixed = (flags & 1) !== 0 ? dstIova : null;
  return placeErrno(state, context, destination, pieces, fixed, flags);
}

function unmapErrno(
  context: IommufdContext,
  { ioasId, iova, length }: CommandOf<'IoasUnmap'>,
): Errno {
  const ioas = ioasOf(context, ioasId);
  if (ioas === null) return 'ENOENT';
  if (iova === 0n && length === MAX) return 0;
  if (iova === MAX || length === MAX) return 'EOVERFLOW';
  if (length === 0n) return 'EINVAL';
  const last = iova + length - 1n;
  if (last > MAX) return 'EOVERFLOW';
  const met = [...ioas.areas].filter(area => meets(area, iova, last));
  return met.length > 0 && met.every(area => area.start >= iova && area.last <= last)
    ? 0
    : 'ENOENT';
}

function allowErrno(
  context: IommufdContext,
  { ioasId, allowedIovas }: CommandOf<'IoasAllowIovas'>,
): Errno {
  const ioas = ioasOf(context, ioasId);
  if (ioas === null) return 'ENOENT';
  for (const [index, { start, last }] of allowedIovas.entries()) {
    if (start >= last) return 'EINVAL';
    if (allowedIovas.slice(0, index).some(earlier => meets(earlier, start, last))) return 'EINVAL';
  }
  const reserved = reservedOf(ioas);
  return allowedIovas.some(({ start, last }) => reserved.some(range => meets(range, start, last)))
    ? 'EADDRINUSE'
    : 0;
}

function optionErrno(
  context: IommufdContext,
  { optionId, op, objectId, val64 }: CommandOf<'Option'>,
): Errno {
  if (optionId === 0) {
    if (objectId !== 0) return 'EOPNOTSUPP';
    if (op !== 0) return op === 1 ? 0 : 'EOPNOTSUPP';
    if (!context.process.capSysResource) return 'EPERM';
    if (context.objects.size > 0) return 'EBUSY';
    return val64 > 1n ? 'EINVAL' : 0;
  }
  if (optionId !== 1) return 'EOPNOTSUPP';
  const ioas = ioasOf(context, objectId);
  if (ioas === null) return 'ENOENT';
  if (op !== 0) return op === 1 ? 0 : 'EOPNOTSUPP';
  if (val64 > 1n) return 'EINVAL';
  if (val64 === 1n || !ioas.largePages) return 0;
  if (pagingHwptsOf(context, ioas).length > 0 && [...ioas.areas].length > 0) return 'EINVAL';
  return complies(ioas, PAGE) ? 0 : 'EADDRINUSE';
}

/** EADDRINUSE if an access that pins would ask for more alignment than the areas have. */
function addAccessErrno(ioas: Ioas, pins: boolean): Errno {
  return pins && !complies(ioas, PAGE) ? 'EADDRINUSE' : 0;
}

function accessPagesErrno(
  context: IommufdContext,
  { accessId, flags, iova, length }: CommandOf<'TestAccessPages'>,
  state: MachineState,
): Errno {
  if (length > 16n << 20n) return 'ENOMEM';
  if ((flags & ~1) !== 0) return 'EOPNOTSUPP';
  const access = context.objects.get(accessId);
  if (access?.type !== 'ACCESS') return 'EBADFD';
  if (!access.needsPinPages) return 'EOPNOTSUPP';
  if (length === 0n) return 'EINVAL';
  const last = iova + length - 1n;
  if (last > MAX) return 'EOVERFLOW';
  const { parts, complete } = covering(ioasOf(context, access.ioasId!)!, iova, last);
  const pieces: Piece[] = [];
  for (const { area, start, last: to } of parts) {
    if (behind(area, start) % PAGE !== 0n) return 'EINVAL';
    if (to !== last && behind(area, to + 1n) % PAGE !== 0n) return 'EINVAL';
    if ((area.prot & (flags === 1 ? 2 : 4)) === 0) return 'EPERM';
    const container = context.pages.get(area.pagesId)!;
    const userVa = behind(area, start);
    const { writable } = container;
    pieces.push({ container, userVa, length: to - start + 1n, writable });
    const rc = pinErrno(state, context, pieces);
    if (rc !== 0) return rc;
  }
  return complete ? 0 : 'ENOENT';
}

function rwErrno(
  context: IommufdContext,
  { accessId, flags, iova, length }: CommandOf<'TestAccessRw'>,
  state: MachineState,
): Errno {
  if (length > 16n << 20n) return 'ENOMEM';
  if ((flags & ~5) !== 0) return 'EOPNOTSUPP';
  const access = context.objects.get(accessId);
  if (access?.type !== 'ACCESS') return 'EBADFD';
  if (length === 0n) return 'EINVAL';
  const last = iova + length - 1n;
  if (last > MAX) return 'EOVERFLOW';
  const { parts, complete } = covering(ioasOf(context, access.ioasId!)!, iova, last);
  const slow = (flags & 4) !== 0;
  const known = slow ? pinnedPages(context) : null;
  for (const { area, start, last: to } of parts) {
    if ((area.prot & ((flags & 1) === 1 ? 2 : 4)) === 0) return 'EPERM';
    const [userVa, userLast] = [behind(area, start), behind(area, to)];
    const isOnePage = userVa / PAGE === userLast / PAGE;
    // The slow path pins, and the other copies from the process; one page is pinned by itself.
    const pinned = (isOnePage ? null : known)?.get(area.pagesId);
    const written = slow ? context.pages.get(area.pagesId)!.writable : (flags & 1) === 1;
    const how = { written, ...(pinned === undefined ? {} : { pinned }) };
    if (!hasMemory(state, context, userVa, to - start + 1n, how)) return 'EFAULT';
  }
  return complete ? 0 : 'ENOENT';
}

type Judge<T extends Command['type']> = (
  context: IommufdContext,
  command: CommandOf<T>,
  state: MachineState,
) => Errno | null;

const JUDGES: {
  readonly [T in
    | 'IoasMap'
    | 'IoasCopy'
    | 'IoasUnmap'
    | 'IoasIovaRanges'
    | 'IoasAllowIovas'
    | 'Option'
    | 'VfioIoas'
    | 'HwptSetDirtyTracking'
    | 'HwptGetDirtyBitmap'
    | 'TestAddReserved'
    | 'TestCreateAccess'
    | 'TestAccessReplaceIoas'
    | 'TestAccessPages'
    | 'TestDestroyAccessPages'
    | 'TestAccessRw']: Judge<T>;
} = {
  IoasMap: mapErrno,
  IoasCopy: copyErrno,
  IoasUnmap: unmapErrno,
  IoasIovaRanges: (context, { ioasId, numIovas }) => {
    const ioas = ioasOf(context, ioasId);
    if (ioas === null) return 'ENOENT';
    let holes = 0;
    let next = 0n;
    for (const { start, last } of reservedOf(ioas).sort((a, b) => (a.start < b.start ? -1 : 1))) {
      if (start > next) holes++;
      if (last >= next) next = last + 1n;
    }
    return holes + (next <= MAX ? 1 : 0) > numIovas ? 'EMSGSIZE' : 0;
  },
  IoasAllowIovas: allowErrno,
  Option: optionErrno,
  VfioIoas: (context, { op, ioasId }) => {
    if (op === 0) return context.vfioIoasId === null ? 'ENODEV' : 0;
    if (op === 1) return ioasOf(context, ioasId) === null ? 'ENOENT' : 0;
    return op === 2 ? 0 : 'EOPNOTSUPP';
  },
  HwptSetDirtyTracking: (context, { flags, hwptId }) => {
    const hwpt = context.objects.get(hwptId);
    if ((flags & ~1) !== 0) return 'EOPNOTSUPP';
    if (hwpt?.type !== 'HWPT_PAGING') return 'ENOENT';
    return hwpt.domain.dirtyOps ? 0 : 'EOPNOTSUPP';
  },
  HwptGetDirtyBitmap: (context, { flags, hwptId, iova, length, pageSize }, { baseline }) => {
    const hwpt = context.objects.get(hwptId);
    if ((flags & ~1) !== 0) return 'EOPNOTSUPP';
    if (hwpt?.type !== 'HWPT_PAGING') return 'ENOENT';
    if (length === 0n) {
      if (BEHAVIOUR[baseline].dirtyBitmapLengthZero === 'EINVAL') return 'EINVAL';
      // Its last IOVA wraps around: the whole space from 0 on, else it is below its first.
      if (iova !== 0n) return 'EOVERFLOW';
      if (pageSize === 0n) return 'EINVAL';
      return hwpt.domain.dirtyOps ? 0 : 'EOPNOTSUPP';
    }
    if (iova + length - 1n > MAX) return 'EOVERFLOW';
    const alignment = alignmentOf(context, ioasOf(context, hwpt.ioasId)!);
    if (iova % alignment !== 0n || length % alignment !== 0n || pageSize === 0n) return 'EINVAL';
    if (iova % pageSize !== 0n || length % pageSize !== 0n) return 'EINVAL';
    return hwpt.domain.dirtyOps ? 0 : 'EOPNOTSUPP';
  },
  TestAddReserved: (context, { ioasId, start, length }, { baseline }) => {
    const checked = BEHAVIOUR[baseline].addReservedChecked;
    if (checked && length === 0n) return 'EINVAL';
    if (checked && start + length - 1n > MAX) return 'EOVERFLOW';
    const ioas = ioasOf(context, ioasId);
    if (ioas === null) return 'ENOENT';
    // Backwards, a range meets those that hold both its ends and what lies between.
    return reserveErrno(ioas, start, BigInt.asUintN(64, start + length - 1n));
  },
  TestCreateAccess: (context, { ioasId, flags }) => {
    if ((flags & ~1) !== 0) return 'EOPNOTSUPP';
    const ioas = ioasOf(context, ioasId);
    return ioas === null ? 'ENOENT' : addAccessErrno(ioas, flags === 1);
  },
  TestAccessReplaceIoas: (context, { accessId, ioasId }) => {
    const access = context.objects.get(accessId);
    if (access?.type !== 'ACCESS') return 'EBADFD';
    const ioas = ioasOf(context, ioasId);
    if (ioas === null) return 'ENOENT';
    return access.ioasId === ioasId ? 0 : addAccessErrno(ioas, access.needsPinPages);
  },
  TestAccessPages: accessPagesErrno,
  TestDestroyAccessPages: (context, { accessId, itemId }) => {
    const access = context.objects.get(accessId);
    if (access?.type !== 'ACCESS') return 'EBADFD';
    return access.items.has(itemId) ? 0 : 'ENOENT';
  },
  TestAccessRw: rwErrno,
};
