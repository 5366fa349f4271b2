/** Reaching a bound is an errno or an answer, never a slow death. The bounds are small here. */
import { describe, expect, test, vi } from 'vitest';
import { pci } from '../../../src/sim/machine.ts';
import { PCI_FAULTING } from './setups.ts';
import { given } from './table.ts';

vi.mock('../../../src/abi/limits.ts', async importOriginal => ({
  ...(await importOriginal<typeof import('../../../src/abi/limits.ts')>()),
  OBJECTS_PER_CONTEXT_MAX: 8,
  CONTEXTS_PER_MACHINE_MAX: 2,
  DEVICES_PER_MACHINE_MAX: 4,
  DEVICES_PER_GROUP_MAX: 2,
  IOPF_GROUPS_QUEUED_MAX: 2,
  PARTIAL_REQUESTS_PER_DEVICE_MAX: 2,
  HAZARDS_LISTED_MAX: 2,
}));

const ONE = [pci('0000:01:00.0')];

describe('limits', () => {
  test('objects of a context: ENOMEM, and what had begun is undone', () => {
    given([...ONE, pci('0000:02:00.0')], PCI_FAULTING).run(`
      eighth = ioasAlloc
      ioasAlloc -> ENOMEM
      ioasAlloc flags=1 -> EOPNOTSUPP
      faultQueueAlloc -> ENOMEM
      hwptAlloc dev eighth -> ENOMEM
      hwptAlloc dev parent flags=4 data=vtd fault=q -> ENOMEM
      bind 0000:02:00.0 -> ENOMEM DmaOwnershipClaimed DmaOwnershipReleased
      replace dev eighth -> ENOMEM
      mock eighth -> ENOMEM
    `);
  });

  test('contexts of a machine', () => {
    given([], 'open').run(`
      open -> ENOMEM
      close
      open -> 0 {contextId=3} ContextOpened
    `);
  });

  test('devices of a machine and of a group', () => {
    given(ONE, 'ioas = ioasAlloc').run(`
      addDevice 0000:01:00.1 groupWith=0000:01:00.0
      addDevice 0000:01:00.2 groupWith=0000:01:00.0 -> ENOMEM
      addDevice 0000:02:00.0
      m = mock ioas
      addDevice 0000:03:00.0 -> ENOMEM
      mock ioas -> ENOMEM ObjectReserved ObjectAborted
      removeDevice 0000:02:00.0
      addDevice 0000:03:00.0
    `);
  });

  test('groups in a fault queue: the next is answered FAILURE, what it collected is dropped', () => {
    const machine = given(ONE, PCI_FAULTING).run(`
      send 0000:01:00.0 grpid=1
      send 0000:01:00.0 grpid=2
      send 0000:01:00.0 grpid=3 more
      send 0000:01:00.0 grpid=4 more
      send 0000:01:00.0 grpid=3 -> 0 {reportErrno=0,iopfGroupId=null} PageRequestReported
        .. HazardRecorded{name=FAULT_MEMORY_UNBOUNDED} PartialRequestsDropped{grpid=3}
        .. HazardRecorded{name=FAILURE_CODE_RESERVED}
        .. PageResponseSent{iopfGroupId=null,grpid=3,code=2}
      read q 40
      send 0000:01:00.0 grpid=4 -> 0 {iopfGroupId=3} PageRequestReported IopfGroupQueued
    `);
    expect(machine.state.iopfGroups.get(3)!.requests).toHaveLength(2);
    expect(machine.state.physicalDevices.get(1)!.partial).toEqual([]);
  });

  test('collected requests of a device: one more is lost, and no answer is due', () => {
    given(ONE, PCI_FAULTING).run(`
      send 0000:01:00.0 grpid=1 more
      send 0000:01:00.0 grpid=2 more
      send 0000:01:00.0 grpid=3 more -> 0 {reportErrno=ENOMEM,iopfGroupId=null} PageRequestReported
        .. HazardRecorded{name=FAULT_MEMORY_UNBOUNDED}
      send 0000:01:00.0 grpid=1 -> 0 {iopfGroupId=1}
      send 0000:01:00.0 grpid=3 more -> 0 {reportErrno=0} PageRequestReported PageRequestCollected
    `);
  });

  test('hazards listed: the newest stay, all are counted', () => {
    const windows = [
      { type: 'SW_MSI', start: 0n, last: 1n },
      { type: 'MSI', start: 2n, last: 3n },
    ] as const;
    const machine = given([pci('0000:01:00.0', { reservedRegions: windows })], 'ioas = ioasAlloc');
    machine.run('d = bind 0000:01:00.0\n hwpt = hwptAlloc d ioas');
    for (let i = 0; i < 3; i++) {
      machine.run('attach d hwpt -> EINVAL HazardRecorded ReservedRegionsEnforced');
    }
    expect(machine.state.hazardCount).toBe(3);
    expect(machine.state.hazards.map(({ seq }) => seq)).toEqual([
      machine.state.seq - 3,
      machine.state.seq - 1,
    ]);
  });
});
