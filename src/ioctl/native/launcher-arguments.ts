/** What the launcher is told, as JSON in its first argument. Types only. */
import type { FdRange } from './filter.ts';

export interface LauncherArguments {
  /** Socket over which the listener goes, or the errno of what failed. */
  readonly socket: number;
  /** The process that answers: the launcher's parent. */
  readonly supervisor: number;
  /** File numbers on which the filter tells of reads; null: no filter, a tracer looks on. */
  readonly range: FdRange | null;
  /** RLIMIT_NOFILE of the program; null: as Node has it. */
  readonly openFiles: { readonly soft: number; readonly hard: number } | null;
  /** The program and its arguments. */
  readonly argv: readonly string[];
}
