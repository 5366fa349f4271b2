/** Writes down the calls on iommufd's files: what the program gave, and what it got. */
import { readFileSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  IOMMU_FAULT_QUEUE_ALLOC,
  IOMMU_IOAS_MAP,
  IOMMU_OPTION,
  IOMMUFD_TYPE,
  IOMMUFD_TYPE_MASK,
} from '../../abi/ioctl/iommufd.ts';
import type { IoctlLayout } from '../../abi/ioctl/layout.ts';
import { O_CLOEXEC } from '../../abi/ioctl/linux.ts';
import { IOMMU_TEST_CMD, TEST_OPS } from '../../abi/ioctl/selftest.ts';
import { VFIO_DEVICE_BIND_IOMMUFD, VFIO_IOCTLS, VFIO_IOMMU_MAP_DMA } from '../../abi/ioctl/vfio.ts';
import { IOCTL_STRUCT_BYTES_MAX, RECORDED_BYTES_MAX } from '../../abi/limits.ts';
import type { Command, CommandOf } from '../../core/machine/command.ts';
import { mappingsOf } from '../memory/maps.ts';
import { Memories } from '../memory/memories.ts';
import { UserMemory } from '../native/user-memory.ts';
import { IOMMU_PATH, vfioNumberAt } from '../own-path.ts';
import { likelyPath } from '../paths.ts';
import { RecordedFiles } from './files.ts';
import { pointedBy, type Range } from './pointed.ts';
import type { RecordedBytes, RecordedCall, RecordedDevice, RecordedFile } from './recorded-call.ts';
import type { Returns, TracedCall } from './traced-call.ts';
import { bytesOfParts, givenTo, partsOf, rangesGiven, transferOf } from './transferred.ts';

const hex = (value: bigint) => `0x${value.toString(16)}`;

export class CallRecorder {
  readonly files: RecordedFiles = new RecordedFiles(file => {
    const command = { type: 'ContextClose', contextId: file } as const;
    const told = this.memories.closing<CommandOf<'ContextClose'>>(command, this.files.isEmpty);
    this.write({ call: 'close', tid: this.closing, file, ...outsideOf(told) });
  });
  private readonly memories = new Memories('OWN');
  /** Files of VFIO devices. */
  private readonly devices = new Set<RecordedFile>();
  private readonly write: (call: RecordedCall) => void;
  /** The thread whose call closes files now. */
  private closing = 0;

  constructor(write: (call: RecordedCall) => void) {
    this.write = write;
  }

  open(
    { tid, process }: TracedCall,
    pointer: bigint,
    dirfd: number,
    flags: number | null,
  ): Returns | null {
    const path = likelyPath(new UserMemory(tid), dirfd, pointer);
    const vfioNo = path === null ? null : vfioNumberAt(path);
    if (path === null || (path !== IOMMU_PATH && vfioNo === null)) return null;
    return returned => {
      // A device that is not there is no business of iommufd.
      if (vfioNo !== null && returned < 0) return;
      const device = vfioNo === null ? undefined : deviceOf(vfioNo);
      const opener = this.memories.opener(tid);
      const opened =
        returned < 0
          ? null
          : this.opened(process, returned, ((flags ?? 0) & O_CLOEXEC) !== 0, device);
      if (opened !== null && device === undefined) this.memories.opened(opened, opener);
      this.write({
        call: 'open',
        tid,
        path,
        flags: flags ?? 0,
        returned,
        opened,
        process: opener,
        ...(device === undefined ? {} : { device }),
      });
    };
  }

  private opened(
    process: number,
    fd: number,
    closeOnExec: boolean,
    device: RecordedDevice | undefined,
  ): RecordedFile {
    const file = this.files.open(process, fd, closeOnExec);
    if (device !== undefined) this.devices.add(file);
    return file;
  }

  ioctl(call: TracedCall): Returns | null {
    const { tid, process, args } = call;
    const request = Number(args[1]! & 0xffff_ffffn);
    const file = this.fileOf(call);
    if (file === null || (request & IOMMUFD_TYPE_MASK) >>> 0 !== IOMMUFD_TYPE) return null;
    const memory = new UserMemory(tid);
    const pointer = args[2]!;
    const ranges = rangesOf(memory, request, pointer);
    const before = withRights(memory, bytesAt(memory, ranges));
    const told = this.memories.before(tid, lookOf(request, file));
    const struct = Buffer.from(before[0]?.hex ?? '', 'hex');
    return returned => {
      const after = bytesAt(memory, ranges);
      const fd = returned < 0 ? null : givenOut(request, Buffer.from(after[0]?.hex ?? '', 'hex'));
      this.write({
        call: 'ioctl',
        tid,
        file,
        ...outsideOf(told),
        request,
        pointer: hex(pointer),
        returned,
        before,
        after,
        opened: fd === null ? null : this.files.open(process, fd, true),
        openedAs: fd,
        files: this.named(process, request, struct),
      });
    };
  }

  transfer(call: TracedCall): Returns | null {
    const { tid } = call;
    const file = this.fileOf(call);
    // What a program does to its device is no business of iommufd.
    if (file === null || this.devices.has(file)) return null;
    const how = transferOf(call);
    if (how === null) return null;
    const memory = new UserMemory(tid);
    const given = givenTo(call, how);
    const parts = partsOf(memory, mapsOf(tid), rangesGiven(memory, given));
    const before = bytesOfParts(memory, parts);
    return returned =>
      this.write({
        call: how.writes ? 'write' : 'read',
        tid,
        file,
        returned,
        given,
        before,
        after: bytesOfParts(memory, parts),
      });
  }

