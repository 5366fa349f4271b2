/**
 * `npm run bench`: Faultline beside the bare libraries, in one run, as a table. Nothing here is a
 * test: a machine that is busy with other work changes both sides, so only the ratios say something.
 */
import { parseArgs } from 'node:util';
import { liveLine } from '../src/cli/print/live-line.ts';
import { AREAS_NOTE, benchAreas } from './core/areas.ts';
import { benchObjects } from './core/objects.ts';
import { benchDiff, DIFF_NOTE } from './engine/diff.ts';
import { benchOverview, OVERVIEW_NOTE } from './engine/overview.ts';
import { benchReplay, REPLAY_NOTE } from './engine/replay.ts';
import { benchSeek, SEEK_NOTE } from './engine/seek.ts';
import { benchSnapshots, SNAPSHOTS_NOTE } from './engine/snapshots.ts';
import { benchTimeTravel, TIME_TRAVEL_NOTE } from './engine/time-travel.ts';
import { benchHardwareCore, HARDWARE_NOTE } from './hardware/core.ts';
import { benchHardwareCycle } from './hardware/cycle.ts';
import { benchHardwareEngine } from './hardware/engine.ts';
import { benchPrograms, PROGRAMS_NOTE } from './ioctl/programs.ts';
import { benchExport, EXPORT_NOTE } from './log/export.ts';
import { benchGroupCommit } from './log/group-commit.ts';
import { benchAppend } from './log/log.ts';
import type { BenchRow } from './measure.ts';
import { benchFault } from './server/fault.ts';
import { benchIdle, IDLE_NOTE } from './server/idle.ts';
import { benchMutation } from './server/mutation.ts';
import { benchStart } from './server/start.ts';
import { benchSubscribers } from './server/subscribers.ts';
import { benchWaiting, WAITING_NOTE } from './server/waiting.ts';

const BENCHMARKS: Readonly<Record<string, () => Promise<BenchRow[]>>> = {
  append: benchAppend,
  group: benchGroupCommit,
  mutation: benchMutation,
  fault: benchFault,
  start: benchStart,
  replay: benchReplay,
  seek: benchSeek,
  snapshots: benchSnapshots,
  overview: benchOverview,
  'time-travel': benchTimeTravel,
  diff: benchDiff,
  export: benchExport,
  subscribers: benchSubscribers,
  idle: benchIdle,
  waiting: benchWaiting,
  objects: benchObjects,
  areas: benchAreas,
  hardware: benchHardwareCore,
  'hardware-engine': benchHardwareEngine,
  'hardware-cycle': benchHardwareCycle,
  programs: benchPrograms,
};

/** What the rows of a benchmark do not say themselves; printed below the table. */
const NOTES: Readonly<Record<string, string>> = {
  replay: REPLAY_NOTE,
  seek: SEEK_NOTE,
  snapshots: SNAPSHOTS_NOTE,
  overview: OVERVIEW_NOTE,
  'time-travel': TIME_TRAVEL_NOTE,
  diff: DIFF_NOTE,
  export: EXPORT_NOTE,
  areas: AREAS_NOTE,
  idle: IDLE_NOTE,
  waiting: WAITING_NOTE,
  hardware: HARDWARE_NOTE,
  programs: PROGRAMS_NOTE,
};

const HELP = `Usage: npm run bench -- [--only NAME]

NAME is one of: ${Object.keys(BENCHMARKS).join(', ')}
`;

const HEADINGS = ['what', 'ours', 'bare', 'ratio', 'bar', 'met?'];

async function main(): Promise<number> {
  let names = Object.keys(BENCHMARKS);
  try {
    const options = { only: { type: 'string' }, help: { type: 'boolean' } } as const;
    const { values } = parseArgs({ options });
    if (values.help) {
      process.stdout.write(HELP);
      return 0;
    }
    if (values.only !== undefined) names = names.filter(name => name === values.only);
    if (names.length === 0) throw new Error(`no benchmark "${values.only}"`);
  } catch (error) {
    process.stderr.write(`bench: ${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  const rows: BenchRow[] = [];
  const started = performance.now();
  const line = liveLine();
  for (const [index, name] of names.entries()) {
    line.show(`${index + 1} of ${names.length}: ${name} …`);
    if (!process.stderr.isTTY) process.stderr.write(`${name} …\n`);
    rows.push(...(await BENCHMARKS[name]!()));
  }
  line.clear();
  const notes = names.flatMap(name => NOTES[name] ?? []);
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  process.stdout.write(
    `\n${[table(rows), ...notes].join('\n\n')}\n\nNode.js ${process.version}, ${process.platform} ${process.arch}, ${seconds} s.` +
      ' Both sides ran by turns in this run: compare its ratios, and not numbers of two runs.\n',
  );
  return 0;
}

function table(rows: readonly BenchRow[]): string {
  const lines = [
    HEADINGS,
    ...rows.map(({ what, ours, bare, ratio, bar, met }) => [
      what,
      ours,
      bare,
      ratio === null ? '' : `${ratio.toFixed(2)}×`,
      bar,
      met === null ? '' : met ? 'yes' : 'NO',
    ]),
  ];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map(line => line[column]!.length)));
  return lines
    .map(line =>
      line
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

process.exitCode = await main();
