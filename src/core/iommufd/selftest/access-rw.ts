/**
 * Reading and writing through an access. Mirrors iommufd_access_rw of drivers/iommu/iommufd/device.c,
 * iopt_pages_rw_access of pages.c and iommufd_test_access_rw of selftest.c, Linux 6.12.117.
 */
import type { ErrnoName } from '../../../abi/errno.ts';
import {
  MOCK_ACCESS_LENGTH_MAX,
  MOCK_ACCESS_RW_SLOW_PATH,
  MOCK_ACCESS_RW_WRITE,
  PAGE_SIZE,
  ULONG_MAX,
} from '../../../abi/uapi.ts';
import type { Execution } from '../../machine/execution.ts';
import { ioasOf } from '../../machine/lookup.ts';
import { Refusal } from '../../machine/refusal.ts';
import type { MachineState } from '../../machine/state.ts';
import { isOfCaller } from '../../memory/caller.ts';
import { readGuestMemory } from '../../memory/guest-memory.ts';
import { firstMissing, pinRefused } from '../../memory/pin-plan.ts';
import { presentBytes, processOfPages, rangesOfPages } from '../../memory/process-memory.ts';
import type { MemoryRanges } from '../../memory/user-process.ts';
import { ACCESS_FLAGS, unknownFlags } from '../../refuse/flags.ts';
import { contiguousAreas, pagesOf } from '../ioas/io-pagetable.ts';
import type { IommufdContext, IoptPages } from '../state.ts';
import { accessOf, checkPieces, permits, userVaAt } from './access.ts';

const PAGE = BigInt(PAGE_SIZE);

/** IOMMU_TEST_OP_ACCESS_RW (iommufd_test_access_rw). */
export interface TestAccessRw {
  readonly type: 'TestAccessRw';
  readonly contextId: number;
  readonly accessId: number;
  readonly flags: number;
  readonly iova: bigint;
  readonly length: bigint;
  /** Each byte of a write, 0 to 255. */
  readonly fill: number;
  /**
   * Of a program, instead: as many bytes of its buffer as are there, for a write; what its memory holds
   * where it reads, as far as that is there. As hex digits.
   */
  readonly data?: string;
}

/** User memory behind a part of a range. */
export interface ReachedPiece {
  /** Whose it is; null: nobody knows. */
  readonly processId: number | null;
  readonly userVa: bigint;
  readonly length: bigint;
}

/**
 * The user memory that an access reaches by a range, ascending, up to its first hole: where bytes would be
 * read from, or pages compared. Nothing, for what is refused before.
 */
export function reachedPieces(
  { contexts }: MachineState,
  {
    contextId,
    accessId,
    iova,
    length,
  }: Pick<TestAccessRw, 'contextId' | 'accessId' | 'iova' | 'length'>,
): ReachedPiece[] {
  const context = contexts.get(contextId);
  const access = context?.objects.get(accessId);
  if (context === undefined || access?.type !== 'ACCESS' || access.ioasId === null) return [];
  const last = iova + length - 1n;
  if (length === 0n || length > MOCK_ACCESS_LENGTH_MAX || last > ULONG_MAX) return [];
  const { areas } = contiguousAreas(ioasOf(context, access.ioasId), iova, last);
  return areas.map(({ area, start, last: to }) => ({
    processId: processOfPages(context, pagesOf(context, area)),
    userVa: userVaAt(area, start),
    length: to - start + 1n,
  }));
}

/** Errors: ENOMEM, more than 16 MiB; EOPNOTSUPP, an unknown flag. */
export function checkArguments(length: bigint, flags: number, known: number): Refusal | null {
  const most = MOCK_ACCESS_LENGTH_MAX;
  if (length > most) return new Refusal('ENOMEM', 'ACCESS_TOO_LONG', { length, most });
  return unknownFlags(flags, known, ACCESS_FLAGS);
}

export function notPermitted(x: Execution, iova: bigint, write: boolean): ErrnoName {
  return x.refuse('EPERM', 'NOT_PERMITTED', { iova, what: write ? 'write' : 'read' });
}

interface Reach {
  readonly userVa: bigint;
  readonly bytes: bigint;
  readonly write: boolean;
  /** Pages are pinned and not copied from the process. */
  readonly slow: boolean;
}

