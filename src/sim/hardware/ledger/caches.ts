/**
 * Translation caches: what is in them was granted when it was put there and has not been invalidated
 * since; what the kernel unmapped is in none of them. Bytes move where the tables allow it, or where
 * a cache had it, which a hazard then says.
 */
import type { CachedPage } from '../../../core/hardware/ats/events.ts';
import type { EventOf } from '../../../core/machine/event.ts';
import type { Outcome } from '../../../core/machine/operation.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import { checkInvalidated, checkReach } from './flushes.ts';
import { checkMoved } from './moves.ts';
import { grantOf } from './page-walk.ts';
import { allModelled, type LedgerPart, type Moment, modelled } from './part.ts';

/** Who looks through a cache: the IOMMU itself, or a function. */
export type Shelf = Map<string, CachedPage>;

interface Unchecked {
  readonly translation: CachedPage;
  readonly kind: 'IOTLB' | 'ATC';
  /** Whose ATC; null: an IOTLB. */
  readonly of: number | null;
}

export class CacheLedger implements LedgerPart {
  private readonly iotlbs = new Map<number, Shelf>();
  private readonly atcs = new Map<number, Shelf>();
  /** Filled in this operation by a look whose DMA is not known yet. */
  private unchecked: Unchecked[] = [];

  private iotlb = (iommuNo: number) => shelf(this.iotlbs, iommuNo);
  private atc = (deviceNo: number) => shelf(this.atcs, deviceNo);

  follow(moment: Moment): string[] {
    const { event } = moment;
    switch (event.type) {
      case 'IotlbFilled':
        return this.fill(this.iotlb(event.iommuNo), null, event.translations);
      case 'AtcFilled':
        return this.fill(this.atc(event.deviceNo), event.deviceNo, event.translations);
      case 'IotlbInvalidated':
        this.dropIotlb(event);
        return [];
      case 'AtcInvalidated':
        this.dropAtc(event);
        return [];
      case 'AtsSwitched':
      case 'PhysicalDeviceRemoved':
        this.atc(event.deviceNo).clear();
        return [];
      case 'DmaIssued':
      case 'DmaRetried':
      case 'DmaAborted':
      case 'DmaCompleted':
      case 'AtsTranslationCompleted':
        return this.looked(moment, event);
      default:
        // A look ends before anything else happens; its hazards belong to it.
        if (event.type !== 'HazardRecorded') this.unchecked = [];
        return [];
    }
  }

  private fill(into: Shelf, of: number | null, filled: readonly CachedPage[]): string[] {
    for (const translation of filled) {
      dropFrom(into, tag => tag === translation.tag, firstOf(translation), lastOf(translation));
      into.set(`${translation.tag} ${translation.page} ${translation.log2Pages}`, translation);
      this.unchecked.push({ translation, kind: of === null ? 'IOTLB' : 'ATC', of });
    }
    return [];
  }

  private dropIotlb(event: EventOf<'IotlbInvalidated'>): void {
    const { contextId, hwptId, pasid, firstPage, lastPage } = event;
    const start = `${contextId}/${hwptId}/${pasid === null ? '' : (pasid.pasid ?? 'none')}`;
    const meant = (tag: string) => (pasid === null ? tag.startsWith(start) : tag === start);
    dropFrom(this.iotlb(event.iommuNo), meant, firstPage, lastPage);
  }

  private dropAtc({ deviceNo, pasid, firstPage, lastPage }: EventOf<'AtcInvalidated'>): void {
    const start = pasid === null ? '' : `${pasid.pasid ?? 'none'}/`;
    dropFrom(this.atc(deviceNo), tag => tag.startsWith(start), firstPage, lastPage);
  }

  /** Whose look it was is known: tags, grants, and where the bytes went. */
  private looked(
    { before, rest, outcome }: Moment,
    event:
      | EventOf<'DmaIssued' | 'DmaRetried' | 'DmaAborted' | 'DmaCompleted'>
      | EventOf<'AtsTranslationCompleted'>,
  ): string[] {
    const { deviceNo } = event;
    const filled = this.unchecked;
    this.unchecked = [];
    const device = modelled(before, deviceNo);
    if (device === null) return [`device ${deviceNo} did a DMA and is gone`];
    const request =
      event.type === 'AtsTranslationCompleted'
        ? event
        : 'request' in event && event.request !== null
          ? event.request
          : device.hardware.dmas.get(event.dmaId)?.request;
    if (request === undefined) return [`device ${deviceNo} did a DMA that is not there`];
    const { domain } = before.iommuGroups.get(device.iommuGroupId)!;
    const at = domain.kind === 'HWPT' ? domain : null;
    const named = request.pasid ?? 'none';
    const wrong: string[] = [];
    for (const unchecked of filled) {
      const { translation, kind } = unchecked;
      const looker = whoLooked(before, { deviceNo, pasid: request.pasid }, unchecked);
      if (looker === null) wrong.push(`${kind}: filled as ${translation.tag}, which nobody asked`);
      else if (kind === 'IOTLB' || !this.inIotlb(before, looker, translation)) {
        wrong.push(...checkGranted(before, looker, translation, kind));
      }
    }
    if (event.type !== 'DmaCompleted' || at === null) return wrong;
    const caches = [
      ...(device.hardware.ats?.enabled
        ? [{ shelf: this.atc(deviceNo), tag: `${named}/${at.contextId}` }]
        : []),
      {
        shelf: this.iotlb(device.hardware.spec.iommuNo),
        tag: `${at.contextId}/${at.hwptId}/${named}`,
      },
    ];
    return [...wrong, ...checkMoved({ before, event, rest, outcome }, event, caches)];
  }

