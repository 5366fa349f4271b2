/** What the kernel refused can be looked at: an operation without events, that the address keeps. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { ask } from '../graphql/builder/testing.ts';
import { open, press, shows, startWithStory } from './browser.ts';

const pathOf = (page: Page) => new URL(page.url()).pathname;
const panelOf = (page: Page) => page.locator('#tab-panel');

/** The story at 40, and after it two refusals. */
async function startRefusing() {
  const server = await startWithStory();
  const answer = await ask(
    server,
    `mutation {
      a: ioasAlloc(input: { machineId: "story", contextId: 9 }) {
        ... on KernelError { operation { number errno } } }
      b: deviceAttach(input: { machineId: "story", contextId: 1, devId: 2, ptId: 99 }) {
        ... on KernelError { operation { number errno } } } }`,
  );
  expect(answer).toEqual({
    a: { operation: { number: 17, errno: 'EBADF' } },
    b: { operation: { number: 18, errno: 'ENOENT' } },
  });
  return server;
}

test('a refusal says why, with its arguments and where it was decided; the address keeps it', async () => {
  const server = await startRefusing();
  for (const name of ['refused-18', 'op18']) {
    const { page, complaints } = await open(server, `/m/story/${name}`);
    await shows(page, 40);
    const panel = panelOf(page);
    await expect
      .poll(() => panel.locator('h2').allTextContents())
      .toContain('DeviceAttach contextId=1 devId=2 ptId=99');
    const text = await panel.textContent();
    expect(text).toContain('Operation 18: DeviceAttach ✕ ENOENT');
    expect(text).toContain('ptId 99: context 1 has no such object.');
    expect(await panel.locator('.facts').textContent()).toContain('ptId99');
    expect(await panel.locator('.trace li').last().textContent()).toBe(
      'iommufd_get_object → ENOENT here',
    );
    expect(await page.locator('.sentence').textContent()).toBe(
      'Operation 18 was refused: DeviceAttach: ENOENT',
    );
    expect(pathOf(page)).toBe(`/m/story/${name}`);
    await page.reload();
    await expect.poll(() => panel.textContent()).toContain('✕ ENOENT');
    expect(pathOf(page)).toBe(`/m/story/${name}`);
    // What the machine is then is one press away, and no refusal any more.
    await panel.getByRole('button', { name: 'moved from' }).click();
    await expect.poll(() => pathOf(page)).toBe('/m/story/40');
    expect(await panel.textContent()).not.toContain('ENOENT');
    expect(complaints).toEqual([]);
  }
});

test('keys, marks and the search lead to each refusal, also where several have one moment', async () => {
  const server = await startRefusing();
  const { page } = await open(server, '/m/story/30');
  await shows(page, 30);
  await press(page, '}');
  await expect.poll(() => pathOf(page)).toBe('/m/story/refused-17');
  await press(page, '}');
  await expect.poll(() => pathOf(page)).toBe('/m/story/refused-18');
  await press(page, '{');
  await expect.poll(() => pathOf(page)).toBe('/m/story/refused-17');
  await press(page, 'Shift+ArrowRight');
  await expect.poll(() => pathOf(page)).toBe('/m/story/op18');
  await press(page, 'Shift+ArrowLeft', 'g');
  await page.getByRole('dialog').getByLabel('Moment').fill('refused-18');
  await press(page, 'Enter');
  await expect.poll(() => panelOf(page).textContent()).toContain('✕ ENOENT');
  await page.getByRole('tab', { name: 'Trail' }).click();
  await panelOf(page).getByRole('button', { name: 'refusal refused-17' }).click();
  await expect.poll(() => pathOf(page)).toBe('/m/story/refused-17');
  await page.getByRole('tab', { name: 'Log' }).click();
  await panelOf(page).getByRole('button', { name: 'refused-18: DeviceAttach: ENOENT' }).click();
  await expect.poll(() => pathOf(page)).toBe('/m/story/refused-18');
  await press(page, 'Shift+ArrowLeft');
  await expect.poll(() => pathOf(page)).toBe('/m/story/op17');
  await press(page, '/');
  await page.getByLabel('Find in the log').fill('ENOENT');
  await press(page, 'Enter');
  await panelOf(page).getByRole('button', { name: 'DeviceAttach ENOENT' }).click();
  await expect.poll(() => pathOf(page)).toBe('/m/story/refused-18');
  await page.goBack();
  await expect.poll(() => pathOf(page)).toBe('/m/story/op17');
});
