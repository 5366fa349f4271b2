/** Programs whose memory comes and goes while iommufd maps it, as root and as nobody. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { HAS_PYTHON } from './compiler.ts';
import { CAN_RUN, PROGRAMS, runUnder, USERS } from './running.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const HANGS = 300_000;
const python = test.skipIf(!CAN_RUN || !HAS_PYTHON);
const TMPFS_MAGIC = 0x0102_1994;
const folder = mkdtempSync(join(tmpdir(), 'faultline-test-'));
chmodSync(folder, 0o777);
afterAll(() => rmSync(folder, { recursive: true }));

python('such a log replays to the same answers, and asks no process', { timeout: HANGS }, () => {
  const flags = ['--database', join(folder, 'log.db'), '--machine', 'vmm'];
  for (const name of ['given_up', 'forked', 'executed', 'limited']) {
    const { exitCode } = runUnder(['python3', join(PROGRAMS, 'memory.py'), name], { flags });
    expect(exitCode).toBe(0);
  }
  const faultline = (...args: string[]) =>
    spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
  const file = join(folder, 'log.faultline');
  expect(faultline('export', ...flags, '--output', file).status).toBe(0);
  const replayed = faultline('replay', '--check', file);
  expect([replayed.status, replayed.stdout]).toEqual([0, expect.stringContaining('machine vmm')]);
  // What was told of processes that are gone is gone with them.
  expect(readFileSync(file, 'utf8')).toContain('"type":"UserMemoryChanged"');
  const last = readFileSync(file, 'utf8').trimEnd().split('\n').at(-2)!;
  expect(JSON.parse(last)).toMatchObject({ type: 'ContextClose', errno: '0' });
  expect(last).toContain('"gone":[');
});

describe.each(USERS)('as %s', user => {
  const run = (name: string) =>
    runUnder(['env', `FOLDER=${folder}`, 'python3', join(PROGRAMS, 'memory.py'), name], { user });

  python(
    'what is not there is EFAULT when it is pinned, and not before',
    { timeout: HANGS },
    () => {
      const { saw, summary } = run('missing');
      expect(saw).toEqual({
        mapped: 0,
        attached: 'EFAULT',
        domain: 'EFAULT',
        one_page: 0,
        healed: 0,
      });
      expect(summary.hazards).toEqual({});
    },
  );

  python('what may not be written cannot be mapped to be', { timeout: HANGS }, () => {
    const { saw, summary } = run('read_only');
    expect(saw).toEqual({ written: 'EFAULT', read: 0, none: 'EFAULT', again: 0, device: 2 });
    // The page that was mapped to be read may not be touched any more.
    expect(summary.hazards).toEqual({ PINNED_MEMORY_GONE: 1 });
  });

  python('pinned memory outlives its munmap, for those who have it', { timeout: HANGS }, () => {
    const { saw, summary } = run('given_up');
    expect(saw).toEqual({
      mapped: 0,
      refs: 0,
      second_domain: true,
      gone: 'EFAULT',
      left: 0,
      new_domain: 'EFAULT',
      unpinned: 0,
    });
    expect(summary.hazards).toEqual({ PINNED_MEMORY_GONE: 1 });
  });

  python('a child’s memory is its own, and ends with it', { timeout: HANGS }, () => {
    const { saw, summary } = run('forked');
    expect(saw).toEqual({ mapped: true, alive: 0, second: 0, gone: 'EFAULT', here: true });
    expect(summary.hazards).toEqual({ PINNED_MEMORY_GONE: 1 });
  });

  python('beyond the end of a file there is nothing', { timeout: HANGS }, () => {
    const { saw } = run('file_end');
    expect(saw).toEqual({ short: 'EFAULT', whole: 0, grown: 0, shrunk: 'EFAULT' });
  });

  python('pages that are written back are pinned to be read alone', { timeout: HANGS }, () => {
    const inMemory = statfsSync(folder).type === TMPFS_MAGIC;
    const shared = inMemory ? 0 : 'EFAULT';
    expect(run('written_back').saw).toEqual({ shared, read: inMemory ? 'EEXIST' : 0, private: 0 });
  });

  python('what may be locked is asked when a process maps', { timeout: HANGS }, () => {
    const more = user === 'root' ? 0 : 'ENOMEM';
    expect(run('limited').saw).toEqual({ before: 0, less: 0, more });
  });

  python('another program has other memory', { timeout: HANGS }, () => {
    expect(run('executed').saw).toEqual({ mapped: 0, new: 0, old: 'EFAULT' });
  });
});
