/**
 * Answers that cannot be written back (EFAULT): what the kernel takes back and what it leaves done
 * (Linux 6.12.117; each ioctl's use of iommufd_ucmd_respond).
 */
import { describe, expect, test } from 'vitest';
import { HAS_PYTHON } from './compiler.ts';
import { CAN_RUN, runPython, USERS } from './running.ts';

const HANGS = 300_000;
const python = test.skipIf(!CAN_RUN || !HAS_PYTHON);

describe.each(USERS)('as %s', user => {
  const run = (name: string) => runPython(name, { user }, 'answers.py').saw;

  python('objects that nobody is told of are taken back', { timeout: HANGS }, () => {
    expect(run('undone')).toEqual({
      hwpt: 'EFAULT',
      mock: 'EFAULT',
      access: 'EFAULT',
      free: [true, true],
      pages: 'EFAULT',
      item: [0, 1, 0, 'ENOENT'],
      no_number: 'ENOMEM',
      again: true,
    });
  });

  python('mappings, attachments and options stay as they are', { timeout: HANGS }, () => {
    expect(run('kept')).toEqual({
      map: ['EFAULT', 'EEXIST'],
      copy: ['EFAULT', 'EEXIST'],
      unmap: ['EFAULT', 'ENOENT'],
      replace: ['EFAULT', 'EBUSY'],
      option_set: ['EFAULT', 0],
      option_get: 'EFAULT',
      refused: ['EINVAL', 'EEXIST', 'ENOENT'],
      vfio: [0, 'EFAULT'],
    });
  });

  python('entries are invalidated, dirty bits set and cleared', { timeout: HANGS }, () => {
    expect(run('nested_and_dirty')).toEqual({
      // How many entries were handled is written also where none was: EFAULT comes last.
      reserved: ['EFAULT', 0],
      invalidate: ['EFAULT', 0],
      dirty: ['EFAULT', 0, 3],
      lost: ['EFAULT', 0, 0, 0],
    });
  });

  python('arrays and data are written before the structure', { timeout: HANGS }, () => {
    expect(run('information')).toEqual({
      info: ['EFAULT', '00000000efbeadde'],
      info_data: 'EFAULT',
      ranges: ['EFAULT', true],
      small: ['EMSGSIZE', 'EFAULT'],
      only_array: ['EFAULT', 'EFAULT'],
    });
  });
});
