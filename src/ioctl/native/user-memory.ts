/** Memory of another process, by process_vm_readv and process_vm_writev. */
import { ERRNO } from '../../abi/errno.ts';
import { addressOf, errno, processVmReadv, processVmWritev } from './libc.ts';

/** Bytes of the buffer that short copies share: structures and paths fit. */
const SCRATCH_BYTES = 4_096;

const scratch = Buffer.alloc(SCRATCH_BYTES);
const scratchAddress = addressOf(scratch);
// struct iovec: address and length, each of 64 bits.
const local = Buffer.alloc(16);
const remote = Buffer.alloc(16);

function setIovec(iovec: Buffer, address: bigint, bytes: number): void {
  iovec.writeBigUInt64LE(address, 0);
  iovec.writeUInt32LE(bytes, 8);
}

/** Memory of a process, as the calls on its files see it. */
export type ProcessMemory = Pick<UserMemory, 'tid' | 'read' | 'readSome' | 'write' | 'writeAll'>;

/** The memory of the process that a thread belongs to. */
export class UserMemory {
  /** Any thread of it. */
  readonly tid: number;
  /** It may not be looked at: the program is not dumpable. Known after a read. */
  isRefused = false;

  constructor(tid: number) {
    this.tid = tid;
  }

  /** `length` bytes from `address` on, or null: not all of them are there, or may be looked at. */
  read(address: bigint, length: number): Buffer | null {
    const bytes = this.readSome(address, length);
    return bytes.length === length ? bytes : null;
  }

  /** As many of `length` bytes as are there before the first page that is not. */
  readSome(address: bigint, length: number): Buffer {
    if (length === 0) return Buffer.alloc(0);
    const short = length <= SCRATCH_BYTES;
    const bytes = short ? scratch : Buffer.alloc(length);
    setIovec(local, short ? scratchAddress : addressOf(bytes), length);
    setIovec(remote, address, length);
    const done = processVmReadv(this.tid, local, 1, remote, 1, 0);
    if (done <= 0) {
      this.isRefused = done < 0 && errno() === ERRNO.EPERM;
      return Buffer.alloc(0);
    }
    return short ? Buffer.from(bytes.subarray(0, done)) : bytes.subarray(0, done);
  }

  /** How many bytes could be written before the first page that is not there or may not be. */
  write(address: bigint, bytes: Uint8Array): number {
    if (bytes.length === 0) return 0;
    setIovec(local, addressOf(bytes), bytes.length);
    setIovec(remote, address, bytes.length);
    return Math.max(0, processVmWritev(this.tid, local, 1, remote, 1, 0));
  }

  /** Whether all bytes were written. */
  writeAll(address: bigint, bytes: Uint8Array): boolean {
    return this.write(address, bytes) === bytes.length;
  }
}
