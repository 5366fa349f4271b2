/** `faultline` as a process of its own, from any copy of the sources. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** How long a start or an end may take before it counts as hung, in milliseconds. */
const HUNG_MS = 120_000;

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What was started here and has not ended. */
const running = new Set<ChildProcess>();

/** To be called at the end, whatever happened. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

interface Launched {
  readonly child: ChildProcess;
  readonly output: { stdout: string; stderr: string };
  readonly finished: Promise<Finished>;
}

function launch(
  main: string,
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
): Launched {
  const child = spawn(process.execPath, [main, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  running.add(child);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const finished = once(child, 'close').then(([code, signal]) => {
    running.delete(child);
    return { code, signal, ...output };
  });
  return { child, output, finished };
}

const commandsOf = (root: string) => join(root, 'src/cli/main.ts');

/** Runs a file of TypeScript to its end. */
export async function runNode(
  main: string,
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const { child, finished } = launch(main, argv, environment);
  return within(finished, `${main} ${argv[0]}`, () => child.kill('SIGKILL'));
}

/** Runs a command to its end. */
export function runFaultline(root: string, ...argv: string[]): Promise<Finished> {
  return runNode(commandsOf(root), argv);
}

export class ServerProcess {
  readonly finished: Promise<Finished>;
  /** Its URL; null if it ended before it listened. */
  readonly listening: Promise<string | null>;
  private readonly child: ChildProcess;

  constructor(
    root: string,
    database: string,
    durability: 'normal' | 'full',
    environment: Readonly<Record<string, string>> = {},
  ) {
    const flags = ['--port', '0', '--database', database, '--durability', durability];
    const { child, output, finished } = launch(commandsOf(root), ['serve', ...flags], environment);
    this.child = child;
    this.finished = finished;
    const listening = new Promise<string>(resolve => {
      child.stdout!.on('data', () => {
        const found = /listens on (\S+)\n/.exec(output.stdout);
        if (found !== null) resolve(found[1]!);
      });
    });
    const started = Promise.race([listening, finished.then(() => null)]);
    this.listening = within(started, 'faultline serve', () => child.kill('SIGKILL'));
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Sends the signal and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<Finished> {
    this.child.kill(signal);
    return within(this.finished, `the end by ${signal}`, () => this.child.kill('SIGKILL'));
  }
}

async function within<T>(promise: Promise<T>, what: string, stop: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const hung = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      stop();
      reject(new Error(`${what} took more than ${HUNG_MS / 1_000} s`));
    }, HUNG_MS);
  });
  return Promise.race([promise, hung]).finally(() => clearTimeout(timer));
}
