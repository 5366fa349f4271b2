/** Debian's Chromium with the page in it, and a Faultline of its own that serves it. */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, expect, onTestFinished } from 'vitest';
import { CHROMIUM } from '../../bench/page/executable.ts';
import { STORY_TABS } from '../../src/graphql/story/story.ts';
import { type Faultline, startFaultline } from '../../src/server/faultline.ts';
import { untyped } from '../e2e/asking.ts';
import { subscribeSse } from '../e2e/subscriber.ts';
import { post } from '../graphql/builder/testing.ts';

let browser: Promise<Browser> | null = null;

afterAll(async () => {
  await (await browser)?.close();
  browser = null;
});

/** One for each test file. As root there is no sandbox for it to be in. */
export function theBrowser(): Promise<Browser> {
  browser ??= chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  return browser;
}

export interface Opened {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the page wrote to its console, reports of the CSP among it, and errors nobody caught. */
  readonly complaints: string[];
  /** Addresses of requests that were not to the server; all of them are blocked. */
  readonly foreign: string[];
}

type ContextOptions = NonNullable<Parameters<Browser['newContext']>[0]>;

/** A tab with a profile of its own, at an address of the server. */
export async function open(
  { url }: { url: string },
  path: string,
  options: ContextOptions = {},
): Promise<Opened> {
  const context = await (await theBrowser()).newContext({
    viewport: { width: 1440, height: 900 },
    ...options,
  });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  const foreign: string[] = [];
  page.on('console', message => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', error => complaints.push(`uncaught: ${error.message}`));
  await context.route(
    address => address.host !== new URL(url).host,
    route => {
      foreign.push(route.request().url());
      return route.abort();
    },
  );
  await page.goto(url + path);
  // All of the page is there, also what its first picture does not need; not so the playground.
  const whole = path.startsWith('/graphql') ? 'html' : 'html[data-whole]';
  await page.locator(whole).waitFor({ state: 'attached', timeout: 60_000 });
  return { page, context, complaints, foreign };
}

/** Waits until the page shows this moment: the playhead is there, and so is its picture. */
export async function shows(page: Page, seq: number): Promise<void> {
  await expect
    .poll(() => page.locator('[data-shown]').getAttribute('data-shown'), { timeout: 60_000 })
    .toBe(String(seq));
}

/** Presses keys one after another, as `page.keyboard.press` names them. */
export async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

async function startOne(token: string | null): Promise<Faultline> {
  const server = await startFaultline({
    host: '127.0.0.1',
    port: 0,
    database: ':memory:',
    durability: 'normal',
    token,
  });
  onTestFinished(() => server.stop());
  return server;
}

/** A server with the machine `default` alone. */
export const startEmpty = () => startOne(null);

/** A server that wants a token; it has the machine `default`. */
export const startGuarded = (token: string) => startOne(token);

/** A server with what the playground's tabs make: the machines story, hazard, wrong and others. */
export async function startWithStory(): Promise<Faultline> {
  const server = await startOne(null);
  for (const { query } of STORY_TABS) {
    const [, kind] = /^(query|mutation|subscription) /m.exec(query)!;
    if (kind === 'mutation') {
      expect((await post(server, query)).errors).toEqual([]);
    } else if (kind === 'subscription') {
      const subscription = await subscribeSse(server, untyped(query));
      await subscription.next('iopfGroups');
      subscription.stop();
    }
  }
  return server;
}
