/** A handler's answers to a replayed past, beside the recorded ones. */
import { describe, expect, test } from 'vitest';
import { REPLAY_DIFFERENCES_MAX } from '../../../src/abi/limits.ts';
import { DEFAULT_POLICIES } from '../../../src/abi/policies.ts';
import type { Command } from '../../../src/core/machine/command.ts';
import { initialState } from '../../../src/core/machine/state.ts';
import { ReplayAnswers, type ReplayComparison } from '../../../src/engine/replay/replay-answers.ts';
import { PCI, pageRequest, QUEUE } from '../machine/fixtures.ts';
import {
  fourFates,
  type Items,
  next,
  options,
  past,
  read,
  settle,
  until,
} from './replay-fixtures.ts';

/** The virtual function of PCI. */
const VIRTFN = '0000:01:00.1';

/** A replay of the four fates that has begun. */
async function begun(rest: Parameters<typeof options>[0] = {}) {
  const world = await past();
  await fourFates(world);
  const items = await world.replays.start(options({ from: world.from, ...rest }));
  const replay = world.replays.replay((await next(items)).replayId);
  return { world, items, replay };
}

const group = (id: number, kind: string) => (items: Items) =>
  until(items, item => item.kind === kind && item.iopfGroup?.iopfGroupId === id);

const short = ({ verdict, iopfGroupId }: ReplayComparison) => [verdict, iopfGroupId];

