/** Every mutation of modelled hardware once in success and once refused; bad input by its name. */
import { describe, expect, test } from 'vitest';
import { ask, at, mutate, post, start, succeed } from '../builder/testing.ts';
import { C, F, GUEST_MAP, HARDWARE_CASES, M, makeHardware } from './mutation-cases.ts';

describe.each(Object.entries(HARDWARE_CASES))('%s', (name, { good, refused, before }) => {
  test('succeeds', async () => {
    const server = await start();
    await makeHardware(server);
    await before?.(server);
    const [input, fields, expected] = good;
    expect(await succeed(server, name, input, `seq ${fields}`)).toMatchObject(expected);
  });

  test('is refused, and nothing happens', async () => {
    const server = await start();
    await makeHardware(server);
    const seq = (await server.engine.settled('hw')).state.seq;
    const [input, errno] = refused;
    expect(await mutate(server, name, input)).toMatchObject({ __typename: 'KernelError', errno });
    expect((await server.engine.settled('hw')).state.seq).toBe(seq);
  });
});

test('time goes on, and an invalidation that nobody completes stops its queue until it is cleared', async () => {
  const server = await start();
  await makeHardware(server, '', ', ats: {respondsToInvalidation: false}');
  await succeed(server, 'guestMap', GUEST_MAP);
  await succeed(server, 'dma', `${F}, iova: "0x40000000", length: "0x8"`);
  const invalidate = `${C}, hwptId: 5, dataType: IOMMU_HWPT_INVALIDATE_DATA_VTD_S1, entries: [{addr: "0x40000000", npages: "0x1"}]`;
  await succeed(server, 'hwptInvalidate', invalidate);
  expect(await succeed(server, 'hardwareAdvance', `${M}, ticks: 100`, 'tick')).toMatchObject({
    tick: 100,
  });
  const read = `{ machine(${M}) { tick hazards { name } iommu(no: 0) { queueError { kind } } } }`;
  expect(at(await ask(server, read), 'machine')).toEqual({
    tick: 100,
    hazards: [{ name: 'ATC_INVALIDATION_TIMED_OUT' }],
    iommu: { queueError: { kind: 'ITE' } },
  });
  expect(await mutate(server, 'hwptInvalidate', invalidate)).toMatchObject({ errno: 'EIO' });
  await succeed(server, 'queueErrorClear', `${M}, iommu: 0`);
  await succeed(server, 'hwptInvalidate', invalidate);
  expect(await mutate(server, 'queueErrorClear', `${M}, iommu: 0`)).toMatchObject({
    errno: 'ENOENT',
  });
});

test('a stalled transaction is resumed or ended by command', async () => {
  const server = await start();
  await makeHardware(server, 'vendor: SMMUV3', ', stall: true', ', pri: false');
  const dma = () => succeed(server, 'dma', `${F}, iova: "0x40000000", length: "0x8"`, 'state');
  expect(await dma()).toMatchObject({ state: 'STALLED' });
  const stag = `{ machine(${M}) { pciDevice(bdf: "0000:01:00.0") { ... on PciDevice { dmas { stag } } } } }`;
  expect(at(await ask(server, stag), 'machine', 'pciDevice', 'dmas')).toEqual([{ stag: 0 }]);
  await succeed(server, 'stallResume', `${F}, stag: 0, retry: false`);
  await dma();
  await succeed(server, 'stallTerminate', F);
  expect(at(await ask(server, stag), 'machine', 'pciDevice', 'dmas')).toEqual([]);
  const plain = `${M}, bdf: "0000:02:00.0"`;
  expect(await mutate(server, 'stallTerminate', plain)).toMatchObject({ errno: 'EOPNOTSUPP' });
  expect(await mutate(server, 'stallResume', `${F}, stag: 65536, retry: true`)).toMatchObject({
    errno: 'EINVAL',
  });
});

const IOVA = 'iova: "0x0", length: "0x8"';

test.each([
  [`dma(input: {${F}, iova: "0x0", length: "0x0"})`, '"input.length" must not be 0'],
  [
    `dma(input: {${F}, iova: "0x0", length: "0x1001000"})`,
    '"input.length" may be at most 4096 pages, not 4097',
  ],
  [
    `dma(input: {${F}, iova: "0xffffffffffffffff", length: "0x2"})`,
    '"input.length" reaches past the end of the space',
  ],
  [
    `dma(input: {${F}, ${IOVA}, write: true, fill: 256})`,
    '"input.fill" must be from 0 to 255, not 256',
  ],
  [
    `dma(input: {${F}, ${IOVA}, options: {retryLimit: 0}})`,
    '"input.options.retryLimit" must be from 1 to 1000, not 0',
  ],
  [
    `dma(input: {${F}, ${IOVA}, options: {fixedIndex: 3}})`,
    '"input.options.fixedIndex" must be given with prgIndex FIXED, and only with it',
  ],
  [
    `deviceProgramLoad(input: {${F}, ops: []})`,
    '"input.ops" must have from 1 to 4096 entries, not 0',
  ],
  [
    `deviceProgramLoad(input: {${F}, ops: [{op: BARRIER}, {op: READ, length: "0x8"}]})`,
    '"input.ops[1].iova" must be given with READ',
  ],
  [
    `deviceProgramLoad(input: {${F}, ops: [{op: REPEAT, count: 0}]})`,
    '"input.ops[0].count" must be from 1 to 1000000, not 0',
  ],
  [`deviceRun(input: {${F}, steps: 0})`, '"input.steps" must be from 1 to 65536, not 0'],
  [`hardwareAdvance(input: {${M}, ticks: 0})`, '"input.ticks" must be from 1 to 1000000000, not 0'],
  [`prqServe(input: {${M}, iommu: 0, max: 0})`, '"input.max" must be from 1 to 32768, not 0'],
  [
    `guestWrite(input: {${C}, ioasId: 2, words: [{gpa: "0x9", value: "0x0"}]})`,
    '"input.words[0].gpa" must be a multiple of 8, not 0x9',
  ],
  [
    `machineCreate(input: {machineId: "n", iommus: [{pageRequestQueueEntries: 3}]})`,
    '"input.iommus[0].pageRequestQueueEntries" must be a power of two from 2 to 32768, not 3',
  ],
  [
    `machineCreate(input: {machineId: "n", iommus: [{vendor: RISCV, driver: AS_LINUX}]})`,
    '"input.iommus[0].driver" of RISCV must be CONFORMING: Linux has no such driver',
  ],
  [
    `machineCreate(input: {machineId: "n", iommus: [{}], devices: [{bdf: "0000:01:00.0", hardware: {iommu: 0, priCapacity: 0}}]})`,
    '"input.devices[0].hardware.priCapacity" must be from 1 to 4096, not 0',
  ],
])('%s is bad input, and nothing is written', async (mutation, message) => {
  const server = await start();
  await makeHardware(server);
  const { number } = await server.engine.settled('hw');
  const { errors } = await post(server, `mutation { ${mutation} { __typename } }`);
  expect(errors.map(error => [error.message, error.extensions?.code])).toEqual([
    [message, 'BAD_USER_INPUT'],
  ]);
  expect((await server.engine.settled('hw')).number).toBe(number);
  const others = at(await ask(server, '{ machines { edges { cursor } } }'), 'machines', 'edges');
  expect(others).toEqual([{ cursor: 'default' }, { cursor: 'hw' }]);
});
