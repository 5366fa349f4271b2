/**
 * What crosses between an IOMMU and its software, in each vendor's bits, through a machine: words made
 * by hand from the layouts in docs/HARDWARE.md.
 */
import { describe, expect, test } from 'vitest';
import { recordWords, wordsOf } from '../../../../src/core/hardware/raw.ts';
import type { IommuVendor } from '../../../../src/core/hardware/vendors/names.ts';
import type { EventType } from '../../../../src/core/machine/event.ts';
import { evolve } from '../../../../src/core/machine/evolve.ts';
import { initialState } from '../../../../src/core/machine/state.ts';
import { BDF, Rig, type RigOptions } from '../rig.ts';

/** Requester 0100h, PASID 5, a write, group index 7. */
const WRITE = { iova: 0x4000_3000n, write: true, pasid: 5 } as const;
const INDEX_7 = { prgIndex: { kind: 'FIXED', index: 7 } } as const;

/** The words of the last event of a kind, from the state that it met. */
function lastWords(rig: Rig, type: EventType): string[] {
  const place = rig.events.findLastIndex(event => event.type === type);
  const before = initialState();
  for (const event of rig.events.slice(0, place)) evolve(before, event);
  return hex(wordsOf(before, rig.events[place]!));
}

const hex = (words: readonly bigint[]) => words.map(word => `0x${word.toString(16)}`);

type Words = Readonly<Record<IommuVendor, readonly string[]>>;

/** 3:0 type 9, 4 PASID present, 15:12 code, 31:16 requester, 51:32 PASID; 11:3 index. */
const vtdResponse = (code: number) => [`0x50100${code.toString(16)}019`, '0x38', '0x0', '0x0'];

const RESPONSES: Readonly<Record<'SUCCESS' | 'INVALID' | 'FAILURE', Words>> = {
  SUCCESS: {
    CONFORMING: vtdResponse(0),
    VTD: vtdResponse(0),
    // 7:0 41h, 11 SSV, 31:12 SubstreamID, 63:32 StreamID; 8:0 index, 13:12 Resp: 10b is Success.
    SMMUV3: ['0x10000005841', '0x2007'],
    // 15:0 device, 51:32 PASID, 63:60 opcode 7; 2 GN, 40:32 tag, 47:44 status.
    AMD_VI: ['0x7000000500000100', '0x700000004'],
    // 6:0 opcode 4, 9:7 func3 1, 31:12 PID, 32 PV, 55:40 RID; 40:32 index, 47:44 code.
    RISCV: ['0x1000100005084', '0x700000000'],
  },
  INVALID: {
    CONFORMING: vtdResponse(1),
    VTD: vtdResponse(1),
    SMMUV3: ['0x10000005841', '0x1007'],
    AMD_VI: ['0x7000000500000100', '0x100700000004'],
    RISCV: ['0x1000100005084', '0x100700000000'],
  },
  // A driver that conforms writes PCIe's 15; SMMUv3's Resp is 00b.
  FAILURE: {
    CONFORMING: vtdResponse(15),
    VTD: vtdResponse(15),
    SMMUV3: ['0x10000005841', '0x7'],
    AMD_VI: ['0x7000000500000100', '0xf00700000004'],
    RISCV: ['0x1000100005084', '0xf00700000000'],
  },
};

const vtdFault = ['0x40003000', '0x8000057180000100'];

/** The guest's entry is not present, and nobody can be asked. */
const FAULTS: Words = {
  // 63:12 address; 15:0 requester, 31 PASID present, 39:32 reason 71h, 59:40 PASID, 62 T1, 63 F.
  CONFORMING: vtdFault,
  VTD: vtdFault,
  // 7:0 F_TRANSLATION 10h, 11 SSV, 31:12 SubstreamID, 63:32 StreamID; 35 RnW, 41:40 CLASS IN.
  SMMUV3: ['0x10000005810', '0x20000000000', '0x40003000', '0x0'],
  // 15:0 device, 47:32 PASID, 48 GN, 50 US, 53 RW, 63:60 IO_PAGE_FAULT 2.
  AMD_VI: ['0x2025000500000100', '0x40003000'],
  // 11:0 cause 15, 31:12 PID, 32 PV, 39:34 TTYP 3, 63:40 DID; iotval; iotval2.
  RISCV: ['0x1000d0000500f', '0x0', '0x40003000', '0x0'],
};

const VENDORS = Object.keys(FAULTS) as IommuVendor[];