/** Bytes before the first that cannot be read or written. Source: iopt_pages_rw_access. */
function reachableBytes(
  { state }: Execution,
  context: IommufdContext,
  pages: IoptPages,
  { userVa, bytes, write, slow }: Reach,
): bigint {
  const ranges = rangesOfPages(state, context, pages);
  // Of one page the process is asked, unless it has ended (iopt_pages_rw_page).
  if (slow && (isEmpty(ranges) || !isOnePage(userVa, bytes))) {
    const missing = firstMissing(state, context, pages, userVa, bytes);
    return missing === null ? bytes : missing - userVa;
  }
  return presentBytes(ranges, userVa, bytes, write);
}

function isEmpty(ranges: MemoryRanges): boolean {
  for (const _ of ranges) return false;
  return true;
}

function isOnePage(userVa: bigint, bytes: bigint): boolean {
  return userVa / PAGE === (userVa + bytes - 1n) / PAGE;
}

/** The slow path pins: one page by itself, or all of them. */
function rwSlowRefused(x: Execution, missing: bigint, userVa: bigint, bytes: bigint): Refusal {
  if (!isOnePage(userVa, bytes)) return pinRefused(x, 'iova', missing);
  const refused = new Refusal('EFAULT', 'USER_MEMORY_MISSING', {
    argument: 'iova',
    userVa: missing,
  });
  return x.refusedBy('iopt_pages_rw_page', refused);
}

/**
 * Reads or writes through an IOAS. Areas before the one that fails have been written.
 * Errors: ENOMEM, more than 16 MiB; EOPNOTSUPP; EBADFD; EINVAL, EOVERFLOW, ENOENT, EPERM, EFAULT.
 */
export function executeTestAccessRw(
  x: Execution,
  context: IommufdContext,
  { accessId, flags, iova, length, fill, data: given }: TestAccessRw,
): { data: string } | Refusal {
  let data = '';
  const rc = x.call('iommufd_test_access_rw', () => {
    const bad = checkArguments(length, flags, MOCK_ACCESS_RW_WRITE | MOCK_ACCESS_RW_SLOW_PATH);
    if (bad !== null) return x.pass(bad);
    const access = accessOf(x, context, accessId);
    if (access instanceof Refusal) return access.errno;
    const write = (flags & MOCK_ACCESS_RW_WRITE) !== 0;
    if (!x.allocates('kvzalloc buffer')) return 'ENOMEM';
    const pins = (flags & MOCK_ACCESS_RW_SLOW_PATH) !== 0;
    // copy_from_user
    if (write && given !== undefined && BigInt(given.length / 2) < length) {
      return x.refuse('EFAULT', 'BUFFER_ABSENT', { length, given: given.length / 2 });
    }
    let taken = 0;
    return x.call('iommufd_access_rw', () =>
      checkPieces(x, context, access, iova, length, (area, start, last) => {
        if (!permits(area, write)) return notPermitted(x, start, write);
        const userVa = userVaAt(area, start);
        const bytes = last - start + 1n;
        const pages = pagesOf(context, area);
        // Another process' memory is not copied from; its pages are pinned, if they are not yet.
        const slow = pins || !isOfCaller(x, context, pages.source);
        if (slow && isOnePage(userVa, bytes) && !isEmpty(rangesOfPages(x.state, context, pages))) {
          if (!x.allocates('iopt_pages_rw_page iommufd_should_fail', 'EINVAL')) return 'EINVAL';
        }
        const there = reachableBytes(x, context, pages, { userVa, bytes, write, slow });
        // What is pinned may be out of reach: its process let go of it.
        const left = given === undefined || write ? there : BigInt(given.length / 2 - taken);
        const present = left < there ? left : there;
        // The fast path copies up to what is missing; the slow path pins everything first.
        const reached = present < bytes && slow ? 0n : present;
        if (write && reached > 0n) {
          const { contextId } = context;
          const range = { contextId, userVa, length: reached };
          if (given === undefined) x.emit({ type: 'UserMemoryFilled', ...range, fill });
          else {
            const processId = processOfPages(context, pages);
            x.emit({ type: 'UserMemoryWritten', ...range, processId, from: taken });
          }
        } else if (reached > 0n && given === undefined) {
          data += readGuestMemory(context, userVa, reached);
        } else if (given !== undefined)
          data += given.slice(2 * taken, 2 * (taken + Number(reached)));
        taken += Number(reached);
        if (present === bytes) return 0;
        const missing = userVa + present;
        if (slow) return rwSlowRefused(x, missing, userVa, bytes).errno;
        const facts = { argument: 'iova', userVa: missing };
        const refused = new Refusal('EFAULT', 'USER_MEMORY_MISSING', facts);
        return x.refusedBy('iopt_pages_rw_access', refused).errno;
      }),
    );
  });
  return rc === 0 ? { data } : new Refusal(rc);
}
