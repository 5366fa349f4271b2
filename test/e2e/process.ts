/** `faultline` as a process of its own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const MAIN = new URL('../../src/cli/main.ts', import.meta.url).pathname;

/** A directory that goes when the test is over. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-e2e-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Whether this process may mount file systems. */
export function canMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-e2e-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'none', directory], { stdio: 'ignore' });
    execFileSync('umount', [directory], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Started {
  readonly child: ChildProcess;
  readonly output: { stdout: string; stderr: string };
  readonly finished: Promise<Finished>;
}

function launch(argv: readonly string[]): Started {
  const child = spawn(process.execPath, [MAIN, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const finished = once(child, 'close').then(([code, signal]) => ({ code, signal, ...output }));
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return { child, output, finished };
}

/** Runs the command line to its end. */
export function run(...argv: string[]): Promise<Finished> {
  return launch(argv).finished;
}

export interface Begun {
  /** What it wrote to standard output until now. */
  stdout(): string;
  readonly finished: Promise<Finished>;
  /** Sends the signal and waits for the end. */
  kill(signal: NodeJS.Signals): Promise<Finished>;
}

/** Starts the command line, which goes on until it is told to end. */
export function begin(...argv: string[]): Begun {
  const { child, output, finished } = launch(argv);
  return {
    stdout: () => output.stdout,
    finished,
    kill(signal) {
      child.kill(signal);
      return finished;
    },
  };
}

export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** What it wrote to standard error until now. */
  stderr(): string;
  /** Sends the signal and waits for the end. */
  kill(signal: NodeJS.Signals): Promise<Finished>;
}

/** `faultline serve` on a free port; resolves when it listens. */
export async function serve(database: string, ...more: string[]): Promise<ServerProcess> {
  const { child, output, finished } = launch([
    'serve',
    '--port',
    '0',
    '--database',
    database,
    ...more,
  ]);
  const listening = new Promise<string>(resolve => {
    child.stdout!.on('data', () => {
      const found = /listens on (\S+)\n/.exec(output.stdout);
      if (found !== null) resolve(found[1]!);
    });
  });
  const url = await Promise.race([
    listening,
    finished.then(({ code, stderr }) => {
      throw new Error(`serve ended with ${code}: ${stderr}`);
    }),
  ]);
  return {
    url,
    pid: child.pid!,
    stderr: () => output.stderr,
    kill(signal) {
      child.kill(signal);
      return finished;
    },
  };
}
