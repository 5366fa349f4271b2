/**
 * The device directory: sections "Device-Directory-Table (DDT)", "Device-context configuration
 * checks" and "Process to locate the Device-context".
 */
import { bit, bits } from '../tables/entry.ts';
import type { RiscvCapabilities } from './capabilities.ts';
import type { DeviceContext, IohgatpMode, IosatpMode, PdtpMode } from './contexts.ts';
import { CAUSE } from './fault.ts';
import type { MemoryFault, RiscvMemory } from './memory.ts';
import type { RiscvIommu } from './state.ts';

const DDT_LEVELS = { '1LVL': 1, '2LVL': 2, '3LVL': 3 } as const;

const IOHGATP_MODES: Readonly<Record<number, IohgatpMode>> = {
  0: 'BARE',
  8: 'SV39X4',
  9: 'SV48X4',
  10: 'SV57X4',
};
export const IOSATP_MODES: Readonly<Record<number, IosatpMode>> = {
  0: 'BARE',
  8: 'SV39',
  9: 'SV48',
  10: 'SV57',
};
const PDTP_MODES: Readonly<Record<number, PdtpMode>> = {
  0: 'BARE',
  1: 'PD8',
  2: 'PD17',
  3: 'PD20',
};

/** Bits of DC.tc above SXL (11), up to the custom bits 31:24, and the rest: reserved. */
const TC_RESERVED = 0xffff_ffff_00ff_f000n;
/** Bits 59:44 of fsc. */
const FSC_RESERVED = 0x0fff_f000_0000_0000n;
/** Bits 11:0 and 63:32 of DC.ta; the quality-of-service identifiers at 63:40 are not modelled. */
const TA_RESERVED = 0xffff_ffff_0000_0fffn;
/** A directory entry that points at a table: bits 9:1 and 63:54. */
export const NON_LEAF_RESERVED = 0xffc0_0000_0000_03fen;

/** Indexes of a device_id, the one of the leaf table first. */
export function deviceIndexes(deviceId: number, { msiFlat }: RiscvCapabilities): readonly number[] {
  const leafBits = msiFlat ? 6 : 7;
  const leaf = deviceId & ((1 << leafBits) - 1);
  return [leaf, (deviceId >> leafBits) & 0x1ff, deviceId >> (leafBits + 9)];
}

/** Whether a device_id has more bits than the directory's mode has levels for. */
export function deviceIdTooWide(iommu: RiscvIommu, deviceId: number): boolean {
  const [, middle, top] = deviceIndexes(deviceId, iommu.capabilities);
  if (iommu.ddtMode === '2LVL') return top !== 0;
  return iommu.ddtMode === '1LVL' && (top !== 0 || middle !== 0);
}

/** The device context, or the cause of the fault. Valid ones are cached. */
export function locateDeviceContext(
  iommu: RiscvIommu,
  memory: RiscvMemory,
  deviceId: number,
): DeviceContext | number {
  const cached = iommu.deviceContexts.get(deviceId);
  if (cached !== undefined) return cached;
  const { ddtMode, capabilities } = iommu;
  if (ddtMode === 'OFF' || ddtMode === 'BARE') {
    throw new Error(`assertion failed: mode ${ddtMode} has no directory`);
  }
  const indexes = deviceIndexes(deviceId, capabilities);
  let table = iommu.ddtPpn << 12n;
  for (let level = DDT_LEVELS[ddtMode] - 1; level > 0; level--) {
    const entry = memory.load(table + BigInt(indexes[level]! * 8));
    if (typeof entry === 'string') return loadFault(entry);
    if (!bit(entry, 0)) return CAUSE.DDT_NOT_VALID;
    if ((entry & NON_LEAF_RESERVED) !== 0n) return CAUSE.DDT_MISCONFIGURED;
    table = bits(entry, 53, 10) << 12n;
  }
  const words = capabilities.msiFlat ? 8 : 4;
  const raw: bigint[] = [];
  for (let word = 0; word < words; word++) {
    const loaded = memory.load(table + BigInt((indexes[0]! * words + word) * 8));
    if (typeof loaded === 'string') return loadFault(loaded);
    raw.push(loaded);
  }
  if (!bit(raw[0]!, 0)) return CAUSE.DDT_NOT_VALID;
  const context = decodeDeviceContext(raw, capabilities);
  if (context === null) return CAUSE.DDT_MISCONFIGURED;
  iommu.deviceContexts.set(deviceId, context);
  return context;
}

const loadFault = (fault: MemoryFault) =>
  fault === 'ACCESS_FAULT' ? CAUSE.DDT_ACCESS_FAULT : CAUSE.DDT_CORRUPT;

