/** First stage, second stage, directories and MSIs, case by case as the specification has them. */
import { describe, expect, test } from 'vitest';
import { RISCV_CAPABILITIES } from '../../../../src/core/hardware/riscv/capabilities.ts';
import {
  completionPage,
  type RiscvTranslation,
} from '../../../../src/core/hardware/riscv/completion.ts';
import {
  A,
  D,
  DDT_AT,
  DEVICE_ID,
  G,
  mapSv39,
  pte,
  R,
  RWXU,
  testIommu,
  U,
  V,
  W,
  X,
} from './iommu.ts';

const IOVA = 0x4000_5123n;
const PAGE = 0x7000n;

describe('first stage', () => {
  type Case = readonly [what: string, leaf: bigint, level: number, expected: bigint | string];
  const CASES: readonly Case[] = [
    ['4 KiB page', pte(PAGE, RWXU), 0, 0x7123n],
    ['2 MiB page', pte(0x60_0000n, RWXU), 1, 0x60_5123n],
    ['1 GiB page', pte(0x8000_0000n, RWXU), 2, 0x8000_5123n],
    ['misaligned 2 MiB page', pte(0x60_1000n, RWXU), 1, '13'],
    ['misaligned 1 GiB page', pte(0x8020_0000n, RWXU), 2, '13'],
    ['invalid', 0n, 0, '13'],
    ['write without read', pte(PAGE, V | W | U | A | D), 0, '13'],
    ['no user bit', pte(PAGE, RWXU & ~U), 0, '13'],
    ['not readable', pte(PAGE, V | X | U | A), 0, '13'],
    ['accessed clear', pte(PAGE, RWXU & ~A), 0, '13'],
    ['reserved bit 54', pte(PAGE, RWXU) | (1n << 54n), 0, '13'],
    ['reserved bit 60', pte(PAGE, RWXU) | (1n << 60n), 0, '13'],
    ['memory type 3', pte(PAGE, RWXU) | (3n << 61n), 0, '13'],
    ['memory type NC', pte(PAGE, RWXU) | (1n << 61n), 0, 0x7123n],
    ['table at the last level', pte(PAGE, V), 0, '13'],
    ['64 KiB region', pte(0x2_8000n, RWXU) | (1n << 63n), 0, 0x2_5123n],
    ['64 KiB region, other size', pte(0x2_4000n, RWXU) | (1n << 63n), 0, '13'],
    ['region above the last level', pte(0x60_0000n, RWXU) | (1n << 63n), 1, '13'],
  ];

  test.each(CASES)('%s', (_what, leaf, level, expected) => {
    const { put, outcome } = testIommu();
    mapSv39(put, IOVA, leaf, level);
    expect(outcome(IOVA)).toBe(expected);
  });

  test('bits 60:59 are the software’s where the extension is', () => {
    const capabilities = { ...RISCV_CAPABILITIES, svrsw60t59b: true };
    const { put, outcome } = testIommu({}, { capabilities });
    mapSv39(put, IOVA, pte(PAGE, RWXU) | (3n << 59n));
    expect(outcome(IOVA)).toBe(0x7123n);
  });

  test('addresses are sign-extended', () => {
    const { put, outcome } = testIommu();
    const high = 0xffff_ffc0_4000_5000n;
    mapSv39(put, high, pte(PAGE, RWXU));
    expect(outcome(high)).toBe(0x7000n);
    expect(outcome(0x0000_0040_4000_5000n)).toBe('13');
  });

  test.each([
    ['SV48', 4],
    ['SV57', 5],
  ] as const)('%s has %i levels', (mode, levels) => {
    const { put, outcome } = testIommu({ iosatp: { mode, ppn: 0x200n } });
    for (let level = levels - 1; level > 2; level--) {
      const next = level === 3 ? 0x100000n : BigInt(0x200 + levels - level) << 12n;
      put(BigInt(0x200 + levels - 1 - level) << 12n, pte(next, V));
    }
    mapSv39(put, IOVA, pte(PAGE, RWXU));
    expect(outcome(IOVA)).toBe(0x7123n);
  });

  test('the cause tells read, write and execute apart', () => {
    const { outcome } = testIommu({ pdtv: false });
    expect(outcome(IOVA)).toBe('13');
    expect(outcome(IOVA, { write: true })).toBe('15');
  });

  test('memory that refuses a table is an access fault, poison is its own cause', () => {
    const { put, memory, outcome } = testIommu();
    const place = mapSv39(put, IOVA, pte(PAGE, RWXU));
    memory.faults.set(place, 'ACCESS_FAULT');
    expect(outcome(IOVA)).toBe('5');
    expect(outcome(IOVA, { write: true })).toBe('7');
    memory.faults.set(place, 'DATA_CORRUPTION');
    expect(outcome(IOVA)).toBe('274');
    put(0x101000n + 0n, pte(1n << 50n, V));
    expect(outcome(IOVA)).toBe('5');
  });

  test('accessed and dirty bits are set by the hardware where SADE says so', () => {
    const { put, memory, outcome } = testIommu({ sade: true });
    const place = mapSv39(put, IOVA, pte(PAGE, V | R | W | U));
    expect(outcome(IOVA)).toBe(0x7123n);
    expect(memory.words.get(place)).toBe(pte(PAGE, V | R | W | U | A));
    expect(outcome(IOVA, { write: true })).toBe(0x7123n);
    expect(memory.words.get(place)).toBe(pte(PAGE, V | R | W | U | A | D));
  });

  test('a dirty bit that cannot be stored is an access fault', () => {
    const { put, memory, outcome } = testIommu({ sade: true });
    memory.readOnly.add(mapSv39(put, IOVA, pte(PAGE, V | R | W | U | A)));
    expect(outcome(IOVA, { write: true })).toBe('7');
    expect(outcome(IOVA)).toBe(0x7123n);
  });
});

