/**
 * What an IOMMU answers by itself, line by line, through a machine: a request that reaches no queue,
 * and what its function makes of the answer. IHI 0070 8.1 and 8.2; RISC-V 3.7, recorded; VT-d 7.10.
 */
import { describe, expect, test } from 'vitest';
import {
  type AnswerSettings,
  DEFAULT_ANSWER_SETTINGS,
  type LostBecause,
} from '../../../../src/core/hardware/vendors/automatic-answer.ts';
import type { IommuVendor } from '../../../../src/core/hardware/vendors/names.ts';
import { capacityOf } from '../../../../src/core/hardware/vendors/request-queue.ts';
import { BDF, Rig } from '../rig.ts';

const PASID = 7;
const ENTRIES = 4;

interface Request {
  readonly pasid: number | null;
  readonly lastPage: boolean;
  readonly perm: number;
}

const WITH: Request = { pasid: PASID, lastPage: true, perm: 1 };
const WITHOUT: Request = { ...WITH, pasid: null };
const NOT_LAST: Request = { ...WITH, lastPage: false };
const MARKER: Request = { ...WITH, perm: 0 };
/** A stop marker's bits without a PASID. */
const BARE_MARKER: Request = { ...MARKER, pasid: null };

/** The state of the queue in which a request meets it. */
type Because = LostBecause;

type Line = readonly [
  vendor: IommuVendor,
  because: Because,
  request: Request,
  settings: Partial<AnswerSettings>,
  /** Code and PASID of the IOMMU's own answer; null: none; QUEUED: it is not lost. */
  answer: readonly [code: number, pasid: number | null] | null | 'QUEUED',
];

const PPAR = { answersWithPasid: true };
const NO_PPAR = { answersWithPasid: false };
const PPS = { alwaysWithPasid: true };
const NO_STE = { contextReadable: false };
const AMD_AUTO = { amdAutoResponse: { code: 1, withPasid: false } };
const AMD_PASID = { amdAutoResponse: { code: 0, withPasid: true } };

const LINES: readonly Line[] = [
  // 8.1, "PRI queue overflow": the five lines, and what is silent.
  ['SMMUV3', 'OVERFLOW', WITHOUT, NO_STE, [0, null]],
  ['SMMUV3', 'OVERFLOW', WITH, { ...PPS, ...NO_STE, ...NO_PPAR }, [0, PASID]],
  ['SMMUV3', 'OVERFLOW', WITH, PPAR, [0, PASID]],
  ['SMMUV3', 'OVERFLOW', WITH, NO_PPAR, [0, null]],
  ['SMMUV3', 'OVERFLOW', WITH, NO_STE, [15, null]],
  ['SMMUV3', 'OVERFLOW', NOT_LAST, PPAR, null],
  ['SMMUV3', 'OVERFLOW', MARKER, PPAR, null],
  ['SMMUV3', 'OVERFLOW', BARE_MARKER, PPAR, [0, null]],
  // 8.2: every request, last or not, without PASID; EATS and ATSCHK do not matter.
  ['SMMUV3', 'QUEUE_OFF', WITH, PPS, [15, null]],
  ['SMMUV3', 'QUEUE_OFF', NOT_LAST, PPS, [15, null]],
  ['SMMUV3', 'QUEUE_OFF', MARKER, PPS, null],
  ['SMMUV3', 'QUEUE_BROKEN', WITH, PPS, [15, null]],
  ['SMMUV3', 'QUEUE_BROKEN', NOT_LAST, PPS, [15, null]],
  ['SMMUV3', 'NOT_ALLOWED', WITH, PPS, 'QUEUED'],
  // RISC-V: PRPR decides but for failures.
  ['RISCV', 'OVERFLOW', WITH, PPAR, [0, PASID]],
  ['RISCV', 'OVERFLOW', WITH, NO_PPAR, [0, null]],
  ['RISCV', 'OVERFLOW', NOT_LAST, PPAR, null],
  ['RISCV', 'OVERFLOW', MARKER, PPAR, null],
  ['RISCV', 'QUEUE_OFF', WITH, NO_PPAR, [15, PASID]],
  ['RISCV', 'QUEUE_OFF', NOT_LAST, NO_PPAR, null],
  ['RISCV', 'QUEUE_BROKEN', WITH, NO_PPAR, [15, PASID]],
  ['RISCV', 'QUEUE_BROKEN', NOT_LAST, NO_PPAR, null],
  ['RISCV', 'NO_CONTEXT', WITH, NO_PPAR, [15, PASID]],
  ['RISCV', 'NO_CONTEXT', NOT_LAST, NO_PPAR, null],
  ['RISCV', 'NOT_ALLOWED', WITH, PPAR, [1, PASID]],
  ['RISCV', 'NOT_ALLOWED', WITH, NO_PPAR, [1, null]],
  // VT-d: codes beyond Success are not settled (docs/HARDWARE.md).
  ['VTD', 'OVERFLOW', WITH, {}, [0, PASID]],
  ['VTD', 'OVERFLOW', WITHOUT, {}, [0, null]],
  ['VTD', 'OVERFLOW', NOT_LAST, {}, null],
  ['VTD', 'OVERFLOW', MARKER, {}, null],
  ['VTD', 'QUEUE_OFF', WITH, {}, [15, PASID]],
  ['VTD', 'QUEUE_BROKEN', WITH, {}, [15, PASID]],
  ['VTD', 'NOT_ALLOWED', WITH, {}, [15, PASID]],
  ['CONFORMING', 'OVERFLOW', WITH, {}, [0, PASID]],
  // AMD-Vi is silent unless PprAutoRspEn is set; then the code is software's.
  ['AMD_VI', 'OVERFLOW', WITH, {}, null],
  ['AMD_VI', 'OVERFLOW', WITH, AMD_AUTO, [1, null]],
  ['AMD_VI', 'OVERFLOW', WITH, AMD_PASID, [0, PASID]],
  ['AMD_VI', 'OVERFLOW', NOT_LAST, AMD_AUTO, null],
  ['AMD_VI', 'QUEUE_OFF', WITH, AMD_AUTO, null],
  ['AMD_VI', 'QUEUE_BROKEN', WITH, AMD_AUTO, null],
  ['AMD_VI', 'NOT_ALLOWED', WITH, AMD_AUTO, null],
];

