/** Writing protocol buffers: just the two wire types a trace needs. */

export type Field = readonly [number: number, value: number | bigint | string | Uint8Array];

/** A message of these fields: numbers as varints, not negative; the rest with its length. */
export function message(...fields: readonly Field[]): Uint8Array {
  const bytes: number[] = [];
  for (const [number, value] of fields) {
    if (typeof value === 'number' || typeof value === 'bigint') {
      putVarint(bytes, BigInt(number) << 3n);
      putVarint(bytes, BigInt(value));
    } else {
      const content = typeof value === 'string' ? Buffer.from(value) : value;
      putVarint(bytes, (BigInt(number) << 3n) | 2n);
      putVarint(bytes, BigInt(content.length));
      for (const byte of content) bytes.push(byte);
    }
  }
  return Uint8Array.from(bytes);
}

/** Seven bits a byte, the lowest first; the top bit says that more follow. */
function putVarint(bytes: number[], value: bigint): void {
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
}
