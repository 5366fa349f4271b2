/** What the page has to say in one line: the connection, the machine, the last error. */
import { headError } from '../data/head.ts';
import { momentError } from '../data/moments.ts';
import { connection } from '../data/server.ts';
import { notice } from '../state/notice.ts';
import { Icon } from './icons.tsx';

function connectionText(): string | null {
  const now = connection.value;
  return now.state === 'LOST' ? `The server does not answer. Reconnecting, ${now.attempts}…` : null;
}

export function Notices() {
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
