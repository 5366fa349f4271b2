/** A recorded past sent again: refusals, order, pace, steps, leaving. */
import { describe, expect, test } from 'vitest';
import { REPLAY_GROUPS_MAX, REPLAYS_MAX } from '../../../src/abi/limits.ts';
import type { Operation } from '../../../src/core/machine/operation.ts';
import { canonicalText } from '../../../src/core/machine/snapshot.ts';
import { eventsOf, type Follower } from '../../../src/engine/follow/follow.ts';
import { History } from '../../../src/engine/past/history.ts';
import type { ReplayItem } from '../../../src/engine/replay/replay.ts';
import { SYSTEM_CLOCK } from '../../../src/engine/replay/replay-pace.ts';
import { readRecord } from '../../../src/engine/replay/replay-record.ts';
import { faultingMachine, faultWrite, pageRequest, QUEUE } from '../machine/fixtures.ts';
import {
  ATTACH,
  DETACH,
  fourFates,
  next,
  options,
  type Past,
  past,
  read,
  settle,
  until,
} from './replay-fixtures.ts';

const finished = ({ kind }: ReplayItem) => kind === 'FINISHED';

describe('what cannot be replayed', () => {
  test.each([
    [{ machineId: 'none' }, 'there is no machine "none"'],
    [{ from: -1 }, /^"from" must be from 0 to \d+, the newest seq of machine "m", not -1$/],
    [{ from: 1_000 }, /^"from" must be from 0 to \d+, the newest seq of machine "m", not 1000$/],
    [{ to: 1_000 }, /^"to" must be from 0 to \d+, the newest seq of machine "m", not 1000$/],
    [{ to: -1 }, /^"to" must be from 0 to \d+, the newest seq of machine "m", not -1$/],
    [{ from: 4, to: 3 }, '"from" must be from 0 to 3, where "to" lets the replay end, not 4'],
  ])('%j', async (wrong, said) => {
    const { replays, engine } = await past();
    // More often than there may be replays: a refused one is none.
    for (let i = 0; i <= REPLAYS_MAX; i++) {
      await expect(replays.start(options(wrong))).rejects.toThrow(said);
    }
    expect((await engine.settled('m')).waiters.size).toBe(0);
  });

  test('more groups than a replay may have', async () => {
    const events = Array.from({ length: REPLAY_GROUPS_MAX + 1 }, (_, i) => ({
      type: 'IopfGroupRead' as const,
      ...QUEUE,
      iopfGroupId: i + 1,
      cookie: i + 1,
      reader: 'READ' as const,
    }));
    const seq = 10 + events.length;
    const operation = { events, seqBefore: 10, seq, atMs: 0 } as unknown as Operation;
    const follower = () => ({ take: async () => [operation] }) as unknown as Follower;
    expect((await readRecord(follower(), 10, seq - 1)).groups.size).toBe(REPLAY_GROUPS_MAX);
    await expect(readRecord(follower(), 10, seq)).rejects.toThrow(
      `at most 100000 iopf groups that were read, and event ${seq} reads one more;` +
        ` "to" must be below ${seq}, or "from" later`,
    );
  });

  test('one replay more than there may be, until one ends', async () => {
    const { replays } = await past();
    const begun = Array.from({ length: REPLAYS_MAX }, () => replays.start(options()));
    await expect(replays.start(options())).rejects.toThrow(
      `this server runs at most ${REPLAYS_MAX} replays at a time`,
    );
    const [first, ...others] = await Promise.all(begun);
    await first!.return(undefined);
    const again = await replays.start(options());
    for (const items of [again, ...others]) await items.return(undefined);
  });
});

describe('an id', () => {
  test('of no replay is an error', async () => {
    const { replays } = await past();
    expect(() => replays.replay('0')).toThrow(/^no replay with this "replayId" is under way/);
  });

  test('is one until the summary is made', async () => {
    const { replays } = await past();
    const items = await replays.start(options());
    const { replayId } = await next(items);
    expect(replays.replay(replayId).replayId).toBe(replayId);
    await until(items, finished);
    expect(() => replays.replay(replayId)).toThrow('no replay with this "replayId"');
    expect((await items.next()).done).toBe(true);
  });

  test('differs from one replay to the next', async () => {
    const { replays } = await past();
    const [one, two] = await Promise.all([replays.start(options()), replays.start(options())]);
    expect((await next(one)).replayId).not.toBe((await next(two)).replayId);
  });
});

