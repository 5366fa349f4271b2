/** For each row of the behaviour table and each of its values, operations that show the value. */

import { expect } from 'vitest';
import type { BaselineName } from '../../../src/abi/baselines.ts';
import { BEHAVIOUR, type Behaviour } from '../../../src/abi/behaviour.ts';
import type { Errno } from '../../../src/abi/errno.ts';
import type { IommuVendor } from '../../../src/core/hardware/vendors/names.ts';
import type { ReplyOf } from '../../../src/core/machine/command.ts';
import type { EventType } from '../../../src/core/machine/event.ts';
import { execute } from '../../../src/core/machine/execute.ts';
import { failing } from '../../../src/core/machine/outside.ts';
import { DEVICES, pci } from '../../../src/sim/machine.ts';
import { Rig } from '../hardware/rig.ts';
import { MEMORY_CASES } from './baseline-cases-memory.ts';
import { PCI_FAULTING, PCI_HWPTS, SHARED_GROUP } from './setups.ts';
import { given, type Kernel, type Machine } from './table.ts';

type Case = (baseline: BaselineName) => void;
type Value<T> = T extends boolean ? 'true' | 'false' : T & string;
type Cases = { readonly [Row in keyof Behaviour]: Readonly<Record<Value<Behaviour[Row]>, Case>> };

/** A case that is a table. */
const runs =
  (setup: string, lines: string): Case =>
  baseline => {
    given(DEVICES, setup, { baseline }).run(lines);
  };

const eventsOf = ({ last }: Machine): EventType[] => last.events.map(({ type }) => type);
const hazardsOf = ({ state }: Machine) => state.hazards.map(({ name }) => name);

function readReply({ last }: Machine): ReplyOf['FaultRead'] {
  return last.reply as ReplyOf['FaultRead'];
}

/** A request that waits in the fault queue of an attached device. */
const ONE_WAITS = `${PCI_FAULTING}
  send 0000:01:00.0 grpid=1
`;

/** A group of two requests and a buffer that ends after one message; user memory ends there. */
const TWO_IN_ONE = `${PCI_FAULTING}
  send 0000:01:00.0 grpid=1 more
  send 0000:01:00.0 grpid=1
`;
const ONE_MESSAGE_FITS = 0x10ff_ffd8;

/** Automatic IOVAs come from the last 32 KiB alone, without the page that is never given. */
const NEAR_THE_END = `
  ioas = ioasAlloc
  allow ioas to=0xffffffffffff9000-0xffffffffffffefff
`;

/** A mock device whose hwpts a PCI function can be asked to take. */
const TWO_DRIVERS = `${SHARED_GROUP}
  ioas2 = ioasAlloc
  m = mock ioas2
  mockParent = hwptAlloc m.dev ioas2 flags=1
  mockFault = hwptAlloc m.dev mockParent flags=4 data=mock fault=q
`;

/** A virtual function in the group of its physical function, and one without PRI. */
const VIRTFNS = [
  pci('0000:01:00.0'),
  pci('0000:01:00.1', { physfn: '0000:01:00.0', groupWith: '0000:01:00.0' }),
  pci('0000:09:00.0', { pri: false }),
  pci('0000:09:00.1', { physfn: '0000:09:00.0', pri: false }),
];
const VIRTFN_HWPTS = `${PCI_FAULTING}
  other = hwptAlloc dev parent flags=4 data=vtd fault=q
  vf = bind 0000:01:00.1
  noPri = bind 0000:09:00.1
  attach vf fault                                # later members are not checked
`;

/** A group that was queued after its device had left, read and not answered. */
const READ_AFTER_DETACH = `${PCI_FAULTING}
  send 0000:01:00.0 grpid=1 hold
  detach dev
  resume 1
  read q 40
  destroy fault
  closeFault q
`;
const NOT_DRAINED: Kernel = { inFlightRequests: 'NOT_DRAINED' };

