/** Hazards page by page, where the state lists only the newest of them. */
import { expect, test, vi } from 'vitest';
import type { Hazard } from '../../../src/core/machine/state.ts';
import { hazardsAfter } from '../../../src/engine/find/hazards.ts';
import { Overviews } from '../../../src/engine/overview/overview.ts';
import { History } from '../../../src/engine/past/history.ts';
import { Past } from '../../../src/engine/past/past.ts';
import { engineOver, faultingMachine } from '../machine/fixtures.ts';
import { work } from '../overview/work.ts';

vi.mock('../../../src/abi/limits.ts', async original => ({
  ...(await original<object>()),
  HAZARDS_LISTED_MAX: 3,
}));

test('all of them, in order and once, whatever the page and the view', async () => {
  const engine = engineOver();
  await faultingMachine(engine);
  await work(engine, 'm', 9_500, 1);
  const all: Hazard[] = [];
  for (const { events, seqBefore } of await engine.log.read('m', { limit: 1_000_000 })) {
    for (const [index, event] of events.entries()) {
      if (event.type !== 'HazardRecorded') continue;
      const { type: _, ...fields } = event;
      all.push({ ...fields, seq: seqBefore + 1 + index });
    }
  }
  expect(all.length).toBeGreaterThan(20);
  const history = new History(engine);
  const overviews = new Overviews(engine, history);
  const past = await Past.of(engine, history, 'm');
  const { seq } = (await engine.settled('m')).state;
  for (const view of [seq, all[9]!.seq, all[9]!.seq - 1, all[2]!.seq, 0]) {
    const list = await past.look(view, ({ hazards, hazardCount }) => ({
      hazards: [...hazards],
      hazardCount,
      seq: view,
    }));
    expect(list.hazards.length).toBeLessThanOrEqual(3);
    const wanted = all.filter(hazard => hazard.seq <= view);
    for (const size of [1, 4, 1_000]) {
      const found: Hazard[] = [];
      for (;;) {
        const page = await hazardsAfter(past, overviews, list, found.length, size);
        for (const { number, hazard } of page) {
          found.push(hazard);
          expect(number).toBe(found.length);
        }
        if (page.length < size) break;
      }
      expect(found).toEqual(wanted);
    }
  }
});
