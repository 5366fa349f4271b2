/** `npm run docs`, second half: runs the pages and puts what came into their `json` blocks. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readableJson } from './json.ts';
import { blocksOf, withBlock } from './markdown.ts';
import { ROOT } from './process.ts';
import { DATABASE, ReadmeRun, RUN_PAGES } from './run-readme.ts';

const folder = mkdtempSync(join(tmpdir(), 'faultline-readme-'));
const pages = RUN_PAGES.map(page => {
  const markdown = readFileSync(join(ROOT, page), 'utf8');
  return { page, markdown, blocks: blocksOf(markdown, page) };
});
const run = new ReadmeRun(join(folder, DATABASE));
try {
  await run.run(pages.flatMap(({ blocks }) => blocks));
} finally {
  await run.stop();
  rmSync(folder, { recursive: true });
}
for (const { page, markdown, blocks } of pages) {
  let text = markdown;
  // From the last to the first, so that the lines of those before stay where they are.
  for (const block of blocks.toReversed()) {
    const shown = run.shown.get(block);
    if (shown === undefined || !('json' in shown)) continue;
    text = withBlock(text, block, readableJson(shown.json));
  }
  writeFileSync(join(ROOT, page), text);
}
