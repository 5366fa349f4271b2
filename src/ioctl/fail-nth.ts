/**
 * The kernel's fault injection as a program drives it: /proc/…/fail-nth of a thread says which of the
 * allocations that its calls lead to fails (Documentation/fault-injection/fault-injection.rst,
 * proc_fail_nth_write of fs/proc/base.c and should_fail of lib/fault-inject.c, Linux 6.12.117).
 */
import { ERANGE } from '../abi/ioctl/linux.ts';
import type { Command } from '../core/machine/command.ts';
import { failing } from '../core/machine/outside.ts';
import type { HandedFile } from './files.ts';
import type { Outcome } from './kernel.ts';
import { type Caller, failure, type Returned } from './uapi/caller.ts';
import type { Piece } from './uapi/fault-file.ts';

/** PROC_NUMBUF: bytes of a number in /proc, with its end. */
const PROC_NUMBUF = 13;
const UINT_MAX = 0xffff_ffff;
/** kstrtouint in base 0, with at most one line break behind it. */
const NUMBER = /^\+?(0[xX][\da-fA-F]+|\d+)\n?$/;

export class FailNth {
  /** Allocations until the one that fails, by thread; 0 is not kept. */
  private readonly left = new Map<number, number>();
  private readonly positions = new WeakMap<HandedFile, number>();

  /** Runs operations for a thread: each takes from its allocations. */
  execute<C extends Command>(
    run: (command: C) => Promise<Outcome<C['type']>>,
    tid: number,
    command: C,
  ): Promise<Outcome<C['type']>> {
    const left = this.left.get(tid);
    return left === undefined ? run(command) : this.countDown(run, tid, failing(command, left));
  }

  private async countDown<C extends Command>(
    run: (command: C) => Promise<Outcome<C['type']>>,
    tid: number,
    command: C,
  ): Promise<Outcome<C['type']>> {
    const outcome = await run(command);
    const left = this.left.get(tid) ?? 0;
    this.set(tid, Math.max(0, left - (outcome.allocations ?? 0)));
    return outcome;
  }

  private set(tid: number, left: number): void {
    if (left === 0) this.left.delete(tid);
    else this.left.set(tid, left);
  }

  /** Source: proc_fail_nth_read. `offset` null: where the file stands. */
  read(
    { memory }: Caller,
    file: HandedFile,
    tid: number,
    { address, length }: Piece,
    offset: number | null,
  ): Returned {
    const from = offset ?? this.positions.get(file) ?? 0;
    const text = Buffer.from(`${this.left.get(tid) ?? 0}\n`);
    const bytes = text.subarray(Math.min(from, text.length), from + length);
    if (bytes.length > 0 && !memory.writeAll(address, bytes)) return failure('EFAULT');
    if (offset === null) this.positions.set(file, from + bytes.length);
    return bytes.length;
  }

  /** Source: proc_fail_nth_write. Errors: EFAULT; EINVAL, no number; ERANGE, no 32 bits. */
  write({ memory }: Caller, tid: number, { address, length }: Piece): Returned {
    const bytes = memory.read(address, Math.min(length, PROC_NUMBUF - 1));
    if (bytes === null) return failure('EFAULT');
    const digits = NUMBER.exec(bytes.toString('latin1'))?.[1];
    const number = digits === undefined ? Number.NaN : numberOf(digits);
    if (Number.isNaN(number)) return failure('EINVAL');
    if (number > UINT_MAX) return -ERANGE;
    this.set(tid, number);
    return length;
  }
}

/** In base 8 behind a 0, 16 behind 0x. */
function numberOf(digits: string): number {
  if (/^0[0-7]+$/.test(digits)) return Number.parseInt(digits, 8);
  return /^0\d/.test(digits) ? Number.NaN : Number(digits);
}
