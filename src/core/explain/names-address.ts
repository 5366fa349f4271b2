/** Whether an operation or an event is about addresses: one of their pages, or a range over them. */
import type { IovaRange } from '../memory/iova-range.ts';

const PAGE_MASK = ~0xfffn;

/**
 * Looks through all fields but a process, whose memory is no mapping: `start` with `last`, `iova` with
 * `length`, and any number of 64 bits, whose page must meet the addresses.
 */
export function namesAddress(value: unknown, wanted: IovaRange): boolean {
  if (typeof value === 'bigint') {
    return (value & PAGE_MASK) <= wanted.last && wanted.start <= (value | ~PAGE_MASK);
  }
  if (typeof value !== 'object' || value === null) return false;
  if (isMet(value as Fields, wanted)) return true;
  if (Array.isArray(value)) return value.some(part => namesAddress(part, wanted));
  for (const field of Object.keys(value)) {
    if (field !== 'process' && namesAddress((value as Fields)[field], wanted)) return true;
  }
  return false;
}

type Fields = Readonly<Record<string, unknown>>;

function isMet({ start, last, iova, length }: Fields, wanted: IovaRange): boolean {
  if (typeof start === 'bigint' && typeof last === 'bigint') {
    return start <= wanted.last && wanted.start <= last;
  }
  if (typeof iova === 'bigint' && typeof length === 'bigint') {
    return iova <= wanted.last && wanted.start < iova + length;
  }
  return false;
}
