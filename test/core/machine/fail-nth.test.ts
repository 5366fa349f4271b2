/**
 * The failure sweep: of a good run, every memory allocation of every operation fails once. The
 * operation then gives ENOMEM and leaves nothing behind, or, where the kernel has no caller to tell,
 * does what the kernel does; and it succeeds when it is asked again.
 */

import { expect, test } from 'vitest';
import { BASELINES, type BaselineName } from '../../../src/abi/baselines.ts';
import { BEHAVIOUR } from '../../../src/abi/behaviour.ts';
import type { ErrnoName } from '../../../src/abi/errno.ts';
import { checkInvariants } from '../../../src/core/check/invariant.ts';
import { DMA_OPERATIONS } from '../../../src/core/hardware/dma/operations.ts';
import { STALL_OPERATIONS } from '../../../src/core/hardware/dma/stall-operations.ts';
import { GUEST_OPERATIONS } from '../../../src/core/hardware/guest/operations.ts';
import { FUNCTION_OPERATIONS } from '../../../src/core/hardware/pri/operations.ts';
import { UNIT_OPERATIONS } from '../../../src/core/hardware/unit/operations.ts';
import type { PageRequestReply } from '../../../src/core/iommu/page-request-reply.ts';
import {
  COMMAND_TYPES,
  type Command,
  type CommandType,
  type ReplyOf,
} from '../../../src/core/machine/command.ts';
import { execute } from '../../../src/core/machine/execute.ts';
import type { Outcome } from '../../../src/core/machine/operation.ts';
import { failing } from '../../../src/core/machine/outside.ts';
import { fromPlain, toPlain } from '../../../src/core/machine/snapshot.ts';
import type { MachineState } from '../../../src/core/machine/state.ts';
import { DEVICES } from '../../../src/sim/machine.ts';
import { MOCK_PASIDS, PCI_FAULTING, PCI_PASIDS, SHARED_GROUP } from './setups.ts';
import { given, type Kernel, Machine, withoutCounters } from './table.ts';
import { commandOf } from './table-command.ts';

/** Good runs. Together they hold every command; none is refused. */
const RUNS: Readonly<Record<string, string>> = {
  faults: `${PCI_FAULTING}
    hwInfo dev
    send 0000:01:00.0 grpid=1 more
    send 0000:01:00.0 grpid=1
    send 0000:01:00.0 grpid=2
    poll q
    read q 120
    write q to=1:0,2:1
    send 0000:01:00.0 grpid=3 hold
    resume 1
    send 0000:01:00.0 grpid=4 more hold
    resume 2
    replace dev plain
    invalidate nested type=0 len=24 entries=0//0/1
    replace dev fault
    replace dev ioas
    detach dev
    attach dev ioas
    unbind dev
    destroy fault
    closeFault q
    destroy q
  `,
  groups: `${SHARED_GROUP}
    d = bind 0000:04:00.0
    e = bind 0000:04:00.1
    attach a plain
    attach b plain
    replace b fault
    replace b fault2
    replace b plain
    ioas2 = ioasAlloc
    attach d ioas2
    attach e ioas2
    replace a ioas2
    addDevice 0000:02:00.7 groupWith=0000:02:00.0
    addDevice 0000:0a:00.0
    removeDevice 0000:0a:00.0
    close
  `,
  mock: `
    ioas = ioasAlloc
    vfioIoas 1 ioas=ioas
    map ioas 0x1000000 0x4000
    m = mock ioas
    checkMap m.hwpt 0x1000000 0x1000
    checkRefs 0x10000000 0x1000 1
    memoryLimit 12
    parent = hwptAlloc m.dev ioas flags=1
    track = hwptAlloc m.dev ioas flags=2
    q = faultQueueAlloc
    fault = hwptAlloc m.dev parent flags=4 data=mock fault=q
    mockReplace m fault
    checkIotlb fault 0 7
    trigger m.dev grpid=1 more
    trigger m.dev grpid=1
    mockReplace m track
    track track
    dirty track 0x1000000 0x1000
    bitmap track 0x1000000 0x1000
    other = mock ioas
    destroy other
  `,
  vfio: `
    ioas = ioasAlloc
    vfioVersion
    vfioCheck 1
    vfioIoas 1 ioas=ioas
    vfioSet 1
    vfioInfo
    vfioMap 0x1000000 0x4000
    m = mock ioas
    vfioMap 0x1004000 0x4000 va=0x10004000
    vfioUnmap 0x1006000 0x2000
    vfioUnmap 0 0 flags=2
  `,
  memory: `
    ioas = ioasAlloc
    other = ioasAlloc
    option 1 1 ioas
    allow other to=0x10000-0x1ffff|0x30000-0x3ffff
    reserve other 0x50000 0x1000
    map ioas 0x1000 0x2000
    map ioas 0x3000 0x2000 va=0x10002000
    copy other 0x10000 ioas 0x2000 0x2000
    ranges other
    acc = access ioas pins
    pin acc 0x1000 0x4000
    memory gone=0x10001000-0x10001fff there=0x20000000-0x20000fff
    memory there=0x10001000-0x10001fff
    rw acc 0x1000 16 write
    rw acc 0x1000 16 flags=4
    unpin acc 0
    moveAccess acc other
    closeAccess acc
    unmap ioas 0 MAX
    open
  `,
};