describe('an answer', () => {
  /** Where the replay is, what is answered, and how that compares. */
  test.each([
    ['before any read', null, { cookie: 1, code: 0 }, 'UNKNOWN_COOKIE', null],
    [
      'to a cookie never given',
      group(1, 'DELIVERED'),
      { cookie: 2, code: 0 },
      'UNKNOWN_COOKIE',
      null,
    ],
    ['after the automatic one', group(3, 'TAKEN_AWAY'), { cookie: 1, code: 1 }, 'TOO_LATE', 3],
    [
      'before the automatic one',
      group(3, 'DELIVERED'),
      { cookie: 1, code: 1 },
      'RECORDED_AUTOMATIC',
      3,
    ],
    [
      'where nobody answered',
      group(4, 'DELIVERED'),
      { cookie: 1, code: 0 },
      'RECORDED_UNANSWERED',
      4,
    ],
    ['of another code', group(1, 'DELIVERED'), { cookie: 1, code: 1 }, 'OTHER_CODE', 1],
    ['of another code, late', group(2, 'ANSWERED'), { cookie: 1, code: 0 }, 'OTHER_CODE', 2],
    [
      'of a code the kernel refuses, and an unknown cookie',
      group(1, 'DELIVERED'),
      { cookie: 2, code: 7 },
      'REFUSED_CODE',
      null,
    ],
    ['of the same code', group(1, 'DELIVERED'), { cookie: 1, code: 0 }, 'SAME_CODE', 1],
    ['of the same code, late', group(2, 'ANSWERED'), { cookie: 1, code: 1 }, 'SAME_CODE', 2],
  ] as const)('%s', async (_, place, response, verdict, iopfGroupId) => {
    const { items, replay } = await begun();
    await place?.(items);
    expect(replay.answer(QUEUE, [response]).map(short)).toEqual([[verdict, iopfGroupId]]);
    // Once only: what was answered is answered, what was refused is refused again.
    const refused = verdict === 'TOO_LATE' || verdict === 'REFUSED_CODE';
    const again = refused ? [verdict, iopfGroupId] : ['UNKNOWN_COOKIE', null];
    expect(replay.answer(QUEUE, [response]).map(short)).toEqual([again]);
  });

  /** A kernel and its policy, who sent the request, the code, and how often it can be given. */
  test.each([
    ['V6_PATCH', 'AS_BASELINE', PCI, 7, 'RECORDED_UNANSWERED'],
    ['LINUX_6_11', 'AS_BASELINE', PCI, 7, 'REFUSED_CODE'],
    ['LINUX_6_12_117', 'AS_BASELINE', PCI, 2, 'REFUSED_CODE'],
    ['LINUX_7_3_4', 'AS_BASELINE', PCI, 2, 'REFUSED_CODE'],
    ['LINUX_6_12_117', 'EMULATED_PRI', PCI, 2, 'REFUSED_CODE'],
    ['LINUX_6_12_117', 'EMULATED_PRI', VIRTFN, 2, 'RECORDED_UNANSWERED'],
    ['LINUX_6_12_117', 'EMULATED_PRI', VIRTFN, 3, 'REFUSED_CODE'],
  ] as const)('on %s with %s from %s of code %i: %s', async (...row) => {
    const [baseline, virtualFunctions, bdf, code, verdict] = row;
    const { replays, at, from } = await past();
    const policies = { ...DEFAULT_POLICIES, virtualFunctions };
    await at(1, { type: 'KernelReplace', baseline, policies });
    if (bdf === VIRTFN) {
      await at(2, { type: 'DeviceBind', contextId: 1, bdf });
      await at(3, { type: 'DeviceAttach', contextId: 1, devId: 6, ptId: 5 });
    }
    await at(10, { ...pageRequest(1), bdf } as Command);
    await at(10, { ...pageRequest(2), bdf } as Command);
    await at(20, read(2));
    const items = await replays.start(options({ from }));
    const replay = replays.replay((await next(items)).replayId);
    await group(2, 'DELIVERED')(items);
    const responses = [1, 2].map(cookie => ({ cookie, code }));
    const refused = verdict === 'REFUSED_CODE';
    expect(replay.answer(QUEUE, responses).map(short)).toEqual(
      refused
        ? [[verdict, 1]]
        : [
            [verdict, 1],
            [verdict, 2],
          ],
    );
    // A cookie that was given with a refused code is still valid.
    expect(replay.answer(QUEUE, [{ cookie: 1, code: 1 }]).map(short)).toEqual([
      refused ? ['RECORDED_UNANSWERED', 1] : ['UNKNOWN_COOKIE', null],
    ]);
  });

  test('to another fault queue is unknown', async () => {
    const { items, replay } = await begun();
    await group(1, 'DELIVERED')(items);
    for (const queue of [
      { contextId: 1, faultId: 5 },
      { contextId: 2, faultId: 4 },
    ]) {
      expect(replay.answer(queue, [{ cookie: 1, code: 0 }]).map(short)).toEqual([
        ['UNKNOWN_COOKIE', null],
      ]);
    }
    expect(replay.answer(QUEUE, [{ cookie: 1, code: 0 }]).map(short)).toEqual([['SAME_CODE', 1]]);
  });

  test('after the queue’s file was closed is too late', async () => {
    const { replays, at, from } = await past();
    await at(10, pageRequest(1));
    await at(20, read());
    await at(30, { type: 'FaultClose', ...QUEUE });
    const items = await replays.start(options({ from }));
    const replay = replays.replay((await next(items)).replayId);
    await until(items, ({ logged }) => logged?.event.type === 'FaultFileClosed');
    expect(replay.answer(QUEUE, [{ cookie: 1, code: 0 }]).map(short)).toEqual([['TOO_LATE', 1]]);
  });

  test('of many responses ends at the first that is refused, as faultWrite does', async () => {
    const { replays, at, from } = await past();
    await at(10, pageRequest(1));
    await at(10, pageRequest(2));
    await at(20, read(2));
    const items = await replays.start(options({ from }));
    const replay = replays.replay((await next(items)).replayId);
    await until(items, ({ iopfGroup }) => iopfGroup?.iopfGroupId === 2);
    const responses = [1, 3, 2].map(cookie => ({ cookie, code: 0 }));
    expect(replay.answer(QUEUE, responses).map(short)).toEqual([
      ['RECORDED_UNANSWERED', 1],
      ['UNKNOWN_COOKIE', null],
    ]);
    expect(replay.answer(QUEUE, [{ cookie: 2, code: 0 }]).map(short)).toEqual([
      ['RECORDED_UNANSWERED', 2],
    ]);
  });

  test('has both times beside each other', async () => {
    const { items, replay, world } = await begun();
    const [read] = (await group(1, 'DELIVERED')(items)).slice(-1);
    world.clock.ms += 7;
    expect(replay.answer(QUEUE, [{ cookie: 1, code: 1 }])).toEqual([
      {
        verdict: 'OTHER_CODE',
        ...QUEUE,
        cookie: 1,
        code: 1,
        iopfGroupId: 1,
        seq: read!.seq,
        waitMs: 7,
        recorded: { seq: read!.seq + 1, atMs: 1_050, code: 0, automatic: false },
        recordedWaitMs: 40,
      },
    ]);
  });
});

