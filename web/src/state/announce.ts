/** What a screen reader is told: at most one sentence a second, and the last one always. */
import { signal } from '@preact/signals';

export const announced = signal('');

const EVERY_MS = 1_000;

let next: string | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

function speak(): void {
  timer = undefined;
  if (next === null) return;
  announced.value = next;
  next = null;
  timer = setTimeout(speak, EVERY_MS);
}

export function announce(sentence: string): void {
  next = sentence;
  if (timer === undefined) speak();
}
