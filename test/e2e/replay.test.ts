/** A handler run again against a recorded past, over real WebSockets and server-sent events. */
import { describe, expect, test } from 'vitest';
import {
  DeviceDetachDocument,
  FaultReadDocument,
  type IommufdPageResponseCode,
  IopfGroupPagesDocument,
  MachineDeleteDocument,
  ReplayAnswerDocument,
  type ReplayAnswerMutation,
  ReplayDocument,
  ReplayPagesDocument,
  ReplayStepDocument,
  type ReplayStepInput,
  type ReplaySubscription,
} from '../../src/operations/operations.ts';
import type { Faultline } from '../../src/server/faultline.ts';
import { placeOf, post, start } from '../graphql/builder/testing.ts';
import { ask, sendGroups, succeed, untyped } from './asking.ts';
import { answer, DEVICE, INVALID, QUEUE, quiet, SUCCESS, world } from './faulting.ts';
import { type Reader, Subscriber, subscribeSse, until } from './subscriber.ts';

type Item = ReplaySubscription['replay'];
type Verdicts = NonNullable<ReplayAnswerMutation['replayAnswer']>;

/** Three groups, of which the second was answered SUCCESS by mistake, and the third was taken away. */
async function recorded(): Promise<{ server: Faultline; from: number }> {
  const server = await world();
  const from = (await server.engine.log.head('default'))!.seq;
  for (const [grpid, code] of [
    [1, SUCCESS],
    [2, SUCCESS],
    [3, null],
  ] as const) {
    await sendGroups(server, 1, { first: grpid, pages: 2 });
    await succeed(server, FaultReadDocument, QUEUE);
    if (code !== null) await answer(server, 1, code);
  }
  await succeed(server, DeviceDetachDocument, DEVICE);
  return { server, from };
}

/** A handler as somebody would write it: what it is sent it answers as `decide` says. */
async function handle(
  server: Faultline,
  items: Reader<ReplaySubscription>,
  decide: (grpid: number) => IommufdPageResponseCode | null,
): Promise<{ verdicts: Verdicts; last: Item }> {
  const verdicts: Verdicts[number][] = [];
  for (;;) {
    const item = await items.next('replay');
    const { kind, replayId, iopfGroup } = item;
    if (kind === 'FINISHED') return { verdicts, last: item };
    if (kind !== 'DELIVERED') continue;
    const code = decide(iopfGroup!.messages[0]!.grpid);
    if (code === null) continue;
    const responses = [{ cookie: iopfGroup!.cookie!, code }];
    const { replayAnswer } = await ask(server, ReplayAnswerDocument, {
      input: { replayId, ...QUEUE, responses },
    });
    verdicts.push(...replayAnswer!);
  }
}

describe('what is wrong', () => {
  test.each([
    ['machineId: "none"', /^there is no machine "none"/, 'UNKNOWN_MACHINE'],
    ['from: -1', /^"from" must be from 0 to \d+, the newest seq/, 'SEQ_OUT_OF_RANGE'],
    ['to: 9999', /^"to" must be from 0 to \d+, the newest seq.*not 9999$/, 'SEQ_OUT_OF_RANGE'],
    ['from: 3, to: 2', /^"from" must be from 0 to 2, where "to" .*not 3$/, 'SEQ_OUT_OF_RANGE'],
    ['speed: -1', /^"speed" must be 0 \(no waiting\) or from 0.001 to 1000000, not -1$/],
    ['speed: 0.0001', /^"speed" must be 0 .*not 0.0001$/],
    ['speed: 1e9', /^"speed" must be 0 .*not 1000000000$/],
    ['speed: 1e999', /^"speed" must be 0 .*not Infinity$/],
    ['maxWaitMs: -1', /^"maxWaitMs" must be 0 or more milliseconds, not -1$/],
  ])('%s', async (args, said, code = 'BAD_USER_INPUT') => {
    const server = await start();
    const reader = new Subscriber(server).subscribe(
      untyped(`subscription { replay(${args}) { kind } }`),
    );
    const [error] = (await reader.ended()) as { message: string; extensions?: { code: string } }[];
    expect(error!.message).toMatch(said);
    expect(error!.extensions?.code).toBe(code);
    expect(reader.values).toEqual([]);
  });
});

