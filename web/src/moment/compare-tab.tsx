/** A, which is the playhead, against B: another moment, or another machine. */
import { useEffect, useState } from 'preact/hooks';
import { differing, otherKernel } from '../data/compare.ts';
import { keyText } from '../data/keys.ts';
import type { Moment } from '../data/moments.ts';
import { ask, wordsOf } from '../data/server.ts';
import { ComparedDocument, type ComparedQuery, KernelOfDocument } from '../later-documents.ts';
import { setOther, swapOther } from '../state/compare.ts';
import { type At, other } from '../state/place.ts';
import { select } from '../state/select.ts';
import { changedParts, valueText } from '../ui/format.ts';
import { RerunSteps } from './rerun-steps.tsx';

export function CompareTab({ moment }: { moment: Moment }) {
  const b = other.value;
  useKernelOf(b === null || b.machine === moment.machine ? null : b.machine);
  return (
    <div>
      <dl class="facts pair">
        <div>
          <dt>A</dt>
          <dd>
            {moment.machine} at {moment.seq}
          </dd>
        </div>
        <div>
          <dt>B</dt>
          <dd>{b === null ? 'not set' : `${b.machine} at ${b.seq}`}</dd>
        </div>
      </dl>
      <p class="actions">
        <button type="button" class="button" onClick={setOther}>
          Set B here <kbd>c</kbd>
        </button>
        {b !== null && (
          <button type="button" class="button" onClick={() => void swapOther()}>
            Swap <kbd>v</kbd>
          </button>
        )}
        {b !== null && (
          <button
            type="button"
            class="button"
            onClick={() => {
              other.value = null;
            }}
          >
            Forget B
          </button>
        )}
      </p>
      {b === null ? (
        <p class="note">
          B is what the playhead is compared with. Set it here, go elsewhere, and see what differs;
          or press <kbd>f</kbd> for another future or another kernel, which becomes B.
        </p>
      ) : (
        <Differences moment={moment} b={b} />
      )}
      {b !== null && b.machine !== moment.machine && (
        <RerunSteps machines={[b.machine, moment.machine]} />
      )}
    </div>
  );
}

/** Has the header name B's kernel while it is compared with. */
function useKernelOf(machineId: string | null): void {
  useEffect(() => {
    let current = true;
    if (machineId !== null) {
      ask(KernelOfDocument, { machineId }).then(
        ({ machine }) => {
          if (current) otherKernel.value = machine.baseline;
        },
        () => undefined,
      );
    }
    return () => {
      current = false;
      otherKernel.value = null;
    };
  }, [machineId]);
}

/** Of nested values only the parts that differ. */
function partsOf(change: ComparedQuery['diff']['changes'][number]) {
  const { kind, field, before, after } = change;
  const parts =
    kind === 'CHANGED'
      ? changedParts(before, after, field ?? '')
      : [{ path: field ?? '', before, after }];
  return parts.map(part => ({ ...change, ...part }));
}

function Differences({ moment, b }: { moment: Moment; b: At }) {
  const [diff, setDiff] = useState<ComparedQuery['diff'] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    ask(ComparedDocument, {
      machineId: moment.machine,
      at: moment.seq,
      otherId: b.machine,
      otherAt: b.seq,
    }).then(
      answer => {
        if (!current) return;
        setDiff(answer.diff);
        differing.value = new Set(answer.diff.changes.map(({ object }) => keyText(object)));
        setProblem(null);
      },
      error => {
        if (current) setProblem(wordsOf(error));
      },
    );
    return () => {
      current = false;
      differing.value = new Set();
    };
  }, [moment.machine, moment.seq, b.machine, b.seq]);
  if (problem !== null) {
    return (
      <p class="bad" role="alert">
        {problem}
      </p>
    );
  }
  if (diff === null) return null;
  return (
    <section>
      <h3>
        {diff.changeCount === 0
          ? 'A and B have the same state'
          : `${diff.changeCount} values differ`}
      </h3>
      <table class="differences">
        <thead>
          <tr>
            <th scope="col">what</th>
            <th scope="col">A</th>
            <th scope="col">B</th>
          </tr>
        </thead>
        <tbody>
          {diff.changes.flatMap(partsOf).map(({ object, field, kind, path, before, after }) => (
            <tr key={`${object.name} ${path}`}>
              <th scope="row">
                <button type="button" class="link" onClick={() => select(keyText(object), field)}>
                  {object.name}
                </button>
                {path !== '' && <span class="cause-detail">{path}</span>}
              </th>
              <td>{kind === 'WENT' ? '–' : valueText(after)}</td>
              <td>{kind === 'APPEARED' ? '–' : valueText(before)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {diff.changeCount > diff.changes.length && (
        <p class="note">
          {diff.changes.length} of {diff.changeCount}.
        </p>
      )}
    </section>
  );
}
