/** One moment in words: the event, its operation, what the kernel ran, what changed. */
import { keyName } from '../data/keys.ts';
import type { Moment, ShownChange } from '../data/moments.ts';
import { pins } from '../state/pins.ts';
import { field, refused, selected } from '../state/place.ts';
import { select } from '../state/select.ts';
import { changedParts, LAYER_NAMES, valueText } from '../ui/format.ts';
import { later } from '../ui/later.ts';
import { Operation } from './operation.tsx';
import { Why } from './why.tsx';

const Refused = later(async () => (await import('./refused.tsx')).Refused);
const Watches = later(async () => (await import('./watches.tsx')).Watches);

export function MomentTab({ moment }: { moment: Moment }) {
  const { event, operation } = moment;
  return (
    <div class="moment">
      {refused.value !== null ? (
        <Refused moment={moment} name={refused.value} />
      ) : (
        <EventHead event={event} />
      )}
      {pins.value.length > 0 && <Watches moment={moment} />}
      {selected.value !== null && (
        <Why moment={moment} subject={selected.value} field={field.value} />
      )}
      {refused.value === null && <Changes moment={moment} />}
      {refused.value === null && operation !== null && (
        <Operation operation={operation} at={moment.seq} />
      )}
    </div>
  );
}

function EventHead({ event }: Pick<Moment, 'event'>) {
  if (event === null) {
    return (
      <p class="empty">
        This is the moment before the first event: there is nothing yet. Press <kbd>→</kbd> for the
        first.
      </p>
    );
  }
  return (
    <header class="moment-head">
      <p class="eyebrow">
        <span class={`layer-dot ${event.layer.toLowerCase()}`} />
        Event {event.seq} · {LAYER_NAMES[event.layer]}
      </p>
      <h2>{event.summary}</h2>
    </header>
  );
}

function Changes({ moment }: { moment: Moment }) {
  const { changes, changeCount } = moment;
  if (changes.length === 0) return null;
  const objects = Map.groupBy(changes, ({ key }) => key);
  return (
    <section>
      <h3>Changed here</h3>
      {[...objects].map(([key, of]) => (
        <ObjectChanges key={key} subject={key} changes={of} />
      ))}
      {changeCount > changes.length && (
        <p class="note">
          {changes.length} of {changeCount} changes.
        </p>
      )}
    </section>
  );
}

/** The parts of a field that changed, before and after. */
function Changed({ change }: { change: ShownChange }) {
  const parts = changedParts(change.before, change.after).map(({ path, before, after }) => (
    <div key={path}>
      {path !== '' && <span class="note">{path}: </span>}
      <del>{valueText(before)}</del> <span aria-hidden="true">→</span> <ins>{valueText(after)}</ins>
    </div>
  ));
  return <>{parts}</>;
}

const WORDS = { APPEARED: 'appeared', WENT: 'went', CHANGED: '' } as const;

function ObjectChanges({ subject, changes }: { subject: string; changes: readonly ShownChange[] }) {
  const whole = changes.find(({ kind }) => kind !== 'CHANGED');
  const fields = changes.filter(change => change.field !== null);
  return (
    <div class="change">
      <p class="change-object">
        <button type="button" class="link" onClick={() => select(subject)}>
          {keyName(subject)}
        </button>
        {whole !== undefined && (
          <span class={`tag ${whole.kind.toLowerCase()}`}>{WORDS[whole.kind]}</span>
        )}
      </p>
      {fields.length > 0 && (
        <dl class="fields">
          {fields.map(change => (
            <div key={change.field}>
              <dt>
                <button
                  type="button"
                  class="link quiet"
                  onClick={() => select(subject, change.field)}
                >
                  {change.field}
                </button>
              </dt>
              <dd>
                {whole === undefined ? (
                  <Changed change={change} />
                ) : (
                  <ins>{valueText(whole.kind === 'WENT' ? change.before : change.after)}</ins>
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
