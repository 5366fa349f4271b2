/**
 * Why an operation of the kernel traces comes out otherwise on the patch as it was posted: what
 * `faultline what-if` prints, and the table of docs/KERNEL.md.
 */
import { HUGE_PAGE_SIZE, IOMMU_IOAS_MAP_FIXED_IOVA, PAGE_SIZE } from '../../abi/uapi.ts';
import type { Event, EventType } from '../../core/machine/event.ts';
import type { Operation } from '../../core/machine/operation.ts';
import { type ComparedStep, textOf } from '../../engine/replay/rerun.ts';

export interface Reason {
  readonly name: string;
  /** What differs, and between which kernels. */
  readonly text: string;
  /** The kernel function it comes from. */
  readonly source: string;
}

interface Pair {
  readonly recorded: Operation;
  readonly rerun: Operation;
}

interface Rule extends Reason {
  /** `earlier`: reasons met before in the same run. */
  readonly explains: (pair: Pair, earlier: ReadonlySet<string>) => boolean;
}

const HANDLE_EVENTS: ReadonlySet<EventType> = new Set([
  'AttachHandleStored',
  'AttachHandleErased',
  'AttachHandleFreed',
]);

function without(events: readonly Event[], types: ReadonlySet<EventType>): Event[] {
  return events.filter(({ type }) => !types.has(type));
}

function sameEventsBut({ recorded, rerun }: Pair, types: ReadonlySet<EventType>): boolean {
  return textOf(without(recorded.events, types)) === textOf(without(rerun.events, types));
}

function sameReply({ recorded, rerun }: Pair): boolean {
  return recorded.errno === rerun.errno && textOf(recorded.reply) === textOf(rerun.reply);
}

/** The page responses of a faultWrite with a code that user space may not give. */
function hasOtherCode({ command }: Operation): boolean {
  return command.type === 'FaultWrite' && command.responses.some(({ code }) => code > 1);
}

