/** Programs of devices: each bound has its field, and what is within the bounds is taken. */
import { describe, expect, test } from 'vitest';
import {
  badProgram,
  PROGRAM_OPTIONS_DEFAULT,
  type ProgramBounds,
  type ProgramOp,
  type ProgramOptions,
  pagesOf,
} from '../../../../src/core/hardware/dma/program.ts';

const BOUNDS: ProgramBounds = {
  ops: 4,
  pages: 8,
  repeats: 100,
  outstanding: 64,
  pagesPerGroup: 16,
  retries: 16,
  ticks: 1_000,
};
const READ: ProgramOp = { op: 'READ', iova: 0x5000n, length: 4_096, pasid: null };
const bad = (ops: readonly ProgramOp[], options: Partial<ProgramOptions> = {}) => {
  const found = badProgram(ops, { ...PROGRAM_OPTIONS_DEFAULT, ...options }, BOUNDS);
  return found === null ? null : `${found.field}: ${found.bound}`;
};

describe('a program', () => {
  test('within all bounds is taken', () => {
    const copy: ProgramOp = { op: 'COPY', from: 0n, to: 0x9000n, length: 32_768, pasid: 0xf_ffff };
    const top = (1n << 64n) - 1n;
    expect(bad([{ ...READ, iova: top, length: 1 }, copy, { op: 'REPEAT', times: 100 }])).toBeNull();
    expect(
      bad([{ op: 'BARRIER' }, { op: 'STOP', pasid: 0 }, { op: 'EXPECT', fill: 255 }]),
    ).toBeNull();
    expect(bad([READ], { prgIndex: 511, timeoutTicks: 1_000, retryLimit: 0 })).toBeNull();
  });

  test.each([
    ['ops: 1 to 4 operations', []],
    ['ops: 1 to 4 operations', [READ, READ, READ, READ, READ]],
    ['ops[1].length: 1 to 32768', [READ, { ...READ, length: 0 }]],
    ['ops[0].length: 1 to 32768', [{ ...READ, length: 32_769 }]],
    ['ops[0].length: 1 to 32768', [{ ...READ, length: 1.5 }]],
    ['ops[0].length: at most 8 pages', [{ ...READ, iova: 0x5001n, length: 32_768 }]],
    ['ops[0].iova: a range within 64 bits of address', [{ ...READ, iova: (1n << 64n) - 1n }]],
    ['ops[0].iova: a range within 64 bits of address', [{ ...READ, iova: -1n }]],
    ['ops[0].pasid: 0 to 1048575', [{ ...READ, pasid: 0x10_0000 }]],
    ['ops[0].fill: 0 to 255', [{ ...READ, op: 'WRITE', fill: 256 }]],
    [
      'ops[0].to: a range within 64 bits of address',
      [{ op: 'COPY', from: 0n, to: 1n << 64n, length: 1, pasid: null }],
    ],
    ['ops[0].pasid: 0 to 1048575', [{ op: 'STOP', pasid: -1 }]],
    ['ops[0].fill: 0 to 255', [{ op: 'EXPECT', fill: -1 }]],
    ['ops[0].op: something before a REPEAT', [{ op: 'REPEAT', times: 2 }]],
    ['ops[1].times: 1 to 100', [READ, { op: 'REPEAT', times: 101 }]],
  ] as readonly (readonly [string, readonly ProgramOp[]])[])('%s', (message, ops) => {
    expect(bad(ops)).toBe(message);
  });

  test.each([
    ['maxOutstanding: 1 to 64', { maxOutstanding: 0 }],
    ['pagesPerGroup: 1 to 16', { pagesPerGroup: 17 }],
    ['prgIndex: 0 to 511', { prgIndex: 512 }],
    ['retryLimit: 0 to 16', { retryLimit: 17 }],
    ['timeoutTicks: 1 to 1000', { timeoutTicks: 0 }],
  ] as readonly (readonly [string, Partial<ProgramOptions>])[])('%s', (message, options) => {
    expect(bad([READ], options)).toBe(message);
  });
});

test('a range is cut at its pages, also at the end of the address space', () => {
  expect([...pagesOf(0x5ffen, 4_100)]).toEqual([
    { page: 0x5000n, start: 0x5ffen, last: 0x5fffn },
    { page: 0x6000n, start: 0x6000n, last: 0x6fffn },
    { page: 0x7000n, start: 0x7000n, last: 0x7001n },
  ]);
  const top = (1n << 64n) - 1n;
  expect([...pagesOf(top, 1)]).toEqual([{ page: top & ~0xfffn, start: top, last: top }]);
});
