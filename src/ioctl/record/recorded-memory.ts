/** A program's memory as a recording has it, around one call: what was there before, and after. */
import type { ProcessMemory } from '../native/user-memory.ts';
import type { RecordedBytes } from './recorded-call.ts';

interface Part {
  readonly start: bigint;
  readonly bytes: Buffer;
  readonly after: Buffer;
  readonly readOnly: boolean;
}

const NOTHING = Buffer.alloc(0);

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
    const known = this.at(address);
    if (known.length === 0 && this.elsewhere) return Buffer.alloc(length);
    return Buffer.from(known.subarray(0, length));
  }

  write(address: bigint, bytes: Uint8Array): number {
    const place = this.at(address, true);
    place.set(bytes.subarray(0, place.length));
    return Math.min(place.length, bytes.length);
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

  /** What is known from an address on. */
  private at(address: bigint, toWrite = false): Buffer {
    const part = this.parts.find(
      ({ start, bytes, readOnly }) =>
        address >= start && address < start + BigInt(bytes.length) && !(toWrite && readOnly),
    );
    return part === undefined ? NOTHING : part.bytes.subarray(Number(address - part.start));
  }
}
