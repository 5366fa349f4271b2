/** What the page has to say in one line: the connection, the machine, the last error. */
import { headError, type Mark, newest } from '../data/head.ts';
import { momentError } from '../data/moments.ts';
import { connection } from '../data/server.ts';
import { goTo } from '../state/go.ts';
import { notice } from '../state/notice.ts';
import { openedOn } from '../state/place.ts';
import { Icon } from './icons.tsx';

function connectionText(): string | null {
  const now = connection.value;
  return now.state === 'LOST' ? `The server does not answer. Reconnecting, ${now.attempts}…` : null;
}

/** Where a machine was opened that has trouble, if nobody said where. */
function OpenedOn({ mark }: { mark: Mark }) {
  return (
    <section class="notices" aria-label="Trouble">
      <p class="notice">
        <span class={`mark-icon ${mark.kind.toLowerCase()}`}>
          <Icon name={mark.kind === 'HAZARD' ? 'hazard' : 'refused'} />
        </span>{' '}
        {mark.kind === 'HAZARD' ? 'The first hazard, ' : 'The first refusal, '}
        <strong>{mark.name}</strong>: {mark.note}{' '}
        <button type="button" class="link" onClick={() => goTo(newest.peek(), 'jump')}>
          To the newest moment
        </button>
      </p>
    </section>
  );
}

export function Notices() {
  return (
    <>
      {openedOn.value !== null && <OpenedOn mark={openedOn.value} />}
      <Alerts />
    </>
  );
}

function Alerts() {
  const lines = [connectionText(), headError.value, momentError.value, notice.value];
  const said = lines.filter(line => line !== null);
  return (
    <div role="alert" class="notices">
      {[...new Set(said)].map(line => (
        <p class="notice" key={line}>
          {line}
        </p>
      ))}
      {notice.value !== null && (
        <button
          type="button"
          class="icon-button"
          onClick={() => {
            notice.value = null;
          }}
        >
          <Icon name="close" />
          <span class="hidden">Put away</span>
        </button>
      )}
    </div>
  );
}