/** A machine whose queue loses the next request. */
function losing(vendor: IommuVendor, because: Because, settings: Partial<AnswerSettings>): Rig {
  const answers = { ...DEFAULT_ANSWER_SETTINGS, ...settings };
  const rig = new Rig({
    iommu: {
      ...{ vendor, answers, prqEntries: ENTRIES, service: 'MANUAL' },
      ...(because === 'QUEUE_BROKEN' ? { prqBroken: true } : {}),
    },
    fn: { priCapacity: 32 },
  });
  switch (because) {
    case 'OVERFLOW':
      for (let grpid = 0; grpid < capacityOf(vendor, ENTRIES); grpid++) rig.request({ grpid });
      break;
    case 'QUEUE_OFF':
      rig.run('PrqSwitch', { iommuNo: 0, enabled: false });
      break;
    case 'NOT_ALLOWED':
      // The driver has taken it off its iopf queue; who owns the function turns PRI on again.
      rig.run('DeviceReplace', { contextId: 1, devId: rig.devId, ptId: rig.parentId });
      rig.run('PriEnable', { bdf: BDF, allocation: 32 });
      break;
    case 'NO_CONTEXT':
      rig.run('DeviceDetach', { contextId: 1, devId: rig.devId });
      rig.run('PriEnable', { bdf: BDF, allocation: 32 });
      break;
    case 'QUEUE_BROKEN':
  }
  return rig;
}

describe.each(LINES)('%s, %s, %j with %j', (vendor, because, request, settings, answer) => {
  const rig = losing(vendor, because, settings);
  const from = rig.events.length;
  rig.request({ grpid: 9, ...request });
  const events = rig.events.slice(from);
  const types = events.map(({ type }) => type);

  test('the IOMMU answers so', () => {
    if (answer === 'QUEUED') {
      expect(types).toContain('PageRequestQueued');
      return;
    }
    expect(events.find(({ type }) => type === 'PageRequestDropped')).toMatchObject({
      why: because,
    });
    const own = rig.of('PageRequestAutoResponded');
    expect(own.map(({ grpid, code, pasid }) => [grpid, code, pasid])).toEqual(
      answer === null ? [] : [[9, ...answer]],
    );
  });

  test('and the function makes that of it', () => {
    const { pri } = rig.device.hardware;
    const outstanding = pri!.outstanding.has(9);
    const counted = request.perm !== 0 || request.pasid === null;
    // What nobody answers stays outstanding; a stop marker never is.
    expect(outstanding).toBe(counted && (answer === null || answer === 'QUEUED'));
    const failed = Array.isArray(answer) && answer[0] === 15;
    expect(pri).toMatchObject({
      enabled: !failed,
      responseFailure: failed,
      unexpectedIndex: false,
    });
    rig.checkReplay();
  });
});

test('whoever is lost for good has a fault record where the vendor has one', () => {
  const codes = (['CONFORMING', 'VTD', 'SMMUV3', 'AMD_VI', 'RISCV'] as const).map(vendor => {
    const rig = losing(vendor, 'NOT_ALLOWED', {});
    rig.request({ grpid: 9, ...WITH });
    return rig.iommu.faultRecords.map(({ code }) => code);
  });
  expect(codes).toEqual([[0x47], [0x47], [], [9], [260]]);
  const blocked = losing('RISCV', 'NO_CONTEXT', {});
  blocked.request({ grpid: 9, ...WITH });
  expect(blocked.iommu.faultRecords).toMatchObject([{ code: 258 }]);
});
