/** The processes of a run: all below the supervisor, which is the parent of what others leave behind. */
import { readdirSync, readFileSync } from 'node:fs';
import { mappingsOf } from './maps.ts';
import type { OtherMemory } from './reached.ts';

/** What each has mapped now; nothing where the kernel has no list of children. */
export function memoriesBelow(pid: number): OtherMemory[] {
  return childrenOf(pid).flatMap(child => [...memoryOf(child), ...memoriesBelow(child)]);
}

function childrenOf(pid: number): number[] {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    return tasks.flatMap(tid =>
      readFileSync(`/proc/${pid}/task/${tid}/children`, 'latin1')
        .split(' ')
        .filter(word => word !== '')
        .map(Number),
    );
  } catch {
    return [];
  }
}

function memoryOf(pid: number): OtherMemory[] {
  try {
    const mappings = mappingsOf(readFileSync(`/proc/${pid}/maps`, 'latin1'));
    return [{ pid, mappings, isThere: () => true, look: () => {} }];
  } catch {
    return [];
  }
}
