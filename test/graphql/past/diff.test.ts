/** Two moments compared. */
import { expect, test } from 'vitest';
import {
  ask,
  at,
  type Json,
  makeFaulting,
  post,
  sendGroups,
  start,
  succeed,
} from '../builder/testing.ts';

const REFUSED: readonly (readonly [args: string, said: RegExp, code: string])[] = [
  ['from: {at: -1}, to: {}', /^"from.at" must be from 0 to \d+, .* not -1$/, 'SEQ_OUT_OF_RANGE'],
  ['from: {}, to: {at: 9999}', /^"to.at" must be from 0 to \d+, .* not 9999$/, 'SEQ_OUT_OF_RANGE'],
  ['from: {machineId: "nobody"}, to: {}', /no machine "nobody"/, 'UNKNOWN_MACHINE'],
  ['from: {machineId: ""}, to: {}', /^"from.machineId": MachineId must be/, 'BAD_USER_INPUT'],
  ['from: {}, to: {}, first: 1001', /^"first" must be from 0 to 1000/, 'BAD_USER_INPUT'],
  ['from: {}, to: {}, after: -1', /^"after" must be 0 or more, not -1$/, 'BAD_USER_INPUT'],
];

test.each(REFUSED)('diff(%s) is refused', async (args, said, code) => {
  const { errors } = await post(await start(), `{ diff(${args}) { changeCount } }`);
  expect(errors).toHaveLength(1);
  expect(errors[0]!.message).toMatch(said);
  expect(errors[0]!.extensions?.code).toBe(code);
});

const CHANGES = `changeCount next changes {
  kind field before after object { kind contextId id iova name }
}`;

test('between two moments: each field with its value before and after', async () => {
  const server = await start();
  await makeFaulting(server);
  const { seq } = at(await ask(server, '{ machine { seq } }'), 'machine') as { seq: number };
  await succeed(server, 'deviceDetach', 'contextId: 1, devId: 1');
  const back = await ask(server, `{ diff(from: {}, to: {at: ${seq}}) { ${CHANGES} } }`);
  const data = await ask(
    server,
    `{ diff(from: {at: ${seq}}, to: {}) { from { seq } to { seq } ${CHANGES} } }`,
  );
  expect(at(data, 'diff', 'from')).toEqual({ seq });
  expect(at(data, 'diff', 'to')).toEqual(at(await ask(server, '{ machine { seq } }'), 'machine'));
  const changes = at(data, 'diff', 'changes') as { [key: string]: Json }[];
  expect(changes).toHaveLength(at(data, 'diff', 'changeCount') as number);
  expect(changes).toContainEqual({
    kind: 'CHANGED',
    field: 'users',
    before: 2,
    after: 1,
    object: {
      kind: 'HWPT_NESTED',
      contextId: 1,
      id: 5,
      iova: null,
      name: 'nested hwpt 5 of context 1',
    },
  });
  const handle = changes.find(change => at(change, 'object', 'kind') === 'ATTACH_HANDLE');
  expect(handle).toMatchObject({ kind: 'WENT', field: null, before: { hwptId: 5 }, after: null });
  // The other way round it is the same, mirrored.
  const mirrored = changes.map(({ kind, before, after, ...rest }) => ({
    ...rest,
    kind: kind === 'WENT' ? 'APPEARED' : kind === 'APPEARED' ? 'WENT' : kind!,
    before: after!,
    after: before!,
  }));
  expect(at(back, 'diff', 'changes')).toEqual(mirrored);
});

