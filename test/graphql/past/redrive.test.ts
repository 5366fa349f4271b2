/** Your handler against the past: the recorded operations run again, the answers are yours. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { type FaultAnswer, handleFaults } from '../../../src/client/index.ts';
import { type ServedFaultline, startFaultline } from '../../../src/index.ts';
import { at, type Json, post } from '../builder/testing.ts';

const PCI = '0000:01:00.0';
const QUEUE = 'machineId: "m", contextId: 1, faultId: 4';

async function run(faultline: ServedFaultline, text: string): Promise<Json> {
  const { data, errors } = await faultline.execute(text);
  expect(errors).toBeUndefined();
  return JSON.parse(JSON.stringify(data)) as Json;
}

const fault = (page: number, bdf = PCI) =>
  `pageRequest(input: {machineId: "m", bdf: "${bdf}", grpid: ${page}, addr: "0x${page}000"}) { errno }`;

/** Groups 1 to 3; 1 and 2 answered SUCCESS, 3 taken away. Gives the first operation that faults. */
async function recorded(scenario = 'NESTED_FAULTS') {
  const faultline = await startFaultline();
  onTestFinished(() => faultline.close());
  const made = await run(
    faultline,
    `mutation { machineCreate(input: {machineId: "m", scenario: ${scenario}}) { ... on MachineCreatePayload { machine { operations { totalCount } } } } }`,
  );
  const operations = at(made, 'machineCreate', 'machine', 'operations', 'totalCount');
  await run(
    faultline,
    `mutation {
      a: ${fault(1)}
      b: ${fault(2)}
      faultRead(input: {${QUEUE}, count: 80}) { errno }
      faultWrite(input: {
        ${QUEUE}, responses: [{cookie: 1, rawCode: 0}, {cookie: 2, rawCode: 0}]
      }) { errno }
      c: ${fault(3)}
      deviceDetach(input: {machineId: "m", contextId: 1, devId: 1}) { errno }
    }`,
  );
  return { faultline, from: Number(operations) + 1 };
}

const ITEM = `kind redriveId handlers unanswered machine { machineId }
  recorded { number command } redriven { command errno }
  summary {
    operations groups same differenceCount timedOut
    firstDifference { recorded { iopfGroupId outcome code } redriven { iopfGroupId outcome code } }
    firstErrno { recorded { command errno } redriven { errno } }
  }`;

type Stream = AsyncGenerator<{ data?: unknown }>;

async function begin(faultline: ServedFaultline, from: number, args = 'speed: 0'): Promise<Stream> {
  return faultline.subscribe(
    `subscription { redrive(machineId: "m", newMachineId: "again", fromOperation: ${from}, ${args}) { ${ITEM} } }`,
  );
}

async function items(stream: Stream): Promise<Json[]> {
  const all: Json[] = [];
  for await (const item of stream)
    all.push(at(JSON.parse(JSON.stringify(item.data)) as Json, 'redrive'));
  return all;
}

function handler({ url }: ServedFaultline, answer: (page: bigint) => FaultAnswer) {
  const queue = { url, machineId: 'again', contextId: 1, faultId: 4, waitForQueue: true };
  const handling = handleFaults(queue, async ({ messages }) => answer(messages[0]!.addr));
  onTestFinished(() => handling.stop());
}

test('an unmodified handler on the fork: what it answered otherwise', async () => {
  const { faultline, from } = await recorded();
  handler(faultline, addr => (addr === 0x2000n ? 'INVALID' : 'SUCCESS'));
  const all = await items(await begin(faultline, from));
  expect(all.map(item => at(item, 'kind'))).toEqual([
    'STARTED',
    'RAN',
    'RAN',
    'RAN',
    'RAN',
    'FINISHED',
  ]);
  expect(at(all[0]!, 'machine', 'machineId')).toBe('again');
  expect(all.slice(1, 5).map(item => at(item, 'recorded', 'command'))).toEqual([
    'PageRequestSend',
    'PageRequestSend',
    'PageRequestSend',
    'DeviceDetach',
  ]);
  expect(at(all[5]!, 'summary')).toMatchObject({
    operations: 4,
    groups: 3,
    timedOut: 0,
    firstErrno: null,
    firstDifference: {
      recorded: { iopfGroupId: 2, outcome: 'ANSWERED', code: 'IOMMUFD_PAGE_RESP_SUCCESS' },
      redriven: { iopfGroupId: 2, outcome: 'ANSWERED', code: 'IOMMUFD_PAGE_RESP_INVALID' },
    },
  });
});

test('nobody answers: it goes on after the time it was given, and ends', async () => {
  const { faultline, from } = await recorded();
  const all = await items(await begin(faultline, from, 'speed: 0, answerTimeoutMs: 20'));
  const late = all.filter(item => at(item, 'kind') === 'UNANSWERED');
  expect(late.map(item => [at(item, 'handlers'), at(item, 'unanswered')])).toEqual([[0, [1, 2]]]);
  expect(at(late[0]!, 'recorded', 'command')).toBe('FaultWrite');
  expect(at(all.at(-1)!, 'summary')).toMatchObject({
    groups: 3,
    same: 1,
    differenceCount: 2,
    timedOut: 2,
    firstDifference: { redriven: { outcome: 'TAKEN_AWAY' } },
  });
});