describe('second stage', () => {
  const IOHGATP = { mode: 'SV39X4', gscid: 3, ppn: 0x200n } as const;
  const guest = { iohgatp: IOHGATP, iosatp: { mode: 'BARE', ppn: 0n } } as const;

  /** Maps 4 KiB at GPA 0x8000 with second-stage tables at 0x200, 0x204, 0x205. */
  function mapped(leaf: bigint, more = {}) {
    const machine = testIommu({ ...guest, ...more });
    machine.put(0x20_0000n, pte(0x20_4000n, V));
    machine.put(0x20_4000n, pte(0x20_5000n, V));
    machine.put(0x20_5000n + 8n * 8n, leaf);
    return machine;
  }

  test.each([
    ['a page', pte(PAGE, RWXU), 0x7123n],
    ['no user bit', pte(PAGE, RWXU & ~U), '21'],
    ['accessed clear', pte(PAGE, RWXU & ~A), '21'],
    ['invalid', 0n, '21'],
    ['beyond memory', pte(1n << 50n, RWXU), '5'],
  ] as const)('%s', (_what, leaf, expected) => {
    expect(mapped(leaf).outcome(0x8123n)).toBe(expected);
  });

  test('a GPA wider than 41 bits faults, one of 40 bits uses the wide root', () => {
    const { put, outcome, faults, access } = mapped(pte(PAGE, RWXU));
    access(1n << 41n);
    expect(faults()).toMatchObject([{ cause: 21, iotval2: 1n << 41n }]);
    put(0x20_0000n + (1n << 10n) * 8n, pte(0x20_4000n, V));
    expect(outcome((1n << 40n) + 0x8123n)).toBe(0x7123n);
  });

  test('the fault on the final address names it; that on a table says implicit', () => {
    const { put, access, faults } = testIommu({
      iohgatp: IOHGATP,
      iosatp: { mode: 'SV39', ppn: 0x8n },
    });
    access(IOVA, { write: true });
    const root = { cause: 23, iotval: IOVA, iotval2: 0x8000n + 8n + 1n };
    expect(faults()).toMatchObject([root]);
    put(0x20_0000n, pte(0x20_4000n, V));
    put(0x20_4000n, pte(0x20_5000n, V));
    put(0x20_5000n + 64n, pte(0x30_0000n, RWXU));
    put(0x30_0000n + 8n, pte(0x4000_0000n, V | R | W | U | A | D));
    access(IOVA);
    expect(faults()).toMatchObject([{ cause: 21, iotval2: 0x4000_5120n }]);
  });

  test('with SADE the walk’s own accesses are writes, and GADE updates the second stage', () => {
    const { put, access, faults, outcome, memory, setDevice, iommu } = testIommu({
      iohgatp: IOHGATP,
      iosatp: { mode: 'SV39', ppn: 0x8n },
      sade: true,
    });
    put(0x20_0000n, pte(0x20_4000n, V));
    put(0x20_4000n, pte(0x20_5000n, V));
    put(0x20_5000n + 64n, pte(0x30_0000n, V | R | U | A));
    access(IOVA);
    expect(faults()).toMatchObject([{ cause: 21, iotval2: 0x8008n | 3n }]);
    put(0x20_5000n + 64n, pte(0x30_0000n, V | R | W | U));
    put(0x20_5000n + 72n, pte(PAGE, V | R | W | U));
    put(0x30_0000n + 8n, pte(0n, V | R | W | U));
    put(0x20_5000n + 5n * 8n, pte(PAGE, V | R | W | U));
    setDevice({ iohgatp: IOHGATP, iosatp: { mode: 'SV39', ppn: 0x8n }, sade: true, gade: true });
    iommu.deviceContexts.clear();
    expect(outcome(IOVA)).toBe(0x7123n);
    expect(memory.words.get(0x20_5000n + 64n)).toBe(pte(0x30_0000n, V | R | W | U | A | D));
    expect(memory.words.get(0x20_5000n + 40n)).toBe(pte(PAGE, V | R | W | U | A));
    expect(memory.words.get(0x30_0008n)).toBe(pte(0n, V | R | W | U | A));
  });

  test('the smaller page of both stages is what is cached', () => {
    const { put, access } = mapped(pte(PAGE, RWXU), { iosatp: { mode: 'SV39', ppn: 0x8n } });
    put(PAGE, pte(0n, RWXU));
    put(0x20_5000n, pte(0x9000n, RWXU));
    expect(access(0x123n)).toMatchObject({ address: 0x9123n, pageShift: 12 });
  });
});

