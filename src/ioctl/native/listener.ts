/** The listening end of a seccomp user notification: system calls of programs, and answers to them. */
import {
  EINTR,
  O_CLOEXEC,
  SECCOMP_ADDFD_FLAG_SEND,
  SECCOMP_ADDFD_FLAG_SETFD,
  SECCOMP_IOCTL_NOTIF_ADDFD,
  SECCOMP_IOCTL_NOTIF_ID_VALID,
  SECCOMP_IOCTL_NOTIF_RECV,
  SECCOMP_IOCTL_NOTIF_SEND,
  SECCOMP_NOTIF,
  SECCOMP_NOTIF_ADDFD,
  SECCOMP_NOTIF_RESP,
  SECCOMP_USER_NOTIF_FLAG_CONTINUE,
  SYSCALLS,
} from '../../abi/ioctl/linux.ts';
import { closeFile, errno, ioctl, poll, watchReadable } from './libc.ts';

/** A system call that waits for its answer. */
export interface Notification {
  readonly id: bigint;
  /** The thread that called, as this process numbers it. */
  readonly tid: number;
  readonly syscall: number;
  /** Its arguments, as unsigned words: three of an ioctl, six of others. */
  readonly args: readonly bigint[];
}

/** Where a file is to appear in the program. */
export interface AddFdOptions {
  /** The number it gets; left out: the lowest free one. */
  readonly fd?: number;
  readonly closeOnExec: boolean;
  /** The number answers the call at once. */
  readonly answers?: boolean;
}

const POLLIN = 1;
const POLLHUP = 16;

export class Listener {
  private readonly fd: number;
  private readonly pollfd = Buffer.alloc(8);
  private readonly notification = Buffer.alloc(SECCOMP_NOTIF.size);
  private readonly response = Buffer.alloc(SECCOMP_NOTIF_RESP.size);
  private readonly addFdRequest = Buffer.alloc(SECCOMP_NOTIF_ADDFD.size);
  private readonly id = Buffer.alloc(8);
  private watching: { stop(): void } | null = null;

  constructor(fd: number) {
    this.fd = fd;
    this.pollfd.writeInt32LE(fd, 0);
    this.pollfd.writeInt16LE(POLLIN, 4);
  }

  /** Calls back for each call that arrives, and once when no process has the filter any more. */
  start(arrived: (notification: Notification) => void, ended: () => void): void {
    this.watching = watchReadable(this.fd, () => {
      const events = this.events();
      if ((events & POLLIN) !== 0) {
        const notification = this.receive();
        if (notification !== null) arrived(notification);
      } else if ((events & POLLHUP) !== 0) {
        this.stop();
        ended();
      }
    });
  }

  /** Receives nothing any more; what is not answered fails with ENOSYS. */
  stop(): void {
    if (this.watching === null) return;
    this.watching.stop();
    this.watching = null;
    closeFile(this.fd);
  }

  /** Receiving would wait for ever if there were nothing. */
  private events(): number {
    return poll(this.pollfd, 1, 0) > 0 ? this.pollfd.readInt16LE(6) : 0;
  }

  /** The next call; null: its thread was killed before it was received. */
  private receive(): Notification | null {
    const bytes = this.notification;
    // The kernel wants it zeroed.
    bytes.fill(0);
    while (ioctl(this.fd, SECCOMP_IOCTL_NOTIF_RECV, bytes) < 0) {
      if (errno() !== EINTR) return null;
    }
    const data = SECCOMP_NOTIF.fields.data[0];
    const syscall = bytes.readInt32LE(data);
    // An ioctl has three, and most calls are one.
    const count = syscall === SYSCALLS.ioctl ? 3 : 6;
    const args: bigint[] = [];
    for (let n = 0; n < count; n++) args.push(bytes.readBigUInt64LE(data + 16 + 8 * n));
    return {
      id: bytes.readBigUInt64LE(SECCOMP_NOTIF.fields.id[0]),
      tid: bytes.readUInt32LE(SECCOMP_NOTIF.fields.pid[0]),
      syscall,
      args,
    };
  }

  /**
   * Whether the thread still waits. Asked after its memory was read: before, the number of the thread
   * may have come to be another's.
   */
  isValid({ id }: Notification): boolean {
    this.id.writeBigUInt64LE(id, 0);
    return ioctl(this.fd, SECCOMP_IOCTL_NOTIF_ID_VALID, this.id) === 0;
  }

  /** The call returns `value`. */
  answer(notification: Notification, value: number): void {
    this.send(notification, BigInt(value), 0, 0);
  }

  /** The call fails with an errno. */
  fail(notification: Notification, code: number): void {
    this.send(notification, 0n, -code, 0);
  }

  /** The kernel runs the call as if nobody had looked. */
  pass(notification: Notification): void {
    this.send(notification, 0n, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
  }

  /** Whoever called may have been killed: then there is nobody to answer, which is no error. */
  private send({ id }: Notification, value: bigint, error: number, flags: number): void {
    const bytes = this.response;
    const { fields } = SECCOMP_NOTIF_RESP;
    bytes.writeBigUInt64LE(id, fields.id[0]);
    bytes.writeBigInt64LE(value, fields.val[0]);
    bytes.writeInt32LE(error, fields.error[0]);
    bytes.writeUInt32LE(flags, fields.flags[0]);
    ioctl(this.fd, SECCOMP_IOCTL_NOTIF_SEND, bytes);
  }

  /** Puts a file of this process into the caller's table; returns its number, or -errno. */
  addFd({ id }: Notification, source: number, { fd, closeOnExec, answers }: AddFdOptions): number {
    const bytes = this.addFdRequest;
    const { fields } = SECCOMP_NOTIF_ADDFD;
    const set = fd === undefined ? 0 : SECCOMP_ADDFD_FLAG_SETFD;
    bytes.writeBigUInt64LE(id, fields.id[0]);
    bytes.writeUInt32LE(set | (answers === true ? SECCOMP_ADDFD_FLAG_SEND : 0), fields.flags[0]);
    bytes.writeUInt32LE(source, fields.srcfd[0]);
    bytes.writeUInt32LE(fd ?? 0, fields.newfd[0]);
    bytes.writeUInt32LE(closeOnExec ? O_CLOEXEC : 0, fields.newfd_flags[0]);
    const added = ioctl(this.fd, SECCOMP_IOCTL_NOTIF_ADDFD, bytes);
    return added < 0 ? -errno() : added;
  }
}
