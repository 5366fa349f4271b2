/** The life of an iopf group, told by the machine. */
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

const LIFE = `iopfGroupId ended stages {
  stage waitMs event { seq summary operation { command } }
}`;

test('an id that is none is null; what is no id is refused by name', async () => {
  const server = await start();
  await makeFaulting(server);
  for (const id of [0, 1, 4_294_967_295]) {
    const data = await ask(server, `{ machine { iopfGroupLife(iopfGroupId: ${id}) { ended } } }`);
    expect(data).toEqual({ machine: { iopfGroupLife: null } });
  }
  const answers = [
    await post(server, '{ machine { iopfGroupLife(iopfGroupId: -1) { ended } } }'),
    await post(server, '{ machine { iopfGroupLife { ended } } }'),
  ];
  expect(answers[0]!.errors[0]!.message).toMatch(/^"iopfGroupId": U32 must be a whole number/);
  expect(answers[1]!.errors[0]!.message).toMatch(/"Machine.iopfGroupLife\(iopfGroupId:\)"/);
});

test('from the page request over the cookie to the response, with the waits between', async () => {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 1, { pages: 2 });
  await succeed(server, 'faultRead', 'contextId: 1, faultId: 4');
  await succeed(
    server,
    'faultWrite',
    'contextId: 1, faultId: 4, responses: [{cookie: 1, code: IOMMUFD_PAGE_RESP_SUCCESS}]',
  );
  const data = await ask(server, `{ machine { iopfGroupLife(iopfGroupId: 1) { ${LIFE} } } }`);
  const life = at(data, 'machine', 'iopfGroupLife');
  expect(life).toMatchObject({ iopfGroupId: 1, ended: true });
  const stages = at(life, 'stages') as Json[];
  const lines = stages.map(stage =>
    [at(stage, 'stage'), at(stage, 'event', 'operation', 'command')].join(' '),
  );
  expect(lines).toEqual([
    'PAGE_REQUESTED PageRequestSend',
    'COLLECTED PageRequestSend',
    'PAGE_REQUESTED PageRequestSend',
    'QUEUED PageRequestSend',
    'READ FaultRead',
    'ANSWERED FaultWrite',
    'RESPONDED FaultWrite',
  ]);
  expect(at(stages[4]!, 'event', 'summary')).toBe(
    'context 1: iopf group 1 read from fault queue 4 with cookie 1',
  );
  for (const stage of stages) expect(at(stage, 'waitMs')).toBeGreaterThanOrEqual(0);
  expect(at(stages[0]!, 'waitMs')).toBe(0);
});

test('a group that a detach took away, long after', async () => {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 2);
  await succeed(server, 'deviceDetach', 'contextId: 1, devId: 1');
  for (let times = 0; times < 20; times++) await succeed(server, 'ioasAlloc', 'contextId: 1');
  const data = await ask(
    server,
    '{ machine { iopfGroupLife(iopfGroupId: 2) { ended stages(first: 4) { stage } } } }',
  );
  expect(at(data, 'machine', 'iopfGroupLife')).toEqual({
    ended: true,
    stages: ['PAGE_REQUESTED', 'QUEUED', 'AUTO_ANSWERED', 'RESPONDED'].map(stage => ({ stage })),
  });
});
