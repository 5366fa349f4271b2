/** `faultline test`: a handler under test in continuous integration, against a server of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Client } from 'graphql-ws';
import { exportLines } from '../../engine/export/export.ts';
import { type Faultline, startFaultline } from '../../server/faultline.ts';
import type { Flags } from '../command-line.ts';
import { type DriveSettings, graceOf, parseDrive } from '../drive/drive-flags.ts';
import { readScenario, SCENARIO_NAMES, type ScenarioFile } from '../drive/scenario-file.ts';
import {
  driveDevice,
  failuresOf,
  makeScenario,
  type Queue,
  report,
} from '../drive/scenario-run.ts';
import { openClient } from '../drive/server-client.ts';
import type { DriveSummary } from '../drive/tally.ts';
import { needed, runCommand, UsageError } from './run-command.ts';

export const HELP = `Usage: faultline test SCENARIO --handler 'CMD' [flags]

Starts a server in memory, makes the machine of the scenario, starts the handler, drives the devices
and checks what came of it: no hazard, no group unanswered, no answer refused, and the limits that
the scenario sets. A handler that ends before is a failure, too.

SCENARIO is ${SCENARIO_NAMES.join(', ')}, or a file:

  { "scenario": "NESTED_FAULTS",
    "drive": [{ "device": "0000:01:00.0", "rate": 500, "group-size": "1-8", "until": "1000groups" }],
    "expect": { "waitP99Ms": 50, "invalid": 0 } }

"drive" takes the flags of faultline drive; "expect" takes, at most so many: hazards, unanswered,
refusedAnswers (0, if left out), invalid (groups that the handler answered INVALID), failedDmas (0
for HARDWARE_FAULTS, which alone makes DMAs), takenAway, waitP99Ms, waitMaxMs.

The handler's command runs in a shell, with FAULTLINE_URL, FAULTLINE_MACHINE, FAULTLINE_CONTEXT and
FAULTLINE_FAULT_ID of the first queue in its environment, and in FAULTLINE_QUEUES all of them as
JSON, each with bdf, contextId, faultId and hwptId. It is ended with SIGTERM. What it prints goes to
standard error, each line after "handler: ".

The first group only tells that the handler is there: it must be answered, or the test ends with it,
and is in no number.

  --handler CMD  what to run; {url} in it becomes the server's address
  --rate N       groups a second of each device, in the place of what the scenario says (100)
  --until WHEN   when each device ends, likewise: 10s, 1000groups
  --grace MS     how long the last answers are waited for (5000)
  --keep FILE    where the log goes if it fails (faultline-test.jsonl): for faultline replay, import
  --json         what came of it as JSON
  --help         this text

Examples:
  faultline test NESTED_FAULTS --handler 'python3 handler.py {url}'
  faultline test HARDWARE_FAULTS --until 100groups --handler 'node handler-hardware.ts'

Exit code: 0 all is as expected, 1 something is not, 2 wrong arguments.
`;

export const FLAGS = {
  handler: { type: 'string' },
  rate: { type: 'string' },
  until: { type: 'string' },
  grace: { type: 'string', default: '5000' },
  keep: { type: 'string', default: 'faultline-test.jsonl' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean' },
} as const satisfies Flags;

export const WORDS = SCENARIO_NAMES;

const MACHINE_ID = 'default';
/** Milliseconds in which a handler that is told to end must. */
const STOP_MS = 5_000;
/** Milliseconds between two looks whether it is there. */
const LOOK_MS = 20;

export function test(argv: readonly string[]): Promise<number> {
  return runCommand('test', async () => {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: FLAGS,
      allowPositionals: true,
    });
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    const [name, another] = positionals;
    if (name === undefined) throw new UsageError('SCENARIO is missing');
    if (another !== undefined)
      throw new UsageError(`one SCENARIO is wanted; "${another}" is another`);
    const command = needed('handler', values.handler);
    const scenario = readScenario(name, { rate: values.rate, until: values.until });
    const options = { graceMs: graceOf(values.grace), keep: values.keep, json: values.json };
    return runTest(scenario, command, options);
  });
}

interface TestOptions {
  readonly graceMs: number;
  readonly keep: string;
  readonly json: boolean;
}

