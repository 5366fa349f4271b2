/** Go to a moment by its name. */
import { useState } from 'preact/hooks';
import { shown } from '../data/moments.ts';
import { ask } from '../data/server.ts';
import { SeqAtDocument } from '../later-documents.ts';
import { goToLanding, landingOf } from '../state/go.ts';
import { closeDialog } from '../state/open.ts';
import { type Landing, machine } from '../state/place.ts';
import { FormDialog } from './dialog.tsx';

/** A time of the day of the moment that is shown, by the clock here; null if it is none. */
function timeOf(text: string): Date | null {
  const parts = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,3}))?)?$/.exec(text);
  if (parts === null) return null;
  const [hour, minute, second = 0, ms = '0'] = parts.slice(1);
  const time = new Date(shown.peek()?.operation?.at ?? Date.now());
  time.setHours(Number(hour), Number(minute), Number(second), Number(ms.padEnd(3, '0')));
  return time;
}

/** Errors: those of `ask`, and a time before the machine was there. */
async function landing(machineId: string, text: string): Promise<Landing> {
  const time = timeOf(text);
  if (time === null) return landingOf(machineId, text);
  const { machine } = await ask(SeqAtDocument, { machineId, time: time.toISOString() });
  if (machine.seqAt === null) throw new Error(`${machineId} was not there yet at ${text}.`);
  return { seq: machine.seqAt, refused: null, note: null };
}

export function GotoDialog() {
  const [text, setText] = useState('');
  const go = async () => {
    goToLanding(await landing(machine.peek()!, text.trim()));
    closeDialog();
  };
  return (
    <FormDialog title="Go to" button="Go" act={go}>
      <label class="field">
        Moment
        <input
          required
          autocomplete="off"
          aria-describedby="goto-help"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <p id="goto-help" class="note">
        An event (<code>28</code>), an operation (<code>op12</code>), a refusal (
        <code>refused-23</code>), a bookmark’s name, a time of that day (<code>10:42:03</code>), a
        part of the whole (<code>50%</code>), or <code>now</code>.
      </p>
    </FormDialog>
  );
}
