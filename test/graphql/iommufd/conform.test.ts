/** Kernel traces through the schema: every operation as its mutation. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import {
  type ConformCounts,
  type Divergence,
  runSequence,
} from '../../../src/cli/conform/conform-run.ts';
import { graphqlEntrance } from '../../../src/cli/conform/entrance-graphql.ts';
import type { TraceSequence } from '../../../src/cli/conform/trace-format.ts';

/** Sequences of each file that run here; `faultline conform --through graphql` runs them all. */
const SEQUENCES = 60;

test.each(['access', 'dirty', 'ioas', 'mixed'])('%s runs without a divergence', async name => {
  const bytes = readFileSync(new URL(`../../traces/${name}.jsonl.gz`, import.meta.url));
  const lines = gunzipSync(bytes).toString('utf8').split('\n').slice(0, SEQUENCES);
  const entrance = graphqlEntrance();
  const counts: ConformCounts = { sequences: 0, operations: 0, divergences: 0 };
  const divergences: Divergence[] = [];
  for (const [ordinal, line] of lines.entries()) {
    const sequence = JSON.parse(line) as TraceSequence;
    await runSequence(entrance, sequence, ordinal, counts, found => divergences.push(found));
  }
  expect(divergences).toEqual([]);
  expect(counts.sequences).toBe(SEQUENCES);
  expect(counts.operations).toBeGreaterThan(1_000);
});
