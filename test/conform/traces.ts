/** The kernel traces of test/traces (their format: test/traces/README.md). */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { TraceSequence } from '../../src/cli/conform/trace-format.ts';

export const TRACE_FILES = [
  'fault.jsonl.gz',
  'shared.jsonl.gz',
  'ioas.jsonl.gz',
  'dirty.jsonl.gz',
  'access.jsonl.gz',
  'mixed.jsonl.gz',
  'hazards.jsonl',
] as const;
export type TraceFile = (typeof TRACE_FILES)[number];

export function readTraces(file: TraceFile): TraceSequence[] {
  const bytes = readFileSync(new URL(`../traces/${file}`, import.meta.url));
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as TraceSequence);
}
