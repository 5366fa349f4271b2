/** Each refusal of modelled hardware and guests: who decides, by which rule, in which words. */
import { expect, test } from 'vitest';
import { HARDWARE_REFUSAL_RULES } from '../../../src/abi/hardware-refusal-rules.ts';
import { TICK_MAX } from '../../../src/abi/limits.ts';
import { type RefusalRule, ruleText } from '../../../src/abi/refusal-rules.ts';
import {
  DEFAULT_DMA_OPTIONS,
  DEFAULT_PROGRAM_OPTIONS,
} from '../../../src/core/hardware/dma/operations.ts';
import { DEFAULT_IOMMU } from '../../../src/core/hardware/unit/possible.ts';
import type { Command, CommandOf } from '../../../src/core/machine/command.ts';
import { execute } from '../../../src/core/machine/execute.ts';
import { initialState } from '../../../src/core/machine/state.ts';
import { pci } from '../../../src/sim/machine.ts';
import { BDF, FUNCTION, op, PAGE, Rig, type RigOptions } from './rig.ts';

const IOVA = 0x4000_0000n;
const READ: CommandOf<'Dma'> = {
  type: 'Dma',
  ...{ bdf: BDF, pasid: null, iova: IOVA, length: PAGE, write: false, fill: 0 },
};
const onBdf = (type: string, more: object = {}) => ({ type, bdf: BDF, ...more }) as Command;
const load = (fields: object, options: object = {}): Command =>
  ({
    type: 'DeviceProgramLoad',
    bdf: BDF,
    ops: [op({ op: 'BARRIER', ...fields })],
    options: { ...DEFAULT_PROGRAM_OPTIONS, ...options },
  }) as Command;
const guestMap = (fields: object): Command =>
  ({
    type: 'GuestMap',
    ...{ contextId: 1, hwptId: 5, iova: IOVA, gpa: 0x2_0000n, length: PAGE, perm: 3 },
    ...{ pageSize: PAGE, tablesGpa: 0x2000n, tablesLength: 0xe000n },
    ...fields,
  }) as Command;
const guestUnmap = (iova: bigint, length = PAGE): Command => ({
  type: 'GuestUnmap',
  ...{ contextId: 1, hwptId: 5, iova, length },
});
const guestWrite = (gpa: bigint): Command => ({
  type: 'GuestWrite',
  ...{ contextId: 1, ioasId: 2, words: [{ gpa, value: 0n }] },
});
const BROKEN: RigOptions = {
  fn: { ats: { ...FUNCTION.ats!, respondsToInvalidation: false, invalidateQueueDepth: 1 } },
};
const cached = (rig: Rig) => {
  rig.guestMap(IOVA, 0x2_0000n);
  rig.dma({ iova: IOVA });
};
const large = (rig: Rig) =>
  rig.run('GuestMap', {
    ...{ contextId: 1, hwptId: rig.hwptId, iova: IOVA, gpa: 0n, length: 0x20_0000n, perm: 3 },
    ...{ pageSize: 0x20_0000n, tablesGpa: 0x2000n, tablesLength: 0xe000n },
  });
const atcInvalidate = (fields: object) =>
  onBdf('AtcInvalidate', { pasid: null, addr: IOVA, size: PAGE, ...fields });

interface Case {
  readonly rule: RefusalRule;
  readonly command: Command;
  readonly errno: string;
  readonly by: string;
  readonly text: string;
  readonly options?: RigOptions;
  readonly before?: (rig: Rig) => unknown;
}

const row = (
  rule: RefusalRule,
  command: Command,
  errno: string,
  by: string,
  text: string,
  more: Pick<Case, 'options' | 'before'> = {},
): Case => ({ rule, command, errno, by, text, ...more });

const VIRTUAL: RigOptions = {
  ...{ functions: 2, virtual: true },
  policies: { virtualFunctions: 'EMULATED_PRI' },
};
const NO_PRI = { fn: { ats: null, priCapacity: 1 } } as const;
const notModelled = (rig: Rig) => rig.run('PciDeviceAdd', { device: pci('0000:0b:00.0') });

