/** Everything by key alone: no test here touches the mouse. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { ask, at, makeFaulting, sendGroups } from '../graphql/builder/testing.ts';
import { open, press, shows, startWithStory } from './browser.ts';

/** Presses Tab until what has the focus begins with these words. */
async function tabTo(page: Page, words: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    const text = await page.evaluate(() => {
      const focused = document.activeElement;
      return focused === document.body ? '' : (focused?.textContent ?? '').trim();
    });
    if (text.startsWith(words)) return;
    await press(page, 'Tab');
  }
  throw new Error(`nothing that begins with "${words}" gets the focus`);
}

const announced = (page: Page) => page.locator('[role=status]').textContent();

test('check 5: from / to why, to the group that was taken away, to a comparison and a fork', async () => {
  const server = await startWithStory();
  const { page, complaints } = await open(server, '/');
  await page.getByRole('link', { name: /^story/ }).waitFor();
  await tabTo(page, 'story');
  await press(page, 'Enter');
  await shows(page, 40);

  await press(page, 'g', '2', '8', 'Enter');
  await shows(page, 28);

  // Why is the attach handle as it is: it was stored by event 19.
  await press(page, '2', 'Tab');
  await tabTo(page, 'handle 2');
  await press(page, 'Enter');
  expect(new URL(page.url()).searchParams.get('sel') ?? '').toBe('ATTACH_HANDLE:2');
  await press(page, 'w');
  await shows(page, 19);
  await expect.poll(() => announced(page)).toContain('Because of event 19');

  // The browser's back button leads back.
  await page.goBack();
  await shows(page, 28);

  // Stage by stage to where the second group was taken away.
  await press(page, 'Escape');
  for (const seq of [29, 31, 32, 35]) {
    await press(page, ']');
    await shows(page, seq);
  }
  expect(await page.locator('.moment-head h2').textContent()).toContain('took iopf group 2 away');

  await press(page, 'c', 'ArrowLeft', 'ArrowLeft', 'ArrowLeft');
  await shows(page, 32);
  await expect.poll(() => page.locator('#tab-panel').textContent()).toContain('values differ');
  await expect.poll(() => page.locator('.node.iopf_group.appeared').count()).toBe(1);

  await press(page, 'f');
  await page.getByLabel('Name of the new machine').waitFor();
  await press(page, 'Tab');
  await page.keyboard.type('future');
  await press(page, 'Enter');
  await expect.poll(() => announced(page), { timeout: 60_000 }).toContain('future is made');
  const { machine } = (await ask(
    server,
    '{ machine(machineId: "future") { seq forkedFrom { seq } } }',
  )) as { machine: { seq: number; forkedFrom: { seq: number } } };
  expect(machine.forkedFrom.seq).toBe(32);
  expect(complaints).toEqual([]);
});

test('check 5: three faults answered: two SUCCESS, one INVALID, and the machine agrees', async () => {
  const server = await startWithStory();
  await makeFaulting(server);
  const { page } = await open(server, '/m/default/now');
  await expect.poll(() => page.locator('.node.fault').count(), { timeout: 60_000 }).toBe(1);
  await press(page, 'h');
  await expect.poll(() => page.locator('#tab-panel').textContent()).toContain('You handle queue 4');
  await sendGroups(server, 3);
  await expect.poll(() => page.locator('.held').count(), { timeout: 60_000 }).toBe(3);
  await press(page, 's');
  await expect.poll(() => page.locator('.held').count()).toBe(2);
  await press(page, 'j', 'k', 'i');
  await expect.poll(() => page.locator('.held').count()).toBe(1);
  await press(page, 's');
  await expect.poll(() => page.locator('.held').count()).toBe(0);
  await press(page, 'h');
  await expect.poll(() => announced(page)).toContain('not handle faults any more');

  const answer = await ask(
    server,
    '{ machine { unansweredIopfGroupCount events(last: 100) { edges { node { type data } } } } }',
  );
  expect(at(answer, 'machine', 'unansweredIopfGroupCount')).toBe(0);
  const events = at(answer, 'machine', 'events', 'edges') as { node: { type: string } }[];
  const codes = events
    .map(({ node }) => node as { type: string; data: { code: number } })
    .filter(({ type }) => type === 'PageResponseWritten')
    .map(({ data }) => data.code);
  expect(codes).toEqual([0, 1, 0]);
});

test('the story plays, and ends with the answer of the person', async () => {
  const server = await startWithStory();
  const { page, complaints } = await open(server, '/', { reducedMotion: 'reduce' });
  await page.getByRole('button', { name: 'Play the story' }).waitFor();
  await tabTo(page, 'Play the story');
  await press(page, 'Enter');
  const bar = page.getByRole('region', { name: 'Story' });
  for (let step = 1; step < 7; step += 1) {
    await expect.poll(() => bar.textContent(), { timeout: 60_000 }).toContain(`${step} of 7`);
    await bar.getByRole('button', { name: 'Next' }).focus();
    await press(page, 'Enter');
  }
  await expect.poll(() => page.locator('.held').count(), { timeout: 60_000 }).toBe(1);
  await page.locator('#machine').focus();
  await press(page, 'i');
  await expect.poll(() => bar.textContent(), { timeout: 60_000 }).toContain('your answer');
  expect(complaints).toEqual([]);
  // What the answer did is shown: nothing waits any more.
  const end = await ask(server, '{ machine(machineId: "story") { seq } }');
  await shows(page, Number(at(end, 'machine', 'seq')));
  expect(await page.locator('.node.iopf_group:not(.went)').count()).toBe(0);
  const answer = await ask(server, '{ machine(machineId: "story") { unansweredIopfGroupCount } }');
  expect(at(answer, 'machine', 'unansweredIopfGroupCount')).toBe(0);
});

test('every command is in the list of all commands, with its keys', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/28');
  await shows(page, 28);
  await press(page, 'Control+k');
  const rows = page.locator('.command-list .row');
  await expect.poll(() => rows.count()).toBeGreaterThan(30);
  await page.keyboard.type('next event');
  expect(await rows.allTextContents()).toEqual(['Next event→']);
  await press(page, 'Enter');
  await shows(page, 29);
});
