/** What an operation answers, and how the file it is called on is found. */
import type { Errno } from '../../abi/errno.ts';
import type { IommufdContext } from '../iommufd/state.ts';
import { noOpenContext } from '../refuse/absent.ts';
import type { Execution } from './execution.ts';
import { Refusal } from './refusal.ts';

export interface Answer<R> {
  readonly errno: Errno;
  /** null: nothing is written back. */
  readonly reply: R | null;
}

/** Of a step that gives an errno: an empty reply, or the refusal. */
export function refused(errno: Errno): Answer<Record<string, never>> {
  return errno === 0 ? { errno, reply: {} } : { errno, reply: null };
}

/** The reply of a step that gives a value, or its refusal. */
export function answer<V, R>(
  value: V | Refusal,
  reply: (value: Exclude<V, Refusal>) => R,
): Answer<R> {
  if (value instanceof Refusal) return { errno: value.errno, reply: null };
  return { errno: 0, reply: reply(value as Exclude<V, Refusal>) };
}

interface InContext {
  readonly contextId: number;
}

type OnContext<C, R> = (x: Execution, context: IommufdContext, command: C) => Answer<R>;

/** An operation on the context's own file. EBADF: that file is not open. */
export function inContext<C extends InContext, R>(
  run: OnContext<C, R>,
): (x: Execution, command: C) => Answer<R> {
  return (x, command) => {
    const context = x.openContext(command.contextId);
    return context === null ? notOpen(x, command) : run(x, context, command);
  };
}

/** An operation on a file that may outlive the context's own: a device's, an access'. */
export function whileHeld<C extends InContext, R>(
  run: OnContext<C, R>,
): (x: Execution, command: C) => Answer<R> {
  return (x, command) => {
    const context = x.state.contexts.get(command.contextId);
    return context === undefined ? notOpen(x, command) : run(x, context, command);
  };
}

/** The number is no open file: the system call ends before the driver is called (fdget). */
function notOpen<R>(x: Execution, { contextId }: InContext): Answer<R> {
  const { errno } = x.refusedBy('fdget', noOpenContext(x.state, contextId));
  return { errno, reply: null };
}
