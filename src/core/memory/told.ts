/** What the world outside tells of processes, taken over before and after an operation. */
import { ULONG_MAX } from '../../abi/uapi.ts';
import type { Execution } from '../machine/execution.ts';
import type { ToldMemory } from '../machine/outside.ts';
import type { IovaRange } from './iova-range.ts';
import { notePinnedGone } from './pinned-gone.ts';
import type { MemoryOwner } from './process-memory.ts';
import type { MemoryChange } from './user-process.ts';

export const WHOLE_MEMORY: IovaRange = { start: 0n, last: ULONG_MAX };

/** Before the operation looks at any memory. */
export function takeToldMemory(x: Execution, told: readonly ToldMemory[]): void {
  for (const { processId, removed, added } of told) {
    changeUserMemory(x, { contextId: null, processId }, { removed, added }, true);
  }
}

/** After the operation: nobody will tell of these processes any more, and nothing is left of them. */
export function takeGone(x: Execution, processIds: readonly number[]): void {
  for (const processId of processIds) {
    if (!x.state.memories.has(processId)) continue;
    const owner = { contextId: null, processId };
    changeUserMemory(x, owner, { removed: [WHOLE_MEMORY], added: [] }, false);
  }
}

/** The memory is another from here on. */
export function changeUserMemory(
  x: Execution,
  owner: MemoryOwner,
  { removed, added }: MemoryChange,
  told: boolean,
): void {
  notePinnedGone(x, owner, { removed, added });
  x.emit({ type: 'UserMemoryChanged', ...owner, removed, added, told });
}
