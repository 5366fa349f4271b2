/** Bytes as hex digits, two a byte, the first byte first: how a log keeps them. */

const DIGITS = /^(?:[0-9a-f]{2})*$/;

export function isHexBytes(value: unknown): value is string {
  return typeof value === 'string' && DIGITS.test(value);
}

export function bytesOfHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16);
  }
  return bytes;
}