describe('translation requests', () => {
  const request = { addressType: 'TRANSLATION_REQUEST' } as const;

  test.each([
    ['all rights', RWXU, false, { read: true, write: true, execute: true }],
    ['read-only', V | R | U | A, false, { read: true, write: false, execute: false }],
    ['execute without read', V | X | U | A, false, { read: false, write: false, execute: false }],
    ['not dirty, No Write', V | R | W | U | A, true, { read: true, write: false }],
    ['a fault', 0n, false, { read: false, write: false, address: 0n }],
    ['not dirty', V | R | W | U | A, false, { read: false, write: false, address: 0n }],
  ] as const)('%s', (_what, flags, noWrite, expected) => {
    const { put, access, faults } = testIommu();
    mapSv39(put, IOVA, flags === 0n ? 0n : pte(PAGE, flags));
    expect(access(IOVA, { ...request, noWrite })).toMatchObject({ status: 'SUCCESS', ...expected });
    expect(faults()).toEqual([]);
  });

  test('access faults are Completer Abort, what is not allowed Unsupported Request', () => {
    const { put, memory, access, iommu, setDevice, faults } = testIommu();
    memory.faults.set(mapSv39(put, IOVA, 0n), 'ACCESS_FAULT');
    expect(access(IOVA, request).status).toBe('COMPLETER_ABORT');
    setDevice({ enAts: false, enPri: false });
    iommu.deviceContexts.clear();
    expect(access(IOVA, request).status).toBe('UNSUPPORTED_REQUEST');
    expect(faults()).toEqual([]);
    expect(access(IOVA, { addressType: 'TRANSLATED' }).status).toBe('UNSUPPORTED_REQUEST');
    expect(faults()).toMatchObject([{ cause: 260, ttyp: 6 }]);
  });

  test('the size of the page is in the low bits of its number', () => {
    const { put, access } = testIommu();
    mapSv39(put, IOVA, pte(0x60_0000n, RWXU), 1);
    const completion = access(IOVA, request) as RiscvTranslation;
    expect(completionPage(completion)).toEqual({ ppn: 0x600n | 0xffn, s: true });
    const small = { ...completion, pageShift: 12 };
    expect(completionPage(small)).toEqual({ ppn: 0x605n, s: false });
    expect(completionPage({ ...completion, pageShift: 13 })).toEqual({ ppn: 0x604n, s: true });
  });

  test('with T2GPA the answer is a guest address, and translated requests go on from there', () => {
    const { put, access, outcome, iommu } = testIommu({
      t2gpa: true,
      iohgatp: { mode: 'SV39X4', gscid: 3, ppn: 0x200n },
      iosatp: { mode: 'BARE', ppn: 0n },
    });
    put(0x20_0000n, pte(0x20_4000n, V));
    put(0x20_4000n, pte(0x20_5000n, V));
    put(0x20_5000n + 64n, pte(PAGE, RWXU));
    expect(access(0x8123n, request)).toMatchObject({ address: 0x8123n, read: true, write: true });
    put(0x20_5000n + 64n, 0n);
    expect(outcome(0x8123n, { addressType: 'TRANSLATED' })).toBe(0x7123n);
    expect([...iommu.iotlb].map(({ tag, page }) => [tag, page])).toEqual([['3/-', 8]]);
    expect(outcome(0x9000n, { addressType: 'TRANSLATED' })).toBe('21');
  });

  test('with T2GPA the cache answers with the guest address, too', () => {
    const { put, access } = testIommu({
      t2gpa: true,
      iohgatp: { mode: 'SV39X4', gscid: 3, ppn: 0x200n },
      iosatp: { mode: 'SV39', ppn: 0x8n },
    });
    put(0x20_0000n, pte(0x20_4000n, V));
    put(0x20_4000n, pte(0x20_5000n, V));
    put(0x20_5000n + 64n, pte(0x30_0000n, RWXU), pte(PAGE, RWXU));
    put(0x30_0000n + 8n, pte(0n, RWXU));
    const iova = 0x4000_9123n;
    expect(access(iova)).toMatchObject({ address: 0x7123n });
    expect(access(iova, request)).toMatchObject({ address: 0x9123n, read: true, write: true });
  });

  test('without T2GPA translated requests are taken as they are', () => {
    expect(testIommu().outcome(0x1234n, { addressType: 'TRANSLATED' })).toBe(0x1234n);
  });
});

