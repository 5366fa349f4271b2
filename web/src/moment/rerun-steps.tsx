/** A machine made by what if: its operations beside the recorded ones. */
import { useEffect, useState } from 'preact/hooks';
import { showRerun } from '../data/read-rerun.ts';
import { isSame, type Rerun, type RerunStep, rerun, seqAfter } from '../data/rerun.ts';
import { formatAddress } from '../state/address.ts';
import { address } from '../state/place.ts';
import { kernelName } from '../ui/format.ts';
import { PageLink } from '../ui/page-link.tsx';

/** SAME and DIFFERS are what became of an operation that ran again as it was recorded. */
function wordOf({ kind, differs }: RerunStep): string {
  if (kind !== 'AS_RECORDED') return kind.replaceAll('_', ' ').toLowerCase();
  return differs.length === 0 ? 'same' : `differs: ${differs.join(', ').toLowerCase()}`;
}

export function RerunSteps({ machines }: { machines: readonly string[] }) {
  const [all, setAll] = useState(false);
  const names = machines.join();
  useEffect(() => showRerun(names.split(',')), [names]);
  const now = rerun.value;
  if (now === null) return null;
  const { machine, recorded, steps, more } = now;
  const differing = steps.filter(step => !isSame(step));
  return (
    <section>
      <h3>
        {kernelName(recorded.baseline)} and {kernelName(machine.baseline)}: {differing.length} of{' '}
        {steps.length} operations differ
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
            <th scope="col">{recorded.machineId}</th>
            <th scope="col">{machine.machineId}</th>
            <th scope="col">outcome</th>
          </tr>
        </thead>
        <tbody>
          {(all ? steps : differing).map(step => (
            <tr key={`${step.recorded?.number} ${step.rerun?.number}`} data-same={isSame(step)}>
              <td>
                <StepLink path={pathOf(now, step)} of={step.recorded} />
              </td>
              <td>
                <StepLink path={pathOf(now, step)} of={step.rerun} />
              </td>
              <td class={isSame(step) ? '' : 'bad'}>
                {wordOf(step)}
                <OwnEvents machine={recorded.machineId} of={step.recorded} not={step.rerun} />
                <OwnEvents machine={machine.machineId} of={step.rerun} not={step.recorded} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more && <p class="note">The first {steps.length} are shown.</p>}
    </section>
  );
}

/** The address at which both machines are where a step left them; A stays A. */
function pathOf({ machine: made, recorded, steps }: Rerun, step: RerunStep): string {
  const index = steps.indexOf(step);
  const spots = [
    { machine: recorded.machineId, moment: String(seqAfter(steps, index, 'recorded')) },
    { machine: made.machineId, moment: String(seqAfter(steps, index, 'rerun')) },
  ];
  const [a, b] = address.value.spot?.machine === made.machineId ? spots.reverse() : spots;
  return formatAddress({ ...address.value, spot: a!, other: b!, hash: null });
}

interface OwnEventsProps {
  readonly machine: string;
  readonly of: RerunStep['recorded'];
  readonly not: RerunStep['recorded'];
}

/** Events that an operation has on one side only. */
function OwnEvents({ machine, of, not }: OwnEventsProps) {
  if (of === null || not === null) return null;
  const others = new Set(not.events.map(({ summary }) => summary));
  const own = of.events.filter(({ summary }) => !others.has(summary));
  return own.map(({ summary }, index) => (
    <span class="cause-detail" key={index}>
      only {machine}: {summary}
    </span>
  ));
}

function StepLink({ path, of }: { path: string; of: RerunStep['recorded'] }) {
  if (of === null) return <>–</>;
  return (
    <PageLink path={path}>
      {of.number} {of.command}
      {of.errno !== null && ` ${of.errno}`}
    </PageLink>
  );
}
