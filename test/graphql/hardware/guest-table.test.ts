/** The guest's page table as a list, at any moment, in every format. */
import { expect, test } from 'vitest';
import { TABLE_FORMATS } from '../../../src/core/hardware/tables/access.ts';
import type { Faultline } from '../../../src/server/faultline.ts';
import { ask, at, type Json, post, start, succeed } from '../builder/testing.ts';
import { C, F, GUEST_MAP, M, makeHardware } from './mutation-cases.ts';

const ENTRY =
  'iova level address entry leadsTo fault pageSize read write execute user accessed dirty';

const query = (args: string, place: string) =>
  `{ machine(${M}${place}) { context(contextId: 1) { object(id: 5) { ... on HwptNested {
    guestTable { format levels root readable entries${args} { next list { ${ENTRY} } } } } } } } }`;

async function table(server: Faultline, args = '', place = ''): Promise<Json> {
  const data = await ask(server, query(args, place));
  return at(data, 'machine', 'context', 'object', 'guestTable');
}

const listOf = (found: Json) => at(found, 'entries', 'list') as Json[];

const NOT_A_PAGE = {
  ...{ fault: null, pageSize: null, read: false, write: false, execute: false, user: false },
  ...{ accessed: false, dirty: false },
};

test('tables, the page, and what hardware and the guest wrote into it', async () => {
  const server = await start();
  await makeHardware(server, 'vendor: VTD');
  expect(await table(server)).toMatchObject({
    ...{ format: 'VTD_4_LEVELS', levels: 4, root: '0x1000', readable: true },
    entries: { next: null, list: [] },
  });
  await succeed(server, 'guestMap', GUEST_MAP);
  const iova = '0x40000000';
  const page = {
    ...{ iova, level: 0, address: '0x4000', entry: '0x8000000000020007', leadsTo: '0x20000' },
    ...{ fault: null, pageSize: '0x1000', read: true, write: true, execute: false, user: true },
    ...{ accessed: false, dirty: false },
  };
  expect(listOf(await table(server))).toEqual([
    { ...NOT_A_PAGE, iova: '0x0', level: 3, address: '0x1000', entry: '0x2007', leadsTo: '0x2000' },
    { ...NOT_A_PAGE, iova, level: 2, address: '0x2008', entry: '0x3007', leadsTo: '0x3000' },
    { ...NOT_A_PAGE, iova, level: 1, address: '0x3000', entry: '0x4007', leadsTo: '0x4000' },
    page,
  ]);
  await succeed(server, 'dma', `${F}, iova: "${iova}", length: "0x10"`);
  const seq = at(await ask(server, `{ machine(${M}) { seq } }`), 'machine', 'seq');
  expect(listOf(await table(server))[3]).toMatchObject({ accessed: true, dirty: false });
  await succeed(server, 'dma', `${F}, iova: "${iova}", length: "0x10", write: true`);
  expect(listOf(await table(server))[3]).toMatchObject({ accessed: true, dirty: true });
  // A table where the guest has no memory, and an entry with a bit that is reserved.
  const word = (gpa: string, value: string) => `{ gpa: "${gpa}", value: "${value}" }`;
  await succeed(
    server,
    'guestWrite',
    `${C}, ioasId: 2, words: [${word('0x2010', '0x7000000007')}, ${word('0x1ff8', '0x87')}]`,
  );
  expect(listOf(await table(server)).slice(4)).toMatchObject([
    { iova: '0x80000000', level: 2, leadsTo: '0x7000000000', fault: 'TABLE_UNREADABLE' },
    { iova: '0xffffff8000000000', level: 3, leadsTo: null, fault: 'RESERVED' },
  ]);
  // At the moment before, it was as it was then.
  expect(listOf(await table(server, '', `, at: ${seq}`)).length).toBe(4);
});

test('a part of it, from an IOVA on', async () => {
  const server = await start();
  await makeHardware(server);
  const pages = GUEST_MAP.replace('length: "0x1000"', 'length: "0x8000"');
  await succeed(server, 'guestMap', pages);
  const all = listOf(await table(server));
  expect(all.length).toBe(3 + 8);
  const part = await table(server, '(first: 8)');
  expect(listOf(part)).toEqual(all.slice(0, 8));
  expect(at(part, 'entries', 'next')).toBe('0x40005000');
  const rest = await table(server, '(from: "0x40005000")');
  expect(listOf(rest)).toEqual([...all.slice(0, 3), ...all.slice(8)]);
  // Else going on might list what leads there again, and nothing else.
  const { errors } = await post(server, query('(first: 7)', ''));
  expect(errors).toMatchObject([{ message: '"first" must be from 8 to 1000, not 7' }]);
});

test('empty tables that lead to one another: so many words are read, and the rest can be asked for', async () => {
  const server = await start();
  await makeHardware(server, 'vendor: VTD');
  const fill = async (table: bigint, entry: string) => {
    const words = Array.from(
      { length: 512 },
      (_, index) => `{ gpa: "0x${(table + 8n * BigInt(index)).toString(16)}", value: "${entry}" }`,
    );
    await succeed(server, 'guestWrite', `${C}, ioasId: 2, words: [${words.join(' ')}]`);
  };
  await fill(0x1000n, '0x2007');
  await fill(0x2000n, '0x3007');
  await fill(0x3000n, '0x4007');
  const seen: Json[] = [];
  let from: Json = '0x0';
  for (let answers = 0; answers < 3; answers++) {
    const part: Json = await table(server, `(first: 1000, from: "${from as string}")`);
    // 16,384 words are 32 empty tables, and what it took to come to them.
    expect(listOf(part).length).toBeLessThan(50);
    seen.push(...listOf(part).filter(line => at(line, 'level') === 1));
    from = at(part, 'entries', 'next');
  }
  expect(seen.map(line => at(line, 'iova'))).toEqual(
    seen.map((_, index) => `0x${(index * 0x200000).toString(16)}`),
  );
});

const VENDOR = { VTD: 'CONFORMING', RISCV: 'RISCV', ARM: 'SMMUV3' } as const;

test.each(TABLE_FORMATS)('%s: what the guest mapped is what is listed', async format => {
  const server = await start();
  const [family] = format.split('_') as [keyof typeof VENDOR];
  await makeHardware(server, `vendor: ${VENDOR[family]}, tableFormat: ${format}`);
  await succeed(server, 'guestMap', `${GUEST_MAP}, writeable: false, executable: true`);
  const found = await table(server);
  expect(found).toMatchObject({ format });
  const lines = listOf(found);
  expect(lines.length).toBe(at(found, 'levels'));
  expect(lines.at(-1)).toMatchObject({
    ...{ iova: '0x40000000', level: 0, leadsTo: '0x20000', pageSize: '0x1000', fault: null },
    ...{ read: true, write: false, execute: true, user: true },
  });
});
