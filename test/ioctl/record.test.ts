/**
 * `faultline run --record`: a program on a kernel, written down, and run again by `faultline conform`.
 * The kernel is Faultline itself: the recorder runs under `faultline run`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type BaselineName, DEFAULT_BASELINE } from '../../src/abi/baselines.ts';
import type { RecordedCall, RecordedTransfer } from '../../src/ioctl/record/recorded-call.ts';
import { HAS_PYTHON } from './compiler.ts';
import { CAN_RUN, PROGRAMS } from './running.ts';

const HANGS = 300_000;
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const EXAMPLE = join(import.meta.dirname, '../../examples/programs/faults.py');
const folder = mkdtempSync(join(tmpdir(), 'faultline-record-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** `under`: the machine on which the recorder runs. */
function faultline(args: readonly string[], under: BaselineName | null = null) {
  const outer =
    under === null ? [] : [MAIN, 'run', '--quiet', '--baseline', under, '--', process.execPath];
  return spawnSync(process.execPath, [...outer, MAIN, ...args], {
    encoding: 'utf8',
    timeout: HANGS,
    cwd: folder,
  });
}

const record = (file: string, argv: readonly string[], on: BaselineName = DEFAULT_BASELINE) =>
  faultline(['run', '--record', file, '--', ...argv], on);
const program = (name: string) => ['python3', join(PROGRAMS, 'programs.py'), name];

function conform(file: string, on: BaselineName = DEFAULT_BASELINE) {
  const { stdout, status } = faultline(['conform', '--baseline', on, file]);
  return { lines: stdout.trimEnd().split('\n'), status };
}

function linesOf(file: string): Record<string, unknown>[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
}