test('a wrong answer of the record shows as OTHER_CODE', async () => {
  const { server, from } = await recorded();
  const place = await placeOf(server);
  const items = new Subscriber(server).subscribe(ReplayDocument, {
    from,
    speed: 0,
    waitForAnswers: true,
  });
  const decide = (grpid: number) => [null, SUCCESS, INVALID, null][grpid]!;
  const { verdicts, last } = await handle(server, items, decide);
  expect(verdicts).toMatchObject([
    { verdict: 'SAME_CODE', iopfGroupId: 1, recorded: { code: 'IOMMUFD_PAGE_RESP_SUCCESS' } },
    { verdict: 'OTHER_CODE', iopfGroupId: 2, recorded: { code: 'IOMMUFD_PAGE_RESP_SUCCESS' } },
  ]);
  const seq = (await server.engine.log.head('default'))!.seq;
  expect(last).toMatchObject({
    kind: 'FINISHED',
    seq,
    event: null,
    iopfGroup: null,
    record: { from, to: seq, events: seq - from, groups: 3, answered: 2, automatic: 1 },
    summary: {
      groups: 3,
      sameCode: 1,
      otherCode: 1,
      recordedUnanswered: 0,
      recordedAutomatic: 0,
      unanswered: 1,
      refusedCode: 0,
      tooLate: 0,
      unknownCookie: 0,
      differences: [
        {
          verdict: 'OTHER_CODE',
          contextId: 1,
          faultId: 4,
          cookie: 1,
          iopfGroupId: 2,
          code: 'IOMMUFD_PAGE_RESP_INVALID',
          rawCode: 1,
          recorded: { code: 'IOMMUFD_PAGE_RESP_SUCCESS', rawCode: 0, automatic: false },
        },
      ],
    },
  });
  expect(await items.ended()).toBeNull();
  expect(await placeOf(server)).toBe(place);
});

test('the same past can be sent again and again, over both protocols', async () => {
  const { server, from } = await recorded();
  const range = { from, speed: 0 };
  const readers = [
    new Subscriber(server).subscribe(ReplayDocument, range),
    await subscribeSse(server, ReplayDocument, range),
    new Subscriber(server).subscribe(ReplayDocument, range),
  ];
  for (const reader of readers) expect(await reader.ended()).toBeNull();
  const [first, ...others] = readers.map(({ values }) =>
    values.map(({ replay }) => ({ ...replay, replayId: '' })),
  );
  for (const other of others) expect(other).toEqual(first);
  const items = first!;
  const seq = (await server.engine.log.head('default'))!.seq;
  expect(items.flatMap(({ event }) => event?.seq ?? [])).toEqual(
    Array.from({ length: seq - from }, (_, i) => from + 1 + i),
  );
  const told = items.filter(({ iopfGroup }) => iopfGroup !== null);
  expect(told.map(({ kind, code }) => [kind, code])).toEqual([
    ['DELIVERED', null],
    ['ANSWERED', 'IOMMUFD_PAGE_RESP_SUCCESS'],
    ['DELIVERED', null],
    ['ANSWERED', 'IOMMUFD_PAGE_RESP_SUCCESS'],
    ['DELIVERED', null],
    ['TAKEN_AWAY', 'IOMMUFD_PAGE_RESP_INVALID'],
  ]);
  expect(told[0]).toMatchObject({
    event: { type: 'IopfGroupRead', operation: { command: 'FaultRead' } },
    machine: { machineId: 'default', seq: told[0]!.seq },
    iopfGroup: {
      iopfGroupId: 1,
      cookie: 1,
      messages: [
        { cookie: 1, devId: 1, grpid: 1, addr: '0x1000', rawFlags: 0, rawPerm: 1 },
        { cookie: 1, devId: 1, grpid: 1, addr: '0x2000', rawFlags: 2, rawPerm: 1 },
      ],
      // As it was, though the device is detached by now.
      faultQueue: { faultId: 4, deliverCount: 0, awaitingResponseCount: 1 },
    },
  });
});

