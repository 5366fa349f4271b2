/**
 * One look of a device at the pages of a DMA: through its ATC, the IOTLB, a walk. What is found in a
 * cache is compared with a fresh walk, so that a stale translation shows when it is used.
 */
import { must } from '../../machine/assert.ts';
import type { Execution } from '../../machine/execution.ts';
import { contextOf } from '../../machine/lookup.ts';
import { otherProcessOf } from '../../memory/process-memory.ts';
import { userPages } from '../../memory/user-memory.ts';
import type { OfProcess } from '../../memory/user-process.ts';
import type { CachedPage } from '../ats/events.ts';
import type { Translation } from '../cache/columns.ts';
import { pageOf, type TranslationCache } from '../cache/translation-cache.ts';
import { iommuOfDevice, type ModelledDevice } from '../function/lookup.ts';
import type { DmaRequest, MissedPage } from '../function/state.ts';
import type { Iommu } from '../unit/state.ts';
import { knownSame, noteSame, type Tables, tablesOf } from './compared.ts';
import type { UserRun, Via } from './events.ts';
import { isRecoverable } from './fault-record.ts';
import { noteStale } from './stale.ts';
import { atcTag, type DmaFault, type DmaWalk, domainTag, type UserWord, walkDma } from './walk.ts';

/** A part of a DMA, by page numbers. */
export interface PageSpan {
  readonly first: number;
  readonly last: number;
}

export interface Pass {
  /** User memory of what is translated, in order. */
  readonly runs: UserRun[];
  readonly missed: MissedPage[];
  /** The faults of the missed pages. */
  readonly faults: Map<number, DmaFault>;
  /** A fault that no page request can help. */
  fatal: { readonly fault: DmaFault; readonly iova: bigint } | null;
  via: Via;
  /** What the translation that was found last grants; null: none was. */
  grants: Grants | null;
}

/** Rights of a translation: a clean page that is only read is not granted writes yet. */
export interface Grants {
  readonly read: boolean;
  readonly write: boolean;
}

interface Filled {
  readonly iotlb: CachedPage[];
  readonly updates: UserWord[];
  readonly atc: CachedPage[];
}

/** Looks at the pages from `first` to `last` of a DMA and fills the caches. */
export function lookAtPages(
  x: Execution,
  device: ModelledDevice,
  request: DmaRequest,
  spans: readonly PageSpan[],
): Pass {
  const pass: Pass = {
    runs: [],
    missed: [],
    faults: new Map(),
    fatal: null,
    via: 'ATC',
    grants: null,
  };
  const filled: Filled = { iotlb: [], updates: [], atc: [] };
  const look = new Look(x, device, request, pass, filled);
  for (const { first, last } of spans) {
    for (let page = first; page <= last && pass.fatal === null; ) {
      page = Math.min(last, look.at(page)) + 1;
    }
  }
  const { iommuNo } = iommuOfDevice(x.state, device);
  if (filled.iotlb.length > 0) {
    const { iotlb: translations, updates } = filled;
    x.emit({ type: 'IotlbFilled', iommuNo, translations, updates });
  }
  if (filled.atc.length > 0) {
    const { deviceNo } = device;
    x.emit({ type: 'AtcFilled', deviceNo, translations: filled.atc });
  }
  return pass;
}

const DISTANCE: Readonly<Record<Via, number>> = { ATC: 0, IOTLB: 1, WALK: 2 };

class Look {
  private readonly x: Execution;
  private readonly device: ModelledDevice;
  private readonly request: DmaRequest;
  private readonly pass: Pass;
  private readonly filled: Filled;
  private readonly iommu: Iommu;
  private readonly tag: string;
  private readonly atcTag: string;
  private readonly ats: boolean;
  private readonly tables: Tables | null;

  constructor(
    x: Execution,
    device: ModelledDevice,
    request: DmaRequest,
    pass: Pass,
    filled: Filled,
  ) {
    this.x = x;
    this.device = device;
    this.request = request;
    this.pass = pass;
    this.filled = filled;
    this.iommu = iommuOfDevice(x.state, device);
    const { pasid } = request;
    const tables = tablesOf(x.state, device, pasid);
    this.tables = tables;
    this.tag = tables === null ? '' : domainTag(tables.contextId, tables.hwpt.id, pasid);
    this.atcTag = tables === null ? '' : atcTag(pasid, tables.contextId);
    // Of a function that blocks, translated requests are refused too.
    this.ats = tables !== null && (device.hardware.ats?.enabled ?? false);
  }

  /** Looks at one page; the last page of the block that was found or missed with it. */
  at(page: number): number {
    const { iommu, tag, atcTag, device } = this;
    const atcHit = this.ats ? this.find(device.hardware.atc, atcTag, page) : null;
    if (atcHit !== null) return this.hit(page, atcHit, 'ATC');
    const iotlbHit = this.find(iommu.iotlb, tag, page);
    if (iotlbHit !== null) {
      if (this.ats) this.filled.atc.push({ ...pageOnly(iotlbHit), tag: atcTag });
      return this.hit(page, iotlbHit, 'IOTLB');
    }
    return this.walk(page);
  }

