/** Runs programs under `faultline run`, as a process of its own, for tests. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunSummary } from '../../src/ioctl/summary.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
export const PROGRAMS = join(import.meta.dirname, 'programs');

/** Where programs cannot run, tests of them are skipped. */
export const CAN_RUN =
  process.platform === 'linux' && process.arch === 'x64' && existsSync('/proc/self/status');

/** The user and group "nobody" of Debian. */
const NOBODY = 65_534;
export type User = 'root' | 'nobody' | 'user';

/** Root tries both; anybody else can only be what he is. */
export const USERS: readonly User[] = process.getuid?.() === 0 ? ['root', 'nobody'] : ['user'];

export interface Ran {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of what was printed, read as JSON. */
  readonly saw: Readonly<Record<string, unknown>>;
  readonly summary: RunSummary;
}

export interface RunningOptions {
  readonly user?: User;
  readonly flags?: readonly string[];
  /** What the shell that starts it does before, such as to set limits; left out: no shell starts it. */
  readonly before?: string;
  /** Environment beside that of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `faultline run --json FLAGS -- ARGV`. */
export function runUnder(
  argv: readonly string[],
  { user = USERS[0]!, flags = [], before, env = {} }: RunningOptions = {},
): Ran {
  const identity = user === 'nobody' ? { uid: NOBODY, gid: NOBODY } : {};
  const command = [process.execPath, MAIN, 'run', '--json', ...flags, '--', ...argv];
  // The shell stays: a command follows.
  const shell = ['bash', '-c', `${before}; "$@"; exit $?`, 'bash'];
  const [file, ...args] = before === undefined ? command : [...shell, ...command];
  const { status, stdout, stderr } = spawnSync(file!, args, {
    encoding: 'utf8',
    timeout: 300_000,
    cwd: '/',
    env: { ...process.env, ...env },
    ...identity,
  });
  const lastJson = (text: string) => {
    const line = text.trimEnd().split('\n').at(-1) ?? '';
    return line.startsWith('{') ? JSON.parse(line) : {};
  };
  return { exitCode: status, stdout, stderr, saw: lastJson(stdout), summary: lastJson(stderr) };
}

/** Runs one of the functions of programs.py, or of another file beside it. */
export function runPython(name: string, options: RunningOptions = {}, file = 'programs.py'): Ran {
  return runUnder(['python3', join(PROGRAMS, file), name], options);
}