/** The same of what 6.15 brought. */
const RUNS_OF_PASIDS = [
  `${PCI_PASIDS}
    attach dev wide
    attach dev wide pasid=5
    attach dev fault pasid=5
    replace dev wide pasid=5
    detach dev pasid=5
  `,
  `${MOCK_PASIDS}
    pasidAttach one 5 wide
    pasidReplace one 5 wide2
    pasidCheck one 5 wide2
    pasidDetach one 5
  `,
];

const runsOf = (baseline: BaselineName) => [
  ...Object.values(RUNS),
  ...(BEHAVIOUR[baseline].pasidHwpts ? RUNS_OF_PASIDS : []),
];

/** A name the trace of the run without a failure has not. */
function failedAllocation(failed: Outcome, good: Outcome): string | null {
  const passed = new Set(good.trace.map(step => step.function));
  return failed.trace.find(step => !passed.has(step.function))?.function ?? null;
}

/** What the kernel leaves as it is on the way back: the software MSI window, once known. */
function comparable(state: MachineState): string {
  return withoutCounters(state).replace(/"(swMsiStart|msiCookie)":[^,}]*/g, '');
}

const copyOf = (state: MachineState) => fromPlain(toPlain(state));

/** What the kernel does where nobody can be told, by allocation; null: ENOMEM is due. */
function expectAnswered(name: string, failed: Outcome, good: Outcome): boolean {
  switch (name) {
    case 'kzalloc iopf_fault':
      expect(failed.errno).toBe(0);
      expect((failed.reply as PageRequestReply).reportErrno).toBe('ENOMEM');
      return true;
    case 'kzalloc iopf_group':
      expect(failed.errno).toBe(0);
      expect(failed.events.at(-1)).toMatchObject({ type: 'PageResponseSent', code: 2 });
      return true;
    case 'xa_alloc cookie': {
      if (failed.errno !== 0) return false;
      const bytes = ({ reply }: Outcome) => (reply as ReplyOf['FaultRead']).bytes;
      expect(bytes(failed)).toBeGreaterThan(0);
      expect(bytes(failed)).toBeLessThan(bytes(good));
      return true;
    }
    default:
      return false;
  }
}

