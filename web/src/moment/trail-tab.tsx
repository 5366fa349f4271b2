/** Where one has been, and the places that have names. */
import { type Mark, marks } from '../data/head.ts';
import { goTo, goToMark, openLink } from '../state/go.ts';
import { openDialog } from '../state/open.ts';
import { machine, playhead, refused } from '../state/place.ts';
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
                  if (step.machine === machine.peek()) goTo(step.seq, 'jump', step.refused);
                  else void openLink(`/m/${step.machine}/${step.refused ?? step.seq}`);
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

/** A refusal is looked at, or its moment without it. */
function isHere({ name, kind, seq }: Mark): boolean {
  if (kind === 'REFUSED' && refused.value !== null) return name === refused.value;
  return seq === playhead.value;
}

function Marks() {
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
      {marks.value.length === 0 && <p class="note">No bookmark, no refusal, no hazard yet.</p>}
      <ol class="event-list">
        {marks.value.map(mark => {
          const { name, kind, note, seq } = mark;
          return (
            <li key={name}>
              <button
                type="button"
                class="row"
                aria-current={isHere(mark) ? 'true' : undefined}
                onClick={() => goToMark(mark)}
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
          );
        })}
      </ol>
    </section>
  );
}
