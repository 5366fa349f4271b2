/** How the page is served: by the same process, under a policy that lets nothing else in. */
import { expect, test } from 'vitest';
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
