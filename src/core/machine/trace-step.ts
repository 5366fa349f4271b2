/** The trace of an operation: the kernel functions it passed. Types only. */

import type { RefusalReason } from './refusal.ts';

/** One kernel function an operation passed, in order of entry. */
export interface TraceStep {
  readonly function: string;
  /** How deep in the call tree, from 0. */
  readonly depth: number;
  /** What it returned: '0', an errno's name, or a short value such as an object id. */
  readonly returned: string;
  /** Where this function refused: by which rule. Logs of older versions do not say. */
  readonly reason?: RefusalReason;
}
