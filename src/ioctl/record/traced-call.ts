/** A system call that a tracer sees. Types only. */

/** A system call of a thread, from its entry to its return. */
export interface TracedCall {
  readonly tid: number;
  readonly process: number;
  readonly syscall: number;
  readonly args: readonly bigint[];
}

/** What is to be done with the answer of a call that is under way. */
export type Returns = (returned: number) => void;
