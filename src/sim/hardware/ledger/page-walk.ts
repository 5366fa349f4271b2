/**
 * What a function may reach through one page, read from the tables by a second, plain reading of the
 * formats: one function a format, areas looked through one by one, no caches, nothing written.
 */
import type { Ioas, IommufdContext } from '../../../core/iommufd/state.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import { readWord } from '../../../core/memory/guest-memory.ts';

export interface Grant {
  readonly contextId: number;
  /** Number of the user page. */
  readonly userPage: bigint;
  readonly read: boolean;
  readonly write: boolean;
}

/** Where an entry leads: a table, a page of 2^shift bytes, nowhere. */
type Step =
  | { readonly table: bigint; readonly write: boolean; readonly user: boolean }
  | {
      readonly page: bigint;
      readonly shift: bigint;
      readonly read: boolean;
      readonly write: boolean;
      readonly user: boolean;
    }
  | null;

interface Format {
  readonly levels: number;
  readonly fits: (iova: bigint) => boolean;
  readonly step: (entry: bigint, level: number) => Step;
}

const has = (value: bigint, place: number) => (value & (1n << BigInt(place))) !== 0n;
const shiftAt = (level: number) => BigInt(12 + 9 * level);

/** Bits 63 to width - 1 are all the same. */
function isExtended(iova: bigint, width: number): boolean {
  const top = iova >> BigInt(width - 1);
  return top === 0n || top === (1n << BigInt(65 - width)) - 1n;
}

function vtd(levels: number): Format {
  return {
    levels,
    fits: iova => isExtended(iova, 12 + 9 * levels),
    step(entry, level) {
      if (!has(entry, 0)) return null;
      const write = has(entry, 1);
      const user = has(entry, 2);
      const address = entry & 0x000f_ffff_ffff_f000n;
      const large = level > 0 && has(entry, 7);
      if (level > 0 && !large) return { table: address, write, user };
      if (level > 2) return null;
      const shift = shiftAt(level);
      // Between the PAT bit and the address nothing may be set.
      if (level > 0 && ((entry >> 13n) & ((1n << (shift - 13n)) - 1n)) !== 0n) return null;
      return { page: (address >> shift) << shift, shift, read: true, write, user };
    },
  };
}

const ARM: Format = {
  levels: 4,
  fits: iova => iova < 1n << 48n,
  step(entry, level) {
    if (!has(entry, 0)) return null;
    const address = entry & 0x0000_ffff_ffff_f000n;
    if (level > 0 && has(entry, 1)) {
      return { table: address, write: !has(entry, 62), user: !has(entry, 61) };
    }
    if (level === 3 || (level === 0 && !has(entry, 1))) return null;
    const shift = shiftAt(level);
    const write = !has(entry, 7) || has(entry, 51);
    return { page: (address >> shift) << shift, shift, read: true, write, user: has(entry, 6) };
  },
};

function riscv(levels: number): Format {
  return {
    levels,
    fits: iova => isExtended(iova, 12 + 9 * levels),
    step(entry, level) {
      const [valid, read, write, execute, user] = [0, 1, 2, 3, 4].map(place => has(entry, place));
      // Reserved encodings, the memory type of an extension that is off, reserved bits.
      if (!valid || (write && !read) || ((entry >> 54n) & 0x1ffn) !== 0n) return null;
      const napot = has(entry, 63);
      const ppn = (entry >> 10n) & ((1n << 44n) - 1n);
      if (!read && !execute) {
        return level === 0 || napot ? null : { table: ppn << 12n, write: true, user: true };
      }
      if (napot && (level > 0 || (ppn & 0xfn) !== 8n)) return null;
      const shift = napot ? 16n : shiftAt(level);
      const page = napot ? (ppn & ~0xfn) << 12n : ppn << 12n;
      if (page % (1n << shift) !== 0n) return null;
      return { page, shift, read: read === true, write: write === true, user: user === true };
    },
  };
}

