/** What is kept of a run again, and what follows from it: which operation stands beside which. */
import { DamagedLogError, type Log } from '../../log/log.ts';

/** What is kept of a request: enough to say which operation stands beside which. */
export interface RerunPlan {
  readonly from: number;
  readonly to: number;
  /** The new machine's first own operation sets kernel and policies. */
  readonly kernelReplaced: boolean;
  /** By operation, ascending. */
  readonly edits: readonly {
    readonly operation: number;
    /** Operations inserted before it. */
    readonly inserted: number;
    readonly instead: 'ITSELF' | 'NOTHING' | 'ANOTHER';
  }[];
}

/** Why two operations stand beside each other, or one alone. */
export type StepKind = 'AS_RECORDED' | 'REPLACED' | 'INSERTED' | 'LEFT_OUT' | 'KERNEL_REPLACED';

/** Numbers of operations that stand beside each other: recorded, and run again. */
export interface Step {
  readonly kind: StepKind;
  /** null: INSERTED, KERNEL_REPLACED. */
  readonly recorded: number | null;
  /** null: LEFT_OUT. */
  readonly rerun: number | null;
}

const KIND_OF: Readonly<Record<RerunPlan['edits'][number]['instead'], StepKind>> = {
  ITSELF: 'AS_RECORDED',
  NOTHING: 'LEFT_OUT',
  ANOTHER: 'REPLACED',
};

/** Which operation stands beside which, in order, from operation `from + 1` of both on. */
export function* stepsOf({ from, to, kernelReplaced, edits }: RerunPlan): Generator<Step> {
  let number = from;
  let edit = 0;
  if (kernelReplaced) yield { kind: 'KERNEL_REPLACED', recorded: null, rerun: ++number };
  for (let recorded = from + 1; recorded <= to; recorded++) {
    const found = edits[edit]?.operation === recorded ? edits[edit++] : undefined;
    for (let i = 0; i < (found?.inserted ?? 0); i++) {
      yield { kind: 'INSERTED', recorded: null, rerun: ++number };
    }
    const kind = KIND_OF[found?.instead ?? 'ITSELF'];
    yield { kind, recorded, rerun: kind === 'LEFT_OUT' ? null : ++number };
  }
}

/** The number of the new machine's operation that ran last. */
export function lastOperationOf({ to, kernelReplaced, edits }: RerunPlan): number {
  let last = to + (kernelReplaced ? 1 : 0);
  for (const { inserted, instead } of edits) last += inserted - (instead === 'NOTHING' ? 1 : 0);
  return last;
}

/**
 * Whether a process ended while it made this machine. Two have to say so: the row, whose digest
 * holds, and the log, in which operations of the plan are missing. Rejects with DamagedLogError if
 * they are missing though all of them had run.
 */
export async function isUnfinished(log: Log, machineId: string): Promise<boolean> {
  const found = await log.rerun(machineId);
  if (found === null) return false;
  const head = (await log.head(machineId)) ?? { number: 0, seq: 0 };
  const last = lastOperationOf(JSON.parse(found.plan) as RerunPlan);
  if (head.number >= last) return false;
  if (!found.whole) return true;
  const what = `the operations after it, to ${last}, are missing`;
  throw new DamagedLogError({ machineId, number: head.number, seq: head.seq, what });
}
