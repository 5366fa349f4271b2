/** Kernel traces through the schema: every operation as its mutation. */
import { expect, test } from 'vitest';
import {
  type ConformCounts,
  type Divergence,
  runSequence,
} from '../../src/cli/conform/conform-run.ts';
import { graphqlEntrance } from '../../src/cli/conform/entrance-graphql.ts';
import { readTraces } from './traces.ts';

/** Sequences of each file that run here; `faultline conform --through graphql` runs them all. */
const SEQUENCES = 60;

const FILES = [
  'access',
  'dirty',
  'ioas',
  'mixed',
  'queues',
  'minimal',
  'limits/access-64',
  'limits/ioas-16',
  '7.3.4/dirty2',
  '7.3.4/mixed',
  '7.3.4/minimal',
];

test.each(FILES)('%s runs without a divergence', { timeout: 600_000 }, async name => {
  const sequences = readTraces(`${name}.jsonl.gz`).slice(0, SEQUENCES);
  const entrance = graphqlEntrance();
  const counts: ConformCounts = { sequences: 0, operations: 0, divergences: 0 };
  const divergences: Divergence[] = [];
  for (const [ordinal, sequence] of sequences.entries()) {
    await runSequence(entrance, sequence, ordinal, counts, found => divergences.push(found));
  }
  expect(divergences).toEqual([]);
  expect(counts.sequences).toBe(name.endsWith('minimal') ? 11 : SEQUENCES);
  expect(counts.operations).toBe(sequences.reduce((sum, { ops }) => sum + ops.length, 0));
});
