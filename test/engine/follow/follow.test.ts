/** Following a log, from memory and from the log itself, and where the two meet. */
import { describe, expect, test } from 'vitest';
import { followEvents } from '../../../src/engine/follow/follow.ts';
import { engineOver, faultingMachine, ioasAlloc, runAll } from '../machine/fixtures.ts';

/** More than memory keeps of a machine, so that the older ones are read from the log. */
const OPERATIONS = 700;

async function longMachine() {
  const engine = engineOver();
  await faultingMachine(engine);
  await runAll(engine, 'm', Array<ReturnType<typeof ioasAlloc>>(OPERATIONS).fill(ioasAlloc(1)));
  const { state, tail } = await engine.settled('m');
  // Both ways to read are met.
  expect(tail[0]!.number).toBeGreaterThan(1);
  expect(tail.length).toBeGreaterThan(100);
  return { engine, newest: state.seq };
}

describe('a follower', () => {
  test('sees every event once and in order, wherever it begins', async () => {
    const { engine, newest } = await longMachine();
    for (let after = 0; after < newest; after++) {
      const events = await followEvents(engine, 'm', after);
      const few = Math.min(3, newest - after);
      for (let n = 1; n <= few; n++) {
        const { value } = await events.next();
        expect(value?.seq, `after ${after}`).toBe(after + n);
      }
      await events.return(undefined);
    }
  });

  test('from the beginning to what comes while it reads', async () => {
    const { engine, newest } = await longMachine();
    const events = await followEvents(engine, 'm', 0);
    const more = 50;
    const seen: number[] = [];
    while (seen.length < newest + more) {
      if (seen.length < more) await engine.execute('m', ioasAlloc(1));
      const { value } = await events.next();
      seen.push(value!.seq);
    }
    expect(seen).toEqual(Array.from({ length: newest + more }, (_, index) => index + 1));
  });

  test('that waits is woken by what comes between its look and its wait', async () => {
    const engine = engineOver();
    await faultingMachine(engine);
    const { seq } = (await engine.settled('m')).state;
    const events = await followEvents(engine, 'm', seq);
    for (let n = 1; n <= 200; n++) {
      // The commit falls at another microtask of the follower each time.
      const next = events.next();
      for (let turn = 0; turn < n % 20; turn++) await null;
      await engine.execute('m', ioasAlloc(1));
      expect((await next).value?.seq).toBe(seq + n);
    }
  });
});
