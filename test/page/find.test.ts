/** Find by key alone: names, codes, addresses and words; on from hit to hit, and out of the field. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { open, press, shows, startWithStory } from './browser.ts';

const PATIENCE = { timeout: 60_000 };

async function find(page: Page, words: string): Promise<void> {
  await press(page, 'Escape', '/');
  const field = page.getByLabel('Find in the log');
  await expect.poll(() => field.evaluate(it => it === document.activeElement), PATIENCE).toBe(true);
  await field.fill(words);
  await press(page, 'Enter');
}

async function hits(page: Page): Promise<string[]> {
  const rows = await page.locator('#tab-panel .event-list .seq').allTextContents();
  return rows;
}

test('/ INVALID Enter n n N goes from one to the next and back', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/3');
  await shows(page, 3);
  await find(page, 'INVALID');
  await expect.poll(() => hits(page), PATIENCE).toEqual(['35', '36']);
  const focused = () => page.evaluate(() => document.activeElement?.className);
  await expect.poll(focused, PATIENCE).toBe('row');
  await press(page, 'n', 'n');
  await shows(page, 36);
  await press(page, 'N');
  await shows(page, 35);
  expect(await page.getByLabel('Find in the log').inputValue()).toBe('INVALID');
});

test('addresses and words are found in what events say, names as names', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/40?sel=FAULT:1:4');
  await shows(page, 40);
  for (const [words, seqs] of [
    ['0x20000', ['31', '32']],
    ['iopf group 2', ['32', '35', '36']],
    ['IopfGroupQueued', ['27', '32']],
    ['IopfGroupQueued 0x20000', ['32']],
  ] as const) {
    await find(page, words);
    await expect.poll(() => hits(page), PATIENCE).toEqual(seqs);
  }
  await find(page, 'x'.repeat(201));
  await expect.poll(() => page.locator('#tab-panel .bad').count(), PATIENCE).toBe(1);
  expect(await hits(page)).toEqual([]);
});

test('Esc leaves the field for what is around it', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/40?tab=find');
  await shows(page, 40);
  await press(page, '/', 'n', 'Escape', 'ArrowLeft');
  await shows(page, 39);
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('tab-panel');
});
