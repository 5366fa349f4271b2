/** Two moments beside each other: what differs is marked, and a step of a rerun moves both. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { ask, at, type Json } from '../graphql/builder/testing.ts';
import { open, press, shows, startWithStory } from './browser.ts';

const boxesOf = (page: Page) =>
  page
    .locator('.node.changed')
    .evaluateAll(found => found.map(box => box.getAttribute('data-key')));

test('every object that differs is marked, also where its two facts are the same', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/29?b=story@23&tab=compare');
  await shows(page, 29);
  const list = page.locator('.differences');
  await expect.poll(() => list.textContent()).toContain('physical device 1');
  await expect.poll(() => boxesOf(page)).toContain('PHYSICAL_DEVICE:1');
  const { diff } = (await ask(
    server,
    `{ diff(from: { machineId: "story", at: 23 }, to: { machineId: "story", at: 29 }) {
      changes { object { kind contextId id } } } }`,
  )) as { diff: { changes: { object: Json }[] } };
  const named = diff.changes.map(({ object }) =>
    ['kind', 'contextId', 'id'].map(part => at(object, part)).filter(part => part !== null),
  );
  const drawn = await page
    .locator('.node')
    .evaluateAll(found => found.map(box => box.getAttribute('data-key')!));
  const expected = new Set(named.map(parts => parts.join(':')).filter(key => drawn.includes(key)));
  expect(new Set(await boxesOf(page))).toEqual(expected);
  // Away from the comparison, the marks are the event's again.
  await press(page, 'm');
  await expect.poll(() => boxesOf(page)).not.toContain('IOPF_GROUP:1');
});

test('what if has B at the moment that A is at; a step moves both, and B stays', async () => {
  const server = await startWithStory();
  const { page, complaints } = await open(server, '/m/story/29');
  await shows(page, 29);
  await press(page, 'f');
  await page.getByLabel('What if').check();
  await page.getByRole('combobox', { name: 'A replace answers' }).selectOption('ONLY_TO_PLAIN');
  await page.getByLabel('Name of the new machine').fill('wi');
  await press(page, 'Enter');
  const pair = page.locator('.pair');
  await expect.poll(() => pair.textContent()).toBe('Astory at 29Bwi at 29');
  const steps = page.locator('.steps');
  await page.getByLabel('Those that are the same').check();
  await steps.getByRole('link', { name: '9 DeviceReplace' }).first().click();
  await shows(page, 21);
  await expect.poll(() => pair.textContent()).toBe('Astory at 21Bwi at 21');
  await expect.poll(() => new URL(page.url()).search).toContain('b=wi@21&tab=compare');
  expect(complaints).toEqual([]);
});
