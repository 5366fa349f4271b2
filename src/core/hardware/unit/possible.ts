/** What an IOMMU can be. */
import {
  CACHE_ENTRIES_MAX,
  INVALIDATION_TIMEOUT_DEFAULT,
  PRQ_ENTRIES_DEFAULT,
  PRQ_ENTRIES_MAX,
} from '../../../abi/limits.ts';
import { DEFAULT_ANSWER_SETTINGS } from '../vendors/automatic-answer.ts';
import type { IommuSpec } from './state.ts';

/** A power of two within its bound; a driver of Linux for RISC-V is not there to be like. */
export function isIommuPossible({ prqEntries, iotlb, vendor, driver }: IommuSpec): boolean {
  if (vendor === 'RISCV' && driver === 'AS_LINUX') return false;
  if (iotlb.entries < 1 || iotlb.entries > CACHE_ENTRIES_MAX) return false;
  return isQueueSize(prqEntries);
}

export function isQueueSize(entries: number): boolean {
  const bits = Math.log2(entries);
  return Number.isInteger(bits) && entries >= 2 && entries <= PRQ_ENTRIES_MAX;
}

/** An IOMMU as it is if nothing is said about it. */
export const DEFAULT_IOMMU: IommuSpec = {
  vendor: 'CONFORMING',
  driver: 'CONFORMING',
  prqEntries: PRQ_ENTRIES_DEFAULT,
  service: 'IMMEDIATE',
  iotlb: { entries: CACHE_ENTRIES_MAX, lru: false },
  invalidationTimeoutTicks: INVALIDATION_TIMEOUT_DEFAULT,
  tableFormat: null,
  answers: DEFAULT_ANSWER_SETTINGS,
};
