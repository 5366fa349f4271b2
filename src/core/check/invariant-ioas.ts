/** Invariants of an IOAS: what it counts is recounted from its areas, owners, hwpts and accesses. */
import { BEHAVIOUR } from '../../abi/behaviour.ts';
import { MOCK_IO_PAGE_SIZE, PAGE_SIZE, ULONG_MAX } from '../../abi/uapi.ts';
import type { Access, Area, Device, HwptPaging, Ioas, IommufdContext } from '../iommufd/state.ts';
import type { MachineState } from '../machine/state.ts';
import { type Check, type MetHazards, sameMembers } from './invariant-check.ts';
import { coverageText, describeRange, sweep } from './invariant-memory.ts';

/** Everything an IOAS holds; see checkMemory for the page containers behind its areas. */
export function checkIoas(
  state: MachineState,
  context: IommufdContext,
  ioas: Ioas,
  met: MetHazards,
  check: Check,
): void {
  const objects = [...context.objects.values()];
  const hwpts = objects.filter(
    (object): object is HwptPaging => object.type === 'HWPT_PAGING' && object.ioasId === ioas.id,
  );
  const accesses = objects.filter(
    (object): object is Access => object.type === 'ACCESS' && object.ioasId === ioas.id,
  );
  checkReserved(state, context, ioas, met, check);
  checkAreas(context, ioas, accesses, check);
  checkAlignment(context, ioas, hwpts, accesses, check);
  checkAccesses(context, ioas, accesses, check);
  checkDirty(context, ioas, hwpts, check);
}

const where = (context: IommufdContext, ioas: Ioas) =>
  `context ${context.contextId}, IOAS ${ioas.id}`;

/**
 * Ranges in an IOAS belong to domains on it, to devices attached through it, or to nobody. A failed
 * replace takes those of attached devices away or leaves them where they do not belong, and says so
 * (iommufd_device_do_replace).
 */
function checkReserved(
  state: MachineState,
  context: IommufdContext,
  ioas: Ioas,
  met: MetHazards,
  check: Check,
): void {
  const at = where(context, ioas);
  for (const [owner, ranges] of ioas.reserved) {
    const [kind, id] = owner.split(':') as ['device' | 'domain' | 'none', string];
    if (kind === 'none') continue;
    if (kind === 'domain') {
      check(ioas.hwptIds.has(Number(id)), `${at}: ranges of ${owner}, which is not on it`);
      check(ranges.length <= 2, `${at}: ${ranges.length} ranges of ${owner}`);
      continue;
    }
    check(
      attachedIoasId(state, context, Number(id)) === ioas.id ||
        met.explain(`device ${id}`, 'RESERVATIONS_LEFT'),
      `${at}: ranges of ${owner}, which is not attached through it`,
    );
  }
  for (const device of context.objects.values()) {
    if (device.type !== 'DEVICE' || !hasRegions(state, device)) continue;
    check(
      attachedIoasId(state, context, device.id) !== ioas.id ||
        ioas.reserved.has(`device:${device.id}`) ||
        met.explain(`device ${device.id}`, 'RESERVATIONS_LOST'),
      `${at}: nothing is reserved for device ${device.id}, which is attached through it`,
    );
  }
  for (const hwptId of ioas.hwptIds) {
    const hwpt = context.objects.get(hwptId);
    const outside = hwpt?.type === 'HWPT_PAGING' && hwpt.domain.apertureLast !== ULONG_MAX;
    check(
      !outside || ioas.reserved.has(`domain:${hwptId}`),
      `${at}: nothing is reserved outside the aperture of hwpt ${hwptId}`,
    );
  }
  const owned = sweep([...ioas.reserved.values()].flat());
  check(
    coverageText(ioas.reservedRanges) === coverageText(owned),
    `${at}: what is reserved is not what its owners reserve`,
  );
  check(
    coverageText(ioas.ownerless) === coverageText(sweep(ioas.reserved.get('none') ?? [])),
    `${at}: what nobody owns is not what is reserved for nobody`,
  );
  check(
    [...ioas.ownerless].every(({ count }) => count === 1),
    `${at}: what nobody owns is kept more than once`,
  );
  const { allowed } = ioas;
  check(
    allowed.every(
      ({ start, last }, index) => start < last && (index === 0 || allowed[index - 1]!.last < start),
    ),
    `${at}: the allowed ranges are out of order`,
  );
  for (const range of allowed) {
    check(
      !owned.some(({ start, last }) => start <= range.last && last >= range.start),
      `${at}: ${describeRange(range)} is allowed and reserved`,
    );
  }
}

/** Regions that are reserved wherever the device is attached. */
function hasRegions(state: MachineState, { deviceNo }: Device): boolean {
  const physical = state.physicalDevices.get(deviceNo);
  if (physical?.kind !== 'PCI') return false;
  return physical.reservedRegions.some(({ type }) => type !== 'DIRECT_RELAXABLE');
}

/**
 * The IOAS in which an attachment reserves the device's regions: none if it is not attached, or on a
 * nested hwpt where that reserves nothing.
 */
function attachedIoasId(
  state: MachineState,
  context: IommufdContext,
  deviceId: number,
): number | null {
  const device = context.objects.get(deviceId);
  if (device?.type !== 'DEVICE' || !device.attached) return null;
  const hwptId = state.iommuGroups.get(device.iommuGroupId)?.hwptId ?? 0;
  const hwpt = context.objects.get(hwptId);
  const { nestedEnforcesReservedRegions } = BEHAVIOUR[state.baseline];
  if (hwpt?.type === 'HWPT_NESTED' && !nestedEnforcesReservedRegions) return null;
  const paging = hwpt?.type === 'HWPT_NESTED' ? context.objects.get(hwpt.parentId) : hwpt;
  return paging?.type === 'HWPT_PAGING' ? paging.ioasId : null;
}

