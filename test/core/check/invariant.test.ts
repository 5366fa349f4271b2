/** Each invariant finds a state that was tampered with, and names the object. */
import { describe, expect, test } from 'vitest';
import { checkInvariants } from '../../../src/core/check/invariant.ts';
import type { Area, IommufdObject, IoptPages } from '../../../src/core/iommufd/state.ts';
import { fromPlain, toPlain } from '../../../src/core/machine/snapshot.ts';
import type { MachineState } from '../../../src/core/machine/state.ts';
import { RangeMap } from '../../../src/core/memory/range-map.ts';
import type { MemoryRange, PagesSource } from '../../../src/core/memory/user-process.ts';
import { DEVICES } from '../../../src/sim/machine.ts';
import { SHARED_GROUP } from '../machine/setups.ts';
import { given } from '../machine/table.ts';

// ids: a 1, b 2, ioas 3, parent 4, plain 5, q 6, fault 7, q2 8, fault2 9, m 10, m.dev 11, auto 12
const machine = given(DEVICES, SHARED_GROUP).run(`
  attach a fault
  attach b fault
  m = mock ioas
  send 0000:02:00.0 grpid=1
  send 0000:02:00.0 grpid=2
  read q 40
  send 0000:02:00.0 grpid=3 more
  open lock=64
  i = ioasAlloc ctx=2
  n = mock i ctx=2
  dirty = hwptAlloc n.dev i flags=2 ctx=2
  map i 0x1000000 0x2000 ctx=2
  map i 0x1003000 0x1000 va=0x10008000 prot=r ctx=2
  acc = access i pins ctx=2
  pin acc 0x1001000 0x1000 ctx=2
  track dirty ctx=2
  dirty dirty 0x1000000 0x800 ctx=2
  reserve i 0x20000000 0x1000 ctx=2
  allow i to=0x40000000-0x40000fff ctx=2
  vfioIoas 1 ioas=1 ctx=2
`);
// ids in context 2: i 1, n 2, n.dev 3, auto 4, dirty 5, acc 6; pages 1 and 2

const second = (state: MachineState) => state.contexts.get(2)!;

function in2<T extends IommufdObject['type']>(state: MachineState, id: number, type: T) {
  return typed(second(state).objects.get(id), type);
}

const ioas = (state: MachineState) => in2(state, 1, 'IOAS');
const area = (state: MachineState) => ioas(state).areas.at(0x100_0000n)! as Mutable<Area>;
const FOREIGN: PagesSource = {
  processId: 9,
  capIpcLock: false,
  rlimitMemlock: null,
  userId: 1000,
};
/** Memory of a process that has no context. */
function know(state: MachineState, list: readonly MemoryRange[]) {
  const ranges = new RangeMap<MemoryRange>();
  for (const range of list) ranges.add(range);
  state.memories.set(9, { ranges, told: false });
}
const pages = (state: MachineState) => second(state).pages.get(1)! as Mutable<IoptPages>;

function object<T extends IommufdObject['type']>(state: MachineState, id: number, type: T) {
  return typed(state.contexts.get(1)!.objects.get(id), type);
}

