/** `faultline drive`: a device of a running server's machine faults, at a rate, until it is enough. */
import { parseArgs } from 'node:util';
import type { Client } from 'graphql-ws';
import { DEFAULT_MACHINE_ID } from '../../abi/limits.ts';
import { type GraphqlErrorShape, GraphqlErrors } from '../../client/connection.ts';
import type { ScenarioName } from '../../engine/scenario/scenarios.ts';
import type { Flags } from '../command-line.ts';
import {
  type DriveSettings,
  GROUP_SIZE_MAX,
  graceOf,
  parseDrive,
  RATE_MAX,
} from '../drive/drive-flags.ts';
import { readScenario, SCENARIO_NAMES, type ScenarioFile } from '../drive/scenario-file.ts';
import {
  type Driving,
  driveDevice,
  type Found,
  failuresOf,
  foundIn,
  makeScenario,
  NOTHING_FOUND,
  report,
} from '../drive/scenario-run.ts';
import { isExpectedOfServer, openClient } from '../drive/server-client.ts';
import { type Counted, summaryLine, summaryText } from '../drive/tally.ts';
import { type LiveLine, liveLine } from '../print/live-line.ts';
import { runCommand, UsageError } from './run-command.ts';

export const HELP = `Usage: faultline drive [SCENARIO] [flags]

Makes page faults as a device would, on a machine of a running server: groups of page requests at a
rate, under the 512 indexes that a function has; behind a modelled IOMMU DMAs that ask for what is
missing, with its credits and retries. A line shows how it goes; a summary ends it. Somebody must
answer: a fault handler.

With SCENARIO, a name or a file as faultline test takes it, all its devices are driven at a time.
The machine is made for it if it is not there, and what the file expects is checked at the end.

  --url URL          the server (http://127.0.0.1:4000)
  --token TEXT       what the server was started with (TOKEN)
  --machine ID       the machine (default)
  --device BDF       the function (0000:01:00.0), attached to a fault-capable hwpt
  --rate N           groups a second, from 1 to ${RATE_MAX} (100)
  --pages HOW        random (the default), sequential, or a file with an address on each line
  --range FROM-LAST  where pages lie, both ends in it (0x10000000-0x10ffffff)
  --pasids LIST      PASIDs to draw from, such as 1,2,3; left out: requests without one
  --group-size N     pages of a group, such as 4 or 1-8, at most ${GROUP_SIZE_MAX} (1)
  --until WHEN       a time or a number: 10s (the default), 2m, 1000groups
  --grace MS         how long the last answers are waited for (5000)
  --seed N           what chance comes from (1)
  --json             what came of it as JSON, and no line
  --help             this text

Examples:
  faultline drive --rate 500 --until 30s
  faultline drive scenario.json --machine m
  faultline drive --machine m --group-size 1-8 --pasids 5,6 --until 1000groups --json

Exit code: 0 every group was answered and all is as expected, 1 not so, or the server went away, or
it could not be done, 2 wrong arguments.
`;

export const FLAGS = {
  url: { type: 'string', default: 'http://127.0.0.1:4000' },
  token: { type: 'string' },
  machine: { type: 'string', default: DEFAULT_MACHINE_ID },
  device: { type: 'string' },
  rate: { type: 'string' },
  pages: { type: 'string', oneOf: ['random', 'sequential'] },
  range: { type: 'string' },
  pasids: { type: 'string' },
  'group-size': { type: 'string' },
  until: { type: 'string' },
  grace: { type: 'string', default: '5000' },
  seed: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean' },
} as const satisfies Flags;

export const WORDS = SCENARIO_NAMES;

export function drive(argv: readonly string[]): Promise<number> {
  return runCommand('drive', async () => {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: FLAGS,
      allowPositionals: true,
    });
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    const { url, token, machine, grace, json, help: _, ...flags } = values;
    const [name, another] = positionals;
    if (another !== undefined)
      throw new UsageError(`one SCENARIO is wanted; "${another}" is another`);
    const scenario = name === undefined ? null : readScenario(name, flags);
    const line = liveLine(json);
    const stopper = new AbortController();
    process.once('SIGINT', () => stopper.abort());
    const driving = { machineId: machine, graceMs: graceOf(grace), signal: stopper.signal };
    const client = openClient(url, token ?? process.env['TOKEN']);
    try {
      const shown = { line, json };
      if (scenario !== null) return await driveScenario(client, scenario, driving, shown);
      return await driveOne(client, parseDrive(flags), driving, shown);
    } catch (error) {
      line.clear();
      if (!isExpectedOfServer(error)) throw error;
      process.stderr.write(`faultline drive: ${url}: ${(error as Error).message}\n`);
      return 1;
    } finally {
      await client.dispose();
    }
  });
}

interface Shown {
  readonly line: LiveLine;
  readonly json: boolean;
}

async function driveOne(
  client: Client,
  settings: DriveSettings,
  driving: Driving,
  { line, json }: Shown,
): Promise<number> {
  const progress = (summary: Counted) => line.show(summaryLine(summary));
  const summary = await driveDevice(client, settings, { ...driving, progress });
  line.clear();
  process.stdout.write(json ? `${JSON.stringify(summary)}\n` : summaryText(summary));
  const { unanswered, refused, stopped } = summary;
  return unanswered === 0 && Object.keys(refused).length === 0 && stopped === null ? 0 : 1;
}

async function driveScenario(
  client: Client,
  { scenario, drive: devices, expect }: ScenarioFile,
  driving: Driving,
  { line, json }: Shown,
): Promise<number> {
  const { machineId } = driving;
  const before = await makeUnlessThere(client, machineId, scenario);
  const lines = devices.map(() => 'nothing yet');
  const driven = devices.map((flags, place) => {
    const progress = (summary: Counted) => {
      lines[place] = summaryLine(summary);
      line.show(lines.join(' | '));
    };
    return driveDevice(client, parseDrive(flags), { ...driving, progress });
  });
  const summaries = await Promise.all(driven);
  line.clear();
  const failures = await failuresOf(client, machineId, expect, summaries, before);
  report(summaries, failures, { kept: null, json });
  return failures.length === 0 ? 0 : 1;
}

/** Gives what the machine has already of what is expected not to be. */
async function makeUnlessThere(
  client: Client,
  machineId: string,
  scenario: ScenarioName,
): Promise<Found> {
  try {
    const queues = await makeScenario(client, machineId, scenario);
    for (const { bdf, contextId, faultId } of queues) {
      const queue = `fault queue ${faultId} of context ${contextId}`;
      process.stderr.write(`machine ${machineId}: ${bdf} faults into ${queue}\n`);
    }
    return NOTHING_FOUND;
  } catch (error) {
    const codes = error instanceof GraphqlErrors ? error.errors.map(codeOf) : [];
    if (!codes.includes('MACHINE_EXISTS')) throw error;
    return foundIn(client, machineId);
  }
}

const codeOf = ({ extensions }: GraphqlErrorShape) => extensions?.['code'];
