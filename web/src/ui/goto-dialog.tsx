/** Go to a moment by its name. */
import { useState } from 'preact/hooks';
import { goTo, seqOfMoment } from '../state/go.ts';
import { closeDialog } from '../state/open.ts';
import { machine } from '../state/place.ts';
import { FormDialog } from './dialog.tsx';

export function GotoDialog() {
  const [text, setText] = useState('');
  const go = async () => {
    goTo(await seqOfMoment(machine.peek()!, text.trim()), 'jump');
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
        <code>refused-23</code>), a bookmark’s name, a part of the whole (<code>50%</code>), or{' '}
        <code>now</code>.
      </p>
    </FormDialog>
  );
}
