/** The whole life of a DMA, from its issue over its groups and their answers to its end. */
import { DmaTrack } from '../../core/hardware/dma/track.ts';
import type { Operation } from '../../core/machine/operation.ts';
import { eventsOf, type LoggedEvent } from '../follow/follow.ts';
import type { Past } from '../past/past.ts';
import { passingNear } from './bisect.ts';

/** Events of one life at most; a DMA that retries for ever has no end of them. */
export const DMA_LIFE_EVENTS_MAX = 1_000;
/** Events looked through for one answer. */
const LOOKED_THROUGH_MAX = 1_000_000;

export interface DmaLife {
  /** In order. */
  readonly events: readonly LoggedEvent[];
  /** It moved its bytes, or failed. */
  readonly ended: boolean;
  /** There are more events of it than could be looked for. */
  readonly cut: boolean;
}

/**
 * The events up to seq `until` that are about the DMA; null if there was none of this number by then.
 * A DMA that waits long is looked for among all that happened meanwhile.
 */
export async function dmaLife(past: Past, dmaId: number, until: number): Promise<DmaLife | null> {
  const known = await past.look(until, ({ nextDmaId }) => dmaId >= 1 && dmaId < nextDmaId);
  if (!known) return null;
  const issuedSeq = await passingNear(past, until, dmaId, state => state.nextDmaId);
  // Its own number comes after the caches that it filled on the way, in one operation.
  const first = await past.operationOf(issuedSeq);
  const track = new DmaTrack(dmaId);
  const seqs: number[] = [];
  let cut = false;
  const last = Math.min(until, first.seqBefore + LOOKED_THROUGH_MAX);
  for await (const page of past.events(first.seqBefore, last)) {
    for (const { seq, event } of page) {
      if (track.isAbout(event)) seqs.push(seq);
    }
    // What is said about its end stands in the operation that ended it.
    if (track.ended) break;
    if (seqs.length > DMA_LIFE_EVENTS_MAX) break;
  }
  cut = seqs.length > DMA_LIFE_EVENTS_MAX || (!track.ended && last < until);
  const events = await loggedAt(past, seqs.slice(0, DMA_LIFE_EVENTS_MAX));
  return { events, ended: track.ended, cut };
}

/** Each with its operation, which is read once. */
async function loggedAt(past: Past, seqs: readonly number[]): Promise<LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  let operation: Operation | null = null;
  for (const seq of seqs) {
    if (operation === null || seq > operation.seqBefore + operation.events.length) {
      operation = await past.operationOf(seq);
    }
    events.push(eventsOf(operation)[seq - operation.seqBefore - 1]!);
  }
  return events;
}