test('with nobody there only the first answer is waited for', async () => {
  const faultline = await startFaultline();
  onTestFinished(() => faultline.close());
  await run(
    faultline,
    'mutation { machineCreate(input: {machineId: "m", scenario: NESTED_FAULTS}) { errno } }',
  );
  const before = await run(faultline, '{ machine(machineId: "m") { operations { totalCount } } }');
  const answered = (page: number) => `mutation {
    ${fault(page)} faultRead(input: {${QUEUE}, count: 40}) { errno }
    faultWrite(input: { ${QUEUE}, responses: [{cookie: 1, rawCode: 0}] }) { errno }
  }`;
  for (const page of [1, 2, 3, 4, 5, 6]) await run(faultline, answered(page));
  const from = Number(at(before, 'machine', 'operations', 'totalCount')) + 1;
  const waitMs = 3_000;
  const beganMs = performance.now();
  const all = await items(await begin(faultline, from, `speed: 0, answerTimeoutMs: ${waitMs}`));
  expect(at(all.at(-1)!, 'summary', 'timedOut')).toBe(6);
  expect(performance.now() - beganMs).toBeLessThan(3 * waitMs);
});

test('a handler that waits for the fork is there from its first group on', async () => {
  const { faultline, from } = await recorded();
  handler(faultline, () => 'SUCCESS');
  // Attempts that fail before the fork is there.
  await sleep(1_500);
  const all = await items(await begin(faultline, from, 'speed: 0, answerTimeoutMs: 60000'));
  expect(all.map(item => at(item, 'kind'))).not.toContain('UNANSWERED');
  expect(at(all.at(-1)!, 'handlers')).toBe(1);
  expect(at(all.at(-1)!, 'summary')).toMatchObject({ groups: 3, differenceCount: 0, timedOut: 0 });
});

test('only the answers of one queue are left out', async () => {
  const { faultline, from } = await recorded();
  const args = 'speed: 0, contextId: 1, faultId: 99';
  const all = await items(await begin(faultline, from, args));
  const commands = all.slice(1, -1).map(item => at(item, 'recorded', 'command'));
  expect(commands).toContain('FaultWrite');
  expect(at(all.at(-1)!, 'summary')).toMatchObject({ groups: 0, differenceCount: 0 });
  const data = await run(
    faultline,
    '{ machine(machineId: "again") { iopfGroups { edges { node { outcome } } } } }',
  );
  const outcomes = at(data, 'machine', 'iopfGroups', 'edges') as Json[];
  expect(outcomes.map(edge => at(edge, 'node', 'outcome'))).toEqual([
    'ANSWERED',
    'ANSWERED',
    'TAKEN_AWAY',
  ]);
});

test('step by step', async () => {
  const { faultline, from } = await recorded();
  const stream = await begin(faultline, from, 'stepwise: true, answerTimeoutMs: 0');
  const first = await stream.next();
  const started = at(JSON.parse(JSON.stringify(first.value)) as Json, 'data', 'redrive');
  const id = at(started, 'redriveId');
  const step = (operations: number) =>
    run(faultline, `mutation { redriveStep(redriveId: "${id}", operations: ${operations}) }`);
  const next = stream.next();
  await step(1);
  expect((await next).value).toMatchObject({ data: { redrive: { kind: 'RAN' } } });
  await step(1_000);
  const rest = await items(stream);
  expect(at(rest.at(-1)!, 'kind')).toBe('FINISHED');
  const { errors } = await post(faultline, `mutation { redriveStep(redriveId: "${id}") }`);
  expect(errors[0]!.extensions?.code).toBe('UNKNOWN_REPLAY');
});

test('what it cannot do is told, and the fork is not made', async () => {
  const { faultline } = await recorded();
  const cases: readonly (readonly [from: number, args: string, said: RegExp])[] = [
    [
      1,
      'speed: 0',
      /^"fromOperation" must be from 2 to \d{1,3}, the newest of machine "m", not 1$/,
    ],
    [
      9_999,
      'speed: 0',
      /^"fromOperation" must be from 2 to \d+, the newest of machine "m", not 9999/,
    ],
    [5, 'speed: 0, contextId: 1', /^give both of "contextId" and "faultId", or neither$/],
    [5, 'speed: -1', /^"speed" must be from/],
    [5, 'answerTimeoutMs: -1', /^"answerTimeoutMs" must be from 0 to/],
  ];
  for (const [from, args, said] of cases) {
    await expect(begin(faultline, from, args), args).rejects.toThrow(said);
  }
  const data = await run(faultline, '{ machines { edges { cursor } } }');
  expect((at(data, 'machines', 'edges') as Json[]).map(edge => at(edge, 'cursor'))).not.toContain(
    'again',
  );
});

test('a replay does not wait for groups of another queue', async () => {
  const { faultline } = await recorded();
  const stream: Stream = await faultline.subscribe(
    `subscription { replay(machineId: "m", speed: 0, waitForAnswers: true, contextId: 1, faultId: 99) { kind } }`,
  );
  const kinds = new Set<Json>();
  for await (const item of stream) {
    kinds.add(at(JSON.parse(JSON.stringify(item.data)) as Json, 'replay', 'kind'));
  }
  expect([...kinds]).toEqual(['STARTED', 'EVENT', 'FINISHED']);
});
