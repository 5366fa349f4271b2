/** Every hazard of the catalog, on a kernel that has it: when, where, and what planted it. */

import { expect, test } from 'vitest';
import { HAZARDS, type HazardName } from '../../../src/abi/hazards.ts';
import { PARTIAL_REQUESTS_PER_DEVICE_MAX } from '../../../src/abi/limits.ts';
import type { PciDeviceSpec } from '../../../src/core/hardware/state.ts';
import type { EventType } from '../../../src/core/machine/event.ts';
import { execute } from '../../../src/core/machine/execute.ts';
import { failing } from '../../../src/core/machine/outside.ts';
import { DEVICES, pci } from '../../../src/sim/machine.ts';
import { MOCK, MOCK_PASIDS, PCI_FAULTING, PCI_HWPTS, SHARED_GROUP } from '../machine/setups.ts';
import { type Kernel, Machine } from '../machine/table.ts';
import { HARDWARE_CASES, type HardwareCase, type HardwareHazard } from './hardware-hazards.ts';

interface Case {
  readonly kernel?: Kernel;
  readonly devices?: readonly PciDeviceSpec[];
  /** Names what happens in the end. */
  readonly table: string;
  readonly function: string;
  readonly objects: readonly string[];
  /** The event that planted it; left out: it happens at once. */
  readonly planted?: EventType;
  /** Hazards that cannot but come with it. */
  readonly others?: readonly HazardName[];
}

const BOTH_ATTACHED = `${SHARED_GROUP}
  attach a fault
  attach b fault
`;
const TWO_DRIVERS = `${SHARED_GROUP}
  ioas2 = ioasAlloc
  m = mock ioas2
  foreign = hwptAlloc m.dev ioas2 flags=1
  foreignFault = hwptAlloc m.dev foreign flags=4 data=mock fault=q
  attach a plain
`;
const ONE_WAITS = `${PCI_FAULTING}
  q2 = faultQueueAlloc
  fault2 = hwptAlloc dev parent flags=4 data=vtd fault=q2
  send 0000:01:00.0 grpid=1
`;

/** Met by no table: no operation leads to one, memory has to be missing for the other. */
const APART = ['OBJECTS_LEFT', 'FILE_OF_FREED_QUEUE'] as const;

type Apart = HardwareHazard | (typeof APART)[number];

