/** Fields of a structure in bytes, by their names. */
import type { Field, StructLayout } from '../../abi/ioctl/layout.ts';

type Fields = StructLayout['fields'];

/** A structure's bytes; all of uAPI's are little-endian here. */
export class Struct<F extends Fields> {
  readonly bytes: Buffer;
  private readonly fields: F;

  constructor(fields: F, bytes: Buffer) {
    this.fields = fields;
    this.bytes = bytes;
  }

  /** A field of at most 4 bytes. */
  u32(name: keyof F): number {
    const [offset, bytes] = this.fields[name] as Field;
    return this.bytes.readUIntLE(offset, bytes);
  }

  /** A field of 8 bytes. */
  u64(name: keyof F): bigint {
    return this.bytes.readBigUInt64LE((this.fields[name] as Field)[0]);
  }

  set(name: keyof F, value: number | bigint): void {
    const [offset, bytes] = this.fields[name] as Field;
    if (bytes === 8) this.bytes.writeBigUInt64LE(BigInt(value), offset);
    else this.bytes.writeUIntLE(Number(value), offset, bytes);
  }
}

/** A structure of zeros. */
export function emptyStruct<F extends Fields>(layout: {
  readonly size: number;
  readonly fields: F;
}): Struct<F> {
  return new Struct(layout.fields, Buffer.alloc(layout.size));
}
