/**
 * The frames of a write-ahead log, as SQLite reads them after a crash: up to the first one whose
 * checksum is wrong. Source: sqlite.org/fileformat, "The Write-Ahead Log"; sqlite.org/walformat,
 * "WAL-Index Format".
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** The first four bytes, but for the lowest bit, which tells the order of bytes in checksums. */
const MAGIC = 0x377f_0682;
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** Bytes of the wal-index that are looked at: up to the salts. */
const INDEX_BYTES = 40;

export type WalState =
  /** Nothing is in it. */
  | { readonly kind: 'EMPTY' }
  /** It does not begin as a write-ahead log does, or its header has another checksum. */
  | { readonly kind: 'NO_HEADER' }
  /** Frames that are intact, and frames of the same writing behind one that is not. */
  | { readonly kind: 'FRAMES'; readonly intact: number; readonly lost: number };

/** What a crash would leave of the write-ahead log beside `file`; null: there is none. */
export function walStateOf(file: string): WalState | null {
  let fd: number;
  try {
    fd = openSync(`${file}-wal`, 'r');
  } catch {
    return null;
  }
  try {
    return walStateOfFd(fd);
  } finally {
    closeSync(fd);
  }
}

/** What of it cannot be read back, in words; null: all can. */
export function walLoss(file: string): string | null {
  const state = walStateOf(file);
  if (state?.kind === 'NO_HEADER') {
    return `${file}-wal was overwritten, or never came to the disk: what it held is lost`;
  }
  if (state?.kind !== 'FRAMES' || state.lost === 0) return null;
  return (
    `${file}-wal is damaged behind its frame ${state.intact}: ` +
    `${state.lost} more frames cannot be read, and what they held is lost`
  );
}

/** As `walStateOf`, of an open file. Who writes it meanwhile may begin it anew: it is read again. */
export function walStateOfFd(fd: number): WalState {
  for (;;) {
    const header = bytesAt(fd, 0, HEADER_BYTES);
    const state = framesOf(fd, header);
    if (bytesAt(fd, 0, HEADER_BYTES).equals(header)) return state;
  }
}

function framesOf(fd: number, header: Buffer): WalState {
  if (header.length === 0) return { kind: 'EMPTY' };
  const isHeader = header.length === HEADER_BYTES && hasMagic(header);
  const sum = new Checksum((header.readUInt32BE(0) & 1) === 1);
  if (!isHeader || !sum.add(header.subarray(0, 24)).is(header, 24)) return { kind: 'NO_HEADER' };
  const frameBytes = FRAME_HEADER_BYTES + (header.readUInt32BE(8) || 65_536);
  const salts = header.subarray(16, 24);
  let intact = 0;
  let lost = 0;
  let isIntact = true;
  const count = Math.floor((fstatSync(fd).size - HEADER_BYTES) / frameBytes);
  for (let index = 0; index < count; index++) {
    const frame = bytesAt(fd, HEADER_BYTES + index * frameBytes, frameBytes);
    const isOurs = frame.subarray(8, 16).equals(salts);
    if (isIntact) {
      sum.add(frame.subarray(0, 8)).add(frame.subarray(FRAME_HEADER_BYTES));
      isIntact = isOurs && sum.is(frame, 16);
      if (isIntact) intact++;
    } else if (isOurs) {
      lost++;
    }
  }
  return { kind: 'FRAMES', intact, lost };
}

/** Whether a write-ahead log begins with these bytes. */
export function hasMagic(header: Buffer): boolean {
  return header.length >= 4 && (header.readUInt32BE(0) & ~1) >>> 0 === MAGIC;
}

function bytesAt(fd: number, offset: number, bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(bytes);
  return buffer.subarray(0, readSync(fd, buffer, 0, bytes, offset));
}

/** Of 32-bit words in pairs; cumulative. */
class Checksum {
  readonly #bigEndian: boolean;
  #first = 0;
  #second = 0;

  constructor(bigEndian: boolean) {
    this.#bigEndian = bigEndian;
  }

  add(bytes: Buffer): this {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at + 8 <= bytes.length; at += 8) {
      this.#first = (this.#first + view.getUint32(at, !this.#bigEndian) + this.#second) >>> 0;
      this.#second = (this.#second + view.getUint32(at + 4, !this.#bigEndian) + this.#first) >>> 0;
    }
    return this;
  }

  is(bytes: Buffer, at: number): boolean {
    return bytes.readUInt32BE(at) === this.#first && bytes.readUInt32BE(at + 4) === this.#second;
  }
}

/** The newest committed frame, as the wal-index knows it. */
export interface NewestFrame {
  /** Where its header begins, in bytes. */
  readonly offset: number;
  /** Its salts and its checksum, as they stand in the header's bytes 8 to 23. */
  readonly tail: Buffer;
  /** Bytes that the write-ahead log has at least. */
  readonly end: number;
}

/** null: no frame is in use. `index`: the open wal-index (-shm), which has the machine's byte order. */
export function newestFrame(index: number): NewestFrame | null {
  const header = bytesAt(index, 0, INDEX_BYTES);
  if (header.length < INDEX_BYTES) return null;
  const frames = header.readUInt32LE(16);
  if (frames === 0) return null;
  const frameBytes = FRAME_HEADER_BYTES + pageBytes(header.readUInt16LE(14));
  const offset = HEADER_BYTES + (frames - 1) * frameBytes;
  const tail = Buffer.alloc(16);
  header.copy(tail, 0, 32, 40);
  tail.writeUInt32BE(header.readUInt32LE(24), 8);
  tail.writeUInt32BE(header.readUInt32LE(28), 12);
  return { offset, tail, end: offset + frameBytes };
}

/** As the wal-index writes 65,536: as 1. */
const pageBytes = (written: number) => (written === 1 ? 65_536 : written);
