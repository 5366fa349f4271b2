/** Go to a moment by its name. */
import { useState } from 'preact/hooks';
import { wordsOf } from '../data/server.ts';
import { goTo, seqOfMoment } from '../state/go.ts';
import { closeDialog } from '../state/open.ts';
import { machine } from '../state/place.ts';
import { Dialog } from './dialog.tsx';

export function GotoDialog() {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const go = async () => {
    try {
      goTo(await seqOfMoment(machine.peek()!, text.trim()), 'jump');
      closeDialog();
    } catch (error) {
      setProblem(wordsOf(error));
    }
  };
  return (
    <Dialog title="Go to" onClose={closeDialog}>
      <form
        onSubmit={event => {
          event.preventDefault();
          void go();
        }}
      >
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
        {problem !== null && (
          <p class="bad" role="alert">
            {problem}
          </p>
        )}
        <div class="dialog-end">
          <button type="submit" class="button primary">
            Go
          </button>
        </div>
      </form>
    </Dialog>
  );
}
