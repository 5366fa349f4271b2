/** Every bound of modelled hardware: an error that names the field and the bound, nothing written. */
import { expect, test } from 'vitest';
import { at, post, start } from '../builder/testing.ts';
import { C, F, GUEST_MAP, M, makeHardware } from './mutation-cases.ts';

const IOVA = 'iova: "0x0", length: "0x8"';
const dma = (options: string) => `dma(input: {${F}, ${IOVA}, options: {${options}}})`;
const load = (ops: string, options = '') =>
  `deviceProgramLoad(input: {${F}, ops: [${ops}], options: {${options}}})`;
const iommu = (fields: string) => `machineCreate(input: {machineId: "n", iommus: [{${fields}}]})`;
const fn = (fields: string) =>
  `machineCreate(input: {machineId: "n", iommus: [{}], devices: [{bdf: "0000:01:00.0", hardware: {iommu: 0, ${fields}}}]})`;
const many = (count: number, item: string) => Array(count).fill(item).join(' ');

const BAD: readonly (readonly [mutation: string, message: string])[] = [
  [dma('pagesPerGroup: 0'), '"input.options.pagesPerGroup" must be from 1 to 512, not 0'],
  [dma('pagesPerGroup: 513'), '"input.options.pagesPerGroup" must be from 1 to 512, not 513'],
  [dma('retryLimit: 1001'), '"input.options.retryLimit" must be from 1 to 1000, not 1001'],
  [dma('timeoutTicks: 0'), '"input.options.timeoutTicks" must be from 1 to 1000000000, not 0'],
  [
    dma('timeoutTicks: 1000000001'),
    '"input.options.timeoutTicks" must be from 1 to 1000000000, not 1000000001',
  ],
  [
    dma('prgIndex: FIXED'),
    '"input.options.fixedIndex" must be given with prgIndex FIXED, and only with it',
  ],
  [load('{op: READ, iova: "0x0"}'), '"input.ops[0].length" must be given with READ'],
  [load(`{op: COPY, ${IOVA}}`), '"input.ops[0].toIova" must be given with COPY'],
  [load('{op: REPEAT}'), '"input.ops[0].count" must be given with REPEAT'],
  [
    load('{op: REPEAT, count: 1000001}'),
    '"input.ops[0].count" must be from 1 to 1000000, not 1000001',
  ],
  [
    load(`{op: READ, ${IOVA}, fill: 1}`),
    '"input.ops[0].fill" means nothing with READ: leave it out',
  ],
  [
    load(`{op: READ, ${IOVA}, write: true}`),
    '"input.ops[0].write" means nothing with READ: leave it out',
  ],
  [
    load(`{op: WRITE, ${IOVA}, toIova: "0x0"}`),
    '"input.ops[0].toIova" means nothing with WRITE: leave it out',
  ],
  [
    load(`{op: READ, ${IOVA}} {op: BARRIER, pasid: 1}`),
    '"input.ops[1].pasid" means nothing with BARRIER: leave it out',
  ],
  [
    load(`{op: STOP, pasid: 1, iova: "0x0"}`),
    '"input.ops[0].iova" means nothing with STOP: leave it out',
  ],
  [
    load(`{op: READ, ${IOVA}} {op: REPEAT, count: 1, length: "0x1"}`),
    '"input.ops[1].length" means nothing with REPEAT: leave it out',
  ],
  [
    load('{op: REPEAT, count: 1}'),
    '"input.ops[0]": a REPEAT needs an operation before it to repeat',
  ],
  [
    load(`{op: READ, ${IOVA}} {op: REPEAT, count: 1} {op: REPEAT, count: 1}`),
    '"input.ops[2]": a REPEAT needs an operation before it to repeat',
  ],
  [load('{op: STOP}'), '"input.ops[0].pasid" must be given with STOP, or the options need pasids'],
  [
    load(`{op: READ, ${IOVA}}`, 'pasids: []'),
    '"input.options.pasids" must have from 1 to 1024 entries, not 0',
  ],
  [`dma(input: {${F}, ${IOVA}, fill: 3})`, '"input.fill" means nothing for a read: leave it out'],
  [
    `dma(input: {${F}, ${IOVA}, write: true, fill: 3, data: "00"})`,
    '"input.fill" means nothing with "data": leave it out',
  ],
  [
    `dma(input: {${F}, ${IOVA}, write: true, data: "0"})`,
    '"input.data" must be bytes as hex digits, two a byte, as "00ff"',
  ],
  [load(`{op: EXPECT, ${IOVA}, fill: -1}`), '"input.ops[0].fill" must be from 0 to 255, not -1'],
  [load('{op: READ, iova: "0x0", length: "0x0"}'), '"input.ops[0].length" must not be 0'],
  [
    load('{op: BARRIER}', 'maxOutstanding: 0'),
    '"input.options.maxOutstanding" must be from 1 to 1024, not 0',
  ],
  [
    load('{op: BARRIER}', 'maxOutstanding: 1025'),
    '"input.options.maxOutstanding" must be from 1 to 1024, not 1025',
  ],
  [
    load('{op: BARRIER}', `pasids: [${many(1_025, '1')}]`),
    '"input.options.pasids" must have from 1 to 1024 entries, not 1025',
  ],
  [`deviceRun(input: {${F}, steps: 65537})`, '"input.steps" must be from 1 to 65536, not 65537'],
  [
    `hardwareAdvance(input: {${M}, ticks: 1000000001})`,
    '"input.ticks" must be from 1 to 1000000000, not 1000000001',
  ],
  [
    `hardwareAdvance(input: {${M}, ticks: -1})`,
    '"input.ticks" must be from 1 to 1000000000, not -1',
  ],
  [
    `prqServe(input: {${M}, iommu: 0, max: 32769})`,
    '"input.max" must be from 1 to 32768, not 32769',
  ],
  [
    `guestWrite(input: {${C}, ioasId: 2, words: []})`,
    '"input.words" must have from 1 to 4096 entries, not 0',
  ],
  [
    `guestMap(input: {${GUEST_MAP.replace('length: "0x1000"', 'length: "0x10001000"')}})`,
    '"input.length" may be at most 65536 pages, not 65537',
  ],
  [
    `guestMap(input: {${GUEST_MAP.replace('tablesLength: "0x8000"', 'tablesLength: "0x10001000"')}})`,
    '"input.tablesLength" may be at most 65536 pages, not 65537',
  ],
  [
    `guestUnmap(input: {${C}, hwptId: 5, iova: "0x0", length: "0x10001000"})`,
    '"input.length" may be at most 65536 pages, not 65537',
  ],
  ...[0, 1, 3, 65_536].map(
    entries =>
      [
        iommu(`pageRequestQueueEntries: ${entries}`),
        `"input.iommus[0].pageRequestQueueEntries" must be a power of two from 2 to 32768, not ${entries}`,
      ] as const,
  ),
  [iommu('iotlbEntries: 0'), '"input.iommus[0].iotlbEntries" must be from 1 to 65536, not 0'],
  [
    iommu('iotlbEntries: 65537'),
    '"input.iommus[0].iotlbEntries" must be from 1 to 65536, not 65537',
  ],
  [
    iommu('invalidationTimeoutTicks: 0'),
    '"input.iommus[0].invalidationTimeoutTicks" must be from 1 to 1000000000, not 0',
  ],
  // What a vendor has not.
  ...(
    [
      [
        'vendor: RISCV, driver: AS_LINUX',
        'driver',
        'RISCV',
        'CONFORMING: Linux has no such driver',
      ],
      [
        'vendor: VTD, tableFormat: ARM_4K',
        ...['tableFormat', 'VTD', 'VTD_4_LEVELS or VTD_5_LEVELS, or left out'],
      ],
      [
        'vendor: SMMUV3, tableFormat: RISCV_SV39',
        ...['tableFormat', 'SMMUV3', 'ARM_4K, or left out'],
      ],
      [
        'vendor: RISCV, tableFormat: VTD_4_LEVELS',
        ...['tableFormat', 'RISCV', 'RISCV_SV39 or RISCV_SV48 or RISCV_SV57, or left out'],
      ],
      [
        'vendor: AMD_VI, answersWithPasid: false',
        ...['answersWithPasid', 'AMD_VI', 'true but with SMMUV3 or RISCV'],
      ],
      [
        'vendor: RISCV, alwaysWithPasid: true',
        ...['alwaysWithPasid', 'RISCV', 'false but with SMMUV3'],
      ],
      [
        'vendor: VTD, contextReadable: false',
        ...['contextReadable', 'VTD', 'true but with SMMUV3'],
      ],
      [
        'vendor: SMMUV3, faultCapableNested: true',
        ...['faultCapableNested', 'SMMUV3', 'left out: it takes them anyway'],
      ],
      [
        'vendor: VTD, amdAutoResponse: {code: 0}',
        ...['amdAutoResponse', 'VTD', 'left out but with AMD_VI'],
      ],
    ] as const
  ).map(
    ([fields, field, vendor, wanted]) =>
      [iommu(fields), `"input.iommus[0].${field}" of ${vendor} must be ${wanted}`] as const,
  ),
  [
    iommu('vendor: AMD_VI, amdAutoResponse: {code: 16}'),
    '"input.iommus[0].amdAutoResponse.code" must be from 0 to 15, not 16',
  ],
  [
    fn('hasAts: false, ats: {lru: true}'),
    '"input.devices[0].hardware.ats" must be left out with hasAts: false',
  ],
  [
    fn('stall: true, ats: {lru: true}'),
    '"input.devices[0].hardware.ats" must be left out with stall',
  ],
  [
    fn('priCapacity: 4097'),
    '"input.devices[0].hardware.priCapacity" must be from 1 to 4096, not 4097',
  ],
  [fn('pasidWidth: 21'), '"input.devices[0].hardware.pasidWidth" must be from 0 to 20, not 21'],
  [
    fn('ats: {entries: 0}'),
    '"input.devices[0].hardware.ats.entries" must be from 1 to 65536, not 0',
  ],
  [
    fn('ats: {invalidateQueueDepth: 33}'),
    '"input.devices[0].hardware.ats.invalidateQueueDepth" must be from 1 to 32, not 33',
  ],
];

