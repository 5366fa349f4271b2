/** A client of one life of a server: it asks over a real socket and notes what it is told. */
import { statSync } from 'node:fs';
import type { Prng } from '../../../src/sim/prng.ts';
import type { Json, Marker, Notes, Told } from './notes.ts';

/** How long an answer may take before the server counts as hung, in milliseconds. */
const HUNG_MS = 60_000;

export interface GraphqlError {
  readonly message: string;
  readonly extensions?: { readonly code?: string };
}

/** `GONE`: no answer came, so nothing is known of what was asked. */
export type Answer =
  | 'GONE'
  | {
      readonly data: { readonly [alias: string]: Json } | null;
      readonly errors: readonly GraphqlError[];
    };

/** One life of the server, for its clients. */
export interface Life {
  readonly url: string;
  readonly notes: Notes;
  /** Clients stop. */
  over: boolean;
  /** What the disk is asked for (disk/journal.ts); null if it is not watched. */
  readonly journal: string | null;
  /** The disk was made to fail: a request may be refused from now on. */
  mayRefuse: boolean;
}

/** A kernel operation as a mutation: the input without `machineId`, as GraphQL text. */
export interface Step {
  readonly mutation: string;
  readonly input: string;
  readonly marker?: Marker;
}

const TOLD = 'operation { number seqBefore seq command arguments errno reply }';

export class Client {
  readonly life: Life;
  readonly prng: Prng;

  constructor(life: Life, prng: Prng) {
    this.life = life;
    this.prng = prng;
  }

  get notes(): Notes {
    return this.life.notes;
  }

  async ask(query: string): Promise<Answer> {
    let body: { data?: { [alias: string]: Json } | null; errors?: GraphqlError[] };
    try {
      const response = await fetch(`${this.life.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
        signal: AbortSignal.timeout(HUNG_MS),
      });
      body = (await response.json()) as typeof body;
    } catch (error) {
      if ((error as Error).name === 'TimeoutError') this.notes.find(`no answer to ${query}`);
      return 'GONE';
    }
    const { data = null, errors = [] } = body;
    for (const error of errors) this.noteError(error, query);
    return { data, errors };
  }

  private noteError({ message, extensions }: GraphqlError, query: string): void {
    const code = extensions?.code ?? 'none';
    this.notes.codes.set(code, (this.notes.codes.get(code) ?? 0) + 1);
    if (!this.life.mayRefuse) this.notes.find(`refused without a fault: ${message} (${query})`);
  }

  /** Runs the steps in one request. null in place of what was refused; GONE if no answer came. */
  async run(machineId: string, steps: readonly Step[]): Promise<'GONE' | (Told | null)[]> {
    const fields = steps.map(({ mutation, input }, place) => {
      const payload = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Payload`;
      const whole = `machineId: "${machineId}", ${input}`;
      const members = `... on ${payload} { ${TOLD} } ... on KernelError { ${TOLD} }`;
      return `a${place}: ${mutation}(input: {${whole}}) { ${members} }`;
    });
    const { life } = this.notes;
    const answer = await this.ask(`mutation { ${fields.join('\n')} }`);
    if (answer === 'GONE') return 'GONE';
    const { journal } = this.life;
    const journalBytes = journal === null ? 0 : statSync(journal).size;
    return steps.map(({ marker }, place) => {
      const told = answer.data?.[`a${place}`] as { operation: Told } | null | undefined;
      if (told === null || told === undefined) {
        if (marker !== undefined) this.notes.refused.push({ machineId, marker, life });
        return null;
      }
      const order = this.notes.order();
      const acknowledged = { ...told.operation, machineId, life, order, journalBytes };
      this.notes.acknowledged.push(acknowledged);
      return told.operation;
    });
  }

  /** Does it again and again until the life is over or the server gone. */
  async repeat(once: () => Promise<unknown>): Promise<void> {
    while (!this.life.over) {
      if ((await once()) === 'GONE') {
        // Whoever is refused at once must not keep the others from their turn.
        await pause(20);
      }
    }
  }
}

export const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));
