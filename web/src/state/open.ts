/** Which dialog is open; one at a time. */
import { signal } from '@preact/signals';

export type DialogName = 'commands' | 'keys' | 'goto' | 'fork' | 'bookmark';

export const openDialog = signal<DialogName | null>(null);

export function closeDialog(): void {
  openDialog.value = null;
}
