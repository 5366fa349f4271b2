/** Programs on VFIO device files: bind, regions, interrupts, DMA and page faults; as root and as nobody. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HAS_PYTHON, openFolder } from './compiler.ts';
import { CAN_RUN, runPython, USERS } from './running.ts';

const HANGS = 300_000;
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const python = test.skipIf(!CAN_RUN || !HAS_PYTHON);

python('the log of a run with DMA replays, without the program', { timeout: HANGS }, () => {
  const folder = openFolder();
  const flags = ['--database', join(folder, 'log.db'), '--machine', 'vmm'];
  for (const name of ['faults', 'dma']) {
    expect(runPython(name, { flags }, 'vfio.py').exitCode).toBe(0);
  }
  const faultline = (...args: string[]) =>
    spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
  const file = join(folder, 'log.faultline');
  const exported = faultline('export', ...flags, '--output', file);
  expect([exported.status, exported.stderr]).toEqual([0, '']);
  const replayed = faultline('replay', '--check', file);
  expect([replayed.status, replayed.stdout]).toEqual([0, expect.stringContaining('machine vmm')]);
});

describe.each(USERS)('as %s', user => {
  const run = (name: string, flags: readonly string[] = []) =>
    runPython(name, { user, flags }, 'vfio.py');

  python('before it is bound a device does nothing', { timeout: HANGS }, () => {
    expect(run('unbound').saw).toEqual({
      number: 768,
      info: 'EINVAL',
      attach: 'EINVAL',
      unknown: 'EINVAL',
      read: 'EINVAL',
      write: 'EINVAL',
      lseek: 'ESPIPE',
      map: 'EINVAL',
      missing: 'ENOENT',
      poll: [5],
    });
  });

  python('it is bound once, to an iommufd, by whoever came first', { timeout: HANGS }, () => {
    const { saw, summary } = run('binds');
    expect(saw).toEqual({
      short: 'EINVAL',
      flags: 'EINVAL',
      negative: 'EINVAL',
      closed: 'EBADF',
      other: 'EBADFD',
      itself: 'EBADFD',
      nowhere: 'EFAULT',
      id: 1,
      twice: 'EINVAL',
      second: 'EINVAL',
      numbers: [768, 769],
      again: 1,
    });
    expect(summary.operationsByType).toMatchObject({ DeviceBind: 3, DeviceUnbind: 2 });
    expect(summary.leftOpen).toEqual([]);
  });

  python('a bind whose answer cannot be written is undone', { timeout: HANGS }, () => {
    expect(run('unwritable').saw).toEqual({ lost: 'EFAULT', info: 'EINVAL', again: 1 });
  });

  python('attach attaches, replaces, detaches', { timeout: HANGS }, () => {
    const { saw, summary } = run('attaches');
    expect(saw).toEqual({
      absent: 'ENOENT',
      one: 4,
      two: 5,
      flags: 'EINVAL',
      short: 'EINVAL',
      detached: [8, 0],
      twice: [8, 0],
      detach_flags: 'EINVAL',
    });
    expect(summary.operationsByType).toMatchObject({ DeviceAttach: 3, DeviceDetach: 2 });
  });

  python('its regions and interrupts are told as VFIO tells them', { timeout: HANGS }, () => {
    expect(run('infos').saw).toEqual({
      info: [20, 3, 9, 5, 0],
      least: [16, 3, 9, 5],
      short: 'EINVAL',
      room: [64, 3, 9, 5, 0, 0],
      regions: [
        [3, 4_096, 0],
        [0, 0, 1],
        [7, 65_536, 2],
        ...[3, 4, 5, 6].map(index => [0, 0, index]),
        [3, 4_096, 7],
        'EINVAL',
        'EINVAL',
      ],
      irqs: [[7, 0], [9, 1], [9, 0], [9, 1], [9, 1], 'EINVAL'],
      feature: 'ENOTTY',
      hot: 'ENODEV',
      unknown: 'ENOTTY',
      iommufd: 'ENOTTY',
    });
  });

  python('its configuration space is a function’s', { timeout: HANGS }, () => {
    expect(run('config').saw).toEqual({
      ids: [0xfa17, 1, 2, 0x10],
      kind: 0x1200_0001,
      sizes: [0xffff_f000, 0, expect.any(Number)],
      kept: true,
      capabilities: [5, 0x10],
      extended: [0x0f, 0x13],
      dark: 'EIO',
      light: 0x4d44_4c46,
      behind: 'EFAULT',
      over: 'EFAULT',
    });
  });

  const REGIONS = {
    first: 'FLDM',
    next: 1,
    through: 'here',
    back: 'andthere',
    vector: [4, 're'],
    end: 16,
    behind: 'EINVAL',
    none: 'EINVAL',
    far: 'EINVAL',
    empty: '',
    maps: ['EINVAL', 'EINVAL', 'EINVAL', 'EINVAL'],
    anonymous: 0,
    copied: 0x4d44_4c46,
  };

  python('regions are read, written and mapped at their offsets', { timeout: HANGS }, () => {
    expect(run('regions').saw).toEqual(REGIONS);
  });

  python('also where all numbers are told', { timeout: HANGS }, () => {
    expect(run('regions', ['--exact-fds']).saw).toEqual(REGIONS);
  });

  python('a DMA moves the bytes of the program', { timeout: HANGS }, () => {
    expect(run('dma').saw).toEqual({
      attached: true,
      alone: [3, 9],
      written: [[2, 0], `00${'5a'.repeat(16)}00`],
      read: [[2, 0], 'hello'],
      unmapped: [3, 4],
      empty: [3, 0x116],
      command: [3, 10],
      copied: [[2, 0], `5a${Buffer.from('written').toString('hex')}5a`],
      beyond: [3, 11],
      ended: 0x8f,
      left: 0x8d,
      // Bus mastering stays on.
      reset: [0, [0, 0], 4],
    });
  });

  python('a reset keeps the configuration space, a bind begins anew', { timeout: HANGS }, () => {
    expect(run('resets').saw).toEqual({
      done: 0,
      kept: true,
      command: '0604',
      line: 0x21,
      channel: [true, false],
      fresh: ['0200', 0, false],
    });
  });

  python('interrupts come by eventfd', { timeout: HANGS }, () => {
    expect(run('irqs').saw).toEqual({
      intx: 'EINVAL',
      early: 'EINVAL',
      closed: 'EBADF',
      pipe: 'EINVAL',
      many: 'EINVAL',
      short: 'EINVAL',
      masked: 'ENOTTY',
      set: 0,
      looped: [0, 1, 'EAGAIN'],
      quiet: 'EAGAIN',
      done: 1,
      moved: 0,
      to: ['EAGAIN', 1],
      off: [0, 'EINVAL'],
      error: [0, 0, 1],
    });
  });

  python('channels run at once, and a thread answers', { timeout: HANGS }, () => {
    const { saw, summary } = run('channels');
    expect(saw).toMatchObject({ count: 8, ended: 0xff, groups: 8, numbers: 8 });
    expect(saw['states']).toEqual(Array.from({ length: 8 }, () => [2, 0]));
    // Channels 3 and 7 end and begin there.
    expect([saw['last'], saw['first']]).toEqual([expect.any(Number), 8]);
    expect(summary.hazards).toEqual({});
    expect(summary.leftOpen).toEqual([]);
  });

  python('it is found in /sys and /dev as programs look for it', { timeout: HANGS }, () => {
    expect(run('sysfs').saw).toEqual({
      all: ['0000:01:00.0', '0000:01:00.1', '0000:02:00.0', '0000:02:00.1', '0000:03:00.0'],
      ids: ['0xfa17', '0x0001', '0x120000', '0x01'],
      attributes: [[], 'ENODATA'],
      link: '../../../devices/pci0000:00/0000:01:00.0',
      driver: 'vfio-pci',
      group: '/sys/kernel/iommu_groups/1',
      members: ['0000:01:00.1'],
      through: '0xfa17',
      regions: '0x00000000fee00000 0x00000000feefffff msi',
      node: 'vfio0',
      nodes: ['vfio0', 'vfio1', 'vfio2', 'vfio3', 'vfio4'],
      same: [0o20600, true, true],
      named: true,
      by_folder: 1,
      at_folder: 0,
      physfn: '../0000:01:00.0',
      config: '17fa0100',
      bar: 65_536,
      lines: 13,
      classes: ['vfio0', 'vfio1'],
      missing: false,
      absent: [true, false],
    });
  });

  python('files look as the kernel’s, by path and by number', { timeout: HANGS }, () => {
    expect(run('files', ['--exact-fds']).saw).toMatchObject({ device: '0o20600', exists: true });
    expect(run('files').saw).toEqual({
      mode: '0o20600',
      number: [10, 0],
      lstat: '0o20600',
      statx: [0, '0o20600', 10],
      exists: true,
      access: [true, false],
      links: ['/dev/iommu', '/dev/vfio/devices/vfio0', 'anon_inode:[iommufd-pgfault]'],
      other: '/dev/iommu',
      link: 'EINVAL',
      queue: '0o600',
      device: '0o20600',
      pipe: 'pipe:',
      host: true,
      none: false,
      length: [4, '/dev'],
      path: '/dev/iommu',
    });
  });

  python(
    'entries to invalidate are as long as the structure, or EINVAL',
    { timeout: HANGS },
    () => {
      // The fourth length is the right one.
      const lengths = Array.from({ length: 8 }, (_, index) =>
        index === 3 ? [0, 1] : ['EINVAL', 0],
      );
      expect(run('entry_lengths').saw).toEqual({
        vtd: lengths,
        mock: lengths,
        none: [
          [0, 0],
          [0, 0],
        ],
        nowhere: [
          ['EINVAL', 0],
          ['EFAULT', 0],
        ],
        flag: ['EOPNOTSUPP', 2],
        reserved: ['EOPNOTSUPP', 2],
      });
    },
  );

  python('a program answers the page faults of its own device', { timeout: HANGS }, () => {
    const { saw, summary } = run('faults');
    expect(saw).toEqual({
      busy: [1, 0],
      silent: 'EAGAIN',
      ready: true,
      asked: [true, 9, 2, 0x5000],
      done: [[2, 0], 1, `${'77'.repeat(32)}00`],
      marked: 0x60,
      refused: [3, 1],
      closes: [0x7000, [1, 0]],
      again: true,
    });
    expect(summary.hazards).toEqual({});
  });
});
