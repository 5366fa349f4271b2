/** faultWrite with the group that is meant, and with who answers. */
import { expect, test } from 'vitest';
import {
  ask,
  at,
  makeFaulting,
  mutate,
  post,
  sendGroups,
  start,
  succeed,
} from '../../builder/testing.ts';

const QUEUE = 'contextId: 1, faultId: 4';
const response = (group: number) =>
  `responses: [{cookie: 1, code: IOMMUFD_PAGE_RESP_SUCCESS, iopfGroupId: ${group}}]`;

test('the group that is meant decides, and a handler that is not known was given nothing', async () => {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 1);
  await succeed(server, 'faultRead', QUEUE);
  const refused = await mutate(server, 'faultWrite', `${QUEUE}, ${response(7)}`);
  expect(at(refused, 'errno')).toBe('EINVAL');
  await succeed(server, 'faultWrite', `${QUEUE}, ${response(1)}, handlerId: "1.1"`);
  const { data } = await post(server, '{ machine { hazards { name kind function } } }');
  expect(at(data, 'machine', 'hazards')).toEqual([
    { name: 'ANSWERED_UNSEEN', kind: 'PROGRAM', function: 'iommufd_fault_fops_write' },
  ]);
});

test('an answer to a group that was taken away does not reach the next one with its cookie', async () => {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 1);
  await succeed(server, 'faultRead', QUEUE);
  // Another hwpt for the device answers the group for its handler, who does not know yet.
  const guest =
    'contextId: 1, devId: 1, ptId: 3, rawFlags: 4, faultId: 4, vtdS1: { pgtblAddr: "0x2000" }';
  await succeed(server, 'hwptAlloc', guest);
  await succeed(server, 'deviceReplace', 'contextId: 1, devId: 1, ptId: 6');
  await sendGroups(server, 1, { first: 1 });
  await succeed(server, 'faultRead', QUEUE);
  const held = async () => {
    const fault = '... on FaultQueue { awaitingResponse { iopfGroupId cookie } }';
    const data = await ask(
      server,
      `{ machine { context(contextId: 1) { object(id: 4) { ${fault} } } } }`,
    );
    return at(data, 'machine', 'context', 'object', 'awaitingResponse');
  };
  expect(await held()).toEqual([{ iopfGroupId: 2, cookie: 1 }]);
  const late = await mutate(server, 'faultWrite', `${QUEUE}, ${response(1)}`);
  expect(late).toMatchObject({ errno: 'EINVAL' });
  expect(String(at(late, 'message'))).toMatch(/iopf group 2/);
  expect(await held()).toHaveLength(1);
  await succeed(server, 'faultWrite', `${QUEUE}, ${response(2)}`);
  expect(await held()).toEqual([]);
});
