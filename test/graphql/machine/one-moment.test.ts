/** One answer is one moment of a machine, however long it takes to make. */
import { expect, test } from 'vitest';
import { ask, at, type Json, start, succeed } from '../builder/testing.ts';

const WRITERS = 4;
/** At most; all of them together are fewer than a list may have. */
const WRITES = 200;
const QUERIES = 6;
const ALIASES = 20;

/** Takes many turns of the event loop: the same list over and over. */
const LONG = `{ machine { seq
  ${Array.from({ length: ALIASES }, (_, n) => `a${n}: contexts(first: 1000) { contextId objectCount }`).join('\n')}
} }`;

test('a long query beside commands', async () => {
  const server = await start();
  const { seq: first } = at(await ask(server, '{ machine { seq } }'), 'machine') as { seq: number };
  let isRunning = true;
  const writers = Array.from({ length: WRITERS }, async () => {
    for (let n = 0; n < WRITES && isRunning; n++) await succeed(server, 'contextOpen', '');
  });
  const seen = new Set<Json>();
  for (let n = 0; n < QUERIES; n++) {
    const { seq, ...lists } = at(await ask(server, LONG), 'machine') as { [key: string]: Json };
    // An operation is one event here.
    const lengths = new Set(Object.values(lists).map(list => (list as Json[]).length));
    expect([...lengths]).toEqual([(seq as number) - first]);
    seen.add(seq!);
  }
  isRunning = false;
  await Promise.all(writers);
  expect(seen.size).toBeGreaterThan(1);
});
