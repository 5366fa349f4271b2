/** The timeline: the bars of the story, read out of the table beside the canvas. */
import { describe, expect, test } from 'vitest';
import { stepScale, timeScale } from '../../web/src/timeline/scale.ts';
import { ROWS } from '../../web/src/timeline/scene.ts';
import {
  ask,
  at,
  type Json,
  makeFaulting,
  sendGroups,
  succeed,
} from '../graphql/builder/testing.ts';
import { open, press, shows, startWithStory } from './browser.ts';

test('check 6: group 1 was answered, group 2 was taken away before anybody read it', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/40');
  await shows(page, 40);
  await expect
    .poll(() => page.locator('.group-table summary').textContent(), { timeout: 60_000 })
    .toBe('Groups in view: 2');
  const rows = await page
    .locator('.group-table tbody tr')
    .evaluateAll(found => found.map(row => [...row.children].map(cell => cell.textContent)));
  expect(rows).toEqual([
    ['1', '4', '22', '27', '28', '29', 'SUCCESS'],
    ['2', '4', '31', '32', '–', '35', 'taken away'],
  ]);
});

test('the slider says where it is in words', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/28');
  await shows(page, 28);
  const slider = page.getByRole('slider', { name: 'Playhead' });
  expect(await slider.getAttribute('aria-valuenow')).toBe('28');
  expect(await slider.getAttribute('aria-valuemax')).toBe('40');
  expect(await slider.getAttribute('aria-valuetext')).toMatch(/^28: .*iopf group 1 read/);
});

describe('the axis of time', () => {
  const timesOf = (ms: readonly number[]) => ({
    last: Uint32Array.from(ms, (_, index) => index + 1),
    ms: Float64Array.from(ms),
    startMs: 0,
  });

  test('has events where the clock has them, and leads from a place back to the event', () => {
    const ms = [0, 10, 20, 30, 30, ...[...Array(16).keys()].map(event => 50 + event * 10)];
    const { x, seq, gaps } = timeScale({ from: 0, to: 21 }, 1_122, timesOf(ms))!;
    expect(gaps).toEqual([]);
    expect([1, 2, 4, 5, 6, 21].map(x)).toEqual([104, 154, 254, 254, 354, 1_104]);
    expect(seq(354)).toBe(6);
    expect(seq(179)).toBe(2.5);
  });

  test('a long time takes an eighth at the most, and says how long it is', () => {
    const ms = [...Array(40).keys()].map(event => event + (event < 20 ? 0 : 3_600_000));
    const { x, gaps } = timeScale({ from: 0, to: 40 }, 922, timesOf(ms))!;
    expect(x(21) - x(20)).toBeCloseTo(100);
    expect(x(20) - x(19)).toBeCloseTo(700 / 38);
    expect(gaps).toEqual([{ x: (x(20) + x(21)) / 2, text: '60 min' }]);
  });

  test('of one time only there is none', () => {
    expect(timeScale({ from: 0, to: 3 }, 922, timesOf([5, 5, 5]))).toBeNull();
  });

  test('x: the timeline goes by it, and the address says so', async () => {
    const server = await startWithStory();
    const { page } = await open(server, '/m/story/40');
    await shows(page, 40);
    const answer = await ask(
      server,
      '{ machine(machineId: "story") { overview(buckets: 600) { lastMs } } }',
    );
    const times = timesOf(at(answer, 'machine', 'overview', 'lastMs') as number[]);
    const box = (await page.locator('#timeline').boundingBox())!;
    const range = { from: 0, to: 40 };
    const { x } = timeScale(range, box.width, times)!;
    // The first event whose place by time has another event by steps.
    const byStep = (seq: number) => Math.round(stepScale(range, box.width).seq(x(seq)));
    const alone = (seq: number) => x(seq) - x(seq - 1) > 8 && x(seq + 1) - x(seq) > 8;
    const seq = [...Array(38).keys()].map(n => n + 2).find(n => alone(n) && byStep(n) !== n)!;
    const click = () => page.mouse.click(box.x + x(seq), box.y + 100);
    await click();
    await shows(page, byStep(seq));
    await press(page, 'x');
    await expect.poll(() => page.url()).toContain('axis=time');
    await expect
      .poll(async () => {
        await click();
        return page.locator('#timeline').getAttribute('aria-valuenow');
      })
      .toBe(String(seq));
    await expect.poll(() => new URL(page.url()).pathname).toBe(`/m/story/${seq}`);
    await page.reload();
    await shows(page, seq);
    expect(await page.locator('[data-axis]').getAttribute('data-axis')).toBe('time');
    await press(page, 'x');
    await expect.poll(() => page.url()).not.toContain('axis');
  });

  test('g: a time of the day leads to the newest event of that time or before', async () => {
    const server = await startWithStory();
    const { page } = await open(server, '/m/story/40', { timezoneId: 'Asia/Tokyo' });
    await shows(page, 40);
    const answer = await ask(
      server,
      '{ machine(machineId: "story", at: 28) { events(last: 1) { edges { node { operation { at } } } } } }',
    );
    const [edge] = at(answer, 'machine', 'events', 'edges') as Json[];
    const time = new Date(at(edge!, 'node', 'operation', 'at') as string);
    const clock = time.toLocaleTimeString('en-GB', { timeZone: 'Asia/Tokyo' });
    const ms = String(time.getMilliseconds()).padStart(3, '0');
    await press(page, 'g', ...`${clock}.${ms}`, 'Enter');
    await shows(page, 28);
    await press(page, 'g', ...'00:00', 'Enter');
    await expect
      .poll(() => page.locator('dialog [role=alert]').textContent())
      .toBe('story was not there yet at 00:00.');
  });
});

