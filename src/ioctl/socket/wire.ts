/**
 * What goes over the socket between `faultline run` and `faultline serve`: a message a line, as JSON.
 * A 64-bit value is `{"u64":"0x…"}`. The supervisor decodes structures; the server never looks at a
 * process.
 */
import type { Socket } from 'node:net';
import type { Errno } from '../../abi/errno.ts';
import { SOCKET_LINE_BYTES_MAX } from '../../abi/limits.ts';
import type { ReachedPiece } from '../../core/iommufd/selftest/access-rw.ts';
import type { AnyReply, Command } from '../../core/machine/command.ts';
import type { Event } from '../../core/machine/event.ts';
import type { ReachingCommand } from '../kernel.ts';
import type { DmaLook, FunctionLook, GuestTableLook } from '../look.ts';

/** From the supervisor. The first message says which machine; each id is the supervisor's. */
export type Request =
  | { readonly type: 'MACHINE'; readonly id: number; readonly machineId: string }
  /** `ifSeq`: only if the machine is where it was. */
  | {
      readonly type: 'EXECUTE';
      readonly id: number;
      readonly command: Command;
      readonly ifSeq?: number;
    }
  /** Which user memory a command would reach. */
  | { readonly type: 'LOOK'; readonly id: number; readonly command: ReachingCommand }
  | {
      readonly type: 'WATCH';
      readonly id: number;
      readonly contextId: number;
      readonly faultId: number;
    }
  | { readonly type: 'UNWATCH'; readonly id: number }
  /** EVENTS from here on, until UNWATCH. */
  | { readonly type: 'FOLLOW'; readonly id: number }
  | { readonly type: 'FUNCTIONS'; readonly id: number }
  | {
      readonly type: 'GUEST_TABLES';
      readonly id: number;
      readonly starting: DmaLook | null;
    };

/** To the supervisor, in the order in which things happened. */
export type Message =
  | { readonly type: 'READY'; readonly id: number }
  | {
      readonly type: 'OUTCOME';
      readonly id: number;
      readonly errno: Errno;
      readonly reply: AnyReply | null;
      readonly events: readonly Event[];
      readonly allocations?: number;
    }
  /** To LOOK. */
  | {
      readonly type: 'REACHED';
      readonly id: number;
      readonly seq: number;
      readonly pieces: readonly ReachedPiece[];
    }
  /** To EXECUTE: the machine is elsewhere, nothing was run. */
  | { readonly type: 'MOVED'; readonly id: number }
  /** Whether the queue that WATCH `id` named has something to deliver. */
  | { readonly type: 'READABLE'; readonly id: number; readonly readable: boolean }
  /** Events that FOLLOW `id` is told of. */
  | { readonly type: 'EVENTS'; readonly id: number; readonly events: readonly Event[] }
  | {
      readonly type: 'FUNCTIONS';
      readonly id: number;
      readonly functions: readonly FunctionLook[];
    }
  | {
      readonly type: 'GUEST_TABLES';
      readonly id: number;
      readonly tables: readonly GuestTableLook[];
    }
  /** What was asked cannot be done; nothing was written. `lost`: the machine was deleted. */
  | {
      readonly type: 'ERROR';
      readonly id: number;
      readonly message: string;
      readonly lost?: true;
    };

/** Errors: the other end went, or sent what is no line of JSON. */
export class WireError extends Error {}

/** The machine is gone, by itself or with its server. */
export class LostError extends WireError {}

export function lineOf(message: Request | Message): string {
  return `${JSON.stringify(message, (_key, value) =>
    typeof value === 'bigint' ? { u64: `0x${value.toString(16)}` } : value,
  )}\n`;
}

function parse(line: string): unknown {
  return JSON.parse(line, (_key, value: unknown) => {
    const u64 = value !== null && typeof value === 'object' && 'u64' in value ? value.u64 : null;
    return typeof u64 === 'string' && U64.test(u64) ? BigInt(u64) : value;
  });
}

const U64 = /^0x[0-9a-f]{1,16}$/;

/** Calls back for each message, until the other end is gone; `ended` then, once. */
export function onMessages(
  socket: Socket,
  received: (message: unknown) => void,
  ended: (error: Error | null) => void,
): void {
  let rest = '';
  let over = false;
  const end = (error: Error | null) => {
    if (over) return;
    over = true;
    socket.destroy();
    ended(error);
  };
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    try {
      if (rest.length > SOCKET_LINE_BYTES_MAX) throw new WireError('a line is too long');
      for (const line of lines) received(parse(line));
    } catch (error) {
      end(error as Error);
    }
  });
  socket.once('error', end);
  socket.once('close', () => end(null));
}
