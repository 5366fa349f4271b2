/**
 * `npm run test:selftests -- PATH`: builds the kernel's own iommufd self-tests outside the repository
 * and runs them under `faultline run`. PATH is a kernel's source, as a folder or as Debian's package
 * linux-source has it (a .tar.xz). They are the kernel's, GPL-2.0, and no part of this project.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, LINKED, type Linked, PROGRAMS, programIn, sourceAt } from './build.ts';
import { checkLog } from './log-check.ts';
import { type Tally, tally } from './tally.ts';

const HELP = `Usage: npm run test:selftests -- PATH [--nobody] [--linked static|dynamic] [--build FOLDER]

PATH            source of a kernel: a folder, or a .tar.xz, which Debian puts into /usr/src
--nobody        run them as nobody, without capabilities (needs root to become nobody)
--linked HOW    static or dynamic alone (default: both)
--build FOLDER  where to build; what is there is used again (default: a new one, removed after)

Each program runs on a machine of its own, whose log is then run again, exported and imported.
Exit code: 0 all passed, but for those that need huge pages where there are none; 1 some did not;
2 PATH cannot be built.
`;

const MAIN = join(import.meta.dirname, '../../../src/cli/main.ts');
const NOBODY = 65_534;
const MACHINE = 'selftests';
const HUGE_PAGES = '/proc/sys/vm/nr_hugepages';

/** Files that the user who runs them may write. */
interface Place {
  readonly folder: string;
  readonly asNobody: boolean;
}

const identity = ({ asNobody }: Place) => (asNobody ? { uid: NOBODY, gid: NOBODY } : {});

function report(name: string, { passed, failed, skipped, notRun }: Tally): boolean {
  const all = passed.length + failed.length + skipped.length + notRun.length;
  process.stdout.write(`${name}: ${passed.length} of ${all} passed\n`);
  for (const test of notRun) process.stdout.write(`  not run, no huge pages: ${test}\n`);
  for (const test of skipped) process.stdout.write(`  skipped itself: ${test}\n`);
  for (const { test, why } of failed) process.stdout.write(`  failed: ${test}  ${why}\n`);
  return all > 0 && failed.length === 0 && skipped.length === 0;
}

async function runTests(name: string, linked: Linked, place: Place): Promise<boolean> {
  const started = performance.now();
  const database = join(place.folder, `${name}-${linked}.sqlite`);
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...[MAIN, 'run', '--as-root', '--database', database, '--machine', MACHINE, '--'],
      programIn(place.folder, name, linked),
    ],
    { cwd: '/', encoding: 'utf8', maxBuffer: 1 << 28, ...identity(place) },
  );
  const seconds = (performance.now() - started) / 1_000;
  const hugePages = existsSync(HUGE_PAGES) ? Number(readFileSync(HUGE_PAGES, 'utf8')) : 0;
  const good = report(`${name} (${linked})`, tally(stdout, stderr, hugePages));
  const summary = /^machine .* calls, (\d+) operations$/m.exec(stderr);
  if (summary === null) {
    process.stdout.write(`  it was not run: ${stderr.trim()}\n`);
    return false;
  }
  const rate = Math.round(Number(summary[1]) / seconds);
  process.stdout.write(`  ${seconds.toFixed(1)} s; ${summary[0]}, ${rate} a second\n`);
  process.stdout.write(`  ${await checkLog(database, MACHINE)}\n`);
  return good;
}

async function main(): Promise<number> {
  const options = {
    nobody: { type: 'boolean' },
    linked: { type: 'string' },
    build: { type: 'string' },
    help: { type: 'boolean' },
  } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [path, more] = positionals;
  const linkings = LINKED.filter(linked => (values.linked ?? linked) === linked);
  const wrong = path === undefined || more !== undefined || linkings.length === 0;
  if (values.help === true || wrong || !existsSync(path)) {
    process.stderr.write(HELP);
    return values.help === true ? 0 : 2;
  }
  const built = values.build ?? mkdtempSync(join(tmpdir(), 'faultline-selftests-'));
  mkdirSync(built, { recursive: true });
  chmodSync(built, 0o755);
  try {
    build(sourceAt(path, built), built, linkings);
  } catch (error) {
    process.stderr.write(`test:selftests: ${path} cannot be built: ${(error as Error).message}\n`);
    return 2;
  }
  const asNobody = values.nobody === true;
  // The user who runs them writes databases beside the programs.
  const place = { folder: mkdtempSync(join(tmpdir(), 'faultline-selftests-run-')), asNobody };
  if (asNobody) execFileSync('chown', [`${NOBODY}:${NOBODY}`, place.folder]);
  for (const linked of linkings) {
    for (const name of PROGRAMS) {
      execFileSync('cp', ['-p', programIn(built, name, linked), place.folder]);
    }
  }
  try {
    let good = true;
    for (const linked of linkings) {
      for (const name of PROGRAMS) good = (await runTests(name, linked, place)) && good;
    }
    return good ? 0 : 1;
  } finally {
    rmSync(place.folder, { recursive: true });
    if (values.build === undefined) rmSync(built, { recursive: true });
  }
}

process.exitCode = await main();
