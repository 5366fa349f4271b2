/** A machine that what if made, and the one it was made of: their operations beside each other. */
import { signal } from '@preact/signals';
import type { RerunStepsQuery } from '../later-documents.ts';

type Machine = RerunStepsQuery['machine'];
type Steps = NonNullable<Machine['rerun']>;

export type RerunStep = Steps['steps']['edges'][number]['node'];

/** The new machine, and what it is a rerun of. */
export interface Rerun {
  readonly machine: Omit<Machine, 'rerun'>;
  readonly recorded: Steps['recorded'];
  readonly steps: readonly RerunStep[];
  /** There are more steps. */
  readonly more: boolean;
}

/** Of the two machines that are compared; null if none is a rerun of the other. */
export const rerun = signal<Rerun | null>(null);

export const isSame = ({ kind, differs }: RerunStep) =>
  kind === 'AS_RECORDED' && differs.length === 0;

/** Where either machine is once a step has run; a side that has no part in it stays where it was. */
export function seqAfter(
  steps: readonly RerunStep[],
  index: number,
  side: 'recorded' | 'rerun',
): number {
  const before = steps.slice(0, index + 1).findLast(step => step[side] !== null)?.[side];
  return before?.seq ?? steps.find(step => step[side] !== null)?.[side]?.seqBefore ?? 0;
}
