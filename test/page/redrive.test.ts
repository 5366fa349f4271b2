/** A handler against the past, started from the page: a program's, and the person's own answers. */
import { expect, onTestFinished, test } from 'vitest';
import { handleFaults } from '../../src/client/handle-faults.ts';
import { open, press, shows, startWithStory } from './browser.ts';

const PATIENCE = { timeout: 60_000 };

test('a program answers INVALID where SUCCESS was recorded: the group, and when, in both runs', async () => {
  const server = await startWithStory();
  const { page, complaints } = await open(server, '/m/story/21');
  await shows(page, 21);
  await press(page, 'Control+k', ...'my handler', 'Enter');
  await page.getByLabel('Name of the new machine').focus();
  await page.keyboard.type('again');
  await press(page, 'Enter');
  const panel = page.locator('.redrive');
  await expect
    .poll(() => panel.textContent(), PATIENCE)
    .toContain('nobody handles the faults of again');
  expect(await panel.getByRole('progressbar').getAttribute('max')).toBe('40');
  const handler = handleFaults(
    { url: server.url, machineId: 'again', contextId: 1, faultId: 4 },
    async () => 'INVALID',
  );
  onTestFinished(() => handler.stop());
  await expect.poll(() => panel.textContent(), PATIENCE).toContain('1 of 2 groups ended otherwise');
  const ends = panel.locator('tbody td');
  expect(await ends.allTextContents()).toEqual([
    'group 1 SUCCESS at 29',
    expect.stringMatching(/^group 1 INVALID at \d+$/),
  ]);
  await ends.first().getByRole('link').focus();
  await press(page, 'Enter');
  await shows(page, 29);
  expect(complaints).toEqual([]);
});

test('by hand: the new machine is opened, its faults are the person’s, and the end is told', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/21?tab=handler');
  await shows(page, 21);
  await page.getByRole('button', { name: 'Run my handler against this past' }).focus();
  await press(page, 'Enter');
  await page.getByLabel('I do').focus();
  await press(page, 'Space');
  await page.getByLabel('Name of the new machine').focus();
  await page.keyboard.type('mine');
  await press(page, 'Enter');
  await expect.poll(() => page.locator('.held').count(), PATIENCE).toBe(1);
  expect(new URL(page.url()).pathname).toBe('/m/mine/now');
  await page.locator('#machine').focus();
  await press(page, 's');
  const panel = page.locator('.redrive');
  await expect.poll(() => panel.textContent(), PATIENCE).toContain('groups ended as recorded');
});

test('a name that is taken is said where it is asked for', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/21?tab=handler');
  await shows(page, 21);
  await page.getByRole('button', { name: 'Run my handler against this past' }).click();
  await page.getByLabel('Name of the new machine').fill('wrong');
  await press(page, 'Enter');
  await expect.poll(() => page.locator('dialog [role=alert]').textContent()).toContain('wrong');
});
