/** The kernel traces' format (test/traces/README.md). */

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

export type Fields = Readonly<Record<string, Json>>;

export interface TraceOperation {
  readonly op: string;
  readonly in: Fields;
  readonly errno: string;
  /** null: undefined, because the kernel touched freed memory. */
  readonly out: Fields | null;
  readonly hw?: readonly Fields[];
}

export interface TraceSequence {
  readonly profile?: string;
  readonly name?: string;
  readonly index?: number;
  /** The kernel it was recorded on, such as "7.3.4"; left out: 6.12.117. */
  readonly kernel?: string;
  /** The process it ran as, where it was not root's (contextOpen). */
  readonly process?: Fields;
  readonly ops: readonly TraceOperation[];
}

/** What a trace refers to by number: fault queues in order of creation, mock devices by number. */
export interface TraceNames {
  readonly contextId: number;
  /** Fault ids in order of successful creation; CLOSED once the file is closed. */
  readonly faultIds: number[];
  /** Access ids in order of successful creation; CLOSED once the file is closed. */
  readonly accessIds: number[];
  /** Numbers of mock devices by deviceNo, which is never reused. */
  readonly mockDevs: Map<number, number>;
}

/** Stands for a fault queue whose file is closed or was never made: object id 0 exists nowhere. */
export const CLOSED = 0;

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A trace that is not in the format. */
export class TraceFormatError extends Error {}
