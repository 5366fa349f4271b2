/**
 * Whether user memory can be pinned: it has to be there, and RLIMIT_MEMLOCK has to leave room.
 * Mirrors drivers/iommu/iommufd/pages.c of Linux 6.12.117.
 */
import { PAGE_SIZE } from '../../abi/uapi.ts';
import type { Ioas, IommufdContext, IoptPages } from '../iommufd/state.ts';
import { must } from '../machine/assert.ts';
import type { Execution } from '../machine/execution.ts';
import { Refusal } from '../machine/refusal.ts';
import { Coverage } from './coverage.ts';
import type { IovaRange } from './iova-range.ts';
import { type NewPages, pagesLeft, presentBytes, userPages } from './user-memory.ts';

const PAGE = BigInt(PAGE_SIZE);

/**
 * Pins that one operation is about to make, asked in the kernel's order and all of them or none.
 * A page of a container is counted once, whoever pins it; RLIMIT_MEMLOCK bounds the pages of the
 * user over all contexts, or in mode 1 those of the process.
 */
export class PinPlan {
  private readonly x: Execution;
  private readonly context: IommufdContext;
  /** Pages not pinned yet; a list until a container comes a second time. */
  private readonly planned = new Map<IoptPages | NewPages, Coverage | readonly IovaRange[]>();
  private left: bigint | null;
  private readonly argument: string;

  /** `argument`: of the operation, the one that says what is pinned. */
  constructor(x: Execution, context: IommufdContext, argument: string) {
    this.x = x;
    this.context = context;
    this.argument = argument;
    this.left = pagesLeft(x.state, context);
  }

  /** One part of a container, existing or new. Errors: EFAULT, memory is missing; ENOMEM. */
  add(container: IoptPages | NewPages, userVa: bigint, length: bigint): Refusal | null {
    const present = presentBytes(this.context, userVa, length);
    if (present < length) return pinRefused(this.x, this.argument, userVa + present);
    if (this.left === null) return null;
    const part = userPages(userVa, length);
    const free =
      'pinned' in container ? [...container.pinned.holes(part.start, part.last)] : [part];
    const pages = this.unplanned(container, free);
    const before = this.left;
    this.left -= pages;
    return pages > 0n && this.left < 0n ? lockRefused(this.x, this.context, pages, before) : null;
  }

  /** How many of the pages no earlier part of the same container pins; they are planned now. */
  private unplanned(container: IoptPages | NewPages, free: readonly IovaRange[]): bigint {
    const pages = free.reduce((sum, { start, last }) => sum + last - start + 1n, 0n);
    // A container with one area does not come a second time.
    if ('areaCount' in container && container.areaCount === 1) return pages;
    const earlier = this.planned.get(container);
    if (earlier === undefined) {
      this.planned.set(container, free);
      return pages;
    }
    const planned = earlier instanceof Coverage ? earlier : new Coverage();
    if (planned !== earlier) for (const range of earlier) planned.add(range);
    this.planned.set(container, planned);
    const before = planned.covered;
    for (const range of free) planned.add(range);
    return planned.covered - before;
  }
}

/** Source: pfn_reader_user_pin. EFAULT: there is no memory at the address. */
export function pinRefused(x: Execution, argument: string, userVa: bigint): Refusal {
  const missing = new Refusal('EFAULT', 'USER_MEMORY_MISSING', { argument, userVa });
  return x.refusedBy('pfn_reader_user_pin', missing);
}

/** ENOMEM: more pages than `left` would be locked, of the user or of the process. */
function lockRefused(x: Execution, context: IommufdContext, wanted: bigint, left: bigint): Refusal {
  const most = (context.process.rlimitMemlock ?? 0n) / PAGE;
  const facts = { most, wanted, locked: most - left };
  const counts = context.rlimitMode === 0 ? 'incr_user_locked_vm' : '__account_locked_vm';
  return x.refusedBy(counts, new Refusal('ENOMEM', 'MEMLOCK_REACHED', facts));
}

/** The first user address of an IOAS that is not there, by ascending IOVA. */
function firstMissing(context: IommufdContext, ioas: Ioas): bigint {
  for (const { userVa, start, last } of ioas.areas) {
    const length = last - start + 1n;
    const present = presentBytes(context, userVa, length);
    if (present < length) return userVa + present;
  }
  throw new Error('assertion failed: an area lacks memory');
}

/**
 * Whether every area of an IOAS can be pinned, lowest first. Source: iopt_fill_domain. Errors:
 * EFAULT, memory is missing; ENOMEM, too much would be locked.
 */
export function checkPinAreas(x: Execution, context: IommufdContext, ioas: Ioas): Refusal | null {
  // Nothing is counted: only missing memory can refuse, and how often it is missing is known.
  if (pagesLeft(x.state, context) === null) {
    return ioas.absentAreas > 0 ? pinRefused(x, 'ptId', firstMissing(context, ioas)) : null;
  }
  const plan = new PinPlan(x, context, 'ptId');
  for (const area of ioas.areas) {
    const pages = must(context.pages.get(area.pagesId), `pages ${area.pagesId}`);
    const refused = plan.add(pages, area.userVa, area.last - area.start + 1n);
    if (refused !== null) return refused;
  }
  return null;
}
