/** How the page is served: by the same process, under a policy that lets nothing else in. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PAGE_FOLDER } from '../../src/server/page.ts';
import { open, press, shows, startWithStory } from './browser.ts';

test('check 1: the page is HTML whose policy allows only its own files and its own server', async () => {
  const server = await startWithStory();
  for (const path of ['/', '/m/story/28']) {
    const response = await fetch(server.url + path, { headers: { accept: 'text/html' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = response.headers.get('content-security-policy')!;
    expect(policy).not.toContain('unsafe-');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    const html = await response.text();
    const named = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
    expect(named.length).toBeGreaterThanOrEqual(3);
    for (const address of named) {
      expect(address).toMatch(/^\/assets\//);
      const asset = await fetch(server.url + address);
      expect(asset.status).toBe(200);
      expect(asset.headers.get('cache-control')).toContain('immutable');
    }
  }
});

test('check 1: with every other host blocked it works, and its console stays empty', async () => {
  const server = await startWithStory();
  const { page, complaints, foreign } = await open(server, '/');
  await page.getByRole('link', { name: /^story/ }).click();
  await shows(page, 40);
  await press(page, 'ArrowLeft', 'ArrowLeft');
  await shows(page, 38);
  expect(foreign).toEqual([]);
  expect(complaints).toEqual([]);
});

test('check 1: what the page loads later are files of its own, and all of them come', async () => {
  const server = await startWithStory();
  const { page, complaints, foreign } = await open(server, '/m/story/28');
  const asked = await page.evaluate(() =>
    performance.getEntriesByType('resource').map(({ name }) => name),
  );
  const scripts = readdirSync(join(PAGE_FOLDER, 'assets')).filter(name => name.endsWith('.js'));
  expect(scripts.length).toBeGreaterThan(5);
  for (const name of scripts.filter(name => !/^handle-faults-/.test(name))) {
    expect(asked).toContain(`${server.url}/assets/${name}`);
  }
  expect(asked.filter(address => !address.startsWith(`${server.url}/assets/`))).toEqual([]);
  expect(foreign).toEqual([]);
  expect(complaints).toEqual([]);
});

test('what cannot be loaded is said, and is there when it can', async () => {
  const server = await startWithStory();
  const { page, context } = await open(server, '/');
  await context.route(/log-tab/, route => route.abort());
  await page.goto(`${server.url}/m/story/28?tab=log`);
  await shows(page, 28);
  await expect.poll(() => page.locator('.notices').textContent()).toMatch(/log-tab/);
  await context.unroute(/log-tab/);
  await page.getByRole('tab', { name: 'Trail' }).click();
  await page.getByRole('tab', { name: 'Log' }).click();
  await expect.poll(() => page.locator('.log-list [aria-current]').count()).toBe(1);
});
