/** Where things are on the page: nothing is pushed out of sight. */
import { expect, test } from 'vitest';
import { open, press, shows, startWithStory } from './browser.ts';
import { makeStale } from './hardware.ts';

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

test('at 320 pixels objects are a table, and every tab is in sight', async () => {
  const server = await startWithStory();
  await makeStale(server);
  const viewport = { width: 320, height: 700 };
  const { page } = await open(server, '/m/dma/now?tab=hardware', { viewport });
  await expect.poll(() => page.locator('.object-table tbody tr').count(), PATIENCE).toBe(16);
  expect(await page.locator('.graph').count()).toBe(0);
  for (const tab of await page.getByRole('tab').all()) {
    const { x, width } = (await tab.boundingBox())!;
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(320);
  }
  // No blank between the table and the tabs.
  const bottom = async (of: string) => {
    const { y, height } = (await page.locator(of).boundingBox())!;
    return y + height;
  };
  expect((await bottom('#machine')) - (await bottom('.object-table'))).toBeLessThan(20);
});

test('with the hardware open every column is in sight, and so is every tab', async () => {
  const server = await startWithStory();
  await makeStale(server);
  const { page } = await open(server, '/m/dma/now?tab=hardware');
  await expect.poll(() => page.locator('.node').count(), PATIENCE).toBe(16);
  const panel = (await page.locator('#moment').boundingBox())!;
  for (const node of await page.locator('.node').all()) {
    const { x, width } = (await node.boundingBox())!;
    expect(x + width).toBeLessThanOrEqual(panel.x);
  }
  const cut = await page
    .locator('.node-name')
    .evaluateAll(names => names.filter(name => name.scrollWidth > name.clientWidth).length);
  expect(cut).toBe(0);
  expect(await page.getByRole('tab').count()).toBe(7);
  for (const name of ['Moment', 'Hardware']) {
    await page.getByRole('tab', { name }).focus();
    await press(page, 'Enter');
    const { x, width } = (await page.getByRole('tab', { name: 'Hardware' }).boundingBox())!;
    expect(x + width).toBeLessThanOrEqual(1440);
  }
});
