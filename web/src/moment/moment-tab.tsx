/** One moment in words: the event, its operation, what the kernel ran, what changed. */
import { keyName } from '../data/keys.ts';
import type { Moment, MomentOperation, ShownChange } from '../data/moments.ts';
import { goTo } from '../state/go.ts';
import { pins } from '../state/pins.ts';
import { field, selected } from '../state/place.ts';
import { select } from '../state/select.ts';
import { changedParts, LAYER_NAMES, valueText } from '../ui/format.ts';
import { later } from '../ui/later.ts';
import { Why } from './why.tsx';

const Watches = later(async () => (await import('./watches.tsx')).Watches);

export function MomentTab({ moment }: { moment: Moment }) {
  const { event, operation } = moment;
  return (
    <div class="moment">
      {event === null ? (
        <p class="empty">
          This is the moment before the first event: there is nothing yet. Press <kbd>→</kbd> for
          the first.
        </p>
      ) : (
        <header class="moment-head">
          <p class="eyebrow">
            <span class={`layer-dot ${event.layer.toLowerCase()}`} />
            Event {event.seq} · {LAYER_NAMES[event.layer]}
          </p>
          <h2>{event.summary}</h2>
        </header>
      )}
      {pins.value.length > 0 && <Watches moment={moment} />}
      {selected.value !== null && (
        <Why moment={moment} subject={selected.value} field={field.value} />
      )}
      <Changes moment={moment} />
      {operation !== null && <Operation operation={operation} at={moment.seq} />}
    </div>
  );
}

function Operation({ operation, at }: { operation: MomentOperation; at: number }) {
  const { number, command, errno, events } = operation;
  return (
    <section>
      <h3>
        Operation {number}: {command}{' '}
        {errno === null ? <span class="good">✓ success</span> : <span class="bad">✕ {errno}</span>}
      </h3>
      <ol class="event-list">
        {events.map(event => (
          <li key={event.seq}>
            <button
              type="button"
              class="row"
              aria-current={event.seq === at ? 'true' : undefined}
              onClick={() => goTo(event.seq, 'jump')}
            >
              <span class="seq">{event.seq}</span>
              <span>{event.summary}</span>
            </button>
          </li>
        ))}
      </ol>
      <Arguments operation={operation} />
      <Trace operation={operation} />
    </section>
  );
}

function Arguments({ operation }: { operation: MomentOperation }) {
  const given = Object.entries(operation.arguments ?? {});
  if (given.length === 0) return null;
  return (
    <details>
      <summary>Arguments ({given.length})</summary>
      <dl class="facts">
        {given.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{valueText(value)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

const isRefusal = (returned: string) => /^-E/.test(returned);

function Trace({ operation }: { operation: MomentOperation }) {
  const { trace } = operation;
  if (trace.length === 0) return null;
  // The deepest of the first refusals is where it was decided; its callers hand it on.
  const here = trace.find(
    ({ returned, depth }, index) =>
      isRefusal(returned) &&
      !trace.slice(index + 1).some(step => step.depth > depth && isRefusal(step.returned)),
  );
  return (
    <>
      <h4>Kernel functions</h4>
      <ol class="trace">
        {trace.map((step, index) => (
          <li
            key={index}
            class={isRefusal(step.returned) ? 'refused' : ''}
            style={{ paddingInlineStart: `${Math.min(step.depth, 12) * 14}px` }}
          >
            <code>{step.function}</code> <span class="returned">→ {step.returned}</span>
            {step === here && <strong class="here"> here</strong>}
          </li>
        ))}
      </ol>
    </>
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
