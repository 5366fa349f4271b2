/** axe-core finds nothing: in every theme, on every tab, in each dialog, when empty, when wrong. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Faultline } from '../../src/server/faultline.ts';
import { PARTS, TABS } from '../../web/src/state/address.ts';
import { ask, makeFaulting, sendGroups } from '../graphql/builder/testing.ts';
import { open, press, shows, startEmpty, startGuarded, startWithStory } from './browser.ts';
import { makeStale } from './hardware.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds, and how many rules it found kept. */
async function check(page: Page): Promise<{ violations: string[]; passes: number }> {
  await page.evaluate(AXE);
  const { violations, passes } = await page.evaluate(async tags => {
    const { axe } = globalThis as unknown as {
      axe: { run(root: Document, options: object): Promise<{ violations: unknown; passes: [] }> };
    };
    const found = await axe.run(document, { runOnly: { type: 'tag', values: tags } });
    return { violations: found.violations as Violation[], passes: found.passes.length };
  }, TAGS);
  const words = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  );
  return { violations: words, passes };
}

/** A place to look at: an address, and the keys that lead on from there. */
const PLACES: readonly (readonly [name: string, path: string, ...keys: string[]])[] = [
  ['the list of machines', '/'],
  ['before the first event', '/m/story/0'],
  ['why', '/m/story/28?sel=FAULT:1:4'],
  ['an object that is gone', '/m/story/40?sel=IOPF_GROUP:2&field=cookie'],
  ['the table of objects', '/m/story/28?as=table'],
  ['two moments', '/m/story/40?b=story@28&tab=compare'],
  ['two machines', '/m/k6-15/now?b=k6-12@28&tab=compare'],
  ['a refusal', '/m/default'],
  ['hazards', '/m/hazard/26?tab=trail'],
  ['opened on a hazard', '/m/hazard'],
  ['a machine that is not there', '/m/nowhere/3'],
  ['by the clock', '/m/story/28?axis=time'],
  ['both timelines of a what if', '/m/story/29?b=patch@30&tab=compare'],
  ['a watch', '/m/story/28?sel=FAULT:1:4', 'p', 'ArrowLeft'],
  ['all commands', '/m/story/28', 'Control+k'],
  ['the keys', '/m/story/28', '?'],
  ['go to', '/m/story/28', 'g'],
  ['go to what is not there', '/m/story/28', 'g', 'z', 'z', 'Enter'],
  ['a fork', '/m/story/28', 'f'],
  ['what if', '/m/story/28', 'f', 'ArrowDown'],
  ['a handler against the past', '/m/story/28', 'Control+k', ...'my handler', 'Enter'],
  ['a bookmark', '/m/story/28', 'b'],
  ['found', '/m/story/28', '/', ...'FaultWrite', 'Enter'],
  ['not found', '/m/story/28', '/', ...'nothing', 'Enter'],
  ...TABS.map(tab => [`the tab ${tab}`, `/m/story/35?tab=${tab}`] as const),
];

/** The server with what the places need. */
async function startForPlaces(): Promise<Faultline> {
  const server = await startWithStory();
  const wanted = 'machineId: "story", newMachineId: "patch", baseline: V6_PATCH';
  await ask(server, `mutation { whatIf(input: { ${wanted} }) { machine { seq } } }`);
  const refused = 'deviceDetach(input: { contextId: 1, devId: 77 }) { __typename }';
  await ask(server, `mutation { ${refused} }`);
  return server;
}

/** Goes to a place as a person does: what it needs is loaded, and what it asks for has come. */
async function visit(page: Page, { url }: Faultline, path: string, keys: readonly string[]) {
  await page.goto(url + path);
  await page.locator('html[data-whole]').waitFor({ state: 'attached', timeout: 60_000 });
  await page.waitForTimeout(250);
  await press(page, ...keys);
  await page.waitForTimeout(250);
}

const THEMES = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  'forced colours': { forcedColors: 'active' },
} as const;

