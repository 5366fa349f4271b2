/** What is selected, by click, key or address. */
import { batch } from '@preact/signals';
import { type Key, keyName } from '../data/keys.ts';
import { announce } from './announce.ts';
import { field, pushPlace, selected } from './place.ts';

export function select(key: Key | null, name: string | null = null): void {
  if (key === selected.peek() && name === field.peek()) return;
  pushPlace();
  batch(() => {
    selected.value = key;
    field.value = name;
  });
  announce(key === null ? 'Nothing is selected.' : `Selected: ${keyName(key)}.`);
}
