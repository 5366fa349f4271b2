/** The process that opens a context, and what the context keeps about it. */
import { MEMORY_REGIONS_MAX } from '../../../abi/limits.ts';
import { TRACE_PROCESS, type UserProcess } from '../../../core/memory/user-process.ts';
import { badInput } from '../../builder/bad-input.ts';
import { builder } from '../../builder/builder.ts';
import { ContextType, IoasType } from '../../builder/refs.ts';
import { objectView } from '../../builder/view.ts';
import { MemoryRegionInput, memoryRangesOf } from './user-memory.ts';

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
        'A number for the process: contexts that give the same one count locked memory together in RLIMIT_MODE 1. Left out: a process of its own.',
    }),
    sharesMemory: t.boolean({
      defaultValue: false,
      description:
        'Which addresses exist is one for all contexts that name the process and say so, also if a program under faultline run is that process; `memory` counts only if nothing is known of it yet. What the memory holds is each context’s own.',
    }),
  }),
});

/** Errors: a GraphQL error that names the region in the way. */
export function processOf(input: typeof ProcessInput.$inferInput): UserProcess {
  const { processId, sharesMemory } = input;
  const named = processId !== null && processId !== undefined;
  if (sharesMemory && !named) {
    throw badInput('"input.process.sharesMemory" needs "input.process.processId"');
  }
  return {
    memory: input.memory
      ? memoryRangesOf('input.process.memory', input.memory)
      : TRACE_PROCESS.memory,
    capIpcLock: input.capIpcLock ?? TRACE_PROCESS.capIpcLock,
    capSysResource: input.capSysResource ?? TRACE_PROCESS.capSysResource,
    rlimitMemlock: input.rlimitMemlock ?? TRACE_PROCESS.rlimitMemlock,
    userId: input.userId ?? TRACE_PROCESS.userId,
    ...(named ? { processId } : {}),
    ...(sharesMemory ? { sharesMemory } : {}),
  };
}

builder.objectFields(ContextType, t => ({
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
