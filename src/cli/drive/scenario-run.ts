/** A scenario on a server: its machine, its devices driven, and whether it went as expected. */
import type { Client } from 'graphql-ws';
import type { ScenarioName } from '../../engine/scenario/scenarios.ts';
import { DriveHazardsDocument, DriveScenarioDocument } from '../../operations/operations.ts';
import { type DriveOptions, drive } from './drive.ts';
import type { DriveSettings } from './drive-flags.ts';
import { groupsWanted } from './pages.ts';
import type { Expected } from './scenario-file.ts';
import { askOnce, CannotDriveError } from './server-client.ts';
import { type DriveSummary, summaryText } from './tally.ts';

/** A device's fault queue. */
export interface Queue {
  readonly bdf: string;
  readonly contextId: number;
  readonly faultId: number;
  /** Nested, and the device is attached to it. */
  readonly hwptId: number;
}

/** Errors: GraphqlErrors, such as MACHINE_EXISTS; CannotDriveError. */
export async function makeScenario(
  client: Client,
  machineId: string,
  scenario: ScenarioName,
): Promise<readonly Queue[]> {
  const input = { machineId, scenario };
  const { result } = await askOnce(client, DriveScenarioDocument, { input });
  if (result === null || !('queues' in result) || result.queues.length === 0) {
    throw new CannotDriveError(`scenario ${scenario} was not made`);
  }
  return result.queues;
}

/** On which machine, how long the last answers are waited for, what ends it before, who is told. */
export type Driving = Pick<DriveOptions, 'machineId' | 'graceMs' | 'signal' | 'progress'>;

/** One device of a machine, or, called for each, several at a time. */
export function driveDevice(
  client: Client,
  { pages, ...settings }: DriveSettings,
  driving: Driving,
): Promise<DriveSummary> {
  return drive(client, { ...settings, ...driving, groups: groupsWanted(pages) });
}

/** What a machine has of what is expected not to be. */
export interface Found {
  readonly hazards: number;
  readonly refusedAnswers: number;
}

export const NOTHING_FOUND: Found = { hazards: 0, refusedAnswers: 0 };

export async function foundIn(client: Client, machineId: string): Promise<Found> {
  const { machine } = await askOnce(client, DriveHazardsDocument, { machineId });
  const { hazardCount, refusedAnswers } = machine;
  return { hazards: hazardCount, refusedAnswers: refusedAnswers.totalCount };
}

/** What is not as expected, a sentence each. `before`: what the machine had when it began. */
export async function failuresOf(
  client: Client,
  machineId: string,
  expected: Expected,
  summaries: readonly DriveSummary[],
  before: Found = NOTHING_FOUND,
): Promise<string[]> {
  const stopped = summaries.flatMap(({ stopped: why }) => (why === null ? [] : [why]));
  if (stopped.length > 0) return stopped;
  const { machine } = await askOnce(client, DriveHazardsDocument, { machineId });
  const sum = (of: (summary: DriveSummary) => number) =>
    summaries.reduce((total, summary) => total + of(summary), 0);
  const worst = (of: (wait: NonNullable<DriveSummary['waitMs']>) => number) =>
    Math.max(0, ...summaries.map(({ waitMs }) => (waitMs === null ? 0 : of(waitMs))));
  const failures: string[] = [];
  const atMost = (what: string, is: number, most: number | null) => {
    if (most !== null && is > most) failures.push(`${what}: ${is}, expected at most ${most}`);
  };
  const hazards = machine.hazardCount - before.hazards;
  atMost('hazards', hazards, expected.hazards);
  const newOnes = hazards > expected.hazards ? machine.hazards.slice(-hazards) : [];
  for (const { name, function: where, detail } of newOnes.slice(0, 3)) {
    failures.push(`  ${name} in ${where}: ${detail}`);
  }
  const refusedAnswers = machine.refusedAnswers.totalCount - before.refusedAnswers;
  const unanswered = sum(summary => summary.unanswered);
  const takenAway = sum(summary => summary.takenAway);
  const invalid = sum(({ answered }) => answered.invalid);
  const failedDmas = sum(({ dmas }) => dmas?.failed ?? 0);
  atMost('unanswered groups', unanswered, expected.unanswered);
  atMost('refused answers', refusedAnswers, expected.refusedAnswers);
  atMost('groups answered INVALID', invalid, expected.invalid);
  atMost('failed DMAs', failedDmas, expected.failedDmas);
  atMost('groups taken away', takenAway, expected.takenAway);
  const p99 = worst(wait => wait.p99);
  const max = worst(wait => wait.max);
  atMost('wait p99 in ms', p99, expected.waitP99Ms);
  atMost('longest wait in ms', max, expected.waitMaxMs);
  if (sum(({ queued }) => queued) === 0) failures.push('no group came to a fault queue');
  for (const { refused } of summaries) {
    for (const [why, count] of Object.entries(refused)) {
      failures.push(`requests of the device refused: ${why} ${count} times`);
    }
  }
  return failures;
}

/** `kept`: where the log of a failure is; null: it is nowhere but on the server. */
export function report(
  summaries: readonly DriveSummary[],
  failures: readonly string[],
  { kept, json }: { readonly kept: string | null; readonly json: boolean },
): void {
  const passed = failures.length === 0;
  if (json) {
    process.stdout.write(`${JSON.stringify({ passed, failures, kept, devices: summaries })}\n`);
    return;
  }
  for (const summary of summaries) process.stdout.write(`${summaryText(summary)}\n`);
  for (const failure of failures) process.stdout.write(`FAILED  ${failure}\n`);
  if (passed) process.stdout.write('passed\n');
  if (kept !== null) process.stdout.write(`the log is kept in ${kept}\n`);
}
