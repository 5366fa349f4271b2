/** The fault handler by hand: what is in hand, and the answers. */
import { useEffect, useState } from 'preact/hooks';
import {
  answer,
  answeredCount,
  chosen,
  handlerProblem,
  handling,
  heldGroups,
  type InHand,
  inHand,
  queuesOf,
  startHandling,
  stopHandling,
} from '../state/handler.ts';
import { permName } from '../ui/format.ts';
import { Redrive } from './redrive.tsx';

export function HandlerTab() {
  const queue = handling.value;
  return (
    <div>
      {handlerProblem.value !== null && (
        <p class="bad" role="alert">
          {handlerProblem.value}
        </p>
      )}
      {queue === null ? (
        <Offer />
      ) : (
        <>
          <div class="why-head">
            <h2 class="tab-title">
              You handle queue {queue.faultId} of {queue.machine}
            </h2>
            <button type="button" class="button" onClick={stopHandling}>
              Stop <kbd>h</kbd>
            </button>
          </div>
          <p class="note">
            {inHand.value.length === 0
              ? 'No group is in hand. The next one that comes to the queue is read for you.'
              : `${heldGroups().length} in hand, ${answeredCount.value} answered.`}
          </p>
          <ol class="hand">
            {inHand.value.map(held => (
              <Held key={held.group.iopfGroupId} held={held} />
            ))}
          </ol>
        </>
      )}
      <Redrive />
    </div>
  );
}

function Offer() {
  const queues = queuesOf();
  return (
    <>
      <h2 class="tab-title">Be the fault handler</h2>
      <p class="note">
        Groups of page requests are read for you as they come; each waits for your answer: the pages
        are there (SUCCESS), or are not going to be (INVALID).
      </p>
      {queues.length === 0 ? (
        <p>
          There is no fault queue at this moment. Go to one that has one: <kbd>End</kbd> is the
          newest.
        </p>
      ) : (
        <p class="actions">
          {queues.map((queue, index) => (
            <button
              key={`${queue.contextId} ${queue.faultId}`}
              type="button"
              class="button primary"
              onClick={() => startHandling(queue)}
            >
              Handle queue {queue.faultId} of context {queue.contextId}
              {index === 0 && <kbd>h</kbd>}
            </button>
          ))}
        </p>
      )}
    </>
  );
}

/** Seconds since the group came, counted on. */
function useAge(since: number): number {
  const [age, setAge] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setAge(Math.floor((performance.now() - since) / 1_000)), 1_000);
    return () => clearInterval(timer);
  }, [since]);
  return age;
}

function Held({ held }: { held: InHand }) {
  const { group, state, why } = held;
  const age = useAge(held.since);
  const id = group.iopfGroupId;
  const [first] = group.messages;
  return (
    <li
      class={`held ${state.toLowerCase()}`}
      aria-current={chosen.value === id ? 'true' : undefined}
    >
      <p class="held-head">
        <button
          type="button"
          class="link quiet"
          onClick={() => {
            if (state === 'HELD') chosen.value = id;
          }}
        >
          Group {id}, cookie {group.cookie}
        </button>
        <span class="note">
          {age} s{group.redelivered && ' · redelivered'}
        </span>
      </p>
      <p class="note">
        device {first?.devId}, PASID {first?.pasid}
      </p>
      <ul class="pages">
        {group.messages.map(message => (
          <li key={message.addr}>
            <code>{message.addr}</code> {message.perm.map(permName).join(', ')}
          </li>
        ))}
      </ul>
      {state === 'TAKEN_AWAY' && <p class="bad">Taken away: {why}</p>}
      {state === 'ANSWERING' && <p>{why}…</p>}
      {state === 'WAITING' && <p class="bad">{why} waits: the server does not answer.</p>}
      {state === 'HELD' && (
        <p class="actions">
          <button type="button" class="button" onClick={() => answer('SUCCESS', id)}>
            ✓ Success {chosen.value === id && <kbd>s</kbd>}
          </button>
          <button type="button" class="button" onClick={() => answer('INVALID', id)}>
            ✕ Invalid {chosen.value === id && <kbd>i</kbd>}
          </button>
        </p>
      )}
    </li>
  );
}
