/** An entry of the dispatch table. */

import type { IoctlLayout } from '../../abi/ioctl/layout.ts';
import { EINTR } from '../../abi/ioctl/linux.ts';
import type { Caller, Returned } from './caller.ts';
import { IoctlCall, structOf } from './ioctl-call.ts';

export interface IoctlEntry {
  readonly request: number;
  /** Bytes of its structure. */
  readonly size: number;
  /** `head` is what there is of the structure at `pointer`, its size at least. */
  run(caller: Caller, contextId: number, pointer: bigint, head: Buffer): Promise<Returned>;
}

/** What a call returns whose thread was killed: nobody reads it. */
export const GONE: Returned = -EINTR;

/** An ioctl whose structure is read first, as copy_struct_from_user does. */
export function ioctlEntry<L extends IoctlLayout>(
  layout: L,
  run: (call: IoctlCall<L['fields']>) => Promise<Returned>,
): IoctlEntry {
  return {
    request: layout.request,
    size: layout.size,
    async run(caller, contextId, pointer, head) {
      const cmd = structOf<L['fields']>(caller, layout, pointer, head);
      if (typeof cmd === 'number') return cmd;
      if (!caller.isWaiting()) return GONE;
      return run(
        new IoctlCall(caller, contextId, cmd, {
          pointer,
          userSize: head.readUInt32LE(0),
        }),
      );
    },
  };
}
