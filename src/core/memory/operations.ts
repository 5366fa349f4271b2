/** What processes do with their memory; the kernel's iommufd is not asked. */
import { inContext, refused } from '../machine/answer.ts';
import type { Operation, OperationEntries } from '../machine/operation-entry.ts';
import type { IovaRange } from './iova-range.ts';
import { ownerOf } from './process-memory.ts';
import { changeUserMemory } from './told.ts';
import type { MemoryRange } from './user-process.ts';

/** mmap, munmap and mprotect by the process that opened a context. */
export interface UserMemoryChange {
  readonly type: 'UserMemoryChange';
  readonly contextId: number;
  /** Removed first; what is not there stays away. */
  readonly removed: readonly IovaRange[];
  /** There from then on, disjoint and ascending; over what was there. */
  readonly added: readonly MemoryRange[];
}

export interface UserMemoryOperations {
  UserMemoryChange: Operation<UserMemoryChange, Record<string, never>>;
}

export const USER_MEMORY_OPERATIONS: OperationEntries<UserMemoryOperations> = {
  UserMemoryChange: {
    sentence: 'mmap, munmap and mprotect by the process that opened a context.',
    mutation: 'userMemoryChange',
    support: null,
    arguments: { contextId: 'contextId', removed: 'ranges', added: 'memoryRanges' },
    execute: inContext((x, context, change) => {
      const owner = ownerOf(context);
      const { processId } = owner;
      const shared = processId === null ? undefined : x.state.memories.get(processId);
      // What is told of other processes may be all there is.
      const changes = change.removed.length + change.added.length > 0;
      if (changes) changeUserMemory(x, owner, change, shared?.told ?? false);
      return refused(0);
    }),
  },
};
