/** Whose memory the addresses of a context are: that of the process that mapped last, or opened it. */
import { UserMemory } from '../native/user-memory.ts';
import { tgidOf } from '../process-facts.ts';

export class Processes {
  private readonly byContext = new Map<number, number>();

  /** A thread opens a context, or maps in it. */
  uses(contextId: number, tid: number): void {
    if (this.byContext.get(contextId) === tid) return;
    try {
      this.byContext.set(contextId, tgidOf(tid));
    } catch {
      // It is gone: whoever used the context before still counts.
    }
  }

  /** null: the context is no program's of this supervisor. */
  memoryOf(contextId: number): UserMemory | null {
    const process = this.byContext.get(contextId);
    return process === undefined ? null : new UserMemory(process);
  }
}
