/** The story on two kernels: what differs is marked as the machine's rerun says. */
import { expect, test } from 'vitest';
import { ask, at, type Json } from '../graphql/builder/testing.ts';
import { open, press, shows, startWithStory } from './browser.ts';

const STEPS = `{ machine(machineId: "patch") { rerun { steps(first: 100) { edges { node {
  kind differs recorded { number } rerun { number } } } } } } }`;

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
});
