/** DMA by command, and a device's program. */
import {
  DMA_PAGES_MAX,
  DMA_RETRIES_DEFAULT,
  DMA_RETRIES_MAX,
  DMAS_PER_DEVICE_MAX,
  PAGES_PER_GROUP_MAX,
  PROGRAM_OPS_MAX,
  PROGRAM_PASIDS_MAX,
  PROGRAM_REPEAT_MAX,
  PROGRAM_STEPS_MAX,
  TICKS_MAX,
} from '../../../abi/limits.ts';
import { PRG_INDEX_MAX, ULONG_MAX } from '../../../abi/uapi.ts';
import { answer, refused } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import { Refusal } from '../../machine/refusal.ts';
import type { ModelledDevice } from '../function/lookup.ts';
import { hasPasid, modelledFunction } from '../function/named.ts';
import type {
  DmaOptions,
  DmaRequest,
  DmaState,
  ProgramOp,
  ProgramOptions,
  ProgramState,
} from '../function/state.ts';
import { runProgram } from '../program/run.ts';
import { hasRoom, startDma } from './dma.ts';
import type { AbortReason, UserRun } from './events.ts';

/** A PCI function does one DMA. */
export interface Dma {
  readonly type: 'Dma';
  readonly bdf: string;
  readonly pasid: number | null;
  readonly iova: bigint;
  /** Bytes. */
  readonly length: bigint;
  readonly write: boolean;
  /** Each byte of a write, 0 to 255. */
  readonly fill: number;
  /** Left out: DEFAULT_DMA_OPTIONS. */
  readonly options?: DmaOptions;
}

/** A device is given a program; what it did before is forgotten once its DMAs are done. */
export interface DeviceProgramLoad {
  readonly type: 'DeviceProgramLoad';
  readonly bdf: string;
  readonly ops: readonly ProgramOp[];
  readonly options: ProgramOptions;
}

/** A device goes on with its program until it waits, ends, or has done `steps` operations. */
export interface DeviceRun {
  readonly type: 'DeviceRun';
  readonly bdf: string;
  readonly steps: number;
}

export interface DmaReply {
  readonly dmaId: number;
  readonly state: DmaState | 'DONE' | 'ABORTED';
  readonly reason: AbortReason | null;
  /** A read that is done: where its bytes lie. */
  readonly runs: readonly UserRun[];
}

export interface ProgramReply {
  readonly state: ProgramState;
  readonly next: number;
  readonly steps: number;
}

export interface DmaOperations {
  Dma: Operation<Dma, DmaReply>;
  DeviceProgramLoad: Operation<DeviceProgramLoad, Record<string, never>>;
  DeviceRun: Operation<DeviceRun, ProgramReply>;
}

export const DEFAULT_DMA_OPTIONS: DmaOptions = {
  pagesPerGroup: 1,
  prgIndex: { kind: 'NEXT_FREE' },
  retryLimit: DMA_RETRIES_DEFAULT,
  timeoutTicks: null,
};

export const DEFAULT_PROGRAM_OPTIONS: ProgramOptions = {
  ...DEFAULT_DMA_OPTIONS,
  maxOutstanding: 1,
  onInvalid: 'STOP',
  pasids: [],
};

export const DMA_OPERATIONS: OperationEntries<DmaOperations> = {
  Dma: {
    sentence: 'A PCI function does one DMA, through its caches, the page tables and page requests.',
    mutation: 'dma',
    support: null,
    arguments: {
      bdf: 'bdf',
      pasid: 'pasid',
      iova: 'u64',
      length: 'u64',
      write: 'flag',
      fill: 'u32',
      options: 'dmaOptions?',
    },
    execute: (x, command) => answer(executeDma(x, command), reply => reply),
  },
  DeviceProgramLoad: {
    sentence: 'A device is given a program of DMAs.',
    mutation: 'deviceProgramLoad',
    support: null,
    arguments: { bdf: 'bdf', ops: 'programOps', options: 'programOptions' },
    execute: (x, command) => refused(executeProgramLoad(x, command)),
  },
  DeviceRun: {
    sentence: 'A device goes on with its program until it waits, ends, or has done enough.',
    mutation: 'deviceRun',
    support: null,
    arguments: { bdf: 'bdf', steps: 'u32' },
    execute: (x, command) => answer(executeDeviceRun(x, command), reply => reply),
  },
};

/**
 * Errors: ENODEV; EOPNOTSUPP; EINVAL, no bytes, too many pages, a PASID the function has not, options
 * out of bounds; EOVERFLOW, past the end of the space; EBUSY, too many DMAs are not finished.
 */
