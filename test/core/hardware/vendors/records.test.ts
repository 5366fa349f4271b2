/** Records and responses in each vendor's bits: fixed words, and there and back for any content. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeAmdPageFault,
  encodeAmdPageFault,
} from '../../../../src/core/hardware/vendors/amd-vi.ts';
import {
  decodeResponse,
  effectOf,
  encodeResponse,
  PAGE_REQUEST_FORMATS,
  pcieCode,
  resumeAction,
  wireCode,
} from '../../../../src/core/hardware/vendors/formats.ts';
import { IOMMU_VENDORS } from '../../../../src/core/hardware/vendors/names.ts';
import {
  countsAsStopMarker,
  isStopMarker,
  type QueuedPageRequest,
} from '../../../../src/core/hardware/vendors/page-request.ts';
import {
  decodePriResponse,
  decodeResume,
  decodeSmmuEvent,
  encodeResume,
  encodeSmmuEvent,
} from '../../../../src/core/hardware/vendors/smmuv3.ts';
import { decodeVtdFault, encodeVtdFault } from '../../../../src/core/hardware/vendors/vtd.ts';

const REQUEST: QueuedPageRequest = {
  requesterId: 0x1234,
  pasid: 0xabcde,
  read: true,
  write: false,
  execute: true,
  privileged: false,
  last: true,
  prgIndex: 0x155,
  address: 0x7f12_3456_7000n,
};

const nat = (bits: number) => fc.nat({ max: 2 ** bits - 1 });
const page = fc.bigInt({ min: 0n, max: (1n << 52n) - 1n }).map(number => number << 12n);
/** Execute and privileged come with a PASID. */
const request: fc.Arbitrary<QueuedPageRequest> = fc
  .record({
    requesterId: nat(16),
    pasid: fc.option(nat(20)),
    read: fc.boolean(),
    write: fc.boolean(),
    execute: fc.boolean(),
    privileged: fc.boolean(),
    last: fc.boolean(),
    prgIndex: nat(9),
    address: page,
  })
  .map(made => (made.pasid === null ? { ...made, execute: false, privileged: false } : made));

describe('page requests', () => {
  const [DLOW, DMID] = [0xbcden, 0xan];
  test.each([
    [
      'VTD',
      [(1n << 52n) | (0xabcden << 32n) | (0x1234n << 16n) | 0x101n, 0x7f12_3456_7aadn, 0n, 0n],
    ],
    ['SMMUV3', [0xd80a_bcde_0000_1234n, 0x7f12_3456_7155n]],
    [
      'AMD_VI',
      [
        (1n << 60n) | (0x146n << 48n) | (DMID << 42n) | (0x355n << 32n) | (DLOW << 16n) | 0x1234n,
        0x7f12_3456_7000n,
      ],
    ],
    ['RISCV', [0x0012_3405_abcd_e000n, 0x7f12_3456_7aadn]],
  ] as const)('%s', (vendor, words) => {
    expect(PAGE_REQUEST_FORMATS[vendor].encode(REQUEST)).toEqual(words);
  });

  test.each(IOMMU_VENDORS)('come back from their words: %s', vendor => {
    const { encode, decode, words } = PAGE_REQUEST_FORMATS[vendor];
    fc.assert(
      fc.property(request, wanted => {
        const raw = encode(wanted);
        expect(raw).toHaveLength(words);
        for (const word of raw) expect(BigInt.asUintN(64, word)).toBe(word);
        expect(decode(raw)).toEqual(wanted);
      }),
    );
  });

  test('words that are no page request', () => {
    expect(PAGE_REQUEST_FORMATS.VTD.decode([0n, 0n, 0n, 0n])).toBeNull();
    expect(PAGE_REQUEST_FORMATS.VTD.decode([2n, 0n, 0n, 0n])).toBeNull();
    expect(PAGE_REQUEST_FORMATS.AMD_VI.decode([0n, 0n])).toBeNull();
  });

  test('a stop marker has a PASID; RISC-V looks at the bits alone', () => {
    const marker = { ...REQUEST, read: false, execute: false };
    const bare = { ...marker, pasid: null };
    expect([marker, bare, REQUEST, { ...marker, last: false }].map(isStopMarker)).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(IOMMU_VENDORS.filter(vendor => countsAsStopMarker(vendor, bare))).toEqual(['RISCV']);
    expect(IOMMU_VENDORS.filter(vendor => countsAsStopMarker(vendor, marker))).toHaveLength(5);
  });
});

