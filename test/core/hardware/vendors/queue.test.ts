/** Queue arithmetic and the hardware's own answers, a line for each case of each vendor. */
import { describe, expect, test } from 'vitest';
import type { TableFault } from '../../../../src/core/hardware/tables/access.ts';
import {
  type AnswerSettings,
  automaticAnswer,
  DEFAULT_ANSWER_SETTINGS,
  LOST_BECAUSE,
  type LostBecause,
} from '../../../../src/core/hardware/vendors/automatic-answer.ts';
import { TIMEOUT_RULES } from '../../../../src/core/hardware/vendors/invalidation-timeout.ts';
import { IOMMU_VENDORS, type IommuVendor } from '../../../../src/core/hardware/vendors/names.ts';
import type { QueuedPageRequest } from '../../../../src/core/hardware/vendors/page-request.ts';
import {
  capacityOf,
  indexCount,
  isFull,
  nextIndex,
  QUEUE_RULES,
  recordsIn,
  registersOf,
  slotOf,
} from '../../../../src/core/hardware/vendors/request-queue.ts';
import { recordedFault } from '../../../../src/core/hardware/vendors/table-fault.ts';
import { BDF, FUNCTION, PAGE, Rig } from '../rig.ts';

describe('queues', () => {
  test.each([
    ['CONFORMING', 3],
    ['VTD', 3],
    ['SMMUV3', 4],
    ['AMD_VI', 3],
    ['RISCV', 3],
  ] as const)('%s holds %i of 4 records, around the end as well', (vendor, capacity) => {
    for (let start = 0; start < indexCount(vendor, 4); start++) {
      let tail = start;
      const places = () => ({ entries: 4, head: start, tail });
      const slots = new Set<number>();
      for (let records = 0; records < capacity; records++) {
        expect([recordsIn(vendor, places()), isFull(vendor, places())]).toEqual([records, false]);
        slots.add(slotOf(tail, 4));
        tail = nextIndex(vendor, tail, 4);
      }
      expect([recordsIn(vendor, places()), isFull(vendor, places())]).toEqual([capacity, true]);
      expect(slots.size).toBe(capacity);
    }
    expect(capacityOf(vendor, 4)).toBe(capacity);
  });

  test('registers are in bytes or records', () => {
    const places = { entries: 8, head: 3, tail: 7 };
    expect(IOMMU_VENDORS.map(vendor => registersOf(vendor, places))).toEqual([
      { head: 96, tail: 224 },
      { head: 96, tail: 224 },
      { head: 3, tail: 7 },
      { head: 48, tail: 112 },
      { head: 3, tail: 7 },
    ]);
  });

  test('a queue of SMMUv3 with one entry', () => {
    expect(isFull('SMMUV3', { entries: 1, head: 1, tail: 0 })).toBe(true);
    expect(isFull('SMMUV3', { entries: 1, head: 1, tail: 1 })).toBe(false);
  });

  test('Linux’ sizes are within what the registers can say', () => {
    for (const vendor of IOMMU_VENDORS) {
      const { log2Min, log2Max, log2Linux } = QUEUE_RULES[vendor];
      expect(log2Min <= log2Linux && log2Linux <= log2Max).toBe(true);
    }
    expect(2 ** QUEUE_RULES.VTD.log2Linux * QUEUE_RULES.VTD.recordBytes).toBe(64 * 1024);
    expect(2 ** QUEUE_RULES.AMD_VI.log2Linux).toBe(512);
  });
});

const REQUEST: QueuedPageRequest = {
  requesterId: 1,
  pasid: 7,
  read: true,
  write: false,
  execute: false,
  privileged: false,
  last: true,
  prgIndex: 3,
  address: 0x5000n,
};
const WITHOUT_PASID = { ...REQUEST, pasid: null };
const NOT_LAST = { ...REQUEST, last: false };
const STOP_MARKER = { ...REQUEST, read: false };