test('what was recorded through iopfGroups is replayed alike', async () => {
  const server = await world();
  const from = (await server.engine.log.head('default'))!.seq;
  const live = new Subscriber(server).subscribe(IopfGroupPagesDocument, QUEUE);
  await sendGroups(server, 2, { pages: 3 });
  const delivered = [await live.next('iopfGroups'), await live.next('iopfGroups')];
  const again = new Subscriber(server).subscribe(ReplayPagesDocument, { from });
  expect(await again.ended()).toBeNull();
  const items = again.values.map(({ replay }) => replay);
  expect(items.filter(({ kind }) => kind === 'DELIVERED')).toEqual(delivered);
});

test('step by step over server-sent events', async () => {
  const { server, from } = await recorded();
  const items = await subscribeSse(server, ReplayDocument, { from, stepwise: true });
  const { replayId } = await items.next('replay');
  const step = (count: Omit<ReplayStepInput, 'replayId'>) =>
    ask(server, ReplayStepDocument, { input: { replayId, ...count } });
  await quiet();
  expect(items.waiting).toBe(0);
  expect(await step({ events: 1 })).toEqual({ replayStep: from });
  expect(await items.next('replay')).toMatchObject({ kind: 'EVENT', seq: from + 1 });
  await quiet();
  expect(items.waiting).toBe(0);
  await step({ operations: 3 });
  let item = await items.next('replay');
  while (item.kind !== 'DELIVERED') item = await items.next('replay');
  await quiet();
  expect(items.waiting).toBe(0);
  await step({ events: 1_000 });
  expect(await items.ended()).toBeNull();
  expect(items.values.at(-1)!.replay.kind).toBe('FINISHED');
  const input: ReplayStepInput = { replayId, events: 1 };
  const { errors } = await post(server, ReplayStepDocument, { input });
  expect(errors).toMatchObject([{ extensions: { code: 'UNKNOWN_REPLAY' } }]);
});

test('one that goes by itself cannot be stepped', async () => {
  const { server } = await recorded();
  const items = new Subscriber(server).subscribe(ReplayDocument, { waitForAnswers: true });
  const { replayId } = await items.next('replay');
  const input: ReplayStepInput = { replayId, events: 1 };
  const { errors } = await post(server, ReplayStepDocument, { input });
  expect(errors).toMatchObject([{ extensions: { code: 'NOT_STEPWISE' } }]);
});

test('ends when its client leaves or vanishes, or the machine is deleted', async () => {
  const { server } = await recorded();
  const machine = await server.engine.machine('default');
  const stepwise = { stepwise: true };
  const [one, two, three] = [1, 2, 3].map(() => new Subscriber(server));
  const leaves = one!.subscribe(ReplayDocument, stepwise);
  const vanishes = two!.subscribe(ReplayDocument, stepwise);
  const stays = three!.subscribe(ReplayDocument, stepwise);
  const stream = await subscribeSse(server, ReplayDocument, stepwise);
  for (const reader of [leaves, vanishes, stays, stream]) await reader.next('replay');
  await until(() => machine.waiters.size === 4);
  expect(machine.waiters.size).toBe(4);
  leaves.stop();
  two!.terminate();
  stream.stop();
  await until(() => machine.waiters.size === 1);
  expect(machine.waiters.size).toBe(1);
  await ask(server, MachineDeleteDocument, { input: { machineId: 'default' } });
  expect(await stays.ended()).toBeNull();
  expect(stays.waiting).toBe(0);
});
