/** The memory of the process behind a context: what of it exists, and how that changes. */
import { MEMORY_REGIONS_MAX } from '../../../abi/limits.ts';
import { PAGE_SIZE } from '../../../abi/uapi.ts';
import type { IovaRange } from '../../../core/memory/iova-range.ts';
import { rangesOfContext } from '../../../core/memory/process-memory.ts';
import type { MemoryRange } from '../../../core/memory/user-process.ts';
import { badInput } from '../../builder/bad-input.ts';
import { builder } from '../../builder/builder.ts';
import {
  CONTEXT_ID_FIELD,
  kernelMutation,
  MACHINE_ID_FIELD,
} from '../../builder/kernel-mutation.ts';
import { checkFirst, FIRST_TEXT, LIST_DEFAULT } from '../../builder/lists.ts';
import { IovaRangeInput, taken } from '../../builder/ranges.ts';
import { ContextType } from '../../builder/refs.ts';
import { contextView } from '../../builder/view.ts';

const PAGE = BigInt(PAGE_SIZE);

export const MemoryRegionInput = builder.inputType('MemoryRegionInput', {
  description: 'User addresses that exist, both ends inclusive, in whole pages.',
  fields: t => ({
    start: t.field({
      type: 'HexU64',
      required: true,
      description: 'First address, a multiple of the page size.',
    }),
    last: t.field({
      type: 'HexU64',
      required: true,
      description: 'Last address, one below a multiple of the page size, not below start.',
    }),
    readOnly: t.boolean({
      defaultValue: false,
      description: 'No PROT_WRITE: to pin it for a mapping that may be written to is EFAULT.',
    }),
    pageSize: t.field({
      type: 'U32',
      defaultValue: PAGE_SIZE,
      description: 'Bytes of a page, a power of two from 4096 on; larger ones are huge pages.',
    }),
  }),
});

/**
 * Regions of an argument. Errors: a GraphQL error that names the region in the way.
 */
export function memoryRangesOf(
  argument: string,
  regions: readonly (typeof MemoryRegionInput.$inferInput)[],
): MemoryRange[] {
  checkCount(argument, regions.length);
  return regions.map((region, index) => {
    const pageSize = region.pageSize ?? PAGE_SIZE;
    const at = `${argument}[${index}]`;
    if (pageSize < PAGE_SIZE || (pageSize & (pageSize - 1)) !== 0) {
      throw badInput(`"${at}.pageSize" must be a power of two from 4096 on, not ${pageSize}`);
    }
    const range = wholePages(at, region, BigInt(pageSize));
    checkAbove(at, range, regions[index - 1]);
    return {
      ...range,
      ...(region.readOnly ? { readOnly: true } : {}),
      ...(pageSize === PAGE_SIZE ? {} : { pageSize }),
    };
  });
}

function checkCount(argument: string, count: number): void {
  if (count <= MEMORY_REGIONS_MAX) return;
  throw badInput(`"${argument}" may have at most ${MEMORY_REGIONS_MAX} entries, not ${count}`);
}

function checkAbove(at: string, { start }: IovaRange, before: IovaRange | undefined): void {
  if (before === undefined || start > before.last) return;
  throw badInput(
    `"${at}.start" must be above the region before it, which ends at ${hex(before.last)}`,
  );
}

function wholePages(at: string, { start, last }: IovaRange, page: bigint): IovaRange {
  const wrong = (field: string, text: string) => badInput(`"${at}.${field}" must be ${text}`);
  if (start % page !== 0n) throw wrong('start', `a multiple of ${hex(page)}, not ${hex(start)}`);
  if ((last + 1n) % page !== 0n) {
    throw wrong('last', `one below a multiple of ${hex(page)}, not ${hex(last)}`);
  }
  if (last < start) throw wrong('last', `${hex(start)} or above, not ${hex(last)}`);
  return { start, last };
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;

const MemoryRegion = builder.objectRef<MemoryRange>('MemoryRegion').implement({
  description: 'User addresses that exist, both ends inclusive.',
  fields: t => ({
    start: t.expose('start', { type: 'HexU64', description: 'First address.' }),
    last: t.expose('last', { type: 'HexU64', description: 'Last address.' }),
    readOnly: t.boolean({
      description: 'It may not be written (no PROT_WRITE).',
      resolve: ({ readOnly }) => readOnly ?? false,
    }),
    pageSize: t.field({
      type: 'U32',
      description: 'Bytes of a page: 4096, or those of huge pages.',
      resolve: ({ pageSize }) => pageSize ?? PAGE_SIZE,
    }),
  }),
});

builder.objectField(ContextType, 'memory', t =>
  t.field({
    type: [MemoryRegion],
    description:
      'Memory of the process that opened it, ascending: what can be pinned now. What is pinned already may be gone from it.',
    args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
    resolve: ({ machine, context }, { first }) =>
      taken(rangesOfContext(machine.state, context), checkFirst(first)),
  }),
);

const userMemoryChange = kernelMutation({
  command: 'UserMemoryChange',
  description:
    'mmap, munmap and mprotect by the process that opened a context. What iommufd has pinned of it stays pinned, which is the hazard PINNED_MEMORY_GONE. Errors: EBADF.',
  input: builder.inputType('UserMemoryChangeInput', {
    description: 'Arguments of userMemoryChange.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      removed: t.field({
        type: [IovaRangeInput],
        description: `User addresses that go, in whole pages; what is not there is left alone. At most ${MEMORY_REGIONS_MAX}.`,
      }),
      added: t.field({
        type: [MemoryRegionInput],
        description: `What is there from then on, ascending, no two overlapping; it replaces what was there. At most ${MEMORY_REGIONS_MAX}.`,
      }),
    }),
  }),
  toCommand: ({ contextId, removed, added }) => ({
    type: 'UserMemoryChange',
    contextId,
    removed: removedOf(removed ?? []),
    added: memoryRangesOf('input.added', added ?? []),
  }),
  payload: t => ({
    context: t.field({
      type: ContextType,
      nullable: true,
      description: 'The context, as it is now.',
      resolve: ({ machine, command }) => contextView(machine, command.contextId),
    }),
  }),
});

function removedOf(ranges: readonly IovaRange[]): IovaRange[] {
  checkCount('input.removed', ranges.length);
  return ranges.map((range, index) => wholePages(`input.removed[${index}]`, range, PAGE));
}

export const USER_MEMORY_MUTATIONS = { UserMemoryChange: userMemoryChange };
