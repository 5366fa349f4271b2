/** What a query shows is one moment, whatever runs at the same time. */
import { expect, test } from 'vitest';
import { ContextOpenDocument, MomentDocument } from '../../src/operations/operations.ts';
import { start } from '../graphql/builder/testing.ts';
import { ask, mutate } from './asking.ts';

test('a view and its past agree while the machine changes', async () => {
  const server = await start();
  let running = true;
  const writers = Array.from({ length: 6 }, async () => {
    for (let i = 0; i < 40; i++) await mutate(server, ContextOpenDocument, {});
  });
  const compare = async () => {
    let compared = 0;
    while (running) {
      const { machine: now } = await ask(server, MomentDocument);
      const { seq } = now;
      expect(now.contexts.length).toBe(seq - 10);
      expect(now.events.edges[0]!.node.seq).toBe(seq);
      const { machine: then } = await ask(server, MomentDocument, { at: seq });
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
