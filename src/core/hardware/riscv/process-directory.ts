/** The process directory: sections "Process-Directory-Table (PDT)" and "locate the Process-context". */
import { bit, bits } from '../tables/entry.ts';
import type { RiscvCapabilities } from './capabilities.ts';
import type { DeviceContext, PdtpMode, ProcessContext } from './contexts.ts';
import { IOSATP_MODES, NON_LEAF_RESERVED, supportsIosatp } from './device-directory.ts';
import { CAUSE, guestPageFault, type RiscvFault } from './fault.ts';
import type { MemoryFault, RiscvMemory } from './memory.ts';
import { secondStage } from './second-stage.ts';
import type { RiscvIommu } from './state.ts';

const PDT_LEVELS: Readonly<Record<Exclude<PdtpMode, 'BARE'>, number>> = {
  PD8: 1,
  PD17: 2,
  PD20: 3,
};

/** Bits of a process_id that a directory's mode has levels for. */
export const PROCESS_ID_BITS: Readonly<Record<PdtpMode, number>> = {
  BARE: 20,
  PD8: 8,
  PD17: 17,
  PD20: 20,
};

/** Bits 11:3 and 63:32 of PC.ta. */
const TA_RESERVED = 0xffff_ffff_0000_0ff8n;
/** Bits 59:44 of PC.fsc. */
const FSC_RESERVED = 0x0fff_f000_0000_0000n;

/** Accesses of the directory are reads of guest physical memory, whatever the transaction is. */
const READ = { read: true, write: false, execute: false, checked: true };
const READ_ACCESS = { read: true, write: false, execute: false, privileged: false };

export type LocatedProcess =
  | { readonly kind: 'LOCATED'; readonly context: ProcessContext }
  | { readonly kind: 'FAULT'; readonly fault: RiscvFault };

const failed = (cause: number): LocatedProcess => ({
  kind: 'FAULT',
  fault: { cause, iotval2: 0n },
});

/** The process context. Valid ones are cached. */
export function locateProcessContext(
  iommu: RiscvIommu,
  memory: RiscvMemory,
  device: DeviceContext,
  deviceId: number,
  processId: number,
): LocatedProcess {
  const key = processKey(deviceId, processId);
  const cached = iommu.processContexts.get(key);
  if (cached !== undefined) return { kind: 'LOCATED', context: cached };
  const { mode } = device.pdtp;
  if (mode === 'BARE') throw new Error('assertion failed: the device has a process directory');
  const indexes = [processId & 0xff, (processId >> 8) & 0x1ff, processId >> 17];
  const { capabilities } = iommu;
  const walk = { capabilities, memory, iohgatp: device.iohgatp, gade: device.gade };
  let table = device.pdtp.ppn << 12n;
  for (let level = PDT_LEVELS[mode] - 1; ; level--) {
    const gpa = table + BigInt(indexes[level]! * (level === 0 ? 16 : 8));
    const place = secondStage(walk, gpa, READ);
    if (place.kind === 'PAGE_FAULT') {
      return { kind: 'FAULT', fault: guestPageFault(READ_ACCESS, gpa, 'READ') };
    }
    if (place.kind !== 'PAGE') return failed(loadFault(place.kind));
    const entry = memory.load(place.address);
    if (typeof entry === 'string') return failed(loadFault(entry));
    if (level === 0) {
      const fsc = memory.load(place.address + 8n);
      if (typeof fsc === 'string') return failed(loadFault(fsc));
      return located(iommu, key, entry, fsc);
    }
    if (!bit(entry, 0)) return failed(CAUSE.PDT_NOT_VALID);
    if ((entry & NON_LEAF_RESERVED) !== 0n) return failed(CAUSE.PDT_MISCONFIGURED);
    table = bits(entry, 53, 10) << 12n;
  }
}

export const processKey = (deviceId: number, processId: number) => `${deviceId}/${processId}`;

const loadFault = (fault: MemoryFault) =>
  fault === 'ACCESS_FAULT' ? CAUSE.PDT_ACCESS_FAULT : CAUSE.PDT_CORRUPT;

function located(iommu: RiscvIommu, key: string, ta: bigint, fsc: bigint): LocatedProcess {
  if (!bit(ta, 0)) return failed(CAUSE.PDT_NOT_VALID);
  const context = decodeProcessContext(ta, fsc, iommu.capabilities);
  if (context === null) return failed(CAUSE.PDT_MISCONFIGURED);
  iommu.processContexts.set(key, context);
  return { kind: 'LOCATED', context };
}

/** The two words of a valid PC; null if its configuration is wrong. */
export function decodeProcessContext(
  ta: bigint,
  fsc: bigint,
  capabilities: RiscvCapabilities,
): ProcessContext | null {
  const mode = IOSATP_MODES[Number(bits(fsc, 63, 60))];
  if ((ta & TA_RESERVED) !== 0n || (fsc & FSC_RESERVED) !== 0n || mode === undefined) return null;
  if (!supportsIosatp(mode, capabilities)) return null;
  return {
    ens: bit(ta, 1),
    sum: bit(ta, 2),
    pscid: Number(bits(ta, 31, 12)),
    iosatp: { mode, ppn: bits(fsc, 43, 0) },
  };
}
