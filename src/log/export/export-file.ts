/** Reading an export file from its first line to its last, checked, a piece at a time. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { EXPORT_BYTES_MAX, EXPORT_LINE_BYTES_MAX } from '../../abi/limits.ts';
import type { StoredOperation } from '../log.ts';
import {
  type ExportEnd,
  type ExportHeader,
  ExportReader,
  ExportRefusedError,
} from './export-format.ts';

/** One line, and its number in the file, from 1. */
export type ExportPart =
  | { readonly kind: 'HEADER'; readonly line: number; readonly header: ExportHeader }
  | { readonly kind: 'OPERATION'; readonly line: number; readonly stored: StoredOperation }
  /** `hash` is that of the last line: it stands for the whole file. */
  | { readonly kind: 'END'; readonly line: number; readonly end: ExportEnd; readonly hash: string };

/** Bytes read at a time. */
const CHUNK_BYTES = 256 * 1024;
const LINE_BREAK = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** The lines in their order. Throws ExportRefusedError, or the system's error on opening the file. */
export function* readExport(file: string): Generator<ExportPart> {
  const reader = new ExportReader();
  let header: ExportHeader | null = null;
  let ended = false;
  for (const bytes of linesOf(file)) {
    const line = reader.line + 1;
    if (ended) {
      const found = 'there is more after the last line';
      throw new ExportRefusedError('SIZE', line, found, 'the end of the file');
    }
    const text = textOf(bytes, line);
    if (header === null) {
      header = reader.header(text);
      yield { kind: 'HEADER', line, header };
    } else if (line <= header.operations + 1) {
      yield { kind: 'OPERATION', line, stored: reader.operation(text) };
    } else {
      const end = reader.end(text, header);
      ended = true;
      yield { kind: 'END', line, end, hash: reader.hash };
    }
  }
  if (ended) return;
  const wanted =
    header === null ? 'a line that begins an export' : `${header.operations + 2} lines`;
  throw new ExportRefusedError('SIZE', reader.line + 1, 'the file ends before this line', wanted);
}

/** The bytes of each line without its break; null for a last one that has none. */
function* linesOf(file: string): Generator<Buffer | null> {
  const descriptor = openSync(file, 'r');
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) {
      const wanted = 'one, because it is read twice: to check it, and to write it';
      throw new ExportRefusedError('FORMAT', 1, 'this is not a regular file', wanted);
    }
    if (status.size > EXPORT_BYTES_MAX) {
      const found = `the file has ${status.size} bytes`;
      throw new ExportRefusedError('LIMIT', 1, found, `at most ${EXPORT_BYTES_MAX}`);
    }
    let line = 1;
    let begun: Buffer[] = [];
    let begunBytes = 0;
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const chunk = buffer.subarray(0, readSync(descriptor, buffer, 0, CHUNK_BYTES, null));
      if (chunk.length === 0) break;
      let from = 0;
      for (let to = chunk.indexOf(LINE_BREAK); to !== -1; to = chunk.indexOf(LINE_BREAK, from)) {
        yield Buffer.concat([...begun, chunk.subarray(from, to)]);
        line++;
        begun = [];
        begunBytes = 0;
        from = to + 1;
      }
      if (from === chunk.length) continue;
      begun.push(Buffer.from(chunk.subarray(from)));
      begunBytes += chunk.length - from;
      if (begunBytes > EXPORT_LINE_BYTES_MAX) {
        const wanted = `a line of at most ${EXPORT_LINE_BYTES_MAX} bytes`;
        throw new ExportRefusedError('LIMIT', line, 'there is no end of this line', wanted);
      }
    }
    if (begunBytes > 0) yield null;
  } finally {
    closeSync(descriptor);
  }
}

/** A byte order mark stays in the text, and is refused there. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Buffer | null, line: number): string {
  if (bytes === null) {
    throw new ExportRefusedError('SIZE', line, 'the file ends within this line', 'a line break');
  }
  if (bytes.at(-1) === CARRIAGE_RETURN) {
    const found = 'it ends in carriage return and line feed';
    throw new ExportRefusedError('FORMAT', line, found, 'a line feed alone');
  }
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new ExportRefusedError('FORMAT', line, 'its bytes are not UTF-8', 'UTF-8');
  }
}
