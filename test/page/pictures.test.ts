/**
 * Moments as pictures. Fonts differ from machine to machine, so what is compared is the mean
 * colour of squares: a box that moved, a bar that is missing, a theme that is gone are seen. The
 * pictures of a run are kept in coverage/page; those compared with stand beside this file, and
 * `PICTURES=write npm run test:page -- pictures` makes them anew, and those of docs.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { open, shows, startWithStory } from './browser.ts';
import { makeStale } from './hardware.ts';
import { PICTURE_SIZE, PICTURES } from './pictures.ts';

const ROOT = join(import.meta.dirname, '../..');
const KEPT = join(ROOT, 'coverage/page');
const WRITES = process.env['PICTURES'] === 'write';

/** Pixels of a square's side, and how much of a colour's range its mean may differ by. */
const SQUARE = 60;
const DIFFERENCE_MAX = 0.06;
/** Squares that may differ by more: text that wraps in another font. */
const SQUARES_MAX = 12;

/** The mean colours of the squares of a PNG, row by row, each from 0 to 1. */
async function squaresOf(page: Page, png: Buffer): Promise<number[]> {
  return page.evaluate(
    async ({ base64, square, width, height }) => {
      const bytes = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(width / square, height / square);
      const pen = canvas.getContext('2d')!;
      pen.imageSmoothingQuality = 'high';
      pen.drawImage(image, 0, 0, canvas.width, canvas.height);
      const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
      return [...data].map(value => value / 255);
    },
    { base64: png.toString('base64'), square: SQUARE, ...PICTURE_SIZE },
  );
}

/** How many squares of two pictures differ. */
function differing(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  let squares = 0;
  for (let at = 0; at < a.length; at += 4) {
    const parts = [0, 1, 2].map(part => Math.abs(a[at + part]! - b[at + part]!));
    if (Math.max(...parts) > DIFFERENCE_MAX) squares += 1;
  }
  return squares;
}

test('check 16: moments look as they did', async () => {
  const server = await startWithStory();
  await makeStale(server);
  mkdirSync(KEPT, { recursive: true });
  const seen: (readonly number[])[] = [];
  for (const { name, path, seq, dark, inDocs } of PICTURES) {
    const { page, context } = await open(server, path, {
      viewport: PICTURE_SIZE,
      colorScheme: dark ? 'dark' : 'light',
      reducedMotion: 'reduce',
    });
    await shows(page, seq);
    await page.waitForTimeout(800);
    const png = await page.screenshot();
    writeFileSync(join(KEPT, `${name}.png`), png);
    const file = join(import.meta.dirname, 'pictures', `${name}.png`);
    if (WRITES) {
      mkdirSync(join(import.meta.dirname, 'pictures'), { recursive: true });
      writeFileSync(file, png);
      if (inDocs !== undefined) writeFileSync(join(ROOT, 'docs', `${inDocs}.png`), png);
    }
    expect(existsSync(file)).toBe(true);
    const [now, before] = [await squaresOf(page, png), await squaresOf(page, readFileSync(file))];
    expect({ name, differing: differing(now, before) }).toMatchObject({
      differing: expect.toSatisfy((squares: number) => squares <= SQUARES_MAX),
    });
    seen.push(now);
    await context.close();
  }
  // It can fail: no two of them are the same by this measure.
  for (const [index, one] of seen.entries()) {
    for (const other of seen.slice(index + 1)) {
      expect(differing(one, other)).toBeGreaterThan(SQUARES_MAX);
    }
  }
});
