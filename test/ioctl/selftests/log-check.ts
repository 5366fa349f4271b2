/**
 * What a run left in its database: the chain holds, the commands run again give the same errno, replies
 * and events, a past moment can be looked at, and an export is imported to the same state.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../../../src/cli/main.ts');

function faultline<T>(...argv: string[]): T {
  const output = execFileSync(process.execPath, [MAIN, ...argv], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return JSON.parse(output.trimEnd().split('\n').at(-1)!) as T;
}

interface Replayed {
  readonly operations: number;
  readonly seq: number;
  readonly finalHash: string;
}

/** One line about it. Errors: a command that failed, with what it printed; a hash that differs. */
export function checkLog(database: string, machineId: string): string {
  const verified = faultline<{ finalHash: string }>(
    ...['verify', '--database', database, '--machine', machineId, '--json'],
  );
  const file = `${database}.jsonl`;
  execFileSync(process.execPath, [
    ...[MAIN, 'export', machineId, '--database', database, '--output', file],
  ]);
  const replayed = faultline<Replayed>('replay', '--check', '--json', file);
  const copy = `${database}.copy`;
  faultline('import', file, '--database', copy, '--json');
  const imported = faultline<{ finalHash: string }>('verify', '--database', copy, '--json');
  for (const { finalHash } of [replayed, imported]) {
    if (finalHash === verified.finalHash) continue;
    throw new Error(`final hash ${finalHash}, but ${verified.finalHash} in ${database}`);
  }
  const { operations, seq, finalHash } = replayed;
  return `log: ${operations} operations, ${seq} events run again alike, imported alike, final hash ${finalHash.slice(0, 12)}`;
}
