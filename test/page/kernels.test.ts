/** The story on two kernels: what differs is marked as the machine's rerun says. */
import { expect, test } from 'vitest';
import { alignedScales } from '../../web/src/timeline/scale.ts';
import { ask, at, type Json } from '../graphql/builder/testing.ts';
import { open, press, shows, startWithStory } from './browser.ts';

const STEPS = `{ machine(machineId: "patch") { rerun { steps(first: 100) { edges { node {
  kind differs recorded { number seqBefore seq } rerun { seqBefore seq } } } } } } }`;

const rangeOf = (operation: Json) =>
  operation === null
    ? null
    : { from: Number(at(operation, 'seqBefore')), to: Number(at(operation, 'seq')) };

test('operations that belong together begin at the same place, also where one has more events', () => {
  const pairs = [
    { a: { from: 3, to: 5 }, b: { from: 3, to: 4 } },
    { a: null, b: { from: 4, to: 6 } },
    { a: { from: 5, to: 7 }, b: { from: 6, to: 8 } },
  ];
  // Shared 0 to 3, then 2, 2 and 2 events: ten pixels each.
  const [a, b] = alignedScales(pairs, 104 + 18 + 90);
  expect([0, 3, 4, 5, 6, 7].map(a.x)).toEqual([104, 134, 144, 174, 184, 194]);
  expect([0, 3, 4, 5, 6, 7, 8].map(b.x)).toEqual([104, 134, 154, 164, 174, 184, 194]);
  expect(a.seq(184)).toBe(6);
  expect(b.seq(184)).toBe(7);
});

test('check 15: the steps that differ between 6.12.117 and the patch are marked, and no others', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/40');
  await shows(page, 40);
  await press(page, 'f');
  await page.getByLabel('What if').focus();
  await press(page, 'Space');
  const kernel = page.getByRole('combobox', { name: /^Kernel/ });
  await expect.poll(() => kernel.locator('option').count(), { timeout: 60_000 }).toBeGreaterThan(5);
  await kernel.selectOption('V6_PATCH');
  await page.getByLabel('Name of the new machine').fill('patch');
  await press(page, 'Enter');
  const steps = page.locator('.steps');
  await steps.waitFor();
  await page.getByLabel('Those that are the same').check();
  const marked = await steps.locator('tbody tr').evaluateAll(rows =>
    rows.map(row => ({
      recorded: Number.parseInt(row.children[0]?.textContent ?? '', 10),
      same: row.getAttribute('data-same') === 'true',
    })),
  );
  const edges = at(await ask(server, STEPS), 'machine', 'rerun', 'steps', 'edges') as Json[];
  const said = edges.map(edge => {
    const kind = at(edge, 'node', 'kind');
    const differs = at(edge, 'node', 'differs') as Json[];
    return {
      recorded: at(edge, 'node', 'recorded', 'number'),
      same: kind === 'AS_RECORDED' && differs.length === 0,
    };
  });
  expect(marked).toEqual(said);
  expect(said.some(({ same }) => same)).toBe(true);
  const header = await page.locator('#tab-panel').textContent();
  expect(header).toContain('Linux 6.12.117');
  expect(header).toContain('v6 patch');

  expect(await page.locator('.machine-name').textContent()).toContain('B: v6 patch');
  // Where events differ, it says which.
  const own = steps.locator('.cause-detail');
  expect(await own.count()).toBeGreaterThan(0);
  for (const text of await own.allTextContents()) expect(text).toMatch(/^only (story|patch): ./);

  // The two timelines, one above the other; a press leads to the event at that place.
  const both = page.getByRole('region', { name: 'Both timelines' });
  expect(await both.locator('.aligned-name').allTextContents()).toEqual([
    'story Linux 6.12.117',
    'patch v6 patch',
  ]);
  const differing = said.filter(({ same }) => !same).length;
  const picture = both.getByRole('img');
  expect(await picture.getAttribute('aria-label')).toBe(
    `story above patch, operation by operation: ${differing} of ${said.length} differ`,
  );
  const pairs = edges.map(edge => ({
    a: rangeOf(at(edge, 'node', 'recorded')),
    b: rangeOf(at(edge, 'node', 'rerun')),
  }));
  const box = (await picture.boundingBox())!;
  const [a] = alignedScales(pairs, box.width);
  await page.mouse.click(box.x + a.x(19), box.y + 40);
  await shows(page, 19);
});

test('what if: another policy, from where one stands, and everything else as it was recorded', async () => {
  const server = await startWithStory();
  const { page, complaints } = await open(server, '/m/story/30');
  await shows(page, 30);
  await press(page, 'f');
  await page.getByLabel('What if').focus();
  await press(page, 'Space');
  await page.getByLabel('Only those after event 30').focus();
  await press(page, 'Space');
  const answers = page.getByRole('combobox', { name: 'A replace answers' });
  expect(await answers.locator('option').allTextContents()).toEqual([
    'as recorded',
    'always',
    'only if the new one takes no faults',
  ]);
  await answers.selectOption('ONLY_TO_PLAIN');
  await page.getByLabel('Name of the new machine').fill('plain');
  await press(page, 'Enter');
  await page.locator('.steps').waitFor();
  const { machine } = (await ask(
    server,
    `{ machine(machineId: "plain") { baseline forkedFrom { seq }
      policies { autoResponse inFlightRequests virtualFunctions } } }`,
  )) as { machine: Json };
  expect(machine).toEqual({
    baseline: 'LINUX_6_12_117',
    forkedFrom: { seq: 30 },
    policies: {
      autoResponse: 'ONLY_TO_PLAIN',
      inFlightRequests: 'DRAINED',
      virtualFunctions: 'AS_BASELINE',
    },
  });
  expect(complaints).toEqual([]);
});
