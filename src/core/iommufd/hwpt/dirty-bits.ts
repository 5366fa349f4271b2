/**
 * What has one dirty bit in a mock hwpt: an IO page, or a leaf of the page table the mock driver has
 * from 6.19 on (drivers/iommu/generic_pt).
 */
import { MOCK_IO_PAGE_SIZE, PAGE_SIZE } from '../../../abi/uapi.ts';
import type { Execution } from '../../machine/execution.ts';
import type { Area } from '../state.ts';

const SLOT = BigInt(MOCK_IO_PAGE_SIZE);
const PAGE = BigInt(PAGE_SIZE);
const SLOTS_PER_PAGE = PAGE_SIZE / MOCK_IO_PAGE_SIZE;

/** Numbers of the IO pages that share one dirty bit with IO page `slot` of an area. */
export function slotsOfBit(x: Execution, area: Area, slot: number): readonly number[] {
  if (x.behaviour.mockDirtyBitOf === 'IO_PAGE') return [slot];
  // A leaf is the largest power of two that IOVA, address and length allow. No two pages of user
  // memory lie side by side in physical memory, so a page is as large as it gets.
  if ((area.start - area.userVa) % PAGE !== 0n) return [slot];
  const first = slot - (slot % SLOTS_PER_PAGE);
  const start = BigInt(first) * SLOT;
  if (start < area.start || start + PAGE - 1n > area.last) return [slot];
  return Array.from({ length: SLOTS_PER_PAGE }, (_, index) => first + index);
}