  close({ tid }: Pick<TracedCall, 'tid'>, close: () => void): void {
    this.closing = tid;
    close();
  }

  fork(parent: number, child: number): void {
    this.files.fork(parent, child);
  }

  /** Nothing more is recorded. */
  end(): void {
    this.memories.close();
  }

  exec(process: number): void {
    this.close({ tid: process }, () => this.files.exec(process));
  }

  exit(process: number): void {
    this.close({ tid: process }, () => this.files.exit(process));
  }

  private fileOf({ process, args }: TracedCall): RecordedFile | null {
    return this.files.at(process, Number(BigInt.asIntN(32, args[0]!)));
  }

  /** The file that a structure names by its number. */
  private named(process: number, request: number, struct: Buffer): Record<string, RecordedFile> {
    const field = NAMES_FILE.get(request);
    if (field === undefined || struct.length < field + 4) return {};
    const fd = struct.readInt32LE(field);
    const file = this.files.at(process, fd);
    return file === null ? {} : { [String(fd)]: file };
  }
}

/** Where the structure has the number of a file: the iommufd of a device, an access of the self-test. */
const NAMES_FILE: ReadonlyMap<number, number> = new Map([
  [VFIO_DEVICE_BIND_IOMMUFD.request, VFIO_DEVICE_BIND_IOMMUFD.fields.iommufd[0]],
  [IOMMU_TEST_CMD.request, IOMMU_TEST_CMD.fields.id[0]],
]);

/** The PCI function behind a VFIO device file. */
function deviceOf(vfioNo: number): RecordedDevice {
  const folder = `/sys/class/vfio-dev/vfio${vfioNo}/device`;
  const regions = join(folder, 'iommu_group/reserved_regions');
  return {
    bdf: basename(realpathSync(folder)),
    reservedRegions: readFileSync(regions, 'utf8').trimEnd().split('\n'),
  };
}

/** An operation that looks at memory, and asks for rights, where the ioctl may. */
function lookOf(request: number, contextId: RecordedFile): Command {
  const maps = request === IOMMU_IOAS_MAP.request || request === VFIO_IOMMU_MAP_DMA.request;
  if (maps) {
    const nothing = { userVa: 0n, length: 0n, iova: 0n };
    return { type: 'IoasMap', contextId, ioasId: 0, flags: 0, ...nothing };
  }
  if (request === IOMMU_OPTION.request) {
    return { type: 'Option', contextId, optionId: 0, op: 0, objectId: 0, val64: 0n };
  }
  return { type: 'TestMockDomain', contextId, ptId: 0, devFlags: 0 };
}

const outsideOf = ({ outside }: Command) => (outside === undefined ? {} : { outside });

/** The structure first, then what it points to. */
function rangesOf(memory: UserMemory, request: number, pointer: bigint): Range[] {
  const head = memory.read(pointer, 4);
  if (head === null) return [{ address: pointer, length: 4 }];
  // VFIO reads what it wants first, whatever size the program gives.
  const least = Math.max(4, ...VFIO_IOCTLS.filter(is => is.request === request).map(minSizeOf));
  const length = Math.max(least, Math.min(head.readUInt32LE(0), IOCTL_STRUCT_BYTES_MAX));
  const struct = memory.readSome(pointer, length);
  const pointed = struct.length < 8 ? null : pointedBy(request, struct);
  return [{ address: pointer, length }, ...(pointed === null ? [] : [pointed])];
}

const minSizeOf = ({ minSize }: IoctlLayout) => minSize;

/** As much of each range as is there. */
function bytesAt(memory: UserMemory, ranges: readonly Range[]): RecordedBytes[] {
  return ranges.map(({ address, length }) => ({
    at: hex(address),
    hex: memory.readSome(address, Math.min(length, RECORDED_BYTES_MAX)).toString('hex'),
  }));
}

const mapsOf = (tid: number) => readFileSync(`/proc/${tid}/maps`, 'utf8');

/** With what the program may not write. */
function withRights({ tid }: UserMemory, parts: readonly RecordedBytes[]): RecordedBytes[] {
  const mappings = mappingsOf(mapsOf(tid));
  return parts.map(part => {
    const address = BigInt(part.at);
    const found = mappings.find(({ start, last }) => start <= address && address <= last);
    const isWritable = found?.permissions[1] === 'w';
    return part.hex === '' || isWritable ? part : { ...part, readOnly: true };
  });
}

/** The number of the file that an ioctl gave out; null: it gives none. */
function givenOut(request: number, after: Buffer): number | null {
  const { size, fields } = IOMMU_FAULT_QUEUE_ALLOC;
  if (request === IOMMU_FAULT_QUEUE_ALLOC.request && after.length >= size) {
    return after.readInt32LE(fields.out_fault_fd[0]);
  }
  const access = TEST_OPS.create_access;
  const isTest = request === IOMMU_TEST_CMD.request && after.length >= IOMMU_TEST_CMD.minSize;
  if (!isTest || after.readUInt32LE(IOMMU_TEST_CMD.fields.op[0]) !== access.op) return null;
  return after.readInt32LE(access.fields.out_access_fd[0]);
}
