/** Scenario files: a machine, how its devices fault, and what is expected of the handler. */
import { readFileSync } from 'node:fs';
import { SCENARIOS, type ScenarioName } from '../../engine/scenario/scenarios.ts';
import { UsageError } from '../commands/run-command.ts';
import { type Flags, parseDrive, withoutUndefined } from './drive-flags.ts';

export const SCENARIO_NAMES: readonly string[] = Object.keys(SCENARIOS);

/**
 * What must hold at the end; left out: not looked at, but for the first three, which are 0, and
 * failedDmas, which is 0 where devices are modelled.
 */
export interface Expected {
  readonly hazards: number;
  readonly unanswered: number;
  /** Answers of the handler that the kernel refused. */
  readonly refusedAnswers: number;
  /** Groups that the handler answered INVALID. */
  readonly invalid: number | null;
  readonly failedDmas: number | null;
  readonly takenAway: number | null;
  readonly waitP99Ms: number | null;
  readonly waitMaxMs: number | null;
}

export interface ScenarioFile {
  readonly scenario: ScenarioName;
  /** As the flags of `faultline drive`, one for each device. */
  readonly drive: readonly Flags[];
  readonly expect: Expected;
}

const DEFAULT_EXPECTED: Expected = {
  hazards: 0,
  unanswered: 0,
  refusedAnswers: 0,
  invalid: null,
  failedDmas: null,
  takenAway: null,
  waitP99Ms: null,
  waitMaxMs: null,
};

const FLAGS = [
  'device',
  'rate',
  'pages',
  'range',
  'pasids',
  'group-size',
  'until',
  'seed',
] as const;

/**
 * A scenario by its name, all of whose devices fault, or a file. `flags` given beside it are those of
 * each device. Errors: UsageError.
 */
export function readScenario(text: string, flags: Flags = {}): ScenarioFile {
  const file = scenarioOf(text);
  const drive = file.drive.map(own => ({ ...own, ...withoutUndefined(flags) }));
  // A mistake in it is told before anything starts.
  for (const device of drive) parseDrive(device);
  return { ...file, drive };
}

function scenarioOf(text: string): ScenarioFile {
  if (isScenario(text)) {
    const drive = SCENARIOS[text].faulting.map(device => ({ device }));
    return { scenario: text, drive, expect: expectedOf({}, text, text) };
  }
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(text, 'utf8'));
  } catch (error) {
    const names = SCENARIO_NAMES.join(', ');
    throw new UsageError(
      `SCENARIO: "${text}" is none of ${names} and no file of JSON (${(error as Error).message.split('\n')[0]})`,
    );
  }
  const { scenario, drive, expect = {}, ...rest } = fieldsOf(value, text);
  onlyNames(rest, [], text);
  if (!isScenario(scenario)) {
    throw new UsageError(`${text}: "scenario" must be one of ${SCENARIO_NAMES.join(', ')}`);
  }
  const expected = expectedOf(expect, text, scenario);
  if (drive === undefined) return { ...scenarioOf(scenario), expect: expected };
  if (!Array.isArray(drive) || drive.length === 0) {
    throw new UsageError(`${text}: "drive" must be a list of one device or more`);
  }
  const devices = drive.map((one, index) => flagsOf(one, `${text}: "drive[${index}]"`));
  return { scenario, drive: devices, expect: expected };
}

function isScenario(name: unknown): name is ScenarioName {
  return typeof name === 'string' && Object.hasOwn(SCENARIOS, name);
}

function fieldsOf(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new UsageError(`${where}: expected an object`);
}

function onlyNames(fields: object, names: readonly string[], where: string): void {
  const other = Object.keys(fields).find(name => !names.includes(name));
  if (other === undefined) return;
  const known = names.length === 0 ? 'scenario, drive, expect' : names.join(', ');
  throw new UsageError(`${where}: there is no "${other}"; there are ${known}`);
}

function flagsOf(value: unknown, where: string): Flags {
  const fields = fieldsOf(value, where);
  onlyNames(fields, FLAGS, where);
  return Object.fromEntries(Object.entries(fields).map(([name, given]) => [name, String(given)]));
}

function expectedOf(value: unknown, text: string, scenario: ScenarioName): Expected {
  const fields = fieldsOf(value, `${text}: "expect"`);
  onlyNames(fields, Object.keys(DEFAULT_EXPECTED), `${text}: "expect"`);
  for (const [name, given] of Object.entries(fields)) {
    if (typeof given !== 'number' || !(given >= 0)) {
      throw new UsageError(`${text}: "expect.${name}" must be a number from 0`);
    }
  }
  const { modelled } = SCENARIOS[scenario];
  if (!modelled && fields['failedDmas'] !== undefined) {
    throw new UsageError(`${text}: "expect.failedDmas": the devices of ${scenario} make no DMAs`);
  }
  const failedDmas = modelled ? 0 : null;
  return { ...DEFAULT_EXPECTED, failedDmas, ...(fields as Partial<Expected>) };
}
