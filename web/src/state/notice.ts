/** One line that the page says in words, until it is put away: errors of the server, what was nearest. */
import { signal } from '@preact/signals';

export const notice = signal<string | null>(null);
