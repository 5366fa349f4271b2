/** A handler against the past: the recorded operations run again, and the handler answers anew. */
import { signal } from '@preact/signals';
import { follow, wordsOf } from '../data/server.ts';
import { RedriveDocument, type RedriveSubscription } from '../later-documents.ts';
import { announce } from './announce.ts';

type Item = RedriveSubscription['redrive'];

export type RedriveSummary = NonNullable<Item['summary']>;

export interface RedriveWanted {
  readonly machineId: string;
  /** The fork that the handler answers on. */
  readonly newMachineId: string;
  /** The first operation that runs again, from 2. */
  readonly fromOperation: number;
  /** How long each recorded answer waits for the handler's own. */
  readonly answerTimeoutMs: number;
}

export interface Redriving extends RedriveWanted {
  /** Handlers on the fork. */
  readonly handlers: number;
  /** The recorded operation that ran last; null before the first. */
  readonly ran: Item['recorded'];
  /** Recorded answers that no handler gave in time. */
  readonly unanswered: number;
  /** At the end. */
  readonly summary: RedriveSummary | null;
  readonly problem: string | null;
}

export const redriving = signal<Redriving | null>(null);

let end: (() => void) | null = null;

/** Begins; resolves when the fork is there. Errors: those of the server, such as a name that is taken. */
export function startRedrive(wanted: RedriveWanted): Promise<void> {
  end?.();
  const first = { ...wanted, handlers: 0, ran: null, unanswered: 0, summary: null, problem: null };
  return new Promise((resolve, reject) => {
    const sent = follow(RedriveDocument, wanted, ({ redrive }) => {
      if (redrive.kind === 'STARTED') redriving.value = first;
      note(redrive);
      resolve();
    });
    const mine = () => sent.end();
    end = mine;
    sent.done.then(
      () => {
        if (end === mine && redriving.peek()?.summary === null) stopped('It was ended.');
      },
      error => {
        if (end === mine && redriving.peek()?.newMachineId === wanted.newMachineId) {
          stopped(wordsOf(error));
        }
        reject(error);
      },
    );
  });
}

function note({ kind, handlers, recorded, summary }: Item): void {
  const now = redriving.peek();
  if (now === null) return;
  redriving.value = {
    ...now,
    handlers,
    ran: recorded ?? now.ran,
    unanswered: now.unanswered + (kind === 'UNANSWERED' ? 1 : 0),
    summary,
  };
  if (summary === null) return;
  const { differenceCount, groups } = summary;
  announce(`${differenceCount} of ${groups} groups ended otherwise.`);
}

function stopped(problem: string): void {
  const now = redriving.peek();
  if (now !== null) redriving.value = { ...now, problem };
}

/** Ends it where it is; the fork stays. */
export function stopRedrive(): void {
  end?.();
}
