/** The log around the playhead: a window of rows, never all of them. */
import { computed } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { linesError, linesOf, linesVersion } from '../data/events.ts';
import { marks, newest } from '../data/head.ts';
import { goTo, goToMark } from '../state/go.ts';
import { playhead, refused } from '../state/place.ts';
import { LAYER_NAMES } from '../ui/format.ts';

/** Rows shown on either side of the playhead. */
const AROUND = 60;

export function LogTab({ machine }: { machine: string }) {
  const list = useRef<HTMLOListElement>(null);
  linesVersion.value;
  const at = playhead.value ?? 0;
  const from = Math.max(at - AROUND, 1);
  const to = Math.min(at + AROUND, newest.value);
  const lines = linesOf(machine, from, to, newest.value);
  const loaded = lines.length > 0;
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'center' });
  }, [at, loaded]);
  return (
    <div>
      <h2 class="tab-title">
        Events {from} to {to} of {newest.value}
      </h2>
      {linesError.value !== null && <p class="bad">{linesError.value}</p>}
      {newest.value === 0 && <p class="note">This machine has no events yet.</p>}
      <ol class="event-list log-list" ref={list}>
        {lines.map(line => (
          <li key={line.seq}>
            <button
              type="button"
              class="row"
              aria-current={line.seq === at && refused.value === null ? 'true' : undefined}
              onClick={() => goTo(line.seq, 'jump')}
            >
              <span class="seq">{line.seq}</span>
              <span class={`layer-dot ${line.layer.toLowerCase()}`} />
              <span>
                <span class="hidden">{LAYER_NAMES[line.layer]}: </span>
                {line.summary}
              </span>
            </button>
            <Refusals seq={line.seq} />
          </li>
        ))}
      </ol>
    </div>
  );
}

/** What was refused after an event, by its seq: it has no event of its own. */
const refusals = computed(() =>
  Map.groupBy(
    marks.value.filter(({ kind }) => kind === 'REFUSED'),
    ({ seq }) => seq,
  ),
);

function Refusals({ seq }: { seq: number }) {
  return refusals.value.get(seq)?.map(mark => (
    <button
      key={mark.name}
      type="button"
      class="row"
      aria-current={mark.name === refused.value ? 'true' : undefined}
      onClick={() => goToMark(mark)}
    >
      <span class="seq">✕</span>
      <span class="bad">
        {mark.name}: {mark.note}
      </span>
    </button>
  ));
}
