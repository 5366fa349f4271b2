/** DMA by command, and a device's program. */
import {
  DMA_RETRIES_DEFAULT,
  DMAS_PER_DEVICE_MAX,
  PROGRAM_OPS_MAX,
  PROGRAM_PASIDS_MAX,
  PROGRAM_STEPS_MAX,
} from '../../../abi/limits.ts';
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
import { refuse } from '../refuse.ts';
import { bounded, wrongData, wrongOp, wrongOptions, wrongRange } from './arguments.ts';
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
  /** What it writes in the place of `fill`: as many bytes as `length`, as hex. */
  readonly data?: string;
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
      data: 'hexBytes?',
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
 * Errors: ENODEV; EOPNOTSUPP; EINVAL, no bytes, too many pages or bytes of data, or not as many as are
 * written, a PASID the function has not, options out of bounds; EOVERFLOW, past the end of the space;
 * EBUSY, too many DMAs are not finished.
 */
function executeDma(x: Execution, command: Dma): DmaReply | Refusal {
  const device = modelledFunction(x, command.bdf);
  if (device instanceof Refusal) return device;
  const { pasid, iova, length, write, fill, data, options = DEFAULT_DMA_OPTIONS } = command;
  const wrong =
    wrongPasid(x, device, pasid) ??
    wrongOptions(x, options) ??
    bounded(x, 'fill', fill, 0, 255) ??
    wrongRange(x, iova, length) ??
    wrongData(x, data, write ? Number(length) : 0);
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
    fill: write && data === undefined ? fill : null,
    ...(data === undefined ? {} : { data }),
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
