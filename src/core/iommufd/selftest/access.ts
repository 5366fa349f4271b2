/**
 * In-kernel accesses, through the self-test. Mirrors iommufd_access_* of
 * drivers/iommu/iommufd/device.c and the access operations of selftest.c, Linux 6.12.117.
 */
import type { Errno } from '../../../abi/errno.ts';
import {
  IOMMU_IOAS_MAP_READABLE,
  IOMMU_IOAS_MAP_WRITEABLE,
  PAGE_SIZE,
  ULONG_MAX,
} from '../../../abi/uapi.ts';
import type { Execution } from '../../machine/execution.ts';
import { ioasOf } from '../../machine/lookup.ts';
import { Refusal } from '../../machine/refusal.ts';
import { checkIovaAlignment, contiguousAreas } from '../ioas/io-pagetable.ts';
import type { Access, Area, Ioas, IommufdContext } from '../state.ts';

const PAGE = BigInt(PAGE_SIZE);

/** An open access, or EBADFD: no such file. */
export function accessOf(
  x: Execution,
  context: IommufdContext,
  accessId: number,
): Access | Refusal {
  const access = context.objects.get(accessId);
  if (access?.type === 'ACCESS') return access;
  return x.refusedBy('iommufd_access_get', new Refusal('EBADFD', 'ACCESS_ABSENT', { accessId }));
}

/** Source: iopt_add_access. */
export function addAccess(x: Execution, ioas: Ioas, needsPinPages: boolean): Errno {
  if (!x.allocates('xa_alloc access')) return 'ENOMEM';
  return needsPinPages ? (checkIovaAlignment(x, ioas, PAGE)?.errno ?? 0) : 0;
}

/** Source: check_area_prot. */
export function permits(area: Area, write: boolean): boolean {
  return (area.prot & (write ? IOMMU_IOAS_MAP_WRITEABLE : IOMMU_IOAS_MAP_READABLE)) !== 0;
}

export function userVaAt(area: Area, iova: bigint): bigint {
  return area.userVa + (iova - area.start);
}

/**
 * Runs `check` over the areas of a range, ascending, and wants them to cover it without a hole. Called
 * in the kernel function that refuses otherwise.
 */
export function checkPieces(
  x: Execution,
  context: IommufdContext,
  access: Access,
  iova: bigint,
  length: bigint,
  check: (area: Area, start: bigint, last: bigint) => Errno,
): Errno {
  if (length === 0n) return x.refuse('EINVAL', 'LENGTH_ZERO');
  const last = iova + length - 1n;
  if (last > ULONG_MAX) {
    return x.refuse('EOVERFLOW', 'RANGE_WRAPS', { argument: 'iova', start: iova, length });
  }
  const { ioasId, id: accessId } = access;
  if (ioasId === null) return x.refuse('ENOENT', 'ACCESS_NOT_ATTACHED', { accessId });
  const covering = contiguousAreas(ioasOf(context, ioasId), iova, last);
  for (const piece of covering.areas) {
    const rc = check(piece.area, piece.start, piece.last);
    if (rc !== 0) return rc;
  }
  if (covering.complete) return 0;
  const missing = covering.areas.length === 0 ? iova : covering.areas.at(-1)!.last + 1n;
  const facts = { argument: 'iova', ioasId, iova: missing, start: iova, last };
  return x.refuse('ENOENT', 'RANGE_NOT_MAPPED', facts);
}
