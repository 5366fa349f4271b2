/** The DMA whose events are shown, by its number; it stays while one looks elsewhere. */
import { signal } from '@preact/signals';

export const openDma = signal<number | null>(null);
