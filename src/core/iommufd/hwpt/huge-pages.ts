/**
 * IO pages of 1 MiB: what a mock domain with MOCK_FLAGS_DEVICE_HUGE_IOVA maps where user memory is
 * contiguous (iommu_pgsize; mock_domain_map_pages of drivers/iommu/iommufd/selftest.c, 6.12.117).
 */
import { MOCK_HUGE_PAGE_SIZE, MOCK_IO_PAGE_SIZE } from '../../../abi/uapi.ts';
import type { Execution } from '../../machine/execution.ts';
import { rangesFrom, rangesOfPages } from '../../memory/process-memory.ts';
import { pagesOf } from '../ioas/io-pagetable.ts';
import type { Area, Ioas, IommufdContext } from '../state.ts';

const SLOT = BigInt(MOCK_IO_PAGE_SIZE);
const HUGE = BigInt(MOCK_HUGE_PAGE_SIZE);
/** Slots of an IO page of 1 MiB. */
export const HUGE_SLOTS = MOCK_HUGE_PAGE_SIZE / MOCK_IO_PAGE_SIZE;

/**
 * Whether the slot is part of a huge IO page: its block of 1 MiB lies whole in the area, and behind it
 * is a part of one larger page of user memory, as aligned.
 */
export function isInHugePage(
  x: Execution,
  context: IommufdContext,
  ioas: Ioas,
  area: Area,
  slot: number,
): boolean {
  const start = BigInt(slot - (slot % HUGE_SLOTS)) * SLOT;
  if (!ioas.largePages || start < area.start || start + HUGE - 1n > area.last) return false;
  const userVa = area.userVa + start - area.start;
  if (userVa % HUGE !== 0n) return false;
  for (const range of rangesFrom(rangesOfPages(x.state, context, pagesOf(context, area)), userVa)) {
    return range.start <= userVa && BigInt(range.pageSize ?? 0) >= HUGE;
  }
  return false;
}
