/** Events of a guest's memory: what its CPU writes. */
import { count } from '../../explain/words.ts';
import type { EventEntries, InContext } from '../../machine/event-entry.ts';
import { contextOf } from '../../machine/lookup.ts';
import { writeWord } from '../../memory/guest-memory.ts';
import type { OfProcess } from '../../memory/user-process.ts';

/** A word of a guest's memory and where it lies in its VMM. */
export interface WrittenWord extends OfProcess {
  readonly userVa: bigint;
  readonly value: bigint;
}

/** A guest's CPU wrote words, such as entries of a page table. Nothing is invalidated by that. */
export interface GuestWordsWritten extends InContext {
  readonly type: 'GuestWordsWritten';
  readonly words: readonly WrittenWord[];
  /** Numbers of the user pages that became tables. */
  readonly tablePages: readonly number[];
}

export type GuestEvent = GuestWordsWritten;

export const GUEST_EVENTS: EventEntries<GuestEvent> = {
  GuestWordsWritten: {
    version: 1,
    layer: 'USER_SPACE',
    sentence: 'A guest’s CPU wrote words of its memory. Nothing is invalidated by that.',
    describe: event =>
      `the guest of context ${event.contextId} wrote ${count(event.words.length, 'word')}`,
    evolve(state, { contextId, words, tablePages }) {
      const context = contextOf(state, contextId);
      for (const { userVa, value } of words) writeWord(context, userVa, value, state.seq);
      for (const page of tablePages) context.tablePages.add(page);
      context.guestWrittenSeq = state.seq;
    },
  },
};
