/** Reads the body of a request, no further than its limit. */
import type { IncomingMessage } from 'node:http';
import type { Holding } from '../held/ledger.ts';
import { MESSAGE_BYTES_MAX } from '../limits.ts';
import type { Refusal } from '../security.ts';

export const TOO_LARGE: Refusal = {
  status: 413,
  message: `A request body has at most ${MESSAGE_BYTES_MAX} bytes.`,
};

/** Bytes of the buffer that a body begins with. */
const FIRST_BYTES = 16_384;

/**
 * The body as text, a refusal, or null if the connection ended before. The rest of a body that is
 * too large is left unread.
 */
export function readBody(
  request: IncomingMessage,
  holding: Holding,
): Promise<string | Refusal | null> {
  return new Promise(resolve => {
    const body = new Body(holding);
    const done = (result: string | Refusal | null) => {
      request.off('data', take).off('end', end).off('error', left).off('close', left);
      request.pause();
      resolve(result);
    };
    const take = (chunk: Buffer) => {
      if (body.bytes + chunk.length > MESSAGE_BYTES_MAX) done(TOO_LARGE);
      else if (!body.take(chunk)) done(null);
    };
    const end = () => done(body.text());
    const left = () => done(null);
    // One that nobody listens to would end the process.
    request.on('error', () => {});
    request.on('data', take).on('end', end).on('error', left).on('close', left);
  });
}

/** One buffer that grows: a chunk may be a byte, and takes a hundred if it is kept by itself. */
class Body {
  bytes = 0;
  private readonly holding: Holding;
  private buffer = Buffer.alloc(0);

  constructor(holding: Holding) {
    this.holding = holding;
  }

  /** Returns false if the connection was ended for it. */
  take(chunk: Buffer): boolean {
    const bytes = this.bytes + chunk.length;
    if (bytes > this.buffer.length) {
      const larger = Buffer.alloc(Math.max(FIRST_BYTES, 2 * this.buffer.length, bytes));
      if (!this.holding.add(larger.length - this.buffer.length)) return false;
      this.buffer.copy(larger, 0, 0, this.bytes);
      this.buffer = larger;
    }
    chunk.copy(this.buffer, this.bytes);
    this.bytes = bytes;
    return true;
  }

  text(): string {
    return this.buffer.toString('utf8', 0, this.bytes);
  }
}
