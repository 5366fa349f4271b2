/** axe-core finds nothing: in every theme, on every tab, in each dialog, when empty, when wrong. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { PARTS, TABS } from '../../web/src/state/address.ts';
import { makeFaulting, sendGroups } from '../graphql/builder/testing.ts';
import { open, press, shows, startEmpty, startWithStory } from './browser.ts';
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
  ['hazards', '/m/hazard/26?tab=trail'],
  ['opened on a hazard', '/m/hazard'],
  ['a machine that is not there', '/m/nowhere/3'],
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

const THEMES = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  'forced colours': { forcedColors: 'active' },
} as const;

describe.each(Object.entries(THEMES))('%s', (_name, theme) => {
  test('check 12: every tab, dialog, empty and error state', async () => {
    const server = await startWithStory();
    const { page } = await open(server, '/', theme);
    for (const [name, path, ...keys] of PLACES) {
      await page.goto(server.url + path);
      await page.waitForTimeout(400);
      await press(page, ...keys);
      await page.waitForTimeout(150);
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
    const server = await startWithStory();
    const { page } = await open(server, '/m/story/28', { viewport: { width: 320, height: 700 } });
    await shows(page, 28);
    const { inner, whole } = await page.evaluate(() => ({
      inner: innerWidth,
      whole: document.documentElement.scrollWidth,
    }));
    expect(whole).toBeLessThanOrEqual(inner);
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
    const server = await startWithStory();
    const { page } = await open(server, '/m/story/28?sel=FAULT:1:4');
    await shows(page, 28);
    expect(await smallOnes(page)).toEqual([]);
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
  return page.locator('button, summary, input, select, textarea').evaluateAll(elements =>
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
