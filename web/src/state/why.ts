/** Why, by key: to the event that made what is selected as it is, and the cause before that. */
import { keyInput, keyName } from '../data/keys.ts';
import { shown } from '../data/moments.ts';
import { ask } from '../data/server.ts';
import { LastChangeDocument } from '../documents.ts';
import { announce, tell } from './announce.ts';
import { goTo } from './go.ts';
import { field, machine, playhead, selected, tab } from './place.ts';
import { select } from './select.ts';

/** What the person means without a selection: the first object that changed here. */
function subject(): string | null {
  const focused = document.activeElement?.getAttribute('data-key');
  return selected.peek() ?? focused ?? shown.peek()?.changes[0]?.key ?? null;
}

/**
 * Goes to the last change of what is selected, at or before the playhead; with `before`, to the one
 * before the playhead's own event.
 */
export async function goToCause(before: boolean): Promise<void> {
  const key = subject();
  const object = key === null ? null : keyInput(key);
  const at = playhead.peek();
  if (key === null || object === null || at === null) {
    return tell('Nothing is selected, and nothing changed here.');
  }
  select(key, field.peek());
  tab.value = 'moment';
  const { machine: answer } = await ask(LastChangeDocument, {
    machineId: machine.peek()!,
    at,
    object,
    field: field.peek(),
    before: before ? Math.max(at, 1) : at + 1,
  });
  if (answer.lastChange === null) return tell(`Nothing has changed ${keyName(key)} before.`);
  const { seq, summary } = answer.lastChange.event;
  goTo(seq, 'jump');
  announce(`Because of event ${seq}: ${summary}`);
}
