/** The machines there are; with none but the empty one, the way into the story. */
import { useEffect, useState } from 'preact/hooks';
import { troubleOf } from './data/head.ts';
import { ask, connections, wordsOf } from './data/server.ts';
import { MachinesDocument, type MachinesQuery } from './documents.ts';
import { playStory } from './story/play.ts';
import { STORY_MACHINE } from './story/steps.ts';
import { grouped, kernelName } from './ui/format.ts';
import { Icon } from './ui/icons.tsx';
import { PageLink } from './ui/page-link.tsx';

type Listed = MachinesQuery['machines']['edges'][number]['node'];

export function MachineList() {
  const [answer, setAnswer] = useState<MachinesQuery['machines'] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    ask(MachinesDocument, {}).then(
      ({ machines }) => {
        setAnswer(machines);
        setProblem(null);
      },
      error => setProblem(wordsOf(error)),
    );
  }, [connections.value]);
  const machines = answer?.edges.map(({ node }) => node) ?? [];
  return (
    <main class="machines" id="machine" tabIndex={-1}>
      <h2>Machines</h2>
      <p class="lead">
        Each is an emulated Linux iommufd with its devices, and remembers every event since it was
        made. Open one, and go to any moment of it.
      </p>
      {answer !== null && <Story machines={machines} />}
      {problem !== null && <p class="note">{problem}</p>}
      <ul class="machine-list">
        {machines.map(listed => (
          <MachineCard key={listed.machineId} listed={listed} />
        ))}
      </ul>
      {answer?.pageInfo.hasNextPage && <p class="note">The first {machines.length} are shown.</p>}
    </main>
  );
}

/** Nothing but the machine that a new database has: then the story is the way in. */
function Story({ machines }: { machines: readonly Listed[] }) {
  const told = machines.some(({ machineId }) => machineId === STORY_MACHINE);
  const first = machines.length <= 1;
  return (
    <section class={first ? 'story-offer first' : 'story-offer'} aria-label="Story">
      <p>
        {first
          ? 'New here? A device faults, a handler answers, and the kernel takes a fault away: seven steps, two minutes, and the last one is yours.'
          : 'The story of a page fault, in seven steps.'}
        {told && ' The machine “story” is made anew for it.'}
      </p>
      <button
        type="button"
        class={first ? 'button primary' : 'button'}
        onClick={() => void playStory()}
      >
        <Icon name="story" /> Play the story
      </button>
    </section>
  );
}

function MachineCard({ listed }: { listed: Listed }) {
  const { machineId, seq, baseline, hazardCount, unansweredIopfGroupCount, forkedFrom } = listed;
  const { hazard, refusal } = troubleOf(listed);
  return (
    <li>
      <PageLink class="machine-card" path={`/m/${machineId}`}>
        <strong>{machineId}</strong>
        <span>{kernelName(baseline)}</span>
        <span>{grouped(seq)} events</span>
        {unansweredIopfGroupCount > 0 && <span>{unansweredIopfGroupCount} unanswered</span>}
        {hazardCount > 0 && (
          <span class="bad">{hazardCount === 1 ? '1 hazard' : `${hazardCount} hazards`}</span>
        )}
        {forkedFrom !== null && (
          <span>
            from {forkedFrom.parent.machineId} at {forkedFrom.seq}
          </span>
        )}
      </PageLink>
      {hazard !== undefined && (
        <PageLink class="trouble-link" path={`/m/${machineId}/${hazard.name}`}>
          first hazard <span class="note">{hazard.note}</span>
        </PageLink>
      )}
      {refusal !== undefined && (
        <PageLink class="trouble-link" path={`/m/${machineId}/${refusal.name}`}>
          first refusal <span class="note">{refusal.note}</span>
        </PageLink>
      )}
    </li>
  );
}
