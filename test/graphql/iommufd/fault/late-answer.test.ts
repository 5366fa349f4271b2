/** faultWrite with the group that is meant, and with who answers. */
import { expect, test } from 'vitest';
import {
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
