/** Records what a program does on the kernel it runs on, into a file. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { release } from 'node:os';
import { startTraced } from '../native/start.ts';
import type { RecordingHead } from './recorded-call.ts';
import { CallRecorder } from './recorder.ts';
import { trace } from './tracer.ts';

export interface Recorded {
  readonly exitCode: number;
  /** Calls that were written. */
  readonly calls: number;
  /** Whether a file of iommufd's was opened. */
  readonly opened: boolean;
}

/**
 * Runs a program and writes its calls on iommufd. Errors: StartError; those of the file; SystemError, it
 * cannot be traced.
 */
export async function recordProgram(argv: readonly string[], path: string): Promise<Recorded> {
  const file = openSync(path, 'wx', 0o600);
  let calls = 0;
  let opened = false;
  const line = (value: unknown) => writeSync(file, `${JSON.stringify(value, asHex)}\n`);
  try {
    const head: RecordingHead = {
      faultline: 'recording',
      version: 1,
      release: release(),
      program: argv,
    };
    line(head);
    const recorder = new CallRecorder(call => {
      calls++;
      opened ||= call.call === 'open' && call.opened !== null;
      line(call);
    });
    const exitCode = await startTraced(argv, (pid, letGo) => trace(pid, letGo, recorder));
    recorder.end();
    return { exitCode, calls, opened };
  } finally {
    closeSync(file);
  }
}

function asHex(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `0x${value.toString(16)}` : value;
}
