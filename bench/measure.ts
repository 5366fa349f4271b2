/** What every benchmark shares: medians, temporary directories, and one row of the table. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One row of the table, its numbers with their units as text. */
export interface BenchRow {
  readonly what: string;
  readonly ours: string;
  readonly bare: string;
  /** Ours divided by bare, as the bar means it; null where the bar is no ratio. */
  readonly ratio: number | null;
  /** What must be reached, as text; '' for a row that only informs. */
  readonly bar: string;
  readonly met: boolean | null;
}

/** Runs `work` with a directory of its own on the disk, and removes it whatever happens. */
export async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Milliseconds `run` took. */
export async function timed(run: () => unknown): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** `part` from 0 to 1. */
export function quantile(values: readonly number[], part: number): number {
  if (values.length === 0) throw new RangeError('nothing was measured');
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!;
}

/** A rate to reach, as a part of another rate. */
export function atLeast(
  what: string,
  unit: string,
  rates: { readonly ours: number; readonly bare: number },
  bar: number | null,
): BenchRow {
  const ratio = rates.ours / rates.bare;
  return {
    what,
    ours: `${count(rates.ours)} ${unit}`,
    bare: `${count(rates.bare)} ${unit}`,
    ratio,
    bar: bar === null ? '' : `≥ ${bar}×`,
    met: bar === null ? null : ratio >= bar,
  };
}

/** Times not to exceed, as a multiple of another time. `digits` after the point. */
export function atMost(
  what: string,
  unit: string,
  times: { readonly ours: number; readonly bare: number },
  bar: number | null,
  digits = 3,
): BenchRow {
  const ratio = times.ours / times.bare;
  return {
    what,
    ours: `${times.ours.toFixed(digits)} ${unit}`,
    bare: `${times.bare.toFixed(digits)} ${unit}`,
    ratio,
    bar: bar === null ? '' : `≤ ${bar}×`,
    met: bar === null ? null : ratio <= bar,
  };
}

/** A whole number with thousands apart. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
