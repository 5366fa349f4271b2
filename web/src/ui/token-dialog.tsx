/** Asks for the server's token. It is kept while the tab lives, and is in no address. */
import { useState } from 'preact/hooks';
import { setToken } from '../data/server.ts';
import { openUrl } from '../state/go.ts';
import { FormDialog } from './dialog.tsx';

export function TokenDialog({ reason }: { reason: string }) {
  const [text, setText] = useState('');
  const open = async () => {
    setToken(text.trim());
    await openUrl(new URL(location.href));
  };
  return (
    <FormDialog
      title="This server has a token"
      button="Open"
      closable={false}
      onClose={() => undefined}
      act={open}
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
    </FormDialog>
  );
}
