/** DMAs as bars: issued, waiting, asking again, done or failed; the one that is open, event by event. */
import { keyText } from '../data/keys.ts';
import type { Moment } from '../data/moments.ts';
import {
  type DmaStepKind,
  HardwareDmaLifeDocument,
  HardwareDmasDocument,
  type HardwareDmasQuery,
} from '../hardware-documents.ts';
import { selected } from '../state/place.ts';
import { select } from '../state/select.ts';
import { viewed } from '../state/view.ts';
import { EventRows } from '../ui/event-rows.tsx';
import { openDma } from './open-dma.ts';
import { AsOf, EventLink, wordsOfName } from './parts.tsx';
import { useAnswer } from './use-answer.ts';

type Dma = HardwareDmasQuery['machine']['dmas']['newest'][number];

/** Events looked at, up to the playhead, where more of them are in view. */
const EVENTS_MAX = 4_096;
/** Where looking begins stays for so many steps: the state there is made once. */
const EVENTS_STEP = 1_024;

export function Dmas({ moment }: { moment: Moment }) {
  const inView = Math.min(viewed.value.from, moment.seq);
  const far = Math.floor((moment.seq - EVENTS_MAX) / EVENTS_STEP) * EVENTS_STEP;
  const from = Math.max(inView, far);
  const shown = useAnswer(HardwareDmasDocument, moment, { from });
  const { answer } = shown;
  if (answer === null) return <AsOf of={shown} moment={moment} />;
  const { count, newest } = answer.machine.dmas;
  return (
    <>
      <AsOf of={shown} moment={moment} />
      {count === 0 ? (
        <p class="note">
          No DMA was under way {from === 0 ? 'up to here' : `since event ${from}`}. <kbd>{'}'}</kbd>{' '}
          and <kbd>→</kbd> go on; the view Programs lets a device do some.
        </p>
      ) : (
        <>
          <p class="note">
            {count > newest.length ? `The newest ${newest.length} of ${count}` : count} DMA
            {count === 1 ? '' : 's'} {from === 0 ? 'up to here' : `since event ${from}`}.
          </p>
          <Bars dmas={newest} to={moment.seq} />
          {openDma.value !== null && <Life moment={moment} dmaId={openDma.value} dmas={newest} />}
          <DmaTable dmas={newest} />
        </>
      )}
    </>
  );
}

function Bars({ dmas, to }: { dmas: readonly Dma[]; to: number }) {
  const from = Math.min(...dmas.map(({ steps }) => steps[0]!.seq));
  const width = Math.max(to - from, 8);
  const at = (seq: number) => `${((seq - from) / width) * 100}%`;
  return (
    <>
      <ol class="dma-bars">
        {dmas.map(dma => (
          <Bar key={dma.dmaId} dma={dma} at={at} to={to} />
        ))}
      </ol>
      <p class="dma-axis" aria-hidden="true">
        <span>event {from}</span>
        <span>{from + width}</span>
      </p>
      <p class="note legend">
        ─ on its way, ▭ waits for an answer, ┅ cannot ask, ┃ asks again, ✓ done, ✕ failed
      </p>
    </>
  );
}

const ENDS: Readonly<Partial<Record<DmaStepKind, string>>> = {
  DONE: '✓',
  ABORTED: '✕',
  TIMED_OUT: '⊗',
};

interface BarProps {
  readonly dma: Dma;
  readonly at: (seq: number) => string;
  readonly to: number;
}

