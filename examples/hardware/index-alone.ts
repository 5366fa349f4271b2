/**
 * Wrong: groups are remembered by their index alone. Each function counts its own indexes, so that two
 * groups of one index can wait at once: what was mapped for the one is the answer to the other.
 */
import { type FaultAnswer, type FaultHandler, handleFaults } from 'faultline/client';
import { mapPage } from './machine.ts';

export interface ForgetfulHandler extends FaultHandler {
  /** The guest has handled a page request: `grpid` is all that it names. */
  guestAnswers(grpid: number, iova: bigint): Promise<void>;
  /** Groups that were read so far. */
  readonly seen: () => number;
}

export function forgetfulHandler(url: string): ForgetfulHandler {
  const queue = { url, machineId: 'dma', contextId: 1, faultId: 4 };
  const waiting = new Map<number, (answer: FaultAnswer) => void>();
  let seen = 0;
  const handler = handleFaults(queue, ({ messages }, { signal }) => {
    const { promise, resolve, reject } = Promise.withResolvers<FaultAnswer>();
    signal.addEventListener('abort', () => reject(signal.reason));
    waiting.set(messages[0]!.grpid, resolve);
    seen++;
    return promise;
  });
  return {
    ...handler,
    seen: () => seen,
    async guestAnswers(grpid, iova) {
      await mapPage(url, iova);
      waiting.get(grpid)?.('SUCCESS');
      waiting.delete(grpid);
    },
  };
}
