/** Runs a recording of a program (`faultline run --record`) on a machine, and compares every call. */

import { BASELINES, type BaselineName } from '../../abi/baselines.ts';
import { IOMMU_TEST_CMD, TEST_OPS } from '../../abi/ioctl/selftest.ts';
import {
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  VFIO_DEVICE_BIND_IOMMUFD,
  VFIO_DEVICE_DETACH_IOMMUFD_PT,
} from '../../abi/ioctl/vfio.ts';
import { Engine } from '../../engine/machine/engine.ts';
import { EngineKernel } from '../../ioctl/engine-kernel.ts';
import { closingCommand, type SimpleFile } from '../../ioctl/files.ts';
import type {
  RecordedCall,
  RecordedFile,
  RecordingHead,
} from '../../ioctl/record/recorded-call.ts';
import { RecordedMemory } from '../../ioctl/record/recorded-memory.ts';
import { givenPieces } from '../../ioctl/record/transferred.ts';
import { type Caller, errnoName, failure, type Returned } from '../../ioctl/uapi/caller.ts';
import { iommufdIoctl } from '../../ioctl/uapi/dispatch.ts';
import { type Piece, readFault, writeFault } from '../../ioctl/uapi/fault-file.ts';
import type { VfioDevice } from '../../ioctl/vfio/device.ts';
import { vfioIoctl } from '../../ioctl/vfio/device-ioctl.ts';
import { openMemoryLog } from '../../log/memory.ts';
import type { ConformCounts, Divergence } from './conform-run.ts';
import { RecordedDevices } from './recording-devices.ts';
import { reachedIn, tellingOnce, withNumbers } from './recording-outside.ts';
import { isObject, type Json, TraceFormatError } from './trace-format.ts';

const MACHINE_ID = 'recording';

/** Whether a line begins a recording. */
export function isRecordingHead(line: unknown): line is RecordingHead {
  return isObject(line) && line['faultline'] === 'recording';
}

/** Errors: TraceFormatError, the line is a call and lacks something of one. */
export function isRecordedCall(line: unknown): line is RecordedCall {
  if (!isObject(line) || typeof line['call'] !== 'string') return false;
  const wanted = FIELDS[line['call']];
  if (wanted === undefined) throw new TraceFormatError(`"${line['call']}" is no recorded call`);
  for (const [name, is] of Object.entries(wanted)) {
    if (!is(line[name])) throw new TraceFormatError(`"${name}" of a recorded ${line['call']}`);
  }
  return true;
}

type Is = (value: unknown) => boolean;
const isNumber: Is = value => Number.isInteger(value);
const isBytes: Is = value =>
  Array.isArray(value) &&
  value.every(part => isObject(part) && isHex(part['at']) && typeof part['hex'] === 'string');
const isHex: Is = value => typeof value === 'string' && /^0x[0-9a-f]{1,16}$/.test(value);
const isPieces: Is = value =>
  Array.isArray(value) &&
  value.every(part => isObject(part) && isHex(part['at']) && isNumber(part['length']));
const isGiven: Is = value =>
  isObject(value) &&
  isHex(value['at']) &&
  isHex(value['count']) &&
  typeof value['vectored'] === 'boolean';
/** One of them is there. */
const optional =
  (is: Is): Is =>
  value =>
    value === undefined || is(value);
const TRANSFER = {
  file: isNumber,
  returned: isNumber,
  given: optional(isGiven),
  pieces: optional(isPieces),
  before: isBytes,
  after: isBytes,
};

/** What each call has at least. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, Is>>>> = {
  open: { returned: isNumber, process: isObject },
  ioctl: {
    ...{ file: isNumber, request: isNumber, pointer: isHex, returned: isNumber },
    ...{ before: isBytes, after: isBytes, files: isObject },
  },
  read: TRANSFER,
  write: TRANSFER,
  close: { file: isNumber },
};

const versionOf = (text: string) => text.split(/[._]/).map(Number);
const rank = ([major = 0, minor = 0, patch = 0]: readonly number[]) =>
  (major * 1_000 + minor) * 1_000 + patch;

/**
 * The newest baseline that is not newer than a kernel, or the oldest: programs are recorded on kernels
 * of many versions. Errors: TraceFormatError, it is no version.
 */