const RULES: readonly Rule[] = [
  {
    name: 'handles of plain hwpts',
    text: 'The patch makes an attach handle for fault-capable hwpts alone; 6.12.117 for every hwpt. Nothing a program sees differs.',
    source: 'iommufd_hwpt_attach_device (iommufd_private.h)',
    explains: pair => sameReply(pair) && sameEventsBut(pair, HANDLE_EVENTS),
  },
  {
    name: 'error freed as a handle',
    text: 'The hwpt replaced was not fault-capable, so there is no old attach handle. The patch takes the error that says so for one and frees it: use of a wild pointer. 6.11 already looks.',
    source: 'iommufd_fault_domain_replace_dev (fault.c)',
    explains: pair => hazardOf(pair) === 'iommufd_fault_domain_replace_dev',
  },
  {
    name: 'nested hwpt taken for a paging one',
    text: 'Before it fails, the replace looks for the IOAS of a nested hwpt as if that were a paging one, and reads beyond it. Later kernels ask for its parent.',
    source: 'iommufd_device_do_replace (device.c)',
    explains: pair => hazardOf(pair) === 'iommufd_device_do_replace',
  },
  {
    name: 'reserved word',
    text: 'The patch copies page fault messages with whatever was on the stack in their reserved word; 6.12.117 clears them first.',
    source: 'iommufd_compose_fault_message (fault.c)',
    explains: pair =>
      pair.recorded.command.type === 'FaultRead' &&
      pair.recorded.errno === pair.rerun.errno &&
      sameEventsBut(pair, new Set()) &&
      withoutReserved(pair.recorded) === withoutReserved(pair.rerun),
  },
  {
    name: 'read with too little room',
    text: 'A buffer in which the next group has no room reads nothing in the patch; 6.12.117 refuses it with EINVAL.',
    source: 'iommufd_fault_fops_read (fault.c)',
    explains: ({ recorded, rerun }) =>
      recorded.command.type === 'FaultRead' && recorded.errno === 'EINVAL' && rerun.errno === 0,
  },
  {
    name: 'unchecked response codes',
    text: 'The patch takes any page response code; 6.12.117 refuses all but SUCCESS and INVALID, and stops at the first such response.',
    source: 'iommufd_fault_fops_write (fault.c)',
    explains: ({ recorded, rerun }) =>
      hasOtherCode(recorded) && rerun.errno === 0 && textOf(recorded.reply) !== textOf(rerun.reply),
  },
  {
    name: 'bitmap of no length',
    text: 'A dirty bitmap of length 0 is EOVERFLOW in the patch, from the sum wrapping, and at IOVA 0 one of the whole space; 6.12.117 checks for it first: EINVAL.',
    source: 'iommufd_check_iova_range (io_pagetable.c)',
    explains: ({ recorded: { command, errno } }) =>
      command.type === 'HwptGetDirtyBitmap' && command.length === 0n && errno === 'EINVAL',
  },
  {
    name: 'bitmap of gigantic pages',
    text: 'The patch shifts an int by the width of a page, which is undefined from 2^31 bytes on; 6.12.117 shifts a long.',
    source: 'iova_bitmap_offset_to_index (iova_bitmap.c)',
    explains: pair =>
      sameReply(pair) &&
      pair.rerun.events.some(
        event => event.type === 'HazardRecorded' && event.name === 'DIRTY_BITMAP_SHIFT',
      ) &&
      sameEventsBut(pair, new Set(['HazardRecorded'])),
  },
  {
    name: 'invalidation without bounds',
    text: 'The patch looks for the hwpt whatever the length of an entry; 6.12.117 first refuses one of more than a page.',
    source: 'iommufd_hwpt_invalidate (hw_pagetable.c)',
    explains: ({ recorded: { command }, rerun }) =>
      command.type === 'HwptInvalidate' && command.entryLen > PAGE_SIZE && rerun.errno === 'ENOENT',
  },
  {
    name: 'reserved range that wraps',
    text: 'The self-test of the patch reserves a range of length 0 or one that wraps, as it is; 6.12.117 refuses both.',
    source: 'iommufd_test_add_reserved (selftest.c)',
    explains: ({ recorded: { command, errno } }) =>
      command.type === 'TestAddReserved' && (errno === 'EOVERFLOW' || errno === 'EINVAL'),
  },
  {
    name: 'automatic IOVA without a cap',
    text: 'The patch aligns an automatic IOVA to as much as length and address allow; 6.12.117 to 2 MiB at most.',
    source: 'iopt_alloc_iova (io_pagetable.c)',
    explains: ({ recorded: { command }, rerun }) =>
      (command.type === 'IoasMap' || command.type === 'IoasCopy') &&
      (command.flags & IOMMU_IOAS_MAP_FIXED_IOVA) === 0 &&
      command.length > HUGE_PAGE_SIZE &&
      rerun.errno !== 'ENOENT',
  },
  {
    name: 'what a response left',
    text: 'A response that only the patch takes (unchecked response codes) came earlier in the run: its group is answered, its cookie is free, and what comes later meets that.',
    source: 'iommufd_fault_fops_write (fault.c)',
    explains: (_, earlier) => earlier.has('unchecked response codes'),
  },
  {
    name: 'what a range left',
    text: 'A range that only the patch reserves, or an IOVA that it chose otherwise, came earlier in the run; what comes later meets that.',
    source: 'iopt_reserve_iova, iopt_alloc_iova (io_pagetable.c)',
    explains: (_, earlier) =>
      earlier.has('reserved range that wraps') || earlier.has('automatic IOVA without a cap'),
  },
];

/** The function of the wild pointer that is all by which the events differ, but for handles. */
function hazardOf(pair: Pair): string | null {
  const but = new Set<EventType>([...HANDLE_EVENTS, 'HazardRecorded']);
  if (!sameReply(pair) || !sameEventsBut(pair, but)) return null;
  for (const event of pair.rerun.events) {
    if (event.type === 'HazardRecorded' && event.name === 'WILD_POINTER') return event.function;
  }
  return null;
}

function withoutReserved({ reply }: Operation): string {
  return textOf(reply).replaceAll(/"reserved":(0|null)/g, '');
}

export const REASONS: readonly Reason[] = RULES;

/** The first reason that explains the step; null if none does. Adds it to `earlier`. */
export function reasonOf({ recorded, rerun }: ComparedStep, earlier: Set<string>): Reason | null {
  if (recorded === null || rerun === null) return null;
  const found = RULES.find(rule => rule.explains({ recorded, rerun }, earlier)) ?? null;
  if (found !== null) earlier.add(found.name);
  return found;
}
