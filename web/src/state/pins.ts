/** Watches: fields and objects whose value now, before and next is shown at every moment. */
import { signal } from '@preact/signals';
import type { Key } from '../data/keys.ts';

export interface Pin {
  readonly key: Key;
  /** null: the object as a whole. */
  readonly field: string | null;
}

/** Watches shown at a time: each is asked for at every moment. */
export const PINS_MAX = 8;

export const pins = signal<readonly Pin[]>([]);

const same = (a: Pin) => (b: Pin) => a.key === b.key && a.field === b.field;

export function togglePin(pin: Pin): void {
  const others = pins.value.filter(known => !same(pin)(known));
  const removed = others.length < pins.value.length;
  pins.value = removed ? others : [...others, pin].slice(-PINS_MAX);
}

export function pinTextOf(pinned: boolean): string {
  return pinned ? 'Watched' : 'Watch';
}
