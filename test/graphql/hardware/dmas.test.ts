/** The DMAs of a range: how each moved on, how it ended, and which iopf groups were its own. */
import { expect, test } from 'vitest';
import type { Faultline } from '../../../src/server/faultline.ts';
import { ask, at, type Json, post, start, succeed } from '../builder/testing.ts';
import { C, F, GUEST_MAP, M, makeHardware } from './mutation-cases.ts';

const LIST = `count newest { dmaId device iova write issuedSeq endedSeq state retries reason iopfGroupIds
  steps { seq kind } }`;

async function dmas(server: Faultline, args = 'from: 0', place = ''): Promise<Json> {
  return at(
    await ask(server, `{ machine(${M}${place}) { dmas(${args}) { ${LIST} } } }`),
    'machine',
  );
}

const seqOf = async (server: Faultline) =>
  at(await ask(server, `{ machine(${M}) { seq } }`), 'machine', 'seq') as number;

const answer = async (server: Faultline, cookie: number, code: string) => {
  await succeed(server, 'faultRead', `${C}, faultId: 4`);
  const response = `{cookie: ${cookie}, code: IOMMUFD_PAGE_RESP_${code}}`;
  await succeed(server, 'faultWrite', `${C}, faultId: 4, responses: [${response}]`);
};

const kinds = (record: Json) => (at(record, 'steps') as Json[]).map(step => at(step, 'kind'));

test('one that asks twice, one that is refused, one that does not wait', async () => {
  const server = await start();
  await makeHardware(server);
  await succeed(server, 'dma', `${F}, iova: "0x40000000", length: "0x1000", write: true`);
  await answer(server, 1, 'SUCCESS');
  const waiting = await seqOf(server);
  await succeed(server, 'guestMap', GUEST_MAP);
  await answer(server, 1, 'SUCCESS');
  await succeed(server, 'dma', `${F}, iova: "0x50000000", length: "0x1000"`);
  await answer(server, 1, 'INVALID');
  await succeed(server, 'dma', `${F}, iova: "0x40000000", length: "0x10"`);
  const list = at(await dmas(server), 'dmas');
  expect(at(list, 'count')).toBe(3);
  const [twice, refused, atOnce] = at(list, 'newest') as [Json, Json, Json];
  expect(twice).toMatchObject({ dmaId: 1, device: '0000:01:00.0', write: true, reason: null });
  expect(twice).toMatchObject({ state: 'DONE', retries: 1 });
  expect(kinds(twice)).toEqual(['ISSUED', 'WAITING_PRG', 'RETRIED', 'WAITING_PRG', 'DONE']);
  expect(at(twice, 'iopfGroupIds')).toEqual([1, 2]);
  expect(at(twice, 'endedSeq')).toBe(at(twice, 'steps', 4, 'seq'));
  expect(refused).toMatchObject({ dmaId: 2, reason: 'INVALID_REQUEST', iopfGroupIds: [3] });
  expect(kinds(refused)).toEqual(['ISSUED', 'WAITING_PRG', 'ABORTED']);
  expect(atOnce).toMatchObject({ dmaId: 3, iova: '0x40000000', issuedSeq: null });
  expect(kinds(atOnce)).toEqual(['DONE']);

  // The past as it was: the first one waits for its second group.
  const past = at(await dmas(server, 'from: 0', `, at: ${waiting}`), 'dmas');
  expect(past).toMatchObject({
    count: 1,
    newest: [{ endedSeq: null, state: 'WAITING_PRG', iopfGroupIds: [1, 2] }],
  });

  // A range that begins while it waits knows when it was issued, and its group.
  const later = at(await dmas(server, `from: ${waiting}`), 'dmas', 'newest', 0);
  expect(later).toMatchObject({ dmaId: 1, issuedSeq: at(twice, 'issuedSeq'), iopfGroupIds: [2] });
  expect(kinds(later)).toEqual(['WAITING_PRG', 'DONE']);
  expect(at(later, 'steps', 0, 'seq')).toBe(waiting);
  // What was over before the range is not in it.
  const end = await seqOf(server);
  expect(at(await dmas(server, `from: ${end}`), 'dmas', 'count')).toBe(0);
});

test('stalled transactions have the groups of their tags', async () => {
  const server = await start();
  await makeHardware(server, 'vendor: SMMUV3', ', stall: true', ', pri: false');
  await succeed(server, 'dma', `${F}, iova: "0x40000000", length: "0x1000"`);
  const list = at(await dmas(server), 'dmas', 'newest') as Json[];
  expect(list).toMatchObject([{ iopfGroupIds: [1] }]);
  expect(kinds(list[0]!)).toContain('STALLED');
});

test('a range that is not there, or turned around, is named', async () => {
  const server = await start();
  await makeHardware(server);
  const said = async (args: string) =>
    (await post(server, `{ machine(${M}) { dmas(${args}) { count } } }`)).errors.map(
      ({ message }) => message,
    );
  const end = await seqOf(server);
  expect(await said(`from: ${end + 1}`)).toEqual([expect.stringContaining('"from"')]);
  expect(await said('from: 5, to: 4')).toEqual(['"from" must be at most "to", 4, not 5']);
  expect(await said('from: 0) { newest(last: 1001) { dmaId } } x: dmas(from: 0')).toEqual([
    '"last" must be from 0 to 1000, not 1001',
  ]);
});
