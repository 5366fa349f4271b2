/** The page: a header, and three regions that stay. */
import { useEffect } from 'preact/hooks';
import { head, headError, newest } from './data/head.ts';
import { shown } from './data/moments.ts';
import { GraphView } from './graph/graph.tsx';
import { ObjectTable } from './graph/table.tsx';
import { Header } from './header.tsx';
import { MachineList } from './machine-list.tsx';
import { Panel } from './moment/panel.tsx';
import { announced } from './state/announce.ts';
import { goLive } from './state/go.ts';
import { live, machine, selected, table } from './state/place.ts';
import { Timeline } from './timeline/timeline.tsx';
import { Notices } from './ui/notices.tsx';

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
      {machine.value === null ? <MachineList /> : <MachinePage />}
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

function MachinePage() {
  const moment = shown.value;
  const here = moment !== null && moment.machine === machine.value ? moment : null;
  return (
    <main class="machine-page" data-shown={here?.seq}>
      <section class="region machine" id="machine" tabIndex={-1} aria-label="Machine">
        {here === null ? (
          <p class="empty">{headError.value === null ? 'Asking for the machine…' : ''}</p>
        ) : table.value ? (
          <ObjectTable moment={here} selected={selected.value} />
        ) : (
          <GraphView moment={here} selected={selected.value} />
        )}
      </section>
      <Panel moment={here} />
      {head.value !== null && <Timeline head={head.value} />}
    </main>
  );
}
