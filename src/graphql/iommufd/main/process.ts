/** The process that opens a context: its memory and what the context keeps about it. */
import { MEMORY_REGIONS_MAX } from '../../../abi/limits.ts';
import { PAGE_SIZE } from '../../../abi/uapi.ts';
import type { IovaRange } from '../../../core/memory/iova-range.ts';
import { TRACE_PROCESS, type UserProcess } from '../../../core/memory/user-process.ts';
import { badInput } from '../../builder/bad-input.ts';
import { builder } from '../../builder/builder.ts';
import { checkFirst, FIRST_TEXT, LIST_DEFAULT } from '../../builder/lists.ts';
import { ContextType, IoasType } from '../../builder/refs.ts';
import { objectView } from '../../builder/view.ts';

const MemoryRegionInput = builder.inputType('MemoryRegionInput', {
  description: 'User addresses that exist, both ends inclusive, in whole pages of 4096 bytes.',
  fields: t => ({
    start: t.field({
      type: 'HexU64',
      required: true,
      description: 'First address, a multiple of 0x1000.',
    }),
    last: t.field({
      type: 'HexU64',
      required: true,
      description: 'Last address, one below a multiple of 0x1000, not below start.',
    }),
  }),
});

export const ProcessInput = builder.inputType('ProcessInput', {
  description: 'What iommufd needs to know of the process that opens a context.',
  fields: t => ({
    memory: t.field({
      type: [MemoryRegionInput],
      description: `Its memory, ascending, no two regions overlapping; at most ${MEMORY_REGIONS_MAX} regions. Left out: 16 MiB at 0x10000000.`,
    }),
    capIpcLock: t.boolean({
      defaultValue: TRACE_PROCESS.capIpcLock,
      description: 'CAP_IPC_LOCK: what it pins is not counted.',
    }),
    capSysResource: t.boolean({
      defaultValue: TRACE_PROCESS.capSysResource,
      description: 'CAP_SYS_RESOURCE: it may set IOMMU_OPTION_RLIMIT_MODE, else EPERM.',
    }),
    rlimitMemlock: t.field({
      type: 'HexU64',
      description: 'RLIMIT_MEMLOCK in bytes: more locked is ENOMEM. Left out: unlimited.',
    }),
    userId: t.field({
      type: 'U32',
      defaultValue: TRACE_PROCESS.userId,
      description: 'The user whose locked memory is counted, over all its contexts.',
    }),
    processId: t.field({
      type: 'U32',
      description:
        'A number for the process: contexts that give the same one count locked memory together in RLIMIT_MODE 1. Nothing else is shared. Left out: a process of its own.',
    }),
  }),
});

/** Errors: a GraphQL error that names the region in the way. */
export function processOf(input: typeof ProcessInput.$inferInput): UserProcess {
  const { processId } = input;
  return {
    memory: input.memory ? memoryOf(input.memory) : TRACE_PROCESS.memory,
    capIpcLock: input.capIpcLock ?? TRACE_PROCESS.capIpcLock,
    capSysResource: input.capSysResource ?? TRACE_PROCESS.capSysResource,
    rlimitMemlock: input.rlimitMemlock ?? TRACE_PROCESS.rlimitMemlock,
    userId: input.userId ?? TRACE_PROCESS.userId,
    ...(processId === null || processId === undefined ? {} : { processId }),
  };
}

function memoryOf(memory: readonly IovaRange[]): IovaRange[] {
  if (memory.length > MEMORY_REGIONS_MAX) {
    throw badInput(
      `"input.process.memory" may have at most ${MEMORY_REGIONS_MAX} entries, not ${memory.length}`,
    );
  }
  const page = BigInt(PAGE_SIZE);
  for (const [index, { start, last }] of memory.entries()) {
    const wrong = (field: string, text: string) =>
      badInput(`"input.process.memory[${index}].${field}" must be ${text}`);
    if (start % page !== 0n) throw wrong('start', `a multiple of 0x1000, not ${hex(start)}`);
    if ((last + 1n) % page !== 0n) {
      throw wrong('last', `one below a multiple of 0x1000, not ${hex(last)}`);
    }
    if (last < start) throw wrong('last', `${hex(start)} or above, not ${hex(last)}`);
    const before = memory[index - 1];
    if (before !== undefined && start <= before.last) {
      throw wrong('start', `above the region before it, which ends at ${hex(before.last)}`);
    }
  }
  return memory.map(({ start, last }) => ({ start, last }));
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;

const MemoryRegion = builder.objectRef<IovaRange>('MemoryRegion').implement({
  description: 'User addresses that exist, both ends inclusive.',
  fields: t => ({
    start: t.expose('start', { type: 'HexU64', description: 'First address.' }),
    last: t.expose('last', { type: 'HexU64', description: 'Last address.' }),
  }),
});

builder.objectFields(ContextType, t => ({
  memory: t.field({
    type: [MemoryRegion],
    description: 'Memory of the process that opened it, ascending: what can be mapped and pinned.',
    args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
    resolve: ({ context }, { first }) => context.process.memory.slice(0, checkFirst(first)),
  }),
  rlimitMode: t.int({
    description:
      'How locked memory is counted: 0 per user, 1 per process (IOMMU_OPTION_RLIMIT_MODE).',
    resolve: ({ context }) => context.rlimitMode,
  }),
  capIpcLock: t.boolean({
    description: 'Its process has CAP_IPC_LOCK: what it pins is not counted.',
    resolve: ({ context }) => context.process.capIpcLock,
  }),
  capSysResource: t.boolean({
    description: 'Its process has CAP_SYS_RESOURCE: it may set IOMMU_OPTION_RLIMIT_MODE.',
    resolve: ({ context }) => context.process.capSysResource,
  }),
  rlimitMemlock: t.field({
    type: 'HexU64',
    nullable: true,
    description: 'RLIMIT_MEMLOCK of its process in bytes; null: unlimited.',
    resolve: ({ context }) => context.process.rlimitMemlock,
  }),
  userId: t.field({
    type: 'U32',
    description: 'The user its process runs as: whose locked memory is counted in mode 0.',
    resolve: ({ context }) => context.process.userId,
  }),
  processId: t.field({
    type: 'U32',
    nullable: true,
    description: 'Its process, if other contexts can be of it too; null: one of its own.',
    resolve: ({ context }) => context.process.processId ?? null,
  }),
  lockedPages: t.field({
    type: 'HexU64',
    description: 'User pages pinned and counted, 4096 bytes each; 0x0 with CAP_IPC_LOCK.',
    resolve: ({ context }) => context.lockedPages,
  }),
  vfioIoas: t.field({
    type: IoasType,
    nullable: true,
    description: 'The IOAS of the VFIO compatible ioctls; null if none is set (IOMMU_VFIO_IOAS).',
    resolve: view => objectView(view, view.context.vfioIoasId, 'IOAS'),
  }),
}));
