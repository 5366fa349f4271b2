/** Translation of MSI addresses: section "MSI address translation process". */
import { bit, bits } from '../tables/entry.ts';
import type { RiscvCapabilities } from './capabilities.ts';
import type { DeviceContext } from './contexts.ts';
import { CAUSE, type RiscvAccess, type RiscvFault } from './fault.ts';
import type { RiscvMemory } from './memory.ts';

/** Bits 9:3 and 62:54 of an MSI PTE that translates; its second word is reserved altogether. */
const BASIC_RESERVED = 0x7fc0_0000_0000_03f8n;
/** Bits 6:3 and 62:54 of an MSI PTE in MRIF mode. */
const MRIF_RESERVED = 0x7fc0_0000_0000_0078n;
/** Bits 59:54 and 63:61 of its second word. */
const MRIF_NOTICE_RESERVED = 0xefc0_0000_0000_0000n;

/** Where an interrupt lands in memory instead of in an interrupt file. */
export interface Mrif {
  /** Of the memory-resident interrupt file, a multiple of 512. */
  readonly address: bigint;
  /** Data of the notice MSI. */
  readonly noticeId: number;
}

export type MsiTranslation =
  /** The address is no virtual interrupt file's. */
  | { readonly kind: 'NOT_MSI' }
  | { readonly kind: 'FAULT'; readonly fault: RiscvFault }
  | { readonly kind: 'MSI'; readonly address: bigint; readonly mrif: Mrif | null };

const failed = (cause: number): MsiTranslation => ({
  kind: 'FAULT',
  fault: { cause, iotval2: 0n },
});

/** `translationRequest`: a read with the intent to execute is then not refused but not granted. */
export function translateMsi(
  capabilities: RiscvCapabilities,
  memory: RiscvMemory,
  device: DeviceContext,
  gpa: bigint,
  access: RiscvAccess,
  translationRequest: boolean,
): MsiTranslation {
  const { msiPpn, msiMask, msiPattern } = device;
  if (msiPpn === null) return { kind: 'NOT_MSI' };
  const page = gpa >> 12n;
  if ((page | msiMask) !== (msiPattern | msiMask)) return { kind: 'NOT_MSI' };
  const address = (msiPpn << 12n) + extract(page, msiMask) * 16n;
  const entry = memory.load(address);
  const second = memory.load(address + 8n);
  for (const word of [entry, second]) {
    if (word === 'ACCESS_FAULT') return failed(CAUSE.MSI_PTE_ACCESS_FAULT);
    if (word === 'DATA_CORRUPTION') return failed(CAUSE.MSI_PT_CORRUPT);
  }
  const translated = readMsiEntry(entry as bigint, second as bigint, gpa, capabilities);
  if (translated.kind === 'MSI' && access.execute && !translationRequest) {
    return failed(CAUSE.INSTRUCTION_ACCESS_FAULT);
  }
  return translated;
}

/**
 * log2 of the bytes of the largest block around an address, no larger than `pageShift`, in which no
 * virtual interrupt file is: a translation of more would answer for the files too.
 */
export function shiftWithoutMsi(device: DeviceContext, gpa: bigint, pageShift: number): number {
  const { msiPpn, msiMask, msiPattern } = device;
  if (msiPpn === null) return pageShift;
  let shift = pageShift;
  for (; shift > 12; shift--) {
    const below = BigInt(shift - 12);
    const mask = msiMask >> below;
    if (((gpa >> BigInt(shift)) | mask) !== ((msiPattern >> below) | mask)) break;
  }
  return shift;
}

function readMsiEntry(
  entry: bigint,
  second: bigint,
  gpa: bigint,
  { msiMrif }: RiscvCapabilities,
): MsiTranslation {
  if (!bit(entry, 0)) return failed(CAUSE.MSI_PTE_NOT_VALID);
  // C: a custom format, of which there is none.
  if (bit(entry, 63)) return failed(CAUSE.MSI_PTE_MISCONFIGURED);
  const mode = Number(bits(entry, 2, 1));
  if (mode === 3) {
    if ((entry & BASIC_RESERVED) !== 0n || second !== 0n)
      return failed(CAUSE.MSI_PTE_MISCONFIGURED);
    return { kind: 'MSI', address: (bits(entry, 53, 10) << 12n) | (gpa & 0xfffn), mrif: null };
  }
  if (mode !== 1 || !msiMrif) return failed(CAUSE.MSI_PTE_MISCONFIGURED);
  if ((entry & MRIF_RESERVED) !== 0n || (second & MRIF_NOTICE_RESERVED) !== 0n) {
    return failed(CAUSE.MSI_PTE_MISCONFIGURED);
  }
  const noticeId = Number((bits(second, 60, 60) << 10n) | bits(second, 9, 0));
  return {
    kind: 'MSI',
    address: bits(second, 53, 10) << 12n,
    mrif: { address: bits(entry, 53, 7) << 9n, noticeId },
  };
}

/** The bits of `value` at the places of `mask`, packed at the low end. */
export function extract(value: bigint, mask: bigint): bigint {
  let packed = 0n;
  let place = 0n;
  for (let rest = mask, from = 0n; rest !== 0n; rest >>= 1n, from++) {
    if ((rest & 1n) === 0n) continue;
    packed |= ((value >> from) & 1n) << place;
    place++;
  }
  return packed;
}
