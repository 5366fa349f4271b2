/** A program's memory as a recording has it, around one call: what was there before, and after. */
import type { ProcessMemory } from '../native/user-memory.ts';
import type { RecordedBytes } from './recorded-call.ts';

interface Part {
  readonly start: bigint;
  readonly bytes: Buffer;
  readonly after: Buffer;
  readonly readOnly: boolean;
}

export class RecordedMemory implements ProcessMemory {
  /** No thread is there to be asked. */
  readonly tid = 0;
  private readonly parts: readonly Part[];

  /** Of other memory nothing is known but that it is there. */
  private readonly elsewhere: boolean;

  constructor(
    before: readonly RecordedBytes[],
    after: readonly RecordedBytes[],
    { elsewhere = false } = {},
  ) {
    this.elsewhere = elsewhere;
    this.parts = before.map(({ at, hex, readOnly = false }, index) => ({
      start: BigInt(at),
      bytes: Buffer.from(hex, 'hex'),
      after: Buffer.from(after[index]?.hex ?? '', 'hex'),
      readOnly,
    }));
  }

  read(address: bigint, length: number): Buffer | null {
    const bytes = this.readSome(address, length);
    return bytes.length === length ? bytes : null;
  }

  readSome(address: bigint, length: number): Buffer {
    const known = [...this.at(address, length)];
    if (known.length === 0 && this.elsewhere) return Buffer.alloc(length);
    return Buffer.concat(known);
  }

  write(address: bigint, bytes: Uint8Array): number {
    let done = 0;
    for (const place of this.at(address, bytes.length, true)) {
      place.set(bytes.subarray(done, done + place.length));
      done += place.length;
    }
    return done;
  }

  writeAll(address: bigint, bytes: Uint8Array): boolean {
    return this.write(address, bytes) === bytes.length;
  }

  /** Where it came to hold other bytes than the recording says. */
  differences(): { at: string; expected: string; got: string }[] {
    return this.parts
      .filter(({ bytes, after }) => !bytes.equals(after))
      .map(({ start, bytes, after }) => ({
        at: `0x${start.toString(16)}`,
        expected: after.toString('hex'),
        got: bytes.toString('hex'),
      }));
  }

  /** What is known from an address on, part after part, as far as they meet. */
  private *at(address: bigint, length: number, toWrite = false): Generator<Buffer> {
    for (let left = length; left > 0; ) {
      const from = address + BigInt(length - left);
      const part = this.parts.find(
        ({ start, bytes, readOnly }) =>
          from >= start && from < start + BigInt(bytes.length) && !(toWrite && readOnly),
      );
      if (part === undefined) return;
      const offset = Number(from - part.start);
      const place = part.bytes.subarray(offset, offset + left);
      left -= place.length;
      yield place;
    }
  }
}
