/** The kernel traces of test/traces (their format: test/traces/README.md). */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Fields, TraceSequence } from '../../src/cli/conform/trace-format.ts';
import { headerOf } from '../../src/cli/conform/trace-setting.ts';

/** The first recordings of 6.12.117. */
export const FIRST_TRACES = [
  'fault.jsonl.gz',
  'shared.jsonl.gz',
  'ioas.jsonl.gz',
  'dirty.jsonl.gz',
  'access.jsonl.gz',
  'mixed.jsonl.gz',
  'hazards.jsonl',
] as const;

/** All of 6.12.117 that ran as root. */
export const REFERENCE_TRACES = [
  ...FIRST_TRACES,
  'edge.jsonl.gz',
  'chain.jsonl.gz',
  'dirty2.jsonl.gz',
  'huge.jsonl.gz',
  'queues.jsonl.gz',
  'collide.jsonl.gz',
  'minimal.jsonl.gz',
] as const;

/** Everything there is, with the number of its sequences. */
export const TRACES: Readonly<Record<string, number>> = {
  ...Object.fromEntries(FIRST_TRACES.map(file => [file, file === 'hazards.jsonl' ? 9 : 500])),
  ...Object.fromEntries(
    REFERENCE_TRACES.slice(FIRST_TRACES.length).map(file => [
      file,
      file === 'minimal.jsonl.gz' ? 11 : 200,
    ]),
  ),
  'limits/access-64.jsonl.gz': 200,
  'limits/ioas-16.jsonl.gz': 200,
  '7.3.4/fault.jsonl.gz': 300,
  '7.3.4/shared.jsonl.gz': 300,
  '7.3.4/ioas.jsonl.gz': 300,
  '7.3.4/dirty.jsonl.gz': 300,
  '7.3.4/access.jsonl.gz': 300,
  '7.3.4/mixed.jsonl.gz': 300,
  '7.3.4/edge.jsonl.gz': 120,
  '7.3.4/chain.jsonl.gz': 120,
  '7.3.4/dirty2.jsonl.gz': 120,
  '7.3.4/huge.jsonl.gz': 120,
  '7.3.4/queues.jsonl.gz': 120,
  '7.3.4/collide.jsonl.gz': 120,
  '7.3.4/minimal.jsonl.gz': 11,
  '7.3.4/pasid.jsonl.gz': 500,
};

/** The sequences of a file; each says what the line before them says of all. */
export function readTraces(file: string): TraceSequence[] {
  const bytes = readFileSync(new URL(`../traces/${file}`, import.meta.url));
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  let header: Fields = {};
  const sequences: TraceSequence[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const parsed = JSON.parse(line) as Fields;
    const said = headerOf(parsed);
    if (said !== null) header = said;
    else sequences.push({ ...header, ...parsed } as unknown as TraceSequence);
  }
  return sequences;
}
