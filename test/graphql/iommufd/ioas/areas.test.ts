/** Many areas and large ones: pages of the connection, time travel, a log on disk. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  ask,
  FIXED_RW,
  type Fields,
  inContext,
  post,
  start,
  startWithIoas,
  succeed,
} from '../testing.ts';

const AREAS = 3_000;
/** Mutations in one document; the server takes 256. */
const BATCH = 250;

/** Maps every second page from 0x1000 on, 0x1000 bytes each, the highest first. */
async function mapMany(server: { url: string }): Promise<string[]> {
  const starts = Array.from({ length: AREAS }, (_, i) => `0x${(0x1000 + i * 0x2000).toString(16)}`);
  const descending = starts.toReversed();
  for (let from = 0; from < AREAS; from += BATCH) {
    const maps = descending.slice(from, from + BATCH).map(
      (iova, index) =>
        `m${index}: ioasMap(input: {
          contextId: 1, ioasId: 1, ${FIXED_RW}, userVa: "0x10000000", length: "0x1000", iova: "${iova}"
        }) { ... on IoasMapPayload { iova } }`,
    );
    const data = await ask(server, `mutation { ${maps.join('\n')} }`);
    expect(Object.values(data)).toEqual(
      descending.slice(from, from + BATCH).map(iova => ({ iova })),
    );
  }
  return starts;
}

async function page(server: { url: string }, args: string): Promise<Fields> {
  const object = await inContext(
    server,
    `{ object(id: 1) { ... on Ioas {
      areas(${args}) {
        edges { cursor node { start } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    } } }`,
  );
  return (object['object'] as Fields)['areas'] as Fields;
}

const cursors = (areas: Fields) => (areas['edges'] as Fields[]).map(edge => edge['cursor']);

test('thousands of areas are paged through in order, each once', async () => {
  const server = await startWithIoas();
  const starts = await mapMany(server);
  const seen: unknown[] = [];
  let after = '';
  for (;;) {
    const areas = await page(server, `first: 999${after}`);
    seen.push(...cursors(areas));
    const { hasNextPage, endCursor } = areas['pageInfo'] as Fields;
    if (!hasNextPage) break;
    after = `, after: "${endCursor}"`;
  }
  expect(seen).toEqual(starts);
  expect(await page(server, 'first: 1, after: "0x3000"')).toEqual({
    edges: [{ cursor: '0x5000', node: { start: '0x5000' } }],
    pageInfo: {
      hasNextPage: true,
      hasPreviousPage: true,
      startCursor: '0x5000',
      endCursor: '0x5000',
    },
  });
  // A cursor stays good when its area is gone, and when another came in its place.
  await succeed(server, 'ioasUnmap', 'ioasId: 1, iova: "0x3000", length: "0x3000"');
  expect(cursors(await page(server, 'first: 1, after: "0x3000"'))).toEqual(['0x7000']);
  const wider = `ioasId: 1, ${FIXED_RW}, userVa: "0x10000000", length: "0x5000", iova: "0x2000"`;
  await succeed(server, 'ioasMap', wider);
  expect(cursors(await page(server, 'first: 2, after: "0x3000"'))).toEqual(['0x7000', '0x9000']);
  expect(cursors(await page(server, 'first: 2, after: "0x1000"'))).toEqual(['0x2000', '0x7000']);
  expect(await page(server, 'first: 3, after: "0xffffffffffffffff"')).toMatchObject({
    edges: [],
    pageInfo: { hasNextPage: false },
  });
});

test('areas page forward alone, and a cursor is an IOVA', async () => {
  const server = await startWithIoas();
  const errors = async (args: string) => {
    const query = `{ machine { context(contextId: 1) { object(id: 1) { ... on Ioas {
      areas(${args}) { pageInfo { hasNextPage } }
    } } } } }`;
    return (await post(server, query)).errors;
  };
  expect(await errors('last: 3')).toEqual(['"areas" pages forward: use "first" and "after"']);
  expect(await errors('after: "12"')).toEqual([
    '"after" must be a cursor of this connection, an IOVA in hex',
  ]);
  expect(await errors('first: 1001')).toEqual(['"first" must be from 0 to 1000, not 1001']);
});

test('1 TiB is one area, and comes back from the disk', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-ioas-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const database = join(directory, 'log.db');
  const server = await start(database);
  const memory = '{ start: "0x100000000000", last: "0x1fffffffffff" }';
  await succeed(server, 'contextOpen', `process: { memory: [${memory}] }`);
  await succeed(server, 'ioasAlloc');
  await succeed(server, 'deviceBind', 'bdf: "0000:01:00.0"');
  await succeed(server, 'deviceAttach', 'devId: 2, ptId: 1');
  const mapped = await succeed(
    server,
    'ioasMap',
    `ioasId: 1, ${FIXED_RW}, userVa: "0x100000000000", length: "0x10000000000", iova: "0x10000000000"`,
    'seq area { last length }',
  );
  expect(mapped['area']).toEqual({ last: '0x1ffffffffff', length: '0x10000000000' });
  const look = `{ object(id: 2) { ... on Device {
    translate(iova: "0x1fffffffffe", write: true) { userVa failure area { start } }
  } } }`;
  const there = { userVa: '0x10fffffffffe', failure: null, area: { start: '0x10000000000' } };
  expect(await inContext(server, look)).toEqual({ object: { translate: there } });
  await succeed(server, 'ioasUnmap', 'ioasId: 1, iova: "0x0", length: "0xffffffffffffffff"');
  await server.stop();

  const again = await start(database);
  const gone = { userVa: null, failure: 'NOT_MAPPED', area: null };
  expect(await inContext(again, look)).toEqual({ object: { translate: gone } });
  const seq = mapped['seq'] as number;
  expect(await inContext(again, look, seq)).toEqual({ object: { translate: there } });
});