describe('the hardware’s own answers', () => {
  type Line = readonly [
    vendor: IommuVendor,
    because: LostBecause,
    request: QueuedPageRequest,
    settings: Partial<AnswerSettings>,
    answer: readonly [code: number, pasid: number | null] | null,
  ];
  const PPAR = { answersWithPasid: true };
  const NO_PPAR = { answersWithPasid: false };
  const PPS = { alwaysWithPasid: true };
  const NO_STE = { contextReadable: false };
  const AMD_AUTO = { amdAutoResponse: { code: 1, withPasid: false } };
  const LINES: readonly Line[] = [
    // IHI 0070, 8.1: the five lines of an overflow.
    ['SMMUV3', 'OVERFLOW', WITHOUT_PASID, NO_STE, [0, null]],
    ['SMMUV3', 'OVERFLOW', REQUEST, { ...PPS, ...NO_STE, ...NO_PPAR }, [0, 7]],
    ['SMMUV3', 'OVERFLOW', REQUEST, PPAR, [0, 7]],
    ['SMMUV3', 'OVERFLOW', REQUEST, NO_PPAR, [0, null]],
    ['SMMUV3', 'OVERFLOW', REQUEST, NO_STE, [15, null]],
    ['SMMUV3', 'OVERFLOW', NOT_LAST, PPAR, null],
    ['SMMUV3', 'OVERFLOW', STOP_MARKER, PPAR, null],
    ['SMMUV3', 'OVERFLOW', { ...STOP_MARKER, pasid: null }, PPAR, [0, null]],
    // 8.2: off or broken.
    ['SMMUV3', 'QUEUE_OFF', REQUEST, PPS, [15, null]],
    ['SMMUV3', 'QUEUE_OFF', NOT_LAST, PPS, [15, null]],
    ['SMMUV3', 'QUEUE_BROKEN', WITHOUT_PASID, PPS, [15, null]],
    ['SMMUV3', 'QUEUE_OFF', STOP_MARKER, PPS, null],
    // RISC-V, as recorded.
    ['RISCV', 'OVERFLOW', REQUEST, PPAR, [0, 7]],
    ['RISCV', 'OVERFLOW', REQUEST, NO_PPAR, [0, null]],
    ['RISCV', 'OVERFLOW', NOT_LAST, PPAR, null],
    ['RISCV', 'OVERFLOW', STOP_MARKER, PPAR, null],
    ['RISCV', 'OVERFLOW', { ...STOP_MARKER, pasid: null }, PPAR, null],
    ['RISCV', 'NOT_ALLOWED', REQUEST, PPAR, [1, 7]],
    ['RISCV', 'NOT_ALLOWED', REQUEST, NO_PPAR, [1, null]],
    ['RISCV', 'NO_CONTEXT', REQUEST, NO_PPAR, [15, 7]],
    ['RISCV', 'QUEUE_OFF', REQUEST, NO_PPAR, [15, 7]],
    ['RISCV', 'QUEUE_BROKEN', REQUEST, NO_PPAR, [15, 7]],
    ['RISCV', 'QUEUE_BROKEN', NOT_LAST, NO_PPAR, null],
    // VT-d.
    ['VTD', 'OVERFLOW', REQUEST, {}, [0, 7]],
    ['VTD', 'OVERFLOW', WITHOUT_PASID, {}, [0, null]],
    ['VTD', 'OVERFLOW', NOT_LAST, {}, null],
    ['VTD', 'OVERFLOW', STOP_MARKER, {}, null],
    ['VTD', 'NOT_ALLOWED', REQUEST, {}, [15, 7]],
    ['VTD', 'NOT_ALLOWED', NOT_LAST, {}, null],
    ['CONFORMING', 'OVERFLOW', REQUEST, {}, [0, 7]],
    // AMD-Vi: silent unless turned on.
    ['AMD_VI', 'OVERFLOW', REQUEST, {}, null],
    ['AMD_VI', 'OVERFLOW', REQUEST, AMD_AUTO, [1, null]],
    ['AMD_VI', 'OVERFLOW', NOT_LAST, AMD_AUTO, null],
    ['AMD_VI', 'QUEUE_OFF', REQUEST, AMD_AUTO, null],
  ];

  test.each(LINES)('%s %s %#', (vendor, because, request, settings, answer) => {
    const all = { ...DEFAULT_ANSWER_SETTINGS, ...settings };
    const given = automaticAnswer(vendor, because, request, all);
    expect(given === null ? null : [given.code, given.pasid]).toEqual(answer);
  });

  test('SMMUv3 queues requests of any stream', () => {
    for (const because of ['NOT_ALLOWED', 'NO_CONTEXT'] as const) {
      expect(() => automaticAnswer('SMMUV3', because, REQUEST, DEFAULT_ANSWER_SETTINGS)).toThrow(
        'requests of any stream',
      );
    }
  });

  test('a stop marker is answered by nobody, whatever the reason', () => {
    for (const vendor of IOMMU_VENDORS) {
      for (const because of LOST_BECAUSE) {
        const settings = { ...DEFAULT_ANSWER_SETTINGS, ...AMD_AUTO };
        expect(automaticAnswer(vendor, because, STOP_MARKER, settings)).toBeNull();
      }
    }
  });
});