test('each fault queue has lanes of its own, with its name', async () => {
  const server = await startWithStory();
  await makeFaulting(server);
  await sendGroups(server, 2);
  const c = 'contextId: 1';
  const queue = await succeed(server, 'faultQueueAlloc', c, 'outFaultId');
  expect(queue['outFaultId']).toBe(6);
  const vtd = 'vtdS1: { pgtblAddr: "0x1000", addrWidth: 48 }';
  await succeed(server, 'hwptAlloc', `${c}, devId: 1, ptId: 3, rawFlags: 4, faultId: 6, ${vtd}`);
  await succeed(server, 'deviceReplace', `${c}, devId: 1, ptId: 7`);
  await sendGroups(server, 1, { first: 9 });
  const { page } = await open(server, '/m/default/now');
  const lanes = page.locator('.lane-name');
  await expect
    .poll(() => lanes.allTextContents(), { timeout: 60_000 })
    .toEqual(['queue 4', 'queue 6']);
  // The first queue has two rows, for its groups waited at the same time.
  const top = async (index: number) => (await lanes.nth(index).boundingBox())!.y;
  expect((await top(1)) - (await top(0))).toBe(2 * 17);
  const queues = page.locator('.group-table tbody tr td:nth-child(2)');
  expect(await queues.allTextContents()).toEqual(['4', '4', '6']);
});

test('the timeline is as high as it is dragged or made by key, also after a reload', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/28');
  await shows(page, 28);
  const edge = page.getByRole('separator', { name: 'Height of the timeline' });
  const height = async () => (await page.locator('.timeline').boundingBox())!.height;
  const before = await height();
  await edge.focus();
  await press(page, 'ArrowUp', 'ArrowUp');
  await expect.poll(height).toBe(before + 48);
  await shows(page, 28);
  const { x, y } = (await edge.boundingBox())!;
  await page.mouse.move(x + 300, y + 12);
  await page.mouse.down();
  await page.mouse.move(x + 300, y - 58, { steps: 4 });
  await page.mouse.up();
  await expect.poll(height).toBe(before + 118);
  expect(await edge.getAttribute('aria-valuenow')).toBe(String(before + 118));
  await page.reload();
  await expect.poll(height).toBe(before + 118);
  await edge.focus();
  await press(page, 'End');
  await expect.poll(height).toBe(700);
  await press(page, 'Home');
  await expect.poll(height).toBe(200);
});

test('a press on a bar selects its group, and says what the operation did that ended it', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/40');
  await shows(page, 40);
  await expect
    .poll(() => page.locator('.group-table summary').textContent())
    .toBe('Groups in view: 2');
  const box = (await page.getByRole('slider', { name: 'Playhead' }).boundingBox())!;
  const { x } = stepScale({ from: 0, to: 40 }, box.width);
  // Both groups fit in the first row of the queue; the second was taken away at 35.
  await page.mouse.click(box.x + x(35), box.y + ROWS.lanes.top + ROWS.lanes.each / 2);
  await shows(page, 35);
  expect(new URL(page.url()).searchParams.get('sel')).toBe('IOPF_GROUP:2');
  const why = page.getByRole('region', { name: 'Why' });
  await expect
    .poll(() => why.textContent())
    .toMatch(/by operation \d+: DeviceReplace contextId=1 devId=2 ptId=3/);
});
