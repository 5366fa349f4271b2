/** Programs meet a machine as /dev/iommu: what they see, as root and as nobody. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compile, HAS_COMPILER, HAS_GDB, HAS_PYTHON, HAS_STRACE } from './compiler.ts';
import { CAN_RUN, PROGRAMS, runPython, runUnder, USERS } from './running.ts';

const HANGS = 300_000;
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const python = test.skipIf(!CAN_RUN || !HAS_PYTHON);
const compiled = test.skipIf(!CAN_RUN || !HAS_COMPILER);

describe.each(USERS)('as %s', user => {
  const run = (name: string, flags: readonly string[] = []) => runPython(name, { user, flags });

  python('opens, allocates, destroys; a second destroy is ENOENT', { timeout: HANGS }, () => {
    const { saw, summary, exitCode } = run('basic');
    expect(saw).toEqual({ fd: 3, ids: [1, 2], destroyed: 1, again: 'ENOENT' });
    expect(exitCode).toBe(0);
    expect(summary).toMatchObject({
      calls: 5,
      operations: 6,
      operationsByType: { ContextClose: 1, ContextOpen: 1, Destroy: 2, IoasAlloc: 2 },
      refusals: { ENOENT: 1 },
      leftOpen: [],
    });
  });

  python('a structure that is wrong is refused as the kernel does', { timeout: HANGS }, () => {
    const { saw, summary } = run('refused');
    expect(saw).toEqual({
      unknown: 'ENOTTY',
      hole: 'ENOTTY',
      direction: 'ENOTTY',
      null: 'EFAULT',
      unknown_null: 'EFAULT',
      short: 'EINVAL',
      exact: 0,
      longer: 0,
      trailing: 'E2BIG',
      flags: 'EOPNOTSUPP',
      cut: 'EFAULT',
      tail_missing: 'EFAULT',
      size_missing: 'EFAULT',
      reserved: 'EOPNOTSUPP',
      on_other_file: 'ENOTTY',
    });
    // What the kernel under this one answers by itself is no call of ours.
    expect(summary.operationsByType['CallRefused']).toBe(10);
    expect(summary.refusals).toMatchObject({ E2BIG: 1, EFAULT: 5, EINVAL: 1, ENOTTY: 2 });
  });

  python('an answer that cannot be written undoes the operation', { timeout: HANGS }, () => {
    const { saw } = run('unwritable');
    expect(saw).toEqual({ lost: 'EFAULT', queue: 'EFAULT', next: 1, open: [] });
  });

  python('arrays are read and written where the kernel does', { timeout: HANGS }, () => {
    expect(run('arrays').saw).toEqual({
      holes: [1, 1],
      first: [0, 2 ** 64 - 1],
      small: 'EMSGSIZE',
      nowhere: 'EFAULT',
      allowed: 1,
      missing: 'EFAULT',
      wrong: 'ENOENT',
    });
  });

  python('fail-nth fails the allocation of a thread', { timeout: HANGS }, () => {
    const { saw, summary } = run('fail_nth');
    expect(saw).toEqual({
      off: '0\n',
      failed: 'ENOMEM',
      spent: '0\n',
      after: 1,
      passed: 2,
      counted: true,
      thread: ['ENOMEM', '0\n', ''],
      mine: 3,
      word: 'EINVAL',
      large: 'ERANGE',
      debug: ['fail_page_alloc', 'failslab'],
      noted: 'Y',
      absent: 'ENOENT',
      missing: expect.stringMatching(/ENOENT|EACCES/),
    });
    expect(summary.refusals).toEqual({ ENOMEM: 2 });
  });

  python('a program that is not dumpable is root’s alone', { timeout: HANGS }, () => {
    const { saw, stderr } = run('not_dumpable');
    expect(saw).toEqual({ opened: user === 'root' ? true : 'ENOENT' });
    const told = /a program that is not dumpable opens a file/;
    if (user === 'root') expect(stderr).not.toMatch(told);
    else expect(stderr).toMatch(told);
  });

  python('GET_HW_INFO writes the structure and zeros behind it', { timeout: HANGS }, () => {
    expect(run('hw_info').saw).toEqual({
      length: 8,
      type: 0xfeed_beef,
      data: '00000000efbeadde0000000000000000',
      missing: 'EFAULT',
    });
  });

  const FAULT_FILE = {
    empty: 0,
    ready: 0,
    odd: 'ESPIPE',
    pread: 'ESPIPE',
    lseek: 'ESPIPE',
    ioctl: 'ENOTTY',
    queued: 1,
    nowhere: 'EFAULT',
    readv: 40,
    message: [true, 3, 1, 0x5000],
    taken: 0,
    unknown: 'EINVAL',
    answered: 8,
    twice: 'EINVAL',
  };

  python("a fault queue's file is read, polled and answered", { timeout: HANGS }, () => {
    const { saw, summary } = run('fault_file');
    expect(saw).toEqual({ number: 768, ...FAULT_FILE });
    expect(summary.hazards).toEqual({});
  });

  python('with --exact-fds it has the number the kernel gives', { timeout: HANGS }, () => {
    expect(run('fault_file', ['--exact-fds']).saw).toEqual({ number: 4, ...FAULT_FILE });
  });

  python('a group that a read cannot copy stays in the queue', { timeout: HANGS }, () => {
    expect(run('fault_read_only').saw).toEqual({
      empty: 0,
      refused: 'EFAULT',
      split: 'EFAULT',
      first: [40, 1],
      two: [80, 2, 3],
      last: [40, 4],
      none: 0,
      kept: true,
    });
  });

  python('dups of it read the same queue and close it together', { timeout: HANGS }, () => {
    const { saw, summary } = run('fault_dup');
    expect(saw).toEqual({
      numbers: [768, 769, 770, 900],
      inheritable: [true, true, false],
      read: [40, 40, 40],
      busy: 'EBUSY',
    });
    expect(summary.operationsByType).toMatchObject({ FaultClose: 1, FaultRead: 3 });
  });

  python('a dup2 of it to where nobody looks is warned of', { timeout: HANGS }, () => {
    const { saw, stderr } = run('fault_dup2');
    expect(saw).toEqual({ seen: 0 });
    expect(stderr).toContain("a fault queue's file was put at number 50");
    expect(stderr).not.toContain('number 800');
    expect(run('fault_dup2', ['--exact-fds']).stderr).not.toContain('was put at');
  });

  python('a thread asleep in epoll wakes, once an edge', { timeout: HANGS }, () => {
    expect(run('fault_threadless_poll').saw).toEqual({ events: 1, again: 0, group: 9 });
  });

  python('dup, dup2, fcntl and SCM_RIGHTS keep the context', { timeout: HANGS }, () => {
    const { saw, summary } = run('numbers');
    expect(saw).toEqual({ ids: [1, 2, 3, 4, 5, 1, 2], closed: 'EBADF' });
    expect(summary.operationsByType).toMatchObject({ ContextOpen: 2, ContextClose: 2 });
    expect(summary.leftOpen).toEqual([]);
  });

  python('a child keeps the context', { timeout: HANGS }, () => {
    const { saw, summary } = run('forked');
    expect(saw).toEqual({ child: 2 });
    expect(summary.operationsByType).toMatchObject({ ContextOpen: 1, ContextClose: 1 });
  });

  python('a program that is executed has what it was passed', { timeout: HANGS }, () => {
    expect(run('executed').saw).toEqual({ ids: [1], passed: '2', closed: 1, shell: 0 });
  });

  python('a path is found from where the program stands', { timeout: HANGS }, () => {
    expect(run('relative').saw).toEqual({ ids: [1, 1, 1], other: 'ENOENT' });
  });

  python('what has no poll is always ready', { timeout: HANGS }, () => {
    expect(run('ready').saw).toEqual({ events: [true, true], access: true, inheritable: false });
  });

  python('the program finds what Node changed as it was', { timeout: HANGS }, () => {
    // Under a shell that has lowered its own limit.
    const { saw } = runPython('put_back', { user, before: 'ulimit -S -n 512' });
    expect(saw).toEqual({
      limit: 512,
      left: [],
      closing: [false, false, false],
      no_new_privs: ['1'],
    });
  });

  python('a program that is killed releases what it had', { timeout: HANGS }, () => {
    const { exitCode, summary } = run('killed');
    expect(exitCode).toBe(137);
    expect(summary.operationsByType).toMatchObject({ ContextOpen: 1, ContextClose: 1 });
    expect(summary.leftOpen).toEqual([]);
  });

  python('a daemon is served to its end; the status is the program’s', { timeout: HANGS }, () => {
    const { exitCode, saw, summary } = run('daemon');
    expect(exitCode).toBe(4);
    expect(saw).toEqual({ daemon: 2 });
    expect(summary.operationsByType).toMatchObject({ ContextOpen: 1, ContextClose: 1 });
  });

  python('a process left behind is adopted and served', { timeout: HANGS }, () => {
    const { saw, exitCode, summary } = run('orphan');
    expect(saw).toEqual({ ids: 1, parent: true, init: false });
    expect(exitCode).toBe(0);
    expect(summary.leftOpen).toEqual([]);
  });

  python('what posix_spawn and system start has what it was given', { timeout: HANGS }, () => {
    const { saw, summary } = run('spawned');
    expect(saw).toEqual({ given: 1, closed: 1, shell: 3 });
    expect(summary.operationsByType).toMatchObject({ ContextOpen: 1, IoasAlloc: 1 });
  });

  python('a program that a signal ended has its number', { timeout: HANGS }, () => {
    const { exitCode, summary } = run('terminated');
    expect(exitCode).toBe(143);
    expect(summary.leftOpen).toEqual([]);
  });

  python('below RLIMIT_NOFILE a queue gets the lowest number', { timeout: HANGS }, () => {
    const { saw, stderr } = run('few_files');
    expect(saw).toMatchObject({ queue: 4, full: 'EMFILE', copied: 'EMFILE' });
    expect(stderr).toContain('has no file number from 768 to 1023 left');
    const exact = run('few_files', ['--exact-fds']);
    expect(exact.saw).toEqual({ queue: 4, full: 'EMFILE', copied: 'EMFILE', read: 'ESPIPE' });
    expect(exact.stderr).not.toContain('left (RLIMIT');
  });

  const threads = (fixed: boolean) =>
    compile(readFileSync(join(PROGRAMS, 'threads.c'), 'utf8'), { fixed });
  const EACH_ONCE = { fd: 3, once: 1_000, interrupted: 0, failed: 0, signalled: 1 };

  compiled('threads under a timer: each call runs once', { timeout: HANGS }, () => {
    expect(runUnder([threads(false), 'restart'], { user }).saw).toEqual(EACH_ONCE);
  });

  compiled('a static program is served as well', { timeout: HANGS }, () => {
    expect(runUnder([threads(true), 'restart'], { user }).saw).toEqual(EACH_ONCE);
  });

  compiled('without SA_RESTART a call runs once, or is EINTR', { timeout: HANGS }, () => {
    const { saw } = runUnder([threads(false)], { user });
    const { once, interrupted } = saw as { once: number; interrupted: number };
    expect(saw).toMatchObject({ failed: 0, signalled: 1 });
    expect(once + interrupted).toBe(1_000);
  });

  test.skipIf(!CAN_RUN)('a program that is not there is 127', { timeout: HANGS }, () => {
    const { exitCode, stderr } = runUnder(['/no/such/program'], { user });
    expect(exitCode).toBe(127);
    expect(stderr).toBe(
      'faultline run: "/no/such/program" cannot be executed (errno 2): there is no such program\n',
    );
  });

  test.skipIf(!CAN_RUN)('a file that is no program is 126', { timeout: HANGS }, () => {
    const { exitCode, stderr } = runUnder(['/etc/passwd'], { user });
    expect(exitCode).toBe(126);
    expect(stderr).toContain('"/etc/passwd" cannot be executed (errno 13)');
  });

  test.skipIf(!CAN_RUN)('a run inside a run is refused by name', { timeout: HANGS }, () => {
    const main = join(import.meta.dirname, '../../src/cli/main.ts');
    const { exitCode, stderr } = runUnder([process.execPath, main, 'run', '--', 'true'], { user });
    expect(exitCode).toBe(126);
    expect(stderr).toContain('another supervisor watches it already');
  });
});

describe('under tools that watch it, too', () => {
  const threads = () => compile(readFileSync(join(PROGRAMS, 'threads.c'), 'utf8'));
  const needs = CAN_RUN && HAS_COMPILER;

  test.skipIf(!needs || !HAS_STRACE)('strace sees the calls', { timeout: HANGS }, () => {
    const { stdout, stderr } = runUnder([
      'strace',
      '-f',
      '-e',
      'trace=ioctl',
      threads(),
      'restart',
    ]);
    expect(stdout).toContain('"once": 1000');
    expect(stderr.match(/ioctl\(3, .*0x81.* = 0/g)?.length).toBeGreaterThan(0);
  });

  test.skipIf(!needs || !HAS_GDB)('gdb runs it', { timeout: HANGS }, () => {
    const handled = ['-ex', 'handle SIGALRM nostop noprint pass', '-ex', 'run'];
    const { stdout } = runUnder(['gdb', '-batch', ...handled, '--args', threads(), 'restart']);
    expect(stdout).toContain('"once": 1000');
    expect(stdout).toContain('exited normally');
  });
});

describe('the supervisor', () => {
  python('takes the program with it when it is killed', { timeout: HANGS }, async () => {
    const argv = [MAIN, 'run', '--', 'python3', join(PROGRAMS, 'programs.py'), 'sleeper'];
    const supervisor = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'ignore'] });
    const [printed] = (await once(supervisor.stdout, 'data')) as [Buffer];
    const program = `/proc/${printed.toString()}`;
    expect(existsSync(program)).toBe(true);
    supervisor.kill('SIGKILL');
    await once(supervisor, 'exit');
    await expect.poll(() => existsSync(program), { timeout: 60_000 }).toBe(false);
  });
});

describe('privileges', () => {
  test.skipIf(!CAN_RUN || !HAS_PYTHON || !USERS.includes('nobody'))(
    'nobody may not set RLIMIT_MODE, and may with --as-root',
    { timeout: HANGS },
    () => {
      const user = 'nobody';
      expect(runPython('privileges', { user }).saw).toEqual({ set: 'EPERM' });
      const { saw } = runPython('privileges', { user, flags: ['--as-root'] });
      expect(saw).toEqual({ set: [24, 0, 0, 0, 0, 1] });
    },
  );
});