describe('directories', () => {
  test('modes Off and Bare', () => {
    const { iommu, outcome } = testIommu();
    iommu.ddtMode = 'OFF';
    expect(outcome(IOVA)).toBe('256');
    iommu.ddtMode = 'BARE';
    expect(outcome(IOVA)).toBe(IOVA);
    expect(outcome(IOVA, { addressType: 'TRANSLATED' })).toBe('260');
  });

  test('a device_id too wide for the levels, and one without context', () => {
    const { outcome, iommu } = testIommu();
    expect(outcome(IOVA, { deviceId: 64 })).toBe('260');
    expect(outcome(IOVA, { deviceId: 6 })).toBe('258');
    iommu.ddtMode = '2LVL';
    expect(outcome(IOVA, { deviceId: 1 << 15 })).toBe('260');
    expect(outcome(IOVA, { deviceId: (1 << 15) - 1 })).toBe('258');
  });

  test('three levels of directory', () => {
    const { iommu, put, memory, outcome } = testIommu();
    iommu.ddtMode = '3LVL';
    iommu.ddtPpn = 0x50n;
    const deviceId = (2 << 15) | (3 << 6) | DEVICE_ID;
    put(0x50_010n, pte(0x51_000n, V));
    put(0x51_018n, pte(DDT_AT << 12n, V));
    mapSv39(put, IOVA, pte(PAGE, RWXU));
    expect(outcome(IOVA, { deviceId })).toBe(0x7123n);
    iommu.deviceContexts.clear();
    put(0x51_018n, pte(DDT_AT << 12n, V) | 2n);
    expect(outcome(IOVA, { deviceId })).toBe('259');
    memory.faults.set(0x51_018n, 'ACCESS_FAULT');
    expect(outcome(IOVA, { deviceId })).toBe('257');
    memory.faults.set(0x51_018n, 'DATA_CORRUPTION');
    expect(outcome(IOVA, { deviceId })).toBe('268');
  });

  const sv39x4 = { mode: 'SV39X4', gscid: 0, ppn: 0x200n } as const;
  test.each([
    ['PRI without ATS', { enAts: false }, {}],
    ['PRPR without PRI', { enPri: false, prpr: true }, {}],
    ['T2GPA without second stage', { t2gpa: true }, {}],
    ['T2GPA that is not there', { t2gpa: true, iohgatp: sv39x4 }, { t2gpa: false }],
    ['ATS that is not there', {}, { ats: false }],
    ['Sv39 that is not there', {}, { sv39: false }],
    ['Sv39x4 that is not there', { iohgatp: sv39x4 }, { sv39x4: false }],
    ['a root not at 16 KiB', { iohgatp: { ...sv39x4, ppn: 0x202n } }, {}],
    ['DPE without directory', { dpe: true }, {}],
    ['updates that are not there', { sade: true }, { hardwareAccessedDirty: false }],
    ['PD8 that is not there', { pdtv: true, pdtp: { mode: 'PD8', ppn: 1n } }, { pd8: false }],
  ] as const)('misconfigured: %s', (_what, device, missing) => {
    const capabilities = { ...RISCV_CAPABILITIES, ...missing };
    expect(testIommu(device, { capabilities }).outcome(IOVA)).toBe('259');
  });

  test.each([
    ['tc bit 12', 0, 1n << 12n],
    ['big-endian', 0, 1n << 10n],
    ['SXL', 0, 1n << 11n],
    ['ta bit 0', 2, 1n],
    ['fsc bit 44', 3, 1n << 44n],
    ['iosatp mode 1', 3, 9n << 60n],
    ['msiptp mode 2', 4, 2n << 60n],
    ['mask bit 52', 5, 1n << 52n],
    ['last word', 7, 1n],
  ] as const)('reserved: %s', (_what, word, mask) => {
    const { memory, outcome } = testIommu();
    const place = (DDT_AT << 12n) + BigInt(DEVICE_ID * 64 + word * 8);
    memory.words.set(place, (memory.words.get(place) ?? 0n) ^ mask);
    expect(outcome(IOVA)).toBe('259');
  });

  test('faults of a device with DTF are hidden, those of its configuration are not', () => {
    const { outcome, iommu, setDevice } = testIommu({ dtf: true });
    expect(outcome(IOVA)).toBe('UNSUPPORTED_REQUEST');
    setDevice({ dtf: true, dpe: true });
    iommu.deviceContexts.clear();
    expect(outcome(IOVA)).toBe('259');
  });

  const PC = { ta: 1n | (77n << 12n), fsc: (8n << 60n) | 0x100n };
  const directory = { pdtv: true, pdtp: { mode: 'PD17', ppn: 0x300n } } as const;

  function withProcess(ta: bigint, device = {}) {
    const machine = testIommu({ ...directory, ...device });
    machine.put(0x30_0000n + 8n, pte(0x30_1000n, V));
    machine.put(0x30_1000n + 4n * 16n, ta, PC.fsc);
    mapSv39(machine.put, IOVA, pte(PAGE, RWXU));
    return machine;
  }
  const processId = 0x104;

  test('a process context is found and cached; other widths are refused', () => {
    const { outcome, put, iommu } = withProcess(PC.ta);
    expect(outcome(IOVA, { processId })).toBe(0x7123n);
    put(0x30_1040n, 0n);
    expect(outcome(IOVA, { processId })).toBe(0x7123n);
    iommu.processContexts.clear();
    expect(outcome(IOVA, { processId })).toBe('266');
    expect(outcome(IOVA, { processId: 1 << 17 })).toBe('260');
    expect(outcome(IOVA)).toBe(IOVA);
  });

  test.each([
    ['not valid', 0n, '266'],
    ['reserved bit', PC.ta | 8n, '267'],
  ] as const)('%s', (_what, ta, expected) => {
    expect(withProcess(ta).outcome(IOVA, { processId })).toBe(expected);
  });

  test('a mode that is not there, a table that cannot be read, a device without directory', () => {
    const { put, memory, outcome, setDevice, iommu } = withProcess(PC.ta);
    put(0x30_1048n, (7n << 60n) | 0x100n);
    expect(outcome(IOVA, { processId })).toBe('267');
    memory.faults.set(0x30_0008n, 'ACCESS_FAULT');
    expect(outcome(IOVA, { processId })).toBe('265');
    memory.faults.set(0x30_0008n, 'DATA_CORRUPTION');
    expect(outcome(IOVA, { processId })).toBe('269');
    setDevice({});
    iommu.deviceContexts.clear();
    expect(outcome(IOVA, { processId })).toBe('260');
  });

  test('with DPE a request without process_id is of process 0', () => {
    const { put, outcome } = withProcess(PC.ta, { dpe: true });
    put(0x30_0000n, pte(0x30_1000n, V));
    put(0x30_1000n, PC.ta, PC.fsc);
    expect(outcome(IOVA)).toBe(0x7123n);
  });

  test('privilege: ENS, SUM and the user bit', () => {
    const privileged = { processId, privileged: true };
    expect(withProcess(PC.ta).outcome(IOVA, privileged)).toBe('260');
    const ens = withProcess(PC.ta | 2n);
    expect(ens.outcome(IOVA, privileged)).toBe('13');
    const sum = withProcess(PC.ta | 6n);
    expect(sum.outcome(IOVA, privileged)).toBe(0x7123n);
    expect(sum.outcome(IOVA, { ...privileged, execute: true })).toBe('12');
    mapSv39(ens.put, IOVA, pte(PAGE, RWXU & ~U));
    expect(ens.outcome(IOVA, privileged)).toBe(0x7123n);
  });

  test('the directory is guest physical where there is a second stage', () => {
    const { access, faults } = withProcess(PC.ta, { iohgatp: sv39x4 });
    access(IOVA, { processId, write: true });
    expect(faults()).toMatchObject([{ cause: 21, iotval2: 0x30_0008n | 1n, processId }]);
  });

  test('execute counts with a process_id alone', () => {
    const { put, outcome, access, faults } = withProcess(PC.ta);
    mapSv39(put, IOVA, pte(PAGE, V | R | U | A));
    expect(outcome(IOVA, { processId, execute: true })).toBe('12');
    access(IOVA, { processId, execute: true });
    expect(faults()).toMatchObject([{ ttyp: 1 }]);
  });
});

