/** Events of the memory of processes. */
import { count } from '../explain/words.ts';
import type { EventEntries } from '../machine/event-entry.ts';
import type { IovaRange } from './iova-range.ts';
import { changeMemory } from './process-memory.ts';
import type { MemoryRange } from './user-process.ts';

/** The memory of a process is another than it was known to be: mmap, munmap, mprotect, exec, exit. */
export interface UserMemoryChanged {
  readonly type: 'UserMemoryChanged';
  /** Of a context that has memory of its own; else null. */
  readonly contextId: number | null;
  /** The process; null: that of the context. */
  readonly processId: number | null;
  readonly removed: readonly IovaRange[];
  /** What is there now; parts of it may have been there, otherwise. */
  readonly added: readonly MemoryRange[];
  /** The world outside tells of the memory from now on; false: no longer, or it never did. */
  readonly told: boolean;
}

export type MemoryEvent = UserMemoryChanged;

export const MEMORY_EVENTS: EventEntries<MemoryEvent> = {
  UserMemoryChanged: {
    version: 1,
    layer: 'USER_SPACE',
    sentence:
      'The memory of a process is another than it was known to be: mmap, munmap, mprotect, exec, exit.',
    describe: ({ contextId, processId, removed, added }) =>
      `memory of ${processId === null ? `the process of context ${contextId}` : `process ${processId}`}: ${count(removed.length, 'range')} gone, ${added.length} there`,
    evolve: (state, event) => changeMemory(state, event, event, event.told),
  },
};