function formatFor(named: string | null, addrWidth: number): Format {
  switch (named) {
    case 'RISCV_SV39':
      return riscv(3);
    case 'RISCV_SV48':
      return riscv(4);
    case 'RISCV_SV57':
      return riscv(5);
    case 'ARM_4K':
      return ARM;
    case 'VTD_5_LEVELS':
      return vtd(5);
    case 'VTD_4_LEVELS':
      return vtd(4);
    default:
      return vtd(addrWidth === 57 ? 5 : 4);
  }
}

/** The IOAS that a hwpt's second stage, or only stage, has. */
export function ioasUnder(context: IommufdContext, hwptId: number): Ioas | null {
  const hwpt = context.objects.get(hwptId);
  const paging = hwpt?.type === 'HWPT_NESTED' ? context.objects.get(hwpt.parentId) : hwpt;
  const ioas = paging?.type === 'HWPT_PAGING' ? context.objects.get(paging.ioasId) : undefined;
  return ioas?.type === 'IOAS' ? ioas : null;
}

/** The area around an address: those of an IOAS, one after the other. */
function areaAt(ioas: Ioas, address: bigint) {
  for (const area of ioas.areas) if (area.start <= address && address <= area.last) return area;
  return null;
}

function lastStage({ contextId }: IommufdContext, ioas: Ioas, address: bigint): Grant | null {
  const area = areaAt(ioas, address);
  if (area === null) return null;
  const userPage = (area.userVa + (address - area.start)) >> 12n;
  return { contextId, userPage, read: (area.prot & 4) !== 0, write: (area.prot & 2) !== 0 };
}

/** null: nothing, whatever is asked. */
export function grantOf(
  state: MachineState,
  deviceNo: number,
  pasid: number | null,
  iovaPage: bigint,
): Grant | null {
  const device = state.physicalDevices.get(deviceNo);
  const domain = device && state.iommuGroups.get(device.iommuGroupId)?.domain;
  if (device?.kind !== 'PCI' || domain?.kind !== 'HWPT') return null;
  const context = state.contexts.get(domain.contextId)!;
  const hwpt = context.objects.get(domain.hwptId);
  const ioas = ioasUnder(context, domain.hwptId);
  if (ioas === null) return null;
  const iova = iovaPage << 12n;
  if (hwpt?.type !== 'HWPT_NESTED') return pasid === null ? lastStage(context, ioas, iova) : null;
  if (hwpt.userData.kind !== 'VTD_S1') return null;
  const { pgtblAddr, addrWidth } = hwpt.userData;
  const iommu = state.iommus.get(device.hardware?.spec.iommuNo ?? -1);
  const format = formatFor(iommu?.spec.tableFormat ?? null, addrWidth);
  const found = firstStage(context, ioas, format, pgtblAddr, iova);
  if (found === null) return null;
  const final = lastStage(context, ioas, found.page);
  return final && { ...final, read: final.read && found.read, write: final.write && found.write };
}

function firstStage(
  context: IommufdContext,
  ioas: Ioas,
  { levels, fits, step }: Format,
  root: bigint,
  iova: bigint,
): { page: bigint; read: boolean; write: boolean } | null {
  if (!fits(iova)) return null;
  let table = root;
  let write = true;
  let user = true;
  for (let level = levels - 1; level >= 0; level--) {
    const at = table + ((iova >> shiftAt(level)) & 0x1ffn) * 8n;
    const area = areaAt(ioas, at);
    if (area === null) return null;
    const found = step(readWord(context, area.userVa + (at - area.start)), level);
    if (found === null) return null;
    write &&= found.write;
    user &&= found.user;
    if ('table' in found) {
      table = found.table;
      continue;
    }
    if (!user) return null;
    return { page: found.page + (iova & ((1n << found.shift) - 1n)), read: found.read, write };
  }
  return null;
}