describe.each(VENDORS)('%s', vendor => {
  test.each(Object.entries(RESPONSES))('a response of %s', (name, words) => {
    const code = { SUCCESS: 0, INVALID: 1, FAILURE: 2 }[name]!;
    const rig = new Rig({ baseline: 'V6_PATCH', iommu: { vendor } });
    rig.dma({ ...WRITE, options: INDEX_7 });
    rig.answer(rig.read()[0]!, code);
    expect(lastWords(rig, 'PageResponseSent')).toEqual(words[vendor]);
  });

  test('a fault record, as it is recorded and as the IOMMU lists it', () => {
    const rig = new Rig({ iommu: { vendor }, fn: { ats: null } });
    rig.dma(WRITE);
    expect(lastWords(rig, 'FaultRecorded')).toEqual(FAULTS[vendor]);
    const [record] = rig.iommu.faultRecords;
    expect(hex(recordWords(rig.state, record!))).toEqual(FAULTS[vendor]);
    rig.checkReplay();
  });
});

test('a response to a request without a PASID has none', () => {
  const rig = new Rig({ iommu: { vendor: 'VTD' } });
  rig.dma({ ...WRITE, pasid: null, options: INDEX_7 });
  rig.answer(rig.read()[0]!, 0);
  expect(lastWords(rig, 'PageResponseSent')).toEqual(['0x1000009', '0x38', '0x0', '0x0']);
});

test('Linux writes its own number for FAILURE on VT-d and AMD-Vi', () => {
  const failed = (vendor: IommuVendor, baseline: RigOptions['baseline']) => {
    const rig = new Rig({ baseline: baseline!, iommu: { vendor, driver: 'AS_LINUX' } });
    rig.dma({ ...WRITE, options: INDEX_7 });
    rig.answer(rig.read()[0]!, 2);
    return lastWords(rig, 'PageResponseSent');
  };
  expect(failed('VTD', 'V6_PATCH')).toEqual(vtdResponse(2));
  expect(failed('AMD_VI', 'V6_PATCH')).toEqual(['0x7000000500000100', '0x200700000004']);
});

test('a second-stage miss of a table: SMMUv3 sets S2, CLASS TT and the IPA, RISC-V iotval2', () => {
  const faulting = (vendor: IommuVendor) => {
    // The root table lies at 1000h, where the nest parent has nothing.
    const rig = new Rig({ iommu: { vendor }, fn: { ats: null }, mapped: 0x1000n });
    rig.dma({ ...WRITE, write: false, pasid: null });
    return lastWords(rig, 'FaultRecorded');
  };
  // 35 RnW, 39 S2, 41:40 CLASS TT 1; IPA of the root's entry, page by page.
  expect(faulting('SMMUV3')).toEqual(['0x10000000010', '0x18800000000', '0x40003000', '0x1000']);
  // Cause 21, TTYP 2; iotval2 is the guest address with bit 0: an implicit access.
  const [first, , iotval, iotval2] = faulting('RISCV').map(BigInt);
  expect([first, iotval]).toEqual([0x1_0008_0000_0015n, 0x4000_3000n]);
  expect(iotval2! & ~0xffen).toBe(0x1001n);
});

test('a page request that is not allowed: RISC-V says message 4, AMD-Vi the request', () => {
  const refused = (vendor: IommuVendor) => {
    const rig = new Rig({ iommu: { vendor } });
    rig.run('DeviceReplace', { contextId: 1, devId: rig.devId, ptId: rig.parentId });
    rig.run('PriEnable', { bdf: BDF, allocation: 32 });
    rig.request({ grpid: 7, pasid: 5, addr: 0x4000_3000n });
    return lastWords(rig, 'FaultRecorded');
  };
  // Cause 260, PID 5, PV, TTYP 9; recorded from the reference model.
  expect(refused('RISCV')).toEqual(['0x1002500005104', '0x0', '0x4', '0x0']);
  // As a PPR log entry, type 9.
  expect(refused('AMD_VI')).toEqual(['0x9144020700050100', '0x40003000']);
});

test('a stall: its event record has the tag, and CMD_RESUME names it', () => {
  const rig = new Rig({ iommu: { vendor: 'SMMUV3' }, fn: { ats: null, stall: true } });
  rig.dma({ ...WRITE, iova: 0x4000_2000n });
  rig.dma(WRITE);
  // 15:0 STAG 1, 31 Stall, 41:40 CLASS IN.
  const event = ['0x10000005810', '0x20080000001', '0x40003000', '0x0'];
  expect(lastWords(rig, 'TransactionStalled')).toEqual(event);
  const [, second] = rig.read();
  // 7:0 44h, 12 Retry, 63:32 StreamID; 15:0 STAG. Abort is bit 13.
  rig.answer(second!, 0);
  expect(lastWords(rig, 'PageResponseSent')).toEqual(['0x10000001044', '0x1']);
  rig.answer(rig.cookies()[0]!, 1);
  expect(lastWords(rig, 'PageResponseSent')).toEqual(['0x10000002044', '0x0']);
});
