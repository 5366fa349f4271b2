/**
 * `npm run test:selftests -- PATH`: builds the kernel's own iommufd self-tests outside the repository
 * and runs them under `faultline run`. PATH is a kernel's source, as a folder or as Debian's package
 * linux-source has it (a .tar.xz). They are the kernel's, GPL-2.0, and no part of this project.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const HELP = `Usage: npm run test:selftests -- PATH [--nobody] [--dynamic] [--build FOLDER]

PATH            source of a kernel: a folder, or a .tar.xz, which Debian puts into /usr/src
--nobody        run them as nobody, without capabilities (needs root to become nobody)
--dynamic       link them dynamically
--build FOLDER  where to build; what is there already is used (default: a new folder)

Exit code: 0 all passed, but for those that need huge pages where there are none; 1 some did not;
2 PATH cannot be built.
`;

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const PROGRAMS = ['iommufd', 'iommufd_fail_nth'];
/** What headers_install and the tests themselves read. */
const PARTS = [
  ...[
    'include',
    'scripts',
    'tools/include',
    'tools/testing/selftests/*.h',
    'drivers/iommu/iommufd',
  ],
  ...['tools/testing/selftests/iommu', 'arch/x86', 'Makefile'],
];
/** Names that a backport brought into the tests and not into the headers (Linux 6.12.117). */
const MISSING = ['IOMMU_HW_INFO_TYPE_DEFAULT', 'MOCK_FLAGS_DEVICE_PASID', 'MOCK_PASID_WIDTH'];
const NOBODY = 65_534;
/** Tests that need huge pages: they map memory with MAP_HUGETLB. */
const HUGE = /huge|\.user_copy|\.huge_map/;

function unpack(archive: string, folder: string): string {
  const patterns = PARTS.map(part => `*/${part}`);
  execFileSync('tar', [
    '-xf',
    archive,
    '-C',
    folder,
    '--wildcards',
    '--no-wildcards-match-slash',
    '--anchored',
    ...patterns,
  ]);
  return join(folder, readdirSync(folder).find(name => name.startsWith('linux'))!);
}

/** Exported headers of the kernel, in a folder outside its source. */
function headersOf(source: string, folder: string): string {
  const headers = join(folder, 'headers');
  if (!existsSync(join(headers, 'usr/include/linux/iommufd.h'))) {
    mkdirSync(headers, { recursive: true });
    execFileSync('make', ['-s', '-C', source, `O=${headers}`, 'ARCH=x86', 'headers']);
  }
  return join(headers, 'usr/include');
}