describe.each(Object.entries(THEMES))('%s', (_name, theme) => {
  test('check 12: every tab, dialog, empty and error state', async () => {
    const server = await startForPlaces();
    const { page } = await open(server, '/', theme);
    for (const [name, path, ...keys] of PLACES) {
      await visit(page, server, path, keys);
      const { violations, passes } = await check(page);
      expect({ name, violations }).toEqual({ name, violations: [] });
      expect(passes).toBeGreaterThan(10);
    }
  });

  test('check 12: groups in hand', async () => {
    const server = await startWithStory();
    await makeFaulting(server);
    await sendGroups(server, 3, { pages: 2 });
    const { page } = await open(server, '/m/default/now?tab=handler', theme);
    await page.getByRole('button', { name: /Handle queue 4/ }).waitFor();
    await press(page, 'h');
    await expect.poll(() => page.locator('.held').count(), { timeout: 60_000 }).toBe(3);
    expect((await check(page)).violations).toEqual([]);
  });

  test('check 12: every view of the hardware, empty, at work and refused', async () => {
    const server = await startEmpty();
    await makeStale(server);
    const { page } = await open(server, '/', theme);
    const views = PARTS.flatMap(part => ['0', '5', 'now'].map(moment => [moment, part] as const));
    for (const [moment, part] of views) {
      await page.goto(`${server.url}/m/dma/${moment}?tab=hardware&part=${part}`);
      await page.locator('.hardware-views').waitFor();
      await page.waitForTimeout(500);
      for (const closed of await page
        .locator('.hardware-views .dma, .hardware-views summary')
        .all()) {
        await closed.press('Enter');
      }
      if (moment === 'now' && part === 'programs') {
        await page.locator('textarea').fill('READ');
        await page.getByRole('button', { name: 'Load and run' }).press('Enter');
        await page.locator('.wrong-op').waitFor();
      }
      const { violations } = await check(page);
      expect({ moment, part, violations }).toEqual({ moment, part, violations: [] });
    }
  });

  test('check 12: a server that wants its token, and one that does not answer', async () => {
    const guarded = await startGuarded('a-secret-of-sixteen-letters');
    const asking = await open(guarded, '/', theme);
    await asking.page.getByRole('dialog').waitFor();
    expect((await check(asking.page)).violations).toEqual([]);
    const server = await startWithStory();
    const { page } = await open(server, '/m/story/28', theme);
    await shows(page, 28);
    await server.stop();
    await page.getByText('Reconnecting').waitFor({ timeout: 60_000 });
    expect((await check(page)).violations).toEqual([]);
  });
});

test('a planted fault is found', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/28');
  await shows(page, 28);
  await page.evaluate(() => {
    for (const hidden of document.querySelectorAll('.icon-button .hidden')) hidden.remove();
    for (const button of document.querySelectorAll('.icon-button')) button.removeAttribute('title');
  });
  expect((await check(page)).violations.join()).toContain('button-name');
});

