/**
 * What a DMA of a PCI function would find right now, without any cache: the domain of its group, the
 * guest's table in memory, each table address and the result through the second stage. Reads the
 * state, changes nothing. A walk reads at most 5 words and looks into the second stage 6 times.
 */
import { IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE } from '../../../abi/uapi.ts';
import type { Area, HwptNested, Ioas, IommufdContext } from '../../iommufd/state.ts';
import { assert, must } from '../../machine/assert.ts';
import {
  contextOf,
  dmaDomain,
  findHwptPaging,
  groupOf,
  hwptOf,
  ioasOf,
} from '../../machine/lookup.ts';
import type { MachineState } from '../../machine/state.ts';
import { readWord } from '../../memory/guest-memory.ts';
import { otherProcessOf } from '../../memory/process-memory.ts';
import type { OfProcess } from '../../memory/user-process.ts';
import { PAGE_SHIFT, pageOf } from '../cache/translation-cache.ts';
import type { PciDevice } from '../state.ts';
import {
  type DmaFaultReason,
  isMet,
  type MetFault,
  type WalkedPage,
  type WalkFault,
  type WalkStep,
} from '../tables/access.ts';
import { walk } from '../tables/walk.ts';
import { tableFormatOf } from './table-format.ts';

/** One access to one page. */
export interface DmaAccess {
  readonly pasid: number | null;
  readonly iova: bigint;
  readonly write: boolean;
}

/** A word of a guest's table that a walk read, and where it lies. */
export interface WordRead {
  readonly userVa: bigint;
}

/** Accessed and dirty bits that hardware sets. */
export interface UserWord extends OfProcess {
  readonly contextId: number;
  readonly userVa: bigint;
  readonly value: bigint;
}

export interface DmaPage extends OfProcess {
  readonly kind: 'PAGE';
  readonly contextId: number;
  /** Whose translation it is, in the IOTLB. */
  readonly tag: string;
  /** Number of the first page of the largest block that is translated as one. */
  readonly page: number;
  readonly log2Pages: number;
  /** Number of the user page that `page` leads to. */
  readonly target: number;
  readonly read: boolean;
  readonly write: boolean;
  readonly updates: readonly UserWord[];
}

export interface DmaFault {
  readonly kind: 'FAULT';
  readonly reason: DmaFaultReason;
  /** 1: the guest's table says so; 2: the nest parent, or the only stage. */
  readonly stage: 1 | 2;
  /** The second stage had no table of the guest, not the page itself. */
  readonly implicit: boolean;
  /** What the second stage was asked for; null where it was not. */
  readonly gpa: bigint | null;
}

export interface DmaWalk {
  readonly outcome: DmaPage | DmaFault;
  readonly steps: readonly WalkStep[];
  /** Where the words of the guest's table lie that it read. */
  readonly words: readonly WordRead[];
  /** What the guest's table says; null: there is none, or none was read. */
  readonly firstStage: WalkedPage | (WalkFault & { readonly fault: MetFault }) | null;
}

/** log2 of the pages of the blocks that hardware caches: 4 KiB, 2 MiB, 1 GiB. */
const BLOCKS_LOG2 = [18, 9, 0] as const;

/** The translation of a function's access through what its group, or the PASID, is attached to. */
export function walkDma(state: MachineState, device: PciDevice, access: DmaAccess): DmaWalk {
  const group = groupOf(state, device.iommuGroupId);
  const domain = dmaDomain(group, access.pasid);
  const nowhere = (reason: DmaFaultReason): DmaWalk => ({
    outcome: { kind: 'FAULT', reason, stage: 2, implicit: false, gpa: null },
    steps: [],
    words: [],
    firstStage: null,
  });
  if (domain.kind === 'DEFAULT') return nowhere('DEFAULT_DOMAIN');
  if (domain.kind === 'BLOCKING') return nowhere('BLOCKED');
  const context = contextOf(state, domain.contextId);
  const hwpt = hwptOf(context, domain.hwptId);
  const tag = domainTag(context.contextId, hwpt.id, access.pasid);
  const ioas = ioasOf(context, findHwptPaging(context, hwpt).ioasId);
  if (hwpt.type === 'HWPT_PAGING') {
    const attached = access.pasid === null || group.pasids.has(access.pasid);
    if (!attached) return nowhere('NO_PASID_TABLE');
    const outcome = secondStage(context, ioas, tag, access);
    return { outcome, steps: [], words: [], firstStage: null };
  }
  const format = state.iommus.get(device.hardware?.spec.iommuNo ?? -1)?.spec.tableFormat ?? null;
  return walkNested(context, ioas, hwpt, tag, access, format);
}

/** Tags begin with this for all PASIDs of a domain. */
export function domainTagStart(contextId: number, hwptId: number): string {
  return `${contextId}/${hwptId}/`;
}

/** Whose translation it is in an IOTLB: VT-d's domain id and PASID, SMMUv3's VMID and ASID. */
export function domainTag(contextId: number, hwptId: number, pasid: number | null): string {
  return `${domainTagStart(contextId, hwptId)}${pasidKey(pasid)}`;
}

function pasidKey(pasid: number | null): string {
  return pasid === null ? 'none' : String(pasid);
}

/**
 * The tag of a translation in an ATC: its PASID, and whose memory it leads to, which a function does
 * not know.
 */
export function atcTag(pasid: number | null, contextId: number): string {
  return `${atcTagStart(pasid)}${contextId}`;
}

/** Tags begin with this for one PASID of a function. */
export function atcTagStart(pasid: number | null): string {
  return `${pasidKey(pasid)}/`;
}

