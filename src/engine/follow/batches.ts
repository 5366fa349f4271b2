/** A machine's events for a subscriber, many at a time. */
import type { Engine } from '../machine/engine.ts';
import { EventCursor, Follower, isGone, type LoggedEvent } from './follow.ts';
import { Closer, pullIterator } from './pull.ts';

/**
 * A machine's events with a seq above `afterSeq`, each once, in order, then live: as many at a time as
 * there are when they are asked for, at most `max`. Ends when the machine is deleted. Errors, on the
 * first call: UnknownMachineError.
 */
export async function followBatches(
  engine: Engine,
  machineId: string,
  afterSeq: number,
  max: number,
): Promise<AsyncGenerator<readonly LoggedEvent[], undefined>> {
  const machine = await engine.machine(machineId);
  const [before] = await engine.log.readEvents(machineId, {
    untilSeq: afterSeq,
    limit: 1,
    order: 'backward',
  });
  const closer = new Closer();
  const follower = new Follower(engine, machine, before?.number ?? 0, closer);
  const cursor = new EventCursor(follower, logged => (logged.seq > afterSeq ? logged : null));
  const next = async (): Promise<readonly LoggedEvent[] | null> => {
    while (!closer.closed) {
      const mark = await follower.mark();
      const batch: LoggedEvent[] = [];
      while (batch.length < max) {
        const found = await cursor.next();
        if (found === null) break;
        batch.push(found);
      }
      if (batch.length > 0) return batch;
      await follower.wait(mark);
    }
    return null;
  };
  return pullIterator(closer, () =>
    next().catch(error => {
      if (isGone(error)) return null;
      throw error;
    }),
  );
}
