/** Every recording of a kernel through both entrances, as a user runs them. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { readTraces, TRACES } from '../conform/traces.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FILES = Object.keys(TRACES);

test.each(['engine', 'graphql'])('no recording differs through %s', async through => {
  const sequences = FILES.flatMap(readTraces);
  const operations = sequences.reduce((sum, { ops }) => sum + ops.length, 0);
  const paths = FILES.map(file => join(ROOT, 'test', 'traces', file));
  const argv = [join(ROOT, 'src', 'cli', 'main.ts'), 'conform', '--through', through, ...paths];
  const { stdout } = await promisify(execFile)(process.execPath, argv);
  expect(stdout).toBe(`${sequences.length} sequences, ${operations} operations, 0 divergences\n`);
});
