/**
 * Calls that are no operation of a machine. Those that fail: nothing changes, and each says why. Those
 * that succeed: nothing changes, and each names the function that answered.
 */

import { expect, test } from 'vitest';
import {
  CALL_REFUSAL_RULES,
  type CallRefusalRule,
} from '../../../../src/abi/call-refusal-rules.ts';
import type { ErrnoName } from '../../../../src/abi/errno.ts';
import { IOMMU_IOAS_MAP } from '../../../../src/abi/ioctl/iommufd.ts';
import { VFIO_DEVICE_BIND_IOMMUFD } from '../../../../src/abi/ioctl/vfio.ts';
import { ruleText } from '../../../../src/abi/refusal-rules.ts';
import { commandText } from '../../../../src/core/explain/command-text.ts';
import type { CommandOf } from '../../../../src/core/machine/command.ts';
import { execute } from '../../../../src/core/machine/execute.ts';
import { initialState } from '../../../../src/core/machine/state.ts';

type Case = readonly [
  call: Partial<CommandOf<'CallRefused'>>,
  errno: ErrnoName,
  rule: CallRefusalRule,
  by: string,
  sentence: string,
];

const MAP = { request: IOMMU_IOAS_MAP.request };
const READ = { call: 'read' } as const;
const DEVICE = { request: VFIO_DEVICE_BIND_IOMMUFD.request, file: 'DEVICE' } as const;
const BY = 'iommufd_fops_ioctl';
/** By rule: the call, its errno, the function that says so, and the sentence. */
const CASES: readonly Case[] = [
  [
    { request: 0x3bff },
    'ENOTTY',
    'IOCTL_UNKNOWN',
    BY,
    'ioctl 0x3bff: /dev/iommu has no ioctl of this number.',
  ],
  [
    { ...MAP, file: 'FAULT' },
    'ENOTTY',
    'IOCTL_UNKNOWN',
    'sys_ioctl',
    'ioctl 0x3b85: the file of a fault queue has no ioctl of this number.',
  ],
  [
    MAP,
    'EFAULT',
    'IOCTL_SIZE_ABSENT',
    BY,
    'ioctl 0x3b85: no size can be read where the structure is.',
  ],
  [
    { ...MAP, given: 40n },
    'EFAULT',
    'IOCTL_STRUCT_ABSENT',
    BY,
    'ioctl 0x3b85: not all of the structure can be read; its size is 40.',
  ],
  [
    { ...MAP, given: 8n },
    'EINVAL',
    'IOCTL_STRUCT_TOO_SMALL',
    BY,
    'ioctl 0x3b85: size 8 is below what the kernel wants first, 40.',
  ],
  [
    { ...MAP, given: 48n },
    'E2BIG',
    'IOCTL_TAIL_NOT_ZERO',
    BY,
    'ioctl 0x3b85: size 48 is above the 40 bytes that this kernel knows, and what follows is not zero.',
  ],
  [
    { ...MAP, given: 8192n },
    'EFAULT',
    'IOCTL_TAIL_ABSENT',
    BY,
    'ioctl 0x3b85: size 8192 is above the 40 bytes that this kernel knows, and what follows cannot be read.',
  ],
  [
    { ...MAP, given: 1n },
    'EOPNOTSUPP',
    'IOCTL_RESERVED',
    BY,
    'ioctl 0x3b85: a reserved word is 1 and must be 0.',
  ],
  [
    { request: 0x3ba0, given: 99n },
    'EOPNOTSUPP',
    'IOCTL_OP_UNKNOWN',
    BY,
    'ioctl 0x3ba0: op 99 is no operation of this ioctl.',
  ],
  [
    { ...MAP, given: 70_000n },
    'EINVAL',
    'IOCTL_ARRAY_REFUSED',
    BY,
    'ioctl 0x3b85: an array of 70000 entries.',
  ],
  [READ, 'EINVAL', 'FILE_HAS_NO_CALL', 'sys_read', 'read: /dev/iommu has no such operation.'],
  [
    { ...READ, given: 2000n },
    'EINVAL',
    'IOVEC_REFUSED',
    'sys_read',
    'read: 2000 pieces, or their lengths, or the array that names them.',
  ],
  [
    { call: 'write', file: 'FAULT' },
    'ESPIPE',
    'OFFSET_REFUSED',
    'sys_write',
    'write: the file has no offsets, and knows no flags of this call.',
  ],
  [
    { call: 'dup' },
    'EMFILE',
    'NO_NUMBER_FREE',
    'sys_dup',
    'dup: RLIMIT_NOFILE leaves the program no file number.',
  ],
  [
    { ...DEVICE, given: 8n },
    'EINVAL',
    'IOCTL_ARGSZ_TOO_SMALL',
    'sys_ioctl',
    'ioctl 0x3b76: argsz 8 ends before a field that the kernel reads.',
  ],
  [
    DEVICE,
    'EINVAL',
    'IOCTL_FIELD_REFUSED',
    'sys_ioctl',
    'ioctl 0x3b76: flags, an index or a count in it.',
  ],
  [
    DEVICE,
    'EINVAL',
    'DEVICE_NOT_BOUND',
    'sys_ioctl',
    'ioctl: the file of a VFIO device is not bound: VFIO_DEVICE_BIND_IOMMUFD comes first.',
  ],
  [
    DEVICE,
    'EINVAL',
    'DEVICE_IS_BOUND',
    'sys_ioctl',
    'ioctl: the file of a VFIO device is bound already.',
  ],
  [
    { ...DEVICE, given: 5n },
    'EBADFD',
    'IOMMUFD_ABSENT',
    'sys_ioctl',
    'ioctl 0x3b76: file 5 of the program is no iommufd.',
  ],
  [
    { call: 'mmap', file: 'DEVICE', given: 0n },
    'EINVAL',
    'REGION_REFUSED',
    'sys_mmap',
    'mmap: what lies at offset 0 of the file of a VFIO device is no region that takes it.',
  ],
  [
    { call: 'open', file: 'DEVICE', given: 9n },
    'ENOENT',
    'DEVICE_ABSENT',
    'sys_open',
    'open: there is no VFIO device 9.',
  ],
  [READ, 'EINVAL', 'CALL_REFUSED', 'sys_read', 'read: an argument of it.'],
];

