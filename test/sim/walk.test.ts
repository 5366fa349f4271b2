/** Random walks on every kernel and policy; `faultline sim` walks others. */
import { describe, expect, test } from 'vitest';
import { KERNELS, walk } from '../../src/sim/walk.ts';

const STEPS = 1_500;

describe.each(KERNELS)('$baseline, $policies', kernel => {
  test('two walks', () => {
    for (let seed = 1; seed <= 2; seed++) {
      expect(walk(kernel, seed, STEPS).contexts.size).toBe(0);
    }
  });
});
