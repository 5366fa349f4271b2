/** A machine whose hardware acts, taken away and run again: replays for handlers, files. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { at, type Json, start, succeed } from '../graphql/builder/testing.ts';
import { C, F, GUEST_MAP, M, makeHardware } from '../graphql/hardware/mutation-cases.ts';
import { ask, untyped } from './asking.ts';
import { run, temporaryDirectory } from './process.ts';
import { subscribeSse } from './subscriber.ts';

const READ = `${F}, iova: "0x40000000", length: "0x1000"`;

async function recorded(database = ':memory:') {
  const server = await start(database);
  await makeHardware(server, 'vendor: VTD');
  await succeed(server, 'dma', READ);
  await succeed(server, 'faultRead', `${C}, faultId: 4`);
  await succeed(server, 'guestMap', GUEST_MAP);
  const code = 'IOMMUFD_PAGE_RESP_SUCCESS';
  await succeed(server, 'faultWrite', `${C}, faultId: 4, responses: [{cookie: 1, code: ${code}}]`);
  await succeed(server, 'dma', READ);
  return server;
}

test('a handler meets the faults of a modelled device again, and is compared', async () => {
  const server = await recorded();
  const replay = untyped(
    `subscription { replay(${M}, from: 0, speed: 0, waitForAnswers: true) {
      kind replayId iopfGroup { cookie messages { addr } } summary { groups sameCode otherCode } } }`,
  );
  const items = await subscribeSse(server, replay);
  for (;;) {
    const item = (await items.next('replay' as never)) as unknown as Json;
    if (at(item, 'kind') === 'FINISHED') {
      expect(at(item, 'summary')).toEqual({ groups: 1, sameCode: 0, otherCode: 1 });
      break;
    }
    if (at(item, 'kind') !== 'DELIVERED') continue;
    expect(at(item, 'iopfGroup')).toEqual({ cookie: 1, messages: [{ addr: '0x40000000' }] });
    const responses = '[{cookie: 1, code: IOMMUFD_PAGE_RESP_INVALID}]';
    const answer = untyped(
      `mutation { replayAnswer(input: {
        replayId: "${at(item, 'replayId')}", contextId: 1, faultId: 4, responses: ${responses}
      }) { verdict } }`,
    );
    expect(await ask(server, answer)).toEqual({ replayAnswer: [{ verdict: 'OTHER_CODE' }] });
  }
});

test('export, replay --check and import agree on the final hash', async () => {
  const folder = temporaryDirectory();
  const database = join(folder, 'hw.sqlite');
  const server = await recorded(database);
  await server.stop();
  const file = join(folder, 'hw.jsonl');
  const flags = ['--database', database, '--machine', 'hw', '--output', file];
  expect(await run('export', ...flags)).toMatchObject({ code: 0 });
  const checked = await run('replay', '--check', file);
  expect(checked).toMatchObject({ code: 0, stderr: '' });
  const [, hash] = /final hash ([0-9a-f]{64})/.exec(checked.stdout)!;
  const copy = join(folder, 'copy.sqlite');
  expect(await run('import', file, '--database', copy, '--as', 'copy')).toMatchObject({ code: 0 });
  const again = join(folder, 'copy.jsonl');
  const more = ['--database', copy, '--machine', 'copy', '--output', again];
  expect(await run('export', ...more)).toMatchObject({ code: 0 });
  expect((await run('replay', '--check', again)).stdout).toContain(hash);
});