/** Leaves a group of the old handle in the queue while its device stays on the iopf queue. */
const LEFT_BY_POLICY = `${PCI_HWPTS}
  q2 = faultQueueAlloc
  fault2 = hwptAlloc dev parent flags=4 data=vtd fault=q2
  attach dev fault
  send 0000:01:00.0 grpid=1
  replace dev fault2
`;
const ONLY_TO_PLAIN: Kernel = { autoResponse: 'ONLY_TO_PLAIN' };

/** The errno of a replace whose events are another row's. */
function replaceOf(machine: Machine, device: string, pt: string): Errno {
  const [devId, ptId] = [machine.names.get(device)!, machine.names.get(pt)!];
  return machine.execute({ type: 'DeviceReplace', contextId: 1, devId, ptId }).errno;
}

function stored(machine: Machine): boolean {
  return eventsOf(machine).includes('AttachHandleStored');
}

export const BASELINE_CASES: Cases = {
  faultOnPagingHwpt: {
    NO: runs(
      `${PCI_HWPTS}\n m = mock ioas`,
      `hwptAlloc dev ioas flags=4 fault=q -> EOPNOTSUPP
       hwptAlloc dev ioas flags=4 fault=99 -> EOPNOTSUPP
       hwptAlloc m.dev ioas flags=4 fault=q -> EOPNOTSUPP`,
    ),
    IF_DRIVER_ACCEPTS: runs(
      `${PCI_HWPTS}\n m = mock ioas`,
      `paging = hwptAlloc dev ioas flags=4 fault=q
       hwptAlloc m.dev ioas flags=4 fault=q -> EOPNOTSUPP`,
    ),
    YES: runs(
      `${PCI_HWPTS}\n m = mock ioas`,
      `paging = hwptAlloc dev ioas flags=4 fault=q
       mockPaging = hwptAlloc m.dev ioas flags=4 fault=q
       attach dev paging
       send 0000:01:00.0 grpid=1 -> 0 {reportErrno=0,iopfGroupId=1}
       send 0000:01:00.0 grpid=2 pasid=0 -> 0 {reportErrno=0,iopfGroupId=2}
       send 0000:01:00.0 grpid=3 pasid=5 -> 0 {reportErrno=EINVAL,iopfGroupId=null}
       mockReplace m mockPaging
       trigger m.dev grpid=4 -> 0 {reportErrno=0,iopfGroupId=3}`,
    ),
  },
  faultWithNestParent: {
    false: runs(PCI_HWPTS, 'hwptAlloc dev ioas flags=5 fault=q -> EOPNOTSUPP'),
    true: runs(PCI_HWPTS, 'both = hwptAlloc dev ioas flags=5 fault=q'),
  },
  nestedEnforcesReservedRegions: {
    false: baseline => {
      const machine = given(DEVICES, SHARED_GROUP, { baseline }).run('attach a fault');
      expect(eventsOf(machine)).not.toContain('ReservedRegionsEnforced');
      expect(eventsOf(machine.run('detach a'))).not.toContain('ReservedRegionsRemoved');
    },
    true: baseline => {
      const machine = given(DEVICES, SHARED_GROUP, { baseline }).run('attach a fault');
      expect(eventsOf(machine)).toContain('ReservedRegionsEnforced');
      expect(eventsOf(machine.run('detach a'))).toContain('ReservedRegionsRemoved');
    },
  },
  nestParentDriverChecked: {
    false: runs(
      TWO_DRIVERS,
      `hwptAlloc a mockParent data=mock -> EOPNOTSUPP   # the driver looks at the data first
       hwptAlloc a mockParent data=vtd -> EINVAL`,
    ),
    true: runs(
      TWO_DRIVERS,
      `hwptAlloc a mockParent data=mock -> EINVAL
       hwptAlloc a mockParent data=vtd -> EINVAL`,
    ),
  },
  handleForPlainHwpts: {
    false: baseline => {
      const machine = given(DEVICES, PCI_HWPTS, { baseline }).run('attach dev plain');
      expect(stored(machine)).toBe(false);
      expect(stored(machine.run('replace dev fault'))).toBe(true);
      expect(stored(machine.run('replace dev plain'))).toBe(false);
      expect(eventsOf(machine)).toContain('AttachHandleErased');
      expect(machine.state.attachHandles.size).toBe(0);
    },
    true: baseline => {
      const machine = given(DEVICES, PCI_HWPTS, { baseline }).run('attach dev plain');
      expect(stored(machine)).toBe(true);
      expect(stored(machine.run('replace dev fault'))).toBe(true);
      expect(stored(machine.run('replace dev plain'))).toBe(true);
      expect(machine.state.attachHandles.size).toBe(1);
    },
  },
  handleStoredAfterAttach: {
    false: baseline => {
      const events = eventsOf(given(DEVICES, PCI_FAULTING, { baseline }));
      expect(events.indexOf('AttachHandleStored')).toBeLessThan(events.indexOf('DomainAttached'));
    },
    true: baseline => {
      const events = eventsOf(given(DEVICES, PCI_FAULTING, { baseline }));
      expect(events.indexOf('AttachHandleStored')).toBeGreaterThan(
        events.indexOf('DomainAttached'),
      );
    },
  },
  iopfEnabledBy: {
    IOMMUFD: runs(
      `${SHARED_GROUP}\n attach a fault\n attach b fault`,
      `send 0000:02:00.0 grpid=1 -> 0 {outcome=REPORTED}
       send 0000:02:00.1 grpid=2 -> 0 {outcome=PRI_DISABLED}`,
    ),
    DRIVER: baseline => {
      const machine = given(DEVICES, SHARED_GROUP, { baseline }).run(`
        attach a fault
        send 0000:02:00.0 grpid=1 -> 0 {outcome=REPORTED,reportErrno=0}
        send 0000:02:00.1 grpid=2 -> 0 {outcome=REPORTED,reportErrno=0}
        replace a fault2
        replace a plain
        send 0000:02:00.0 grpid=1 -> 0 {outcome=PRI_DISABLED}
        send 0000:02:00.1 grpid=2 -> 0 {outcome=PRI_DISABLED}
      `);
      expect(hazardsOf(machine)).not.toContain('IOPF_DISABLE_UNBALANCED');
      const counts = [...machine.state.physicalDevices.values()].map(d => d.iopfRefcount);
      expect(new Set(counts)).toEqual(new Set([0]));
      // One member cannot: those that could go back.
      const mixed = [
        pci('0000:01:00.0'),
        pci('0000:01:00.1', { groupWith: '0000:01:00.0', pri: false }),
      ];
      const refused = given(mixed, PCI_HWPTS, { baseline }).run(`
        attach dev plain
        replace dev fault -> ENODEV IopfFeatureEnabled DriverIopfCounted DriverIopfCounted
          .. IopfFeatureDisabled
      `);
      expect(refused.state.physicalDevices.get(1)!.iopfFeature).toBe(false);
    },
  },
  virtfnRefused: {
    ANY_AT_ENABLE: baseline => {
      const machine = given(VIRTFNS, VIRTFN_HWPTS, { baseline }).run(`
        attach noPri fault -> EINVAL
        replace vf other
      `);
      expect(hazardsOf(machine)).toEqual(['VIRTFN_UNCHECKED', 'VIRTFN_UNCHECKED']);
    },
    WITH_PRI_AT_ENABLE: baseline => {
      const machine = given(VIRTFNS, VIRTFN_HWPTS, { baseline }).run(`
        attach noPri fault -> ENODEV
        replace vf other
        replace dev plain
        replace vf fault -> EINVAL
      `);
      expect(hazardsOf(machine)).toEqual(['VIRTFN_UNCHECKED', 'VIRTFN_UNCHECKED']);
    },
    WITH_PRI_ALWAYS: baseline => {
      const machine = given(VIRTFNS, VIRTFN_HWPTS, { baseline });
      expect(replaceOf(machine, 'vf', 'other')).toBe('EINVAL');
      machine.run('attach noPri fault -> ENODEV');
      expect(hazardsOf(machine)).toEqual(['VIRTFN_UNCHECKED']);
    },
  },
  replaceByUnattachedMember: {
    EINVAL: runs(`${SHARED_GROUP}\n attach a plain`, 'replace b fault -> EINVAL'),
    MOVES_GROUP: baseline => {
      const machine = given(DEVICES, `${SHARED_GROUP}\n attach a plain`, { baseline }).run(
        'replace b fault',
      );
      const group = machine.state.iommuGroups.get(2)!;
      expect(group.hwptId).toBe(machine.names.get('fault'));
      expect(group.attachedDeviceIds).toEqual([machine.names.get('a')]);
      expect(hazardsOf(machine)).toContain('MOVED_BY_UNATTACHED');
      machine.run(`
        send 0000:02:00.0 grpid=1 -> 0 {outcome=PRI_DISABLED}
        send 0000:02:00.1 grpid=1 -> 0 {outcome=REPORTED}
      `);
    },
  },
  replaceAnswersQueueOf: {
    OLD_HWPT: baseline => {
      const machine = given(DEVICES, LEFT_BY_POLICY, { baseline });
      expect(eventsOf(machine)).toContain('IopfGroupAutoResponded');
      expect(hazardsOf(machine)).toEqual([]);
      machine.run('poll q -> 0 {readable=false}');
    },
    NEW_HWPT: baseline => {
      const machine = given(DEVICES, LEFT_BY_POLICY, { baseline });
      expect(eventsOf(machine)).not.toContain('IopfGroupAutoResponded');
      expect(hazardsOf(machine)).toEqual(['WRONG_QUEUE_ANSWERED']);
      machine.run('poll q -> 0 {readable=true}');
    },
  },
  missingHandleNoticed: {
    false: baseline => {
      const machine = given(DEVICES, `${PCI_HWPTS}\n attach dev plain`, { baseline });
      machine.run('replace dev fault');
      expect(hazardsOf(machine)).toEqual(['WILD_POINTER']);
      machine.run('replace dev plain\n replace dev nested');
      expect(hazardsOf(machine)).toEqual(['WILD_POINTER']);
    },
    true: baseline => {
      const machine = given(DEVICES, `${PCI_HWPTS}\n attach dev plain`, { baseline });
      expect(hazardsOf(machine.run('replace dev fault'))).toEqual([]);
    },
  },
  replaceReservesInOrderOf: {
    ATTACHMENT: baseline => expect(reservedFor(baseline)).toEqual(['b', 'a']),
    ID: baseline => expect(reservedFor(baseline)).toEqual(['a', 'b']),
  },
  failedReplaceFreesHandle: {
    false: baseline => {
      const machine = given(DEVICES, `${TWO_DRIVERS}\n attach a plain`, { baseline });
      expect(replaceOf(machine, 'a', 'mockFault')).toBe('EINVAL');
      expect(hazardsOf(machine)).toEqual(['HANDLE_LEAKED']);
    },
    true: baseline => {
      const machine = given(DEVICES, `${TWO_DRIVERS}\n attach a plain`, { baseline });
      expect(replaceOf(machine, 'a', 'mockFault')).toBe('EINVAL');
      expect(hazardsOf(machine)).toEqual([]);
    },
  },
  failedReplaceReleasesIn: {
    NEW_IOAS: reservations([true, false], []),
    OLD_IOAS: reservations([false, true], ['RESERVATIONS_LOST', 'RESERVATIONS_LEFT']),
  },
  softwareMsi: {
    COOKIE_AT_ATTACH: baseline => {
      const machine = given(DEVICES, 'd = bind 0000:04:00.0\n ioas = ioasAlloc', { baseline });
      expect(eventsOf(machine.run('attach d ioas'))).toContain('MsiCookieCreated');
    },
    WHEN_USED: baseline => {
      const machine = given(DEVICES, 'd = bind 0000:04:00.0\n ioas = ioasAlloc', { baseline });
      expect(eventsOf(machine.run('attach d ioas'))).not.toContain('MsiCookieCreated');
    },
  },
  readTooSmall: {
    ZERO: runs(ONE_WAITS, 'read q 0 -> 0 {bytes=0}\n read q 40 -> 0 {bytes=40}'),
    EINVAL: runs(ONE_WAITS, 'read q 0 -> EINVAL\n read q 40 -> 0 {bytes=40}'),
  },
  readCopyFault: {
    GROUP_LOST: baseline => {
      const claimed = BEHAVIOUR[baseline].readCopyFaultGives === 'BYTES_LEFT';
      const [gives, more] = claimed ? ['0', 'HazardRecorded'] : ['EFAULT', ''];
      given(DEVICES, ONE_WAITS, { baseline }).run(`
        read q 40 buf=0x1000 -> ${gives} IopfGroupLost HazardRecorded{name=READ_LOST_GROUP} ${more}
        poll q -> 0 {readable=false}
        detach dev
      `);
      const machine = given(DEVICES, TWO_IN_ONE, { baseline }).run(`
        read q 80 buf=${ONE_MESSAGE_FITS} -> 0 {bytes=40} IopfGroupLost HazardRecorded
        write q to=1:0 -> EINVAL
      `);
      // The device is answered when it leaves the iopf queue.
      expect(eventsOf(machine.run('detach dev'))).toContain('PageResponseSent');
    },
    LOOPS: baseline => {
      given(DEVICES, ONE_WAITS, { baseline }).run(`
        read q 40 buf=0x1000 -> EFAULT HazardRecorded{name=READ_LOOPS}
        read q 40 -> 0 {bytes=40}
      `);
      given(DEVICES, TWO_IN_ONE, { baseline }).run(`
        read q 80 buf=${ONE_MESSAGE_FITS} -> 0 {bytes=40}
        poll q -> 0 {readable=true}
      `);
    },
    EFAULT: baseline => {
      given(DEVICES, ONE_WAITS, { baseline }).run(`
        read q 40 buf=0x1000 -> EFAULT
        read q 40 -> 0 {bytes=40}
      `);
      given(DEVICES, TWO_IN_ONE, { baseline }).run(`
        read q 80 buf=${ONE_MESSAGE_FITS} -> EFAULT
        read q 80 -> 0 {bytes=80}
      `);
    },
  },
  writeCopyFault: {
    POSITIVE: runs(`${ONE_WAITS}\n read q 40`, 'write q count=8 -> 0 {bytes=8}\n write q to=1:0'),
    EFAULT: runs(`${ONE_WAITS}\n read q 40`, 'write q count=8 -> EFAULT\n write q to=1:0'),
  },
  responseCodeChecked: {
    false: runs(
      `${ONE_WAITS}\n read q 40`,
      'write q to=1:2 -> 0 {bytes=8} PageResponseWritten{code=2} PageResponseSent{code=2}',
    ),
    true: runs(`${ONE_WAITS}\n read q 40`, 'write q to=1:2 -> EINVAL\n write q to=1:1'),
  },
  pgfaultReserved: {
    UNDEFINED: baseline => {
      const machine = given(DEVICES, `${ONE_WAITS}\n read q 40`, { baseline });
      expect(readReply(machine).faults[0]!.reserved).toBeNull();
    },
    ZERO: baseline => {
      const machine = given(DEVICES, `${ONE_WAITS}\n read q 40`, { baseline });
      expect(readReply(machine).faults[0]!.reserved).toBe(0);
    },
  },
  destroyAnswersDelivered: {
    false: baseline => {
      given(DEVICES, READ_AFTER_DETACH, { baseline, ...NOT_DRAINED }).run(
        'destroy q -> 0 IopfGroupLost HazardRecorded{name=DESTROY_LOST_GROUP} ObjectDestroyed',
      );
    },
    true: baseline => {
      given(DEVICES, READ_AFTER_DETACH, { baseline, ...NOT_DRAINED }).run(
        'destroy q -> 0 IopfGroupAutoResponded PageResponseSent{code=1} ObjectDestroyed',
      );
    },
  },
  groupDequeued: {
    false: baseline => {
      const machine = given(DEVICES, ONE_WAITS, { baseline });
      expect([...machine.state.physicalDevices.get(1)!.pendingGroupIds]).toEqual([1]);
      machine.run('detach dev');
      // Where drivers turn IOPF off they do so first, and answer the group themselves.
      const flushed = BEHAVIOUR[baseline].iopfEnabledBy === 'DRIVER';
      expect(eventsOf(machine).includes('IopfGroupFlushed')).toBe(flushed);
      expect(hazardsOf(machine)).toEqual(flushed ? ['GROUP_OWNED_TWICE'] : []);
    },
    true: baseline => {
      const machine = given(DEVICES, ONE_WAITS, { baseline });
      expect(machine.state.physicalDevices.get(1)!.pendingGroupIds.size).toBe(0);
      machine.run('detach dev');
      expect(eventsOf(machine)).not.toContain('IopfGroupFlushed');
      expect(hazardsOf(machine)).toEqual([]);
    },
  },
  iopfRemoveFreesGroups: {
    false: baseline => {
      const machine = given(DEVICES, LEFT_BY_POLICY, { baseline, ...ONLY_TO_PLAIN });
      machine.run('replace dev plain\n read q 40 -> 0 {bytes=40} HazardRecorded IopfGroupRead');
      expect(hazardsOf(machine)).toEqual(['POLICY_LEFT_GROUPS', 'HANDLE_DEVICE_USED']);
      // It was answered when the device left.
      expect(eventsOf(machine.run('write q to=1:0'))).not.toContain('PageResponseSent');
    },
    true: baseline => {
      const machine = given(DEVICES, LEFT_BY_POLICY, { baseline, ...ONLY_TO_PLAIN });
      const { groupDequeued } = BEHAVIOUR[baseline];
      machine.run('replace dev plain');
      expect(eventsOf(machine).includes('IopfGroupFlushed')).toBe(!groupDequeued);
      machine.run('read q 40 -> 0 {bytes=40} HazardRecorded IopfGroupRead\n write q to=1:0');
      expect(hazardsOf(machine).slice(-1)).toEqual([
        groupDequeued ? 'HANDLE_DEVICE_USED' : 'GROUP_OWNED_TWICE',
      ]);
    },
  },
  bindTakesIdFirst: {
    false: baseline => expect(bindWithoutMemory(baseline)).toBe('EINVAL'),
    true: baseline => expect(bindWithoutMemory(baseline)).toBe('ENOMEM'),
  },
  pasidHwpts: {
    false: runs(
      `${PCI_HWPTS}\n m = mock ioas`,
      `hwptAlloc dev ioas flags=8 -> EOPNOTSUPP
       hwptAlloc m.dev ioas flags=8 -> EOPNOTSUPP
       hwptAlloc dev parent flags=8 data=vtd -> EOPNOTSUPP`,
    ),
    true: baseline => {
      const machine = given(DEVICES, `${PCI_HWPTS}\n m = mock ioas`, { baseline }).run(`
        flagged = hwptAlloc dev ioas flags=9 -> 0 HwptPagingAllocated{pasid=true} DomainAdded
        hwptAlloc dev flagged flags=12 data=vtd fault=q -> 0 HwptNestedAllocated{pasid=true}
          .. HwptFaultQueueAssigned
        hwptAlloc m.dev ioas flags=8 -> 0 HwptPagingAllocated{pasid=true} DomainAdded
        hwptAlloc m.dev ioas flags=24 -> EOPNOTSUPP
        hwptAlloc dev parent flags=24 data=vtd -> EOPNOTSUPP
        attach dev flagged
      `);
      const flags = [...machine.state.contexts.get(1)!.objects.values()].flatMap(object =>
        'pasid' in object ? [object.pasid] : [],
      );
      expect(flags.filter(Boolean)).toHaveLength(3);
    },
  },
  hwInfoPasid: {
    false: runs(PCI_HWPTS, 'hwInfo dev -> 0 {outMaxPasidLog2=0,outCapabilities=0x1}'),
    true: runs(PCI_HWPTS, 'hwInfo dev -> 0 {outMaxPasidLog2=20,outCapabilities=0x7}'),
  },
  hwInfoInputType: {
    false: runs(
      PCI_HWPTS,
      `hwInfo dev flags=1 -> EOPNOTSUPP
       hwInfo dev flags=1 type=1 -> EOPNOTSUPP
       hwInfo dev type=99 -> 0 {outDataType=1}          # never looked at`,
    ),
    true: runs(
      `${PCI_HWPTS}\n m = mock ioas`,
      `hwInfo dev flags=3 type=1 -> EOPNOTSUPP
       hwInfo 99 flags=1 type=99 -> ENOENT
       hwInfo dev flags=1 type=99 -> EOPNOTSUPP
       hwInfo dev flags=1 type=0xfeedbeef -> EOPNOTSUPP
       hwInfo m.dev flags=1 type=1 -> EOPNOTSUPP
       hwInfo dev flags=1 type=1 -> 0 {outDataType=1}
       hwInfo m.dev flags=1 type=0xfeedbeef -> 0 {outDataType=4276993775}
       hwInfo dev flags=1 -> 0 {outDataType=1}
       hwInfo dev type=99 -> 0 {outDataType=1}          # not looked at without the flag`,
    ),
  },
  autoIovaAlignment: {
    WRAPS: baseline => {
      const machine = given([], NEAR_THE_END, { baseline }).run(`
        map ioas 0 0x5000 va=0x10008000 auto -> 0 {iova=0x0} HazardRecorded AreaMapped
        map ioas 0 0x5000 va=0x10008000 auto -> 0 {iova=0x8000} HazardRecorded AreaMapped
        allow ioas to=0xfffffffffff00000-0xffffffffffffefff
        map ioas 0xfffffffffff00000 0xf9000
        map ioas 0 0x5000 va=0x10008000 auto -> EINVAL HazardRecorded
      `);
      const wrapped = Array(3).fill('IOVA_WRAPPED');
      expect(hazardsOf(machine)).toEqual(wrapped);
      machine.run('allow ioas to=0x5000-0x5001\n map ioas 0x5000 1');
      machine.run('map ioas 0 1 va=0x10000000 auto -> 0 {iova=0x5001}');
      expect(hazardsOf(machine)).toEqual(wrapped);
    },
    NO_ROOM: runs(
      NEAR_THE_END,
      `map ioas 0 0x5000 va=0x10008000 auto -> ENOSPC
       allow ioas to=0x5000-0x5001
       map ioas 0x5000 1
       map ioas 0 1 va=0x10000000 auto -> ENOSPC        # not into one byte`,
    ),
  },
  invalidateBounds: {
    false: runs(PCI_HWPTS, 'invalidate 99 len=8192 entries=0//0/1 -> ENOENT {entryNum=0}'),
    true: runs(PCI_HWPTS, 'invalidate 99 len=8192 entries=0//0/1 -> EINVAL {entryNum=0}'),
  },
  invalidateWrongType: {
    ENOENT: runs(PCI_HWPTS, 'invalidate ioas -> ENOENT\n invalidate 99 -> ENOENT'),
    EINVAL: runs(PCI_HWPTS, 'invalidate ioas -> EINVAL\n invalidate 99 -> ENOENT'),
  },
  vtdReportsWithoutPasid: {
    false: baseline => expect(withoutPasid(baseline, 'VTD')).toEqual([1]),
    true: baseline => expect(withoutPasid(baseline, 'VTD')).toEqual(['IopfGroupQueued']),
  },
  amdAnswersRefused: {
    false: baseline => expect(withoutPasid(baseline, 'AMD_VI')).toEqual([]),
    true: baseline => expect(withoutPasid(baseline, 'AMD_VI')).toEqual([2]),
  },
  dirtyBitmapLengthZero: {
    WRAPS: runs(
      `${PCI_HWPTS}\n dirty = hwptAlloc dev ioas flags=2`,
      `bitmap dirty 0 0 page=0 -> EINVAL
       bitmap dirty 0 0 page=0x3000 -> 0
       bitmap dirty 0 0 -> 0
       bitmap dirty 0x1000 0 page=0 -> EOVERFLOW
       bitmap plain 0 0 -> EOPNOTSUPP`,
    ),
    EINVAL: runs(
      `${PCI_HWPTS}\n dirty = hwptAlloc dev ioas flags=2`,
      `bitmap dirty 0 0 -> EINVAL
       bitmap dirty 0x1000 0 -> EINVAL`,
    ),
  },
  ...MEMORY_CASES,
};

