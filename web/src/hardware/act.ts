/** What a person does to the hardware: sent once, at the end of the log, and then looked at. */
import type { TypedDocument } from '../../../src/operations/typed-document.ts';
import { change } from '../data/server.ts';
import { goLive } from '../state/go.ts';

interface Refusal {
  readonly errno?: string | null;
  readonly message?: string;
}

/** One operation. Errors: those of `change`, and what the kernel refused, in its words. */
export async function act<Answer extends object, Variables extends object>(
  document: TypedDocument<Answer, Variables>,
  variables: Variables,
): Promise<Answer> {
  const answer = await change(document, variables);
  for (const { errno, message } of Object.values(answer) as Refusal[]) {
    if (message !== undefined) throw new Error(`${errno}: ${message}`);
  }
  goLive();
  return answer;
}
