/**
 * What a run left in its database: the chain holds, the commands run again give the same errno, replies
 * and events, past moments are what the events before them say, and an export is imported to the same
 * state.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFaultline } from '../../../src/index.ts';

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

/** Parts of the log at whose ends the past is looked at. */
const LOOKS = 8;

/** Contexts that are there after each event: opened, and not released. */
function contextsAfter(file: string): number[] {
  const after = [0];
  const [, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const steps: Readonly<Record<string, number>> = { ContextOpened: 1, ContextReleased: -1 };
  for (const line of lines) {
    const { events = [] } = JSON.parse(line) as { readonly events?: readonly { type: string }[] };
    for (const { type } of events) after.push(after.at(-1)! + (steps[type] ?? 0));
  }
  return after;
}

/** Time travel: the contexts of past moments. Errors: there are others than the events say. */
async function lookBack(database: string, machineId: string, file: string): Promise<void> {
  const expected = contextsAfter(file);
  await using faultline = await openFaultline({ database });
  for (let look = 1; look <= LOOKS; look++) {
    const at = Math.floor(((expected.length - 1) * look) / LOOKS);
    const { data, errors } = await faultline.execute(
      `{ machine(machineId: "${machineId}", at: ${at}) { seq contexts(first: 1000) { contextId } } }`,
    );
    const machine = data?.['machine'] as { seq: number; contexts: unknown[] } | undefined;
    const [seq, contexts] = [machine?.seq, machine?.contexts.length];
    if (seq === at && contexts === expected[at]) continue;
    throw new Error(`at ${at}: ${JSON.stringify({ seq, contexts, errors })}, not ${expected[at]}`);
  }
}

/** One line about it. Errors: a command that failed, with what it printed; a hash that differs. */
export async function checkLog(database: string, machineId: string): Promise<string> {
  const verified = faultline<{ finalHash: string }>(
    ...['verify', '--database', database, '--machine', machineId, '--json'],
  );
  const file = `${database}.jsonl`;
  execFileSync(process.execPath, [
    ...[MAIN, 'export', machineId, '--database', database, '--output', file],
  ]);
  await lookBack(database, machineId, file);
  const replayed = faultline<Replayed>('replay', '--check', '--json', file);
  const copy = `${database}.copy`;
  faultline('import', file, '--database', copy, '--json');
  const imported = faultline<{ finalHash: string }>('verify', '--database', copy, '--json');
  for (const { finalHash } of [replayed, imported]) {
    if (finalHash === verified.finalHash) continue;
    throw new Error(`final hash ${finalHash}, but ${verified.finalHash} in ${database}`);
  }
  const { operations, seq, finalHash } = replayed;
  return `log: ${operations} operations, ${seq} events run again alike, looked at, imported alike, final hash ${finalHash.slice(0, 12)}`;
}
