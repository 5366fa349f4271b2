/** A machine's events for a subscriber, many at a time. */
import type { Engine } from '../machine/engine.ts';
import { following, type LoggedEvent } from './follow.ts';

/** As `followEvents`: as many at a time as there are when they are asked for, at most `max`. */
export function followBatches(
  engine: Engine,
  machineId: string,
  afterSeq: number,
  max: number,
): Promise<AsyncGenerator<readonly LoggedEvent[], undefined>> {
  return following(engine, machineId, afterSeq, async cursor => {
    const batch: LoggedEvent[] = [];
    while (batch.length < max) {
      const found = await cursor.next();
      if (found === null) break;
      batch.push(found);
    }
    return batch.length > 0 ? batch : null;
  });
}