/** Places that are no allocation: the self-test lets them fail (iommufd_should_fail). */
const FAILURE_POINTS: Readonly<Record<string, ErrnoName>> = {
  'reserved regions iommufd_should_fail': 'EINVAL',
  'iopt_pages_rw_page iommufd_should_fail': 'EINVAL',
  'pfn_reader_user_pin iommufd_should_fail': 'EFAULT',
  'mock_domain_map_pages iommufd_should_fail': 'ENOENT',
  'get object iommufd_should_fail': 'ENOENT',
  'pages_to_xarray iommufd_should_fail': 'EINVAL',
};

/** What failed in a sweep. */
const FAILED = new Set<string>();

/** Places where a kernel is known to leave something after a failure, and says so. */
const LEFTOVERS: ReadonlySet<string> = new Set([
  'RESERVATIONS_LOST',
  'RESERVATIONS_LEFT',
  'HANDLE_LEAKED',
  'WILD_POINTER',
  'FILE_OF_FREED_QUEUE',
]);

/** Fails each allocation of one command in turn; returns how many there were. */
function sweep(before: MachineState, command: Command, good: Outcome, reference: boolean): number {
  for (let failNth = 1; ; failNth++) {
    const state = copyOf(before);
    const failed = execute(state, failing(command, failNth));
    const name = failedAllocation(failed, good);
    const what = `${command.type}, allocation ${failNth}: ${name}`;
    if (name !== null) FAILED.add(name);
    if (name === null) {
      expect(failed.reply, what).toEqual(good.reply);
      return failNth - 1;
    }
    if (reference) expect(checkInvariants(state), what).toEqual([]);
    if (expectAnswered(name, failed, good)) continue;
    if (failed.errno === 0 && FAILURE_POINTS[name] === 'EINVAL') {
      // Another hwpt of the IOAS is tried, or a new one made (iommufd_device_auto_get_domain).
      expect(failed.reply, what).not.toEqual(good.reply);
      continue;
    }
    // Of a pt_id that is not found HWPT_ALLOC makes EINVAL.
    const isPt = command.type === 'HwptAlloc' && failNth === 2;
    expect(failed.errno, what).toBe(isPt ? 'EINVAL' : (FAILURE_POINTS[name] ?? 'ENOMEM'));
    const hazards = failed.events.filter(event => event.type === 'HazardRecorded');
    if (hazards.length > 0) {
      expect(
        hazards.every(hazard => LEFTOVERS.has(hazard.name)),
        what,
      ).toBe(true);
      continue;
    }
    expect(comparable(state), what).toBe(comparable(before));
    expect(execute(state, command).errno, what).toBe(good.errno);
  }
}

/** Runs a table, sweeping each line; returns the allocations failed by command. */
function sweepRun(table: string, kernel: Kernel): Map<CommandType, number> {
  const machine = new Machine(DEVICES, kernel);
  const counts = new Map<CommandType, number>();
  const reference = kernel.baseline === 'LINUX_6_12_117';
  for (const line of table.split('\n').map(text => text.trim())) {
    if (line === '') continue;
    const before = copyOf(machine.state);
    const command = commandOf(line.replace(/^\w+ = /, ''), machine.names);
    machine.run(line.includes('-> ') ? line : `${line} -> 0`);
    const failures = sweep(before, command, machine.last, reference);
    counts.set(command.type, (counts.get(command.type) ?? 0) + failures);
  }
  return counts;
}

test.each(BASELINES)('every allocation fails once: %s', baseline => {
  let failures = 0;
  for (const table of runsOf(baseline)) {
    for (const count of sweepRun(table, { baseline }).values()) failures += count;
  }
  expect(failures).toBeGreaterThan(100);
});

test('members that go back after a refused replace have IOPF again, whatever fails', () => {
  const machine = given(DEVICES, SHARED_GROUP, { baseline: 'LINUX_7_3_4' }).run(`
    attach a fault
    dirty = hwptAlloc a ioas flags=2
  `);
  const command = commandOf('replace a dirty', machine.names);
  // The first is looking for the hwpt, the next three are memory.
  for (let failNth = 2; failNth <= 6; failNth++) {
    const state = copyOf(machine.state);
    expect(execute(state, failing(command, failNth)).errno).toBe(failNth < 5 ? 'ENOMEM' : 'EINVAL');
    expect(checkInvariants(state), `allocation ${failNth}`).toEqual([]);
  }
});

