/** Where things are on the page: nothing is pushed out of sight. */
import { expect, test } from 'vitest';
import { open, shows, startWithStory } from './browser.ts';

const PATIENCE = { timeout: 60_000 };

test('the log scrolls in its own region, and never the page', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/40?tab=log');
  await shows(page, 40);
  await expect.poll(() => page.locator('.log-list .row').count(), PATIENCE).toBe(40);
  const heights = () =>
    page.evaluate(() => ({
      scrolled: document.scrollingElement!.scrollTop,
      document: document.scrollingElement!.scrollHeight,
      window: innerHeight,
    }));
  expect(await heights()).toEqual({ scrolled: 0, document: 900, window: 900 });
});
