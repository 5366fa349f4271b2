/** An event of the past by its seq, with the operation that made it. */
import { eventsOf } from '../../engine/follow/follow.ts';
import type { Past } from '../../engine/past/past.ts';
import type { EventView } from './operation.ts';

export async function placedEventView(past: Past, seq: number): Promise<EventView> {
  const operation = await past.operationOf(seq);
  return { ...eventsOf(operation)[seq - operation.seqBefore - 1]!, machineId: past.machineId };
}