function nearestBaseline(release: string): BaselineName {
  const [, version] = /^(\d+\.\d+(?:\.\d+)?)/.exec(release) ?? [];
  if (version === undefined) throw new TraceFormatError(`"release" is "${release}", no version`);
  const known = BASELINES.filter(name => name.startsWith('LINUX_'))
    .map(name => ({ name, at: rank(versionOf(name.slice('LINUX_'.length))) }))
    .sort((a, b) => a.at - b.at);
  const before = known.filter(({ at }) => at <= rank(versionOf(version)));
  return (before.at(-1) ?? known[0]!).name;
}

type Differ = (field: string, expected: Json | undefined, got: Json | undefined) => void;

export class RecordingRun {
  /** The kernel that it runs on here. */
  readonly baseline: BaselineName;
  private readonly label: string;
  private readonly kernel: EngineKernel;
  private readonly made: Promise<unknown>;
  private readonly files = new Map<RecordedFile, SimpleFile>();
  private readonly devices = new RecordedDevices();
  private place = 0;

  /** Errors: TraceFormatError, the recording is of another version, or of no kernel. */
  constructor(head: RecordingHead, baseline: BaselineName | undefined) {
    if (head.version !== 1) {
      throw new TraceFormatError(`a recording of version ${head.version}; 1 is read here`);
    }
    this.label = head.program.join(' ');
    this.baseline = baseline ?? nearestBaseline(head.release);
    const engine = new Engine({ log: openMemoryLog(), now: () => 0 });
    this.made = engine.create(MACHINE_ID, {
      type: 'MachineCreate',
      baseline: this.baseline,
      devices: [],
    });
    this.kernel = new EngineKernel(engine, MACHINE_ID);
  }

  async run(
    call: RecordedCall,
    counts: ConformCounts,
    report: (divergence: Divergence) => void,
  ): Promise<void> {
    await this.made;
    const place = this.place++;
    const request = call.call === 'ioctl' ? ` 0x${call.request.toString(16)}` : '';
    counts.operations++;
    await this.runOne(call, (field, expected, got) => {
      counts.divergences++;
      report({ sequence: this.label, place, op: `${call.call}${request}`, field, expected, got });
    });
  }

  private async runOne(call: RecordedCall, differ: Differ): Promise<void> {
    if (call.call === 'open') return this.open(call, differ);
    const device = this.devices.of(call.file);
    if (device !== null) return this.onDevice(call, device, differ);
    const kind = this.files.get(call.file);
    // It was opened otherwise here, and that was told.
    if (kind === undefined) return;
    if (call.call === 'close') {
      this.files.delete(call.file);
      const command = closingCommand(kind);
      if (command !== null) await this.kernel.execute(tellingOnce(call)(command));
      return;
    }
    // Pages that are compared are not in a recording.
    const elsewhere = call.call === 'ioctl' && comparesPages(call);
    const memory = new RecordedMemory(call.before, call.after, { elsewhere });
    const caller = this.callerOf(call, memory);
    if (call.call === 'read') {
      const pieces = piecesIn(call, memory);
      if (typeof pieces !== 'number') await this.devices.request(this.kernel, call, pieces);
    }
    const returned =
      call.call === 'ioctl'
        ? await ioctl(caller, kind, call)
        : await transfer(caller, kind, call, piecesIn(call, memory));
    compare(call, returned, memory, differ);
  }

  /** Only what concerns iommufd is run: what else a device does is its own. */
  private async onDevice(
    call: Exclude<RecordedCall, { call: 'open' }>,
    device: VfioDevice,
    differ: Differ,
  ): Promise<void> {
    if (call.call === 'close') return this.devices.close(this.kernel, call.file);
    if (call.call !== 'ioctl' || !OF_IOMMUFD.includes(call.request)) return;
    const memory = new RecordedMemory(call.before, call.after);
    const caller = this.callerOf(call, memory);
    const pointer = BigInt(call.pointer);
    const returned = await vfioIoctl(call.request, { caller, device, pointer, warn: () => {} });
    compare(call, returned, memory, differ);
  }