/** Commands during which the kernel allocates nothing that can fail, or that are not the kernel's. */
const WITHOUT: readonly CommandType[] = [
  'MachineCreate',
  'PciDeviceRemove',
  'VpriResetSend',
  'ContextClose',
  'Destroy',
  'DeviceDetach',
  'DeviceUnbind',
  'FaultClose',
  'FaultPoll',
  'FaultWrite',
  'TestAccessClose',
  'TestDestroyAccessPages',
  'TestMdCheckRefs',
  'TestSetTempMemoryLimit',
  'VfioCheckExtension',
  'VfioGetApiVersion',
  'VfioGetInfo',
  'UserMemoryChange',
  'VfioSetIommu',
];

/** What hardware and guests do: no kernel allocates for it. */
const OF_HARDWARE: ReadonlySet<string> = new Set(
  [
    UNIT_OPERATIONS,
    FUNCTION_OPERATIONS,
    DMA_OPERATIONS,
    STALL_OPERATIONS,
    GUEST_OPERATIONS,
  ].flatMap(entries => Object.keys(entries)),
);

/** Every command there is, but for those that are no operations of a kernel. */
/** Nothing runs in them. */
const NOT_SWEPT: ReadonlySet<CommandType> = new Set([
  'KernelReplace',
  'CallRefused',
  'CallAnswered',
]);
const COMMANDS = COMMAND_TYPES.filter(type => !NOT_SWEPT.has(type) && !OF_HARDWARE.has(type));

test('every command is swept, and those that allocate are known', () => {
  const failing = new Set<CommandType>();
  const swept = new Set<CommandType>(['MachineCreate', 'VpriResetSend']);
  const counts = [
    ...Object.values(RUNS).map(table => sweepRun(table, { baseline: 'LINUX_6_12_117' })),
    ...RUNS_OF_PASIDS.map(table => sweepRun(table, { baseline: 'LINUX_7_3_4' })),
  ];
  for (const [type, count] of counts.flatMap(run => [...run])) {
    swept.add(type);
    if (count > 0) failing.add(type);
  }
  expect([...swept].sort()).toEqual(COMMANDS.toSorted());
  const without = COMMANDS.filter(type => !failing.has(type));
  expect(without.sort()).toEqual([...WITHOUT].sort());
  expect(Object.keys(FAILURE_POINTS).filter(name => !FAILED.has(name))).toEqual([]);
});

test('an older kernel enables IOPF before it makes the handle, and undoes it', () => {
  const setup =
    'dev = bind 0000:01:00.0\n ioas = ioasAlloc\n parent = hwptAlloc dev ioas flags=1\n' +
    ' q = faultQueueAlloc\n fault = hwptAlloc dev parent flags=4 data=vtd fault=q';
  const types = (baseline: 'LINUX_6_12_117' | 'LINUX_6_11', failNth: number) => {
    const { state, names } = given(DEVICES, setup, { baseline });
    const outcome = execute(state, failing(commandOf('attach dev fault', names), failNth));
    expect(outcome.errno).toBe('ENOMEM');
    return outcome.events.map(({ type }) => type);
  };
  // Before it are looking for the hwpt and the reserved regions, which 6.11 does not enforce here.
  expect(types('LINUX_6_12_117', 3)).toEqual([]);
  expect(types('LINUX_6_12_117', 4)).toEqual([]);
  expect(types('LINUX_6_11', 2)).toEqual([]);
  expect(types('LINUX_6_11', 3)).toEqual([
    'IopfFeatureEnabled',
    'IopfEnabled',
    'IopfDisabled',
    'IopfFeatureDisabled',
  ]);
});
