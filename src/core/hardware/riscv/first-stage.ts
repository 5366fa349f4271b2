/**
 * First-stage (S- or VS-stage) address translation of the RISC-V IOMMU: the Privileged Architecture's
 * algorithm with iosatp, each entry's address translated by the second stage first.
 */
import { signExtended } from '../tables/entry.ts';
import {
  NAPOT_SHIFT,
  readSvEntry,
  SV_ACCESSED,
  SV_DIRTY,
  SV_LEVELS,
  type SvEntry,
  svAligned,
  svDenied,
} from '../tables/riscv.ts';
import type { Iosatp } from './contexts.ts';
import {
  accessFault,
  CAUSE,
  guestPageFault,
  pageFault,
  type RiscvAccess,
  type RiscvFault,
} from './fault.ts';
import {
  beyondMemory,
  largestPageShift,
  type SecondStageFault,
  secondStage,
  type WalkContext,
} from './second-stage.ts';

export interface FirstStageContext extends WalkContext {
  readonly iosatp: Iosatp;
  /** DC.tc.SADE: accessed and dirty bits of first-stage entries are updated. */
  readonly sade: boolean;
  /** PC.ta.SUM. */
  readonly sum: boolean;
  /** A translation request: denied rights are told, not refused. */
  readonly translationRequest: boolean;
}

export interface FirstStagePage {
  readonly kind: 'PAGE';
  readonly gpa: bigint;
  /** log2 of the bytes of the page. */
  readonly pageShift: number;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly user: boolean;
  readonly global: boolean;
  readonly dirty: boolean;
  readonly memoryType: number;
}

export type FirstStageResult =
  | FirstStagePage
  | { readonly kind: 'FAULT'; readonly fault: RiscvFault };

const failed = (fault: RiscvFault): FirstStageResult => ({ kind: 'FAULT', fault });

export function firstStage(
  context: FirstStageContext,
  iova: bigint,
  access: RiscvAccess,
): FirstStageResult {
  const { capabilities, iosatp } = context;
  if (iosatp.mode === 'BARE') {
    const { sv57, sv48, sv39 } = capabilities;
    return bare(iova, largestPageShift(sv57, sv48, sv39));
  }
  const levels = SV_LEVELS[iosatp.mode];
  if (!signExtended(iova, 12 + 9 * levels)) return failed(pageFault(access));
  let table = iosatp.ppn << 12n;
  let global = true;
  for (let level = levels - 1; ; level--) {
    const gpa = table + ((iova >> BigInt(12 + 9 * level)) & 0x1ffn) * 8n;
    // With updates enabled each access of the walk is a write to the second stage.
    const implicit = { read: true, write: context.sade, execute: false, checked: true };
    const place = secondStage(context, gpa, implicit);
    if (place.kind !== 'PAGE') return failed(implicitFault(context, place, gpa, access));
    const { address } = place;
    if (beyondMemory(address, capabilities)) return failed(accessFault(access));
    const raw = context.memory.load(address);
    if (raw === 'ACCESS_FAULT') return failed(accessFault(access));
    if (raw === 'DATA_CORRUPTION') return failed(corrupt());
    const entry = readSvEntry(raw, level, capabilities);
    if (entry === null) return failed(pageFault(access));
    global &&= entry.global;
    if (!entry.leaf) {
      table = entry.ppn << 12n;
      continue;
    }
    return leaf(context, iova, access, { raw, entry, address, level, global });
  }
}

const corrupt = (): RiscvFault => ({ cause: CAUSE.PT_CORRUPT, iotval2: 0n });

function implicitFault(
  { sade }: FirstStageContext,
  { kind }: SecondStageFault,
  gpa: bigint,
  access: RiscvAccess,
): RiscvFault {
  if (kind === 'ACCESS_FAULT') return accessFault(access);
  if (kind === 'DATA_CORRUPTION') return corrupt();
  return guestPageFault(access, gpa, sade ? 'WRITE' : 'READ');
}

function bare(iova: bigint, pageShift: number): FirstStagePage {
  return {
    kind: 'PAGE',
    gpa: iova,
    pageShift,
    read: true,
    write: true,
    execute: true,
    user: true,
    global: true,
    dirty: true,
    memoryType: 0,
  };
}

interface Leaf {
  readonly raw: bigint;
  readonly entry: SvEntry;
  /** Where the entry is, supervisor physical. */
  readonly address: bigint;
  readonly level: number;
  readonly global: boolean;
}

function leaf(
  context: FirstStageContext,
  iova: bigint,
  access: RiscvAccess,
  { raw, entry, address, level, global }: Leaf,
): FirstStageResult {
  const asked = context.translationRequest
    ? { ...access, read: false, write: false, execute: false }
    : access;
  if (svDenied(entry, asked, context.sum) !== null || !svAligned(entry.ppn, level)) {
    return failed(pageFault(access));
  }
  const dirtied = access.write && entry.write;
  if (!entry.accessed || (dirtied && !entry.dirty)) {
    if (!context.sade) return failed(pageFault(access));
    const updated = raw | SV_ACCESSED | (dirtied ? SV_DIRTY : 0n);
    if (context.memory.store(address, updated) !== null) return failed(accessFault(access));
  }
  const pageShift = entry.napot ? NAPOT_SHIFT : 12 + 9 * level;
  const inPage = (1n << BigInt(pageShift)) - 1n;
  return {
    kind: 'PAGE',
    gpa: ((entry.ppn << 12n) & ~inPage) | (iova & inPage),
    pageShift,
    read: entry.read,
    write: entry.write,
    execute: entry.execute,
    user: entry.user,
    global,
    dirty: entry.dirty || dirtied,
    memoryType: entry.memoryType,
  };
}
