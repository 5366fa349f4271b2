/** The page: a header, and three regions that stay. */
import { useEffect, useState } from 'preact/hooks';
import { differing, unionOf } from './data/compare.ts';
import type { Graph } from './data/graph.ts';
import { head, headError, newest } from './data/head.ts';
import { fetchMoment, type Moment, shown } from './data/moments.ts';
import { rerun } from './data/rerun.ts';
import { GraphView } from './graph/graph.tsx';
import { Header } from './header.tsx';
import { Panel } from './moment/panel.tsx';
import { announced, told } from './state/announce.ts';
import { goLive } from './state/go.ts';
import { timelineHeight } from './state/height.ts';
import { isNarrow } from './state/narrow.ts';
import { isDialogOpen } from './state/open.ts';
import { live, machine, other, selected, tab, table } from './state/place.ts';
import { playing } from './story/playing.ts';
import { Timeline } from './timeline/timeline.tsx';
import { later } from './ui/later.ts';
import { Notices } from './ui/notices.tsx';
import { PageLink } from './ui/page-link.tsx';

const AlignedTimelines = later(
  async () => (await import('./timeline/aligned.tsx')).AlignedTimelines,
);
const Dialog = later(async () => (await import('./ui/dialogs.tsx')).OpenDialog);
const MachineList = later(async () => (await import('./machine-list.tsx')).MachineList);
const ObjectTable = later(async () => (await import('./graph/table.tsx')).ObjectTable);
const StoryBar = later(async () => (await import('./story/story-bar.tsx')).StoryBar);

export function App() {
  useTitle();
  useEffect(() => {
    if (live.value && newest.value > 0) goLive();
  }, [live.value, newest.value]);
  return (
    <>
      <a class="skip" href="#machine">
        Skip to the machine
      </a>
      <Header />
      <Notices />
      {playing.value !== null && <StoryBar now={playing.value} />}
      {machine.value === null ? <MachineList /> : <MachinePage />}
      {isDialogOpen.value && <Dialog />}
      <div class="hidden" role="status" aria-live="polite">
        {announced.value}
      </div>
    </>
  );
}

function useTitle(): void {
  const name = machine.value;
  const seq = shown.value?.seq;
  useEffect(() => {
    document.title = name === null ? 'Faultline' : `${name} at ${seq ?? '…'} · Faultline`;
  }, [name, seq]);
}

/** The moment's graph; on the tab Compare together with B's. */
function useComparedGraph(moment: Moment | null): Graph | null {
  const b = tab.value === 'compare' ? other.value : null;
  const [otherMoment, setOtherMoment] = useState<Moment | null>(null);
  useEffect(() => {
    setOtherMoment(null);
    if (b === null) return;
    fetchMoment(b.machine, b.seq).then(setOtherMoment, () => undefined);
  }, [b?.machine, b?.seq]);
  if (moment === null) return null;
  return otherMoment === null
    ? moment.graph
    : unionOf(moment.graph, otherMoment.graph, differing.value);
}

/** There is none yet, or none can be had: why not stands above. */
function NoPicture() {
  return (
    <p class="empty">
      {headError.value === null ? (
        'Asking for the machine…'
      ) : (
        <>
          There is no picture of {machine.value}. <PageLink path="/">All machines</PageLink>
        </>
      )}
    </p>
  );
}

function MachinePage() {
  const moment = shown.value;
  const here = moment !== null && moment.machine === machine.value ? moment : null;
  const graph = useComparedGraph(here);
  const height = timelineHeight.value;
  return (
    <main
      class="machine-page"
      data-shown={here?.seq}
      style={height === null ? {} : { '--timeline-height': `${height}px` }}
    >
      <section
        class="region machine"
        id="machine"
        // Without boxes to go to, what scrolls has to be reached itself.
        tabIndex={graph?.nodes.length === 0 ? 0 : -1}
        aria-label="Machine"
      >
        {here === null || graph === null ? (
          <NoPicture />
        ) : table.value || isNarrow.value ? (
          <ObjectTable moment={here} graph={graph} selected={selected.value} />
        ) : (
          <GraphView moment={here} graph={graph} selected={selected.value} />
        )}
        {rerun.value !== null && <AlignedTimelines rerun={rerun.value} />}
      </section>
      <Panel moment={here} />
      {head.value !== null && <Timeline head={head.value} />}
      {told.value !== null && (
        <p class="told" aria-hidden="true">
          {told.value}
        </p>
      )}
    </main>
  );
}
