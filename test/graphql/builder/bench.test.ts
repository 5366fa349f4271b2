/** What the benchmarks ask of Faultline is still in the schema; they run by hand only. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../../src/graphql/schema.ts';

const FILES = ['fault', 'mutation', 'subscribers'];

test.each(FILES)('bench/%s.ts', file => {
  const text = readFileSync(
    join(import.meta.dirname, '../../../bench/server', `${file}.ts`),
    'utf8',
  );
  // The bare server's documents stand in the same files and have one-word fields: no input, no machine.
  const documents = [...text.matchAll(/[`']((?:mutation|subscription|query)\b[^`']*)[`']/g)]
    .map(([, document]) => document!)
    .filter(document => !document.includes('${'))
    .filter(document => /\binput: |machineId|after:|iopfGroups/.test(document));
  expect(documents.length).toBeGreaterThan(0);
  for (const document of documents) {
    expect(validate(schema, parse(document)).map(({ message }) => message)).toEqual([]);
  }
});
