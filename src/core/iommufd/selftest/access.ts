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
export function accessOf(context: IommufdContext, accessId: number): Access | Refusal {
  const access = context.objects.get(accessId);
  return access?.type === 'ACCESS' ? access : new Refusal('EBADFD');
}

/** Source: iopt_add_access. */
export function addAccess(x: Execution, ioas: Ioas, needsPinPages: boolean): Errno {
  if (!x.allocates('xa_alloc access')) return 'ENOMEM';
  return needsPinPages ? checkIovaAlignment(ioas, PAGE) : 0;
}

/** Source: check_area_prot. */
export function permits(area: Area, write: boolean): boolean {
  return (area.prot & (write ? IOMMU_IOAS_MAP_WRITEABLE : IOMMU_IOAS_MAP_READABLE)) !== 0;
}

export function userVaAt(area: Area, iova: bigint): bigint {
  return area.userVa + (iova - area.start);
}

/** Runs `check` over the areas of a range, ascending, and wants them to cover it without a hole. */
export function checkPieces(
  context: IommufdContext,
  access: Access,
  iova: bigint,
  length: bigint,
  check: (area: Area, start: bigint, last: bigint) => Errno,
): Errno {
  if (length === 0n) return 'EINVAL';
  const last = iova + length - 1n;
  if (last > ULONG_MAX) return 'EOVERFLOW';
  if (access.ioasId === null) return 'ENOENT';
  const covering = contiguousAreas(ioasOf(context, access.ioasId), iova, last);
  for (const piece of covering.areas) {
    const rc = check(piece.area, piece.start, piece.last);
    if (rc !== 0) return rc;
  }
  return covering.complete ? 0 : 'ENOENT';
}
