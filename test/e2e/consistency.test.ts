/** What a query shows is one moment, whatever runs at the same time. */
import { expect, test } from 'vitest';
import { ask, at, type Json, mutate, start } from '../graphql/builder/testing.ts';

test('a view and its past agree while the machine changes', async () => {
  const server = await start();
  const shown =
    'seq contexts(first: 1000) { contextId } events(last: 1) { edges { node { seq } } }';
  let running = true;
  const writers = Array.from({ length: 6 }, async () => {
    for (let i = 0; i < 40; i++) await mutate(server, 'contextOpen', '');
  });
  const compare = async () => {
    let compared = 0;
    while (running) {
      const now = at(await ask(server, `{ machine { ${shown} } }`), 'machine');
      const seq = at(now, 'seq') as number;
      expect((at(now, 'contexts') as Json[]).length).toBe(seq - 10);
      expect(at(now, 'events', 'edges', 0, 'node', 'seq')).toBe(seq);
      const then = at(await ask(server, `{ machine(at: ${seq}) { ${shown} } }`), 'machine');
      expect(then).toEqual(now);
      compared++;
    }
    return compared;
  };
  const readers = [compare(), compare()];
  await Promise.all(writers);
  running = false;
  for (const compared of await Promise.all(readers)) expect(compared).toBeGreaterThan(5);
});
