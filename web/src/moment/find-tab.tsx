/** Find: what is looked for, and where it was. */
import type { Ref } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import {
  find,
  findMore,
  findProblem,
  found,
  goToFound,
  isHere,
  names,
  readNames,
} from '../state/find.ts';
import { wantsFocus } from '../state/open.ts';

/** What `/` gives the focus to. */
const FIELD = 'find-text';

export function FindTab() {
  const [text, setText] = useState(found.value?.text ?? '');
  useEffect(() => {
    readNames().catch(() => undefined);
  }, []);
  const field = useRef<HTMLInputElement>(null);
  const hits = useRef<HTMLElement>(null);
  useEffect(() => {
    if (wantsFocus.value !== FIELD) return;
    wantsFocus.value = null;
    field.current!.focus();
  }, [wantsFocus.value]);
  return (
    <div>
      <form
        class="find-form"
        onSubmit={event => {
          event.preventDefault();
          // From the first of what was found, n and N go on.
          void find(text).then(() => hits.current?.querySelector('button')?.focus());
        }}
      >
        <label class="field">
          Find in the log
          <input
            id={FIELD}
            ref={field}
            list="find-names"
            required
            autocomplete="off"
            aria-describedby="find-help"
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
        <datalist id="find-names">
          {[...(names.value?.events ?? []), ...(names.value?.errnos ?? [])].map(name => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <button type="submit" class="button primary">
          Find
        </button>
      </form>
      <p class="note" id="find-help">
        Names of events (<code>IopfGroupRead</code>), operations (<code>FaultWrite</code>), errnos (
        <code>EINVAL</code>) or hazards; <code>SUCCESS</code> or <code>INVALID</code>; an address,
        or other words as events have them (<code>iopf group 2</code>). All must fit.{' '}
        <code>selected</code> is the selected object. <kbd>n</kbd> and <kbd>N</kbd> go on;{' '}
        <kbd>Esc</kbd> leaves the field.
      </p>
      {findProblem.value !== null && (
        <p class="bad" role="alert">
          {findProblem.value}
        </p>
      )}
      <Hits of={hits} />
    </div>
  );
}

function Hits({ of }: { of: Ref<HTMLElement> }) {
  const now = found.value;
  if (now === null) return null;
  return (
    <section ref={of}>
      <h3>
        {now.hits.length}
        {now.whole ? '' : ' or more'} of “{now.text}”
      </h3>
      <ol class="event-list">
        {now.hits.map(hit => (
          <li key={`${hit.operation} ${hit.seq}`}>
            <button
              type="button"
              class="row"
              aria-current={isHere(hit) ? 'true' : undefined}
              onClick={() => goToFound(hit)}
            >
              <span class="seq">{hit.seq}</span>
              <span>
                {hit.words}
                {hit.errno !== null && <span class="bad"> {hit.errno}</span>}
              </span>
            </button>
          </li>
        ))}
      </ol>
      {!now.whole && (
        <button type="button" class="button" onClick={() => void findMore()}>
          More
        </button>
      )}
    </section>
  );
}