async function runTest(
  scenario: ScenarioFile,
  command: string,
  { graceMs, keep, json }: TestOptions,
): Promise<number> {
  const server = await startFaultline({
    host: '127.0.0.1',
    port: 0,
    database: ':memory:',
    durability: 'normal',
    token: null,
  });
  const client = openClient(server.url, undefined);
  let handler: Handler | null = null;
  try {
    // The machine that is there is made anew, so that a handler need not know another name.
    await server.engine.delete(MACHINE_ID);
    const queues = await makeScenario(client, MACHINE_ID, scenario.scenario);
    handler = new Handler(command, server.url, queues);
    const { first, summaries } = await driveAll(client, scenario, graceMs, handler);
    const began = first.unanswered === 0;
    const failures = began ? await failuresOf(client, MACHINE_ID, scenario.expect, summaries) : [];
    if (!began && handler.ended === null) failures.push(notThere(graceMs));
    if (handler.ended !== null) failures.push(`the handler ended by itself with ${handler.ended}`);
    await handler.stop();
    if (failures.length > 0) await keepLog(server, keep);
    report(summaries, failures, { kept: failures.length === 0 ? null : keep, json });
    return failures.length === 0 ? 0 : 1;
  } finally {
    await handler?.stop();
    await client.dispose();
    await server.stop();
  }
}

function notThere(graceMs: number): string {
  return (
    `the first group was not answered within ${graceMs} ms (--grace): the handler has to look at` +
    ' the queue that FAULTLINE_URL, FAULTLINE_MACHINE, FAULTLINE_CONTEXT and FAULTLINE_FAULT_ID name'
  );
}

async function driveAll(
  client: Client,
  { drive: devices }: ScenarioFile,
  graceMs: number,
  handler: Handler,
): Promise<{ first: DriveSummary; summaries: DriveSummary[] }> {
  const stopper = new AbortController();
  handler.whenEnded(() => stopper.abort());
  const settings = devices.map(parseDrive);
  const driving = { machineId: MACHINE_ID, graceMs, signal: stopper.signal };
  const driveOne = (one: DriveSettings) => driveDevice(client, one, driving);
  // Until its first answer the handler is being started: the waits that count come after it.
  const first = await driveOne({ ...settings[0]!, groupsMax: 1, timeMs: null });
  if (first.unanswered > 0) return { first, summaries: [] };
  return { first, summaries: await Promise.all(settings.map(driveOne)) };
}

async function keepLog({ engine }: Faultline, file: string): Promise<void> {
  await engine.drain();
  const lines = Readable.from(exportLines(engine.log, MACHINE_ID), { objectMode: true });
  await pipeline(lines, createWriteStream(file));
}

/** What it prints is for people, and must mix neither with what programs read nor with the verdict. */
function told(output: Readable): void {
  createInterface({ input: output }).on('line', line => {
    process.stderr.write(`handler: ${line}\n`);
  });
}

/** The handler's process, in a group of its own, so that what its shell starts ends with it. */
class Handler {
  /** How it ended by itself; null while it runs, and once it was told to end. */
  ended: string | null = null;
  private readonly child: ChildProcess;
  private readonly closed: Promise<unknown>;
  private stopping = false;
  private onEnd = () => {};

  constructor(command: string, url: string, queues: readonly Queue[]) {
    const { contextId, faultId } = queues[0]!;
    this.child = spawn(command.replaceAll('{url}', url), {
      shell: true,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        FAULTLINE_URL: url,
        FAULTLINE_MACHINE: MACHINE_ID,
        FAULTLINE_CONTEXT: String(contextId),
        FAULTLINE_FAULT_ID: String(faultId),
        FAULTLINE_QUEUES: JSON.stringify(queues),
      },
    });
    for (const output of [this.child.stdout!, this.child.stderr!]) told(output);
    this.closed = once(this.child, 'close').then(([code, signal]) => {
      if (this.stopping) return;
      this.ended = signal === null ? `exit code ${code}` : String(signal);
      this.onEnd();
    });
  }

  whenEnded(act: () => void): void {
    this.onEnd = act;
    if (this.ended !== null) act();
  }

  async stop(): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    if (this.ended !== null) return;
    this.signal('SIGTERM');
    const untilMs = performance.now() + STOP_MS;
    let open = true;
    void this.closed.then(() => {
      open = false;
    });
    while (open && performance.now() < untilMs) await sleep(LOOK_MS);
    if (open) this.signal('SIGKILL');
    await this.closed;
  }

  private signal(name: NodeJS.Signals): void {
    try {
      process.kill(-this.child.pid!, name);
    } catch {
      // It has ended in the meantime.
    }
  }
}
