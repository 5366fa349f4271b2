/** Files that are the same for everybody: kept as they are and packed, told apart by their bytes. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { takes } from '../request/weights.ts';

export interface ServedFile {
  readonly type: string;
  readonly bytes: Buffer;
  /** The same, in gzip. */
  readonly zipped: Buffer;
  readonly etag: string;
}

export function servedFile(type: string, bytes: Buffer, zipped: Buffer): ServedFile {
  const etag = `"${createHash('sha256').update(bytes).digest('base64url')}"`;
  return { type, bytes, zipped, etag };
}

/** Ends the response with the file, or with 304 to who has it; `vary`: what else it depends on. */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  { type, bytes, zipped, etag }: ServedFile,
  vary = 'accept-encoding',
): void {
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('vary', vary);
  response.setHeader('etag', etag);
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end();
    return;
  }
  const packed = takes(request.headers['accept-encoding']?.toString(), 'gzip');
  if (packed) response.setHeader('content-encoding', 'gzip');
  response.setHeader('content-type', type);
  response.end(packed ? zipped : bytes);
}