const CASES: Readonly<Record<Exclude<HazardName, Apart>, Case>> = {
  PINNED_MEMORY_GONE: {
    table: `
      ioas = ioasAlloc
      map ioas 0x1000000 0x4000
      m = mock ioas
      memory gone=0x10001000-0x10001fff
    `,
    function: 'pfn_reader_user_pin',
    objects: ['context 1', 'IOAS 1'],
  },
  IOPF_DISABLE_UNBALANCED: {
    table: `${BOTH_ATTACHED}\n detach a\n detach b`,
    function: 'iommufd_fault_iopf_disable',
    objects: ['device 2'],
    planted: 'IopfFeatureEnabled',
    others: ['IOPF_ENABLE_LEAKED'],
  },
  IOPF_ENABLE_LEAKED: {
    table: `${BOTH_ATTACHED}\n detach a\n detach b`,
    function: 'iommufd_fault_iopf_disable',
    objects: ['device 1'],
    planted: 'IopfFeatureEnabled',
    others: ['IOPF_DISABLE_UNBALANCED'],
  },
  IOPF_ON_ONE_MEMBER: {
    table: `${MOCK}\n mockReplace m fault\n other = mock fault flags=256\n trigger other.dev`,
    function: 'iommu_report_device_fault',
    objects: ['iommufd_mock1'],
    planted: 'IopfFeatureEnabled',
  },
  HANDLE_NAMES_GONE_DEVICE: {
    kernel: { baseline: 'LINUX_7_3_4' },
    table: `${BOTH_ATTACHED}\n detach a\n unbind a`,
    function: 'iommufd_device_unbind',
    objects: ['device 1', 'attach handle 1'],
    planted: 'AttachHandleStored',
  },
  HANDLE_DEVICE_USED: {
    kernel: { baseline: 'LINUX_7_3_4' },
    table: `${BOTH_ATTACHED}\n detach a\n unbind a\n send 0000:02:00.1\n read q 40`,
    function: 'iommufd_fault_fops_read',
    objects: ['iopf group 1', 'attach handle 1'],
    planted: 'DeviceUnbound',
    others: ['HANDLE_NAMES_GONE_DEVICE'],
  },
  RESPONSE_TO_GONE_DEVICE: {
    kernel: { baseline: 'LINUX_7_3_4' },
    table: `${BOTH_ATTACHED}
      send 0000:02:00.0
      read q 40
      detach a
      unbind a
      removeDevice 0000:02:00.0
      write q to=1:0`,
    function: 'iopf_group_response',
    objects: ['iopf group 1', 'physical device 2'],
    planted: 'PhysicalDeviceRemoved',
    others: ['HANDLE_NAMES_GONE_DEVICE'],
  },
  WRONG_QUEUE_ANSWERED: {
    kernel: { baseline: 'LINUX_6_15' },
    table: `${ONE_WAITS}\n replace dev fault2`,
    function: 'iommufd_auto_response_faults',
    objects: ['iopf group 1'],
    planted: 'IopfGroupQueued',
  },
  GROUP_OWNED_TWICE: {
    kernel: { baseline: 'LINUX_6_16' },
    table: `${ONE_WAITS}\n detach dev`,
    function: 'iopf_group_response',
    objects: ['iopf group 1'],
    planted: 'IopfGroupFlushed',
  },
  RESERVATIONS_LOST: {
    table: `${SHARED_GROUP}
      m = mock ioas
      foreign = hwptAlloc m.dev ioas
      attach a plain
      replace a foreign -> EINVAL ReservedRegionsRemoved HazardRecorded`,
    function: 'iommufd_device_do_replace',
    objects: ['device 1'],
  },
  RESERVATIONS_LEFT: {
    kernel: { baseline: 'V6_PATCH' },
    table: `${TWO_DRIVERS}
      replace a foreign -> EINVAL ReservedRegionsEnforced ReservedRegionsRemoved HazardRecorded
        .. HazardRecorded`,
    function: 'iommufd_device_do_replace',
    objects: ['device 1'],
    others: ['RESERVATIONS_LOST'],
  },
  PARTIALS_MIXED: {
    table: `${ONE_WAITS}
      send 0000:01:00.0 grpid=7 more
      replace dev fault2
      send 0000:01:00.0 grpid=7`,
    function: 'iopf_group_alloc',
    objects: ['iopf group 2'],
    planted: 'PageRequestCollected',
  },
  PARTIALS_DROPPED: {
    table: `${PCI_FAULTING}\n send 0000:01:00.0 grpid=7 more\n detach dev`,
    function: 'iopf_queue_remove_device',
    objects: ['0000:01:00.0'],
    planted: 'PageRequestCollected',
  },
  NON_LAST_ANSWERED: {
    table: `${MOCK}\n trigger m.dev grpid=7 more`,
    function: 'iommu_report_device_fault',
    objects: ['iommufd_mock0'],
  },
  READ_LOOPS: {
    kernel: { baseline: 'LINUX_6_14' },
    table: `${ONE_WAITS}\n read q 40 buf=0x1000 -> EFAULT HazardRecorded`,
    function: 'iommufd_fault_fops_read',
    objects: ['iopf group 1'],
    planted: 'IopfGroupQueued',
  },
  READ_LOST_GROUP: {
    kernel: { baseline: 'LINUX_6_13' },
    table: `${ONE_WAITS}\n read q 40 buf=0x1000 -> EFAULT IopfGroupLost HazardRecorded`,
    function: 'iommufd_fault_fops_read',
    objects: ['iopf group 1'],
    planted: 'IopfGroupQueued',
  },
  DESTROY_LOST_GROUP: {
    kernel: { baseline: 'LINUX_6_13', inFlightRequests: 'NOT_DRAINED' },
    table: `${PCI_FAULTING}
      send 0000:01:00.0 hold
      detach dev
      resume 1
      read q 40
      destroy fault
      closeFault q
      destroy q`,
    function: 'iommufd_fault_destroy',
    objects: ['iopf group 1'],
    planted: 'IopfGroupRead',
    others: ['STALE_GROUP_QUEUED', 'HANDLE_DEVICE_USED', 'FAULT_FILE_CLOSED'],
  },
  HANDLE_LEAKED: {
    kernel: { baseline: 'V6_PATCH' },
    table: `${TWO_DRIVERS}
      replace a foreignFault -> EINVAL IopfFeatureEnabled IopfEnabled IopfDisabled
        .. IopfFeatureDisabled HazardRecorded`,
    function: '__fault_domain_replace_dev',
    objects: ['device 1'],
  },
  WILD_POINTER: {
    kernel: { baseline: 'V6_PATCH' },
    table: `${PCI_HWPTS}\n attach dev plain\n replace dev fault`,
    function: 'iommufd_fault_domain_replace_dev',
    objects: ['IOMMU group 1'],
  },
  MOVED_BY_UNATTACHED: {
    kernel: { baseline: 'LINUX_6_14' },
    table: `${SHARED_GROUP}\n attach a plain\n replace b fault`,
    function: 'iommufd_device_do_replace',
    objects: ['device 2', 'IOMMU group 2'],
  },
  VIRTFN_UNCHECKED: {
    devices: [
      pci('0000:01:00.0'),
      pci('0000:01:00.1', { physfn: '0000:01:00.0', groupWith: '0000:01:00.0' }),
    ],
    table: `${PCI_FAULTING}\n vf = bind 0000:01:00.1\n attach vf fault`,
    function: 'iommufd_hw_pagetable_attach',
    objects: ['device 8'],
  },
  STALE_GROUP_QUEUED: {
    kernel: { inFlightRequests: 'NOT_DRAINED' },
    table: `${PCI_FAULTING}\n send 0000:01:00.0 hold\n detach dev\n resume 1`,
    function: 'iommufd_fault_iopf_handler',
    objects: ['iopf group 1', 'attach handle 1'],
    planted: 'AttachHandleFreed',
  },
  FAULT_FILE_CLOSED: {
    table: `${ONE_WAITS}\n closeFault q`,
    function: 'iommufd_fault_fops_release',
    objects: ['iopf group 1'],
    planted: 'IopfGroupQueued',
  },
  ANSWERED_UNSEEN: {
    table: `${ONE_WAITS}\n read q 40\n write q to=1:0 given=7`,
    function: 'iommufd_fault_fops_write',
    objects: ['iopf group 1'],
    planted: 'IopfGroupRead',
  },
  FOREIGN_DOMAIN: {
    table: `${MOCK}
      d = bind 0000:01:00.0
      foreign = hwptAlloc d ioas
      mockReplace m foreign`,
    function: 'iommu_replace_group_handle',
    objects: ['hwpt 10', 'IOMMU group 10'],
  },
  UNMAP_PARTIAL: {
    table: `ioas = ioasAlloc
      map ioas 0x1000 0x1000
      map ioas 0x2000 0x2000
      unmap ioas 0x1000 0x2000 -> ENOENT AreaUnmapped HazardRecorded`,
    function: 'iopt_unmap_iova_range',
    objects: ['IOAS 1'],
  },
  IOVA_WRAPPED: {
    kernel: { baseline: 'LINUX_6_16' },
    table: `ioas = ioasAlloc
      allow ioas to=0xffffffffffff9000-0xffffffffffffefff
      map ioas 0 0x5000 va=0x10008000 auto -> 0 {iova=0x0} HazardRecorded AreaMapped`,
    function: 'iopt_alloc_iova',
    objects: ['IOAS 1'],
  },
  DIRTY_BITMAP_INCOMPLETE: {
    table: `ioas = ioasAlloc
      m = mock ioas
      hwpt = hwptAlloc m.dev ioas flags=2
      track hwpt
      map ioas 0x1000000 0x1000
      bitmap hwpt 0x1000000 0x1000 -> 0 {dirtyPages=}
      bitmap hwpt 0x1000000 0x2000 -> 0 {dirtyPages=} HazardRecorded`,
    function: 'iommu_read_and_clear_dirty',
    objects: ['hwpt 5'],
  },
  FAILURE_CODE_RESERVED: {
    kernel: { baseline: 'V6_PATCH' },
    table: `${ONE_WAITS}\n read q 40\n write q to=1:2`,
    function: 'intel_iommu_page_response',
    objects: ['0000:01:00.0'],
  },
  READ_CLAIMS_BYTES: {
    kernel: { baseline: 'V6_PATCH' },
    table: `${ONE_WAITS}\n read q 40 buf=0x50000000`,
    function: 'iommufd_fault_fops_read',
    objects: ['fault queue 5'],
    others: ['READ_LOST_GROUP'],
  },
  DIRTY_BITMAP_SHIFT: {
    kernel: { baseline: 'LINUX_6_13' },
    table: `${MOCK}\n dirty = hwptAlloc m.dev ioas flags=2
      bitmap dirty 0 0x80000000 page=0x80000000`,
    function: 'iova_bitmap_offset_to_index',
    objects: ['hwpt 9'],
    others: ['DIRTY_BITMAP_INCOMPLETE'],
  },
  DIRTY_BITMAP_DIVIDES_BY_ZERO: {
    kernel: { baseline: 'LINUX_6_14' },
    table: `${MOCK}\n dirty = hwptAlloc m.dev ioas flags=2
      bitmap dirty 0 0x8000000000000000 page=0x8000000000000000`,
    function: 'iova_bitmap_offset_to_index',
    objects: ['hwpt 9'],
    others: ['DIRTY_BITMAP_INCOMPLETE'],
  },
  RESERVED_WRAPPED: {
    kernel: { baseline: 'LINUX_6_16' },
    table: 'ioas = ioasAlloc\n reserve ioas 0xfffffffffffff000 0x2000',
    function: 'iopt_reserve_iova',
    objects: ['IOAS 1'],
  },
  FAULT_ID_IGNORED: {
    table: `${PCI_HWPTS}
      hwptAlloc dev parent data=vtd fault=q -> 0 {outHwptId=8} HwptNestedAllocated HazardRecorded`,
    function: 'iommufd_hwpt_alloc',
    objects: ['hwpt 8'],
  },
  FAULT_MEMORY_UNBOUNDED: {
    table: `${PCI_FAULTING}
      ${'send 0000:01:00.0 more\n'.repeat(PARTIAL_REQUESTS_PER_DEVICE_MAX)}
      send 0000:01:00.0 more -> 0 {reportErrno=ENOMEM} PageRequestReported HazardRecorded`,
    function: 'report_partial_fault',
    objects: ['0000:01:00.0'],
  },
  POLICY_LEFT_GROUPS: {
    kernel: { autoResponse: 'ONLY_TO_PLAIN' },
    table: `${ONE_WAITS}\n replace dev fault2`,
    function: 'iommufd_auto_response_faults',
    objects: ['iopf group 1'],
    planted: 'IopfGroupQueued',
  },
  USERS_UNDERFLOW: {
    kernel: { baseline: 'LINUX_7_3_4' },
    table: `${MOCK_PASIDS}\n pasidAttach one 5 wide\n pasidDetach m 5`,
    function: 'iommufd_hw_pagetable_detach',
    objects: ['device 7', 'hwpt 5'],
  },
  FREED_WITH_PASIDS: {
    kernel: { baseline: 'LINUX_7_3_4' },
    table: `${MOCK_PASIDS}\n pasidAttach one 5 wide\n destroy one`,
    function: 'iommufd_object_destroy_user',
    objects: ['device 3'],
    others: ['HANDLE_NAMES_GONE_DEVICE'],
  },
  PASIDS_NOT_JOINED: {
    kernel: { baseline: 'LINUX_7_3_4' },
    table: `${MOCK_PASIDS}\n pasidAttach one 5 wide\n mock wide flags=260`,
    function: 'iommu_probe_device',
    objects: ['iommufd_mock2'],
  },
  PASID_NOT_TAKEN_BACK: {
    kernel: { baseline: 'LINUX_7_3_4' },
    table: `${MOCK_PASIDS}
      pasidAttach one 1024 wide
      pasidReplace one 1024 wide2 -> ENOMEM MockPasidErrorSwitched
      pasidReplace one 1024 wide2 -> ENOMEM MockPasidErrorSwitched MockPasidErrorSwitched
        .. MockPasidErrorSwitched HazardRecorded`,
    function: '__iommu_set_group_pasid',
    objects: ['iommufd_mock0'],
  },
  MSI_WINDOWS: {
    table: `${PCI_HWPTS}\n both = bind 0000:08:00.0
      attach both plain -> EINVAL HazardRecorded ReservedRegionsEnforced`,
    function: 'iopt_table_enforce_dev_resv_regions',
    objects: ['device 8'],
  },
};