  private find(cache: TranslationCache<Translation>, tag: string, page: number) {
    const found = cache.find(tag, page);
    if (found === null) return null;
    return (this.request.write ? found.write : found.read) ? found : null;
  }

  private fresh(page: number): DmaWalk {
    const { pasid, write } = this.request;
    return walkDma(this.x.state, this.device, { pasid, iova: BigInt(page) << 12n, write });
  }

  private hit(page: number, found: Translation, via: Via): number {
    const { tables, request } = this;
    this.pass.grants = found;
    const userPage = found.target + (page - found.page);
    const end = found.page + 2 ** found.log2Pages - 1;
    const known = tables === null ? null : knownSame(found, tables, request.write);
    if (tables !== null && known !== null) {
      this.add({ contextId: tables.contextId, ...known }, page, end, userPage, via);
      return end;
    }
    const fresh = this.fresh(page);
    const { outcome, words } = fresh;
    let last = end;
    let of: OfProcess;
    const same = outcome.kind === 'PAGE' && outcome.target + (page - outcome.page) === userPage;
    if (same) {
      of = processOf(outcome);
      last = Math.min(end, outcome.page + 2 ** outcome.log2Pages - 1);
      const whole = outcome.page <= found.page && last === end;
      if (whole && tables !== null) noteSame(found, tables, request.write, fresh, of);
    } else {
      // Page by page: the next one may be as it was.
      last = page;
      of = this.mapperOf(contextIdOf(this.tag, outcome), userPage);
      noteStale(this.x, this.device, {
        page,
        pasid: request.pasid,
        found,
        userPage,
        cache: via === 'ATC' ? 'ATC' : 'IOTLB',
        outcome,
        words,
      });
    }
    const contextId = contextIdOf(this.tag, outcome);
    this.add({ contextId, ...of }, page, last, userPage, via);
    return last;
  }

  /** Whose memory a stale translation leads to: what was walked then is not kept. */
  private mapperOf(contextId: number, userPage: number): OfProcess {
    const context = contextOf(this.x.state, contextId);
    for (const pagesId of context.foreignPages) {
      const pages = must(context.pages.get(pagesId), `pages ${pagesId}`);
      const { start, last } = userPages(pages.userVa, pages.length);
      if (start <= userPage && userPage <= last) return otherProcessOf(context, pages);
    }
    return {};
  }

  private walk(page: number): number {
    const { outcome } = this.fresh(page);
    if (outcome.kind === 'FAULT') {
      if (!isRecoverable(this.iommu.spec.vendor, outcome)) {
        this.pass.fatal = { fault: outcome, iova: BigInt(page) << 12n };
        return page;
      }
      const index = page - pageOf(this.request.iova);
      this.pass.missed.push({ page: index, stage: outcome.stage });
      this.pass.faults.set(index, outcome);
      return page;
    }
    const { kind: _, contextId, processId: __, updates, ...cached } = outcome;
    this.pass.grants = cached;
    this.filled.iotlb.push(cached);
    this.filled.updates.push(...updates);
    if (this.ats) this.filled.atc.push({ ...cached, tag: this.atcTag });
    const last = outcome.page + 2 ** outcome.log2Pages - 1;
    const of = { contextId, ...processOf(outcome) };
    this.add(of, page, last, outcome.target + (page - outcome.page), 'WALK');
    return last;
  }

  /** Appends the bytes of pages that are translated, joined to what lies right before. */
  private add(
    of: Omit<UserRun, 'userVa' | 'length'>,
    first: number,
    last: number,
    userPage: number,
    via: Via,
  ): void {
    const { pass, request } = this;
    if (DISTANCE[via] > DISTANCE[pass.via]) pass.via = via;
    const end = request.iova + request.length;
    const from = max(BigInt(first) << 12n, request.iova);
    const to = min(BigInt(last + 1) << 12n, end);
    const userVa = (BigInt(userPage) << 12n) + (from - (BigInt(first) << 12n));
    const length = to - from;
    const before = pass.runs.at(-1);
    const joins =
      before?.contextId === of.contextId &&
      before.processId === of.processId &&
      before.userVa + before.length === userVa;
    if (joins) pass.runs[pass.runs.length - 1] = { ...before, length: before.length + length };
    else pass.runs.push({ ...of, userVa, length });
  }
}

/** A stale translation leads into the memory of the context whose domain it was. */
function contextIdOf(tag: string, outcome: DmaWalk['outcome']): number {
  return outcome.kind === 'PAGE' ? outcome.contextId : Number(tag.split('/')[0]);
}

function processOf({ processId }: OfProcess): OfProcess {
  return processId === undefined ? {} : { processId };
}

function pageOnly({ tag, page, log2Pages, target, read, write }: Translation): CachedPage {
  return { tag, page, log2Pages, target, read, write };
}

const max = (a: bigint, b: bigint) => (a > b ? a : b);
const min = (a: bigint, b: bigint) => (a < b ? a : b);

/** All pages of a DMA. */
export function wholeSpan({ iova, length }: DmaRequest): PageSpan {
  return { first: pageOf(iova), last: pageOf(iova + length - 1n) };
}
