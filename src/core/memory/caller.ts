/** Which process runs an operation (`current`), and whose the page containers are that it makes. */
import type { IommufdContext } from '../iommufd/state.ts';
import type { Execution } from '../machine/execution.ts';
import { rangesOfContext, rangesOfProcess, sharedWith } from './process-memory.ts';
import type { MemoryRanges, PagesSource, PrivilegedProcess } from './user-process.ts';

/** Left open by the operation, it is the process that opened the context. */
export function callerOf(x: Execution, context: IommufdContext): PrivilegedProcess {
  return x.current ?? context.process;
}

/** What is there of the caller's memory. */
export function rangesOfCaller(x: Execution, context: IommufdContext): MemoryRanges {
  const { state, current } = x;
  return current === null
    ? rangesOfContext(state, context)
    : rangesOfProcess(state, current.processId);
}

/** Whether a container, or its context's process if null, has the caller's memory. */
export function isOfCaller(
  { current }: Execution,
  context: IommufdContext,
  source: PagesSource | null,
): boolean {
  const shared = sharedWith(context.process);
  const caller = current === null ? shared : current.processId;
  return caller === (source === null ? shared : source.processId);
}

/** Whose the containers are that an operation makes; null: as the context's process' are. */
export function newSourceOf(x: Execution, context: IommufdContext): PagesSource | null {
  const { current } = x;
  if (current === null) return null;
  const { capIpcLock, rlimitMemlock, userId, processId } = current;
  const opener = context.process;
  const same =
    processId === sharedWith(opener) &&
    capIpcLock === opener.capIpcLock &&
    rlimitMemlock === opener.rlimitMemlock &&
    userId === opener.userId;
  return same ? null : { capIpcLock, rlimitMemlock, userId, processId };
}
