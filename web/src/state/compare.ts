/** The mark B: set where the playhead is, and swapped with it. */
import { batch } from '@preact/signals';
import { announce, tell } from './announce.ts';
import { goTo, openMachine } from './go.ts';
import { machine, other, playhead, tab } from './place.ts';

export function setOther(): void {
  const name = machine.peek();
  const seq = playhead.peek();
  if (name === null || seq === null) return;
  batch(() => {
    other.value = { machine: name, seq };
    tab.value = 'compare';
  });
  announce(`B is ${name} at ${seq}.`);
}

/** The playhead goes to B, and B to where it was. */
export async function swapOther(): Promise<void> {
  const a = { machine: machine.peek()!, seq: playhead.peek() ?? 0 };
  const b = other.peek();
  if (b === null) return tell('There is no B: press c to set it.');
  if (b.machine !== a.machine) await openMachine(b.machine);
  other.value = a;
  goTo(b.seq, 'jump');
}
