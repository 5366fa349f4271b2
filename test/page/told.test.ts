/** What keys did is told: to screen readers, and to those who see the page. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { serve, temporaryDirectory } from '../e2e/process.ts';
import { makeFaulting, sendGroups } from '../graphql/builder/testing.ts';
import { open, press, shows, startWithStory } from './browser.ts';

const PATIENCE = { timeout: 60_000 };

/** Everything that the live region says from now on. */
async function listen(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const region = document.querySelector('[role=status]')!;
    const said: string[] = [];
    const note = () => {
      said.push(region.textContent);
      document.documentElement.dataset['said'] = JSON.stringify(said);
    };
    new MutationObserver(note).observe(region, { characterData: true, subtree: true });
  });
  return async () =>
    JSON.parse((await page.locator('html').getAttribute('data-said')) ?? '[]') as string[];
}

test('a key that does nothing says why, to be seen and to be heard', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/40');
  await shows(page, 40);
  const told = page.locator('.told');
  for (const [key, words] of [
    ['}', 'No refusal or hazard after.'],
    ['n', 'Nothing was looked for yet: press / to find.'],
    ['p', 'Nothing is selected.'],
    ['v', 'There is no B: press c to set it.'],
  ] as const) {
    await press(page, key);
    await expect.poll(() => told.textContent(), PATIENCE).toBe(words);
    await expect.poll(() => page.locator('[role=status]').textContent(), PATIENCE).toBe(words);
  }
  await expect.poll(() => told.count(), PATIENCE).toBe(0);
});

test('answers that follow one another within a second are all announced', async () => {
  const server = await startWithStory();
  await makeFaulting(server);
  const { page } = await open(server, '/m/default/now');
  await expect.poll(() => page.locator('.node.fault').count(), PATIENCE).toBe(1);
  await press(page, 'h');
  await expect.poll(() => page.locator('#tab-panel').textContent(), PATIENCE).toContain('handle');
  await sendGroups(server, 3);
  await expect.poll(() => page.locator('.held').count(), PATIENCE).toBe(3);
  const said = await listen(page);
  await press(page, 's', 'i', 'k', 's');
  await expect.poll(async () => (await said()).join(' '), PATIENCE).toContain('Cookie 3: SUCCESS.');
  const all = (await said()).join(' ');
  expect(all).toContain('Cookie 1: SUCCESS.');
  expect(all).toContain('Cookie 2: INVALID.');
});

test('an answer without a server is told to wait, and told again when it is sent', async () => {
  const file = `${temporaryDirectory()}/page.sqlite`;
  const first = await serve(file);
  await makeFaulting(first);
  const { page } = await open(first, '/m/default/now');
  await expect.poll(() => page.locator('.node.fault').count(), PATIENCE).toBe(1);
  await press(page, 'h');
  await expect.poll(() => page.locator('#tab-panel').textContent(), PATIENCE).toContain('handle');
  await sendGroups(first, 1);
  await expect.poll(() => page.locator('.held').count(), PATIENCE).toBe(1);
  await first.kill('SIGKILL');
  await expect.poll(() => page.locator('.notices').textContent(), PATIENCE).toContain('Reconnect');
  const said = await listen(page);
  await press(page, 's');
  const words = 'SUCCESS waits: the server does not answer.';
  await expect.poll(() => page.locator('.held').textContent(), PATIENCE).toContain(words);
  await expect
    .poll(async () => (await said()).join(' '), PATIENCE)
    .toContain('Cookie 1: SUCCESS waits, for the server does not answer.');
  await serve(file, '--port', new URL(first.url).port);
  await expect.poll(() => page.locator('.held').count(), PATIENCE).toBe(0);
  await expect.poll(async () => (await said()).join(' '), PATIENCE).toContain('Cookie 1: SUCCESS.');
});