describe('the items', () => {
  test('are every event of the range, once and in order', async () => {
    const world = await past();
    await fourFates(world);
    const { engine, replays, from } = world;
    const all = (await engine.log.read('m', { limit: 1_000 })).flatMap(eventsOf);
    for (const [first, last] of [
      [0, all.length],
      [from, all.length],
      // Both ends within an operation.
      [from + 1, from + 8],
      [from, from],
    ] as const) {
      const items = await until(await replays.start(options({ from: first, to: last })), finished);
      const sent = items.flatMap(({ logged }) => logged ?? []);
      expect(sent).toEqual(all.slice(first, last));
      expect(items.at(0)).toMatchObject({ kind: 'STARTED', seq: first });
      expect(items.at(-1)).toMatchObject({ kind: 'FINISHED', seq: last });
    }
  });

  test('come in pages also from a long log', async () => {
    const { engine, replays, at } = await past();
    for (let i = 0; i < 300; i++) {
      await at(i, pageRequest(1));
      await at(i, read());
      await at(i, faultWrite(1));
    }
    const items = await until(await replays.start(options()), finished);
    const seqs = items.flatMap(({ logged }) => logged?.seq ?? []);
    const { seq } = (await engine.log.head('m'))!;
    expect(seqs).toEqual(Array.from({ length: seq }, (_, i) => i + 1));
  });

  test('have groups as their reader got them, and their recorded fates', async () => {
    const world = await past();
    await fourFates(world);
    const { from } = world;
    const items = await until(await world.replays.start(options({ from })), finished);
    const told = items.filter(({ iopfGroup }) => iopfGroup !== null);
    expect(
      told.map(({ kind, code, iopfGroup, offsetMs }) => [
        kind,
        iopfGroup!.iopfGroupId,
        iopfGroup!.cookie,
        code,
        offsetMs,
      ]),
    ).toEqual([
      ['DELIVERED', 1, 1, null, 10],
      ['ANSWERED', 1, 1, 0, 50],
      ['DELIVERED', 2, 1, null, 1_010],
      ['ANSWERED', 2, 1, 1, 1_015],
      ['DELIVERED', 3, 1, null, 2_010],
      ['TAKEN_AWAY', 3, 1, 1, 2_020],
      ['DELIVERED', 4, 1, null, 3_010],
    ]);
    expect(told[0]!.iopfGroup).toMatchObject({
      reader: 'HANDLER',
      readSeq: told[0]!.seq,
      requests: [{ grpid: 1, addr: 0x1000n }],
    });
    const { operations, durationMs, groups, answered, automatic } = items[0]!.record;
    expect({ operations, durationMs, groups: groups.size, answered, automatic }).toEqual({
      operations: 12,
      durationMs: 3_010,
      groups: 4,
      answered: 2,
      automatic: 1,
    });
  });

  test('have the machine as it was', async () => {
    const world = await past();
    await fourFates(world);
    const history = new History(world.engine);
    const items = await world.replays.start(options({ from: world.from }));
    for (let item = await next(items); !finished(item); item = await next(items)) {
      const then = await history.stateAt('m', item.seq);
      expect(canonicalText(item.state), `seq ${item.seq}`).toBe(canonicalText(then));
    }
  });

  test('deliver a group queued before the range, and not one read before it', async () => {
    const { replays, at } = await past();
    await at(10, pageRequest(1));
    const readSeq = await at(20, read());
    const from = await at(30, pageRequest(2));
    await at(40, read());
    await at(50, faultWrite(1));
    const items = await until(await replays.start(options({ from })), finished);
    expect(items.map(({ kind, iopfGroup }) => [kind, iopfGroup?.iopfGroupId])).toEqual([
      ['STARTED', undefined],
      ['DELIVERED', 2],
      ['ANSWERED', 1],
      ['EVENT', undefined],
      ['FINISHED', undefined],
    ]);
    expect(items[0]!.record).toMatchObject({ groups: new Map([[2, null]]), answered: 0 });
    expect(items[1]!.iopfGroup).toMatchObject({ cookie: 2, requests: [{ grpid: 2 }] });
    expect(items[2]!.iopfGroup).toMatchObject({ cookie: 1, readSeq });
  });

  test('change no machine, whatever is answered', async () => {
    const world = await past();
    await fourFates(world);
    const { engine, replays } = world;
    const before = await engine.log.head('m');
    const text = canonicalText((await engine.settled('m')).state);
    const items = await replays.start(options());
    for (let item = await next(items); !finished(item); item = await next(items)) {
      replays.replay(item.replayId).answer(QUEUE, [{ cookie: 1, code: 1 }]);
    }
    expect(await engine.log.head('m')).toEqual(before);
    expect(canonicalText((await engine.settled('m')).state)).toBe(text);
  });
});

