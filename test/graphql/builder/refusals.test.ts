/** What a refusal says beyond its errno, and what a page request asks for if it does not say. */
import { expect, test } from 'vitest';
import { at, makeFaulting, mutate, PCI, post, sendGroups, start, succeed } from './testing.ts';

const NOBODY = '0000:0a:00.0';
const C = 'contextId: 1';
const Q = `${C}, faultId: 4`;

const REFUSED: readonly (readonly [name: string, input: string, errno: string, said: RegExp])[] = [
  ['pageRequest', `bdf: "${NOBODY}", grpid: 1, addr: "0x1000"`, 'ENODEV', /^bdf 0000:0a/],
  [
    'deviceBind',
    `${C}, bdf: "${NOBODY}"`,
    'ENODEV',
    /^bdf 0000:0a:00\.0: no PCI function has this/,
  ],
  [
    'pciDeviceRemove',
    `bdf: "${NOBODY}"`,
    'ENODEV',
    /^bdf 0000:0a:00\.0: no PCI function has this address\. The machine has 0000:01/,
  ],
  [
    'pciDeviceAdd',
    `device: {bdf: "0000:0b:00.0", groupWith: "${NOBODY}"}`,
    'ENODEV',
    /^groupWith 0000:0a:00\.0: no PCI function has this address\./,
  ],
  [
    'pciDeviceAdd',
    `device: {bdf: "0000:0b:00.0", physfn: "${NOBODY}"}`,
    'ENODEV',
    /^physfn 0000:0a:00\.0: no PCI function has this address\./,
  ],
  [
    'faultWrite',
    `${Q}, responses: [{cookie: 77, rawCode: 0}]`,
    'EINVAL',
    /^cookie 77: no group .* fault queue 4 awaits an answer to it; none is awaited\./,
  ],
  [
    'faultWrite',
    `${Q}, responses: [{cookie: 77, rawCode: 9}]`,
    'EINVAL',
    /^code 9 is neither IOMMUFD_PAGE_RESP_SUCCESS \(0\) nor IOMMUFD_PAGE_RESP_INVALID \(1\)\./,
  ],
  [
    'deviceBind',
    `${C}, bdf: "${PCI}"`,
    'EINVAL',
    /^bdf 0000:01:00\.0: it is bound already, in context 1 as device 1\./,
  ],
  [
    'ioasAlloc',
    'contextId: 77',
    'EBADF',
    /^contextId 77: no context .* was ever opened; context 1 is open\. fdget returned EBADF/,
  ],
  [
    'ioasUnmap',
    `${C}, ioasId: 2, iova: "0x1000", length: "0x1000"`,
    'ENOENT',
    /^iova 0x1000: nothing is mapped from there to 0x1fff in IOAS 2\. .* returned ENOENT\.$/,
  ],
];

test.each(REFUSED)('%s %s', async (name, input, errno, said) => {
  const server = await start();
  await makeFaulting(server);
  const refusal = await mutate(server, name, input);
  expect(refusal).toMatchObject({ __typename: 'KernelError', errno });
  expect(refusal['message']).toMatch(said);
});

test('machineCreate names what its topology lacks', async () => {
  const server = await start();
  const { data } = await post(
    server,
    `mutation { machineCreate(input: {machineId: "m", devices: [{bdf: "${PCI}", physfn: "${NOBODY}"}]}) { ... on KernelError { errno message } } }`,
  );
  expect(at(data, 'machineCreate')).toMatchObject({
    errno: 'ENODEV',
    message: expect.stringMatching(
      /^physfn 0000:0a:00\.0: no PCI function has this address\. The machine has none\./,
    ),
  });
});

test('the second answer to a cookie is told so', async () => {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 1);
  await succeed(server, 'faultRead', Q);
  const write = `${Q}, responses: [{cookie: 1, rawCode: 0}]`;
  await succeed(server, 'faultWrite', write);
  const again = await mutate(server, 'faultWrite', write);
  expect(again['message']).toMatch(
    /^cookie 1: no group .* awaits an answer to it; none is awaited\./,
  );
});

test('a page request reads if it does not say, and asks nothing if it says so', async () => {
  const server = await start();
  await makeFaulting(server);
  const input = `bdf: "${PCI}", pasid: 0, addr: "0x1000"`;
  const fields = 'outcome iopfGroup { requests { perm } }';
  const send = (grpid: number, perm: string) =>
    succeed(server, 'pageRequest', `${input}, grpid: ${grpid}${perm}`, fields);
  const args = { operation: 'operation { arguments }' };
  const stop = await succeed(
    server,
    'pageRequest',
    `${input}, grpid: 3, perm: []`,
    `outcome ${args.operation}`,
  );
  expect(stop).toMatchObject({
    outcome: 'STOP_MARKER_DROPPED',
    operation: { arguments: { perm: 0 } },
  });
  for (const [grpid, perm] of ['', ', perm: null'].entries()) {
    expect((await send(grpid, perm))['outcome']).not.toBe('STOP_MARKER_DROPPED');
    const { operation } = await succeed(
      server,
      'pageRequest',
      `${input}, grpid: ${grpid}${perm}`,
      args.operation,
    );
    expect(operation).toEqual({ arguments: expect.objectContaining({ perm: 1 }) });
  }
});
