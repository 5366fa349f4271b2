/**
 * User memory that an access or a device reaches, in the process that mapped it; where that has given it
 * up, shared memory is found in whoever else has it, mapped or open.
 */
import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import type { ReachedPiece } from '../../core/iommufd/selftest/access-rw.ts';
import { UserMemory } from '../native/user-memory.ts';
import { deviceOf } from './mapped-files.ts';
import { isSharedMemory, type Mapping, mappingFrom } from './maps.ts';

/** A memory in which something may be found that another one gave up. */
export interface OtherMemory {
  readonly pid: number;
  readonly mappings: readonly Mapping[];
  isThere(): boolean;
  /** Reads `mappings` again. */
  look(): unknown;
}

/** A memory as far as it was seen last. */
export interface SeenMemory extends OtherMemory {
  readonly processId: number;
  /** The shared mapping that iommufd was given at an address; null: none. */
  given(address: bigint): Mapping | null;
}

/** Which byte of which file, or of which process, stands at an address. */
export interface Identity {
  /** `device:inode` of a shared file, or `process:number`. */
  readonly of: string;
  readonly at: bigint;
}

const nameOf = ({ device, inode }: Mapping) => `${device}:${inode}`;

/** User memory as accesses reach it. */
export type Reached = Pick<ReachedMemory, 'read' | 'write' | 'identity'>;

/** How bytes go, from where the transfer is to be continued. */
interface Transfer {
  readonly writes: boolean;
  readonly inMemory: (memory: UserMemory, address: bigint, bytes: number) => Buffer;
  readonly inFile: (fd: number, offset: number, bytes: number) => Buffer;
}

const NOTHING: Buffer = Buffer.alloc(0);

export class ReachedMemory {
  private readonly memories: readonly SeenMemory[];
  private readonly findOthers: () => readonly OtherMemory[];
  private others: readonly OtherMemory[] | null = null;
  private readonly looked = new Set<OtherMemory>();
  /** Processes that do not have all of what was asked of them, wherever else it was found. */
  readonly missed = new Set<number>();

  /**
   * The memories that are known, of some of which nothing may be left, and what finds all others, which
   * costs more.
   */
  constructor(memories: readonly SeenMemory[], findOthers: () => readonly OtherMemory[]) {
    this.memories = memories;
    this.findOthers = findOthers;
  }

  /** The bytes of a piece, as many as can be read before the first that cannot. */
  read({ processId, userVa, length }: ReachedPiece): Buffer {
    return this.transfer(processId, userVa, Number(length), {
      writes: false,
      inMemory: (memory, address, bytes) => memory.readSome(address, bytes),
      inFile: (fd, offset, bytes) => {
        const buffer = Buffer.alloc(bytes);
        return buffer.subarray(0, readSync(fd, buffer, 0, bytes, offset));
      },
    });
  }

