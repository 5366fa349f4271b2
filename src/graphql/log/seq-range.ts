/** Ranges of a machine's events: after one seq, up to another. */
import { SeqOutOfRangeError } from '../../engine/machine/errors.ts';
import { badInput } from '../builder/bad-input.ts';
import type { MachineView } from '../builder/view.ts';

export interface SeqRange {
  readonly from: number;
  readonly to: number;
}

/** Errors: SEQ_OUT_OF_RANGE, BAD_USER_INPUT. */
export function checkRange({ machineId, seq }: MachineView, from: number, to: number): SeqRange {
  if (from < 0 || from > seq) throw new SeqOutOfRangeError(machineId, 'from', from, seq);
  if (to < 0 || to > seq) throw new SeqOutOfRangeError(machineId, 'to', to, seq);
  if (from > to) throw badInput(`"from" must be at most "to", ${to}, not ${from}`);
  return { from, to };
}