/** Through the only stage: the largest block around the IOVA that one area maps. */
function secondStage(
  context: IommufdContext,
  ioas: Ioas,
  tag: string,
  { iova, write }: DmaAccess,
): DmaPage | DmaFault {
  const area = ioas.areas.at(iova);
  const missing = { kind: 'FAULT', stage: 2, implicit: false, gpa: iova } as const;
  if (area === null) return { ...missing, reason: 'STAGE2_NOT_PRESENT' };
  const read = (area.prot & IOMMU_IOAS_MAP_READABLE) !== 0;
  const writable = (area.prot & IOMMU_IOAS_MAP_WRITEABLE) !== 0;
  if (write ? !writable : !read) return { ...missing, reason: 'STAGE2_PERMISSION' };
  const log2Pages = blockInside(iova, area.start, area.last);
  const start = blockStart(iova, log2Pages);
  const target = pageOf(area.userVa + (start - area.start));
  const page = pageOf(start);
  return {
    kind: 'PAGE',
    contextId: context.contextId,
    ...processOfArea(context, area),
    tag,
    page,
    log2Pages,
    target,
    read,
    write: writable,
    updates: [],
  };
}

/** log2 of the pages of the largest block around an address that lies in [start, last]. */
function blockInside(address: bigint, start: bigint, last: bigint, largest = 18): number {
  for (const log2Pages of BLOCKS_LOG2) {
    if (log2Pages > largest) continue;
    const from = blockStart(address, log2Pages);
    if (from >= start && from + (1n << (PAGE_SHIFT + BigInt(log2Pages))) - 1n <= last) {
      return log2Pages;
    }
  }
  return 0;
}

function blockStart(address: bigint, log2Pages: number): bigint {
  const shift = PAGE_SHIFT + BigInt(log2Pages);
  return (address >> shift) << shift;
}

/** Through the guest's table, each of whose addresses goes through the second stage. */
function walkNested(
  context: IommufdContext,
  ioas: Ioas,
  hwpt: HwptNested,
  tag: string,
  access: DmaAccess,
  tableFormat: Parameters<typeof tableFormatOf>[1],
): DmaWalk {
  const found = tableFormatOf(hwpt.userData, tableFormat);
  const words: WordRead[] = [];
  if (found === null) {
    const reason = 'NO_PASID_TABLE';
    return {
      outcome: { kind: 'FAULT', reason, stage: 1, implicit: false, gpa: null },
      steps: [],
      words,
      firstStage: null,
    };
  }
  let unreadable: bigint | null = null;
  const { iova, write } = access;
  const asked = { write, execute: false, privileged: false };
  const { steps, outcome } = walk(found.format, found.root, iova, asked, gpa => {
    const userVa = userVaOf(ioas, gpa);
    if (userVa === null || userVa % 8n !== 0n) {
      unreadable = gpa;
      return null;
    }
    words.push({ userVa });
    return readWord(context, userVa);
  });
  const { contextId } = context;
  if (outcome.kind === 'FAULT') {
    const { fault: reason } = outcome;
    assert(isMet(reason), `a DMA can meet ${reason}`);
    const implicit = unreadable !== null;
    const stage = implicit ? 2 : 1;
    return {
      outcome: { kind: 'FAULT', reason, stage, implicit, gpa: unreadable },
      steps,
      words,
      firstStage: { ...outcome, fault: reason },
    };
  }
  const final = secondStage(context, ioas, tag, { ...access, iova: outcome.address });
  if (final.kind === 'FAULT') return { outcome: final, steps, words, firstStage: outcome };
  // What the second stage maps as one block, as far as the first stage's page goes.
  const log2Pages = Math.min(final.log2Pages, blockInFirstStage(outcome.pageShift));
  const pagesIn = pageOf(outcome.address) % 2 ** log2Pages;
  const userPage = final.target + (pageOf(outcome.address) - final.page);
  const updates: UserWord[] = [];
  for (const { address, value } of outcome.updates) {
    const placed = placeOf(context, ioas, address);
    if (placed !== null) updates.push({ contextId, ...placed, value });
  }
  return {
    steps,
    words,
    firstStage: outcome,
    outcome: {
      ...final,
      tag,
      page: pageOf(iova) - pagesIn,
      log2Pages,
      target: userPage - pagesIn,
      read: outcome.read && final.read,
      // A clean page is cached for reading alone: the first write walks again and makes it dirty.
      write: outcome.write && final.write && write,
      updates,
    },
  };
}

function blockInFirstStage(pageShift: number): number {
  const log2Pages = pageShift - Number(PAGE_SHIFT);
  return BLOCKS_LOG2.find(block => block <= log2Pages) ?? 0;
}

/** Where guest memory lies in the process, through the nest parent's IOAS; null: nowhere. */
export function userVaOf(ioas: Ioas, gpa: bigint): bigint | null {
  const area = ioas.areas.at(gpa);
  return area === null ? null : area.userVa + (gpa - area.start);
}

/** The same, and whose memory it is. */
export function placeOf(
  context: IommufdContext,
  ioas: Ioas,
  gpa: bigint,
): (OfProcess & { readonly userVa: bigint }) | null {
  const area = ioas.areas.at(gpa);
  if (area === null) return null;
  return { ...processOfArea(context, area), userVa: area.userVa + (gpa - area.start) };
}

/** Whose memory an area leads to, where it is not that of the process that opened the context. */
export function processOfArea(context: IommufdContext, { pagesId }: Area): OfProcess {
  // Whoever opened the context made its containers, unless some say otherwise.
  if (!context.foreignPages.has(pagesId)) return {};
  return otherProcessOf(context, must(context.pages.get(pagesId), `pages ${pagesId}`));
}