  /** Whether all bytes were written. */
  write(processId: number | null, userVa: bigint, data: Buffer): boolean {
    let done = 0;
    const next = (bytes: number) => data.subarray(done, done + bytes);
    const moved = (part: Buffer, count: number) => {
      done += count;
      return part.subarray(0, count);
    };
    const written = this.transfer(processId, userVa, data.length, {
      writes: true,
      inMemory: (memory, address, bytes) => {
        const part = next(bytes);
        return moved(part, memory.write(address, part));
      },
      inFile: (fd, offset, bytes) => {
        const part = next(bytes);
        return moved(part, writeSync(fd, part, 0, part.length, offset));
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
    if (!isSharedMemory(mapping)) return { of: `process:${memory.processId}`, at: address };
    return { of: nameOf(mapping), at: mapping.offset + (address - mapping.start) };
  }

  private transfer(processId: number | null, userVa: bigint, length: number, by: Transfer): Buffer {
    const memory = this.memories.find(known => known.processId === processId);
    const there = memory?.isThere() ?? false;
    const parts: Buffer[] = [];
    for (let done = 0; done < length; ) {
      const address = userVa + BigInt(done);
      let part: Buffer = NOTHING;
      if (there) part = by.inMemory(new UserMemory(memory!.pid), address, length - done);
      if (part.length === 0) {
        if (processId !== null) this.missed.add(processId);
        if (memory === undefined) break;
        part = this.instead(memory, there, address, length - done, by);
      }
      if (part.length === 0) break;
      parts.push(part);
      done += part.length;
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  /** Bytes that the process does not have, up to where it may have some again. */
  private instead(
    memory: SeenMemory,
    there: boolean,
    address: bigint,
    bytes: number,
    by: Transfer,
  ): Buffer {
    const wanted = memory.given(address) ?? (there ? null : mappingFrom(memory.mappings, address));
    if (wanted === null || address < wanted.start || !isSharedMemory(wanted)) return NOTHING;
    let { last } = wanted;
    if (there) {
      this.lookAt(memory);
      const next = mappingFrom(memory.mappings, address);
      const end = next === null ? last : next.start > address ? next.start - 1n : next.last;
      if (end < last) last = end;
    }
    const offset = wanted.offset + (address - wanted.start);
    return this.elsewhere(wanted, offset, Math.min(bytes, Number(last - address + 1n)), by);
  }

  /** Bytes of a file where a process has it; as many as are together there. */
  private elsewhere(wanted: Mapping, offset: bigint, bytes: number, by: Transfer): Buffer {
    const part = this.among(this.memories, wanted, offset, bytes, by);
    if (part.length > 0) return part;
    this.others ??= this.findOthers();
    return this.among(this.others, wanted, offset, bytes, by);
  }

  /** Once for all that is reached together, however many pages are missing. */
  private lookAt(memory: OtherMemory): void {
    if (this.looked.has(memory)) return;
    this.looked.add(memory);
    memory.look();
  }

  private among(
    memories: readonly OtherMemory[],
    wanted: Mapping,
    offset: bigint,
    bytes: number,
    by: Transfer,
  ): Buffer {
    const right = by.writes ? 1 : 0;
    for (const other of memories) {
      if (!other.isThere()) continue;
      this.lookAt(other);
      for (const mapping of other.mappings) {
        const end = mapping.offset + (mapping.last - mapping.start) + 1n;
        if (offset < mapping.offset || offset >= end || mapping.permissions[right] === '-')
          continue;
        if (!isSharedMemory(mapping) || nameOf(mapping) !== nameOf(wanted)) continue;
        const most = Math.min(bytes, Number(end - offset));
        const address = mapping.start + (offset - mapping.offset);
        const part = by.inMemory(new UserMemory(other.pid), address, most);
        if (part.length > 0) return part;
      }
      const part = inOpenFile(other.pid, wanted, Number(offset), bytes, by);
      if (part.length > 0) return part;
    }
    return NOTHING;
  }
}

/** Bytes of a file that a process has open; nothing, if it has not, or they are beyond its end. */
function inOpenFile(
  pid: number,
  wanted: Mapping,
  offset: number,
  bytes: number,
  by: Transfer,
): Buffer {
  const path = openAt(pid, wanted);
  if (path === null) return NOTHING;
  let fd = -1;
  try {
    fd = openSync(path, by.writes ? 'r+' : 'r');
    // A write beyond its end would make it longer.
    const most = Math.min(bytes, fstatSync(fd).size - offset);
    return most <= 0 ? NOTHING : by.inFile(fd, offset, most);
  } catch {
    // It is sealed, or not ours to open.
    return NOTHING;
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}

/** Where a process has the file open. */
function openAt(pid: number, { inode, device }: Mapping): string | null {
  const folder = `/proc/${pid}/fd`;
  try {
    for (const fd of readdirSync(folder)) {
      const found = statSync(`${folder}/${fd}`, { bigint: true });
      const same = String(found.ino) === inode && deviceOf(found.dev) === device;
      if (found.isFile() && same) return `${folder}/${fd}`;
    }
  } catch {
    // It is gone.
  }
  return null;
}
