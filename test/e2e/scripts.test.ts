/** The scripts beside `faultline`: `npm run demo` and `npm run sim`. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';

const SCRIPTS = { demo: '../../src/cli/demo.ts', sim: '../sim/main.ts' };

function run(script: string, ...argv: string[]) {
  const path = new URL(script, import.meta.url).pathname;
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...argv], {
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

describe.each(Object.entries(SCRIPTS))('%s', (name, script) => {
  test('--help says what it does and does not do it', () => {
    const { code, stdout, stderr } = run(script, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^Usage: npm run -s ${name}\\b`));
    expect(stdout).not.toContain('Step 1');
    expect(stdout).not.toContain('seed 1,');
  });

  test.each(['--nothing', 'nothing'])('%s is 2 and one line', argument => {
    const { code, stdout, stderr } = run(script, argument);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^${name}: .*${argument}.*--help\n$`));
  });
});

test.each([
  ['--seed=1x', '--seed'],
  ['--steps=', '--steps'],
  ['--runs=-1', '--runs'],
  ['--runs', '--runs'],
])('sim %s is 2 and one line', (argument, said) => {
  const { code, stdout, stderr } = run(SCRIPTS.sim, argument);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^sim: .*\n$/);
  expect(stderr).toContain(said);
});

test('sim runs as many seeds as asked for', () => {
  const { code, stdout } = run(SCRIPTS.sim, '--seed', '7', '--steps', '20', '--runs', '2');
  expect(code).toBe(0);
  expect(stdout.match(/^seed .*$/gm)).toEqual(['seed 7, 20 steps', 'seed 8, 20 steps']);
});

test('demo tells all steps to the end', () => {
  const { code, stdout, stderr } = run(SCRIPTS.demo);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.match(/^Step \d/gm)).toEqual([1, 2, 3, 4, 5, 6, 7].map(step => `Step ${step}`));
  expect(stdout).toContain('handler <- DELIVERED: cookie 1, 3 pages');
  expect(stdout).toContain('IOPF feature OFF');
});