test('bad input names the field and the bound, and nothing is written', async () => {
  const server = await start();
  await makeHardware(server);
  const heads = async () =>
    JSON.stringify(await server.engine.log.machines({ after: null, limit: 9 }));
  const before = await heads();
  for (const [mutation, message] of BAD) {
    const { data, errors } = await post(server, `mutation { result: ${mutation} { __typename } }`);
    expect(
      errors.map(error => error.message),
      mutation,
    ).toEqual([message]);
    expect(errors[0]!.extensions?.code).toBe('BAD_USER_INPUT');
    expect(data === null || at(data, 'result') === null, mutation).toBe(true);
    expect(await heads(), mutation).toBe(before);
  }
});

test('what is looked at has bounds, too', async () => {
  const server = await start();
  await makeHardware(server, 'pageRequestQueueEntries: 4');
  const looks = [
    ['iommu(no: 0) { pageRequestQueue { raw(index: 4) } }', '"index" must be from 0 to 3, not 4'],
    [
      'context(contextId: 1) { memoryAt(userVa: "0x10000000", length: 0) }',
      '"length" must be from 1 to 4096, not 0',
    ],
    [
      'context(contextId: 1) { memoryAt(userVa: "0x10000000", length: 4097) }',
      '"length" must be from 1 to 4096, not 4097',
    ],
    [
      'context(contextId: 1) { memoryAt(userVa: "0xffffff8", length: 9) }',
      '"userVa" must begin 9 bytes of memory that exist, not 0xffffff8',
    ],
  ] as const;
  for (const [look, message] of looks) {
    const { errors } = await post(server, `{ machine(${M}) { ${look} } }`);
    expect(errors.map(error => error.message)).toEqual([message]);
  }
});
