/** What a screen reader is told: at most once a second, and the last sentence always. */
import { signal } from '@preact/signals';

export const announced = signal('');
/** What everybody is shown for a while; null: nothing. */
export const told = signal<string | null>(null);

const EVERY_MS = 1_000;
const TOLD_MS = 6_000;

let next: string | null = null;
/** Sentences that no later one takes the place of. */
let kept: readonly string[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

function speak(): void {
  timer = undefined;
  const sentences = next === null ? kept : [...kept, next];
  if (sentences.length === 0) return;
  announced.value = sentences.join(' ');
  next = null;
  kept = [];
  timer = setTimeout(speak, EVERY_MS);
}

export function announce(sentence: string): void {
  next = sentence;
  if (timer === undefined) speak();
}

/** Said even if another sentence comes within the second. */
export function announceEach(sentence: string): void {
  kept = [...kept, sentence];
  if (timer === undefined) speak();
}

let put: ReturnType<typeof setTimeout> | undefined;

/** Said, and shown: what a key did that is not seen otherwise, or why it did nothing. */
export function tell(sentence: string): void {
  announce(sentence);
  told.value = sentence;
  clearTimeout(put);
  put = setTimeout(() => {
    told.value = null;
  }, TOLD_MS);
}
