/** Why an object, or a field of it, is as it is: the event that made it so, and those before. */
import { useEffect, useState } from 'preact/hooks';
import { keyInput, keyName } from '../data/keys.ts';
import type { Moment } from '../data/moments.ts';
import { ask, wordsOf } from '../data/server.ts';
import { WhyDocument, type WhyQuery } from '../documents.ts';
import { goTo } from '../state/go.ts';
import { pins, pinTextOf, togglePin } from '../state/pins.ts';
import { select } from '../state/select.ts';
import { changedParts, valueText } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';

type Cause = NonNullable<WhyQuery['machine']['changes']>['list'][number];

interface Found {
  readonly causes: readonly Cause[];
  /** Where to go on looking, if there is more. */
  readonly more: boolean;
}

/** Causes shown at a time. */
const CAUSES = 6;
/** Values shown of one of them. */
const CHANGES = 3;

interface WhyProps {
  readonly moment: Moment;
  readonly subject: string;
  readonly field: string | null;
}

export function Why({ moment, subject, field }: WhyProps) {
  const [found, setFound] = useState<Found | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    const object = keyInput(subject);
    let current = true;
    if (object === null) {
      setProblem(`${subject} names no object.`);
      return;
    }
    ask(WhyDocument, {
      machineId: moment.machine,
      at: moment.seq,
      object,
      field,
      last: CAUSES,
    }).then(
      ({ machine }) => {
        if (!current) return;
        setProblem(null);
        setFound({ causes: machine.changes.list, more: machine.changes.more !== null });
      },
      error => {
        if (current) setProblem(wordsOf(error));
      },
    );
    return () => {
      current = false;
    };
  }, [moment.machine, moment.seq, subject, field]);
  const pinned = pins.value.some(pin => pin.key === subject && pin.field === field);
  return (
    <section class="why" aria-label="Why">
      <div class="why-head">
        <h3>
          Why {keyName(subject)}
          {field !== null && <> · {field}</>}
        </h3>
        <button
          type="button"
          class="small"
          aria-pressed={pinned}
          onClick={() => togglePin({ key: subject, field })}
        >
          <Icon name="pin" /> {pinTextOf(pinned)}
        </button>
        <button type="button" class="icon-button" onClick={() => select(null)}>
          <Icon name="close" />
          <span class="hidden">Select nothing</span>
        </button>
      </div>
      {problem !== null && <p class="note">{problem}</p>}
      {found !== null && found.causes.length === 0 && (
        <p class="note">Nothing has changed it up to here.</p>
      )}
      <ol class="causes">
        {found?.causes.toReversed().map(cause => (
          <CauseRow key={cause.event.seq} cause={cause} at={moment.seq} field={field} />
        ))}
      </ol>
      {found?.more && <p class="note">Older changes are left out: go to the oldest shown.</p>}
    </section>
  );
}

interface CauseProps {
  readonly cause: Cause;
  readonly at: number;
  readonly field: string | null;
}

function CauseRow({ cause, at, field }: CauseProps) {
  const { event, changes } = cause;
  const parts = changes
    .filter(change => (field === null ? change.field !== null : change.field === field))
    .flatMap(change => changedParts(change.before, change.after, change.field ?? ''))
    .slice(0, CHANGES);
  return (
    <li>
      <button
        type="button"
        class="row"
        aria-current={event.seq === at ? 'true' : undefined}
        onClick={() => goTo(event.seq, 'jump')}
      >
        <span class="seq">{event.seq}</span>
        <span>
          {event.summary}
          <span class="cause-detail">
            by operation {event.operation.number}: {event.operation.summary}
            {parts.map(({ path, before, after }) => (
              <span class="cause-change" key={path}>
                {path}: {valueText(before)} → {valueText(after)}
              </span>
            ))}
          </span>
        </span>
      </button>
    </li>
  );
}
