/** Keeps the moment under a name, on the server. */
import { useState } from 'preact/hooks';
import { readHead } from '../data/head.ts';
import { change } from '../data/server.ts';
import { AddBookmarkDocument } from '../later-documents.ts';
import { announce } from '../state/announce.ts';
import { closeDialog } from '../state/open.ts';
import { machine, playhead } from '../state/place.ts';
import { FormDialog } from './dialog.tsx';

export function BookmarkDialog() {
  const [name, setName] = useState('');
  const [note, setNote] = useState('');
  const machineId = machine.value!;
  const at = playhead.value ?? 0;
  const keep = async () => {
    await change(AddBookmarkDocument, { input: { machineId, name: name.trim(), note, at } });
    closeDialog();
    announce(`Bookmark ${name} kept.`);
    await readHead(machineId);
  };
  return (
    <FormDialog title={`Bookmark moment ${at}`} button="Keep" act={keep}>
      <label class="field">
        Name
        <input
          required
          maxLength={64}
          pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
          title="Letters, digits, dots, underscores and dashes"
          value={name}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
      </label>
      <label class="field">
        Note
        <input value={note} onInput={({ currentTarget }) => setNote(currentTarget.value)} />
      </label>
    </FormDialog>
  );
}
