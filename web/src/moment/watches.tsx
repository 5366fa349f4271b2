/** Watches: what pinned objects and fields are at every moment, since when, and what they are next. */
import { useEffect, useState } from 'preact/hooks';
import { newest } from '../data/head.ts';
import { keyInput, keyName } from '../data/keys.ts';
import type { Moment } from '../data/moments.ts';
import { ask } from '../data/server.ts';
import { type WatchedChangeFragment, WatchNowDocument } from '../later-documents.ts';
import { goTo } from '../state/go.ts';
import { type Pin, pins, togglePin } from '../state/pins.ts';
import { select } from '../state/select.ts';
import { changedParts, valueText } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';

/** So many events ahead it is looked what a watch is next. */
const AHEAD = 2_000;

export function Watches({ moment }: { moment: Moment }) {
  return (
    <section>
      <h3>Watches</h3>
      <ul class="watches">
        {pins.value.map(pin => (
          <Watch key={`${pin.key} ${pin.field}`} pin={pin} moment={moment} />
        ))}
      </ul>
    </section>
  );
}

interface Around {
  readonly last: WatchedChangeFragment | null;
  readonly next: WatchedChangeFragment | null;
  /** Up to where it was looked for what is next. */
  readonly until: number;
}

async function readAround({ machine, seq }: Moment, pin: Pin): Promise<Around | null> {
  const object = keyInput(pin.key);
  if (object === null) return null;
  const until = Math.min(seq + AHEAD, Math.max(newest.peek(), seq));
  const answer = await ask(WatchNowDocument, {
    machineId: machine,
    at: seq,
    until,
    object,
    field: pin.field,
  });
  return { last: answer.machine.lastChange, next: answer.later.nextChange, until };
}

function Watch({ pin, moment }: { pin: Pin; moment: Moment }) {
  const [around, setAround] = useState<Around | null>(null);
  // The end is waited for only where it is what was looked up to.
  const end = around?.next === null && around.until < moment.seq + AHEAD ? newest.value : 0;
  useEffect(() => {
    let current = true;
    readAround(moment, pin).then(
      read => {
        if (current) setAround(read);
      },
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [moment, pin.key, pin.field, end]);
  const name = pin.field === null ? keyName(pin.key) : `${keyName(pin.key)} · ${pin.field}`;
  return (
    <li class="watch">
      <button type="button" class="link" onClick={() => select(pin.key, pin.field)}>
        {name}
      </button>
      <span>{around !== null && <Values around={around} pin={pin} />}</span>
      <button type="button" class="icon-button" onClick={() => togglePin(pin)}>
        <Icon name="close" />
        <span class="hidden">Stop watching {name}</span>
      </button>
    </li>
  );
}

/** Values shown of one change. */
const VALUES = 3;

type Watched = WatchedChangeFragment['changes'][number];

/** What a change did to a watched field; of an object as a whole, to each of its fields. */
function changesOf(of: WatchedChangeFragment | null, { field }: Pin): readonly Watched[] {
  const changes = of?.changes ?? [];
  if (field !== null) return changes.filter(change => change.field === field);
  const whole = changes.filter(({ kind }) => kind !== 'CHANGED').slice(0, 1);
  return whole.length > 0 ? whole : changes;
}

function Values({ around, pin }: { around: Around; pin: Pin }) {
  const { last, next, until } = around;
  const now = changesOf(last, pin);
  const then = changesOf(next, pin);
  return (
    <>
      {last === null || now.length === 0 ? (
        <span class="note">not there yet</span>
      ) : (
        <>
          <Parts changes={now} pin={pin} isNow /> <SeqButton words="since" seq={last.event.seq} />
        </>
      )}
      <br />
      {next === null || then.length === 0 ? (
        <span class="note">→ the same up to {until}</span>
      ) : (
        <>
          → <Parts changes={then} pin={pin} /> <SeqButton words="at" seq={next.event.seq} />
        </>
      )}
    </>
  );
}

interface PartsProps {
  readonly changes: readonly Watched[];
  readonly pin: Pin;
  /** With what it was before. */
  readonly isNow?: boolean;
}

/** The values of a change, of an object as a whole each with its field. */
function Parts({ changes, pin, isNow = false }: PartsProps) {
  const [{ kind }] = changes as readonly [Watched];
  const whole = kind === 'WENT' ? 'gone' : 'there';
  if (pin.field === null && kind !== 'CHANGED') return <Value isNow={isNow}>{whole}</Value>;
  const parts = changes.flatMap(({ field, before, after }) =>
    pin.field === null ? changedParts(before, after, field ?? '') : [{ path: '', before, after }],
  );
  return (
    <>
      {parts.slice(0, VALUES).map(({ path, before, after }, index) => (
        <span key={path}>
          {index > 0 && ', '}
          {path !== '' && `${path} `}
          <Value isNow={isNow}>{kind === 'WENT' ? 'gone' : valueText(after)}</Value>
          {isNow && kind === 'CHANGED' && <span class="note"> was {valueText(before)}</span>}
        </span>
      ))}
      {parts.length > VALUES && <span class="note">, {parts.length - VALUES} more</span>}
    </>
  );
}

function Value({ isNow, children }: { isNow: boolean; children: string }) {
  return isNow ? <strong>{children}</strong> : <span>{children}</span>;
}

function SeqButton({ words, seq }: { words: string; seq: number }) {
  return (
    <button type="button" class="link" onClick={() => goTo(seq, 'jump')}>
      {words} {seq}
    </button>
  );
}
