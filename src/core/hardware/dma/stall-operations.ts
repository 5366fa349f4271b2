/** Commands of an SMMUv3 about stalled transactions, as a guest or a driver sends them. */
import type { Errno } from '../../../abi/errno.ts';
import { STALLS_MAX } from '../../../abi/limits.ts';
import { refused } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import { Refusal } from '../../machine/refusal.ts';
import { iommuOfDevice } from '../function/lookup.ts';
import { modelledFunction } from '../function/named.ts';
import { continueProgram } from '../program/run.ts';
import { outOfBounds, refuse } from '../refuse.ts';
import { CORE_RESPONSE } from '../vendors/formats.ts';
import { abort } from './dma.ts';
import { resumeStall } from './resume.ts';
import { stallsOf } from './stall.ts';

/** CMD_RESUME past the kernel: without effect if no transaction has the tag. */
export interface StallResume {
  readonly type: 'StallResume';
  readonly bdf: string;
  readonly stag: number;
  /** Try it again; else it is aborted. */
  readonly retry: boolean;
}

/** CMD_STALL_TERM: every stalled transaction of the function ends. */
export interface StallTerminate {
  readonly type: 'StallTerminate';
  readonly bdf: string;
}

export interface StallOperations {
  StallResume: Operation<StallResume, Record<string, never>>;
  StallTerminate: Operation<StallTerminate, Record<string, never>>;
}

export const STALL_OPERATIONS: OperationEntries<StallOperations> = {
  StallResume: {
    sentence: 'CMD_RESUME of a stalled transaction, past the kernel.',
    mutation: 'stallResume',
    support: null,
    arguments: { bdf: 'bdf', stag: 'u32', retry: 'flag' },
    execute: (x, command) => refused(executeStallResume(x, command)),
  },
  StallTerminate: {
    sentence: 'CMD_STALL_TERM: every stalled transaction of a function ends.',
    mutation: 'stallTerminate',
    support: null,
    arguments: { bdf: 'bdf' },
    execute: (x, command) => refused(executeStallTerminate(x, command)),
  },
};

/** Errors: ENODEV; EOPNOTSUPP, not modelled or without the stall model; EINVAL, a tag past 16 bits. */
function executeStallResume(x: Execution, { bdf, stag, retry }: StallResume): Errno {
  const device = modelledFunction(x, bdf);
  if (device instanceof Refusal) return device.errno;
  if (!device.hardware.spec.stall) {
    return refuse(x, 'device', 'EOPNOTSUPP', 'NO_STALL_MODEL', { bdf }).errno;
  }
  const wrong = outOfBounds(x, 'CMD_RESUME', 'stag', stag, 0, STALLS_MAX - 1);
  if (wrong !== null) return wrong.errno;
  const { deviceNo } = device;
  const code = retry ? CORE_RESPONSE.SUCCESS : CORE_RESPONSE.INVALID;
  const answeredSeq = x.state.seq;
  const response = { deviceNo, grpid: stag, code, iopfGroup: null, answeredSeq };
  for (const other of resumeStall(x, device, response)) continueProgram(x, other);
  return 0;
}

/** Errors: ENODEV; EOPNOTSUPP. */
function executeStallTerminate(x: Execution, { bdf }: StallTerminate): Errno {
  const device = modelledFunction(x, bdf);
  if (device instanceof Refusal) return device.errno;
  if (!device.hardware.spec.stall) {
    return refuse(x, 'device', 'EOPNOTSUPP', 'NO_STALL_MODEL', { bdf }).errno;
  }
  const iommu = iommuOfDevice(x.state, device);
  const { iommuNo } = iommu;
  const { deviceNo } = device;
  const own = stallsOf(iommu, device);
  if (own.length === 0) return 0;
  const stags = own.map(([stag]) => stag);
  x.emit({ type: 'StallsTerminated', iommuNo, deviceNo, stags });
  for (const [, { dmaId }] of own) {
    if (device.hardware.dmas.has(dmaId)) abort(x, device, dmaId, null, 'TERMINATED');
  }
  continueProgram(x, device);
  return 0;
}