describe('faults of a walk', () => {
  const READ = { write: false, execute: false, privileged: false };
  const codes = (vendor: IommuVendor, faults: readonly TableFault[], access = READ) =>
    faults.map(fault => recordedFault(vendor, fault, access).code);

  test('VT-d', () => {
    expect(
      codes('VTD', ['NOT_CANONICAL', 'TABLE_UNREADABLE', 'NOT_PRESENT', 'RESERVED', 'PRIVILEGE']),
    ).toEqual([0x80, 0x70, 0x71, 0x72, 0x81]);
    expect(codes('VTD', ['NOT_WRITABLE', 'NOT_EXECUTABLE', 'PRIVILEGED_REQUEST'])).toEqual([
      0x85, 0x82, 0x5d,
    ]);
  });

  test('SMMUv3', () => {
    const faults: TableFault[] = ['NOT_PRESENT', 'ADDRESS_SIZE', 'NOT_ACCESSED', 'NOT_WRITABLE'];
    expect(codes('SMMUV3', faults)).toEqual([0x10, 0x11, 0x12, 0x13]);
  });

  test('RISC-V: by what the access was', () => {
    const faults: TableFault[] = ['NOT_PRESENT', 'TABLE_UNREADABLE'];
    expect(codes('RISCV', faults)).toEqual([13, 21]);
    expect(codes('RISCV', faults, { ...READ, write: true })).toEqual([15, 23]);
    expect(codes('RISCV', faults, { ...READ, execute: true })).toEqual([12, 20]);
    expect(codes('RISCV', ['PRIVILEGED_REQUEST'])).toEqual([260]);
  });

  test('AMD-Vi has one event', () => {
    expect(new Set(codes('AMD_VI', ['NOT_PRESENT', 'RESERVED', 'PRIVILEGE']))).toEqual(
      new Set([2]),
    );
  });
});

describe('an invalidation that a device does not complete', () => {
  test.each([
    ['VTD', 'ITE', true, 64],
    ['SMMUV3', 'CERROR_ATC_INV_SYNC', true, 3],
    ['AMD_VI', 'IOTLB_INV_TIMEOUT', false, 7],
    ['RISCV', 'cmd_to', true, 512],
  ] as const)('%s: %s', (vendor, kind, stopsQueue, code) => {
    expect(TIMEOUT_RULES[vendor]).toEqual({ kind, stopsQueue, code });
    const ats = { ...FUNCTION.ats!, respondsToInvalidation: false };
    const rig = new Rig({ iommu: { vendor, driver: 'CONFORMING' }, fn: { ats } });
    rig.guestMap(0x4000_0000n, 0x2_0000n);
    rig.dma({ iova: 0x4000_0000n });
    const invalidate = () =>
      rig.try({ type: 'AtcInvalidate', bdf: BDF, pasid: null, addr: 0x4000_0000n, size: PAGE });
    expect(invalidate().errno).toBe(0);
    rig.run('HardwareAdvance', { ticks: 100 });
    expect(rig.of('InvalidationTimedOut')).toMatchObject([{ kind }]);
    expect(rig.hazards()).toEqual(['ATC_INVALIDATION_TIMED_OUT']);
    // A queue that has stopped says so and takes no more; AMD-Vi's writes an event and goes on.
    expect(rig.iommu.queueError).toEqual(stopsQueue ? { kind, errorSeq: rig.state.seq - 1 } : null);
    expect(rig.iommu.faultRecords.map(record => [record.code, record.name])).toEqual(
      stopsQueue ? [] : [[code, kind]],
    );
    expect(invalidate().errno).toBe(stopsQueue ? 'EIO' : 0);
    rig.checkReplay();
  });
});
