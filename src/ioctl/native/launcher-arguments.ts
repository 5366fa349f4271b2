/** What the launcher is told, as JSON in its first argument. Types only. */
import type { FdRange } from './filter.ts';
import type { Limit } from './limits.ts';

export interface LauncherArguments {
  /** Socket over which the listener goes, or the errno of what failed. */
  readonly socket: number;
  /** The process that answers: the launcher's parent. */
  readonly supervisor: number;
  /** File numbers on which the filter tells of reads; null: no filter, a tracer looks on. */
  readonly range: FdRange | null;
  /** Limits of the program; those that are not named are as Node has them. */
  readonly limits: readonly Limit[];
  /** Numbers of open files from 3 on that the program is to have. */
  readonly files: readonly number[];
  /** The program and its arguments. */
  readonly argv: readonly string[];
}
