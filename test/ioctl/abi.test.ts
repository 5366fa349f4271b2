/** The layouts of src/abi/ioctl against the headers of this machine, by a C program that prints them. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import * as iommufd from '../../src/abi/ioctl/iommufd.ts';
import type { IoctlLayout, StructLayout } from '../../src/abi/ioctl/layout.ts';
import * as linux from '../../src/abi/ioctl/linux.ts';
import { IOMMU_TEST_CMD, SELFTEST_STRUCTS, TEST_OPS } from '../../src/abi/ioctl/selftest.ts';
import * as vfio from '../../src/abi/ioctl/vfio.ts';
import * as pci from '../../src/abi/ioctl/vfio-pci.ts';
import { compile, HAS_COMPILER } from './compiler.ts';

const MODULES: Readonly<Record<string, unknown>> = {
  ...iommufd,
  ...vfio,
  ...pci,
  ...linux,
  IOMMU_TEST_CMD,
};

/** ioctls by the name of their macro. */
const IOCTLS = Object.entries(MODULES).filter(
  (entry): entry is [string, IoctlLayout] =>
    typeof entry[1] === 'object' && entry[1] !== null && 'request' in entry[1],
);

/** Members of the union of struct iommu_test_cmd, by their names in C. */
const UNION: readonly StructLayout[] = Object.entries(TEST_OPS).map(([member, { fields }]) => ({
  struct: 'iommu_test_cmd',
  size: IOMMU_TEST_CMD.size,
  fields: Object.fromEntries(
    Object.entries(fields).map(([field, place]) => [`${member}.${field}`, place]),
  ),
}));

const STRUCTS: readonly StructLayout[] = [
  ...IOCTLS.map(([, layout]) => layout),
  ...iommufd.IOMMUFD_STRUCTS,
  ...vfio.VFIO_STRUCTS,
  ...linux.SECCOMP_STRUCTS,
  linux.STAT,
  linux.STATX,
  ...SELFTEST_STRUCTS,
  ...UNION,
];

/** What C can say: expressions, each under the condition that its header has it. */
interface Claim {
  readonly name: string;
  readonly condition: string;
  readonly value: number;
}

function conditionOf(struct: string, fields: StructLayout['fields']): string {
  if ('pasid' in fields && struct.startsWith('vfio_')) return 'defined(VFIO_DEVICE_ATTACH_PASID)';
  if (Object.keys(fields).some(field => field.startsWith('pasid_'))) {
    return 'defined(IOMMU_TEST_PASID_RESERVED)';
  }
  if (/test|selftest/.test(struct)) return 'defined(IOMMU_TEST_CMD)';
  if (struct.startsWith('iommu_')) return 'defined(IOMMU_FAULT_QUEUE_ALLOC)';
  // Padding of older structures was named in the release that brought the binding.
  if (struct.startsWith('vfio_')) return 'defined(VFIO_DEVICE_BIND_IOMMUFD)';
  return '1';
}

const structClaims = STRUCTS.flatMap(({ struct, size, fields }): Claim[] => {
  const condition = conditionOf(struct, fields);
  const places = Object.entries(fields).flatMap(([field, [offset, bytes]]) => [
    { name: `offsetof(struct ${struct}, ${field})`, condition, value: offset },
    { name: `sizeof(((struct ${struct} *)0)->${field})`, condition, value: bytes },
  ]);
  return [{ name: `sizeof(struct ${struct})`, condition, value: size }, ...places];
});

const NAMED = /^(SECCOMP|VFIO|PCI|AUDIT|PR|RLIMIT|IN|O|AT|SIG|AF|SOCK|SOL|SCM|F|E)_?[A-Z]/;
const constantClaims = Object.entries(MODULES)
  .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
  .filter(([name]) => NAMED.test(name) && !/MASK|VFIO_BASE|NUM_/.test(name))
  .map(
    ([name, value]): Claim => ({
      name,
      condition: /_INDEX$/.test(name) ? '1' : `defined(${name})`,
      value,
    }),
  );

const CLAIMS: readonly Claim[] = [
  ...structClaims,
  ...constantClaims,
  ...IOCTLS.map(([name, { request }]) => ({
    name,
    condition: `defined(${name})`,
    value: request,
  })),
  ...Object.entries(linux.SYSCALLS).map(([name, value]) => ({
    name: `SYS_${name}`,
    condition: `defined(SYS_${name})`,
    value,
  })),
];

const SOURCE = `
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <linux/audit.h>
#include <linux/pci_regs.h>
#include <linux/seccomp.h>
#include <linux/vfio.h>
#if __has_include("iommufd_test.h")
#include "iommufd_test.h"
#elif __has_include(<linux/iommufd.h>)
#include <linux/iommufd.h>
#endif
int main(void)
{
${CLAIMS.map(
  ({ name, condition }, index) =>
    `#if ${condition}\n  printf("${index} %lld\\n", (long long)(${name}));\n#endif`,
).join('\n')}
  return 0;
}
`;

/** What the compiler says, by the claim's index. */
const SAID = new Map(
  (HAS_COMPILER ? execFileSync(compile(SOURCE), { encoding: 'utf8' }) : '')
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.split(' ').map(Number))
    .map(([index, value]) => [index!, value!]),
);

describe('numbers, sizes and offsets are those of the headers of this machine', () => {
  test.skipIf(!HAS_COMPILER)('there is something to compare with', () => {
    // <linux/seccomp.h> is older than the notification this needs.
    expect(SAID.size).toBeGreaterThan(100);
  });

  for (const [index, { name, value }] of CLAIMS.entries()) {
    // Skipped where there is no compiler, or its headers are older than what is claimed.
    test.skipIf(!SAID.has(index))(`${name} is ${value}`, () => {
      expect(SAID.get(index)).toBe(
        value >= 2 ** 31 && SAID.get(index)! < 0 ? value - 2 ** 32 : value,
      );
    });
  }
});

describe('layouts', () => {
  test.each(STRUCTS)('fields of struct $struct lie inside it, and do not meet', layout => {
    let end = 0;
    for (const [field, [offset, bytes]] of Object.entries(layout.fields)) {
      expect([field, offset >= end]).toEqual([field, true]);
      end = offset + bytes;
    }
    expect(end).toBeLessThanOrEqual(layout.size);
  });

  test('a minimum size ends with a field', () => {
    for (const [name, { minSize, fields }] of IOCTLS) {
      const ends = Object.values(fields).map(([offset, bytes]) => offset + bytes);
      expect([name, ends.includes(minSize)]).toEqual([name, true]);
    }
  });
});
