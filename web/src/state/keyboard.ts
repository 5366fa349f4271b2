/** Keys to commands. Single keys act outside of text only, and can be switched off. */
import { COMMANDS } from './commands.ts';
import { isDialogOpen } from './open.ts';
import { machine } from './place.ts';
import { singleKeys } from './theme.ts';

/** `shift+ArrowLeft`, `ctrl+k`, `W`: shift is told only where the key has no other letter for it. */
export function keyOf(event: KeyboardEvent): string {
  const shift = event.shiftKey && event.key.length > 1 ? 'shift+' : '';
  const ctrl = event.ctrlKey || event.metaKey ? 'ctrl+' : '';
  return `${ctrl}${shift}${event.key}`;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input, textarea, select'))
  );
}

/** Out of a text, to what is around it: from there single keys act. */
function leave(text: HTMLElement): void {
  text.closest<HTMLElement>('[tabindex]')?.focus();
}

/** Keys that an element in focus has a use of its own for. */
function belongsTo(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (key === 'Enter' || key === ' ') return target.matches('button, a, summary, [role=tab]');
  const scrolls = ['PageUp', 'PageDown', 'Home', 'End'].includes(key);
  return scrolls && target.matches('.tab-panel, .object-table');
}

export function listenToKeys(): void {
  addEventListener('keydown', event => {
    if (event.defaultPrevented || event.altKey || machine.peek() === null) return;
    if (isDialogOpen.peek()) return;
    const key = keyOf(event);
    if (key === 'Escape' && isTyping(event.target)) return leave(event.target as HTMLElement);
    const command = COMMANDS.find(({ keys }) => keys.includes(key));
    if (command === undefined) return;
    if (key.length === 1 && !singleKeys.peek()) return;
    if (!key.startsWith('ctrl+') && (isTyping(event.target) || belongsTo(event.target, key))) {
      return;
    }
    event.preventDefault();
    command.run();
  });
}
