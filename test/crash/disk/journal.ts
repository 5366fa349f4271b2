/** Reads the journal that preload.c writes. */
import { readFileSync } from 'node:fs';

const TYPES = [
  'BEGIN',
  'OPEN',
  'CREATE',
  'WRITE',
  'TRUNCATE',
  'SYNC',
  'SYNC_FAILED',
  'SYNC_FOLDER',
  'UNLINK',
  'RENAME',
  'BEYOND_MODEL',
] as const;

/** One call on a file of the folder. `file` numbers its opening, within one process. */
export type DiskCall =
  | { readonly type: 'BEGIN' | 'SYNC_FOLDER' }
  | { readonly type: 'OPEN' | 'CREATE'; readonly file: number; readonly name: string }
  | {
      readonly type: 'WRITE';
      readonly file: number;
      readonly offset: number;
      readonly data: Uint8Array;
    }
  | { readonly type: 'TRUNCATE'; readonly file: number; readonly size: number }
  | { readonly type: 'SYNC' | 'SYNC_FAILED'; readonly file: number }
  | { readonly type: 'UNLINK' | 'BEYOND_MODEL'; readonly name: string }
  | { readonly type: 'RENAME'; readonly name: string; readonly to: string };

const HEADER_BYTES = 24;

export interface JournalEntry {
  readonly call: DiskCall;
  /** Bytes of the journal with it. */
  readonly end: number;
}

/** All whole records. What the end of the process cut short was not done either. */
export function readJournal(file: string): JournalEntry[] {
  const bytes = readFileSync(file);
  const entries: JournalEntry[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const nameAt = at + HEADER_BYTES;
    const dataAt = nameAt + bytes.readUInt32LE(at + 4);
    const end = dataAt + bytes.readUInt32LE(at + 12);
    if (end > bytes.length) break;
    const call = callOf({
      type: bytes.readUInt32LE(at),
      file: bytes.readUInt32LE(at + 8),
      offset: Number(bytes.readBigInt64LE(at + 16)),
      name: bytes.toString('utf8', nameAt, dataAt),
      data: bytes.subarray(dataAt, end),
    });
    entries.push({ call, end });
    at = end;
  }
  return entries;
}

interface JournalRecord {
  readonly type: number;
  readonly file: number;
  readonly offset: number;
  readonly name: string;
  readonly data: Buffer;
}

function callOf({ type: typeNumber, file, offset, name, data }: JournalRecord): DiskCall {
  const type = TYPES[typeNumber - 1];
  if (type === undefined) throw new Error(`the journal has a record of type ${typeNumber}`);
  switch (type) {
    case 'BEGIN':
    case 'SYNC_FOLDER':
      return { type };
    case 'OPEN':
    case 'CREATE':
      return { type, file, name };
    case 'WRITE':
      return { type, file, offset, data };
    case 'TRUNCATE':
      return { type, file, size: offset };
    case 'SYNC':
    case 'SYNC_FAILED':
      return { type, file };
    case 'UNLINK':
    case 'BEYOND_MODEL':
      return { type, name };
    case 'RENAME':
      return { type, name, to: data.toString('utf8') };
  }
}
