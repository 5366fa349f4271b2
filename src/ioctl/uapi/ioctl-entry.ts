/** An entry of the dispatch table. */

import type { IoctlLayout } from '../../abi/ioctl/layout.ts';
import { EINTR } from '../../abi/ioctl/linux.ts';
import type { Caller, Returned } from './caller.ts';
import { IoctlCall, structOf } from './ioctl-call.ts';

export interface IoctlEntry {
  readonly request: number;
  run(caller: Caller, contextId: number, pointer: bigint, userSize: number): Promise<Returned>;
}

/** What a call returns whose thread was killed: nobody reads it. */
const GONE: Returned = -EINTR;

/** An ioctl whose structure is read first, as copy_struct_from_user does. */
export function ioctlEntry<L extends IoctlLayout>(
  layout: L,
  run: (call: IoctlCall<L['fields']>) => Promise<Returned>,
): IoctlEntry {
  return {
    request: layout.request,
    async run(caller, contextId, pointer, userSize) {
      const cmd = structOf<L['fields']>(caller, layout, pointer, userSize);
      if (typeof cmd === 'number') return cmd;
      if (!caller.isWaiting()) return GONE;
      return run(new IoctlCall(caller, contextId, cmd, { pointer, userSize }));
    },
  };
}
