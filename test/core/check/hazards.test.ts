/** Where Linux 6.12.117 itself warns or touches freed memory: recorded, and survived. */
import { describe, expect, test } from 'vitest';
import { DEVICES } from '../../../src/sim/machine.ts';
import { MOCK, PCI_FAULTING, SHARED_GROUP } from '../machine/setups.ts';
import { given, type Machine } from '../machine/table.ts';

const hazards = (machine: Machine) => machine.state.hazards.map(({ name }) => name);

describe('IOPF is counted per device, though a group shares the hwpt', () => {
  test('first in, first out: the last to leave warns and the first keeps its feature', () => {
    const machine = given(DEVICES, SHARED_GROUP).run(`
      attach a fault
      attach b fault
      detach a -> 0 DeviceDetached ReservedRegionsRemoved
      detach b -> 0 DomainDetached AttachHandleErased
        .. HazardRecorded{name=IOPF_DISABLE_UNBALANCED,function=iommufd_fault_iopf_disable}
        .. HazardRecorded{name=IOPF_ENABLE_LEAKED} AttachHandleFreed DeviceDetached
        .. ReservedRegionsRemoved
    `);
    expect(machine.state.physicalDevices.get(2)!.iopfFeature).toBe(true);
    machine.run(`
      attach a fault -> 0 ReservedRegionsEnforced IopfEnabled AttachHandleStored DomainAttached
        .. DeviceAttached
      detach a
      unbind a
      a = bind 0000:02:00.0
      attach a fault -> EBUSY ReservedRegionsEnforced ReservedRegionsRemoved
    `);
    expect(hazards(machine)).toEqual([
      'IOPF_DISABLE_UNBALANCED',
      'IOPF_ENABLE_LEAKED',
      'IOPF_ENABLE_LEAKED',
      'IOPF_ENABLE_LEAKED',
    ]);
  });

  test('last in, first out is clean', () => {
    const machine = given(DEVICES, SHARED_GROUP).run(`
      attach a fault
      attach b fault
      detach b
      detach a
    `);
    expect(hazards(machine)).toEqual([]);
    expect(machine.state.physicalDevices.get(2)!.iopfFeature).toBe(false);
  });

  test('the replace that another member asked for warns too', () => {
    given(DEVICES, SHARED_GROUP).run(`
      attach a plain
      attach b plain
      replace a fault
      replace b plain -> 0 DomainAttached AttachHandleStored
        .. HazardRecorded{name=IOPF_DISABLE_UNBALANCED} HazardRecorded{name=IOPF_ENABLE_LEAKED}
        .. AttachHandleFreed DeviceReplaced
    `);
  });

  test('a mock member that never enabled IOPF is answered INVALID, with a warning', () => {
    given([], 'ioas = ioasAlloc').run(`
      a = mock ioas
      parent = hwptAlloc a.dev ioas flags=1
      q = faultQueueAlloc
      fault = hwptAlloc a.dev parent flags=4 data=mock fault=q
      mockReplace a fault
      b = mock fault flags=256
      trigger b.dev grpid=3 -> 0 {reportErrno=EINVAL} PageRequestReported
        .. HazardRecorded{name=IOPF_ON_ONE_MEMBER,function=iommu_report_device_fault}
        .. PageResponseSent{grpid=3,code=1}
    `);
  });
});

describe('freed memory', () => {
  test('a read names a device that is gone while another still holds the hwpt', () => {
    const machine = given(DEVICES, SHARED_GROUP).run(`
      attach a fault
      attach b fault
      send 0000:02:00.0 grpid=1
      detach a
      unbind a
      read q 40 -> 0 {bytes=40}
        .. HazardRecorded{name=HANDLE_DEVICE_USED,function=iommufd_fault_fops_read} IopfGroupRead
      write q to=1:0
    `);
    expect(hazards(machine)).toEqual([
      'HANDLE_NAMES_GONE_DEVICE',
      'IOPF_ENABLE_LEAKED',
      'HANDLE_DEVICE_USED',
    ]);
  });

  test('so does one whose id another binding has taken', () => {
    const machine = given(DEVICES, SHARED_GROUP).run(`
      attach a fault
      attach b fault
      send 0000:02:00.0 grpid=1
      detach a
      unbind a
      again = bind 0000:03:00.0 -> 0 {outDevId=1} DmaOwnershipClaimed DeviceBound
      read q 40 -> 0 {bytes=40} HazardRecorded IopfGroupRead
    `);
    expect(hazards(machine)).toEqual([
      'HANDLE_NAMES_GONE_DEVICE',
      'IOPF_ENABLE_LEAKED',
      'HANDLE_DEVICE_USED',
    ]);
  });

  test('the answer to a device that was unplugged reaches nobody', () => {
    const machine = given(DEVICES, SHARED_GROUP).run(`
      attach a fault
      attach b fault
      send 0000:02:00.0 grpid=1
      send 0000:02:00.0 grpid=2
      read q 40
      detach a
      unbind a
      removeDevice 0000:02:00.0
      write q to=1:0 -> 0 {bytes=8} PageResponseWritten
        .. HazardRecorded{name=RESPONSE_TO_GONE_DEVICE,function=iopf_group_response}
      detach b -> 0 DomainDetached AttachHandleErased IopfGroupAutoResponded
        .. HazardRecorded{name=RESPONSE_TO_GONE_DEVICE}
        .. HazardRecorded{name=IOPF_DISABLE_UNBALANCED} AttachHandleFreed DeviceDetached
        .. ReservedRegionsRemoved
    `);
    expect(machine.state.iopfGroups.size).toBe(0);
    expect(machine.state.hazardCount).toBe(5);
  });

  test('each hazard says when', () => {
    const machine = given(DEVICES, 'd = bind 0000:08:00.0').run(`
      ioas = ioasAlloc
      attach d ioas -> EINVAL HwptPagingAllocated HazardRecorded ReservedRegionsEnforced
        .. ObjectAborted
    `);
    expect(machine.state.hazards).toEqual([
      {
        name: 'MSI_WINDOWS',
        function: 'iopt_table_enforce_dev_resv_regions',
        detail: 'it has a software MSI window and another one',
        objects: ['device 1'],
        plantedSeq: null,
        seq: machine.state.seq - 2,
      },
    ]);
  });
});

