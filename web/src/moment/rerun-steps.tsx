/** A machine made by what if: its operations beside the recorded ones. */
import { useEffect, useState } from 'preact/hooks';
import { ask } from '../data/server.ts';
import { RerunStepsDocument, type RerunStepsQuery } from '../later-documents.ts';
import { kernelName } from '../ui/format.ts';
import { PageLink } from '../ui/page-link.tsx';

type Machine = RerunStepsQuery['machine'];
type Step = NonNullable<Machine['rerun']>['steps']['edges'][number]['node'];

/** The machine of the two that is a rerun of the other; null if none is. */
async function readRerun(machines: readonly string[]): Promise<Machine | null> {
  for (const machineId of machines) {
    const { machine } = await ask(RerunStepsDocument, { machineId, after: null });
    const recorded = machine.rerun?.recorded.machineId;
    if (recorded !== undefined && machines.includes(recorded)) return machine;
  }
  return null;
}

/** SAME and DIFFERS are what became of an operation that ran again as it was recorded. */
function wordOf({ kind, differs }: Step): string {
  if (kind !== 'AS_RECORDED') return kind.replaceAll('_', ' ').toLowerCase();
  return differs.length === 0 ? 'same' : `differs: ${differs.join(', ').toLowerCase()}`;
}

const isSame = ({ kind, differs }: Step) => kind === 'AS_RECORDED' && differs.length === 0;

export function RerunSteps({ machines }: { machines: readonly string[] }) {
  const [machine, setMachine] = useState<Machine | null>(null);
  const [all, setAll] = useState(false);
  const names = machines.join();
  useEffect(() => {
    let current = true;
    readRerun(names.split(',')).then(
      read => {
        if (current) setMachine(read);
      },
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [names]);
  const rerun = machine?.rerun;
  if (machine === null || rerun === null || rerun === undefined) return null;
  const steps = rerun.steps.edges.map(({ node }) => node);
  const differing = steps.filter(step => !isSame(step));
  return (
    <section>
      <h3>
        {kernelName(rerun.recorded.baseline)} and {kernelName(machine.baseline)}: {differing.length}{' '}
        of {steps.length} operations differ
      </h3>
      <label class="check">
        <input
          type="checkbox"
          checked={all}
          onChange={({ currentTarget }) => setAll(currentTarget.checked)}
        />{' '}
        Those that are the same, too
      </label>
      <table class="differences steps">
        <thead>
          <tr>
            <th scope="col">{rerun.recorded.machineId}</th>
            <th scope="col">{machine.machineId}</th>
            <th scope="col">outcome</th>
          </tr>
        </thead>
        <tbody>
          {(all ? steps : differing).map(step => (
            <tr key={`${step.recorded?.number} ${step.rerun?.number}`} data-same={isSame(step)}>
              <td>
                <StepLink machine={rerun.recorded.machineId} of={step.recorded} />
              </td>
              <td>
                <StepLink machine={machine.machineId} of={step.rerun} />
              </td>
              <td class={isSame(step) ? '' : 'bad'}>{wordOf(step)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rerun.steps.pageInfo.hasNextPage && <p class="note">The first {steps.length} are shown.</p>}
    </section>
  );
}

function StepLink({ machine, of }: { machine: string; of: Step['recorded'] }) {
  if (of === null) return <>–</>;
  return (
    <PageLink path={`/m/${machine}/op${of.number}?tab=compare`}>
      {of.number} {of.command}
      {of.errno !== null && ` ${of.errno}`}
    </PageLink>
  );
}