const CASES: readonly Case[] = [
  row(
    'NOT_MODELLED',
    { ...READ, bdf: '0000:0b:00.0' },
    'EOPNOTSUPP',
    'bus',
    'bdf 0000:0b:00.0: the IOMMU of this function is not modelled; machineCreate(iommus:) and `hardware` of the device model one.',
    { before: notModelled },
  ),
  row(
    'PASID_TOO_WIDE',
    { ...READ, pasid: 16 },
    'EINVAL',
    'device',
    `pasid 16: PASIDs of ${BDF} have 4 bits.`,
    { options: { fn: { pasidWidth: 4 } } },
  ),
  row('OP_INCOMPLETE', load({ op: 'STOP' }), 'EINVAL', 'device', 'ops[0].pasid: STOP needs it.'),
  row(
    'HARDWARE_BOUND',
    { ...READ, options: { ...DEFAULT_DMA_OPTIONS, retryLimit: 0 } },
    'EINVAL',
    'device',
    'retryLimit 0 is not from 1 to 1000.',
  ),
  row(
    'TOO_MANY_DMAS',
    READ,
    'EBUSY',
    'device',
    `bdf ${BDF}: 1024 of its DMAs are not finished, and it can have no more.`,
    {
      before: rig => {
        rig.load([op({ op: 'READ', iova: IOVA, length: 8n }), op({ op: 'REPEAT', count: 2_000 })], {
          maxOutstanding: 1_024,
        });
        rig.runProgram(4_000);
      },
    },
  ),
  row(
    'PROGRAM_ABSENT',
    onBdf('DeviceRun', { steps: 1 }),
    'ENOENT',
    'device',
    `bdf ${BDF}: this function has no program; deviceProgramLoad gives it one.`,
  ),
  row(
    'PROGRAM_UNDER_WAY',
    load({}),
    'EBUSY',
    'device',
    `bdf ${BDF}: DMA 1 of the program before is not finished.`,
    {
      before: rig => {
        rig.load([op({ op: 'READ', iova: IOVA, length: 8n })]);
        rig.runProgram();
      },
    },
  ),
  row(
    'PRI_SWITCHED',
    onBdf('PriEnable', { allocation: 1 }),
    'EBUSY',
    'pci_enable_pri',
    `bdf ${BDF}: its PRI is on already.`,
  ),
  row(
    'PRI_NOT_STOPPED',
    onBdf('PriEnable', { allocation: 1 }),
    'EBUSY',
    'pci_enable_pri',
    `bdf ${BDF}: its PRI is not stopped; priReset comes first.`,
    {
      before: rig => {
        rig.dma({ iova: IOVA });
        rig.run('PriDisable', { bdf: BDF });
      },
    },
  ),
  row(
    'PRI_ENABLED',
    onBdf('PriResetSend'),
    'EBUSY',
    'pci_reset_pri',
    `bdf ${BDF}: its PRI is on; priDisable comes first.`,
  ),
  row(
    'ATS_ABSENT',
    onBdf('AtsEnable'),
    'EINVAL',
    'pci_enable_ats',
    `bdf ${BDF}: this function has no ATS.`,
    { options: NO_PRI },
  ),
  row('ATS_SWITCHED', onBdf('AtsEnable'), 'EBUSY', 'pci_enable_ats', `bdf ${BDF}: its ATS is on.`),
  row(
    'INVALIDATION_UNALIGNED',
    atcInvalidate({ size: 1n }),
    'EINVAL',
    'device',
    'size: addr 0x40000000 and size 0x1 must be multiples of 4096, and size more than 0.',
  ),
  row(
    'INVALIDATIONS_PENDING',
    atcInvalidate({}),
    'EBUSY',
    'device',
    `bdf ${BDF}: 1 invalidations are pending, and it takes no more.`,
    {
      options: BROKEN,
      before: rig => {
        cached(rig);
        rig.try(atcInvalidate({}));
      },
    },
  ),
  row(
    'INVALIDATION_QUEUE_STOPPED',
    atcInvalidate({}),
    'EIO',
    'invalidation queue',
    'The invalidation queue of IOMMU 0 has stopped (ITE); queueErrorClear lets it go on.',
    {
      options: BROKEN,
      before: rig => {
        cached(rig);
        rig.try(atcInvalidate({}));
        rig.run('HardwareAdvance', { ticks: 100 });
      },
    },
  ),
  row(
    'NO_QUEUE_ERROR',
    { type: 'QueueErrorClear', iommuNo: 0 },
    'ENOENT',
    'invalidation queue',
    'iommu 0: its invalidation queue has not stopped.',
  ),
  row(
    'NO_STALL_MODEL',
    onBdf('StallTerminate'),
    'EOPNOTSUPP',
    'device',
    `bdf ${BDF}: its transactions do not stall; \`stall\` of its hardware says so.`,
  ),
  row(
    'STALL_NOT_OF_VENDOR',
    {
      type: 'PciDeviceAdd',
      device: pci('0000:0b:00.0', { hardware: { ...FUNCTION, ats: null, stall: true } }),
    },
    'EINVAL',
    'bus',
    'bdf 0000:0b:00.0: `stall` is SMMUv3’s, and IOMMU 0 is VTD; leave it out there.',
    { options: { iommu: { vendor: 'VTD' } } },
  ),
  row(
    'IOMMU_ABSENT',
    { type: 'PrqServe', iommuNo: 3, max: 1 },
    'ENODEV',
    'bus',
    'iommu 3: the machine has IOMMU 0 alone.',
  ),
  row(
    'PRQ_SWITCHED',
    { type: 'PrqSwitch', iommuNo: 0, enabled: true },
    'EBUSY',
    'page request queue',
    'iommu 0: its page request queue is on already.',
  ),
  row(
    'GPA_UNALIGNED',
    guestWrite(0x9n),
    'EINVAL',
    'guest',
    'words[0].gpa: the address 0x9 is no multiple of 8.',
  ),
  row(
    'GUEST_MEMORY_ABSENT',
    guestWrite(0x50_0000n),
    'EFAULT',
    'guest',
    'words[0].gpa 0x500000: IOAS 2 maps nothing there, so no guest can write it.',
  ),
  row(
    'NO_GUEST_TABLE',
    guestMap({ hwptId: 3 }),
    'EINVAL',
    'guest',
    'hwptId 3: this hwpt has no page table of a guest; nested ones with vtdS1 have one.',
  ),
  row(
    'GUEST_RANGE_UNALIGNED',
    guestMap({ gpa: 0x2_0800n }),
    'EINVAL',
    'guest',
    'gpa: iova 0x40000000, gpa 0x20800 and length 0x1000 must be multiples of pageSize 0x1000, and length more than 0.',
  ),
  row(
    'GUEST_PAGE_SIZE',
    guestMap({ pageSize: 0x3000n }),
    'EINVAL',
    'guest',
    'pageSize 0x3000: the table has no pages of this size.',
  ),
  row(
    'GUEST_IOVA',
    guestMap({ iova: 0x8000_0000_0000n }),
    'EINVAL',
    'guest',
    'iova 0x800000000000 to 0x800000000fff: wider than the table, or not sign-extended.',
  ),
  ...[0xffff_ffff_ffff_f000n, 0x10_0000_0000_0000n, 0xf_ffff_ffff_f000n].map(gpa =>
    row(
      'GUEST_GPA',
      guestMap({ gpa, length: 2n * PAGE }),
      'EINVAL',
      'guest',
      `gpa 0x${gpa.toString(16)}, length 0x2000, tablesGpa 0x2000: one of them is wider than an entry of this table can hold.`,
    ),
  ),
  row(
    'PRI_OF_PHYSICAL',
    { type: 'PriEnable', bdf: '0000:02:00.0', allocation: 1 },
    'EINVAL',
    'pci_enable_pri',
    'bdf 0000:02:00.0: a virtual function has the PRI of its physical one, 0000:01:00.0, which is off.',
    { options: VIRTUAL, before: rig => rig.run('PriDisable', { bdf: BDF }) },
  ),
  row(
    'GUEST_RIGHTS',
    guestMap({ perm: 2 }),
    'EINVAL',
    'guest',
    'perm 2: the table cannot grant writing without reading, nor nothing at all.',
  ),
  row(
    'GUEST_TABLE_UNREADABLE',
    guestMap({}),
    'EFAULT',
    'guest',
    'hwptId 5: a table on the way lies where IOAS 2 maps nothing.',
    {
      before: rig =>
        rig.run('GuestWrite', {
          ...{ contextId: 1, ioasId: 2, words: [{ gpa: 0x1000n, value: 0x50_0007n }] },
        }),
    },
  ),
  row(
    'GUEST_ENTRY_IN_THE_WAY',
    guestMap({}),
    'EEXIST',
    'guest',
    'iova 0x40000000: a larger page is mapped there.',
    { before: large },
  ),
  row(
    'NO_TABLE_PAGES',
    guestMap({ tablesLength: 0n }),
    'ENOSPC',
    'guest',
    'tablesGpa 0x2000, tablesLength 0x0: no page is left that is zero and no table.',
  ),
  row(
    'PART_OF_LARGE_PAGE',
    guestUnmap(IOVA),
    'EINVAL',
    'guest',
    'iova 0x40000000, length 0x1000: the range ends inside a larger page.',
    { before: large },
  ),
];