describe('waitForAnswers', () => {
  test('holds the recorded answer back until this handler’s, and what follows keeps its distance', async () => {
    const { items, replay, world } = await begun({ speed: 1, waitForAnswers: true });
    const delivered = group(1, 'DELIVERED')(items);
    await settle();
    world.clock.jump();
    await delivered;
    const answered = next(items);
    await settle();
    expect(world.clock.timers).toEqual([]);
    world.clock.ms += 5_000;
    expect(replay.answer(QUEUE, [{ cookie: 2, code: 0 }]).map(short)).toEqual([
      ['UNKNOWN_COOKIE', null],
    ]);
    await settle();
    expect(replay.answer(QUEUE, [{ cookie: 1, code: 0 }])).toMatchObject([
      { verdict: 'SAME_CODE', waitMs: 5_000, recordedWaitMs: 40 },
    ]);
    expect(await answered).toMatchObject({ kind: 'ANSWERED', offsetMs: 50 });
    const sent = await next(items);
    expect(sent.logged!.event.type).toBe('PageResponseSent');
    const following = next(items);
    await settle();
    expect(world.clock.jump()).toBe(950);
    await following;
  });

  test('holds nothing that was answered already, taken away, or never answered', async () => {
    const { items, replay } = await begun({ waitForAnswers: true });
    for (const id of [1, 2]) {
      await group(id, 'DELIVERED')(items);
      replay.answer(QUEUE, [{ cookie: 1, code: 0 }]);
    }
    const rest = await until(items, ({ kind }) => kind === 'FINISHED');
    expect(rest.at(-1)!.summary!.verdicts).toMatchObject({
      SAME_CODE: 1,
      OTHER_CODE: 1,
      UNANSWERED: 2,
    });
  });

  test('ends when its subscriber leaves', async () => {
    const { items } = await begun({ waitForAnswers: true });
    await group(1, 'DELIVERED')(items);
    const held = items.next();
    await settle();
    await items.return(undefined);
    expect((await held).done).toBe(true);
  });
});

describe('the summary', () => {
  const NONE = {
    SAME_CODE: 0,
    OTHER_CODE: 0,
    RECORDED_UNANSWERED: 0,
    RECORDED_AUTOMATIC: 0,
    REFUSED_CODE: 0,
    TOO_LATE: 0,
    UNKNOWN_COOKIE: 0,
    UNANSWERED: 0,
  };

  /** The summary for a handler that answers each group at once with a code, or not. */
  async function summaryOf(codes: readonly (number | null)[]) {
    const { items, replay } = await begun();
    for (;;) {
      const item = await next(items);
      if (item.summary !== null) return item.summary;
      if (item.kind !== 'DELIVERED') continue;
      const code = codes[item.iopfGroup!.iopfGroupId - 1]!;
      if (code !== null) replay.answer(QUEUE, [{ cookie: item.iopfGroup!.cookie!, code }]);
    }
  }

  test('of a handler that does as the recorded one has no difference', async () => {
    expect(await summaryOf([0, 1, null, null])).toEqual({
      groups: 4,
      verdicts: { ...NONE, SAME_CODE: 2, UNANSWERED: 2 },
      differences: [],
    });
  });

  test('of one that answers everything names what it did otherwise', async () => {
    const { groups, verdicts, differences } = await summaryOf([0, 0, 0, 0]);
    expect(groups).toBe(4);
    expect(verdicts).toEqual({
      ...NONE,
      SAME_CODE: 1,
      OTHER_CODE: 1,
      RECORDED_AUTOMATIC: 1,
      RECORDED_UNANSWERED: 1,
    });
    expect(differences.map(short)).toEqual([
      ['OTHER_CODE', 2],
      ['RECORDED_AUTOMATIC', 3],
      ['RECORDED_UNANSWERED', 4],
    ]);
  });

  test('of one that never answers names what the recorded one had answered', async () => {
    const { verdicts, differences } = await summaryOf([null, null, null, null]);
    expect(verdicts).toEqual({ ...NONE, UNANSWERED: 4 });
    expect(differences).toMatchObject([
      { verdict: 'UNANSWERED', iopfGroupId: 1, code: null, recorded: { code: 0 } },
      { verdict: 'UNANSWERED', iopfGroupId: 2, code: null, recorded: { code: 1 } },
    ]);
  });

  test('lists a bounded number of differences and counts all', () => {
    const answers = new ReplayAnswers();
    for (let i = 0; i <= REPLAY_DIFFERENCES_MAX; i++) {
      answers.answer(QUEUE, [{ cookie: 1, code: 0 }], initialState(), 0);
    }
    const { verdicts, differences } = answers.summary(0);
    expect(verdicts.UNKNOWN_COOKIE).toBe(REPLAY_DIFFERENCES_MAX + 1);
    expect(differences.length).toBe(REPLAY_DIFFERENCES_MAX);
  });

  test('counts a group whose cookie another one got as unanswered', async () => {
    const { items, replay } = await begun();
    await group(2, 'DELIVERED')(items);
    expect(replay.answer(QUEUE, [{ cookie: 1, code: 1 }]).map(short)).toEqual([['SAME_CODE', 2]]);
    const [end] = (await until(items, ({ kind }) => kind === 'FINISHED')).slice(-1);
    expect(end!.summary!.differences.map(short)).toEqual([['UNANSWERED', 1]]);
  });
});
