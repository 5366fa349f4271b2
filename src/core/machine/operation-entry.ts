/**
 * One entry an operation: all that Faultline knows of it stands in it, in the folder of what it works
 * on, with the types of its command and its reply beside it. What is left out does not compile.
 */
import type { Answer } from './answer.ts';
import type { ArgumentsOf } from './arguments.ts';
import type { Execution } from './execution.ts';

/** The types of an operation: what is asked, and what is written back. */
export interface Operation<C, R> {
  readonly command: C;
  readonly reply: R;
}

/** How much of a kernel interface is emulated. */
export type SupportStatus = 'SUPPORTED' | 'PARTIAL' | 'ABSENT';

/** A row of the table of what is emulated (docs/KERNEL.md, the query kernelSupport). */
export interface SupportRow {
  /** The ioctl, file operation or mechanism. */
  readonly name: string;
  /** Kernel function and file it mirrors. */
  readonly source: string;
  readonly status: SupportStatus;
  /** What is missing or different; empty if nothing is known to be. */
  readonly note: string;
}

export interface OperationEntry<C, R> {
  /** What it is, with the kernel function entered. */
  readonly sentence: string;
  /** The GraphQL mutation that asks for it; null: whatIf alone does, or a program by its call. */
  readonly mutation: string | null;
  /** Its row, or whose row speaks of it too; null: no kernel has it. */
  readonly support: SupportRow | { readonly rowOf: string } | null;
  /**
   * What of the calling process decides: its memory, which is pinned or looked at, or its rights. Who
   * runs programs tells them with the command; left out: neither.
   */
  readonly asks?: readonly ('MEMORY' | 'RIGHTS')[];
  /** The kind of each argument, with `?` if it may be left out. */
  readonly arguments: ArgumentsOf<C>;
  /** Runs it step by step, in the kernel's order. */
  readonly execute: (x: Execution, command: C) => Answer<R>;
  /** The reply once hardware has done what it does of itself; left out: that changes nothing in it. */
  readonly settled?: (x: Execution, command: C, reply: R) => R;
}

/** An entry for each operation of an interface, under its command's type. */
export type OperationEntries<T> = {
  readonly [K in keyof T]: T[K] extends Operation<infer C extends { readonly type: K }, infer R>
    ? OperationEntry<C, R>
    : never;
};