describe('MSIs', () => {
  const device = {
    iosatp: { mode: 'BARE', ppn: 0n },
    msiPpn: 0x400n,
    msiMask: 0b101n,
    msiPattern: 0x28000n,
  } as const;
  const at = (file: bigint) => 0x40_0000n + file * 16n;
  const ADDRESS = 0x2800_4567n;

  test.each([
    ['translated', [pte(0x9000n, 0b111n), 0n], 0x9567n],
    ['not valid', [0n, 0n], '262'],
    ['mode 0', [pte(0x9000n, 1n), 0n], '263'],
    ['custom', [pte(0x9000n, 0b111n) | (1n << 63n), 0n], '263'],
    ['reserved bit', [pte(0x9000n, 0b1111n), 0n], '263'],
    ['reserved word', [pte(0x9000n, 0b111n), 1n], '263'],
    ['MRIF reserved bit', [0b1000_011n, 0n], '263'],
  ] as const)('%s', (_what, words, expected) => {
    const { put, outcome } = testIommu(device);
    put(at(2n), ...words);
    expect(outcome(ADDRESS, { write: true })).toBe(expected);
  });

  test('an interrupt file in memory: its address, the notice, nothing cached', () => {
    const { put, access, iommu } = testIommu(device);
    put(at(2n), (0x1234n << 7n) | 0b011n, (0x99n << 10n) | 5n | (1n << 60n));
    expect(access(ADDRESS, { write: true })).toMatchObject({
      address: 0x9_9567n,
      msi: true,
      untranslatedOnly: true,
      mrif: { address: 0x1234n << 9n, noticeId: (1 << 10) | 5 },
    });
    expect(iommu.iotlb.size).toBe(0);
  });

  test('a large page around the files is cut so that it does not answer for them', () => {
    const { access } = testIommu(device);
    expect(access(0x2801_0000n)).toMatchObject({ address: 0x2801_0000n, pageShift: 16 });
    expect(access(0x2800_2000n)).toMatchObject({ address: 0x2800_2000n, pageShift: 13 });
    expect(access(0x3000_0000n)).toMatchObject({ address: 0x3000_0000n, pageShift: 28 });
  });

  test('memory’s refusals have causes of their own', () => {
    const { memory, outcome } = testIommu(device);
    expect(outcome(0x2801_0000n)).toBe(0x2801_0000n);
    memory.faults.set(at(2n), 'ACCESS_FAULT');
    expect(outcome(ADDRESS)).toBe('261');
    memory.faults.set(at(2n), 'DATA_CORRUPTION');
    expect(outcome(ADDRESS)).toBe('270');
  });

  test('a file cannot be executed', () => {
    const { put, outcome } = testIommu({
      ...device,
      pdtv: true,
      iosatp: { mode: 'BARE', ppn: 0n },
    });
    put(at(2n), pte(0x9000n, 0b111n), 0n);
    expect(outcome(ADDRESS, { processId: 1, execute: true })).toBe('1');
  });
});