/** A stretch between two of its events: hollow while it waits for an answer, dashed while it cannot ask. */
function Bar({ dma, at, to }: BarProps) {
  const { dmaId, steps, endedSeq, state } = dma;
  const waits = steps.filter(({ kind }) => ENDS[kind] === undefined);
  const isOpen = openDma.value === dmaId;
  const ofSelected = dma.iopfGroupIds.some(
    id => keyText({ kind: 'IOPF_GROUP', id }) === selected.value,
  );
  return (
    <li>
      <button
        type="button"
        class="dma"
        aria-expanded={isOpen}
        aria-current={ofSelected ? 'true' : undefined}
        onClick={() => {
          openDma.value = isOpen ? null : dmaId;
        }}
      >
        <span class="dma-name">
          <strong>DMA {dmaId}</strong> {dma.write ? 'writes' : 'reads'} <code>{dma.iova}</code>
          <span class="hidden">, {stateWords(dma)}</span>
        </span>
        <span class="dma-track" aria-hidden="true">
          {waits.map(({ seq, kind }, index) => {
            const next = waits[index + 1]?.seq ?? endedSeq ?? to;
            const style = { left: at(seq), width: `calc(${at(next)} - ${at(seq)})` };
            return (
              <span key={seq}>
                <span class={`wait ${kind}`} style={style} />
                {kind === 'RETRIED' && <span class="retry" style={{ left: at(seq) }} />}
              </span>
            );
          })}
          {endedSeq !== null && (
            <span class={`end ${state}`} style={{ left: at(endedSeq) }}>
              {ENDS[state]}
            </span>
          )}
        </span>
      </button>
    </li>
  );
}

/** `done`, `failed: invalid request`, `waits for an answer, asked again 2 times`. */
function stateWords({ state, retries, reason, endedSeq }: Dma): string {
  const times = retries === 1 ? 'once' : `${retries} times`;
  const asked = retries === 0 ? '' : `, asked again ${times}`;
  if (endedSeq === null) return `${WAITS[state] ?? 'waits'}${asked}`;
  if (state === 'DONE') return `done${asked}`;
  const why = reason === null ? 'its device gave up' : wordsOfName(reason);
  return `failed: ${why}${asked}`;
}

const WAITS: Readonly<Partial<Record<DmaStepKind, string>>> = {
  WAITING_PRG: 'waits for an answer',
  NO_CREDIT: 'waits for a credit',
  BACKED_OFF: 'its request was lost; asks again later',
  STALLED: 'stalled in the IOMMU',
};

interface LifeProps {
  readonly moment: Moment;
  readonly dmaId: number;
  readonly dmas: readonly Dma[];
}

function Life({ moment, dmaId, dmas }: LifeProps) {
  const shown = useAnswer(HardwareDmaLifeDocument, moment, { dmaId });
  const { answer } = shown;
  const dma = dmas.find(one => one.dmaId === dmaId);
  const life = answer?.machine.dmaLife;
  // Another machine's, or not issued yet.
  if (life === null) return null;
  return (
    <section class="why" aria-label={`DMA ${dmaId}`}>
      <div class="why-head">
        <h3>
          DMA {dmaId}
          {dma !== undefined && <>: {stateWords(dma)}</>}
        </h3>
        {dma?.iopfGroupIds.map(id => (
          <button
            key={id}
            type="button"
            class="small"
            onClick={() => select(keyText({ kind: 'IOPF_GROUP', id }))}
          >
            iopf group {id}
          </button>
        ))}
      </div>
      <AsOf of={shown} moment={moment} />
      <EventRows events={life?.stages.map(({ event }) => event) ?? []} at={moment.seq} />
      {life?.cut && <p class="note">There is more of it than is shown.</p>}
    </section>
  );
}

/** The bars in words. */
function DmaTable({ dmas }: { dmas: readonly Dma[] }) {
  return (
    <details>
      <summary>DMAs as a table</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by key */}
      <section class="wide" tabIndex={0} aria-label="DMAs">
        <table>
          <thead>
            <tr>
              {['DMA', 'of', 'moves', 'issued', 'over', 'state'].map(name => (
                <th scope="col" key={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {dmas.map(dma => (
              <tr key={dma.dmaId}>
                <th scope="row">{dma.dmaId}</th>
                <td>{dma.device ?? 'gone'}</td>
                <td>
                  {dma.write ? 'write' : 'read'} <code>{dma.iova}</code>, {dma.length} bytes
                </td>
                <td>{dma.issuedSeq === null ? 'at once' : <EventLink seq={dma.issuedSeq} />}</td>
                <td>{dma.endedSeq === null ? '–' : <EventLink seq={dma.endedSeq} />}</td>
                <td>{stateWords(dma)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
