/** Asks for the server's token. It is kept while the tab lives, and is in no address. */
import { useState } from 'preact/hooks';
import { setToken } from '../data/server.ts';
import { openUrl } from '../state/go.ts';
import { Dialog } from './dialog.tsx';

export function TokenDialog({ reason }: { reason: string }) {
  const [text, setText] = useState('');
  return (
    <Dialog title="This server has a token" onClose={() => undefined} closable={false}>
      <form
        onSubmit={event => {
          event.preventDefault();
          setToken(text.trim());
          void openUrl(new URL(location.href));
        }}
      >
        <p class="lead-small" role="alert">
          {reason} Whoever started it set it as <code>TOKEN</code> or <code>--token</code>.
        </p>
        <label class="field">
          Token
          <input
            type="password"
            required
            autocomplete="off"
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
        <div class="dialog-end">
          <button type="submit" class="button primary">
            Open
          </button>
        </div>
      </form>
    </Dialog>
  );
}
