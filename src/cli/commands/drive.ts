/** `faultline drive`: a device of a running server's machine faults, at a rate, until it is enough. */
import { parseArgs } from 'node:util';
import { DEFAULT_MACHINE_ID } from '../../abi/limits.ts';
import type { Flags } from '../command-line.ts';
import { drive as driveDevice } from '../drive/drive.ts';
import { GROUP_SIZE_MAX, parseDrive, RATE_MAX } from '../drive/drive-flags.ts';
import { groupsWanted } from '../drive/pages.ts';
import { isExpectedOfServer, openClient } from '../drive/server-client.ts';
import { type DriveSummary, summaryLine, summaryText } from '../drive/tally.ts';
import { liveLine } from '../print/live-line.ts';
import { runCommand } from './run-command.ts';

export const HELP = `Usage: faultline drive [flags]

Makes page faults as a device would, on a machine of a running server: groups of page requests at a
rate, under the 512 indexes that a function has; behind a modelled IOMMU DMAs that ask for what is
missing, with its credits and retries. A line shows how it goes; a summary ends it. Somebody must
answer: a fault handler.

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
  --json             the summary as JSON, and no line
  --help             this text

Examples:
  faultline drive --rate 500 --until 30s
  faultline drive --machine m --group-size 1-8 --pasids 5,6 --until 1000groups --json

Exit code: 0 every group was answered, 1 some were not, or were refused, or the server went away, or
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

export function drive(argv: readonly string[]): Promise<number> {
  return runCommand('drive', async () => {
    const { values } = parseArgs({
      args: [...argv],
      options: FLAGS,
    });
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    const { url, token, machine, grace, json, help: _, ...flags } = values;
    const { bdf, rate, pages, ...until } = parseDrive(flags);
    const line = liveLine(json);
    const stopper = new AbortController();
    process.once('SIGINT', () => stopper.abort());
    const client = openClient(url, token ?? process.env['TOKEN']);
    try {
      const summary = await driveDevice(client, {
        machineId: machine,
        bdf,
        rate,
        groups: groupsWanted(pages),
        ...until,
        graceMs: Number(grace),
        signal: stopper.signal,
        progress: summary => line.show(summaryLine(summary)),
      });
      line.clear();
      process.stdout.write(json ? `${JSON.stringify(summary)}\n` : summaryText(summary));
      return isGood(summary) ? 0 : 1;
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

function isGood({ unanswered, refused, stopped }: DriveSummary): boolean {
  return unanswered === 0 && Object.keys(refused).length === 0 && stopped === null;
}