test('pages of changes are the whole', async () => {
  const server = await start();
  await makeFaulting(server);
  const page = (after: number) =>
    ask(server, `{ diff(from: {at: 0}, to: {}, first: 7, after: ${after}) { ${CHANGES} } }`);
  const whole = at(
    await ask(server, `{ diff(from: {at: 0}, to: {}, first: 1000) { ${CHANGES} } }`),
    'diff',
  );
  const found: Json[] = [];
  for (let after: Json = 0; after !== null; ) {
    const answer: Json = at(await page(after as number), 'diff');
    found.push(...(at(answer, 'changes') as Json[]));
    after = at(answer, 'next');
  }
  expect(found).toEqual(at(whole, 'changes'));
  expect(found).toHaveLength(at(whole, 'changeCount') as number);
  expect(at(whole, 'next')).toBeNull();
});

test('a page without room is no way to the next one', async () => {
  const server = await start();
  await makeFaulting(server);
  for (const after of [0, 5]) {
    const args = `from: {at: 0}, to: {}, first: 0, after: ${after}`;
    const data = await ask(server, `{ diff(${args}) { next changes { field } } }`);
    expect(data).toEqual({ diff: { next: null, changes: [] } });
  }
});

test('between two machines: what happened earlier on one is no difference', async () => {
  const server = await start();
  const devices = `devices: [{bdf: "0000:01:00.0"}]`;
  for (const machineId of ['one', 'later']) {
    await succeed(
      server,
      'machineCreate',
      `machineId: "${machineId}", ${devices}`,
      'machine { seq }',
    );
  }
  await succeed(server, 'pciDeviceAdd', 'machineId: "later", device: {bdf: "0000:09:00.0"}');
  await succeed(server, 'pciDeviceRemove', 'machineId: "later", bdf: "0000:09:00.0"');
  for (const machineId of ['one', 'later']) {
    await makeFaulting(server, machineId);
    await sendGroups(server, 1, { machineId });
    await succeed(server, 'faultRead', `machineId: "${machineId}", contextId: 1, faultId: 4`);
  }
  const data = await ask(
    server,
    '{ diff(from: {machineId: "one"}, to: {machineId: "later"}) { changes { field } } }',
  );
  expect(at(data, 'diff', 'changes')).toEqual([
    { field: 'nextDeviceNo' },
    { field: 'nextIommuGroupId' },
  ]);
});

test('between two machines: the kernel they have, and nothing else', async () => {
  const server = await start();
  for (const [machineId, baseline] of [
    ['one', 'LINUX_6_12_117'],
    ['same', 'LINUX_6_12_117'],
    ['other', 'LINUX_7_3_4'],
  ]) {
    await succeed(
      server,
      'machineCreate',
      `machineId: "${machineId}", baseline: ${baseline}`,
      'machine { seq }',
    );
  }
  const data = await ask(
    server,
    `{ same: diff(from: {machineId: "one"}, to: {machineId: "same"}) { changeCount }
       other: diff(from: {machineId: "one"}, to: {machineId: "other"}) {
         to { machineId } changes { field before after } } }`,
  );
  expect(data).toEqual({
    same: { changeCount: 0 },
    other: {
      to: { machineId: 'other' },
      changes: [{ field: 'baseline', before: 'LINUX_6_12_117', after: 'LINUX_7_3_4' }],
    },
  });
});

test('the newest state goes on meanwhile: the page is of the moment asked for', async () => {
  const server = await start();
  await makeFaulting(server);
  const diff = '{ diff(from: {at: 5}, to: {}) { to { seq } changeCount } }';
  const before = await ask(server, diff);
  // Asked again while others write, each answer is of one moment it names.
  const [answers] = await Promise.all([
    Promise.all(Array.from({ length: 8 }, () => ask(server, diff))),
    ...Array.from({ length: 8 }, () => succeed(server, 'ioasAlloc', 'contextId: 1')),
  ]);
  for (const answer of answers) {
    const { seq } = at(answer, 'diff', 'to') as { seq: number };
    const again = await ask(
      server,
      `{ diff(from: {at: 5}, to: {at: ${seq}}) { to { seq } changeCount } }`,
    );
    expect(answer).toEqual(again);
  }
  expect(at(before, 'diff', 'changeCount')).toBeGreaterThan(0);
});
