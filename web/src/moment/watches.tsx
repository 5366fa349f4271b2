/** Watches: what pinned objects and fields were changed by last, at every moment. */
import { useEffect, useState } from 'preact/hooks';
import { keyInput, keyName } from '../data/keys.ts';
import type { Moment } from '../data/moments.ts';
import { ask } from '../data/server.ts';
import { WatchNowDocument, type WatchNowQuery } from '../documents.ts';
import { goTo } from '../state/go.ts';
import { type Pin, pins, togglePin } from '../state/pins.ts';
import { select } from '../state/select.ts';
import { valueText } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';

export function Watches({ moment }: { moment: Moment }) {
  if (pins.value.length === 0) return null;
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

type Last = WatchNowQuery['machine']['lastChange'];

function Watch({ pin, moment }: { pin: Pin; moment: Moment }) {
  const [last, setLast] = useState<Last>(null);
  useEffect(() => {
    const object = keyInput(pin.key);
    let current = true;
    if (object === null) return;
    const { machine, seq } = moment;
    ask(WatchNowDocument, { machineId: machine, at: seq, object, field: pin.field }).then(
      answer => {
        if (current) setLast(answer.machine.lastChange);
      },
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [moment, pin.key, pin.field]);
  const change = last?.changes.find(({ field }) => field === pin.field || pin.field === null);
  const name = pin.field === null ? keyName(pin.key) : `${keyName(pin.key)} · ${pin.field}`;
  return (
    <li class="watch">
      <button type="button" class="link" onClick={() => select(pin.key, pin.field)}>
        {name}
      </button>
      <span>
        {last === null || change === undefined ? (
          <span class="note">never changed</span>
        ) : (
          <>
            <strong>{change.kind === 'WENT' ? 'gone' : valueText(change.after)}</strong>
            {change.kind === 'CHANGED' && <span class="note"> was {valueText(change.before)}</span>}{' '}
            <button type="button" class="link" onClick={() => goTo(last.event.seq, 'jump')}>
              since {last.event.seq}
            </button>
          </>
        )}
      </span>
      <button type="button" class="icon-button" onClick={() => togglePin(pin)}>
        <Icon name="close" />
        <span class="hidden">Stop watching {name}</span>
      </button>
    </li>
  );
}
