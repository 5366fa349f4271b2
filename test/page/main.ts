/**
 * `node test/page/main.ts [--if-there] [NAME…]`: the tests of the page. Without a Chromium they cannot
 * run, which is an error; with `--if-there` it is told and none, unless CI is set.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { CHROMIUM, hasChromium } from '../../bench/page/executable.ts';

const ROOT = join(import.meta.dirname, '../..');
const IF_THERE = '--if-there';

const given = process.argv.slice(2);
if (hasChromium()) {
  const names = given.filter(argument => argument !== IF_THERE);
  const { status } = spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...names],
    { cwd: ROOT, stdio: 'inherit', env: { ...process.env, FAULTLINE_TEST: 'page' } },
  );
  process.exitCode = status ?? 1;
} else {
  console.log(
    `The tests of the page were not run: there is no Chromium at ${CHROMIUM}.` +
      ' Install the package chromium, or name another with CHROMIUM.',
  );
  const mayBeMissing = given.includes(IF_THERE) && process.env['CI'] === undefined;
  process.exitCode = mayBeMissing ? 0 : 1;
}
