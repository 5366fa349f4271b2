/** Where one has been, and the places that have names. */
import { head } from '../data/head.ts';
import { goTo, openLink } from '../state/go.ts';
import { openDialog } from '../state/open.ts';
import { machine, playhead } from '../state/place.ts';
import { trail } from '../state/trail.ts';
import { Icon } from '../ui/icons.tsx';

const ICONS = { NAMED: 'bookmark', REFUSED: 'refused', HAZARD: 'hazard' } as const;
const WORDS = { NAMED: 'bookmark', REFUSED: 'refusal', HAZARD: 'hazard' } as const;

export function TrailTab() {
  return (
    <div>
      <Marks />
      <section>
        <h3>Where you have been</h3>
        {trail.value.length === 0 && (
          <p class="note">Each jump leaves a note here; steps with ← and → do not.</p>
        )}
        <ol class="event-list">
          {trail.value.toReversed().map((step, index) => (
            <li key={trail.value.length - index}>
              <button
                type="button"
                class="row"
                onClick={() => {
                  if (step.machine === machine.peek()) goTo(step.seq, 'jump');
                  else void openLink(`/m/${step.machine}/${step.seq}`);
                }}
              >
                <span class="seq">{step.seq}</span>
                <span>
                  {step.sentence}
                  {step.machine !== machine.value && (
                    <span class="cause-detail">{step.machine}</span>
                  )}
                </span>
              </button>
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}

function Marks() {
  const marks = (head.value?.marks.edges ?? []).map(({ node }) => node);
  return (
    <section>
      <div class="why-head">
        <h3>Marks of this machine</h3>
        <button
          type="button"
          class="small"
          onClick={() => {
            openDialog.value = 'bookmark';
          }}
        >
          <Icon name="bookmark" /> Bookmark
        </button>
      </div>
      {marks.length === 0 && <p class="note">No bookmark, no refusal, no hazard yet.</p>}
      <ol class="event-list">
        {marks.map(({ name, kind, note, seq }) => (
          <li key={name}>
            <button
              type="button"
              class="row"
              aria-current={seq === playhead.value ? 'true' : undefined}
              onClick={() => goTo(seq, 'jump')}
            >
              <span class="seq">{seq}</span>
              <span class={`mark-icon ${kind.toLowerCase()}`}>
                <Icon name={ICONS[kind]} />
              </span>
              <span>
                <span class="hidden">{WORDS[kind]} </span>
                {name}
                {note !== '' && <span class="cause-detail">{note}</span>}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