function typed<T extends IommufdObject['type']>(found: IommufdObject | undefined, type: T) {
  if (found?.type !== type) throw new Error(`no ${type}`);
  return found as Extract<IommufdObject, { type: T }>;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
const group = (state: MachineState) => state.iommuGroups.get(2)!;
const pending = (state: MachineState, id: number) =>
  state.iopfGroups.get(id)! as Mutable<NonNullable<ReturnType<typeof state.iopfGroups.get>>>;

const GONE = { handle: null, device: null, group: null };
const REQUEST = { flags: 2, pasid: 0, grpid: 9, perm: 1, addr: 0n };
const IN_FLIGHT = {
  inFlightId: 1,
  deviceNo: 2,
  request: REQUEST,
  attachHandleId: 1,
  contextId: 1,
  faultId: 6,
  handleFreedSeq: null,
  queueGone: false,
  deviceGoneSeq: null,
  leftIopfQueueSeq: null,
};
const ALL_PAGES = { start: 0x1_0000n, last: 0x1_0001n };

const TAMPERED: readonly (readonly [sentence: string, tamper: (state: MachineState) => void])[] = [
  ['ids are not those of its objects', state => state.contexts.get(1)!.objects.delete(5)],
  ['ids are not those of its objects', state => state.contexts.get(1)!.ids.release(5)],
  ['object 3: wrong list of hwpts', state => object(state, 3, 'IOAS').hwptIds.delete(5)],
  ['wrong list of automatic', state => object(state, 3, 'IOAS').autoHwptIds.clear()],
  ['object 4: its children', state => object(state, 4, 'HWPT_PAGING').childIds.add(5)],
  ['object 6: its hwpts', state => object(state, 6, 'FAULT').hwptIds.add(9)],
  ['hwpt 5 counts the wrong', state => object(state, 5, 'HWPT_PAGING').attachedDeviceIds.add(1)],
  ['hwpt 7 counts the wrong', state => object(state, 7, 'HWPT_NESTED').attachedDeviceIds.delete(2)],
  [
    'a hwpt for PASIDs',
    state => {
      (object(state, 5, 'HWPT_PAGING') as { pasid: boolean }).pasid = true;
    },
  ],
  ['fault-capable paging', state => (object(state, 5, 'HWPT_PAGING').faultId = 6)],
  ['its file is not held', state => state.contexts.get(1)!.fileHolders.delete(6)],
  ['its file is not held', state => (object(state, 6, 'FAULT').fileOpen = false)],
  [
    'nobody holds its file',
    state => {
      state.contexts.get(1)!.fileOpen = false;
      state.contexts.get(1)!.fileHolders.clear();
    },
  ],
  [
    'ranges of domain:99, which is not on it',
    state => object(state, 3, 'IOAS').reserved.set('domain:99', []),
  ],
  [
    'ranges of device:11, which is not attached',
    state => {
      object(state, 3, 'IOAS').reserved.set('device:11', []);
      object(state, 11, 'DEVICE').attached = false;
    },
  ],
  [
    'outside the aperture of hwpt 12',
    state => object(state, 3, 'IOAS').reserved.delete('domain:12'),
  ],
  [
    'what is reserved is not what',
    state => ioas(state).reservedRanges.add({ start: 0n, last: 1n }),
  ],
  ['what is reserved is not what', state => ioas(state).reserved.delete('none')],
  ['what nobody owns is not what', state => ioas(state).ownerless.add({ start: 0n, last: 1n })],
  [
    'what nobody owns is kept more than once',
    state => {
      const range = { start: 0x2000_0000n, last: 0x2000_0fffn };
      ioas(state).ownerless.add(range);
      ioas(state).reservedRanges.add(range);
      ioas(state).reserved.set('none', [range, range]);
    },
  ],
  ['are out of order', state => (ioas(state).allowed = [{ start: 2n, last: 2n }])],
  [
    '[0x20000fff, 0x20001000] is allowed and reserved',
    state => (ioas(state).allowed = [{ start: 0x2000_0fffn, last: 0x2000_1000n }]),
  ],
  ['3 areas counted', state => ioas(state).areas.size++],
  ['meets the one before', state => (area(state).last = 0x100_3000n)],
  ['is mapped and reserved', state => (area(state).start = 0xff_f000n)],
  ['items 6:0 pin [0x1000000, 0x1001fff], listed are ', state => (area(state).pins = null)],
  ['1 areas break 2048', state => (ioas(state).misaligned.by2048 = 1)],
  ['areas break 4096', state => (ioas(state).misaligned.by4096 = 1)],
  ['areas are not aligned to 4096', state => (area(state).start = 0x100_0800n)],
  ['page sizes counted', state => ioas(state).domainPageSizes.set(2048, 1)],
  ['1 accesses pin', state => (ioas(state).pinningAccesses = 0)],
  ['accesses are not those', state => ioas(state).accessIds.clear()],
  [
    'access 6 pinned and may not',
    state => ((in2(state, 6, 'ACCESS') as { needsPinPages: boolean }).needsPinPages = false),
  ],
  ['will give item 0 again', state => (in2(state, 6, 'ACCESS').nextItemId = 0)],
  [
    'item 0 of access 6 pins what is not mapped',
    state => in2(state, 6, 'ACCESS').items.set(0, { start: 0x100_2000n, last: 0x100_2fffn }),
  ],
  ['object 6: its IOAS 3', state => (in2(state, 6, 'ACCESS').ioasId = 3)],
  ['hwpts with dirty pages', state => ioas(state).dirtyHwptIds.clear()],
  ['hwpt 4 tracks', state => (in2(state, 4, 'HWPT_PAGING').dirtyTracking = true)],
  ['which is not mapped', state => in2(state, 5, 'HWPT_PAGING').dirtySlots.set(1, true)],
  ['1 areas lack memory', state => (area(state).userVa = 0n)],
  ['0 areas lack memory, 1 counted', state => (ioas(state).absentAreas = 1)],
  ['memory of process 9: nobody needs it', state => know(state, [{ start: 0n, last: 1n }])],
  ['its ranges are out of order', state => know(state, [{ start: 2n, last: 1n }])],
  ['1 containers are of other processes', state => (pages(state).source = FOREIGN)],
  ['pages are locked by other processes as', state => state.foreignLockedPages.set(9, 1n)],
  ['containers nobody uses', state => second(state).pages.delete(2)],
  ['pages 1: 1 areas, 2 counted', state => (pages(state).areaCount = 2)],
  ['the number will be given again', state => (second(state).nextPagesId = 2)],
  ['an area reaches beyond it', state => (pages(state).length = 0x1000n)],
  ['written through', state => (pages(state).writable = false)],
  ['counted [0x10000, 0x10000] × 2', state => pages(state).pinned.add(ALL_PAGES)],
  ['pages are pinned, 9 counted', state => (pages(state).pinned.covered = 9n)],
  ['3 pages locked', state => (second(state).lockedPages = 4n)],
  ['pages are locked by users as', state => state.userLockedPages.set(7, 1n)],
  ['the IOAS for VFIO, 4,', state => (second(state).vfioIoasId = 4)],
  [
    'its file is not held',
    state => {
      second(state).fileHolders.delete(6);
    },
  ],
  ['IOMMU group 2: a member is gone', state => group(state).deviceNos.push(99)],
  ['not once in IOMMU group', state => group(state).deviceNos.shift()],
  ['binding names no device', state => state.contexts.get(1)!.objects.delete(1)],
  ['not bound to it', state => (state.physicalDevices.get(2)!.binding = null)],
  ['mock device numbers', state => state.mockDevIds.take(2)],
  ['the bdfs known', state => state.bdfs.delete('0000:01:00.0')],
  ['the mock device made last, 1,', state => (state.lastMockDeviceNo = 1)],
  ['DMA ownership does not follow', state => (group(state).ownerContextId = null)],
  ['bound devices are not', state => group(state).boundDeviceIds.add(11)],
  ['wrong list of attached devices', state => group(state).attachedDeviceIds.pop()],
  ['a hwpt without devices, or reverse', state => (group(state).hwptId = null)],
  ['an attach handle without a hwpt', state => (group(state).attachHandleId = null)],
  [
    'the hardware translates through BLOCKING',
    state => (group(state).domain = { kind: 'BLOCKING' }),
  ],
  ['a stale MSI window', state => (state.iommuGroups.get(1)!.swMsiStart = 1n)],
  ['counts IOPF it has not', state => (state.physicalDevices.get(2)!.iopfFeature = false)],
  ['has enabled IOPF 2 times', state => (object(state, 1, 'DEVICE').iopfEnabled = 2)],
  ['2 members have IOPF', state => (state.physicalDevices.get(3)!.iopfFeature = true)],
  ['IOPF that nobody enabled', state => (object(state, 1, 'DEVICE').iopfEnabled = 0)],
  ['1 members have IOPF', state => (state.physicalDevices.get(1)!.iopfFeature = true)],
  [
    'device 2 is on no iopf queue and has requests there',
    state => {
      state.physicalDevices.get(2)!.iopfFeature = false;
    },
  ],
  [
    'waits for the rest of a whole group',
    state =>
      state.physicalDevices.get(2)!.partial.push({
        flags: 2,
        pasid: 0,
        grpid: 0,
        perm: 0,
        addr: 0n,
        attachHandleId: 1,
        collectedSeq: 1,
      }),
  ],
  ['not know since when', state => (state.physicalDevices.get(2)!.iopfFeatureSeq = null)],
  ['driver of device 2 counts', state => (state.physicalDevices.get(2)!.iopfRefcount = 1)],
  ['device 2 counts 0 domains that fault, not 1', state => (state.baseline = 'LINUX_6_16')],
  ['device 3 has IOPF on a hwpt', state => (state.baseline = 'LINUX_6_16')],
  [
    'nothing is reserved for device 1',
    state => object(state, 3, 'IOAS').reserved.delete('device:1'),
  ],
  ['1: freed before its device', state => (pending(state, 1).freed = true)],
  [
    '1: freed, which this kernel does not',
    state => {
      pending(state, 1).freed = true;
      state.baseline = 'LINUX_6_13';
    },
  ],
  ['1: answered and still there', state => (pending(state, 1).responded = true)],
  ['1: that it was freed is not noted', state => (pending(state, 1).freed = true)],
  ['1: that its device is gone', state => state.iopfGroupsPlanted.set(1, { ...GONE, device: 1 })],
  ['9: remembered though', state => state.iopfGroupsPlanted.set(9, GONE)],
  ['2 groups are unanswered', state => (state.physicalDevices.get(2)!.unansweredGroups = 3)],
  ['a group is pending', state => state.physicalDevices.get(2)!.pendingGroupIds.add(1)],
  ['lost groups are pending', state => state.physicalDevices.get(2)!.lostGroups.set(9, REQUEST)],
  ['under another number', state => state.inFlight.set(2, IN_FLIGHT)],
  [
    'whether its attach handle is freed',
    state => state.inFlight.set(1, { ...IN_FLIGHT, attachHandleId: 77 }),
  ],
  [
    'whether its device is gone',
    state => state.inFlight.set(1, { ...IN_FLIGHT, deviceGoneSeq: 1 }),
  ],
  ['1: its fault queue is gone', state => state.inFlight.set(1, { ...IN_FLIGHT, faultId: 7 })],
  ['its device left the iopf queue', state => state.inFlight.set(1, { ...IN_FLIGHT, deviceNo: 3 })],
  [
    'freed by a driver that drains',
    state => state.inFlight.set(1, { ...IN_FLIGHT, handleFreedSeq: 1 }),
  ],
  ['attach handles are not those stored', state => state.attachHandles.delete(1)],
  ['names another hwpt', state => (group(state).hwptId = 9)],
  ['cookies are not those', state => object(state, 6, 'FAULT').cookies.release(1)],
  ['cookies are not those', state => object(state, 6, 'FAULT').awaitingResponse.clear()],
  ['iopf group 2: in 0 places', state => object(state, 6, 'FAULT').deliver.remove(2)],
  ['iopf group 1: in 2 places', state => object(state, 8, 'FAULT').deliver.push(1)],
  ['does not say that it is there', state => (pending(state, 1).cookie = 5)],
  ['does not say that it is there', state => (pending(state, 2).reader = 'READ')],
  ['out of order', state => object(state, 6, 'FAULT').deliver.push(1)],
  ['that was answered', state => state.iopfGroups.delete(2)],
  ['its attach handle is freed', state => (pending(state, 1).attachHandleId = 77)],
  ['leads to another fault queue', state => (object(state, 7, 'HWPT_NESTED').faultId = 8)],
  ['not in the IOMMU group of its', state => (pending(state, 1).deviceNo = 1)],
  ['the last request, and only that', state => (pending(state, 1).requests = [])],
  [
    'requests of several groups',
    state => {
      const [request] = pending(state, 1).requests;
      pending(state, 1).requests = [{ ...request!, flags: 0, grpid: 4 }, request!];
    },
  ],
  ['the next iopf group is 2, which was given', state => (state.nextIopfGroupId = 2)],
  ['the next context is 1, which was given', state => (state.nextContextId = 1)],
  ['the next binding is 1', state => (state.nextBindNo = 1)],
  [
    'two bindings have one number',
    state => {
      (object(state, 2, 'DEVICE') as Mutable<ReturnType<typeof object<'DEVICE'>>>).bindNo = 1;
    },
  ],
];

describe('invariants', () => {
  test('hold in the state they are tried on', () => {
    expect(checkInvariants(machine.state)).toEqual([]);
  });

  test.each(TAMPERED)('find: %s', (sentence, tamper) => {
    const state = fromPlain(toPlain(machine.state));
    tamper(state);
    const found = checkInvariants(state);
    expect(found.filter(violation => violation.includes(sentence))).not.toEqual([]);
    expect(found.every(violation => violation.endsWith('.'))).toBe(true);
  });
});