describe('responses', () => {
  const RESPONSE = { requesterId: 0x1234, pasid: 0xabcde, prgIndex: 0x155 };

  test.each([
    ['VTD', 15, [(0xabcden << 32n) | (0x1234n << 16n) | 0xf019n, 0xaa8n, 0n, 0n]],
    ['SMMUV3', 2, [(0x1234n << 32n) | (0xabcden << 12n) | 0x841n, 0x2155n]],
    ['AMD_VI', 1, [(7n << 60n) | (0xabcden << 32n) | 0x1234n, (0x1155n << 32n) | 4n]],
    ['RISCV', 15, [(0x1234n << 40n) | (1n << 32n) | (0xabcden << 12n) | 0x84n, 0xf155n << 32n]],
  ] as const)('%s', (vendor, wire, words) => {
    expect(encodeResponse(vendor, { ...RESPONSE, wire })).toEqual(words);
  });

  test.each(IOMMU_VENDORS)('come back from their words: %s', vendor => {
    const response = fc.record({
      requesterId: nat(16),
      pasid: fc.option(nat(20)),
      prgIndex: nat(9),
      wire: vendor === 'SMMUV3' ? nat(1) : nat(4),
    });
    fc.assert(
      fc.property(response, wanted => {
        expect(decodeResponse(vendor, encodeResponse(vendor, wanted))).toEqual(wanted);
      }),
    );
    expect(decodeResponse(vendor, [0n, 0n])).toBeNull();
  });

  test('Resp 3 is illegal', () => {
    expect(decodePriResponse([0x41n, 0x3000n])).toBeNull();
  });

  test.each([
    ['VTD', 'AS_LINUX', [0, 1, 2], [0, 1, 2]],
    ['VTD', 'CONFORMING', [0, 1, 15], [0, 1, 15]],
    ['AMD_VI', 'AS_LINUX', [0, 1, 2], [0, 1, 2]],
    ['AMD_VI', 'CONFORMING', [0, 1, 15], [0, 1, 15]],
    ['SMMUV3', 'AS_LINUX', [2, 1, 0], [0, 1, 15]],
    ['RISCV', 'AS_LINUX', [0, 1, 15], [0, 1, 15]],
    ['CONFORMING', 'AS_LINUX', [0, 1, 15], [0, 1, 15]],
  ] as const)('%s %s', (vendor, driver, wire, pcie) => {
    const written = [0, 1, 2].map(code => wireCode(vendor, driver, code));
    expect(written).toEqual(wire);
    expect(written.map(code => pcieCode(vendor, code))).toEqual(pcie);
    expect(pcie.map(effectOf)).toEqual(['SUCCESS', 'INVALID_REQUEST', 'RESPONSE_FAILURE']);
  });

  test('every code but 0 and 1 is a failure to the function', () => {
    const effects = Array.from({ length: 16 }, (_, code) => effectOf(code));
    expect(effects.filter(effect => effect === 'RESPONSE_FAILURE')).toHaveLength(14);
  });
});

describe('SMMUv3 stalls', () => {
  test('what Linux makes of a response code', () => {
    expect([0, 1, 2].map(resumeAction)).toEqual(['RETRY', 'ABORT', 'ABORT']);
  });

  test.each([
    ['RETRY', 0x1044n],
    ['TERMINATE', 0x44n],
    ['ABORT', 0x2044n],
  ] as const)('CMD_RESUME %s', (action, low) => {
    const resume = { streamId: 0xdead_beef, stag: 0xffff, action };
    expect(encodeResume(resume)).toEqual([(0xdead_beefn << 32n) | low, 0xffffn]);
    expect(decodeResume(encodeResume(resume))).toEqual(resume);
  });

  test('with Ac set, Ab is ignored; another command is none', () => {
    expect(decodeResume([0x3044n, 1n])).toMatchObject({ action: 'RETRY' });
    expect(decodeResume([0x41n, 1n])).toBeNull();
  });

  test('event records', () => {
    const event = {
      event: 0x13,
      streamId: 0xdead_beef,
      substreamId: 0xabcde,
      stag: 0x1234,
      privileged: true,
      instruction: false,
      read: true,
      stage2: true,
      class: 1,
      inputAddress: 0x7f12_3456_7abcn,
      ipa: 0x8765_4000n,
    };
    const words = encodeSmmuEvent(event);
    expect(words).toEqual([
      (0xdead_beefn << 32n) | (0xabcden << 12n) | 0x813n,
      0x1234n | (1n << 31n) | (1n << 33n) | (1n << 35n) | (1n << 39n) | (1n << 40n),
      0x7f12_3456_7abcn,
      0x8765_4000n,
    ]);
    expect(decodeSmmuEvent(words)).toEqual(event);
    const plain = { ...event, substreamId: null, stag: null, stage2: false, privileged: false };
    expect(decodeSmmuEvent(encodeSmmuEvent(plain))).toEqual(plain);
    expect(decodeSmmuEvent([0x24n, 0n, 0n, 0n])).toBeNull();
  });
});

describe('fault records', () => {
  test('VT-d', () => {
    const fault = {
      requesterId: 0x1234,
      pasid: 0xabcde,
      reason: 0x71,
      read: true,
      execute: false,
      privileged: true,
      address: 0x7f12_3456_7000n,
    };
    const high =
      (1n << 63n) | (1n << 62n) | (0xabcden << 40n) | (0x71n << 32n) | (5n << 29n) | 0x1234n;
    expect(encodeVtdFault({ ...fault, address: 0x7f12_3456_7abcn })).toEqual([
      0x7f12_3456_7000n,
      high,
    ]);
    expect(decodeVtdFault(encodeVtdFault(fault))).toEqual(fault);
    const plain = { ...fault, pasid: null, privileged: false, execute: true, read: false };
    expect(decodeVtdFault(encodeVtdFault(plain))).toEqual(plain);
    expect(decodeVtdFault([0n, 0n])).toBeNull();
  });

  test('AMD-Vi', () => {
    const fault = {
      deviceId: 0x1234,
      pasid: 0xabcde,
      domainId: 0,
      present: true,
      denied: true,
      write: true,
      execute: false,
      privileged: false,
      reserved: false,
      address: 0x7f12_3456_7abcn,
    };
    const flags = (1n << 48n) | (1n << 50n) | (1n << 52n) | (1n << 53n) | (1n << 54n);
    expect(encodeAmdPageFault(fault)).toEqual([
      (2n << 60n) | flags | (0xbcden << 32n) | (0xan << 16n) | 0x1234n,
      0x7f12_3456_7abcn,
    ]);
    expect(decodeAmdPageFault(encodeAmdPageFault(fault))).toEqual(fault);
    const host = { ...fault, pasid: null, domainId: 0x1234, privileged: true, reserved: true };
    expect(decodeAmdPageFault(encodeAmdPageFault(host))).toEqual(host);
    expect(decodeAmdPageFault([0n, 0n])).toBeNull();
  });
});
