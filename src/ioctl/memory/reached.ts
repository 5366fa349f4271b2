/**
 * User memory that an access reaches, in the process that mapped it; where that is gone, shared memory is
 * found in whoever else has it, mapped or open.
 */
import { closeSync, openSync, readdirSync, readSync, statSync, writeSync } from 'node:fs';
import type { ReachedPiece } from '../../core/iommufd/selftest/access-rw.ts';
import { UserMemory } from '../native/user-memory.ts';
import type { Mapping } from './maps.ts';

/** A memory as far as it was seen last. */
export interface SeenMemory {
  readonly pid: number;
  readonly processId: number;
  readonly mappings: readonly Mapping[];
  isThere(): boolean;
  /** Reads `mappings` again. */
  look(): unknown;
}

/** Which byte of which file, or of which process, stands at an address. */
export interface Identity {
  /** `device:inode` of a shared file, or `process:number`. */
  readonly of: string;
  readonly at: bigint;
}

const isShared = ({ permissions, inode }: Mapping) => permissions[3] === 's' && inode !== '0';
const nameOf = ({ device, inode }: Mapping) => `${device}:${inode}`;

/** User memory as accesses reach it. */
export type Reached = Pick<ReachedMemory, 'read' | 'write' | 'identity'>;

export class ReachedMemory {
  private readonly memories: readonly SeenMemory[];

  /** The memories that there are; those of which nothing is left may be among them. */
  constructor(memories: readonly SeenMemory[]) {
    this.memories = memories;
  }

  /** The bytes of a piece, as many as can be read before the first that cannot. */
  read({ processId, userVa, length }: ReachedPiece): Buffer {
    return this.transfer(processId, userVa, Number(length), {
      inMemory: (memory, address, bytes) => memory.readSome(address, bytes),
      inFile: (fd, offset, bytes) => {
        const buffer = Buffer.alloc(bytes);
        return buffer.subarray(0, readSync(fd, buffer, 0, bytes, Number(offset)));
      },
    });
  }

  /** Whether all bytes were written. */
  write(processId: number | null, userVa: bigint, data: Buffer): boolean {
    let done = 0;
    const next = (bytes: number) => data.subarray(done, done + bytes);
    const written = this.transfer(processId, userVa, data.length, {
      inMemory: (memory, address, bytes) => {
        const part = next(bytes);
        const count = memory.write(address, part);
        done += count;
        return part.subarray(0, count);
      },
      inFile: (fd, offset, bytes) => {
        const part = next(bytes);
        done += part.length;
        writeSync(fd, part, 0, part.length, Number(offset));
        return part;
      },
    });
    return written.length === data.length;
  }

  /** What page stands at an address; null: none that can be named. */
  identity(processId: number | null, address: bigint): Identity | null {
    const memory = this.memories.find(known => known.processId === processId);
    memory?.look();
    const mapping = memory?.mappings.find(({ start, last }) => start <= address && address <= last);
    if (memory === undefined || mapping === undefined) return null;
    if (!isShared(mapping)) return { of: `process:${memory.processId}`, at: address };
    return { of: nameOf(mapping), at: mapping.offset + (address - mapping.start) };
  }

  private transfer(
    processId: number | null,
    userVa: bigint,
    length: number,
    by: {
      readonly inMemory: (memory: UserMemory, address: bigint, bytes: number) => Buffer;
      readonly inFile: (fd: number, offset: bigint, bytes: number) => Buffer;
    },
  ): Buffer {
    const memory = this.memories.find(known => known.processId === processId);
    if (memory === undefined) return Buffer.alloc(0);
    if (memory.isThere()) return by.inMemory(new UserMemory(memory.pid), userVa, length);
    const parts: Buffer[] = [];
    for (let done = 0; done < length; ) {
      const address = userVa + BigInt(done);
      const mapping = memory.mappings.find(
        ({ start, last }) => start <= address && address <= last,
      );
      if (mapping === undefined || !isShared(mapping)) break;
      const bytes = Math.min(length - done, Number(mapping.last - address + 1n));
      const offset = mapping.offset + (address - mapping.start);
      const part = this.elsewhere(mapping, offset, bytes, by);
      if (part === null) break;
      parts.push(part);
      done += part.length;
      if (part.length < bytes) break;
    }
    return Buffer.concat(parts);
  }

  /** The same bytes of a file, in another process that has it. */
  private elsewhere(
    wanted: Mapping,
    offset: bigint,
    bytes: number,
    by: Parameters<ReachedMemory['transfer']>[3],
  ): Buffer | null {
    for (const other of this.memories) {
      if (!other.isThere()) continue;
      other.look();
      for (const mapping of other.mappings) {
        const end = mapping.offset + (mapping.last - mapping.start) + 1n;
        const holds = mapping.offset <= offset && offset + BigInt(bytes) <= end;
        if (!isShared(mapping) || nameOf(mapping) !== nameOf(wanted) || !holds) continue;
        const address = mapping.start + (offset - mapping.offset);
        return by.inMemory(new UserMemory(other.pid), address, bytes);
      }
      const path = openAt(other.pid, wanted.inode);
      if (path === null) continue;
      const fd = openSync(path, 'r+');
      try {
        return by.inFile(fd, offset, bytes);
      } finally {
        closeSync(fd);
      }
    }
    return null;
  }
}

/** Where a process has the file open. */
function openAt(pid: number, inode: string): string | null {
  const folder = `/proc/${pid}/fd`;
  try {
    for (const fd of readdirSync(folder)) {
      const found = statSync(`${folder}/${fd}`, { bigint: true });
      if (found.isFile() && String(found.ino) === inode) return `${folder}/${fd}`;
    }
  } catch {
    // It is gone.
  }
  return null;
}