describe('a dirty bitmap that says less than it seems to', () => {
  const TRACKED = `
    ioas = ioasAlloc
    m = mock ioas
    hwpt = hwptAlloc m.dev ioas flags=2
    map ioas 0x1000000 0x1000
  `;

  test('each way is told, and what was read whole is not', () => {
    const machine = given([], TRACKED).run(`
      bitmap hwpt 0x1000000 0x1000 -> 0 HazardRecorded
      track hwpt
      bitmap hwpt 0x1000000 0x1000
      bitmap hwpt 0x1000000 0x1000 flags=1
      bitmap hwpt 0x1000000 0x3000 -> 0 HazardRecorded
      bitmap hwpt 0x2000000 0x1000 -> 0 HazardRecorded
      bitmap hwpt 0x1000800 0x1000 -> EINVAL
    `);
    expect(machine.state.hazards.map(({ detail }) => detail)).toEqual([
      'tracking is off: the driver read nothing',
      'nothing is mapped at 0x1001000: the walk ended there',
      'nothing is mapped at 0x2000000: the walk ended there',
    ]);
  });

  test('the whole space by a length of 0, where a kernel takes that', () => {
    const machine = given([], TRACKED, { baseline: 'LINUX_6_16' }).run('bitmap hwpt 0 0');
    expect(hazards(machine)).toEqual(['DIRTY_BITMAP_INCOMPLETE']);
  });
});

describe('a fault queue whose file is closed: nobody can answer', () => {
  test('nothing waits yet, and what then comes is told, each time', () => {
    const machine = given(DEVICES, PCI_FAULTING).run(`
      send 0000:01:00.0 grpid=7 more
      closeFault q -> 0 FaultFileClosed
      send 0000:01:00.0 grpid=8 more -> 0 PageRequestReported PageRequestCollected
      send 0000:01:00.0 grpid=7 -> 0 {iopfGroupId=1} PageRequestReported IopfGroupQueued
        .. HazardRecorded{name=FAULT_FILE_CLOSED,function=iommufd_fault_iopf_handler}
      send 0000:01:00.0 grpid=9 -> 0 {iopfGroupId=2} PageRequestReported IopfGroupQueued
        .. HazardRecorded{name=FAULT_FILE_CLOSED}
    `);
    expect(machine.state.hazards.map(({ objects }) => objects)).toEqual([
      ['iopf group 1'],
      ['iopf group 2'],
    ]);
    machine.run(`
      detach dev
      send 0000:01:00.0 grpid=10
    `);
    expect(machine.state.hazards.slice(2).map(({ name }) => name)).toEqual(['PARTIALS_DROPPED']);
  });

  test('a hwpt may still be made for it', () => {
    given([], MOCK).run(`
      closeFault q
      late = hwptAlloc m.dev parent flags=4 data=mock fault=q
      mockReplace m late
      trigger m.dev -> 0 {iopfGroupId=1} PageRequestReported IopfGroupQueued
        .. HazardRecorded{name=FAULT_FILE_CLOSED}
    `);
  });
});

test('v6 takes a nested hwpt for a paging one when a replace fails', () => {
  const machine = given(DEVICES, SHARED_GROUP, { baseline: 'V6_PATCH' }).run(`
    ioas2 = ioasAlloc
    m = mock ioas2
    foreign = hwptAlloc m.dev ioas2
    attach a fault
    replace a foreign -> EINVAL ReservedRegionsEnforced HazardRecorded{name=WILD_POINTER}
      .. HazardRecorded{name=RESERVATIONS_LEFT}
  `);
  expect(machine.state.hazards[0]!.function).toBe('iommufd_device_do_replace');
});

test('a fault id is looked at with its flag alone', () => {
  const machine = given(DEVICES, SHARED_GROUP).run(`
    hwptAlloc a ioas fault=99 -> 0 {outHwptId=10} HwptPagingAllocated DomainAdded HazardRecorded
    hwptAlloc a parent data=vtd fault=99 flags=4 -> ENOENT HwptNestedAllocated ObjectAborted
    hwptAlloc a parent data=vtd
  `);
  expect(hazards(machine)).toEqual(['FAULT_ID_IGNORED']);
});

test('an automatic hwpt passed over in a replace that succeeds costs the reservations', () => {
  const machine = given(DEVICES, SHARED_GROUP).run(`
    m = mock ioas
    attach a plain
    replace a ioas -> 0 ReservedRegionsRemoved{deviceId=1}
      .. HazardRecorded{name=RESERVATIONS_LOST} HwptPagingAllocated DomainAdded DomainAttached
      .. AttachHandleStored AttachHandleFreed DeviceReplaced
  `);
  expect(machine.state.hazards[0]!.objects).toEqual(['device 1']);
});
