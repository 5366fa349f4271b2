/** Paths that are answered in a special way: links of open files, folders, ways of opening. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HAS_PYTHON, openFolder } from './compiler.ts';
import { CAN_RUN, PROGRAMS, runPython, runUnder } from './running.ts';

const HANGS = 60_000;
const python = test.skipIf(!CAN_RUN || !HAS_PYTHON);
const run = (name: string, options = {}) => runPython(name, options, 'paths.py');

python('the link of an open file opens anew, and the file stays', { timeout: HANGS }, () => {
  const link = join(openFolder(), 'link');
  const { saw, stderr, summary } = runUnder([
    'python3',
    join(PROGRAMS, 'paths.py'),
    'reopened',
    link,
  ]);
  expect(saw).toEqual({
    first: 1,
    ids: [1, 1, 1, 1],
    of_queue: 'ENXIO',
    apart: true,
    old: true,
    read: 40,
    character: true,
    number: [10, 126],
    vfio: true,
  });
  expect(summary.operationsByType).toMatchObject({ ContextOpen: 5, ContextClose: 5 });
  expect(summary.leftOpen).toEqual([]);
  // A link of one's own is not followed.
  expect(stderr).toContain('/dev/iommu was opened by a link that is not followed here');
});

python('a path with a slash at its end is a folder', { timeout: HANGS }, () => {
  const folder = '/sys/devices/pci0000:00/0000:01:00.0';
  expect(run('folders').saw).toEqual({
    link: true,
    whole: true,
    dot: true,
    vendor: '0xfa17',
    cwd: folder,
    small: [0, 'ERANGE'],
    links: [folder, folder],
    through: 'EINVAL',
    device: 'ENOTDIR',
  });
});

python('flags and openat2 refuse what the kernel refuses', { timeout: HANGS }, () => {
  expect(run('ways').saw).toEqual({
    exclusive: 'EEXIST',
    create: true,
    folder: ['ENOTDIR', 'ENOTDIR'],
    root: true,
    cwd: true,
    how: true,
    beneath: 'EXDEV',
    small: 'EINVAL',
    magic: 'ELOOP',
    again: true,
  });
});

const UNSEEN = "a VFIO device's file was read at a number where that is not seen";

python('a device’s file that came by SCM_RIGHTS is warned of', { timeout: HANGS }, () => {
  const { saw, stderr } = run('received');
  expect(saw).toEqual({ low: true, seen: 'FLDM', unseen: '\0\0\0\0', ioas: 2 });
  expect(stderr).toContain(UNSEEN);
  const exact = run('received', { flags: ['--exact-fds'] });
  expect(exact.saw).toMatchObject({ seen: 'FLDM', unseen: 'FLDM' });
  expect(exact.stderr).not.toContain(UNSEEN);
});

python('a dup2 that fails is not warned of', { timeout: HANGS }, () => {
  const { saw, stderr } = run('moved', { before: 'ulimit -S -n 4096' });
  expect(saw).toEqual({ wrong: ['EBADF', 'EBADF'] });
  expect(stderr).not.toContain('was put at');
});
