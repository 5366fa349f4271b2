/** An operation that the kernel refused: no event tells of it, and the machine stayed as it was. */
import { useEffect, useState } from 'preact/hooks';
import type { Moment, MomentOperation } from '../data/moments.ts';
import { ask, wordsOf } from '../data/server.ts';
import { RefusedDocument } from '../later-documents.ts';
import { goTo } from '../state/go.ts';
import { numberOf } from '../state/place.ts';
import { Operation } from './operation.tsx';

type Refusal = MomentOperation & { readonly summary: string };

interface RefusedProps {
  readonly moment: Moment;
  /** `refused-23` or `op23`. */
  readonly name: string;
}

export function Refused({ moment: { machine: machineId, seq, event }, name }: RefusedProps) {
  const [operation, setOperation] = useState<Refusal | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    ask(RefusedDocument, { machineId, after: String(numberOf(name) - 1) }).then(
      ({ machine }) => {
        if (current) setOperation(machine.operations.edges[0]?.node ?? null);
      },
      error => {
        if (current) setProblem(wordsOf(error));
      },
    );
    return () => {
      current = false;
    };
  }, [machineId, name]);
  if (problem !== null) {
    return (
      <p class="bad" role="alert">
        {problem}
      </p>
    );
  }
  if (operation === null) return null;
  return (
    <>
      <header class="moment-head">
        <p class="eyebrow">Refused, after event {seq}</p>
        <h2>{operation.summary}</h2>
      </header>
      <Operation operation={operation} at={seq} open />
      <p class="note">
        The machine is as event {seq} left it:{' '}
        <button type="button" class="link" onClick={() => goTo(seq, 'jump')}>
          {event?.summary ?? 'before the first event'}
        </button>
      </p>
    </>
  );
}