  /** A function may cache what the IOTLB says, stale or not. */
  private inIotlb(
    before: MachineState,
    { deviceNo, pasid }: Looker,
    { page, target, write }: CachedPage,
  ): boolean {
    const device = modelled(before, deviceNo)!;
    const { domain } = before.iommuGroups.get(device.iommuGroupId)!;
    if (domain.kind !== 'HWPT') return false;
    const tag = `${domain.contextId}/${domain.hwptId}/${pasid ?? 'none'}`;
    for (const other of this.iotlb(device.hardware.spec.iommuNo).values()) {
      if (other.tag !== tag || page < other.page || page > lastOf(other)) continue;
      if (other.target + (page - other.page) === target && (other.write || !write)) return true;
    }
    return false;
  }

  settle(after: MachineState, outcome: Outcome): string[] {
    this.unchecked = [];
    const wrong = [...checkReach(after), ...checkInvalidated(after, outcome)];
    for (const [iommuNo, { iotlb, spec }] of after.iommus) {
      if (iotlb.size > spec.iotlb.entries) wrong.push(`IOMMU ${iommuNo}: too many translations`);
      wrong.push(...checkHeld(`the IOTLB of IOMMU ${iommuNo}`, iotlb, this.iotlb(iommuNo)));
    }
    for (const { deviceNo, bdf, hardware } of allModelled(after)) {
      wrong.push(...checkHeld(`the ATC of ${bdf}`, hardware.atc, this.atc(deviceNo)));
    }
    return wrong;
  }
}

function shelf(all: Map<number, Shelf>, no: number): Shelf {
  const found = all.get(no) ?? new Map<string, CachedPage>();
  all.set(no, found);
  return found;
}

/**
 * Whose look put a translation into a cache: of the DMA that shows, or of one that found what it
 * looked for and waits for more, which does not show. null: of none, the tag is wrong.
 */
function whoLooked(
  before: MachineState,
  shown: Looker,
  { translation: { tag, page }, kind, of }: Unchecked,
): Looker | null {
  const looked = ({ deviceNo, pasid }: Looker) => {
    const device = modelled(before, deviceNo)!;
    const { domain } = before.iommuGroups.get(device.iommuGroupId)!;
    if (domain.kind !== 'HWPT' || (of !== null && of !== deviceNo)) return false;
    const { contextId, hwptId } = domain;
    const named = pasid ?? 'none';
    return tag === (kind === 'ATC' ? `${named}/${contextId}` : `${contextId}/${hwptId}/${named}`);
  };
  if (looked(shown)) return shown;
  for (const { deviceNo, hardware } of allModelled(before)) {
    for (const { request } of hardware.dmas.values()) {
      const { iova, length, pasid } = request;
      const covers = iova >> 12n <= BigInt(page) && BigInt(page) <= (iova + length - 1n) >> 12n;
      if (covers && looked({ deviceNo, pasid })) return { deviceNo, pasid };
    }
  }
  return null;
}

interface Looker {
  readonly deviceNo: number;
  readonly pasid: number | null;
}

const firstOf = ({ page }: CachedPage) => page;
export const lastOf = ({ page, log2Pages }: CachedPage) => page + 2 ** log2Pages - 1;

function dropFrom(from: Shelf, meant: (tag: string) => boolean, first: number, last: number): void {
  for (const [key, translation] of from) {
    if (!meant(translation.tag)) continue;
    if (translation.page <= last && lastOf(translation) >= first) from.delete(key);
  }
}

/** Each translation that a cache holds was put there as it is, and not taken away since. */
function checkHeld(where: string, cache: Iterable<CachedPage>, held: Shelf): string[] {
  const wrong: string[] = [];
  for (const { tag, page, log2Pages, target, read, write } of cache) {
    const own = held.get(`${tag} ${page} ${log2Pages}`);
    const same = own?.target === target && own.read === read && own.write === write;
    if (!same) wrong.push(`${where} has page ${page} of ${tag}, which was invalidated or never so`);
  }
  return wrong;
}

/** The tables grant the first and the last page of a translation as it says. */
function checkGranted(
  before: MachineState,
  { deviceNo, pasid }: Looker,
  translation: CachedPage,
  kind: string,
): string[] {
  const { page, target, read, write } = translation;
  const pages = [...new Set([0, lastOf(translation) - page])];
  return pages.flatMap(offset => {
    const grant = grantOf(before, deviceNo, pasid, BigInt(page + offset));
    const granted =
      grant !== null &&
      grant.userPage === BigInt(target + offset) &&
      (grant.read || !read) &&
      (grant.write || !write);
    return granted
      ? []
      : [`${kind}: page ${page + offset} was cached and the tables do not grant it`];
  });
}