test.each(CASES)('%o: %s by %s', (call, errno, rule, by, sentence) => {
  const state = initialState();
  const outcome = execute(state, {
    type: 'CallRefused',
    contextId: 1,
    file: 'CONTEXT',
    call: 'ioctl',
    errno,
    rule,
    ...call,
  });
  expect(outcome).toMatchObject({ errno, reply: null, events: [] });
  expect(state).toEqual(initialState());
  const [step] = outcome.trace;
  expect(step).toMatchObject({ function: by, returned: errno, reason: { rule } });
  expect(ruleText(rule, step!.reason!.facts)).toBe(sentence);
});

const OF_DEVICE = { file: 'DEVICE', bdf: '0000:01:00.0' } as const;

test.each<[Partial<CommandOf<'CallAnswered'>>, by: string, returned: string]>([
  [{ ...OF_DEVICE, call: 'open', returned: 768 }, 'vfio_device_fops_cdev_open', '768'],
  [{ ...OF_DEVICE, call: 'ioctl', returned: 0 }, 'vfio_device_fops_unl_ioctl', '0'],
  [{ ...OF_DEVICE, call: 'mmap', region: 2 }, 'vfio_pci_core_mmap', '0'],
  [{ ...OF_DEVICE, call: 'write', region: 7, returned: 2 }, 'vfio_pci_config_rw', '2'],
  [{ ...OF_DEVICE, call: 'read', region: 0, returned: 4 }, 'vfio_pci_bar_rw', '4'],
  [{ file: 'FAULT', call: 'read', returned: 0 }, 'sys_read', '0'],
])('%o: answered by %s', (call, by, returned) => {
  const state = initialState();
  const command = { type: 'CallAnswered', contextId: 0, file: 'DEVICE', call: 'read', ...call };
  const outcome = execute(state, command as CommandOf<'CallAnswered'>);
  expect(outcome).toMatchObject({ errno: 0, reply: {}, events: [] });
  expect(outcome.trace).toEqual([{ function: by, depth: 0, returned }]);
  expect(state).toEqual(initialState());
});

test('a description names ioctl, region, interrupt, and bus mastering', () => {
  const at = { type: 'CallAnswered', contextId: 1, ...OF_DEVICE } as const;
  const write = { ...at, call: 'write', region: 7, offset: 4, length: 2, value: 6n } as const;
  expect(commandText({ ...write, busMaster: true, returned: 2 })).toBe(
    'CallAnswered contextId=1 file=DEVICE bdf=0000:01:00.0 call=write region=7 (VFIO_PCI_CONFIG_REGION_INDEX) offset=4 length=2 value=0x6 busMaster=true returned=2',
  );
  const irqs = {
    ...at,
    call: 'ioctl',
    request: 0x3b6e,
    interrupt: 1,
    flags: 36,
    count: 1,
  } as const;
  expect(commandText({ ...irqs, returned: 0 })).toBe(
    'CallAnswered contextId=1 file=DEVICE bdf=0000:01:00.0 call=ioctl request=15214 (VFIO_DEVICE_SET_IRQS) interrupt=1 (VFIO_PCI_MSI_IRQ_INDEX) flags=36 (VFIO_IRQ_SET_DATA_EVENTFD|VFIO_IRQ_SET_ACTION_TRIGGER) count=1 returned=0',
  );
});

test('every rule has a case', () => {
  const met = new Set(CASES.map(([, , rule]) => rule));
  expect([...met].sort()).toEqual(Object.keys(CALL_REFUSAL_RULES).sort());
});
