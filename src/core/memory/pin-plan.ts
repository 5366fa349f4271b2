/**
 * Whether user memory can be pinned: it has to be there, and RLIMIT_MEMLOCK has to leave room.
 * Mirrors drivers/iommu/iommufd/pages.c of Linux 6.12.117.
 */
import { PAGE_SIZE } from '../../abi/uapi.ts';
import type { Ioas, IommufdContext, IoptPages } from '../iommufd/state.ts';
import { must } from '../machine/assert.ts';
import type { Execution } from '../machine/execution.ts';
import { Refusal } from '../machine/refusal.ts';
import type { MachineState } from '../machine/state.ts';
import { Coverage } from './coverage.ts';
import type { IovaRange } from './iova-range.ts';
import { isAsOpened, type Payer, payerOf, presentBytes, rangesOfPages } from './process-memory.ts';
import { type NewPages, pagesLeft, pinnedOf, userPages } from './user-memory.ts';

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
  /** How many of them by whom they are counted: a user, or in mode 1 a process. */
  private readonly counted = new Map<number | IommufdContext, bigint>();
  private readonly argument: string;

  /** `argument`: of the operation, the one that says what is pinned. */
  constructor(x: Execution, context: IommufdContext, argument: string) {
    this.x = x;
    this.context = context;
    this.argument = argument;
  }

  /** One part of a container, existing or new. Errors: EFAULT, memory is missing; ENOMEM. */
  add(container: IoptPages | NewPages, userVa: bigint, length: bigint): Refusal | null {
    const { x, context } = this;
    const missing = firstMissing(x.state, context, container, userVa, length);
    if (missing !== null) return pinRefused(x, this.argument, missing);
    const payer = payerOf(context, container);
    const left = pagesLeft(x.state, context, payer);
    if (left === null) return null;
    const part = userPages(userVa, length);
    const free =
      'pinned' in container ? [...container.pinned.holes(part.start, part.last)] : [part];
    const pages = this.unplanned(container, free);
    if (pages === 0n) return null;
    const by = context.rlimitMode === 0 ? payer.userId : (payer.processId ?? context);
    const before = this.counted.get(by) ?? 0n;
    this.counted.set(by, before + pages);
    return left < before + pages
      ? lockRefused(x, context, payer, { wanted: pages, left: left - before })
      : null;
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
function lockRefused(
  x: Execution,
  context: IommufdContext,
  { rlimitMemlock }: Payer,
  { wanted, left }: { readonly wanted: bigint; readonly left: bigint },
): Refusal {
  const most = (rlimitMemlock ?? 0n) / PAGE;
  const facts = { most, wanted, locked: most - left };
  const counts = context.rlimitMode === 0 ? 'incr_user_locked_vm' : '__account_locked_vm';
  return x.refusedBy(counts, new Refusal('ENOMEM', 'MEMLOCK_REACHED', facts));
}

/**
 * The first address of a part of a container that cannot be pinned; null: all can. Pages that are
 * pinned already are not looked at again, so they may be gone from the process.
 */
export function firstMissing(
  state: MachineState,
  context: IommufdContext,
  container: IoptPages | NewPages,
  userVa: bigint,
  length: bigint,
): bigint | null {
  const ranges = rangesOfPages(state, context, container);
  const { writable } = container;
  const present = presentBytes(ranges, userVa, length, writable);
  if (present === length) return null;
  if (!('pinned' in container)) return userVa + present;
  const { start, last } = userPages(userVa, length);
  for (const hole of pinnedOf(context, container).holes(start, last)) {
    const from = hole.start * PAGE > userVa ? hole.start * PAGE : userVa;
    const bytes = (hole.last + 1n) * PAGE - from;
    const there = presentBytes(ranges, from, bytes, writable);
    if (there < bytes) return from + there;
  }
  return null;
}

/**
 * Whether every area of an IOAS can be pinned, lowest first. Source: iopt_fill_domain. Errors:
 * EFAULT, memory is missing; ENOMEM, too much would be locked.
 */
export function checkPinAreas(x: Execution, context: IommufdContext, ioas: Ioas): Refusal | null {
  const { state } = x;
  // Nothing is counted: only missing memory can refuse, and of the memory at first that is known.
  const asOpened = context.foreignPages.size === 0 && isAsOpened(context);
  const uncounted = pagesLeft(state, context, context.process) === null;
  if (asOpened && uncounted && ioas.absentAreas === 0) return null;
  const plan = new PinPlan(x, context, 'ptId');
  for (const area of ioas.areas) {
    const pages = must(context.pages.get(area.pagesId), `pages ${area.pagesId}`);
    const refused = plan.add(pages, area.userVa, area.last - area.start + 1n);
    if (refused !== null) return refused;
  }
  return null;
}