test.each(CASES)('$rule', ({ rule, command, errno, by, text, options, before }) => {
  const rig = new Rig(options);
  before?.(rig);
  const { seq } = rig.state;
  const outcome = rig.try(command);
  expect(outcome.errno).toBe(errno);
  const step = outcome.trace.at(-1)!;
  expect(step).toMatchObject({ function: by, returned: errno });
  expect(step.reason?.rule).toBe(rule);
  expect(ruleText(rule, step.reason!.facts)).toBe(text);
  expect(rig.state.seq).toBe(seq);
});

test('the end of time', () => {
  const rig = new Rig();
  rig.state.tick = TICK_MAX - 1;
  const { errno, trace } = rig.try({ type: 'HardwareAdvance', ticks: 2 });
  expect(errno).toBe('EINVAL');
  expect(ruleText('END_OF_TIME', trace.at(-1)!.reason!.facts)).toBe(
    `ticks 2: it is tick ${TICK_MAX - 1}, and time ends at ${TICK_MAX}.`,
  );
});

test('a function without PRI', () => {
  const rig = new Rig({ iommu: { vendor: 'SMMUV3' }, fn: { stall: true, ats: null } });
  const { errno, trace } = rig.try({ type: 'PriEnable', bdf: BDF, allocation: 1 });
  expect([errno, trace.at(-1)!.function]).toEqual(['EINVAL', 'pci_enable_pri']);
  expect(ruleText('PRI_ABSENT', trace.at(-1)!.reason!.facts)).toBe(
    `bdf ${BDF}: this function has no PRI.`,
  );
});

