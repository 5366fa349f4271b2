/** The object a payload names, as it is now. */
import type { Command, CommandType } from '../core/command.ts';
import type { IommufdObject } from '../core/state.ts';
import type { Payload } from './kernel-mutation.ts';
import { contextView, objectView, type ViewOf } from './view.ts';

type ContextCommandType = Extract<Command, { contextId: number }>['type'];

/** null if it went in the meantime. */
export function payloadObject<
  T extends ContextCommandType & CommandType,
  O extends IommufdObject['type'],
>({ machine, operation }: Payload<T>, id: number, ...types: readonly O[]): ViewOf<O> | null {
  const { contextId } = operation.command as { contextId: number };
  const view = contextView(machine, contextId);
  return view && objectView(view, id, ...types);
}
