/** Commands of the README, run as a person would: in a shell, in the project's folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

/** Milliseconds to wait for what must be printed. */
const PATIENCE_MS = 120_000;

/** A command that runs, with what it has printed. */
export class Running {
  /** All it printed, for messages and for waiting. */
  output = '';
  private stdout = '';
  private readonly child: ChildProcess;
  private readonly ended: Promise<number | null>;

  constructor(command: string, options: { env?: Record<string, string>; input?: string } = {}) {
    // A group of its own, so that what npm starts ends with it.
    this.child = spawn('bash', ['-euo', 'pipefail', '-c', command], {
      cwd: ROOT,
      // What a shell of this machine reads first is none of the README's business.
      env: { ...process.env, BASH_ENV: '', ...options.env },
      detached: true,
    });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.child.stdout!.on('data', (text: string) => {
      this.stdout += text;
    });
    this.ended = new Promise(resolve => {
      this.child.once('close', resolve);
    });
    this.child.stdin!.end(options.input ?? '');
  }

  /** Resolves once it has printed `text`; rejects with all it printed if it does not come. */
  async printed(text: string): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!this.output.includes(text)) {
      if (Date.now() > deadline || this.child.exitCode !== null) {
        throw new Error(`"${text}" was not printed, but:\n${this.output}`);
      }
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }

  /** Waits for its end and gives its standard output; rejects if it failed. */
  async done(): Promise<string> {
    const code = await this.ended;
    if (code !== 0) throw new Error(`exit code ${code}:\n${this.output}`);
    return this.stdout;
  }

  /** Ends it with all it started. */
  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      process.kill(-this.child.pid!, 'SIGTERM');
    }
    await this.ended;
  }
}
