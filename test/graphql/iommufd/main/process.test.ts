/** The process that opens a context: its memory decides what can be pinned. */
import { expect, test } from 'vitest';
import { ask, inContext, malformed, RW, refuse, start, succeed } from '../testing.ts';

const region = (start: string, last: string) => `{ start: "${start}", last: "${last}" }`;
const memory = (...regions: string[]) => `process: { memory: [${regions.join(', ')}] }`;

test('without a process there are 16 MiB of memory and no limits', async () => {
  const server = await start();
  await succeed(server, 'contextOpen');
  expect(
    await inContext(
      server,
      '{ memory { start last } rlimitMode capIpcLock capSysResource rlimitMemlock userId processId vfioIoas { ioasId } }',
    ),
  ).toEqual({
    memory: [{ start: '0x10000000', last: '0x10ffffff' }],
    rlimitMode: 0,
    capIpcLock: true,
    capSysResource: true,
    rlimitMemlock: null,
    userId: 0,
    processId: null,
    vfioIoas: null,
  });
});

test('the memory declared is what a domain can be filled from', async () => {
  const server = await start();
  const regions = memory(region('0x1000', '0x1fff'), region('0x2000', '0x3fff'));
  expect(
    await succeed(server, 'contextOpen', regions, 'context { memory(first: 1) { start last } }'),
  ).toEqual({ context: { memory: [{ start: '0x1000', last: '0x1fff' }] } });
  await succeed(server, 'ioasAlloc');
  await succeed(server, 'testMockDomain', 'ptId: 1');
  await succeed(server, 'ioasMap', `ioasId: 1, ${RW}, userVa: "0x1000", length: "0x3000"`);
  const beyond = `ioasId: 1, ${RW}, userVa: "0x3000", length: "0x2000"`;
  expect((await refuse(server, 'ioasMap', beyond)).errno).toBe('EFAULT');
});

test('what the process may lock and set', async () => {
  const server = await start();
  const process = 'capIpcLock: false, capSysResource: false, rlimitMemlock: "0x3000", userId: 7';
  await succeed(server, 'contextOpen', `process: { ${process} }`);
  const limits = '{ memory { start } capIpcLock capSysResource rlimitMemlock userId lockedPages }';
  const shown = {
    memory: [{ start: '0x10000000' }],
    capIpcLock: false,
    capSysResource: false,
    rlimitMemlock: '0x3000',
    userId: 7,
    lockedPages: '0x0',
  };
  expect(await inContext(server, limits)).toEqual(shown);
  const mode = 'optionId: IOMMU_OPTION_RLIMIT_MODE, op: IOMMU_OPTION_OP_SET, val64: "0x1"';
  expect((await refuse(server, 'option', mode)).errno).toBe('EPERM');
  await succeed(server, 'ioasAlloc');
  await succeed(server, 'testMockDomain', 'ptId: 1');
  const map = `ioasId: 1, ${RW}, userVa: "0x10000000", length: "0x2000"`;
  await succeed(server, 'ioasMap', map);
  expect(await inContext(server, limits)).toEqual({ ...shown, lockedPages: '0x2' });
  expect((await refuse(server, 'ioasMap', map)).errno).toBe('ENOMEM');
});

test('contexts of one process count what they lock together in RLIMIT_MODE 1', async () => {
  const server = await start();
  const mode = 'optionId: IOMMU_OPTION_RLIMIT_MODE, op: IOMMU_OPTION_OP_SET, val64: "0x1"';
  const map = `ioasId: 1, ${RW}, userVa: "0x10000000", length: "0x2000"`;
  const process = 'process: { capIpcLock: false, rlimitMemlock: "0x3000", processId: 12 }';
  const inAnother = (name: string, input = '') =>
    ask(
      server,
      `mutation { ${name}(input: {contextId: 2, ${input}}) { ... on KernelError { errno } } }`,
    );
  await succeed(server, 'contextOpen', process);
  await succeed(server, 'contextOpen', process);
  expect(await inContext(server, '{ processId }')).toEqual({ processId: 12 });
  await succeed(server, 'option', mode);
  await succeed(server, 'ioasAlloc');
  await succeed(server, 'testMockDomain', 'ptId: 1');
  await succeed(server, 'ioasMap', map);
  await inAnother('option', mode);
  await inAnother('ioasAlloc');
  await inAnother('testMockDomain', 'ptId: 1');
  expect(await inAnother('ioasMap', map)).toEqual({ ioasMap: { errno: 'ENOMEM' } });
  expect(await inAnother('ioasMap', map.replace('0x2000', '0x1000'))).toEqual({ ioasMap: {} });
});

test.each([
  [
    memory(region('0x1800', '0x2fff')),
    '"input.process.memory[0].start" must be a multiple of 0x1000, not 0x1800',
  ],
  [
    memory(region('0x1000', '0x2000')),
    '"input.process.memory[0].last" must be one below a multiple of 0x1000, not 0x2000',
  ],
  [
    memory(region('0x5000', '0x2fff')),
    '"input.process.memory[0].last" must be 0x5000 or above, not 0x2fff',
  ],
  [
    memory(region('0x5000', '0x6fff'), region('0x6000', '0x7fff')),
    '"input.process.memory[1].start" must be above the region before it, which ends at 0x6fff',
  ],
  [
    memory(region('0x5000', '0x6fff'), region('0x1000', '0x1fff')),
    '"input.process.memory[1].start" must be above the region before it, which ends at 0x6fff',
  ],
  [
    'process: { memory: [{ start: "0x1000", last: "0x2fff", pageSize: 8192 }] }',
    '"input.process.memory[0].start" must be a multiple of 0x2000, not 0x1000',
  ],
  [
    'process: { memory: [{ start: "0x0", last: "0x2fff", pageSize: 12288 }] }',
    '"input.process.memory[0].pageSize" must be a power of two from 4096 on, not 12288',
  ],
  [
    'process: { sharesMemory: true }',
    '"input.process.sharesMemory" needs "input.process.processId"',
  ],
  [
    memory(...Array<string>(1_025).fill(region('0x1000', '0x1fff'))),
    '"input.process.memory" may have at most 1024 entries, not 1025',
  ],
])('bad memory is named', async (process, message) => {
  const server = await start();
  expect(await malformed(server, 'contextOpen', process)).toEqual([message]);
  expect(await inContext(server, '{ contextId }')).toBeNull();
});

test('contexts that share the memory of their process see it change', async () => {
  const server = await start();
  const process = 'process: { processId: 7, sharesMemory: true }';
  await succeed(server, 'contextOpen', process);
  await succeed(server, 'contextOpen', process);
  await succeed(server, 'ioasAlloc');
  await succeed(server, 'testMockDomain', 'ptId: 1');
  const change = 'removed: [{ start: "0x10001000", last: "0x10001fff" }]';
  const data = { contextId: null, processId: 7, added: [], told: false };
  expect(await succeed(server, 'userMemoryChange', change, 'events { type data }')).toMatchObject({
    events: [{ type: 'UserMemoryChanged', data }],
  });
  const map = `ioasId: 1, ${RW}, userVa: "0x10001000", length: "0x1000"`;
  expect((await refuse(server, 'ioasMap', map)).errno).toBe('EFAULT');
  expect(await inContext(server, '{ memory { start last } processId }')).toEqual({
    memory: [
      { start: '0x10000000', last: '0x10000fff' },
      { start: '0x10002000', last: '0x10ffffff' },
    ],
    processId: 7,
  });
});
