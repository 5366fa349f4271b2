/** What a program is started with, what is refused before, and calls that cannot be answered. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inheritedOf, nodesOwnKinds, type OpenFile } from '../../src/ioctl/native/inherited.ts';
import { HAS_PYTHON } from './compiler.ts';
import { CAN_RUN, PROGRAMS, runPython, runUnder, USERS } from './running.ts';

const HANGS = 60_000;
const python = test.skipIf(!CAN_RUN || !HAS_PYTHON);
const run = (name: string, options = {}) => runPython(name, options, 'calls.py');

describe('a call that goes wrong', () => {
  python('odd arguments are refused, and the run goes on', { timeout: HANGS }, () => {
    const { saw, stderr, exitCode } = run('odd_calls');
    const six = (errno: string) => Array.from({ length: 6 }, () => errno);
    expect(saw).toEqual({
      vectors: six('EINVAL'),
      placed: ['ESPIPE', 'EINVAL', 'EINVAL', 'ESPIPE', 'EINVAL', 'EINVAL'],
      link: 'ENOENT',
      of_context: 'ENOENT',
      after: 2,
      other: true,
    });
    expect(stderr).not.toContain('mistake');
    expect(exitCode).toBe(0);
  });

  python('a mistake of ours is EIO of that call, said, and no more', { timeout: HANGS }, () => {
    const argv = ['python3', join(PROGRAMS, 'calls.py'), 'planted'];
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [join(PROGRAMS, 'planted.ts'), ...argv],
      { encoding: 'utf8', timeout: HANGS },
    );
    expect(JSON.parse(stdout)).toEqual({ ids: [1, 'EIO', 2], device: 'EIO', again: 3 });
    for (const planted of ['Error: planted\n', 'planted for functions', 'planted at the end']) {
      expect(stderr).toContain(planted);
    }
    expect(stderr).toContain('a call could not be answered (EIO), which is a mistake of Faultline');
    expect(status).toBe(0);
  });
});

describe('what cannot be started', () => {
  test.skipIf(!CAN_RUN)('a mistake while starting ends the program', { timeout: HANGS }, () => {
    const argv = [join(PROGRAMS, 'planted.ts'), 'cat', '/etc/passwd'];
    const { status, stdout, stderr } = spawnSync(process.execPath, argv, {
      encoding: 'utf8',
      env: { ...process.env, PLANTED: 'START' },
      timeout: HANGS,
    });
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('planted at the start');
  });

  test.skipIf(!CAN_RUN)('without a folder for files it is refused', { timeout: HANGS }, () => {
    const { exitCode, stderr } = runUnder(['true'], { env: { TMPDIR: '/nonexistent' } });
    expect(exitCode).toBe(126);
    expect(stderr).toContain('the supervisor cannot start: ENOENT');
    expect(stderr).toContain('name a folder that can be written to in TMPDIR');
  });

  test.skipIf(!CAN_RUN || !USERS.includes('nobody'))(
    'with a limit of file sizes that cannot be raised it is refused',
    { timeout: HANGS },
    () => {
      const options = { user: 'nobody', before: 'ulimit -f 1000' } as const;
      const { exitCode, stderr } = runUnder(['true'], options);
      expect(exitCode).toBe(126);
      expect(stderr).toContain('no file may have more than 1024000 bytes here (ulimit -f)');
    },
  );

  python('a limit that can be raised is the program’s alone', { timeout: HANGS }, () => {
    const { saw, exitCode } = run('file_size', { before: 'ulimit -S -f 1000' });
    expect(saw).toEqual({ device: true, limits: [1_024_000, -1] });
    expect(exitCode).toBe(0);
  });
});

describe('signals', () => {
  const STATUS = ['grep', '-E', 'Sig(Blk|Ign)', '/proc/self/status'];
  const masks = (argv: readonly string[], before = ':') => {
    const { stdout } = runUnder([...argv, ...STATUS], { before });
    return stdout.split('\n').map(line => line.split('\t')[1]);
  };
  const mask = (...signals: number[]) =>
    signals
      .reduce((sum, signal) => sum | (1n << BigInt(signal - 1)), 0n)
      .toString(16)
      .padStart(16, '0');

  test.skipIf(!CAN_RUN)(
    'those that Node resets are the program’s default',
    { timeout: HANGS },
    () => {
      // Signals from 32 on are as they were.
      const [blocked, ignored] = masks([], 'trap "" TERM PIPE RTMIN+2');
      expect([blocked, ignored]).toEqual([mask(), mask(36)]);
    },
  );

  test.skipIf(!CAN_RUN)('what is ignored behind the -- stays so', { timeout: HANGS }, () => {
    expect(masks(['nohup'])[1]).toBe(mask(1));
    const [blocked, ignored] = masks(['env', '--ignore-signal=TERM', '--block-signal=USR1']);
    expect([blocked, ignored]).toEqual([mask(10), mask(15)]);
  });
});

test.skipIf(!CAN_RUN || !HAS_PYTHON)(
  'a program goes on where nobody reads what is said of it',
  { timeout: HANGS },
  () => {
    const main = join(PROGRAMS, '../../../src/cli/main.ts');
    const argv = [
      process.execPath,
      main,
      'run',
      '--',
      'python3',
      join(PROGRAMS, 'calls.py'),
      'warned',
    ];
    const script = '"$@" 2> >(exec 0<&-; exec true)';
    const { stdout, status } = spawnSync('bash', ['-c', script, 'bash', ...argv], {
      encoding: 'utf8',
      timeout: HANGS,
    });
    expect(JSON.parse(stdout)).toEqual({ ioas: 2 });
    expect(status).toBe(0);
  },
);

/** What `calls.py files` says behind a shell's commands, without Faultline. */
function filesWithout(before: string): unknown {
  const argv = ['-c', `${before}; "$@"`, 'bash', 'python3', join(PROGRAMS, 'calls.py'), 'files'];
  const { stdout } = spawnSync('bash', argv, { encoding: 'utf8', cwd: '/' });
  return Object.keys((JSON.parse(stdout) as { files: object }).files);
}

