/**
 * Second-stage (G-stage) address translation: the Privileged Architecture's "Two-Stage Address
 * Translation" with iohgatp, step numbers as there. Each access of the first stage's walk goes
 * through it too.
 */
import { NAPOT_SHIFT, readSvEntry, SV_ACCESSED, SV_DIRTY, svAligned } from '../tables/riscv.ts';
import type { RiscvCapabilities } from './capabilities.ts';
import type { Iohgatp, IohgatpMode } from './contexts.ts';
import type { RiscvMemory } from './memory.ts';

/** What a walk through memory needs to know. */
export interface WalkContext {
  readonly capabilities: RiscvCapabilities;
  readonly memory: RiscvMemory;
  readonly iohgatp: Iohgatp;
  /** DC.tc.GADE: accessed and dirty bits of second-stage entries are updated. */
  readonly gade: boolean;
}

/** What the second stage is asked to allow. */
export interface SecondStageAccess {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  /** A translation request is told the rights instead of being refused. */
  readonly checked: boolean;
}

export interface SecondStagePage {
  readonly kind: 'PAGE';
  readonly address: bigint;
  /** log2 of the bytes of the page. */
  readonly pageShift: number;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly dirty: boolean;
  readonly memoryType: number;
}

export type SecondStageFault =
  | { readonly kind: 'PAGE_FAULT' }
  | { readonly kind: 'ACCESS_FAULT' }
  | { readonly kind: 'DATA_CORRUPTION' };

export const PAGE_FAULT: SecondStageFault = { kind: 'PAGE_FAULT' };
export const ACCESS_FAULT: SecondStageFault = { kind: 'ACCESS_FAULT' };
const DATA_CORRUPTION: SecondStageFault = { kind: 'DATA_CORRUPTION' };

const LEVELS: Readonly<Record<Exclude<IohgatpMode, 'BARE'>, number>> = {
  SV39X4: 3,
  SV48X4: 4,
  SV57X4: 5,
};

/** log2 of the bytes a mode "Bare" is said to map at once: the largest page there could be. */
export function largestPageShift(sv57: boolean, sv48: boolean, sv39: boolean): number {
  return sv57 ? 48 : sv48 ? 39 : sv39 ? 30 : 12;
}

/** Whether an address has more bits than memory has. */
export function beyondMemory(address: bigint, { pas }: RiscvCapabilities): boolean {
  return address >> BigInt(pas) !== 0n;
}

export function secondStage(
  context: WalkContext,
  gpa: bigint,
  access: SecondStageAccess,
): SecondStagePage | SecondStageFault {
  const { capabilities, iohgatp } = context;
  if (iohgatp.mode === 'BARE') return bare(gpa, capabilities);
  const levels = LEVELS[iohgatp.mode];
  // The root table is four pages: two bits more than the first stage of that width.
  if (gpa >> BigInt(12 + 9 * levels + 2) !== 0n) return PAGE_FAULT;
  let table = iohgatp.ppn << 12n;
  for (let level = levels - 1; ; level--) {
    const wide = level === levels - 1 ? 0x7ffn : 0x1ffn;
    if (beyondMemory(table, capabilities)) return ACCESS_FAULT;
    const address = table + ((gpa >> BigInt(12 + 9 * level)) & wide) * 8n;
    const raw = context.memory.load(address);
    if (typeof raw === 'string') return raw === 'ACCESS_FAULT' ? ACCESS_FAULT : DATA_CORRUPTION;
    const entry = readSvEntry(raw, level, capabilities);
    if (entry === null) return PAGE_FAULT;
    if (!entry.leaf) {
      table = entry.ppn << 12n;
      continue;
    }
    if (beyondMemory(entry.ppn << 12n, capabilities)) return ACCESS_FAULT;
    if (access.checked && denied(entry, access)) return PAGE_FAULT;
    // Everything a device does is as user mode to the second stage.
    if (!entry.user || !svAligned(entry.ppn, level)) return PAGE_FAULT;
    const dirtied = access.write && entry.write;
    if (!entry.accessed || (dirtied && !entry.dirty)) {
      if (!context.gade) return PAGE_FAULT;
      const updated = raw | SV_ACCESSED | (dirtied ? SV_DIRTY : 0n);
      if (context.memory.store(address, updated) !== null) return ACCESS_FAULT;
    }
    const pageShift = entry.napot ? NAPOT_SHIFT : 12 + 9 * level;
    const inPage = (1n << BigInt(pageShift)) - 1n;
    return {
      kind: 'PAGE',
      address: ((entry.ppn << 12n) & ~inPage) | (gpa & inPage),
      pageShift,
      read: entry.read,
      write: entry.write,
      execute: entry.execute,
      dirty: entry.dirty || dirtied,
      memoryType: entry.memoryType,
    };
  }
}

function bare(gpa: bigint, { sv57x4, sv48x4, sv39x4 }: RiscvCapabilities): SecondStagePage {
  return {
    kind: 'PAGE',
    address: gpa,
    pageShift: largestPageShift(sv57x4, sv48x4, sv39x4),
    read: true,
    write: true,
    execute: true,
    dirty: true,
    memoryType: 0,
  };
}

function denied(
  entry: { readonly read: boolean; readonly write: boolean; readonly execute: boolean },
  access: SecondStageAccess,
): boolean {
  return (
    (access.execute && !entry.execute) ||
    (access.read && !entry.read) ||
    (access.write && !entry.write)
  );
}
