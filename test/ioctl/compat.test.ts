/** VFIO's type 1 ioctls of /dev/iommu as a program sees them. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HAS_PYTHON } from './compiler.ts';
import { CAN_RUN, PROGRAMS, type Ran, runUnder, USERS } from './running.ts';

const HANGS = 300_000;
const python = test.skipIf(!CAN_RUN || !HAS_PYTHON);

describe.each(USERS)('as %s', user => {
  const run = (name: string): Ran =>
    runUnder(['python3', join(PROGRAMS, 'compat.py'), name], { user });

  python('VFIO: version, extensions and types are numbers', { timeout: HANGS }, () => {
    const { saw, summary } = run('vfio_numbers');
    expect(saw).toEqual({
      version: 0,
      extensions: [1, 1, 1, 0, 0, 0],
      coherency: ['ENODEV', 1],
      none: ['ENODEV', 'ENODEV', 'EINVAL'],
      set: [0, 0, 'EINVAL'],
      unknown: ['ENOTTY', 'ENOTTY'],
    });
    expect(summary.operationsByType).toMatchObject({ VfioCheckExtension: 8, VfioSetIommu: 6 });
  });

  python('VFIO: EFAULT, then EINVAL, then ENODEV', { timeout: HANGS }, () => {
    expect(run('vfio_refused').saw).toEqual({
      nowhere: ['EFAULT', 'EFAULT', 'EFAULT'],
      short: ['EINVAL', 'EINVAL', 'EINVAL'],
      flags: ['EINVAL', 'EINVAL'],
      no_ioas: ['ENODEV', 'ENODEV', 'ENODEV'],
    });
  });

  python('VFIO: maps, cuts and unmaps, and says how much', { timeout: HANGS }, () => {
    expect(run('vfio_dma').saw).toEqual({
      mapped: [0, 'EEXIST'],
      nothing: [0, 0],
      sticks_out: ['ENOENT', 0],
      one_and_a_half: [0, ['ENOENT', 0x8000]],
      cut: [0, 0x1000],
      zero: ['EINVAL', 0],
      all: [
        ['EINVAL', 0x1000],
        [0, 0x1000],
      ],
      unwritable: 'EFAULT',
      left: [0, 0],
    });
  });

  python('VFIO: as much of the information as there is room for', { timeout: HANGS }, () => {
    const { saw } = run('vfio_info');
    // The program fills its memory with 0xaa first.
    const untouched = (bytes: number) => 'aa'.repeat(bytes);
    const answer = (capOffset: string, chain: string, pgsizes = '0xfffffffffffff000') => [
      0,
      88,
      3,
      pgsizes,
      capOffset,
      chain + untouched(80 - chain.length / 2),
    ];
    const avail = (next: string) => `03000100${next}ffffffff${untouched(4)}`;
    const [low, high] = ['0000000000000000ff4f000000000000', '0060000000000000ffffffffffffffff'];
    const first = `${avail('28000000')}${untouched(16)}${low}`;
    const all = `${avail('28000000')}01000100000000000200000000000000${low}${high}`;
    expect(saw).toEqual({
      read_only: 'EFAULT',
      info: {
        15: ['EINVAL', 15, 0xffff_ffff, '0x0', '0xaaaaaaaa', untouched(80)],
        16: answer('0xaaaaaaaa', ''),
        20: answer('0x0', ''),
        24: answer('0x0', ''),
        32: answer('0x0', ''),
        36: answer('0x0', avail('00000000')),
        40: answer('0x0', avail('28000000')),
        44: answer('0x0', avail('28000000')),
        72: answer('0x0', first),
        87: answer('0x0', first),
        88: answer('0x18', all),
        200: answer('0x18', all),
      },
    });
  });

  python('ACCESS_RW copies bytes between buffers and mapped memory', { timeout: HANGS }, () => {
    const { saw, summary } = run('access_rw');
    expect(saw).toEqual({
      read: [0, '616263646566'],
      across: [0, '79797a'],
      written: [0, 'aa68656c6c6faa'],
      slow: [0, '68656c6c6f'],
      refused: ['ENOMEM', 'EOPNOTSUPP', 'EBADFD', 'EINVAL', 'ENOENT', 'EPERM'],
      no_buffer: ['EFAULT', 'EFAULT'],
      order: ['EFAULT', 'ENOENT'],
      partly: ['EFAULT', '6161'],
      whole: 0,
    });
    expect(summary.hazards).toEqual({});
  });

  python('a child reads and writes what its parent mapped', { timeout: HANGS }, () => {
    expect(run('access_rw_forked').saw).toEqual({
      child: [0, '706172656e74', 0],
      parent: 'child!',
      gone: [0, '6f7264657221', 0],
      shared: 'mother',
    });
  });

  python('ACCESS_PAGES compares pages with the caller’s', { timeout: HANGS }, () => {
    expect(run('access_pages').saw).toEqual({
      same: 0,
      other: 'EBADE',
      next: 'EBADE',
      alias: 0,
      none: 'EFAULT',
      not_compared: 0,
      destroyed: 0,
      unaligned: 0,
    });
  });

  python('dirty bits of a long range are those that were set', { timeout: HANGS }, () => {
    expect(run('dirty').saw).toEqual({
      marked: 5,
      read: [[0, 63, 64, 1000, 2047], 0],
      again: [],
      lost: [0, []],
      no_bits: 'EFAULT',
      none: 'EINVAL',
    });
  });
});