/** What a page request without PASID comes to with Linux' driver: a group, or the code answered. */
function withoutPasid(baseline: BaselineName, vendor: IommuVendor) {
  const rig = new Rig({ baseline, iommu: { vendor, driver: 'AS_LINUX' } });
  rig.request({ grpid: 3 });
  const groups = rig.of('IopfGroupQueued').map(({ type }) => type);
  return [...groups, ...rig.of('PageResponseSent').map(({ code }) => code)];
}

/** A device whose DMA is not coherent is bound when memory for the object is missing. */
function bindWithoutMemory(baseline: BaselineName): Errno {
  const { state } = given(DEVICES, '', { baseline });
  const command = { type: 'DeviceBind', contextId: 1, bdf: '0000:05:00.0' } as const;
  return execute(state, failing(command, 1)).errno;
}

/** The order in which a replace reserves for two devices; the one bound last was attached first. */
function reservedFor(baseline: BaselineName): string[] {
  const machine = given(
    DEVICES,
    `${SHARED_GROUP}\n ioas2 = ioasAlloc\n other = hwptAlloc a ioas2`,
    {
      baseline,
    },
  ).run('attach b plain\n attach a plain\n replace a other');
  const names = new Map(['a', 'b'].map(name => [machine.names.get(name)!, name]));
  return machine.last.events.flatMap(event =>
    event.type === 'ReservedRegionsEnforced' ? [names.get(event.deviceId)!] : [],
  );
}

/** After a refused replace from one IOAS to another: which of them reserves the device's ranges. */
function reservations(held: readonly boolean[], hazards: readonly string[]): Case {
  return baseline => {
    const machine = given(DEVICES, `${TWO_DRIVERS}\n attach a plain`, { baseline });
    expect(replaceOf(machine, 'a', 'mockParent')).toBe('EINVAL');
    const objects = machine.state.contexts.get(1)!.objects;
    const reserved = ['ioas', 'ioas2'].map(name => {
      const ioas = objects.get(machine.names.get(name)!);
      return ioas?.type === 'IOAS' && ioas.reserved.has(`device:${machine.names.get('a')}`);
    });
    expect(reserved).toEqual(held);
    expect(hazardsOf(machine)).toEqual(hazards);
  };
}