describe('the pace', () => {
  /** What a replay waits, in milliseconds, each time it does. */
  async function waits(world: Past, wanted: Parameters<typeof options>[0]): Promise<number[]> {
    const items = await world.replays.start(options({ from: world.from, ...wanted }));
    const waited: number[] = [];
    for (;;) {
      const item = next(items);
      await settle();
      if (world.clock.timers.length > 0) waited.push(world.clock.jump());
      if (finished(await item)) return waited;
    }
  }

  test.each([
    [{ speed: 1 }, [10, 40, 950, 10, 5, 985, 10, 10, 10, 970, 10]],
    [{ speed: 10 }, [1, 4, 95, 1, 0.5, 98.5, 1, 1, 1, 97, 1]],
    [{ speed: 0.5 }, [20, 80, 1_900, 20, 10, 1_970, 20, 20, 20, 1_940, 20]],
    [{ speed: 1, maxWaitMs: 30 }, [10, 30, 30, 10, 5, 30, 10, 10, 10, 30, 10]],
    [{ speed: 1, maxWaitMs: 0 }, []],
    [{ speed: 0 }, []],
  ])('of %j', async (pace, expected) => {
    const world = await past();
    await fourFates(world);
    const waited = await waits(world, pace);
    expect(waited.map(ms => Math.round(ms * 10) / 10)).toEqual(expected);
  });

  test('does not wait where the clock that recorded was set back', async () => {
    const world = await past();
    await world.at(1_000, pageRequest(1));
    await world.at(400, pageRequest(2));
    await world.at(420, pageRequest(3));
    expect(await waits(world, { speed: 1 })).toEqual([20]);
  });

  test('of a subscriber that was slow gives it at once what it missed', async () => {
    const world = await past();
    for (const ms of [400, 500, 600, 700]) await world.at(ms, pageRequest(ms / 100));
    const { clock, replays, from } = world;
    const items = await replays.start(options({ from, speed: 1 }));
    await until(items, ({ logged }) => logged?.seq === from + 2);
    clock.ms = 250;
    const missed = await until(items, ({ logged }) => logged?.seq === from + 6);
    expect(missed.map(({ offsetMs }) => offsetMs)).toEqual([100, 100, 200, 200]);
    const pending = next(items);
    await settle();
    expect(clock.jump()).toBe(50);
    expect((await pending).offsetMs).toBe(300);
  });

  test('waits for the rest when a timer ends early, as one of many days does', async () => {
    const world = await past();
    await world.at(0, pageRequest(1));
    await world.at(1_000, pageRequest(2));
    const { clock, replays, from } = world;
    const items = await replays.start(options({ from, speed: 1 }));
    await until(items, ({ logged }) => logged?.seq === from + 2);
    const pending = next(items);
    await settle();
    clock.ms = 400;
    clock.timers[0]!.done();
    await settle();
    expect(clock.jump()).toBe(600);
    expect((await pending).offsetMs).toBe(1_000);
  });

  test('has a clock on which many days do not pass at once', async () => {
    let rang = false;
    const cancel = SYSTEM_CLOCK.after(2 ** 40, () => {
      rang = true;
    });
    await new Promise(resolve => setTimeout(resolve, 10));
    cancel();
    expect(rang).toBe(false);
  });

  test('ends when its subscriber leaves, with its timer', async () => {
    const world = await past();
    await fourFates(world);
    const { clock, replays, engine, from } = world;
    const items = await replays.start(options({ from, speed: 1 }));
    const { replayId } = await next(items);
    const pending = until(items, ({ kind }) => kind === 'DELIVERED').catch(() => 'ended');
    await settle();
    expect(clock.timers.length).toBe(1);
    const machine = await engine.settled('m');
    expect(machine.waiters.size).toBe(1);
    await items.return(undefined);
    expect(await pending).toBe('ended');
    expect(clock.timers).toEqual([]);
    expect(machine.waiters.size).toBe(0);
    expect(() => replays.replay(replayId)).toThrow('no replay with this "replayId"');
  });

  test('is not hurried by what happens to the machine meanwhile', async () => {
    const world = await past();
    await fourFates(world);
    const { clock, replays, from, at } = world;
    const items = await replays.start(options({ from, speed: 1 }));
    const pending = until(items, ({ kind }) => kind === 'DELIVERED');
    await settle();
    await at(9_000, DETACH);
    await settle();
    expect(clock.jump()).toBe(10);
    expect((await pending).at(-1)!.offsetMs).toBe(10);
  });
});

