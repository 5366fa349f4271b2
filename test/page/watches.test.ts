/** Watches: what a pinned field is at each moment, since when, and what it is next. */
import { expect, test } from 'vitest';
import { makeFaulting, sendGroups } from '../graphql/builder/testing.ts';
import { open, press, shows, startWithStory } from './browser.ts';

test('a watch says the value now, the one before, and the next one with its event', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/28?sel=FAULT:1:4&field=deliver');
  await shows(page, 28);
  await press(page, 'p', 'Escape');
  const watch = page.locator('.watch > span');
  const words = async () => (await watch.innerText()).replaceAll('\n', ' ');
  await expect.poll(words).toBe('[] was [1] since 28 → [2] at 32');
  await page.getByRole('button', { name: 'at 32' }).focus();
  await press(page, 'Enter');
  await shows(page, 32);
  await expect.poll(words).toBe('[2] was [] since 32 → [] at 35');
  await press(page, 'End');
  await shows(page, 40);
  await expect.poll(words).toBe('[] was [2] since 35 → the same up to 40');
  await press(page, 'Home');
  await shows(page, 0);
  await expect.poll(words).toMatch(/^not there yet → \[\] at 1\d$/);
});

test('of a watched object each value has its field, and watches stand above why', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/28?sel=FAULT:1:4');
  await shows(page, 28);
  await press(page, 'p');
  const watch = page.locator('.watch > span');
  const words = async () => (await watch.innerText()).replaceAll('\n', ' ');
  await expect
    .poll(words)
    .toMatch(
      /^deliver \[\] was \[1\], awaitingResponse .+ was .+ since 28 → awaitingResponse .+ at 29$/,
    );
  const top = async (of: string) => (await page.locator(of).boundingBox())!.y;
  expect(await top('.watches')).toBeLessThan(await top('.why'));
  await press(page, ...Array<string>(40).fill('ArrowLeft'));
  await shows(page, 0);
  await expect.poll(words).toMatch(/^not there yet → there at 1\d$/);
});

test('what comes next to a watch is told when it happens', async () => {
  const server = await startWithStory();
  await makeFaulting(server);
  const { page } = await open(server, '/m/default/now?sel=FAULT:1:4&field=deliver');
  const watch = page.locator('.watch > span');
  await page.getByRole('button', { name: 'Watch' }).waitFor();
  await press(page, 'p', 'ArrowLeft', 'ArrowRight');
  await expect.poll(() => watch.innerText()).toContain('the same up to');
  await sendGroups(server, 1);
  await expect.poll(() => watch.innerText()).toMatch(/→ \[1\] at \d+$/);
});
