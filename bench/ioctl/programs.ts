/**
 * What a program pays under `faultline run`: an ioctl against a bare notification round trip with the
 * same copies, from the same process, and calls on other files against no filter at all.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFAULT_BASELINE } from '../../src/abi/baselines.ts';
import { SYSCALLS } from '../../src/abi/ioctl/linux.ts';
import { Engine } from '../../src/engine/machine/engine.ts';
import { SEEN_RANGE } from '../../src/ioctl/calls/post.ts';
import { EngineKernel } from '../../src/ioctl/engine-kernel.ts';
import { Listener, type Notification } from '../../src/ioctl/native/listener.ts';
import { startProgram } from '../../src/ioctl/native/start.ts';
import { UserMemory } from '../../src/ioctl/native/user-memory.ts';
import { runProgram } from '../../src/ioctl/run.ts';
import type { RunSummary } from '../../src/ioctl/summary.ts';
import { openMemoryLog } from '../../src/log/memory.ts';
import { build, programIn, sourceAt } from '../../test/ioctl/selftests/build.ts';
import { atMost, type BenchRow, inDirectory } from '../measure.ts';
import type { ProgramTimes } from './program.ts';

const PROGRAM = fileURLToPath(new URL('./program.ts', import.meta.url));
/** µs that opening another file, or asking about it, may take. */
const PATH_MAX_US = 100;

/** A folder that `npm run test:selftests -- PATH --build FOLDER` has filled. */
const SELFTESTS = process.env['FAULTLINE_SELFTESTS'];
/** Where Debian's linux-source-6.12 puts the kernel's source: they are built from it otherwise. */
const KERNEL_SOURCE = '/usr/src/linux-source-6.12.tar.xz';
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export const PROGRAMS_NOTE =
  'programs: the kernel’s self-tests are a row where its source is installed (linux-source-6.12), ' +
  'or FAULTLINE_SELFTESTS names a folder that test:selftests --build has filled. ' +
  'Linux on x64; both sides of a notification wait for each other, so they run on one CPU ' +
  '(taskset): to wake another one costs more than all that is compared.';

/** A mask of one CPU. */
const ONE_CPU = '1';

/** Binds this process, and what it starts from now on, to CPUs; returns those before. */
function pin(mask: string): string {
  const pid = String(process.pid);
  const { stdout } = spawnSync('taskset', ['-p', mask, pid], { encoding: 'utf8' });
  return /current affinity mask: (\w+)/.exec(stdout ?? '')?.[1] ?? ONE_CPU;
}

export function benchPrograms(): Promise<BenchRow[]> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return Promise.resolve([]);
  return inDirectory(async directory => {
    const file = join(directory, 'times.json');
    const times = () => JSON.parse(readFileSync(file, 'utf8')) as ProgramTimes;
    const argv = (path: string) => [process.execPath, PROGRAM, file, path];
    const everywhere = pin(ONE_CPU);
    const [node, ...args] = argv('/dev/null');
    spawnSync(node!, args, { stdio: 'inherit' });
    const free = times();
    await runBare(argv('/dev/null'));
    const bare = times();
    await runOnMachine(argv('/dev/iommu'));
    const ours = times();
    pin(everywhere);
    const ratio = (name: keyof ProgramTimes, against: ProgramTimes) => ({
      ours: ours[name],
      bare: against[name],
    });
    const ioctl = 'ioctl of a program (IOAS_ALLOC, DESTROY) against a bare notification';
    return [
      atMost(ioctl, 'µs', ratio('ioctl', bare), 3, 1),
      atMost('read of another file against no filter', 'µs', ratio('read', free), 1.2, 2),
      elseRow('open and close', ours.open, free.open),
      elseRow('stat', ours.stat, free.stat),
      ...selftestsRow(bare.ioctl, directory),
    ];
  });
}

/** What names a file is told whatever it names. */
function elseRow(what: string, ours: number, bare: number): BenchRow {
  return {
    ...atMost(`${what} of another file against no filter`, 'µs', { ours, bare }, null, 1),
    bar: `≤ ${PATH_MAX_US} µs`,
    met: ours <= PATH_MAX_US,
  };
}

/** The whole suite, against as many bare notifications as it makes calls. */
function selftestsRow(bareMicroseconds: number, directory: string): BenchRow[] {
  if (SELFTESTS === undefined && !existsSync(KERNEL_SOURCE)) return [];
  const folder = SELFTESTS ?? directory;
  if (SELFTESTS === undefined) build(sourceAt(KERNEL_SOURCE, folder), folder, ['static']);
  const program = programIn(folder, 'iommufd', 'static');
  const started = performance.now();
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [MAIN, 'run', '--as-root', '--json', '--', program],
    { cwd: '/', encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  const ours = (performance.now() - started) / 1_000;
  const summary = JSON.parse(stderr.trimEnd().split('\n').at(-1)!) as RunSummary;
  const bare = (summary.calls * bareMicroseconds) / 1_000_000;
  const passed = /pass:(\d+)/.exec(stdout)?.[1] ?? 'none';
  const rate = Math.round(summary.operations / ours);
  const what = `the kernel’s self-tests, ${passed} passed, ${rate} operations a second`;
  return [{ ...atMost(what, 's', { ours, bare }, null, 1), met: null }];
}

async function runOnMachine(argv: readonly string[]): Promise<void> {
  const engine = new Engine({ log: openMemoryLog(), now: Date.now });
  await engine.create('bench', { type: 'MachineCreate', baseline: DEFAULT_BASELINE, devices: [] });
  const kernel = new EngineKernel(engine, 'bench');
  const warn = (message: string) => process.stderr.write(`${message}\n`);
  await runProgram({ argv, kernel, exactFds: false, privileges: 'OWN', warn });
  await kernel.close();
}

/** A supervisor that reads the structure and writes it back, and does nothing else. */
async function runBare(argv: readonly string[]): Promise<void> {
  const { child, listener: fd, executed } = await startProgram(argv, SEEN_RANGE);
  const listener = new Listener(fd);
  const exited = once(child, 'exit');
  const answer = (notification: Notification) => {
    if (notification.syscall !== SYSCALLS.ioctl) return listener.pass(notification);
    const memory = new UserMemory(notification.tid);
    const pointer = notification.args[2]!;
    const bytes = memory.read(pointer, 8);
    if (bytes !== null && listener.isValid(notification)) memory.write(pointer, bytes);
    listener.answer(notification, 0);
  };
  await new Promise<void>(ended => listener.start(answer, ended));
  await Promise.all([executed, exited]);
}
