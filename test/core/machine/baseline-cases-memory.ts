/** Of the behaviour table: rows on memory, dirty bitmaps and the self-test's mock devices. */

import { expect } from 'vitest';
import type { BaselineName } from '../../../src/abi/baselines.ts';
import { MOCK_PASID_WIDTH } from '../../../src/abi/uapi.ts';
import type { ReplyOf } from '../../../src/core/machine/command.ts';
import { execute } from '../../../src/core/machine/execute.ts';
import { failing } from '../../../src/core/machine/outside.ts';
import { DEVICES } from '../../../src/sim/machine.ts';
import { MOCK, PCI_FAULTING, PCI_HWPTS } from './setups.ts';
import { given } from './table.ts';

type Case = (baseline: BaselineName) => void;

const runs =
  (setup: string, lines: string): Case =>
  baseline => {
    given(DEVICES, setup, { baseline }).run(lines);
  };

/** Runs lines, and wants these hazards and no others. */
const hazards =
  (setup: string, lines: string, wanted: readonly string[]): Case =>
  baseline => {
    const { state } = given(DEVICES, setup, { baseline }).run(lines);
    expect(state.hazards.map(({ name }) => name)).toEqual(wanted);
  };

/** A mock device and a hwpt that tracks dirty pages. */
const TRACKING = `
  ioas = ioasAlloc
  m = mock ioas
  hwpt = hwptAlloc m.dev ioas flags=2
  track hwpt
`;
/** The first 16 KiB of the aperture, on memory as aligned as they are. */
const MAPPED = `${TRACKING}
  map ioas 0x1000000 0x4000 va=0x10000000
`;

const NO_MEMORY = 0x5000_0000;

/** GET_HW_INFO of a device. */
function hwInfo(baseline: BaselineName, setup: string, name: string): ReplyOf['GetHwInfo'] {
  const { last } = given(DEVICES, setup, { baseline }).run(`hwInfo ${name}`);
  return last.reply as ReplyOf['GetHwInfo'];
}

const GIGANTIC = `${TRACKING}
  bitmap hwpt 0 0x4000000000000000 page=0x40000000
  bitmap hwpt 0 0x4000000000000000 page=0x80000000
  bitmap hwpt 0 0x4000000000000000 page=0x1000000000000000
  bitmap hwpt 0 0x4000000000000000 page=0x2000000000000000
  bitmap hwpt 0 0x8000000000000000 page=0x8000000000000000
`;
const HOLES = Array(5).fill('DIRTY_BITMAP_INCOMPLETE');

/** The hazards of GIGANTIC: each bitmap has a hole, and some what is wrong with their pages. */
function gigantic(name: string, times: number): string[] {
  const wrong = HOLES.length - times;
  return HOLES.flatMap((hole, place) => (place < wrong ? [hole] : [name, hole]));
}

