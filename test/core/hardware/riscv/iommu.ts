/** A RISC-V IOMMU with one device, for tests: tables are written entry by entry. */

import type { RiscvTransaction } from '../../../../src/core/hardware/riscv/completion.ts';
import type { DeviceContext } from '../../../../src/core/hardware/riscv/contexts.ts';
import { encodeDeviceContext } from '../../../../src/core/hardware/riscv/device-directory.ts';
import {
  decodeFaultRecord,
  type RiscvFaultRecord,
} from '../../../../src/core/hardware/riscv/fault.ts';
import type { MemoryFault, RiscvMemory } from '../../../../src/core/hardware/riscv/memory.ts';
import {
  enableQueue,
  type RiscvOptions,
  riscvIommu,
} from '../../../../src/core/hardware/riscv/state.ts';
import { translate } from '../../../../src/core/hardware/riscv/translate.ts';

/** Memory that refuses some words. */
export class TestMemory implements RiscvMemory {
  readonly words = new Map<bigint, bigint>();
  readonly faults = new Map<bigint, MemoryFault>();
  readonly readOnly = new Set<bigint>();

  load(address: bigint): bigint | MemoryFault {
    return this.faults.get(address) ?? this.words.get(address) ?? 0n;
  }

  store(address: bigint, value: bigint): MemoryFault | null {
    const fault = this.faults.get(address);
    if (fault !== undefined) return fault;
    if (this.readOnly.has(address)) return 'ACCESS_FAULT';
    this.words.set(address, value);
    return null;
  }
}

export const PLAIN_DEVICE: DeviceContext = {
  enAts: true,
  enPri: true,
  t2gpa: false,
  dtf: false,
  pdtv: false,
  prpr: false,
  gade: false,
  sade: false,
  dpe: false,
  iohgatp: { mode: 'BARE', gscid: 0, ppn: 0n },
  pscid: 9,
  iosatp: { mode: 'SV39', ppn: 0x100n },
  pdtp: { mode: 'BARE', ppn: 0n },
  msiPpn: null,
  msiMask: 0n,
  msiPattern: 0n,
};

export const COMMANDS_AT = 0x10n;
export const FAULTS_AT = 0x20n;
export const REQUESTS_AT = 0x30n;
/** The directory's root: one level, 64 contexts of 64 bytes. */
export const DDT_AT = 0x40n;
export const DEVICE_ID = 5;

export const V = 1n;
export const R = 2n;
export const W = 4n;
export const X = 8n;
export const U = 16n;
export const G = 32n;
export const A = 64n;
export const D = 128n;
/** A leaf that everything is allowed to. */
export const RWXU = V | R | W | X | U | A | D;

export const pte = (address: bigint, flags: bigint) => ((address >> 12n) << 10n) | flags;

export function testIommu(device: Partial<DeviceContext> = {}, options: RiscvOptions = {}) {
  const memory = new TestMemory();
  const iommu = riscvIommu(options);
  enableQueue(iommu.commandQueue, COMMANDS_AT, 8);
  enableQueue(iommu.faultQueue, FAULTS_AT, 8);
  enableQueue(iommu.pageRequestQueue, REQUESTS_AT, 4);
  iommu.ddtMode = '1LVL';
  iommu.ddtPpn = DDT_AT;
  const put = (address: bigint, ...words: bigint[]) => {
    for (const [place, word] of words.entries())
      memory.words.set(address + BigInt(place * 8), word);
  };
  const setDevice = (context: Partial<DeviceContext>) =>
    put(
      (DDT_AT << 12n) + BigInt(DEVICE_ID * 64),
      ...encodeDeviceContext({ ...PLAIN_DEVICE, ...context }),
    );
  setDevice(device);
  const faults = (): RiscvFaultRecord[] => {
    const queue = iommu.faultQueue;
    const records: RiscvFaultRecord[] = [];
    for (; queue.head !== queue.tail; queue.head = (queue.head + 1) % queue.entries) {
      const at = (FAULTS_AT << 12n) + BigInt(queue.head * 32);
      records.push(
        decodeFaultRecord([0n, 8n, 16n, 24n].map(place => memory.words.get(at + place) ?? 0n)),
      );
    }
    return records;
  };
  const access = (iova: bigint, more: Partial<RiscvTransaction> = {}) =>
    translate(iommu, memory, {
      deviceId: DEVICE_ID,
      processId: null,
      addressType: 'UNTRANSLATED',
      iova,
      write: false,
      noWrite: false,
      execute: false,
      privileged: false,
      ...more,
    });
  /** The completion's status, or the cause of the one fault record it left. */
  const outcome = (iova: bigint, more: Partial<RiscvTransaction> = {}) => {
    const completion = access(iova, more);
    const records = faults();
    if (completion.status === 'SUCCESS') {
      if (records.length > 0) throw new Error('a success leaves no fault record');
      return completion.address;
    }
    return records.length === 0 ? completion.status : records.map(({ cause }) => cause).join();
  };
  return { iommu, memory, put, setDevice, faults, access, outcome };
}

/** Sv39 indexes of an address, the root's first. */
export const indexes = (address: bigint) =>
  [30n, 21n, 12n].map(shift => (address >> shift) & 0x1ffn);

/** Maps one IOVA with tables at pages 0x100, 0x101, 0x102; the leaf stands at `level`. */
export function mapSv39(
  put: (address: bigint, ...words: bigint[]) => void,
  iova: bigint,
  leaf: bigint,
  level = 0,
): bigint {
  const [top, middle, low] = indexes(iova) as [bigint, bigint, bigint];
  const place = [0x102000n + low * 8n, 0x101000n + middle * 8n, 0x100000n + top * 8n][level]!;
  if (level < 2) put(0x100000n + top * 8n, pte(0x101000n, V));
  if (level < 1) put(0x101000n + middle * 8n, pte(0x102000n, V));
  put(place, leaf);
  return place;
}
