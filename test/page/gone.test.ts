/** Without its server, or without its machine, the page goes on showing what it has. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { ask } from '../graphql/builder/testing.ts';
import { open, press, shows, startWithStory } from './browser.ts';

const PATIENCE = { timeout: 60_000 };

/** Pixels of the layer strips that are drawn, right of the names. */
function stripPixels(page: Page): Promise<number> {
  return page.locator('.slider canvas').evaluate(element => {
    const canvas = element as HTMLCanvasElement;
    const scale = canvas.width / canvas.clientWidth;
    const pen = canvas.getContext('2d')!;
    const { data } = pen.getImageData(110 * scale, 68 * scale, 400 * scale, 60 * scale);
    let count = 0;
    for (let at = 3; at < data.length; at += 4) if (data[at]! > 0) count += 1;
    return count;
  });
}

/** Steps back, to a moment that is not here: what is shown says what it is of, and the strips stay. */
async function stepsBack(page: Page, seq: number, before: number): Promise<void> {
  await press(page, 'Home');
  await expect
    .poll(() => page.locator('.position').textContent(), PATIENCE)
    .toContain(`0 of 40 showing ${seq}`);
  expect(await page.locator('[data-shown]').getAttribute('data-shown')).toBe(String(seq));
  expect(await stripPixels(page)).toBeGreaterThan(before / 2);
}

test('the server stops: a step is a wish, and all that was there stays readable', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/20');
  await shows(page, 20);
  await expect.poll(() => stripPixels(page), PATIENCE).toBeGreaterThan(500);
  // The neighbours were fetched ahead.
  await press(page, 'ArrowRight');
  await shows(page, 21);
  const before = await stripPixels(page);
  await server.stop();
  await expect.poll(() => page.locator('.notices').textContent(), PATIENCE).toContain('Reconnect');
  await press(page, 'ArrowLeft');
  await shows(page, 20);
  await stepsBack(page, 20, before);
});

test('the machine is deleted: the last picture stays, and says of which moment it is', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/20');
  await shows(page, 20);
  await expect.poll(() => stripPixels(page), PATIENCE).toBeGreaterThan(500);
  const before = await stripPixels(page);
  await ask(server, 'mutation { machineDelete(input: { machineId: "story" }) }');
  await expect.poll(() => page.locator('.notices').textContent(), PATIENCE).toContain('deleted');
  await stepsBack(page, 20, before);
});
