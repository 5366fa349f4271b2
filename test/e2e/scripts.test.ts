/** `npm run demo`, and `faultline sim`, which is `npm run sim` too. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';

const SCRIPTS = {
  demo: ['../../src/cli/demo.ts'],
  'faultline sim': ['../../src/cli/main.ts', 'sim'],
};
const SIM = SCRIPTS['faultline sim'];

function run([script, ...first]: readonly string[], ...argv: string[]) {
  const path = new URL(script!, import.meta.url).pathname;
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...first, ...argv], {
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

describe.each(Object.entries(SCRIPTS))('%s', (name, script) => {
  test('--help says what it does and does not do it', () => {
    const { code, stdout, stderr } = run(script, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^Usage: (npm run -s )?${name}\\b`));
    expect(stdout).not.toContain('Step 1');
    expect(stdout).not.toContain('seed 1:');
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
  ['--steps=-1', '--steps'],
  ['--seed', '--seed'],
])('sim %s is 2 and one line', (argument, said) => {
  const { code, stdout, stderr } = run(SIM, argument);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^faultline sim: .*\n$/);
  expect(stderr).toContain(said);
});

test('sim runs as many machines as the steps take', () => {
  const one = run(SIM, '--seed', '7', '--steps', '20');
  expect(one.code).toBe(0);
  expect(one.stdout).toContain('seed 7, 20 steps: nothing wrong\n  1 machine on LINUX_6_12_117\n');
  const three = run(SIM, '--seed', '7', '--steps', '2010');
  expect(three.code).toBe(0);
  expect(three.stdout).toMatch(/^seed 7, 2010 steps: nothing wrong\n {2}3 machines on /);
});

test('sim --hardware runs machines with modelled IOMMUs', () => {
  const one = run(SIM, '--hardware', '--seed', '7', '--steps', '100');
  expect(one.code).toBe(0);
  expect(one.stdout).toMatch(/^seed 7, 100 steps: nothing wrong\n {2}1 machine on VTD \(/);
  const two = run(SIM, '--hardware', '--seed', '7', '--steps', '1010');
  expect(two.code).toBe(0);
  expect(two.stdout).toMatch(/\n {2}2 machines on 2 kinds of hardware and kernel\n/);
});

test('demo tells all steps to the end', () => {
  const { code, stdout, stderr } = run(SCRIPTS.demo);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.match(/^Step \d/gm)).toEqual([1, 2, 3, 4, 5, 6, 7].map(step => `Step ${step}`));
  expect(stdout).toContain('handler <- DELIVERED: cookie 1, 3 pages');
  expect(stdout).toContain('IOPF feature OFF');
});
