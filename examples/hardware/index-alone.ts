/**
 * Wrong: groups are remembered by their index alone. A function uses an index again once it has
 * forgotten the group that had it, by a reset or after an overflow: the answer to the older group
 * reaches the newer one. What names a group is its cookie and `iopfGroupId`.
 */
import { type FaultAnswer, type FaultHandler, handleFaults } from 'faultline/client';
import { mapPage } from './machine.ts';

export interface ForgetfulHandler extends FaultHandler {
  /** The guest has handled a page request: `grpid` is all that it names. */
  guestAnswers(grpid: number, iova: bigint): Promise<void>;
  /** Groups that were read so far. */
  readonly seen: () => number;
}

interface Waiting {
  readonly grpid: number;
  readonly answer: (answer: FaultAnswer) => void;
}

export function forgetfulHandler(url: string): ForgetfulHandler {
  const queue = { url, machineId: 'dma', contextId: 1, faultId: 4 };
  const waiting: Waiting[] = [];
  let seen = 0;
  const handler = handleFaults(queue, ({ messages }, { signal }) => {
    const { promise, resolve, reject } = Promise.withResolvers<FaultAnswer>();
    signal.addEventListener('abort', () => reject(signal.reason));
    waiting.push({ grpid: messages[0]!.grpid, answer: resolve });
    seen++;
    return promise;
  });
  return {
    ...handler,
    seen: () => seen,
    async guestAnswers(grpid, iova) {
      await mapPage(url, iova);
      const first = waiting.findIndex(group => group.grpid === grpid);
      if (first >= 0) waiting.splice(first, 1)[0]!.answer('SUCCESS');
    },
  };
}