function checkAreas(
  context: IommufdContext,
  ioas: Ioas,
  accesses: readonly Access[],
  check: Check,
): void {
  const at = where(context, ioas);
  const areas = [...ioas.areas];
  check(areas.length === ioas.areas.size, `${at}: ${ioas.areas.size} areas counted`);
  const reserved = [...ioas.reserved.values()].flat();
  for (const [index, area] of areas.entries()) {
    const { start, last } = area;
    const text = describeRange(area);
    check(start <= last && last <= ULONG_MAX, `${at}: ${text} is no range`);
    check(index === 0 || areas[index - 1]!.last < start, `${at}: ${text} meets the one before it`);
    check(
      !reserved.some(range => range.start <= last && range.last >= start),
      `${at}: ${text} is mapped and reserved`,
    );
    const pinned = accesses.flatMap(({ id, items }) =>
      [...items]
        .filter(([, item]) => item.start <= last && item.last >= start)
        .map(([itemId]) => `${id}:${itemId}`),
    );
    const listed = [...(area.pins ?? [])].flatMap(([id, { itemIds }]) =>
      itemIds.size === 0 ? `${id}:` : Array.from(itemIds, itemId => `${id}:${itemId}`),
    );
    check(
      sameMembers(listed, pinned) && (area.pins?.size ?? 1) > 0,
      `${at}: items ${pinned.join(', ')} pin ${text}, listed are ${listed.join(', ')}`,
    );
  }
}

/** Numbers an area starts, ends and lies in its page at. */
const bitsOf = ({ start, last, userVa }: Area) =>
  start | (last + 1n) | (userVa % BigInt(PAGE_SIZE));

function checkAlignment(
  context: IommufdContext,
  ioas: Ioas,
  hwpts: readonly HwptPaging[],
  accesses: readonly Access[],
  check: Check,
): void {
  const at = where(context, ioas);
  const areas = [...ioas.areas];
  const breaking = (unit: number) =>
    areas.filter(area => bitsOf(area) % BigInt(unit) !== 0n).length;
  const { by2048, by4096 } = ioas.misaligned;
  check(by2048 === breaking(MOCK_IO_PAGE_SIZE), `${at}: ${by2048} areas break 2048 by its count`);
  check(by4096 === breaking(PAGE_SIZE), `${at}: ${by4096} areas break 4096 by its count`);
  const sizes = hwpts.map(({ domain }) => domain.pageSize).sort((a, b) => a - b);
  const counted = [...ioas.domainPageSizes]
    .flatMap(([size, count]) => new Array<number>(count).fill(size))
    .sort((a, b) => a - b);
  check(
    sizes.length === counted.length && sizes.every((size, index) => size === counted[index]),
    `${at}: the page sizes counted are not those of its domains`,
  );
  const pinning = accesses.filter(({ needsPinPages }) => needsPinPages).length;
  check(ioas.pinningAccesses === pinning, `${at}: ${pinning} accesses pin, not as counted`);
  const unit = Math.max(1, pinning > 0 || !ioas.largePages ? PAGE_SIZE : 1, ...sizes);
  check(breaking(unit) === 0, `${at}: areas are not aligned to ${unit}`);
}

function checkAccesses(
  context: IommufdContext,
  ioas: Ioas,
  accesses: readonly Access[],
  check: Check,
): void {
  const at = where(context, ioas);
  check(
    sameMembers(
      ioas.accessIds,
      accesses.map(({ id }) => id),
    ),
    `${at}: its accesses are not those that name it`,
  );
  for (const { id, items, needsPinPages, nextItemId } of accesses) {
    check(items.size === 0 || needsPinPages, `${at}: access ${id} pinned and may not`);
    for (const [itemId, item] of items) {
      check(itemId < nextItemId, `${at}: access ${id} will give item ${itemId} again`);
      let next = item.start;
      for (const { start, last } of ioas.areas) if (start <= next && last >= next) next = last + 1n;
      check(next > item.last, `${at}: item ${itemId} of access ${id} pins what is not mapped`);
    }
  }
}

function checkDirty(
  context: IommufdContext,
  ioas: Ioas,
  hwpts: readonly HwptPaging[],
  check: Check,
): void {
  const at = where(context, ioas);
  check(
    sameMembers(
      ioas.dirtyHwptIds,
      hwpts.filter(({ dirtySlots }) => dirtySlots.size > 0).map(({ id }) => id),
    ),
    `${at}: the hwpts with dirty pages are not those it lists`,
  );
  const areas = [...ioas.areas];
  for (const { id, dirtySlots, dirtyTracking, domain } of hwpts) {
    check(!dirtyTracking || domain.dirtyOps, `${at}: hwpt ${id} tracks and has no way to`);
    for (const slot of dirtySlots.keys()) {
      const iova = BigInt(slot) * BigInt(MOCK_IO_PAGE_SIZE);
      check(
        areas.some(({ start, last }) => start <= iova && last >= iova),
        `${at}: hwpt ${id} has a dirty page at 0x${iova.toString(16)}, which is not mapped`,
      );
    }
  }
}
