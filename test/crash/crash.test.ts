/** The crash test itself, in small: `npm run test:crash` runs many rounds of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makePreload } from './disk/preload.ts';
import { MODES, modeOf, planRound, roundPrng } from './plan.ts';
import { PLANTS, planted } from './plants.ts';
import { runRound } from './round.ts';
import { killAll, runNode } from './server-process.ts';
import { temporaryFolder } from './temporary.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** For hangs; a round takes some seconds. */
const TIMEOUT_MS = 600_000;

const scratch = temporaryFolder('rounds');
const preload = makePreload(scratch);
const library = 'library' in preload ? preload.library : null;

afterAll(killAll);

test.each([
  ['KILL', false],
  ['POWER_LOSS', library === null],
] as const)(
  'a round of %s finds nothing',
  async (mode, skipped) => {
    // Without a C compiler there is no library between the server and its disk.
    if (skipped) return expect(preload).toHaveProperty('missing');
    const prng = roundPrng(1, MODES.indexOf(mode));
    const plan = planRound(prng, mode);
    const { findings, story } = await runRound(prng, plan, { root: ROOT, scratch, library });
    expect(findings).toEqual([]);
    expect(story).toMatch(/[1-9]\d* operations acknowledged, [1-9]\d* events followed/);
  },
  TIMEOUT_MS,
);

test('every five rounds have every mode, and a seed has one order of them', () => {
  for (const seed of [0, 1, 4_294_967_295]) {
    for (const first of [1, 6, 11]) {
      const modes = MODES.map((_, place) => modeOf(seed, first + place));
      expect(modes.toSorted()).toEqual([...MODES].sort());
      expect(MODES.map((_, place) => modeOf(seed, first + place))).toEqual(modes);
    }
  }
  const orders = Array.from({ length: 20 }, (_, seed) => MODES.map((_, r) => modeOf(seed, r + 1)));
  expect(new Set(orders.map(String)).size).toBeGreaterThan(5);
});

test.each(Object.entries(PLANTS))('the planted bug %s has its place in the sources', (_, bug) => {
  const text = readFileSync(join(ROOT, bug.file), 'utf8');
  expect(planted(text, bug)).not.toBe(text);
});

test.each([
  [['--rounds', 'many'], /--rounds must be a whole number from 0 to 1000000, not "many"/],
  [['--mode', 'RAIN'], /--mode must be one of KILL, STOP, .*, not "RAIN"/],
  [['--plant', 'roses'], /--plant must be all or full-is-normal, .*, not "roses"/],
  [['--seeds'], /Unknown option '--seeds'/],
])(
  'test:crash %j is refused',
  async (argv, message) => {
    const { code, stderr } = await runNode(join(import.meta.dirname, 'main.ts'), argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  },
  TIMEOUT_MS,
);

test(
  'without rounds nothing passes and nothing fails',
  async () => {
    const argv = ['--rounds', '0', '--seed', '7'];
    const { code, stdout } = await runNode(join(import.meta.dirname, 'main.ts'), argv);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'seed 7\n0 passed, 0 failed\n' });
  },
  TIMEOUT_MS,
);