describe.skipIf(!CAN_RUN || !HAS_PYTHON)('recordings', () => {
  test.each([
    ['refused', 15],
    ['unwritable', 5],
    ['arrays', 9],
    ['hw_info', 6],
    ['fault_file', 18],
    ['fault_dup', 18],
    ['forked', 4],
    ['executed', 5],
  ])('%s runs again without a difference', { timeout: HANGS }, (name, calls) => {
    const file = join(folder, `${name}.jsonl`);
    const ran = record(file, program(name));
    expect({ status: ran.status, stderr: ran.stderr }).toEqual({
      status: 0,
      stderr: `recorded ${calls} calls in ${file}\n`,
    });
    expect(linesOf(file)).toHaveLength(calls + 1);
    expect(conform(file)).toEqual({
      lines: [`1 sequences, ${calls} operations, 0 divergences`],
      status: 0,
    });
  });

  test('reads and writes that are wrong, to the last bit', { timeout: HANGS }, () => {
    const file = join(folder, 'transfers.jsonl');
    const argv = ['python3', join(PROGRAMS, 'recorded.py'), 'transfers'];
    const { status, stdout } = record(file, argv);
    const wrong = ['EINVAL', ...Array(4).fill('EFAULT'), 'EINVAL', ...Array(3).fill('EFAULT')];
    const writes = ['EFAULT', 'EFAULT', 'EINVAL', 8];
    expect({ status, out: JSON.parse(stdout).out }).toEqual({
      status: 0,
      out: [...wrong, 40, 80, 40, ...writes, 0, 'ESPIPE'],
    });
    expect(conform(file)).toEqual({
      lines: ['1 sequences, 30 operations, 0 divergences'],
      status: 0,
    });
    const transfers = linesOf(file).filter(({ call }) => call === 'read' || call === 'write');
    expect(transfers.map(({ given }) => (given as { count: string }).count)).toEqual([
      ...['0x1', '0x2', '0x1', '0x2', '0x2', '0x401', '0x100000002'],
      ...['0x8000000000000000', '0x7fffffffffffffff', '0x2', '0x2', '0x50'],
      ...['0x1', '0x8000000000000008', '0x1', '0x2', '0x0'],
    ]);
  });

  test('of a recording from before, its pieces are run', { timeout: HANGS }, () => {
    const file = join(folder, 'before.jsonl');
    record(file, ['python3', EXAMPLE]);
    const before = linesOf(file).map(({ given, ...line }) => {
      if (given === undefined) return line;
      const { at, count } = given as RecordedTransfer;
      return { ...line, pieces: [{ at, length: Number(count) }] };
    });
    writeFileSync(file, before.map(line => `${JSON.stringify(line)}\n`).join(''));
    expect(conform(file)).toEqual({
      lines: ['1 sequences, 17 operations, 0 divergences'],
      status: 0,
    });
    const broken = { ...before.find(({ pieces }) => pieces !== undefined), given: { at: 1 } };
    writeFileSync(file, `${JSON.stringify(before[0])}\n${JSON.stringify(broken)}\n`);
    expect(conform(file).status).not.toBe(0);
  });

  test('a device that is bound, and what hardware sent, come again', { timeout: HANGS }, () => {
    const file = join(folder, 'device.jsonl');
    expect(record(file, ['python3', EXAMPLE]).status).toBe(0);
    expect(linesOf(file).find(line => 'device' in line)).toMatchObject({
      device: {
        bdf: '0000:01:00.0',
        reservedRegions: ['0x00000000fee00000 0x00000000feefffff msi'],
      },
    });
    expect(conform(file)).toEqual({
      lines: ['1 sequences, 17 operations, 0 divergences'],
      status: 0,
    });
    // The page requests of the recording, and not the example's device, made what is read.
    expect(linesOf(file).filter(({ call }) => call === 'read')).toHaveLength(1);
  });

  test.each([
    ['refused', 24],
    ['faults', 27],
    ['tests', 32],
  ])('PASIDs: %s runs again without a difference', { timeout: HANGS }, (name, calls) => {
    const file = join(folder, `pasids-${name}.jsonl`);
    const argv = ['python3', join(PROGRAMS, 'pasids.py'), name];
    expect(record(file, argv, 'LINUX_7_3_4').status).toBe(0);
    expect(conform(file, 'LINUX_7_3_4')).toEqual({
      lines: [`1 sequences, ${calls} operations, 0 divergences`],
      status: 0,
    });
  });

  test('a kernel that answers otherwise is told of, call by call', { timeout: HANGS }, () => {
    const file = join(folder, 'other.jsonl');
    record(file, program('basic'));
    const calls = linesOf(file) as unknown as RecordedCall[];
    const alloc = calls.findIndex(call => call.call === 'ioctl' && call.request === 0x3b81);
    const answered = calls[alloc] as RecordedCall & { call: 'ioctl' };
    const [struct] = answered.after;
    // This kernel gives the first IOAS the id 2, and says EBUSY of an id that is gone.
    calls[alloc] = { ...answered, after: [{ ...struct!, hex: '0c0000000000000002000000' }] };
    const destroy = calls.findLastIndex(call => call.call === 'ioctl');
    calls[destroy] = { ...calls[destroy]!, returned: -16 } as RecordedCall;
    writeFileSync(file, calls.map(call => `${JSON.stringify(call)}\n`).join(''));
    const { lines, status } = conform(file);
    expect(status).toBe(1);
    expect(lines).toEqual([
      expect.stringContaining(
        `operation 1 ioctl 0x3b81, memory ${struct!.at}: expected "0c0000000000000002000000", got "0c0000000000000001000000"`,
      ),
      expect.stringContaining('ioctl 0x3b80, returned: expected "EBUSY", got "ENOENT"'),
      '1 sequences, 6 operations, 2 divergences',
    ]);
  });

  test('exit code, a program without iommufd, one that is not there', { timeout: HANGS }, () => {
    const nothing = record(join(folder, 'nothing.jsonl'), ['sh', '-c', 'exit 7']);
    expect(nothing.status).toBe(7);
    expect(nothing.stderr).toContain('it opened no /dev/iommu');
    const killed = record(join(folder, 'killed.jsonl'), program('killed'));
    expect(killed.status).toBe(137);
    expect(conform(join(folder, 'killed.jsonl')).status).toBe(0);
    const absent = record(join(folder, 'absent.jsonl'), ['no-such-program']);
    expect(absent.status).toBe(127);
    expect(absent.stderr).toContain('there is no such program');
  });

  test('a file that is there is left as it is', { timeout: HANGS }, () => {
    const file = join(folder, 'there.jsonl');
    writeFileSync(file, 'mine');
    const { status, stderr } = faultline(['run', '--record', file, '--', 'true']);
    expect(status).toBe(1);
    expect(stderr).toContain(file);
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  test('what belongs to a machine of Faultline does not go with it', () => {
    const { status, stderr } = faultline(['run', '--record', 'x', '--machine', 'm', '--', 'true']);
    expect(status).toBe(2);
    expect(stderr).toContain('leave out --machine');
  });

  test('a device that is not there is looked for in vain', { timeout: HANGS }, () => {
    const look =
      'import os; print(os.path.exists("/"), end=""); os.open("/dev/vfio/devices/vfio77", 0)';
    const file = join(folder, 'no-device.jsonl');
    const { status, stdout, stderr } = record(file, ['python3', '-c', look]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: 'True' });
    expect(stderr).toContain('FileNotFoundError');
    expect(linesOf(file)).toHaveLength(1);
  });

  test('a host without /dev/iommu', { timeout: HANGS }, () => {
    const file = join(folder, 'host.jsonl');
    const { stderr } = faultline(['run', '--record', file, '--', ...program('basic')]);
    expect(stderr).toContain('its /dev/iommu could not be opened');
  });
});
