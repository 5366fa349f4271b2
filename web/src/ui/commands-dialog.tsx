/** All commands with their keys, found by name; and the keys alone. */
import { useState } from 'preact/hooks';
import { COMMANDS, type Command } from '../state/commands.ts';
import { closeDialog } from '../state/open.ts';
import { singleKeys } from '../state/theme.ts';
import { Dialog } from './dialog.tsx';

const KEY_NAMES: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  PageUp: 'PgUp',
  PageDown: 'PgDn',
  Escape: 'Esc',
};

function keyText(key: string): string {
  const parts = key === '+' ? ['+'] : key.split('+');
  return parts.map(part => KEY_NAMES[part] ?? part).join(' ');
}

function Keys({ command }: { command: Command }) {
  return (
    <span class="keys">
      {command.keys.map(key => (
        <kbd key={key}>{keyText(key)}</kbd>
      ))}
    </span>
  );
}

function run(command: Command): void {
  closeDialog();
  // After the dialog has given the focus back.
  setTimeout(command.run);
}

export function CommandsDialog() {
  const [text, setText] = useState('');
  const words = text.toLowerCase().split(/\s+/);
  const found = COMMANDS.filter(({ name }) =>
    words.every(word => name.toLowerCase().includes(word)),
  );
  return (
    <Dialog title="All commands" onClose={closeDialog}>
      <form
        onSubmit={event => {
          event.preventDefault();
          if (found[0] !== undefined) run(found[0]);
        }}
      >
        <label class="field">
          Command
          <input
            autocomplete="off"
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
      </form>
      <ul class="command-list">
        {found.map(command => (
          <li key={command.id}>
            <button type="button" class="row" onClick={() => run(command)}>
              <span class="command-name">{command.name}</span>
              <Keys command={command} />
            </button>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="note">No command has these words in its name.</p>}
    </Dialog>
  );
}

export function KeysDialog() {
  return (
    <Dialog title="Keys" onClose={closeDialog}>
      <label class="check">
        <input
          type="checkbox"
          checked={singleKeys.value}
          onChange={({ currentTarget }) => {
            singleKeys.value = currentTarget.checked;
          }}
        />{' '}
        Single letters are commands
      </label>
      <dl class="key-list">
        {COMMANDS.filter(({ keys }) => keys.length > 0).map(command => (
          <div key={command.id}>
            <dt>
              <Keys command={command} />
            </dt>
            <dd>{command.name}</dd>
          </div>
        ))}
        <div>
          <dt>
            <span class="keys">
              <kbd>alt</kbd>
              <kbd>← → ↑ ↓</kbd>
            </span>
          </dt>
          <dd>On an object: along its references</dd>
        </div>
      </dl>
    </Dialog>
  );
}
