/** `faultline log` in a terminal: all of it, what fits, as JSON, followed. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openFaultline } from '../../src/index.ts';
import { post } from '../graphql/builder/testing.ts';
import { begin, run, serve, temporaryDirectory } from './process.ts';

const PCI = '0000:01:00.0';
const database = join(mkdtempSync(join(tmpdir(), 'faultline-log-')), 'log.sqlite');

const STEPS = `mutation {
  contextOpen(input: {}) { errno }
  deviceBind(input: { contextId: 1, bdf: "${PCI}" }) { errno }
  ioasAlloc(input: { contextId: 1 }) { errno }
  hwptAlloc(input: { contextId: 1, devId: 1, ptId: 2, rawFlags: 1 }) { errno }
  faultQueueAlloc(input: { contextId: 1 }) { errno }
  guest: hwptAlloc(input: {
    contextId: 1, devId: 1, ptId: 3, rawFlags: 4, faultId: 4, vtdS1: { pgtblAddr: "0x1000" }
  }) { errno }
  wrong: deviceAttach(input: { contextId: 1, devId: 99, ptId: 5 }) { errno }
  deviceAttach(input: { contextId: 1, devId: 1, ptId: 5 }) { errno }
  pageRequest(input: { bdf: "${PCI}", grpid: 7, addr: "0x30000" }) { errno }
  other: pageRequest(input: { bdf: "${PCI}", grpid: 8, addr: "0x50000" }) { errno }
  faultRead(input: { contextId: 1, faultId: 4, count: 80 }) { errno }
  no: faultWrite(input: {
    contextId: 1, faultId: 4, responses: [{ cookie: 2, code: IOMMUFD_PAGE_RESP_INVALID }]
  }) { errno }
  yes: faultWrite(input: {
    contextId: 1, faultId: 4, responses: [{ cookie: 1, code: IOMMUFD_PAGE_RESP_SUCCESS }]
  }) { errno }
}`;

beforeAll(async () => {
  const faultline = await openFaultline({ database });
  const { errors } = await faultline.execute(STEPS);
  expect(errors).toBeUndefined();
  await faultline.close();
});

const print = async (...argv: string[]) => {
  const { code, stdout, stderr } = await run('log', '--database', database, ...argv);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};

const numbers = (text: string) =>
  [...text.matchAll(/^#(\d+)/gm)].map(([, number]) => Number(number));

describe('faultline log', () => {
  test('prints operations, why they were refused, and their events', async () => {
    const text = await print();
    expect(numbers(text)).toEqual(Array.from({ length: 14 }, (_, place) => place + 1));
    expect(text).toMatch(/^#8 \S+ \S+ DeviceAttach contextId=1 devId=99 ptId=5$/m);
    expect(text).toMatch(
      /^ +ENOENT {2}devId 99: context 1 has no such object\. It has device 1\./m,
    );
    expect(text).toContain(`page request of ${PCI}: read (0x1) at 0x30000`);
  });

  test('prints flags by name, and what became of a page request that reached nobody', async () => {
    expect(await print('--last', '8')).toContain(' flags=4 (IOMMU_HWPT_FAULT_ID_VALID) ');
    const file = join(temporaryDirectory(), 'off.sqlite');
    const faultline = await openFaultline({ database: file });
    await faultline.execute(
      `mutation { pageRequest(input: { bdf: "${PCI}", grpid: 7, addr: "0x1000" }) { errno } }`,
    );
    await faultline.close();
    const { stdout } = await run('log', '--database', file, '--last', '1');
    expect(stdout).toMatch(
      /^#2 .* perm=1 \(IOMMU_PGFAULT_PERM_READ\) .*\n +PRI_DISABLED {2}Not sent: /,
    );
  });

  test('prints what fits', async () => {
    expect(numbers(await print('--errno', 'any'))).toEqual([8]);
    // The page's request, its reading, its answer; not the memory of the process around it.
    expect(numbers(await print('--addr', '0x30fff'))).toEqual([10, 12, 14]);
    expect(numbers(await print('--addr', '0x30fff', '--code', 'success'))).toEqual([14]);
    expect(numbers(await print('--addr', '0x30fff..0x4ffff'))).toEqual([10, 12, 14]);
    expect(numbers(await print('--addr', '0x30000+0x20001'))).toEqual([10, 11, 12, 13, 14]);
    const invalid = await print('--code', 'INVALID');
    expect(await print('--code', '1')).toBe(invalid);
    expect(numbers(invalid)).toEqual([13]);
    expect(invalid).toContain('{"cookie":2,"code":"1 (IOMMUFD_PAGE_RESP_INVALID)"');
    // A time as it is printed can be asked for.
    const [, time] = /^#13 (\S+ \S+Z) /.exec(invalid)!;
    expect(numbers(await print('--since', time!)).at(-1)).toBe(14);
    expect(numbers(await print('--object', 'iopf group 1'))).toEqual([10, 12, 14]);
    const queue = ['--object', 'fault queue 4 of context 1'];
    expect(numbers(await print(...queue))).toEqual([6, 7, 10, 11, 12, 13, 14]);
    expect(numbers(await print('--object', PCI, '--last', '1'))).toEqual([14]);
    expect(numbers(await print('--grep', 'NEST'))).toEqual([5, 7]);
    expect(numbers(await print('--since', '1h', '--last', '2'))).toEqual([13, 14]);
  });

  test('says that nothing fits', async () => {
    for (const flags of [
      ['--errno', 'ebusy'],
      ['--since', '2100-01-01T00:00:00Z'],
      ['--code', 'failure'],
      ['--addr', '0x31000..0x4ffff'],
    ]) {
      const { code, stdout, stderr } = await run('log', '--database', database, ...flags);
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
      expect(stderr).toBe('no operation of machine "default" is like that\n');
    }
  });

  test('says of an object that never was what there was near it', async () => {
    for (const [object, said] of [
      ['iopf group 99', 'there never was iopf group 99; nearest are iopf group 1, iopf group 2'],
      [
        'fault queue 5 of context 1',
        'there never was fault queue 5 of context 1; nearest are fault queue 4 of context 1',
      ],
      ['hwpt 77', 'nearest are hwpt 3 of context 1, hwpt 5 of context 1'],
      ['request in flight 1', 'nor any other request in flight'],
      ['context 7', 'there never was context 7; nearest are context 1'],
      ['0000:09:00.0', 'there never was 0000:09:00.0; there were 0000:01:00.0, 0000:01:00.1'],
    ] as const) {
      const { code, stderr } = await run('log', '--database', database, '--object', object);
      expect({ object, code }).toEqual({ object, code: 0 });
      expect(stderr).toContain(said);
    }
    // It was, and nothing about it fits.
    const rest = ['--object', 'iopf group 1', '--errno', 'any'];
    const { stderr } = await run('log', '--database', database, ...rest);
    expect(stderr).toBe('no operation of machine "default" is like that\n');
  });

  test('prints JSON Lines', async () => {
    const lines = (await print('--json', '--errno', 'any')).trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      number: 8,
      command: 'DeviceAttach',
      arguments: { contextId: 1, devId: 99, ptId: 5 },
      errno: 'ENOENT',
      message: expect.stringMatching(/^devId 99: /),
      events: [],
    });
    const answered = JSON.parse((await print('--json', '--code', 'SUCCESS')).trim());
    expect(answered.arguments.responses).toMatchObject([
      { code: 0, codeNames: ['IOMMUFD_PAGE_RESP_SUCCESS'] },
    ]);
    expect(answered.events.at(-1).data).toMatchObject({ code: 0, codeNames: ['SUCCESS'] });
  });

  test('one line of an operation is a line; --json has all of it', async () => {
    const [made] = (await print('--grep', 'MachineCreate')).split('\n');
    expect(made!.length).toBeLessThan(600);
    expect(made).toMatch(/ devices=\[\{"bdf":"0000:01:00\.0",.*… \d more\]/);
    const whole = JSON.parse((await print('--json', '--grep', 'MachineCreate')).trim());
    expect(whole.arguments.devices.length).toBeGreaterThan(3);
  });

  test('says what it wants', async () => {
    const wrong: readonly (readonly [argv: string[], said: string])[] = [
      [['--object', 'thing 4'], '--object: expected a PCI address, or one of machine,'],
      [['--addr', '12'], '--addr: expected an address such as 0x10000, or a range'],
      [['--addr', '0x2000..0x1000'], '0x10000+0x10000, not "0x2000..0x1000"'],
      [
        ['--code', 'MAYBE'],
        '--code: expected one of SUCCESS, INVALID, FAILURE, or its number, not "MAYBE"',
      ],
      [['--since', 'later'], '--since: expected a time'],
      [['--last', '0'], '--last: expected a whole number from 1, not "0"'],
      [['a', 'b'], 'one machine is wanted; "b" is another'],
    ];
    for (const [argv, said] of wrong) {
      const { code, stderr } = await run('log', '--database', database, ...argv);
      expect({ argv, code }).toEqual({ argv, code: 2 });
      expect(stderr).toContain(said);
    }
    const { code, stderr } = await run('log', '--database', database, 'nobody');
    expect(code).toBe(1);
    expect(stderr).toContain('there is no machine "nobody"; there are: default');
  });
});

describe('faultline log --follow', () => {
  test('prints what comes to a live log, until it is interrupted', async () => {
    const file = join(temporaryDirectory(), 'live.sqlite');
    const server = await serve(file);
    const ask = async (mutation: string) => {
      expect((await post(server, `mutation { ${mutation} { seq } }`)).errors).toEqual([]);
    };
    await ask('contextOpen(input: {})');
    const all = begin('log', '--database', file, '--follow');
    const newest = begin('log', '--database', file, '--follow', '--last', '1');
    const refused = begin('log', '--database', file, '--follow', '--errno', 'any', '--json');
    const printed = (...wanted: number[]) =>
      expect.poll(() => numbers(all.stdout()), { timeout: 60_000 }).toEqual(wanted);
    await printed(1, 2);
    await expect.poll(() => numbers(newest.stdout()), { timeout: 60_000 }).toEqual([2]);
    await ask('ioasAlloc(input: { contextId: 1 })');
    await printed(1, 2, 3);
    await ask('destroy(input: { contextId: 1, id: 77 })');
    await printed(1, 2, 3, 4);
    await expect.poll(() => numbers(newest.stdout()), { timeout: 60_000 }).toEqual([2, 3, 4]);
    await expect.poll(() => refused.stdout(), { timeout: 60_000 }).toMatch(/\n$/);
    expect(JSON.parse(refused.stdout())).toMatchObject({ number: 4, errno: 'ENOENT' });
    for (const follower of [all, newest, refused]) {
      expect(await follower.kill('SIGINT')).toMatchObject({ code: 0, stderr: '' });
    }
    await server.kill('SIGTERM');
  });
});
