/** Builds the kernel's own iommufd self-tests from its source, outside the repository. */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

export const PROGRAMS = ['iommufd', 'iommufd_fail_nth'] as const;
export const LINKED = ['static', 'dynamic'] as const;
export type Linked = (typeof LINKED)[number];

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

/**
 * The source of a kernel: a folder as it is, or an archive unpacked into `folder`. Errors: those of tar.
 */
export function sourceAt(path: string, folder: string): string {
  return statSync(path).isDirectory() ? path : unpack(path, folder);
}

/** Where a program of the self-tests is, once it is built. */
export const programIn = (folder: string, name: string, linked: Linked) =>
  join(folder, `${name}-${linked}`);

/** Builds the programs, linked in each way. Errors: those of make and cc. */
export function build(source: string, folder: string, linkings: readonly Linked[]): void {
  const headers = headersOf(source, folder);
  const tests = testsOf(source, headers, folder);
  const known = readFileSync(join(headers, 'linux/iommufd.h'), 'utf8').concat(
    readFileSync(join(tests, '../../../../drivers/iommu/iommufd/iommufd_test.h'), 'utf8'),
  );
  const missing = MISSING.filter(name => !known.includes(name)).map(name => `-D${name}=0`);
  for (const linked of linkings) {
    for (const name of PROGRAMS) {
      execFileSync('cc', [
        ...(linked === 'static' ? ['-static'] : []),
        ...['-O2', '-w', '-D_GNU_SOURCE=', '-isystem', headers, '-I', join(tests, '..')],
        ...missing,
        ...['-o', programIn(folder, name, linked), join(tests, `${name}.c`)],
      ]);
    }
  }
}
