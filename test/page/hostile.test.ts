/** Text that would be code or markup, and a token that nobody else may read. */
import { expect, test } from 'vitest';
import { ask } from '../graphql/builder/testing.ts';
import { open, press, shows, startGuarded, startWithStory } from './browser.ts';

const TOKEN = 'a-token-of-this-test-0123456789';

test('check 13: names at their limits, markup and marks of direction are shown as text', async () => {
  const server = await startWithStory();
  const machineId = `M${'x'.repeat(63)}`;
  const note = '</script><img src=x onerror=alert(1)> \u202Eright to left\u202C';
  await ask(
    server,
    `mutation { machineFork(input: { from: { machineId: "story", at: 40 },
    machineId: "${machineId}" }) { machine { seq } } }`,
  );
  await ask(
    server,
    `mutation ($note: String!, $name: BookmarkName!) { bookmarkAdd(input: {
      machineId: "${machineId}", name: $name, note: $note, at: 28 }) { seq } }`,
    { note, name: `b${'y'.repeat(63)}` },
  );
  const { page, complaints } = await open(server, `/m/${machineId}/28?tab=trail`);
  await shows(page, 28);
  await expect.poll(() => page.locator('#tab-panel').textContent()).toContain(note);
  expect(await page.locator('img').count()).toBe(0);
  await page.goto(
    `${server.url}/m/story/28?sel=${encodeURIComponent('<img src=x onerror=alert(1)>')}`,
  );
  await shows(page, 28);
  await expect.poll(() => page.locator('.why').textContent()).toContain('<img');
  expect(await page.locator('img').count()).toBe(0);
  expect(complaints).toEqual([]);
});

test('check 14: a server with a token: asked for, refused if wrong, and nowhere but in the tab', async () => {
  const guarded = await startGuarded(TOKEN);
  const { page, context } = await open(guarded, '/m/default/3');
  const field = page.getByLabel('Token', { exact: true });
  await field.waitFor();
  await page.keyboard.type('not-the-token-of-this-server');
  await press(page, 'Enter');
  await expect
    .poll(() => page.locator('dialog').textContent(), { timeout: 60_000 })
    .toContain('That is not its token');
  await field.fill(TOKEN);
  await press(page, 'Enter');
  // Where the address led to before the token was asked for.
  await shows(page, 3);
  expect(new URL(page.url()).pathname).toBe('/m/default/3');
  const places = await page.evaluate(() => ({
    dom: document.documentElement.outerHTML,
    address: location.href,
    local: JSON.stringify({ ...localStorage }),
    cookies: document.cookie,
    history: JSON.stringify(history.state),
  }));
  for (const [place, text] of Object.entries(places)) {
    expect({ place, found: text.includes(TOKEN) }).toEqual({ place, found: false });
  }
  // It lives as long as the tab, and a reload does not ask again.
  await page.reload();
  await shows(page, 3);
  const other = await context.newPage();
  await other.goto(`${guarded.url}/m/default/now`);
  await other.getByLabel('Token', { exact: true }).waitFor();
});