function executeDma(x: Execution, command: Dma): DmaReply | Refusal {
  const device = modelledFunction(x, command.bdf);
  if (device instanceof Refusal) return device;
  const { pasid, iova, length, write, fill, options = DEFAULT_DMA_OPTIONS } = command;
  if (!hasPasid(device, pasid) || !areOptionsPossible(options) || fill > 255) {
    return new Refusal('EINVAL');
  }
  const wrong = wrongRange(iova, length);
  if (wrong !== null) return wrong;
  if (!hasRoom(device)) return new Refusal('EBUSY');
  const request: DmaRequest = {
    pasid,
    iova,
    length,
    write,
    fill: write ? fill : null,
    source: null,
    copyTo: null,
    expected: null,
    ofProgram: false,
  };
  return startDma(x, device, request, options);
}

function wrongRange(iova: bigint, length: bigint): Refusal | null {
  if (length === 0n || pagesOf(iova, length) > DMA_PAGES_MAX) return new Refusal('EINVAL');
  return iova + length - 1n > ULONG_MAX ? new Refusal('EOVERFLOW') : null;
}

function pagesOf(iova: bigint, length: bigint): number {
  return Number(((iova + length - 1n) >> 12n) - (iova >> 12n)) + 1;
}

export function areOptionsPossible(options: DmaOptions): boolean {
  const { pagesPerGroup, retryLimit, timeoutTicks, prgIndex } = options;
  return (
    within(pagesPerGroup, 1, PAGES_PER_GROUP_MAX) &&
    within(retryLimit, 1, DMA_RETRIES_MAX) &&
    (timeoutTicks === null || within(timeoutTicks, 1, TICKS_MAX)) &&
    (prgIndex.kind !== 'FIXED' || within(prgIndex.index, 0, PRG_INDEX_MAX))
  );
}

function within(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}

/**
 * Errors: ENODEV; EOPNOTSUPP; EINVAL, an operation or an option out of bounds; EBUSY, a DMA of the
 * program before is not finished.
 */
function executeProgramLoad(x: Execution, { bdf, ops, options }: DeviceProgramLoad) {
  const device = modelledFunction(x, bdf);
  if (device instanceof Refusal) return device.errno;
  const { deviceNo, hardware } = device;
  const possible =
    within(ops.length, 1, PROGRAM_OPS_MAX) &&
    areOptionsPossible(options) &&
    within(options.maxOutstanding, 1, DMAS_PER_DEVICE_MAX) &&
    options.pasids.length <= PROGRAM_PASIDS_MAX &&
    options.pasids.every(pasid => hasPasid(device, pasid)) &&
    ops.every(op => isOpPossible(device, op, options));
  if (!possible) return 'EINVAL';
  for (const { request } of hardware.dmas.values()) if (request.ofProgram) return 'EBUSY';
  x.emit({ type: 'DeviceProgramLoaded', deviceNo, ops, options });
  return 0;
}

function isOpPossible(device: ModelledDevice, op: ProgramOp, { pasids }: ProgramOptions): boolean {
  if (!hasPasid(device, op.pasid)) return false;
  switch (op.op) {
    case 'BARRIER':
      return true;
    case 'STOP':
      // The marker says which PASID is used no more.
      return op.pasid !== null || pasids.length > 0;
    case 'REPEAT':
      return within(op.count ?? 0, 1, PROGRAM_REPEAT_MAX);
    default: {
      const { iova, toIova, length, fill } = op;
      if (iova === null || length === null || wrongRange(iova, length) !== null) return false;
      if (op.op === 'COPY' && (toIova === null || wrongRange(toIova, length) !== null)) {
        return false;
      }
      const filled = op.op === 'WRITE' || op.op === 'EXPECT';
      return !filled || within(fill ?? -1, 0, 255);
    }
  }
}

/** Errors: ENODEV; EOPNOTSUPP; ENOENT, no program; EINVAL, no steps or too many. */
function executeDeviceRun(x: Execution, { bdf, steps }: DeviceRun): ProgramReply | Refusal {
  const device = modelledFunction(x, bdf);
  if (device instanceof Refusal) return device;
  const { program } = device.hardware;
  if (program === null) return new Refusal('ENOENT');
  if (!within(steps, 1, PROGRAM_STEPS_MAX)) return new Refusal('EINVAL');
  if (program.state !== 'DONE' && program.state !== 'FAILED') runProgram(x, device, steps);
  const { state, next, steps: done } = program;
  return { state, next, steps: done };
}
