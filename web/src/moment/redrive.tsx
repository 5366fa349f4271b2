/** A handler against the past: how far it is, and where it ended otherwise than the record. */
import { newest } from '../data/head.ts';
import type { GroupEndFragment, RefusedLineFragment } from '../later-documents.ts';
import { openDialog } from '../state/open.ts';
import { type RedriveSummary, type Redriving, redriving, stopRedrive } from '../state/redrive.ts';
import { PageLink } from '../ui/page-link.tsx';

export function Redrive() {
  const now = redriving.value;
  return (
    <section class="apart">
      <h3>A handler against this past</h3>
      <p class="note">
        The operations run again on a fork, without the answers they had: a handler gives its own,
        and where it ends otherwise is shown here.
      </p>
      <p class="actions">
        <button
          type="button"
          class="button"
          onClick={() => {
            openDialog.value = 'redrive';
          }}
        >
          Run my handler against this past
        </button>
      </p>
      {now !== null && <Progress now={now} />}
    </section>
  );
}

function Progress({ now }: { now: Redriving }) {
  const { machineId, newMachineId, ran, handlers, unanswered, summary, problem } = now;
  const runs = summary === null && problem === null;
  return (
    <div class="redrive">
      <p>
        <PageLink path={`/m/${newMachineId}/now?tab=handler`}>{newMachineId}</PageLink>, from
        operation {now.fromOperation} of {machineId} on
      </p>
      {runs && (
        <>
          <progress
            aria-label="How far it is"
            max={Math.max(newest.value, ran?.seq ?? 1)}
            value={ran?.seq ?? 0}
          />
          <p class="note">
            {ran === null ? 'begins' : `operation ${ran.number}, ${ran.command}, ran`};{' '}
            {handlers === 0
              ? `nobody handles the faults of ${newMachineId} yet`
              : `${handlers} ${handlers === 1 ? 'handler' : 'handlers'} there`}
          </p>
          <p class="actions">
            <button type="button" class="button" onClick={stopRedrive}>
              Stop
            </button>
          </p>
        </>
      )}
      {unanswered > 0 && (
        <p class="note">{unanswered} answers were waited for, and did not come in time.</p>
      )}
      {problem !== null && (
        <p class="bad" role="alert">
          {problem}
        </p>
      )}
      {summary !== null && <Summary summary={summary} machines={[machineId, newMachineId]} />}
    </div>
  );
}

interface SummaryProps {
  readonly summary: RedriveSummary;
  /** The recorded one, and the fork. */
  readonly machines: readonly [string, string];
}

function Summary({ summary, machines: [recorded, fork] }: SummaryProps) {
  const { groups, same, differenceCount, differences, firstErrno } = summary;
  return (
    <>
      <h4>
        {differenceCount === 0
          ? `All ${groups} groups ended as recorded`
          : `${differenceCount} of ${same + differenceCount} groups ended otherwise`}
      </h4>
      {differenceCount > 0 && (
        <table class="differences">
          <thead>
            <tr>
              <th scope="col">{recorded}</th>
              <th scope="col">{fork}</th>
            </tr>
          </thead>
          <tbody>
            {differences.map(({ recorded: before, redriven: after }) => (
              <tr key={`${before?.iopfGroupId} ${after?.iopfGroupId}`}>
                <td>
                  <End machine={recorded} of={before} />
                </td>
                <td>
                  <End machine={fork} of={after} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {differenceCount > differences.length && (
        <p class="note">The first {differences.length} are shown.</p>
      )}
      {firstErrno !== null && (
        <p>
          First refused otherwise: <Refused machine={recorded} of={firstErrno.recorded} />, now{' '}
          <Refused machine={fork} of={firstErrno.redriven} />
        </p>
      )}
    </>
  );
}

/** How a group ended, as a link to when it did. */
function End({ machine, of }: { machine: string; of: GroupEndFragment | null }) {
  if (of === null) return <>–</>;
  const { iopfGroupId, outcome, code, queuedSeq, endedSeq } = of;
  const word =
    code?.replace('IOMMUFD_PAGE_RESP_', '') ?? outcome.replaceAll('_', ' ').toLowerCase();
  return (
    <PageLink path={`/m/${machine}/${endedSeq ?? queuedSeq}?sel=IOPF_GROUP:${iopfGroupId}`}>
      group {iopfGroupId} {word} at {endedSeq ?? queuedSeq}
    </PageLink>
  );
}

function Refused({ machine, of }: { machine: string; of: RefusedLineFragment }) {
  return (
    <PageLink path={`/m/${machine}/op${of.number}`}>
      {of.number} {of.command} {of.errno ?? 'success'}
    </PageLink>
  );
}