describe('files that the caller passes', () => {
  python.each([
    ['none', ':'],
    ['files at some numbers', 'exec 3</etc/passwd 7</etc/group 8>&2 63</etc/passwd'],
    ['many in a row', 'for n in {3..40}; do eval "exec $n</etc/group"; done'],
    ['a number where queues are put', 'exec 800</etc/group'],
    ['/dev/null and a pipe with both ends', 'exec 9</dev/null; coproc cat; exec 3<&$((COPROC[0]))'],
  ])('%s: as without', { timeout: HANGS }, (_name, before) => {
    const { saw } = run('files', { before });
    expect(Object.keys(saw['files'] as object)).toEqual(filesWithout(before));
  });

  python('those of the kinds that Node opens, too', { timeout: HANGS }, () => {
    const program = `import os, select, subprocess, sys
kept = [*os.pipe(), os.eventfd(0, os.EFD_NONBLOCK), select.epoll()]
for file in kept: os.set_inheritable(file if isinstance(file, int) else file.fileno(), True)
os.set_blocking(kept[0], False)
subprocess.run(sys.argv[1:], close_fds=False)`;
    const argv = ['python3', join(PROGRAMS, 'calls.py'), 'files'];
    const under = [process.execPath, join(PROGRAMS, '../../../src/cli/main.ts'), 'run', '--quiet'];
    const files = (command: readonly string[]) => {
      const { stdout } = spawnSync('python3', ['-c', program, ...command], { encoding: 'utf8' });
      return (JSON.parse(stdout) as { files: Record<string, string> }).files;
    };
    const kinds = (open: Record<string, string>) =>
      Object.entries(open).map(([number, link]) => [number, link.replace(/\d+\]$/, ']')]);
    expect(kinds(files([...under, '--', ...argv]))).toEqual(kinds(files(argv)));
  });
});

describe('which files were passed', () => {
  const file = (number: number, kind: string, link = kind): OpenFile => ({ number, kind, link });
  const own = (from: number): OpenFile[] => [
    file(from, 'anon_inode:[eventpoll]'),
    file(from + 1, 'pipe 4000', 'pipe:[1]'),
    file(from + 2, 'pipe 4001', 'pipe:[1]'),
  ];
  const reference = () => own(3).map(({ kind }) => kind);

  test('one that was there before Node began is found by the order', () => {
    const passed = file(3, 'anon_inode:[eventpoll]');
    expect(inheritedOf([passed, ...own(4)], reference)).toEqual({ numbers: [3], certain: [] });
  });

  test('one above a gap is no file of Node’s', () => {
    const files = [...own(3), file(9, 'pipe 4000', 'pipe:[2]'), file(10, 'pipe 4001', 'pipe:[2]')];
    expect(inheritedOf(files, reference)).toEqual({ numbers: [9, 10], certain: [] });
  });

  test('one end of a pipe and a file of a disk are certain', () => {
    const files = [...own(3), file(6, 'pipe 1', 'pipe:[3]'), file(7, '/etc/group')];
    expect(inheritedOf(files, reference)).toEqual({ numbers: [6, 7], certain: [6, 7] });
  });

  test('where it cannot be found out, what may be Node’s is no file for the program', () => {
    const files = [...own(3), file(6, 'anon_inode:[eventfd]'), file(7, '/etc/group')];
    expect(inheritedOf(files, () => [])).toEqual({ numbers: [7], certain: [7] });
  });

  test.skipIf(!CAN_RUN)('Node opens nothing but what is known', () => {
    const kinds = nodesOwnKinds();
    expect(kinds).toContain('anon_inode:[eventpoll]');
    expect(
      kinds.filter(kind => !/^(anon_inode:\[(eventpoll|eventfd|io_uring)\]|pipe \d+)$/.test(kind)),
    ).toEqual([]);
  });
});
