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
import { isModelled, type ModelledDevice } from '../function/lookup.ts';
import { modelledFunction, wrongPasid } from '../function/named.ts';
import type {
  DeviceProgram,
  DmaOptions,
  DmaRequest,
  DmaState,
  ProgramOp,
  ProgramOptions,
  ProgramState,
} from '../function/state.ts';
import { runProgram } from '../program/run.ts';
import { outOfBounds, refuse } from '../refuse.ts';
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
  /** Done: the user memory that it read or filled. */
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
    settled: settledDma,
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
    settled: (x, { bdf }, reply) => {
      const program = deviceNamed(x, bdf)?.hardware.program;
      return program ? programReply(program) : reply;
    },
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
  const wrong =
    wrongPasid(x, device, pasid) ??
    wrongOptions(x, options) ??
    bounded(x, 'fill', fill, 0, 255) ??
    wrongRange(x, iova, length);
  if (wrong !== null) return wrong;
  if (!hasRoom(device)) {
    const facts = { bdf: command.bdf, most: DMAS_PER_DEVICE_MAX };
    return refuse(x, 'device', 'EBUSY', 'TOO_MANY_DMAS', facts);
  }
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

/** An answer that came at once, by the kernel or by the IOMMU itself, changed what became of it. */
function settledDma(x: Execution, { bdf }: Dma, reply: DmaReply): DmaReply {
  const { dmaId } = reply;
  const waiting = deviceNamed(x, bdf)?.hardware.dmas.get(dmaId);
  if (waiting !== undefined) return { ...reply, state: waiting.state };
  for (const event of x.events) {
    if (!('dmaId' in event) || event.dmaId !== dmaId) continue;
    const { type } = event;
    if (type === 'DmaCompleted') {
      return { dmaId, state: 'DONE', reason: null, runs: event.runs };
    }
    if (type === 'DmaAborted') return { dmaId, state: 'ABORTED', reason: event.reason, runs: [] };
  }
  return reply;
}

function deviceNamed({ state }: Execution, bdf: string): ModelledDevice | null {
  const device = state.physicalDevices.get(state.bdfs.get(bdf) ?? -1);
  return isModelled(device) ? device : null;
}

function wrongRange(x: Execution, iova: bigint, length: bigint): Refusal | null {
  if (length === 0n) return refuse(x, 'device', 'EINVAL', 'LENGTH_ZERO');
  const wrong = bounded(x, 'pages of length', pagesOf(iova, length), 1, DMA_PAGES_MAX);
  if (wrong !== null || iova + length - 1n <= ULONG_MAX) return wrong;
  const facts = { length, what: 'IOVA', start: iova };
  return refuse(x, 'device', 'EOVERFLOW', 'RANGE_WRAPS', facts);
}

function pagesOf(iova: bigint, length: bigint): number {
  return Number(((iova + length - 1n) >> 12n) - (iova >> 12n)) + 1;
}

function bounded(x: Execution, argument: string, value: number, low: number, high: number) {
  return outOfBounds(x, 'device', argument, value, low, high);
}

function wrongOptions(x: Execution, options: DmaOptions): Refusal | null {
  const { pagesPerGroup, retryLimit, timeoutTicks, prgIndex } = options;
  return (
    bounded(x, 'pagesPerGroup', pagesPerGroup, 1, PAGES_PER_GROUP_MAX) ??
    bounded(x, 'retryLimit', retryLimit, 1, DMA_RETRIES_MAX) ??
    (timeoutTicks === null ? null : bounded(x, 'timeoutTicks', timeoutTicks, 1, TICKS_MAX)) ??
    (prgIndex.kind === 'FIXED' ? bounded(x, 'fixedIndex', prgIndex.index, 0, PRG_INDEX_MAX) : null)
  );
}

/**
 * Errors: ENODEV; EOPNOTSUPP; EINVAL, an operation or an option out of bounds; EBUSY, a DMA of the
 * program before is not finished.
 */
function executeProgramLoad(x: Execution, { bdf, ops, options }: DeviceProgramLoad) {
  const device = modelledFunction(x, bdf);
  if (device instanceof Refusal) return device.errno;
  const { deviceNo, hardware } = device;
  const wrong =
    bounded(x, 'ops', ops.length, 1, PROGRAM_OPS_MAX) ??
    wrongOptions(x, options) ??
    bounded(x, 'maxOutstanding', options.maxOutstanding, 1, DMAS_PER_DEVICE_MAX) ??
    bounded(x, 'pasids', options.pasids.length, 0, PROGRAM_PASIDS_MAX) ??
    firstWrong(options.pasids, pasid => wrongPasid(x, device, pasid)) ??
    firstWrong(ops, (op, i) => wrongOp(x, device, op, options, `ops[${i}]`));
  if (wrong !== null) return wrong.errno;
  for (const { request, dmaId } of hardware.dmas.values()) {
    if (!request.ofProgram) continue;
    return refuse(x, 'device', 'EBUSY', 'PROGRAM_UNDER_WAY', { bdf, dmaId }).errno;
  }
  x.emit({ type: 'DeviceProgramLoaded', deviceNo, ops, options });
  return 0;
}

function firstWrong<T>(
  items: readonly T[],
  wrong: (item: T, i: number) => Refusal | null,
): Refusal | null {
  for (const [i, item] of items.entries()) {
    const found = wrong(item, i);
    if (found !== null) return found;
  }
  return null;
}

function wrongOp(
  x: Execution,
  device: ModelledDevice,
  op: ProgramOp,
  { pasids }: ProgramOptions,
  path: string,
): Refusal | null {
  const pasid = wrongPasid(x, device, op.pasid);
  if (pasid !== null) return pasid;
  const needs = (field: string) =>
    refuse(x, 'device', 'EINVAL', 'OP_INCOMPLETE', { argument: `${path}.${field}`, op: op.op });
  switch (op.op) {
    case 'BARRIER':
      return null;
    case 'STOP':
      // The marker says which PASID is used no more.
      return op.pasid === null && pasids.length === 0 ? needs('pasid') : null;
    case 'REPEAT':
      return bounded(x, `${path}.count`, op.count ?? 0, 1, PROGRAM_REPEAT_MAX);
    default: {
      const { iova, toIova, length, fill } = op;
      if (iova === null) return needs('iova');
      if (length === null) return needs('length');
      const copies = op.op === 'COPY';
      if (copies && toIova === null) return needs('toIova');
      const filled = op.op === 'WRITE' || op.op === 'EXPECT';
      return (
        wrongRange(x, iova, length) ??
        (copies && toIova !== null ? wrongRange(x, toIova, length) : null) ??
        (filled ? bounded(x, `${path}.fill`, fill ?? -1, 0, 255) : null)
      );
    }
  }
}

/** Errors: ENODEV; EOPNOTSUPP; ENOENT, no program; EINVAL, no steps or too many. */
function executeDeviceRun(x: Execution, { bdf, steps }: DeviceRun): ProgramReply | Refusal {
  const device = modelledFunction(x, bdf);
  if (device instanceof Refusal) return device;
  const { program } = device.hardware;
  if (program === null) return refuse(x, 'device', 'ENOENT', 'PROGRAM_ABSENT', { bdf });
  const wrong = bounded(x, 'steps', steps, 1, PROGRAM_STEPS_MAX);
  if (wrong !== null) return wrong;
  if (program.state !== 'DONE' && program.state !== 'FAILED') runProgram(x, device, steps);
  return programReply(program);
}

function programReply({ state, next, steps }: DeviceProgram): ProgramReply {
  return { state, next, steps };
}
