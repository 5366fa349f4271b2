/** The bytes of a file, which may grow. */
export class Bytes {
  private buffer = Buffer.alloc(4_096);
  size = 0;

  static of(content: Uint8Array): Bytes {
    const bytes = new Bytes();
    bytes.write(0, content);
    return bytes;
  }

  write(offset: number, data: Uint8Array): void {
    const end = offset + data.length;
    this.grow(end);
    this.buffer.set(data, offset);
    if (end > this.size) this.size = end;
  }

  /** Bytes that come to the end are 0. */
  truncate(size: number): void {
    this.grow(size);
    if (size < this.size) this.buffer.fill(0, size, this.size);
    this.size = size;
  }

  /** As it is now; later changes do not show in it. */
  copy(): Buffer {
    return Buffer.from(this.buffer.subarray(0, this.size));
  }

  equals(other: Uint8Array): boolean {
    return this.buffer.subarray(0, this.size).equals(other);
  }

  private grow(size: number): void {
    if (size <= this.buffer.length) return;
    const buffer = Buffer.alloc(Math.max(size, 2 * this.buffer.length));
    buffer.set(this.buffer.subarray(0, this.size));
    this.buffer = buffer;
  }
}
