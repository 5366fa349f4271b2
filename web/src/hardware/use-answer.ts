/** What a document says of a moment, as a component needs it. */
import { useEffect, useState } from 'preact/hooks';
import type { TypedDocument } from '../../../src/operations/typed-document.ts';
import type { Moment } from '../data/moments.ts';
import { newestOnly } from '../data/newest-only.ts';
import { ask, wordsOf } from '../data/server.ts';

/** Answers kept: the past does not change, and a history's hash says which past it is. */
const KEPT_MAX = 200;

const kept = new Map<string, Promise<unknown>>();

function answerOf<Answer, Variables extends object>(
  document: TypedDocument<Answer, Variables>,
  variables: Variables,
  name: string,
): Promise<Answer> {
  const known = kept.get(name);
  if (known !== undefined) return known as Promise<Answer>;
  const asked = ask(document, variables);
  kept.set(name, asked);
  // Why it failed may be over by the next time.
  asked.catch(() => kept.delete(name));
  if (kept.size > KEPT_MAX) kept.delete(kept.keys().next().value!);
  return asked;
}

export interface Shown<Answer> {
  /** The last that came, while the next is under way; null before the first. */
  readonly answer: Answer | null;
  /** The moment that it is of. */
  readonly seq: number | null;
  readonly problem: string | null;
}

interface Asking<Variables> {
  readonly name: string;
  readonly seq: number;
  readonly variables: Variables;
}

type Asked<Variables> = Omit<Variables, 'machineId' | 'at'>;

/** One request is under way at a time; of the moments meanwhile only the newest is asked for. */
export function useAnswer<
  Answer,
  Variables extends { readonly machineId?: unknown; readonly at?: unknown },
>(
  document: TypedDocument<Answer, Variables>,
  { machine, seq, hash }: Moment,
  rest: Asked<Variables>,
): Shown<Answer> {
  const [shown, setShown] = useState<Shown<Answer>>({ answer: null, seq: null, problem: null });
  const name = `${hash} ${seq} ${JSON.stringify(rest)} ${document}`;
  const [fulfil] = useState(() =>
    newestOnly(async (asked: Asking<Variables>) => {
      try {
        const answer = await answerOf(document, asked.variables, asked.name);
        setShown({ answer, seq: asked.seq, problem: null });
      } catch (error) {
        setShown(before => ({ ...before, problem: wordsOf(error) }));
      }
    }),
  );
  useEffect(() => {
    const variables = { ...rest, machineId: machine, at: seq } as unknown as Variables;
    fulfil({ name, seq, variables });
  }, [name]);
  return shown;
}
