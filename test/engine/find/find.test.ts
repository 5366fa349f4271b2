/** Looking through the log has a limit, and says where to go on. */
import { expect, test } from 'vitest';
import type { Command } from '../../../src/core/machine/command.ts';
import { scan } from '../../../src/engine/find/bisect.ts';
import { firstWhere, type LogCondition } from '../../../src/engine/find/find.ts';
import { SearchLimitError } from '../../../src/engine/machine/errors.ts';
import { History } from '../../../src/engine/past/history.ts';
import { Past } from '../../../src/engine/past/past.ts';
import { engineOver, faultingMachine, ioasAlloc, OPEN } from '../machine/fixtures.ts';

const ANYTHING: LogCondition = {
  errno: null,
  operation: null,
  object: null,
  eventType: null,
  hazard: null,
  responseCode: null,
};
const OPENED: LogCondition = { ...ANYTHING, eventType: 'ContextOpened' };

test('a match after the limit is found by going on from there', async () => {
  const engine = engineOver();
  await faultingMachine(engine);
  const allocs = Array.from({ length: 1_200 }, () => engine.execute('m', ioasAlloc(1)));
  await Promise.all(allocs);
  const opened = await engine.execute('m', OPEN);
  const past = await Past.of(engine, new History(engine), 'm');
  const find = (after: number) => firstWhere(past, OPENED, after, opened.seq, 1_000);
  const refused = find(2).catch((error: unknown) => error);
  expect(await refused).toBeInstanceOf(SearchLimitError);
  expect(String(await refused)).toContain('1000 operations were looked through');
  expect(String(await refused)).toContain('go on with "after": 1002');
  expect((await find(1_002))?.operation).toEqual(opened);
  expect((await find(0))?.operation.number).toBe(2);
});

test('operations of another command or errno are passed over, and do not count as looked through', async () => {
  const engine = engineOver();
  await faultingMachine(engine);
  const run = (commands: readonly Command[]) =>
    Promise.all(commands.map(command => engine.execute('m', command)));
  await run(Array.from({ length: 1_200 }, () => ioasAlloc(1)));
  const [, refused, opened] = await run([ioasAlloc(1), ioasAlloc(99), OPEN]);
  const past = await Past.of(engine, new History(engine), 'm');
  const find = (wanted: Partial<LogCondition>, after: number, rowsMax?: number) =>
    firstWhere(past, { ...ANYTHING, ...wanted }, after, opened!.seq, 1_000, rowsMax);
  expect((await find({ operation: 'ContextOpen' }, 2))?.operation).toEqual(opened);
  expect((await find({ errno: 'EBADF' }, 0))?.operation).toEqual(refused);
  expect((await find({ errno: 'EBADF', operation: 'IoasAlloc' }, 0))?.operation).toEqual(refused);
  expect(await find({ errno: 'EBADF', operation: 'ContextOpen' }, 0)).toBeNull();
  expect(await find({ errno: 'EBADF' }, refused!.number)).toBeNull();
  await expect(find({ errno: 'ENOSPC' }, 2, 500)).rejects.toThrow(SearchLimitError);
});

test('a scan that met its limit goes on from there', async () => {
  const engine = engineOver();
  await faultingMachine(engine);
  const past = await Past.of(engine, new History(engine), 'm');
  const { seq } = (await engine.settled('m')).state;
  const bound = (low: number) => scan(past, low, seq, ({ nextBindNo }) => nextBindNo > 1, 5);
  const refused = bound(0).catch((error: unknown) => error);
  expect(await refused).toBeInstanceOf(SearchLimitError);
  expect(String(await refused)).toContain('go on with "from": 5');
  const whole = await scan(past, 0, seq, ({ nextBindNo }) => nextBindNo > 1);
  expect(await bound(whole! - 5)).toBe(whole);
});