test.each(['SMMUV3', 'AMD_VI'] as const)('a fault queue of a guest on %s, as Linux', vendor => {
  const iommu = { ...DEFAULT_IOMMU, vendor, driver: 'AS_LINUX' } as const;
  const state = initialState();
  const outcomes = new Rig({ iommu: { vendor, driver: 'AS_LINUX' } })
    .steps()
    .map(({ command }) =>
      execute(state, command.type === 'MachineCreate' ? { ...command, iommus: [iommu] } : command),
    );
  const refused = outcomes.filter(({ errno }) => errno !== 0);
  // Nobody has the hwpt that comes after it.
  expect(refused.map(({ command, errno }) => [command.type, errno])).toEqual([
    ['HwptAlloc', 'EOPNOTSUPP'],
    ['DeviceAttach', 'ENOENT'],
  ]);
  const { reason } = refused[0]!.trace.find(step => step.reason?.rule === 'NESTED_FAULTS')!;
  expect(ruleText('NESTED_FAULTS', reason!.facts)).toContain(`Linux’ driver for ${vendor}`);
});

test('every rule has its case', () => {
  const others = ['END_OF_TIME', 'PRI_ABSENT', 'NESTED_FAULTS'];
  const met = new Set<string>([...CASES.map(({ rule }) => rule), ...others]);
  expect([...met].sort()).toEqual(Object.keys(HARDWARE_REFUSAL_RULES).sort());
});