  private async open(call: RecordedCall & { call: 'open' }, differ: Differ): Promise<void> {
    if (call.device !== undefined) {
      if (call.opened !== null) await this.devices.open(this.kernel, call.opened, call.device);
      return;
    }
    const process = withNumbers(call.process);
    const { errno, reply } = await this.kernel.execute({ type: 'ContextOpen', process });
    const ours = failure(errno);
    if (call.opened === null || reply === null) {
      if (ours !== call.returned) differ('returned', shown(call.returned), shown(ours));
      return;
    }
    this.files.set(call.opened, { type: 'CONTEXT', contextId: reply.contextId });
  }

  private callerOf(
    call: RecordedCall & { call: 'ioctl' | 'read' | 'write' },
    memory: RecordedMemory,
  ): Caller {
    const telling = tellingOnce(call);
    const reached = reachedIn(call);
    return {
      memory,
      execute: command => this.kernel.execute(telling(command)),
      executeReaching: (command, complete) => {
        const asked = telling(command);
        return this.kernel.executeReaching(asked, pieces => complete(asked, pieces, reached));
      },
      reached: () => reached,
      processId: 0,
      isWaiting: () => true,
      isOpen: fd => call.call === 'ioctl' && Object.hasOwn(call.files, String(fd)),
      refuse: errno => failure(errno),
      handOut: kind => {
        if (call.call !== 'ioctl' || call.opened === null) return failure('EMFILE');
        if (kind.type !== 'DEVICE') this.files.set(call.opened, kind);
        return call.openedAs ?? failure('EMFILE');
      },
      fileAt: fd => {
        const file = call.call === 'ioctl' ? call.files[String(fd)] : undefined;
        const kind = file === undefined ? undefined : this.files.get(file);
        return kind === undefined ? null : { kind };
      },
    };
  }
}

/** Whether the self-test compared the program's pages with pinned ones, and found them there. */
function comparesPages({ request, before, returned }: RecordedCall & { call: 'ioctl' }): boolean {
  if (request !== IOMMU_TEST_CMD.request || returned === failure('EFAULT')) return false;
  const struct = Buffer.from(before[0]?.hex ?? '', 'hex');
  const [at] = IOMMU_TEST_CMD.fields.op;
  return struct.length >= at + 4 && struct.readUInt32LE(at) === TEST_OPS.access_pages.op;
}

/** ioctls of a VFIO device file that iommufd answers. */
const OF_IOMMUFD: readonly number[] = [
  VFIO_DEVICE_BIND_IOMMUFD.request,
  VFIO_DEVICE_ATTACH_IOMMUFD_PT.request,
  VFIO_DEVICE_DETACH_IOMMUFD_PT.request,
];

function compare(
  call: RecordedCall & { call: 'ioctl' | 'read' | 'write' },
  returned: Returned,
  memory: RecordedMemory,
  differ: Differ,
): void {
  if (returned !== call.returned) differ('returned', shown(call.returned), shown(returned));
  for (const { at, expected, got } of memory.differences()) differ(`memory ${at}`, expected, got);
}

function ioctl(
  caller: Caller,
  kind: SimpleFile,
  { request, pointer }: RecordedCall & { call: 'ioctl' },
): Promise<Returned> | Returned {
  if (kind.type !== 'CONTEXT') return failure('ENOTTY');
  return iommufdIoctl(caller, kind.contextId, request, BigInt(pointer));
}

function transfer(
  caller: Caller,
  kind: SimpleFile,
  { call }: RecordedTransferCall,
  pieces: Piece[] | Returned,
): Promise<Returned> | Returned {
  if (kind.type !== 'FAULT') return failure('EINVAL');
  if (typeof pieces === 'number') return pieces;
  return call === 'read' ? readFault(caller, kind, pieces) : writeFault(caller, kind, pieces);
}

type RecordedTransferCall = RecordedCall & { call: 'read' | 'write' };

/** The pieces of a read or write, or why it has none. */
function piecesIn(
  { given, pieces = [] }: RecordedTransferCall,
  memory: RecordedMemory,
): Piece[] | Returned {
  if (given !== undefined) return givenPieces(memory, given);
  return pieces.map(({ at, length }) => ({ address: BigInt(at), length }));
}

const shown = (returned: number) => (returned < 0 ? errnoName(-returned) : returned);