/** The four or eight words of a valid DC; null if its configuration is wrong. */
export function decodeDeviceContext(
  words: readonly bigint[],
  capabilities: RiscvCapabilities,
): DeviceContext | null {
  const [
    tc = 0n,
    iohgatp = 0n,
    ta = 0n,
    fsc = 0n,
    msiptp = 0n,
    mask = 0n,
    pattern = 0n,
    last = 0n,
  ] = words;
  const pdtv = bit(tc, 5);
  const mode = Number(bits(fsc, 63, 60));
  const ppn = bits(fsc, 43, 0);
  const iohgatpMode = IOHGATP_MODES[Number(bits(iohgatp, 63, 60))];
  const iosatpMode = pdtv ? 'BARE' : IOSATP_MODES[mode];
  const pdtpMode = pdtv ? PDTP_MODES[mode] : 'BARE';
  const msiMode = bits(msiptp, 63, 60);
  const reserved =
    (tc & TC_RESERVED) |
    (ta & TA_RESERVED) |
    (fsc & FSC_RESERVED) |
    last |
    bits(msiptp, 59, 44) |
    bits(mask, 63, 52) |
    bits(pattern, 63, 52);
  if (reserved !== 0n || msiMode > 1n) return null;
  if (iohgatpMode === undefined || iosatpMode === undefined || pdtpMode === undefined) return null;
  const context: DeviceContext = {
    enAts: bit(tc, 1),
    enPri: bit(tc, 2),
    t2gpa: bit(tc, 3),
    dtf: bit(tc, 4),
    pdtv,
    prpr: bit(tc, 6),
    gade: bit(tc, 7),
    sade: bit(tc, 8),
    dpe: bit(tc, 9),
    iohgatp: {
      mode: iohgatpMode,
      gscid: Number(bits(iohgatp, 59, 44)),
      ppn: bits(iohgatp, 43, 0),
    },
    pscid: Number(bits(ta, 31, 12)),
    iosatp: { mode: iosatpMode, ppn },
    pdtp: { mode: pdtpMode, ppn },
    msiPpn: msiMode === 1n ? bits(msiptp, 43, 0) : null,
    msiMask: bits(mask, 51, 0),
    msiPattern: bits(pattern, 51, 0),
  };
  // SBE and SXL: neither big-endian nor 32-bit tables are there.
  const unsupported = bit(tc, 10) || bit(tc, 11);
  return unsupported || misconfigured(context, capabilities) ? null : context;
}

/** The conditions of "Device-context configuration checks" that are about more than one bit. */
function misconfigured(context: DeviceContext, has: RiscvCapabilities): boolean {
  const { enAts, enPri, t2gpa, pdtv, prpr, gade, sade, dpe, iohgatp } = context;
  return (
    ((enAts || enPri || prpr) && !has.ats) ||
    (!enAts && (t2gpa || enPri)) ||
    (!enPri && prpr) ||
    (t2gpa && (!has.t2gpa || iohgatp.mode === 'BARE')) ||
    !supportsPdtp(context.pdtp.mode, has) ||
    !supportsIosatp(context.iosatp.mode, has) ||
    !supportsIohgatp(iohgatp.mode, has) ||
    (!pdtv && dpe) ||
    // The root table is 16 KiB and stands at a multiple of that.
    (iohgatp.mode !== 'BARE' && (iohgatp.ppn & 3n) !== 0n) ||
    ((gade || sade) && !has.hardwareAccessedDirty)
  );
}

export function supportsIosatp(mode: IosatpMode, has: RiscvCapabilities): boolean {
  const supported = { BARE: true, SV39: has.sv39, SV48: has.sv48, SV57: has.sv57 };
  return supported[mode];
}

function supportsIohgatp(mode: IohgatpMode, has: RiscvCapabilities): boolean {
  const supported = { BARE: true, SV39X4: has.sv39x4, SV48X4: has.sv48x4, SV57X4: has.sv57x4 };
  return supported[mode];
}

function supportsPdtp(mode: PdtpMode, has: RiscvCapabilities): boolean {
  const supported = { BARE: true, PD8: has.pd8, PD17: has.pd17, PD20: has.pd20 };
  return supported[mode];
}

/** The words of a DC: what software writes. Eight words; of the base format the first four. */
export function encodeDeviceContext(context: DeviceContext): readonly bigint[] {
  const { enAts, enPri, t2gpa, dtf, pdtv, prpr, gade, sade, dpe } = context;
  const flags = [true, enAts, enPri, t2gpa, dtf, pdtv, prpr, gade, sade, dpe];
  const tc = flags.reduce((word, flag, place) => (flag ? word | (1n << BigInt(place)) : word), 0n);
  const { iohgatp, iosatp, pdtp, msiPpn } = context;
  const first = pdtv
    ? field(codeOf(PDTP_MODES, pdtp.mode), 60) | pdtp.ppn
    : field(codeOf(IOSATP_MODES, iosatp.mode), 60) | iosatp.ppn;
  return [
    tc,
    field(codeOf(IOHGATP_MODES, iohgatp.mode), 60) | field(iohgatp.gscid, 44) | iohgatp.ppn,
    field(context.pscid, 12),
    first,
    msiPpn === null ? 0n : field(1, 60) | msiPpn,
    context.msiMask,
    context.msiPattern,
    0n,
  ];
}

const field = (value: number, place: number) => BigInt(value) << BigInt(place);

function codeOf<T extends string>(modes: Readonly<Record<number, T>>, mode: T): number {
  return Number(Object.keys(modes).find(code => modes[Number(code)] === mode));
}
