/** Each planted bug makes the tests named beside it fail; as it is, they pass. */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withPlanted } from '../planted.ts';
import { MUTANTS } from './mutants.ts';
import { PROGRAM_MUTANTS } from './program-mutants.ts';

const ALL = [...MUTANTS, ...PROGRAM_MUTANTS];

const ROOT = join(import.meta.dirname, '..', '..');
const VITEST = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
/** A planted bug may make a test wait for ever; one that passes takes a few seconds. */
const GIVEN_UP_MS = 120_000;

/** What tests read of the project. */
const COPIED = [
  'src',
  'test',
  'bench',
  'examples',
  'migrations',
  'schema',
  'package.json',
  'vitest.config.ts',
];

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-mutants-'));
  for (const path of COPIED) {
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What vitest printed; null if all tests passed. One that holds its event loop for ever has failed. */
function failure(files: readonly string[]): Promise<string | null> {
  const argv = [VITEST, 'run', '--bail=1', `--testTimeout=${GIVEN_UP_MS}`];
  argv.push(...files.map(file => join('test', file)));
  return new Promise(resolve => {
    const child = spawn(process.execPath, argv, {
      cwd: folder,
      // What it starts ends with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, VITEST: '', NODE_OPTIONS: '', FAULTLINE_TEST: '' },
    });
    let text = '';
    child.stdout.on('data', data => {
      text += String(data);
    });
    child.stderr.on('data', data => {
      text += String(data);
    });
    const timer = setTimeout(() => {
      text += 'FAIL it never ended';
      process.kill(-child.pid!, 'SIGKILL');
    }, 2 * GIVEN_UP_MS);
    child.once('exit', code => {
      clearTimeout(timer);
      resolve(code === 0 ? null : text);
    });
  });
}

test('without a bug, all of these tests pass', async () => {
  const files = new Set(ALL.flatMap(({ tests }) => tests));
  expect(await failure([...files])).toBeNull();
});

test.each(ALL)('$file: $name', ({ file, tests, ...planted }) =>
  withPlanted(join(folder, 'src', file), planted, async () => {
    const said = await failure(tests);
    // That a test failed, not that no test could be found or loaded.
    expect(said).toMatch(/Tests\s+.*\d+ failed|FAIL/);
    expect(said).not.toMatch(/No test files found|Transform failed|SyntaxError/);
  }),
);