/** The tests as this kernel's headers can compile them: a copy, next to what they include. */
function testsOf(source: string, headers: string, folder: string): string {
  const copy = join(folder, 'source');
  const selftests = join(copy, 'tools/testing/selftests');
  cpSync(join(source, 'tools/testing/selftests/iommu'), join(selftests, 'iommu'), {
    recursive: true,
  });
  const harness = join(source, 'tools/testing/selftests');
  for (const name of readdirSync(harness).filter(file => file.endsWith('.h'))) {
    cpSync(join(harness, name), join(selftests, name));
  }
  cpSync(join(source, 'drivers/iommu/iommufd'), join(copy, 'drivers/iommu/iommufd'), {
    recursive: true,
  });
  // Tests of a type that can be asked for were ported to kernels where it cannot.
  if (!readFileSync(join(headers, 'linux/iommufd.h'), 'utf8').includes('in_data_type')) {
    edit(join(selftests, 'iommu/iommufd_utils.h'), text =>
      text
        .replace(/^\s*\.in_data_type = .*\n/m, '')
        .replace(/^\s*if \(data_type != IOMMU_HW_INFO_TYPE_DEFAULT\)\n.*\n/m, ''),
    );
    edit(join(selftests, 'iommu/iommufd.c'), text =>
      text.replace(/test_(cmd|err)_get_hw_info\([^;]*IOMMU_HW_INFO_TYPE_SELFTEST[^;]*;/g, ''),
    );
  }
  return join(selftests, 'iommu');
}

function edit(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}

function build(source: string, folder: string, dynamic: boolean): string[] {
  const headers = headersOf(source, folder);
  const tests = testsOf(source, headers, folder);
  const known = readFileSync(join(headers, 'linux/iommufd.h'), 'utf8').concat(
    readFileSync(join(tests, '../../../../drivers/iommu/iommufd/iommufd_test.h'), 'utf8'),
  );
  const missing = MISSING.filter(name => !known.includes(name)).map(name => `-D${name}=0`);
  return PROGRAMS.map(name => {
    const program = join(folder, name);
    execFileSync('cc', [
      ...(dynamic ? [] : ['-static']),
      ...['-O2', '-w', '-D_GNU_SOURCE=', '-isystem', headers, '-I', join(tests, '..')],
      ...missing,
      ...['-o', program, join(tests, `${name}.c`)],
    ]);
    return program;
  });
}

interface Tally {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
}

/** Reads the Test Anything Protocol. */
function tally(output: string): Tally {
  const lines = [...output.matchAll(/^(ok|not ok) \d+ (\S+)(.*)$/gm)];
  const names = (keep: (verdict: string, rest: string) => boolean) =>
    lines.filter(([, verdict, , rest]) => keep(verdict!, rest!)).map(([, , name]) => name!);
  return {
    passed: names((verdict, rest) => verdict === 'ok' && !rest.includes('SKIP')),
    failed: names(verdict => verdict === 'not ok'),
    skipped: names((verdict, rest) => verdict === 'ok' && rest.includes('SKIP')),
  };
}

function report(name: string, { passed, failed, skipped }: Tally, output: string): boolean {
  const hugePages = Number(readFileSync('/proc/sys/vm/nr_hugepages', 'utf8'));
  const notRun = hugePages > 0 ? [] : failed.filter(test => HUGE.test(test));
  const wrong = failed.filter(test => !notRun.includes(test));
  const all = passed.length + failed.length + skipped.length;
  process.stdout.write(`${name}: ${passed.length} of ${all} passed\n`);
  for (const test of notRun) process.stdout.write(`  not run, no huge pages: ${test}\n`);
  for (const test of skipped) process.stdout.write(`  skipped itself: ${test}\n`);
  for (const test of wrong) {
    const short = test.split('.').at(-1)!;
    const why = new RegExp(`^# \\S*?(\\w+\\.[ch]:\\d+):${short}:(.*)$`, 'm').exec(output);
    process.stdout.write(`  failed: ${test}  ${why?.slice(1).join(': ') ?? ''}\n`);
  }
  return wrong.length === 0 && skipped.length === 0;
}

function runTests(program: string, name: string, asNobody: boolean): boolean {
  const started = performance.now();
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [MAIN, 'run', '--as-root', '--', program],
    {
      cwd: '/',
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      ...(asNobody ? { uid: NOBODY, gid: NOBODY } : {}),
    },
  );
  const good = report(name, tally(stdout), stderr);
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  process.stdout.write(`  ${seconds} s; ${/^machine .*$/m.exec(stderr)?.[0] ?? 'no summary'}\n`);
  return good;
}

function main(): number {
  const options = {
    nobody: { type: 'boolean' },
    dynamic: { type: 'boolean' },
    build: { type: 'string' },
    help: { type: 'boolean' },
  } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [path, more] = positionals;
  if (values.help === true || path === undefined || more !== undefined || !existsSync(path)) {
    process.stderr.write(HELP);
    return values.help === true ? 0 : 2;
  }
  const folder = values.build ?? mkdtempSync(join(tmpdir(), 'faultline-selftests-'));
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  const source = statSync(path).isDirectory() ? path : unpack(path, folder);
  const programs = build(source, folder, values.dynamic === true);
  const good = programs.map((program, index) =>
    runTests(program, PROGRAMS[index]!, values.nobody === true),
  );
  return good.every(Boolean) ? 0 : 1;
}

process.exitCode = main();
