/** Servers in processes of their own, ours and bare alike, so that both share the machine alike. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MemoryInUse } from './memory.ts';

export interface ServerProcess {
  /** Such as `http://127.0.0.1:4000/graphql`. */
  readonly url: string;
  /** Milliseconds that its main thread ran so far; only on Linux. */
  cpuMs(): number;
  /** Memory in use after a full garbage collection. */
  memory(): Promise<MemoryInUse>;
  stop(): Promise<void>;
}

/** `faultline serve` on a SQLite file. */
export function startOurs(database: string): Promise<ServerProcess> {
  const main = pathOf('../../src/cli/main.ts');
  const memory = pathOf('./preload-memory.ts');
  const serve = ['serve', '--host', '127.0.0.1', '--port', '0', '--database', database];
  return startProcess(['--import', memory, main, ...serve]);
}

export function startBare(): Promise<ServerProcess> {
  return startProcess([pathOf('./bare-server.ts')]);
}

/** Rejects if the process ends before it listens. */
async function startProcess(args: readonly string[]): Promise<ServerProcess> {
  const { TOKEN: _, DURABILITY: __, ...env } = process.env;
  const child = spawn(process.execPath, ['--expose-gc', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const url = await listening(child);
  return {
    url: `${url}/graphql`,
    cpuMs() {
      // Its first number is the nanoseconds that the process's first thread ran.
      return Number(readFileSync(`/proc/${child.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
    },
    async memory() {
      const answer = once(child, 'message');
      child.send('memory');
      return (await answer)[0] as MemoryInUse;
    },
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout!.on('data', data => {
      text += String(data);
      const url = /listens on (\S+)\n/.exec(text)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', code => reject(new Error(`the server ended with ${code}: ${text}`)));
  });
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
