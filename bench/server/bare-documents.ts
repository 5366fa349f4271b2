/** What is sent to the bare server. Its schema stands in `bare-server.ts`. */
import type { TypedDocument } from '../../src/operations/typed-document.ts';

type Nothing = Readonly<Record<never, never>>;

/** The types are the caller's word: nothing checks the text but the bare server. */
function bare<Answer, Variables = Nothing>(text: string): TypedDocument<Answer, Variables> {
  return text as TypedDocument<Answer, Variables>;
}

interface Group {
  readonly group: number;
}

interface Update extends Group {
  readonly kind: string;
}

interface Answered {
  readonly bytes: number;
  readonly events: readonly { readonly type: string }[];
}

export const HELLO = bare<{ readonly hello: string }>('{ hello }');

export const UPDATES = bare<{ readonly update: Update }>(
  'subscription { update: updates { kind group } }',
);

export const REQUEST = bare<{ readonly request: { readonly outcome: string } }, Group>(
  'mutation ($group: Int!) { request(group: $group) { outcome } }',
);

export const ANSWER = bare<{ readonly answer: Answered }, Group>(
  'mutation ($group: Int!) { answer(group: $group) { bytes events { type } } }',
);
