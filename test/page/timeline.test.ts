/** The timeline: the bars of the story, read out of the table beside the canvas. */
import { expect, test } from 'vitest';
import { open, shows, startWithStory } from './browser.ts';

test('check 6: group 1 was answered, group 2 was taken away before anybody read it', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/40');
  await shows(page, 40);
  await expect
    .poll(() => page.locator('.group-table summary').textContent(), { timeout: 60_000 })
    .toBe('Groups in view: 2');
  const rows = await page
    .locator('.group-table tbody tr')
    .evaluateAll(found => found.map(row => [...row.children].map(cell => cell.textContent)));
  expect(rows).toEqual([
    ['1', '22', '27', '28', '29', 'SUCCESS'],
    ['2', '31', '32', '–', '35', 'taken away'],
  ]);
});

test('the slider says where it is in words', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/28');
  await shows(page, 28);
  const slider = page.getByRole('slider', { name: 'Playhead' });
  expect(await slider.getAttribute('aria-valuenow')).toBe('28');
  expect(await slider.getAttribute('aria-valuemax')).toBe('40');
  expect(await slider.getAttribute('aria-valuetext')).toMatch(/^28: .*iopf group 1 read/);
});
