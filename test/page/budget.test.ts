/** The page on a machine of a million events: what `npm run bench:page` measures there. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Row } from '../../bench/page/main.ts';

const BENCH = join(import.meta.dirname, '../../bench/page/main.ts');

/** Other work on a core takes caches away: CPU of a frame may be so many times the budget here. */
const BUSY = 3;

test('check 10: a million events: small answers, no event by itself, CPU and memory within budget', () => {
  // Its status is not looked at: it has budgets of the clock, too, which a busy machine misses.
  const { stdout, stderr } = spawnSync(process.execPath, [BENCH, '--json'], { encoding: 'utf8' });
  expect(stdout, stderr).toMatch(/^\[/);
  const rows = JSON.parse(stdout) as Row[];
  const measured = (what: string) => rows.find(row => row.what === what)!;
  const exact = [
    measured('overview of all events'),
    measured('requests of single events'),
    measured('renderer, resident'),
    measured('typed arrays'),
  ];
  expect(exact.filter(({ measured, most }) => measured > most!)).toEqual([]);
  expect(measured('overview of all events').measured).toBeGreaterThan(0);
  const frames = rows.filter(({ what }) => what.endsWith('main-thread CPU a frame'));
  expect(frames).toHaveLength(5);
  expect(frames.filter(({ measured, most }) => measured > most! * BUSY)).toEqual([]);
});
