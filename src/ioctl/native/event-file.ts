/**
 * The eventfd of another process, taken to signal it. pidfd_getfd asks for what process_vm_readv asks
 * for: the same user, a program that is dumpable. There is no other way: the kernel opens no eventfd
 * through /proc/PID/fd.
 */
import { readlinkSync } from 'node:fs';
import { ERRNO } from '../../abi/errno.ts';
import { SYSCALLS } from '../../abi/ioctl/linux.ts';
import { tgidOf } from '../process-facts.ts';
import { closeFile, errno, poll, syscallOfInts, writeBytes } from './libc.ts';

const POLLOUT = 4;

/** An eventfd of a program, in this process. */
export class EventFile {
  private readonly fd: number;

  private constructor(fd: number) {
    this.fd = fd;
  }

  /**
   * The file that has a number in a program. Errors, as numbers: EBADF, there is none; EINVAL, it is
   * no eventfd (eventfd_ctx_fdget); those of pidfd_getfd, such as EPERM where a container forbids it.
   */
  static take(tid: number, number: number): EventFile | number {
    let link: string;
    try {
      link = readlinkSync(`/proc/${tid}/fd/${number}`);
    } catch {
      return ERRNO.EBADF;
    }
    if (link !== 'anon_inode:[eventfd]') return ERRNO.EINVAL;
    const process = syscallOfInts(SYSCALLS.pidfd_open, tgidOf(tid), 0, 0);
    if (process < 0) return errno();
    const fd = syscallOfInts(SYSCALLS.pidfd_getfd, process, number, 0);
    const failed = fd < 0 ? errno() : 0;
    closeFile(process);
    return failed === 0 ? new EventFile(fd) : failed;
  }

  /** Adds one; a counter that is full stays so. Source: eventfd_signal. */
  signal(): void {
    const pollfd = Buffer.alloc(8);
    pollfd.writeInt32LE(this.fd, 0);
    pollfd.writeInt16LE(POLLOUT, 4);
    if (poll(pollfd, 1, 0) < 1 || pollfd.readInt16LE(6) !== POLLOUT) return;
    const one = Buffer.alloc(8);
    one.writeBigUInt64LE(1n, 0);
    writeBytes(this.fd, one, one.length);
  }

  close(): void {
    closeFile(this.fd);
  }
}