/** Runs a table line by line and keeps the type of every event by its seq. */
function record(machine: Machine, table: string): Map<number, EventType> {
  const types = new Map<number, EventType>();
  for (const line of table.replace(/\s*\n\s*\.\. /g, ' ').split('\n')) {
    if (line.trim() === '') continue;
    machine.run(line);
    const { events } = machine.last;
    const first = machine.state.seq - events.length + 1;
    for (const [index, { type }] of events.entries()) types.set(first + index, type);
  }
  return types;
}

test.each(Object.entries(CASES) as [HazardName, Case][])('%s', (name, wanted) => {
  const machine = new Machine(wanted.devices ?? DEVICES, wanted.kernel);
  const types = record(machine, wanted.table);
  const { hazards } = machine.state;
  const recorded = hazards.map(hazard => hazard.name);
  expect([...new Set(recorded)].sort()).toEqual([name, ...(wanted.others ?? [])].sort());
  const hazard = hazards.find(found => found.name === name)!;
  expect(hazard.function).toBe(wanted.function);
  expect(hazard.objects).toEqual(wanted.objects);
  expect(types.get(hazard.seq)).toBe('HazardRecorded');
  const planted = hazard.plantedSeq === null ? undefined : types.get(hazard.plantedSeq);
  expect(planted).toBe(wanted.planted);
});

