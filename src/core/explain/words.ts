/** Words that sentences about events share. */
import type { PageRequest } from '../iommu/state.ts';

const RESPONSE_CODES = ['SUCCESS', 'INVALID', 'FAILURE'];

/** For JSON.stringify: 64-bit numbers in hex. */
export const withHex = (_key: string, value: unknown) =>
  typeof value === 'bigint' ? `0x${value.toString(16)}` : value;

/** A response code by name and number: `SUCCESS (0)`. */
export const responseText = (code: number): string =>
  RESPONSE_CODES[code] === undefined ? String(code) : `${RESPONSE_CODES[code]} (${code})`;

export const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** Of a page request's `perm`: `read+write (0x3)`. */
export function permissions(perm: number): string {
  const names = ['read', 'write', 'exec', 'privileged'];
  const named = names.filter((_, bit) => (perm & (1 << bit)) !== 0).join('+') || 'no access';
  return `${named} (0x${perm.toString(16)})`;
}

export function rangeText({ start, last }: { start: bigint; last: bigint }): string {
  return `${hex(start)} to ${hex(last)}`;
}

export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}

export function describeRequest({ flags, pasid, grpid, perm, addr }: PageRequest): string {
  const with_ = (flags & 1) !== 0 ? ` with PASID ${pasid}` : '';
  const last = (flags & 2) !== 0 ? ', last of its group' : '';
  return `${permissions(perm)} at ${hex(addr)}${with_}, group index ${grpid}${last}`;
}

/** The addresses that requests ask for, the first few of them. */
export function pagesText(requests: readonly Pick<PageRequest, 'addr'>[]): string {
  const shown = requests.slice(0, 4).map(({ addr }) => hex(addr));
  return shown.join(', ') + (requests.length > shown.length ? ', …' : '');
}
