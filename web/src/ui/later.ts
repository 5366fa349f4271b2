/** Parts of the page that are not in its first picture: their code comes when they are first shown. */
import { signal } from '@preact/signals';
import { type FunctionComponent, h } from 'preact';
import { wordsOf } from '../data/server.ts';
import { notice } from '../state/notice.ts';

/** Loads each of them, unless it is here. Errors: those of fetching it. */
const loads: (() => Promise<void>)[] = [];

/** A component that loads itself when it is first drawn: `later(async () => (await import(…)).It)`. */
export function later<Props extends object>(
  load: () => Promise<FunctionComponent<Props>>,
): FunctionComponent<Props> {
  const loaded = signal<FunctionComponent<Props> | null>(null);
  let underWay: Promise<void> | null = null;
  const begin = async () => {
    try {
      loaded.value = await load();
    } catch (error) {
      // Drawn again, it is asked for again.
      underWay = null;
      throw error;
    }
  };
  const ask = () => {
    underWay ??= begin();
    return underWay;
  };
  loads.push(ask);
  return props => {
    if (loaded.value !== null) return h(loaded.value, props);
    ask().catch(error => {
      notice.value = wordsOf(error);
    });
    return null;
  };
}

/** So long after it was opened the page loads the rest of itself: then a first key finds it here. */
const AHEAD_MS = 300;

export function loadAhead(): void {
  setTimeout(async () => {
    // What does not come is nobody's trouble until it is needed.
    for (const ask of loads) await ask().catch(() => undefined);
    document.documentElement.dataset['whole'] = '';
  }, AHEAD_MS);
}
