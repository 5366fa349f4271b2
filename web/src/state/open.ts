/** Which dialog is open. */
import { signal } from '@preact/signals';

export const commandsOpen = signal(false);
export const keysOpen = signal(false);
export const gotoOpen = signal(false);
export const forkOpen = signal(false);
export const bookmarkOpen = signal(false);
