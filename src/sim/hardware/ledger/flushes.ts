/** What may not be cached any more: what the kernel took away, and what commands invalidated. */
import { ULONG_MAX } from '../../../abi/uapi.ts';
import type { CachedPage } from '../../../core/hardware/ats/events.ts';
import type { Ioas } from '../../../core/iommufd/state.ts';
import type { CommandOf } from '../../../core/machine/command.ts';
import type { Outcome } from '../../../core/machine/operation.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import { grantOf, ioasUnder } from './page-walk.ts';
import { allModelled, type Modelled } from './part.ts';
import { reachesAtc } from './rules.ts';

/**
 * Whoever is wrong about invalidations, the kernel is not: no cache leads to memory that is mapped
 * no longer, or belongs to a hwpt that none of the functions is on.
 */
export function checkReach(after: MachineState): string[] {
  return [...iotlbs(after), ...atcs(after)];
}

function iotlbs(after: MachineState): string[] {
  const wrong: string[] = [];
  for (const [iommuNo, { iotlb }] of after.iommus) {
    if (iotlb.size === 0) continue;
    const behind = allModelled(after).filter(({ hardware }) => hardware.spec.iommuNo === iommuNo);
    for (const cached of iotlb) {
      const [contextId, hwptId] = cached.tag.split('/').map(Number);
      const on = behind.find(device => isOn(after, device, contextId!, hwptId!));
      const where = `the IOTLB of IOMMU ${iommuNo}: page ${cached.page} of ${cached.tag}`;
      if (on === undefined) {
        wrong.push(`${where}, which no function is on`);
        continue;
      }
      const context = after.contexts.get(contextId!)!;
      const plain = context.objects.get(hwptId!)?.type === 'HWPT_PAGING';
      const ioas = ioasUnder(context, hwptId!);
      if (ioas === null || !isMapped(ioas, cached)) wrong.push(`${where} leads to unmapped memory`);
      else if (plain && !isCurrent(after, on, cached)) wrong.push(`${where} is not what is mapped`);
    }
  }
  return wrong;
}

function isOn(after: MachineState, device: Modelled, contextId: number, hwptId: number): boolean {
  const { domain } = after.iommuGroups.get(device.iommuGroupId)!;
  return domain.kind === 'HWPT' && domain.contextId === contextId && domain.hwptId === hwptId;
}

function isCurrent(after: MachineState, { deviceNo }: Modelled, cached: CachedPage): boolean {
  const grant = grantOf(after, deviceNo, null, BigInt(cached.page));
  return grant?.userPage === BigInt(cached.target);
}

/** The user pages from first to last of a translation lie in areas of the IOAS. */
function isMapped(ioas: Ioas, { target, log2Pages }: CachedPage): boolean {
  const first = BigInt(target) << 12n;
  const last = first + (1n << BigInt(12 + log2Pages)) - 1n;
  for (const { userVa, start, last: end } of ioas.areas) {
    if (userVa <= first && last <= userVa + (end - start)) return true;
  }
  return false;
}

/** Functions that say they have invalidated and do. */
function atcs(after: MachineState): string[] {
  const wrong: string[] = [];
  for (const device of allModelled(after)) {
    const { ats, atc } = device.hardware;
    if (atc.size === 0) continue;
    if (ats?.enabled !== true) wrong.push(`the ATC of ${device.bdf} holds pages, and ATS is off`);
    if (ats?.respondsToInvalidation !== true) continue;
    const { domain } = after.iommuGroups.get(device.iommuGroupId)!;
    for (const cached of atc) {
      const contextId = Number(cached.tag.split('/')[1]);
      const where = `the ATC of ${device.bdf}: page ${cached.page} of ${cached.tag}`;
      if (domain.kind !== 'HWPT' || domain.contextId !== contextId) {
        wrong.push(`${where}, which it is not on`);
        continue;
      }
      const ioas = ioasUnder(after.contexts.get(contextId)!, domain.hwptId);
      if (ioas === null || !isMapped(ioas, cached)) wrong.push(`${where} leads to unmapped memory`);
    }
  }
  return wrong;
}

/** The pages that a command invalidated are in none of the caches that it reaches. */
export function checkInvalidated(after: MachineState, { command, errno }: Outcome): string[] {
  if (errno !== 0) return [];
  switch (command.type) {
    case 'HwptInvalidate':
      return afterHwptInvalidate(after, command);
    case 'AtcInvalidate':
      return afterAtcInvalidate(after, command);
    case 'AtsDisable':
    case 'DeviceReset': {
      const device = allModelled(after).find(({ bdf }) => bdf === command.bdf);
      return (device?.hardware.atc.size ?? 0) > 0 ? [`${command.bdf} kept its ATC`] : [];
    }
    default:
      return [];
  }
}

const meets = ({ page, log2Pages }: CachedPage, first: bigint, last: bigint) =>
  BigInt(page) <= last && BigInt(page) + (1n << BigInt(log2Pages)) > first;

function afterHwptInvalidate(
  after: MachineState,
  { contextId, hwptId, entries }: CommandOf<'HwptInvalidate'>,
): string[] {
  const wrong: string[] = [];
  for (const { addr = 0n, npages = ULONG_MAX } of entries) {
    const first = addr >> 12n;
    const last = npages === ULONG_MAX ? 1n << 52n : first + (npages === 0n ? 1n : npages) - 1n;
    for (const device of allModelled(after)) {
      if (!isOn(after, device, contextId, hwptId)) continue;
      const { iotlb, spec } = after.iommus.get(device.hardware.spec.iommuNo)!;
      for (const cached of iotlb) {
        if (!cached.tag.startsWith(`${contextId}/${hwptId}/`) || !meets(cached, first, last))
          continue;
        wrong.push(`page ${cached.page} of ${cached.tag} outlives HWPT_INVALIDATE in the IOTLB`);
      }
      const responds = device.hardware.ats?.respondsToInvalidation === true;
      if (!reachesAtc(spec.vendor) || !responds) continue;
      for (const cached of device.hardware.atc) {
        if (!meets(cached, first, last)) continue;
        wrong.push(`page ${cached.page} outlives HWPT_INVALIDATE in the ATC of ${device.bdf}`);
      }
    }
  }
  return wrong;
}

function afterAtcInvalidate(
  after: MachineState,
  { bdf, pasid, addr, size }: CommandOf<'AtcInvalidate'>,
): string[] {
  const device = allModelled(after).find(other => other.bdf === bdf);
  if (device?.hardware.ats?.respondsToInvalidation !== true) return [];
  const last = (addr + size - 1n) >> 12n;
  return [...device.hardware.atc]
    .filter(
      cached => cached.tag.startsWith(`${pasid ?? 'none'}/`) && meets(cached, addr >> 12n, last),
    )
    .map(({ page }) => `page ${page} outlives AtcInvalidate in the ATC of ${bdf}`);
}
