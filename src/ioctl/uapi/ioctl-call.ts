/** One ioctl of /dev/iommu: its structure, and how the answer goes back. */
import type { StructLayout } from '../../abi/ioctl/layout.ts';
import type { Command } from '../../core/machine/command.ts';
import type { Outcome } from '../kernel.ts';
import { type Caller, failure, type Returned } from './caller.ts';
import { Struct } from './struct.ts';

export class IoctlCall<F extends StructLayout['fields']> {
  readonly caller: Caller;
  readonly contextId: number;
  /** The structure as the kernel sees it: what the program left out is zero. */
  readonly cmd: Struct<F>;
  private readonly pointer: bigint;
  private readonly userSize: number;

  constructor(
    caller: Caller,
    contextId: number,
    cmd: Struct<F>,
    place: { readonly pointer: bigint; readonly userSize: number },
  ) {
    this.caller = caller;
    this.contextId = contextId;
    this.cmd = cmd;
    this.pointer = place.pointer;
    this.userSize = place.userSize;
  }

  execute<C extends Command>(command: C): Promise<Outcome<C['type']>> {
    return this.caller.execute(command);
  }

  /** A reserved word that has to be 0: what is returned if it is not. */
  checkReserved(name: keyof F = '__reserved'): Returned {
    const word = this.cmd.u32(name);
    return word === 0 ? 0 : this.caller.refuse('EOPNOTSUPP', 'IOCTL_RESERVED', word);
  }

  /** Runs an operation of which nothing is written back. */
  async run(command: Command): Promise<Returned> {
    return failure((await this.execute(command)).errno);
  }

  /**
   * Copies the structure back, as far as the program gave room. 0, or EFAULT. Source:
   * iommufd_ucmd_respond.
   */
  respond(): Returned {
    const { bytes } = this.cmd;
    const given = bytes.subarray(0, Math.min(bytes.length, this.userSize));
    return this.caller.memory.writeAll(this.pointer, given) ? 0 : failure('EFAULT');
  }

  /** Copies a part of the structure back. */
  respondAt(offset: number, bytes: number): Returned {
    const part = this.cmd.bytes.subarray(offset, offset + bytes);
    const written = this.caller.memory.writeAll(this.pointer + BigInt(offset), part);
    return written ? 0 : failure('EFAULT');
  }

  /** Copies the structure back; if that fails, runs what takes the operation back. */
  async respondOr(undo: Command): Promise<Returned> {
    const responded = this.respond();
    if (responded !== 0) await this.execute(undo);
    return responded;
  }
}

/** Reads the structure of a call whose ioctl is known. Source: copy_struct_from_user. */
export function structOf<F extends StructLayout['fields']>(
  caller: Caller,
  layout: { readonly size: number; readonly minSize: number; readonly fields: F },
  pointer: bigint,
  head: Buffer,
): Struct<F> | Returned {
  const userSize = head.readUInt32LE(0);
  if (userSize < layout.minSize) {
    return caller.refuse('EINVAL', 'IOCTL_STRUCT_TOO_SMALL', userSize);
  }
  const beyond = checkZeroed(caller, pointer, layout.size, userSize);
  if (beyond !== 0) return beyond;
  const given = Math.min(layout.size, userSize);
  if (head.length < given) return caller.refuse('EFAULT', 'IOCTL_STRUCT_ABSENT', userSize);
  if (given === layout.size) return new Struct(layout.fields, head);
  const bytes = Buffer.alloc(layout.size);
  head.copy(bytes, 0, 0, given);
  return new Struct(layout.fields, bytes);
}

/** Bytes looked at in one go. */
const PIECE = 1 << 20;

/** Source: check_zeroed_user. E2BIG if a byte is not zero, EFAULT if one before it is not there. */
function checkZeroed(caller: Caller, pointer: bigint, from: number, to: number): Returned {
  for (let done = from; done < to; done += PIECE) {
    const wanted = Math.min(PIECE, to - done);
    const bytes = caller.memory.readSome(pointer + BigInt(done), wanted);
    if (bytes.some(byte => byte !== 0)) return caller.refuse('E2BIG', 'IOCTL_TAIL_NOT_ZERO', to);
    if (bytes.length < wanted) return caller.refuse('EFAULT', 'IOCTL_TAIL_ABSENT', to);
  }
  return 0;
}
