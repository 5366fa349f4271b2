/** Addresses: what they say is what is shown, here and in another browser, back and forward. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import {
  type Address,
  formatAddress,
  PARTS,
  parseAddress,
  TABS,
} from '../../web/src/state/address.ts';
import { ask } from '../graphql/builder/testing.ts';
import { open, press, shows, startWithStory } from './browser.ts';

/** Numbers from a seed (mulberry32), so that a state that fails comes again. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const KEYS = ['FAULT:1:4', 'ATTACH_HANDLE:2', 'DEVICE:1:2', 'IOPF_GROUP:1', 'PHYSICAL_DEVICE:1'];

function anyAddress(pick: (below: number) => number): Address {
  const from = pick(20);
  const tab = TABS[pick(TABS.length)]!;
  return {
    spot: { machine: 'story', moment: String(pick(41)) },
    selected: pick(3) === 0 ? null : KEYS[pick(KEYS.length)]!,
    field: null,
    other: pick(2) === 0 ? null : { machine: 'wrong', moment: String(pick(28)) },
    view: pick(2) === 0 ? null : { from, to: from + 12 + pick(5) },
    axis: pick(4) === 0 ? 'time' : 'step',
    tab,
    // Only the hardware has views.
    part: PARTS[tab === 'hardware' ? pick(PARTS.length) : 0]!,
    table: pick(4) === 0,
    hash: null,
  };
}

/** What a person sees of where they are. */
async function seen(page: Page) {
  return page.evaluate(() => ({
    shown: document.querySelector('[data-shown]')?.getAttribute('data-shown'),
    selected: document.querySelector('[aria-pressed=true][data-key]')?.getAttribute('data-key'),
    tab: document.querySelector('[role=tab][aria-selected=true]')?.textContent,
    pair: document.querySelector('.pair')?.textContent,
    table: document.querySelector('.object-table') !== null,
    view: document.querySelector('[data-view]')?.getAttribute('data-view'),
    axis: document.querySelector('[data-axis]')?.getAttribute('data-axis'),
  }));
}

describe('an address and what it says', () => {
  test('are the same both ways', () => {
    const pick = chance(1);
    for (let round = 0; round < 500; round += 1) {
      const address = anyAddress(pick);
      const text = formatAddress(address);
      expect(parseAddress(new URL(text, 'http://localhost'))).toEqual(address);
    }
  });

  test('what is not understood is left out', () => {
    const read = (path: string) => parseAddress(new URL(path, 'http://localhost'));
    expect(read('/m/story/28?tab=nothing&view=9&b=%3Cb%3E@1').tab).toBe('moment');
    expect(read('/m/story/28?view=9..x').view).toBeNull();
    expect(read('/m/story/28?b=%3Cscript%3E@1').other).toBeNull();
    expect(read('/m/%3Cscript%3E/28').spot).toBeNull();
  });
});

test('check 7: fifty states, reloaded and opened in another browser, show the same', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/0');
  const another = await open(server, '/m/story/0');
  const pick = chance(2);
  for (let round = 0; round < 50; round += 1) {
    const address = anyAddress(pick);
    const path = formatAddress(address);
    const seq = Number(address.spot!.moment);
    await page.goto(server.url + path);
    await shows(page, seq);
    const wanted = {
      table: address.table,
      axis: address.axis,
      tab: expect.stringMatching(new RegExp(`^${address.tab}$`, 'i')),
      view: `${address.view?.from ?? 0}..${address.view?.to ?? 40}`,
      pair: address.tab === 'compare' ? expect.any(String) : undefined,
    };
    await expect.poll(() => seen(page), { message: path }).toMatchObject(wanted);
    const before = await seen(page);
    await page.reload();
    await shows(page, seq);
    await expect.poll(() => seen(page), { message: path }).toEqual(before);
    await another.page.goto(page.url());
    await shows(another.page, seq);
    await expect.poll(() => seen(another.page), { message: path }).toEqual(before);
  }
});

test('a link of another history of the machine says so', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/28');
  await shows(page, 28);
  await expect.poll(() => new URL(page.url()).searchParams.get('h')).toMatch(/^[0-9a-f]{8}$/);
  const link = page.url();
  await page.goto(`${server.url}/`);
  await page.goto(link);
  await shows(page, 28);
  expect(await page.locator('.notices').textContent()).toBe('');
  // Made anew, and by other operations: the same name and seq, another history.
  await ask(
    server,
    `mutation { machineDelete(input: { machineId: "story" })
    machineFork(input: { machineId: "story", from: { machineId: "wrong" } }) {
      machine { seq } } }`,
  );
  await page.goto(`${server.url}/`);
  await page.goto(link);
  await shows(page, 28);
  await expect
    .poll(() => page.locator('.notices').textContent())
    .toContain('This link was made for another history of story.');
});

test('check 7: jumps can be gone back, steps replace; names of moments open', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/op13');
  await shows(page, 28);
  await expect.poll(() => new URL(page.url()).pathname).toBe('/m/story/28');
  await press(page, 'ArrowRight', 'ArrowRight');
  await shows(page, 30);
  await press(page, 'Home');
  await shows(page, 0);
  await page.goBack();
  await shows(page, 30);
  await page.goForward();
  await shows(page, 0);
  await page.goto(`${server.url}/m/hazard/hazard-1`);
  await shows(page, 25);
  await page.goto(`${server.url}/m/story/99999`);
  await shows(page, 40);
  expect(await page.locator('.notices').textContent()).toContain('There is no event 99999 yet');
});

test('a moment that is not there leads to the nearest, and says so', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/op999');
  const said = () => page.locator('.notices').textContent();
  await shows(page, 40);
  expect(await said()).toContain('There is no operation 999 yet');
  await press(page, 'ArrowLeft');
  await shows(page, 39);
  expect(await said()).toBe('');
  await page.goto(`${server.url}/m/story/refused-1`);
  await expect.poll(said).toContain('Operation 1 was not refused');
  await expect.poll(() => new URL(page.url()).pathname).toBe('/m/story/3');
  await page.goto(`${server.url}/m/story/nosuch`);
  await shows(page, 40);
  expect(await said()).toContain('no bookmark "nosuch"');
  // What names no moment is told where it was written.
  await press(page, 'g');
  await page.getByRole('dialog').getByLabel('Moment').fill('my mark');
  await press(page, 'Enter');
  await expect
    .poll(() => page.getByRole('dialog').getByRole('alert').textContent())
    .toContain('“my mark” names no moment');
});

test('a machine that is not there keeps its address, and says so instead of waiting', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/nosuch/3?sel=FAULT:1:4');
  await expect.poll(() => page.locator('.notices').textContent()).toContain('"nosuch"');
  await expect
    .poll(() => page.locator('#machine').textContent())
    .toContain('There is no picture of nosuch.');
  expect(page.url()).toBe(`${server.url}/m/nosuch/3?sel=FAULT:1:4`);
  await page.getByRole('link', { name: 'All machines' }).click();
  await expect.poll(() => new URL(page.url()).pathname).toBe('/');
  expect(await page.locator('.notices').textContent()).toBe('');
});
