/** A file handed from one process to another over a socket (SCM_RIGHTS). */
import {
  AF_UNIX,
  MSG_CMSG_CLOEXEC,
  SCM_RIGHTS,
  SOCK_CLOEXEC,
  SOCK_SEQPACKET,
  SOL_SOCKET,
} from '../../abi/ioctl/linux.ts';
import { addressOf, errno, recvmsg, SystemError, sendmsg, socketpair } from './libc.ts';

/** sizeof(struct cmsghdr), and room for one int behind it, aligned. */
const CONTROL_HEADER = 16;
const CONTROL_BYTES = 24;

/** A struct msghdr on a 64-bit machine, with what it points to. */
class Message {
  readonly header = Buffer.alloc(56);
  readonly payload = Buffer.alloc(64);
  readonly control = Buffer.alloc(CONTROL_BYTES);
  private readonly iovec = Buffer.alloc(16);

  constructor(payloadBytes: number) {
    this.iovec.writeBigUInt64LE(addressOf(this.payload), 0);
    this.iovec.writeBigUInt64LE(BigInt(payloadBytes), 8);
    this.header.writeBigUInt64LE(addressOf(this.iovec), 16);
    this.header.writeBigUInt64LE(1n, 24);
    this.header.writeBigUInt64LE(addressOf(this.control), 32);
    this.header.writeBigUInt64LE(BigInt(CONTROL_BYTES), 40);
  }
}

/** Two connected sockets that keep messages apart, and are closed by exec. */
export function connectedPair(): readonly [number, number] {
  const fds = Buffer.alloc(8);
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) !== 0) {
    throw new SystemError('socketpair', errno(), 'close some files');
  }
  return [fds.readInt32LE(0), fds.readInt32LE(4)];
}

/** Sends a file, or only a number. Returns whether it was sent. */
export function send(socket: number, number: number, fd: number | null): boolean {
  const message = new Message(4);
  message.payload.writeInt32LE(number, 0);
  message.control.writeBigUInt64LE(BigInt(CONTROL_HEADER + 4), 0);
  message.control.writeInt32LE(SOL_SOCKET, 8);
  message.control.writeInt32LE(SCM_RIGHTS, 12);
  if (fd === null) message.header.writeBigUInt64LE(0n, 40);
  else message.control.writeInt32LE(fd, CONTROL_HEADER);
  return sendmsg(socket, message.header, 0) === 4;
}

/** What `send` sent; null: the other end is closed. */
export function receive(socket: number): { number: number; fd: number | null } | null {
  const message = new Message(4);
  if (recvmsg(socket, message.header, MSG_CMSG_CLOEXEC) !== 4) return null;
  const carriesFile = message.header.readBigUInt64LE(40) >= BigInt(CONTROL_HEADER + 4);
  return {
    number: message.payload.readInt32LE(0),
    fd: carriesFile ? message.control.readInt32LE(CONTROL_HEADER) : null,
  };
}
