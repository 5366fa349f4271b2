/** Which dialog is open; one at a time. */
import { computed, signal } from '@preact/signals';
import { connection } from '../data/server.ts';

export type DialogName = 'commands' | 'keys' | 'goto' | 'fork' | 'bookmark' | 'redrive';

export const openDialog = signal<DialogName | null>(null);

/** A server that wants its token is asked for before anything else. */
export const isDialogOpen = computed(
  () => openDialog.value !== null || connection.value.state === 'REFUSED',
);

/** The id of an element that gets the focus once it is there: it may have to be loaded. */
export const wantsFocus = signal<string | null>(null);

export function closeDialog(): void {
  openDialog.value = null;
}