describe('a machine deleted meanwhile', () => {
  test.each([{ speed: 1 }, { stepwise: true }])('ends %j quietly', async pace => {
    const world = await past();
    await fourFates(world);
    const { engine, clock, replays, from } = world;
    const items = await replays.start(options({ from, ...pace }));
    const { replayId } = await next(items);
    const pending = until(items, () => false).catch((error: Error) => error.message);
    await settle();
    await engine.delete('m');
    await faultingMachine(engine);
    expect(await pending).toBe('it has ended');
    expect(clock.timers).toEqual([]);
    expect(() => replays.replay(replayId)).toThrow('no replay with this "replayId"');
  });
});

describe('step by step', () => {
  test('only a stepwise replay can be stepped', async () => {
    const { replays } = await past();
    const { replayId } = await next(await replays.start(options({ speed: 1 })));
    expect(() => replays.replay(replayId).step({ events: 1 })).toThrow(
      'this replay goes by itself; subscribe with "stepwise: true" to step',
    );
  });

  test('nothing comes but what is let through', async () => {
    const world = await past();
    const { at, from } = world;
    const queued = await at(10, pageRequest(1));
    const readSeq = await at(20, read());
    const answered = await at(30, faultWrite(1));
    const detached = await at(40, DETACH);
    const attached = await at(50, ATTACH);
    expect([queued - from, answered - readSeq, detached - answered > 2]).toEqual([2, 2, true]);
    const items = await world.replays.start(options({ from, stepwise: true, speed: 1 }));
    const replay = world.replays.replay((await next(items)).replayId);
    let seq = from;
    let item = next(items);
    item.catch(() => {});
    const letThrough = async () => {
      for (;;) {
        await settle();
        const found = await Promise.race([item, null]);
        if (found === null) return seq;
        seq = found.seq;
        if (finished(found)) return 'FINISHED';
        item = next(items);
      }
    };
    expect(await letThrough()).toBe(from);
    expect(replay.step({ events: 1 })).toBe(from);
    expect(await letThrough()).toBe(from + 1);
    // What is left of the operation counts as one.
    expect(replay.step({ operations: 1 })).toBe(from + 1);
    expect(await letThrough()).toBe(queued);
    replay.step({ operations: 2 });
    expect(await letThrough()).toBe(answered);
    replay.step({ events: 1 });
    replay.step({ events: 1 });
    expect(await letThrough()).toBe(answered + 2);
    replay.step({ operations: 100 });
    expect(await letThrough()).toBe('FINISHED');
    expect(seq).toBe(attached);
    expect(world.clock.timers).toEqual([]);
  });
});
