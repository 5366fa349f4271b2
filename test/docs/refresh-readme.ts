/** `npm run docs`, second half: runs the README and puts what came into its `json` blocks. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readableJson } from './json.ts';
import { blocksOf, withBlock } from './markdown.ts';
import { ROOT } from './process.ts';
import { DATABASE, ReadmeRun } from './run-readme.ts';

const file = join(ROOT, 'README.md');
const folder = mkdtempSync(join(tmpdir(), 'faultline-readme-'));
let markdown = readFileSync(file, 'utf8');
const blocks = blocksOf(markdown);
const run = new ReadmeRun(join(folder, DATABASE));
try {
  await run.run(blocks);
} finally {
  await run.stop();
  rmSync(folder, { recursive: true });
}
// From the last to the first, so that the lines of those before stay where they are.
for (const block of blocks.toReversed()) {
  const shown = run.shown.get(block.line);
  if (shown === undefined || !('json' in shown)) continue;
  markdown = withBlock(markdown, block, readableJson(shown.json));
}
writeFileSync(file, markdown);
