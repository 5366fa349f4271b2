/** Events in words. The GraphQL schema, the demo and the docs take theirs from here. */
import { type Event, entryOf } from '../machine/event.ts';

/** One event in one sentence, without a full stop. */
export function describeEvent(event: Event): string {
  return entryOf(event).describe(event);
}