describe('what axe does not measure', () => {
  test('check 12: at 320 pixels nothing but the graph and the tables runs out at the side', async () => {
    const server = await startForPlaces();
    const { page } = await open(server, '/', { viewport: { width: 320, height: 700 } });
    for (const [name, path, ...keys] of PLACES) {
      await visit(page, server, path, keys);
      const whole = await page.evaluate(() => document.documentElement.scrollWidth);
      expect({ name, whole }).toEqual({ name, whole: 320 });
    }
  });

  test('check 12: so it is with the hardware, and all of it is large enough to press', async () => {
    const server = await startEmpty();
    await makeStale(server);
    const { page } = await open(server, '/m/dma/now?tab=hardware', {
      viewport: { width: 320, height: 700 },
    });
    for (const part of PARTS) {
      await page.goto(`${server.url}/m/dma/now?tab=hardware&part=${part}`);
      await page.locator('.hardware-views').waitFor();
      await page.waitForTimeout(500);
      const whole = await page.evaluate(() => document.documentElement.scrollWidth);
      expect({ part, whole }).toEqual({ part, whole: 320 });
      expect({ part, small: await smallOnes(page) }).toEqual({ part, small: [] });
    }
  });

  test('check 12: everything that is pressed is at least 24 by 24 pixels, or alone in its line', async () => {
    const server = await startForPlaces();
    const { page } = await open(server, '/');
    for (const [name, path, ...keys] of PLACES) {
      await visit(page, server, path, keys);
      expect({ name, small: await smallOnes(page) }).toEqual({ name, small: [] });
    }
  });

  test('check 12: Tab goes through everything in the order it is read, and what has the focus is seen', async () => {
    const server = await startWithStory();
    const { page } = await open(server, '/m/story/28?sel=FAULT:1:4');
    await shows(page, 28);
    const stops: { words: string; seen: boolean }[] = [];
    for (let presses = 0; presses < 80; presses += 1) {
      await press(page, 'Tab');
      const stop = await page.evaluate(() => {
        const focused = document.activeElement!;
        if (focused === document.body) return null;
        const { outlineStyle, outlineWidth } = getComputedStyle(focused);
        const { left, top, right, bottom } = focused.getBoundingClientRect();
        const inside = right > 0 && bottom > 0 && left < innerWidth && top < innerHeight;
        return {
          words: focused.id || focused.ariaLabel || focused.textContent!.trim().slice(0, 20),
          seen: inside && outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0,
        };
      });
      if (stop === null) break;
      stops.push(stop);
    }
    expect(stops.filter(({ seen }) => !seen)).toEqual([]);
    const words = stops.map(stop => stop.words);
    const order = ['Skip to the machine', 'Faultline', 'First moment', 'tab-moment', 'timeline'];
    const at = order.map(stop => words.indexOf(stop));
    expect(at).toEqual(at.toSorted((a, b) => a - b));
    expect(at[0]).toBe(0);
    expect(stops.length).toBeGreaterThan(25);
  });

  test.each(['light', 'dark'] as const)(
    'check 12: the colours of the canvas stand out, %s',
    async scheme => {
      const server = await startWithStory();
      const { page } = await open(server, '/m/story/28', { colorScheme: scheme });
      await shows(page, 28);
      const colors = await page.evaluate(() => {
        const style = getComputedStyle(document.documentElement);
        const pen = document.createElement('canvas').getContext('2d')!;
        const rgb = (name: string) => {
          pen.fillStyle = style.getPropertyValue(name);
          pen.fillRect(0, 0, 1, 1);
          return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
        };
        const shapes = ['user-space', 'iommufd', 'iommu-core', 'hardware'].map(n => `--layer-${n}`);
        const others = ['--held', '--good', '--bad', '--taken', '--other', '--accent', '--text'];
        return {
          sheet: rgb('--sheet'),
          shapes: [...shapes, ...others].map(name => [name, rgb(name)] as const),
          quiet: rgb('--text-quiet'),
        };
      });
      for (const [name, rgb] of colors.shapes) {
        expect({ name, ratio: contrast(rgb, colors.sheet) }).toMatchObject({
          ratio: expect.toSatisfy((ratio: number) => ratio >= 3),
        });
      }
      expect(contrast(colors.quiet, colors.sheet)).toBeGreaterThanOrEqual(4.5);
    },
  );

  test('check 12: with single letters off, letters do nothing and other keys go on', async () => {
    const server = await startWithStory();
    const { page } = await open(server, '/m/story/28');
    await shows(page, 28);
    await press(page, '?');
    await page.getByLabel('Single letters are commands').press('Space');
    await press(page, 'Escape', 'g');
    expect(await page.locator('dialog[open]').count()).toBe(0);
    await press(page, 'ArrowRight');
    await shows(page, 29);
    await press(page, 'Control+k');
    await expect.poll(() => page.locator('dialog[open]').count()).toBe(1);
  });
});

/** What can be pressed and is smaller than 24 by 24 pixels. */
function smallOnes(page: Page): Promise<string[]> {
  return page
    .locator('button, summary, input, select, textarea, [role=separator]')
    .evaluateAll(elements =>
      elements.flatMap(element => {
        const { width, height } = element.getBoundingClientRect();
        const enough = width === 0 || (width >= 24 && height >= 24);
        return enough ? [] : [`${element.outerHTML.slice(0, 120)} ${width} × ${height}`];
      }),
    );
}

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(a: readonly number[], b: readonly number[]): number {
  const luminance = (rgb: readonly number[]) => {
    const [r, g, bl] = rgb.map(value => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * bl!;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}
