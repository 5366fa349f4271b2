/** `npm run test:crash`: kills servers under load, and holds their databases against what clients know. */
import { randomInt } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { makePreload, type Preload } from './disk/preload.ts';
import { MODES, type Mode, modeOf, needsPreload, planRound, roundPrng } from './plan.ts';
import { PLANTS, plant } from './plants.ts';
import { runRound } from './round.ts';
import { killAll } from './server-process.ts';

const HELP = `Usage: npm run test:crash -- [flags]

Rounds of a server under load that is killed, stopped, cut off from power or left with a full or
failing disk, several times on one database; a checker of its own holds the database against what
its clients were told. Prints the seed, a line a round, and how many passed and failed.

  --rounds N    how many rounds (20)
  --seed S      whole number from which all chance comes (a new one each time)
  --round R     that round alone: with the seed printed, this makes a failed round again, but for
                the times of processes
  --mode MODE   rounds of this mode alone: ${MODES.join(', ')}
  --plant NAME  in a copy of the sources with a bug; "all" for one after another. Each must be found
                within the rounds, or the exit code is 1: ${Object.keys(PLANTS).join(', ')}
  --help        this text

Exit code: 0 all rounds passed, or every planted bug was found; 1 otherwise; 2 wrong arguments.
`;

const ROOT = join(import.meta.dirname, '..', '..');
const ROUNDS_MAX = 1_000_000;
const SEED_MAX = 0xffff_ffff;

interface Settings {
  readonly rounds: readonly number[];
  readonly seed: number;
  readonly mode: Mode | null;
  readonly plants: readonly string[];
}

class UsageError extends Error {}

function wholeNumber(name: string, text: string | undefined, max: number): number | null {
  if (text === undefined) return null;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= max) return value;
  throw new UsageError(`--${name} must be a whole number from 0 to ${max}, not "${text}"`);
}

function settings(argv: readonly string[]): Settings | 'help' {
  const text = { type: 'string' } as const;
  const flags = { rounds: text, seed: text, round: text, mode: text, plant: text };
  const { values } = parseArgs({
    args: [...argv],
    options: { ...flags, help: { type: 'boolean' } },
  });
  if (values.help === true) return 'help';
  const { mode = null, plant: name } = values;
  if (mode !== null && !MODES.some(each => each === mode)) {
    throw new UsageError(`--mode must be one of ${MODES.join(', ')}, not "${mode}"`);
  }
  if (name !== undefined && name !== 'all' && !Object.hasOwn(PLANTS, name)) {
    throw new UsageError(`--plant must be all or ${Object.keys(PLANTS).join(', ')}, not "${name}"`);
  }
  const round = wholeNumber('round', values.round, ROUNDS_MAX);
  const count = wholeNumber('rounds', values.rounds, ROUNDS_MAX) ?? 20;
  return {
    rounds: round === null ? Array.from({ length: count }, (_, place) => place + 1) : [round],
    seed: wholeNumber('seed', values.seed, SEED_MAX) ?? randomInt(SEED_MAX),
    mode: mode as Mode | null,
    plants: name === undefined ? [] : name === 'all' ? Object.keys(PLANTS) : [name],
  };
}

interface Count {
  passed: number;
  failed: number;
  notRun: number;
}

/** Runs rounds of the server in `root`; with `untilFailed` no further than to the first failure. */
async function runRounds(
  { rounds, seed, mode: only }: Settings,
  { root, scratch }: { readonly root: string; readonly scratch: string },
  preload: Preload,
  untilFailed: boolean,
): Promise<Count> {
  const count = { passed: 0, failed: 0, notRun: 0 };
  for (const round of rounds) {
    const prng = roundPrng(seed, round);
    const mode = only ?? modeOf(seed, round);
    if (needsPreload(mode) && 'missing' in preload) {
      count.notRun++;
      process.stdout.write(`round ${round}: ${mode} not run: it needs ${preload.missing}\n`);
      continue;
    }
    const plan = planRound(prng, mode);
    const library = 'library' in preload ? preload.library : null;
    const started = performance.now();
    const { findings, story, folder } = await runRound(prng, plan, { root, scratch, library });
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    const failed = findings.length > 0;
    const line = `round ${round}: ${mode} ${plan.durability}, ${story} (${seconds} s)`;
    process.stdout.write(`${line}: ${failed ? 'FAILED' : 'passed'}\n`);
    if (failed) {
      for (const what of findings.slice(0, 10)) process.stdout.write(`  ${what.slice(0, 1_000)}\n`);
      if (findings.length > 10) process.stdout.write(`  and ${findings.length - 10} more\n`);
      count.failed++;
      if (untilFailed) return count;
      const kept = join(mkdtempSync(join(tmpdir(), 'faultline-crash-')), basename(folder));
      renameSync(folder, kept);
      const again = `--seed ${seed} --round ${round}${only === null ? '' : ` --mode ${only}`}`;
      process.stdout.write(`  kept in ${kept}; again: npm run test:crash -- ${again}\n`);
    } else {
      count.passed++;
    }
  }
  return count;
}

/** How many of the planted bugs were not found. */
async function runPlants(chosen: Settings, scratch: string, preload: Preload): Promise<number> {
  let missed = 0;
  for (const name of chosen.plants) {
    const { mode, what } = PLANTS[name]!;
    process.stdout.write(`planted ${name}: ${what}\n`);
    const root = plant(ROOT, join(scratch, name), name);
    const rounds = { ...chosen, mode: chosen.mode ?? mode };
    const { failed } = await runRounds(rounds, { root, scratch }, preload, true);
    process.stdout.write(`planted ${name}: ${failed > 0 ? 'found' : 'NOT FOUND'}\n`);
    if (failed === 0) missed++;
  }
  process.stdout.write(`${chosen.plants.length - missed} found, ${missed} not found\n`);
  return missed;
}

async function main(argv: readonly string[]): Promise<number> {
  let chosen: Settings | 'help';
  try {
    chosen = settings(argv);
  } catch (error) {
    process.stderr.write(`test:crash: ${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (chosen === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  process.stdout.write(`seed ${chosen.seed}\n`);
  const scratch = mkdtempSync(join(tmpdir(), 'faultline-crash-tools-'));
  process.once('SIGINT', () => process.exit(1));
  process.once('SIGTERM', () => process.exit(1));
  // However it ends, nothing that was started here goes on.
  process.once('exit', () => {
    killAll();
    rmSync(scratch, { recursive: true, force: true });
  });
  const preload = makePreload(scratch);
  if (chosen.plants.length > 0) return (await runPlants(chosen, scratch, preload)) === 0 ? 0 : 1;
  const { passed, failed, notRun } = await runRounds(
    chosen,
    { root: ROOT, scratch },
    preload,
    false,
  );
  const rest = notRun === 0 ? '' : `, ${notRun} not run`;
  process.stdout.write(`${passed} passed, ${failed} failed${rest}\n`);
  return failed === 0 ? 0 : 1;
}

// Whatever a round that failed left behind ends here, too.
process.exit(await main(process.argv.slice(2)));