test.each(Object.entries(HARDWARE_CASES) as [HazardName, HardwareCase][])('%s', (name, wanted) => {
  const rig = wanted.run();
  const { hazards } = rig.state;
  const recorded = hazards.map(hazard => hazard.name);
  expect([...new Set(recorded)].sort()).toEqual([name, ...(wanted.others ?? [])].sort());
  const hazard = hazards.find(found => found.name === name)!;
  expect(hazard.function).toBe(wanted.function);
  expect(hazard.objects).toEqual(wanted.objects);
  expect(rig.eventAt(hazard.plantedSeq)).toBe(wanted.planted);
  rig.checkReplay();
});

// No operation leads there: each object's referrers go before it.
test('OBJECTS_LEFT: a reference that nobody holds', () => {
  const machine = new Machine().run('ioas = ioasAlloc');
  const ioas = machine.state.contexts.get(1)!.objects.get(1)!;
  if (ioas.type === 'IOAS') ioas.accessIds.add(99);
  machine.run(
    'close -> 0 {released=true} ContextFileClosed HazardRecorded{name=OBJECTS_LEFT} ContextReleased',
  );
});

test('FILE_OF_FREED_QUEUE: no file descriptor is left', () => {
  const { state } = new Machine([], { baseline: 'LINUX_6_16' });
  const command = { type: 'FaultQueueAlloc', contextId: 1, flags: 0 } as const;
  execute(state, failing(command, 4));
  expect(state.hazards).toMatchObject([
    {
      name: 'FILE_OF_FREED_QUEUE',
      function: 'iommufd_fault_fops_release',
      objects: ['fault queue 1'],
      plantedSeq: null,
    },
  ]);
});

test('every hazard of the catalog has its case', () => {
  const cases = [...Object.keys(CASES), ...Object.keys(HARDWARE_CASES), ...APART];
  expect(cases.sort()).toEqual(Object.keys(HAZARDS).sort());
});
