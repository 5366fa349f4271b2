/** Whether the window is so narrow that regions are stacked and objects are a table: layout.css. */
import { signal } from '@preact/signals';

const query = matchMedia('(width <= 900px)');

export const isNarrow = signal(query.matches);

query.addEventListener('change', () => {
  isNarrow.value = query.matches;
});