export const MEMORY_CASES = {
  readCopyFaultGives: {
    BYTES_LEFT: (baseline: BaselineName) => {
      const setup = `${PCI_FAULTING}\n send 0000:01:00.0 grpid=1\n send 0000:01:00.0 grpid=2`;
      const { last } = given(DEVICES, setup, { baseline }).run(
        `read q 40 buf=${NO_MEMORY} -> 0 {bytes=40,faults=}
          .. IopfGroupLost HazardRecorded IopfGroupLost HazardRecorded
          .. HazardRecorded{name=READ_CLAIMS_BYTES,function=iommufd_fault_fops_read}`,
      );
      expect(last.trace.at(-1)).toMatchObject({ returned: '40' });
      // Ten bytes before the end of memory are there: thirty are not copied.
      const partly = `${PCI_FAULTING}\n send 0000:01:00.0 grpid=1`;
      given(DEVICES, partly, { baseline }).run(
        `read q 40 buf=${0x1100_0000 - 10} -> 0 {bytes=30,faults=}
          .. IopfGroupLost HazardRecorded HazardRecorded{name=READ_CLAIMS_BYTES}`,
      );
    },
    EFAULT: (baseline: BaselineName) => {
      const setup = `${PCI_FAULTING}\n send 0000:01:00.0 grpid=1`;
      const command = {
        type: 'FaultRead',
        contextId: 1,
        faultId: 5,
        count: 40,
        bufVa: BigInt(NO_MEMORY),
        reader: 'READ',
      } as const;
      const machine = given(DEVICES, setup, { baseline });
      expect(machine.names.get('q')).toBe(command.faultId);
      expect(execute(machine.state, command)).toMatchObject({ errno: 'EFAULT', reply: null });
    },
  },
  abortClosesFileFirst: {
    false: unfinishedQueue(['FILE_OF_FREED_QUEUE']),
    true: unfinishedQueue([]),
  },
  autoIovaAlignmentCapped: {
    false: runs(
      'ioas = ioasAlloc',
      'map ioas 0 0x1000000 va=0x10000000 auto -> 0 {iova=0x1000000} AreaMapped',
    ),
    true: runs(
      'ioas = ioasAlloc',
      'map ioas 0 0x1000000 va=0x10000000 auto -> 0 {iova=0x200000} AreaMapped',
    ),
  },
  dirtyBitmapIndex: {
    SHIFTS_INT: hazards('', GIGANTIC, gigantic('DIRTY_BITMAP_SHIFT', 4)),
    DIVIDES: hazards('', GIGANTIC, gigantic('DIRTY_BITMAP_DIVIDES_BY_ZERO', 2)),
    SHIFTS: hazards('', GIGANTIC, HOLES),
  },
  mapChecksFirst: {
    LENGTH: runs(
      'ioas = ioasAlloc',
      `map ioas 0x1000 0xfffffffffffff001 va=0x2000 -> EINVAL
       map ioas 0x1000 0xfffffffffffff000 va=0x2000 -> EINVAL
       map ioas 0x1000 0xffffffffffffefff va=0x2000 -> EOVERFLOW`,
    ),
    WRAP: runs(
      'ioas = ioasAlloc',
      `map ioas 0x1000 0xfffffffffffff001 va=0x2000 -> EOVERFLOW
       map ioas 0x1000 0xfffffffffffff000 va=0 -> EINVAL
       map ioas 0x1000 0 va=0x2000 -> EINVAL`,
    ),
  },
  hwInfoAts: {
    false: (baseline: BaselineName) => {
      expect(hwInfo(baseline, MOCK, 'm.dev').outCapabilities).toBe(1n);
      const noPri = hwInfo(baseline, 'dev = bind 0000:03:00.0', 'dev');
      expect(noPri.outCapabilities & 8n).toBe(0n);
    },
    true: (baseline: BaselineName) => {
      expect(hwInfo(baseline, MOCK, 'm.dev').outCapabilities).toBe(9n);
      const noDirty = 'ioas = ioasAlloc\n m = mock ioas flags=1';
      expect(hwInfo(baseline, noDirty, 'm.dev').outCapabilities).toBe(8n);
      expect(hwInfo(baseline, PCI_HWPTS, 'dev').outCapabilities & 8n).toBe(0n);
    },
  },
  mockHugeIova: {
    false: runs('ioas = ioasAlloc', 'mock ioas flags=2 -> EINVAL\n m = mock ioas'),
    true: runs('ioas = ioasAlloc', 'm = mock ioas flags=2'),
  },
  mockPasid: {
    false: runs('ioas = ioasAlloc', 'mock ioas flags=4 -> EINVAL\n m = mock ioas'),
    true: (baseline: BaselineName) => {
      const reply = hwInfo(baseline, 'ioas = ioasAlloc\n m = mock ioas flags=4', 'm.dev');
      expect(reply.outMaxPasidLog2).toBe(MOCK_PASID_WIDTH);
      // Only a PCI function has a capability that says which kinds of PASIDs.
      expect(reply.outCapabilities & 6n).toBe(0n);
      expect(hwInfo(baseline, MOCK, 'm.dev').outMaxPasidLog2).toBe(0);
    },
  },
  mockPagingUserData: {
    false: runs(
      MOCK,
      `hwptAlloc m.dev ioas data=mock -> EOPNOTSUPP
       hwptAlloc m.dev parent data=mock len=8 -> EINVAL`,
    ),
    true: runs(
      MOCK,
      `hwptAlloc m.dev ioas data=mock -> 0 HwptPagingAllocated DomainAdded
       hwptAlloc m.dev ioas data=mock len=8 flags=1 -> 0 HwptPagingAllocated DomainAdded
       hwptAlloc m.dev ioas data=mock len=3 -> EINVAL
       hwptAlloc m.dev ioas data=mock len=9 -> EINVAL
       hwptAlloc m.dev ioas data=mockUnmapped -> EFAULT
       hwptAlloc m.dev ioas data=vtd -> EOPNOTSUPP
       hwptAlloc m.dev parent data=mock len=8 -> 0 HwptNestedAllocated`,
    ),
  },
  mdCheckMapFirst: {
    ARGUMENTS: runs(MOCK, 'checkMap 99 0x1 0x1000 -> EINVAL\n checkMap 99 0 0 -> ENOENT'),
    HWPT: runs(MOCK, 'checkMap 99 0x1 0x1000 -> ENOENT\n checkMap m.hwpt 0x1 0x1000 -> EINVAL'),
  },
  testDirtyCounts: {
    MAPPED: runs(TRACKING, 'dirty hwpt 0x1000000 0x4000 bits=0xff -> 0 {outNrDirty=0x0}'),
    GIVEN: runs(
      TRACKING,
      `dirty hwpt 0x1000000 0x4000 bits=0xff -> 0 {outNrDirty=0x8}
       dirty hwpt 0x1000000 0x1000 bits=0xff -> 0 {outNrDirty=0x2}     # two pages were asked about
       bitmap hwpt 0x1000000 0x4000 -> 0 {dirtyPages=}`,
    ),
  },
  testDirtyMarks: {
    IOVA_BY_PAGE_SIZE: runs(
      MAPPED,
      'dirty hwpt 0x2000000 0x1000 page=4096 bits=1 -> 0 {outNrDirty=0x1} PagesDirtied{slots=8192}',
    ),
    IOVA: runs(
      MAPPED,
      `dirty hwpt 0x2000000 0x1000 page=4096 bits=1 -> 0 {outNrDirty=0x1}
       bitmap hwpt 0x1000000 0x4000 -> 0 {dirtyPages=}
       dirty hwpt 0x1001000 0x1000 page=4096 bits=1 -> 0 {outNrDirty=0x1} PagesDirtied
       bitmap hwpt 0x1000000 0x4000 -> 0 {dirtyPages=0x1-0x1} PagesCleaned`,
    ),
  },
  mockDirtyBitOf: {
    IO_PAGE: runs(
      MAPPED,
      `dirty hwpt 0x1000000 0x4000 bits=2 -> 0 {outNrDirty=0x1} PagesDirtied{slots=8193}
       bitmap hwpt 0x1000000 0x4000 page=2048 -> 0 {dirtyPages=0x1-0x1} PagesCleaned{slots=8193}`,
    ),
    LEAF: runs(
      MAPPED,
      `dirty hwpt 0x1000000 0x4000 bits=2 -> 0 {outNrDirty=0x1} PagesDirtied{slots=8192|8193}
       bitmap hwpt 0x1000000 0x800 page=2048 flags=1 -> 0 {dirtyPages=0x0-0x1}   # past its end
       bitmap hwpt 0x1000800 0x800 page=2048 flags=1 -> 0 {dirtyPages=}          # begins inside
       bitmap hwpt 0x1000800 0x800 page=2048 -> 0 {dirtyPages=} PagesCleaned{slots=8192|8193}
       # Half a page off: its ends are leaves of half a page, what lies between is not.
       map ioas 0x1010800 0x2800 va=0x10010800
       dirty hwpt 0x1010800 0x2800 bits=3 -> 0 {outNrDirty=0x2} PagesDirtied{slots=8225|8226|8227}
       bitmap hwpt 0x1010800 0x2800 page=2048 -> 0 {dirtyPages=0x0-0x2} PagesCleaned
       # Address and IOVA half a page apart: every leaf is half a page.
       map ioas 0x1020000 0x3000 va=0x10020800
       dirty hwpt 0x1020000 0x3000 bits=2 -> 0 {outNrDirty=0x1} PagesDirtied{slots=8257}
       bitmap hwpt 0x1020000 0x3000 page=2048 -> 0 {dirtyPages=0x1-0x1} PagesCleaned`,
    ),
  },
  mockDirtyWhenOff: {
    NOTHING: runs(
      MAPPED,
      `dirty hwpt 0x1000000 0x4000 bits=3
       track hwpt flags=0
       bitmap hwpt 0x1000000 0x4000 -> 0 {dirtyPages=} HazardRecorded{name=DIRTY_BITMAP_INCOMPLETE}`,
    ),
    MARKED: hazards(
      MAPPED,
      `dirty hwpt 0x1000000 0x4000 bits=3
       track hwpt flags=0
       bitmap hwpt 0x1000000 0x4000 flags=1 -> 0 {dirtyPages=0x0-0x0}
       track hwpt -> 0 PagesCleaned DirtyTrackingSet
       bitmap hwpt 0x1000000 0x4000 -> 0 {dirtyPages=}`,
      [],
    ),
  },
  addReservedChecked: {
    false: hazards(
      `ioas = ioasAlloc
       map ioas 0x10000 0x3000`,
      `reserve 99 0x1000 0 -> ENOENT
       reserve ioas 0x1000 0 -> 0 HazardRecorded{name=RESERVED_WRAPPED}
       reserve ioas 0x1000 MAX -> 0 HazardRecorded{name=RESERVED_WRAPPED}
       reserve ioas 0x12000 MAX -> EADDRINUSE        # the area holds both ends
       reserve ioas 0 0 -> EADDRINUSE                # all of it, and something is mapped
       ranges ioas -> 0 {numIovas=1}
       unmap ioas 0 MAX
       reserve ioas 0 0 -> 0 ReservedRangeAdded
       ranges ioas -> 0 {numIovas=0}`,
      ['RESERVED_WRAPPED', 'RESERVED_WRAPPED'],
    ),
    true: runs(
      'ioas = ioasAlloc',
      'reserve 99 0x1000 0 -> EINVAL\n reserve 99 0x1000 MAX -> EOVERFLOW',
    ),
  },
} as const;

/** No file descriptor is left for the file of a new fault queue. */
function unfinishedQueue(wanted: readonly string[]): Case {
  return baseline => {
    const { state } = given([], '', { baseline });
    const command = { type: 'FaultQueueAlloc', contextId: 1, flags: 0 } as const;
    const { errno, trace } = execute(state, failing(command, 4));
    expect(errno).toBe('ENOMEM');
    expect(trace.at(-1)!.function).toBe('get_unused_fd_flags');
    expect(state.hazards.map(({ name }) => name)).toEqual(wanted);
  };
}
