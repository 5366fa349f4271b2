/** Where a machine went wrong is where one begins, if one does not say where. */
import { expect, test } from 'vitest';
import { makeFaulting, mutate } from '../graphql/builder/testing.ts';
import { open, press, shows, startWithStory } from './browser.ts';

test('a machine opened without a moment is at its first hazard, and says what it is', async () => {
  const server = await startWithStory();
  const { page, complaints } = await open(server, '/m/hazard');
  await shows(page, 25);
  const line = page.getByRole('region', { name: 'Trouble' });
  expect(await line.textContent()).toContain('hazard-1: attach handle 1 still names device 2');
  await expect.poll(() => new URL(page.url()).pathname).toBe('/m/hazard/25');
  await line.getByRole('button', { name: 'To the newest moment' }).focus();
  await press(page, 'Enter');
  await shows(page, 28);
  expect(await line.count()).toBe(0);
  // Where there is no trouble it is the newest, and goes on with it.
  await page.goto(`${server.url}/m/story`);
  await shows(page, 40);
  await expect.poll(() => new URL(page.url()).pathname).toBe('/m/story/now');
  expect(await line.count()).toBe(0);
  expect(complaints).toEqual([]);
});

test('the list, the header and Ctrl K lead to the first hazard and the first refusal', async () => {
  const server = await startWithStory();
  await makeFaulting(server);
  const refused = await mutate(server, 'deviceDetach', 'contextId: 1, devId: 77', 'seq');
  expect(refused['__typename']).toBe('KernelError');
  const { page } = await open(server, '/');
  const links = page.locator('.trouble-link');
  await expect.poll(() => links.count()).toBe(4);
  await page.getByRole('link', { name: 'first hazard attach handle 1' }).focus();
  await press(page, 'Enter');
  await shows(page, 25);
  await page.goto(`${server.url}/m/default/3`);
  await shows(page, 3);
  const button = page.getByRole('button', { name: 'first refusal' });
  expect(await button.getAttribute('title')).toMatch(/^refused-\d+: .*ENOENT/);
  expect(await page.getByRole('button', { name: 'first hazard' }).count()).toBe(0);
  await button.focus();
  await press(page, 'Enter');
  const seq = Number(await page.getByRole('slider').getAttribute('aria-valuenow'));
  expect(seq).toBeGreaterThan(3);
  await press(page, 'Home', 'Control+k', ...'first refusal', 'Enter');
  await shows(page, seq);
  await press(page, 'Control+k', ...'first hazard', 'Enter');
  await expect
    .poll(() => page.locator('[role=status]').textContent())
    .toBe('This machine has no hazard.');
});
