/** The object a payload names, as it is now. */
import type { IommufdObject } from '../../core/iommufd/state.ts';
import { contextView, type MachineView, objectView, type ViewOf } from './view.ts';

/** What a payload says of where it happened: a command that names its context. */
export interface PayloadPlace {
  readonly machine: MachineView;
  readonly command: { readonly contextId: number };
}

/** null if it went in the meantime. */
export function payloadObject<O extends IommufdObject['type']>(
  { machine, command }: PayloadPlace,
  id: number,
  ...types: readonly O[]
): ViewOf<O> | null {
  const view = contextView(machine, command.contextId);
  return view && objectView(view, id, ...types);
}
