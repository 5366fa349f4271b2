/** Whether an operation or an event is about an address: one of its pages, or a range over it. */

const PAGE_MASK = ~0xfffn;

/**
 * Looks through all fields but a process, whose memory is no mapping: `start` with `last`, `iova` with
 * `length`, and any number of 64 bits.
 */
export function namesAddress(value: unknown, address: bigint): boolean {
  if (typeof value === 'bigint') return (value & PAGE_MASK) === (address & PAGE_MASK);
  if (typeof value !== 'object' || value === null) return false;
  if (isInRange(value as Fields, address)) return true;
  if (Array.isArray(value)) return value.some(part => namesAddress(part, address));
  for (const field of Object.keys(value)) {
    if (field !== 'process' && namesAddress((value as Fields)[field], address)) return true;
  }
  return false;
}

type Fields = Readonly<Record<string, unknown>>;

function isInRange({ start, last, iova, length }: Fields, address: bigint): boolean {
  if (typeof start === 'bigint' && typeof last === 'bigint') {
    return start <= address && address <= last;
  }
  if (typeof iova === 'bigint' && typeof length === 'bigint') {
    return iova <= address && address < iova + length;
  }
  return false;
}
