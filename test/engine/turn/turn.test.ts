/** Who has much to do lets the event loop turn, and gets no more of it than others. */
import { describe, expect, test } from 'vitest';
import { Pace } from '../../../src/engine/turn/pace.ts';
import {
  askedTurn,
  NobodyAsksError,
  nextTurn,
  Share,
  TURN_MS,
  turn,
} from '../../../src/engine/turn/turn.ts';

function work(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

/** Counts turns of the event loop until `done`. */
async function turnsUntil(done: Promise<unknown>): Promise<number> {
  let turns = 0;
  let counting = true;
  const count = () => {
    turns++;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  await done;
  counting = false;
  return turns;
}

/** Works in pieces of `ms` milliseconds, noting who had which. */
async function pieces(count: number, ms: number, note: () => void): Promise<void> {
  for (let i = 0; i < count; i++) {
    const wait = turn();
    if (wait !== null) await wait;
    work(ms);
    note();
  }
}

describe('a share', () => {
  test('goes on while its time lasts', async () => {
    await new Promise(setImmediate);
    expect(new Share().run(turn)).toBeNull();
  });

  test('lets the loop turn when its time is over', async () => {
    const share = new Share();
    const many = share.run(() => pieces(20, TURN_MS, () => {}));
    expect(await turnsUntil(many)).toBeGreaterThanOrEqual(19);
  });

  test('pays for a piece that took too long with turns of the loop', async () => {
    const share = new Share();
    const two = share.run(() => pieces(2, 5 * TURN_MS, () => {}));
    expect(await turnsUntil(two)).toBeGreaterThan(10);
  });

  test('gets as much as another, however much of it waits', async () => {
    const order: string[] = [];
    const one = (name: string, tasks: number, count: number) => {
      const share = new Share();
      const all = Array.from({ length: tasks }, () =>
        share.run(() => pieces(count, TURN_MS, () => order.push(name))),
      );
      return Promise.all(all);
    };
    await Promise.all([one('many', 50, 2), one('one', 1, 8)]);
    // The eighth piece of the one came after about as many of the hundred.
    expect(order.filter(name => name === 'one').length).toBe(8);
    expect(order.lastIndexOf('one')).toBeLessThan(40);
    expect(order.length).toBe(108);
  });

  test('everybody in it has a turn, in the order of asking', async () => {
    const order: number[] = [];
    const share = new Share();
    await share.run(() =>
      Promise.all(
        Array.from({ length: 500 }, async (_, index) => {
          await nextTurn();
          order.push(index);
        }),
      ),
    );
    expect(order).toEqual(Array.from({ length: 500 }, (_, index) => index));
  });

  test('that nobody asks for ends what only reads, and nothing else', async () => {
    const share = new Share();
    share.end();
    expect(() => share.run(askedTurn)).toThrow(NobodyAsksError);
    await share.run(async () => turn());
    await expect(share.run(() => new Pace('asked').read(1, async () => [1]))).rejects.toThrow(
      NobodyAsksError,
    );
  });
});

describe('a pace', () => {
  test('reads more at a time as long as that is quick, and never more than wanted', async () => {
    const pace = new Pace();
    const sizes: number[] = [];
    for (let i = 0; i < 12; i++) {
      const { isLast } = await pace.read(300, async limit => {
        sizes.push(limit);
        return Array.from({ length: limit }, () => 0);
      });
      expect(isLast).toBe(false);
    }
    expect(sizes[0]).toBe(16);
    expect(Math.max(...sizes)).toBe(300);
  });

  test('reads less at a time when that is slow, and at least one', async () => {
    const pace = new Pace();
    const sizes: number[] = [];
    for (let i = 0; i < 8; i++) {
      await pace.read(300, async limit => {
        sizes.push(limit);
        work(TURN_MS);
        return Array.from({ length: limit }, () => 0);
      });
    }
    expect(sizes).toEqual([16, 8, 4, 2, 1, 1, 1, 1]);
  });

  test('says when there is no more', async () => {
    expect(await new Pace().read(10, async () => [1])).toEqual({ rows: [1], isLast: true });
  });
});