describe('the cache', () => {
  test('keeps what was changed without invalidation, until IOTINVAL', () => {
    const { put, outcome } = testIommu();
    const place = mapSv39(put, IOVA, pte(PAGE, RWXU));
    expect(outcome(IOVA)).toBe(0x7123n);
    put(place, 0n);
    expect(outcome(IOVA)).toBe(0x7123n);
  });

  test('denies what the cached rights deny, and walks for what they cannot say', () => {
    const { put, outcome, iommu } = testIommu();
    const place = mapSv39(put, IOVA, pte(PAGE, V | R | U | A));
    expect(outcome(IOVA)).toBe(0x7123n);
    put(place, pte(PAGE, RWXU));
    expect(outcome(IOVA, { write: true })).toBe('15');
    iommu.iotlb.drop({ tag: null, range: null });
    put(place, pte(PAGE, V | R | W | U | A));
    expect(outcome(IOVA)).toBe(0x7123n);
    expect(outcome(IOVA, { write: true })).toBe('15');
    expect(iommu.iotlb.size).toBe(0);
  });

  test('global mappings are those of all levels', () => {
    const { put, outcome, iommu } = testIommu();
    mapSv39(put, IOVA, pte(PAGE, RWXU | G));
    outcome(IOVA);
    expect([...iommu.iotlb].map(({ global }) => global)).toEqual([false]);
    iommu.iotlb.drop({ tag: null, range: null });
    put(0x100000n + 8n, pte(0x101000n, V | G));
    put(0x101000n, pte(0x102000n, V | G));
    outcome(IOVA);
    expect([...iommu.iotlb].map(({ global }) => global)).toEqual([true]);
  });

  test('Bare on both sides is one page as large as there is', () => {
    const { outcome, iommu } = testIommu({ iosatp: { mode: 'BARE', ppn: 0n } });
    expect(outcome(0xffff_ffff_ffff_f123n)).toBe(0xffff_ffff_ffff_f123n);
    expect(outcome(0xffff_0000_0000_0000n)).toBe(0xffff_0000_0000_0000n);
    expect([...iommu.iotlb].map(({ log2Pages }) => log2Pages)).toEqual([36]);
  });
});
