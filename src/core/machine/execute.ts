/**
 * execute(state, command): runs one operation step by step, in the kernel's order. Every change is
 * an event, applied at once. The outcome holds the errno, the reply, the events and the trace.
 */
import type { Errno } from '../../abi/errno.ts';
import { CONTEXTS_PER_MACHINE_MAX } from '../../abi/limits.ts';
import {
  executePageRequestResume,
  executePageRequestSend,
  executeVpriReset,
} from '../hardware/prq.ts';
import {
  executeKernelReplace,
  executeMachineCreate,
  executePciDeviceAdd,
  executePciDeviceRemove,
} from '../hardware/topology.ts';
import { noteFaultFileClosed } from '../iommu/iopf.ts';
import { executeGetHwInfo } from '../iommufd/device/bind.ts';
import { executeFaultQueueAlloc } from '../iommufd/fault/fault.ts';
import { executeFaultRead, executeFaultWrite } from '../iommufd/fault/fault-file.ts';
import {
  executeHwptGetDirtyBitmap,
  executeHwptSetDirtyTracking,
  executeTestDirty,
} from '../iommufd/hwpt/dirty.ts';
import { executeHwptAlloc, executeHwptInvalidate } from '../iommufd/hwpt/hwpt.ts';
import {
  executeIoasAlloc,
  executeIoasAllowIovas,
  executeIoasCopy,
  executeIoasIovaRanges,
  executeIoasMap,
  executeIoasUnmap,
} from '../iommufd/ioas/ioas.ts';
import { executeOption, executeVfioIoas } from '../iommufd/main/option.ts';
import { executeContextClose, executeDestroy, releaseIfUnheld } from '../iommufd/main/release.ts';
import {
  executeTestAccessClose,
  executeTestAccessPages,
  executeTestAccessReplaceIoas,
  executeTestAccessRw,
  executeTestCreateAccess,
  executeTestDestroyAccessPages,
} from '../iommufd/selftest/access.ts';
import {
  executeTestAddReserved,
  executeTestMdCheckIotlb,
  executeTestMdCheckMap,
  executeTestMockDomain,
  executeTestMockDomainReplace,
  executeTestTriggerIopf,
} from '../iommufd/selftest/selftest.ts';
import type { FaultQueue, IommufdContext } from '../iommufd/state.ts';
import type { UserProcess } from '../memory/user-process.ts';
import {
  executeDeviceAttach,
  executeDeviceBind,
  executeDeviceDetach,
  executeDeviceReplace,
  executeDeviceUnbind,
} from '../vfio/vfio.ts';
import { assertNever } from './assert.ts';
import type { Command, CommandOf, CommandType } from './command.ts';
import { Execution } from './execution.ts';
import { firstQueuedSeq } from './lookup.ts';
import type { Outcome } from './operation.ts';
import { Refusal } from './refusal.ts';
import type { AnyReply, ReplyOf } from './reply.ts';
import type { MachineState } from './state.ts';

/** The process of the kernel traces: 16 MiB of anonymous memory, root's capabilities. */
export const TRACE_PROCESS: UserProcess = {
  memory: [{ start: 0x1000_0000n, last: 0x10ff_ffffn }],
  capIpcLock: true,
  capSysResource: true,
  rlimitMemlock: null,
  userId: 0,
};

interface Answer {
  readonly errno: Errno;
  readonly reply: AnyReply | null;
}

const OK: Answer = { errno: 0, reply: {} };

/** How one command is run, besides what it says. */
export interface ExecuteOptions {
  /**
   * Fail the n-th memory allocation of the kernel, counted from 1, as its fault injection does
   * (fail_nth). Making a machine is not the kernel's work and does not fail.
   */
  readonly failNth?: number;
}

export function execute(
  state: MachineState,
  command: Command,
  { failNth }: ExecuteOptions = {},
): Outcome {
  const x = new Execution(state, command.type === 'MachineCreate' ? null : (failNth ?? null));
  const { errno, reply } = dispatch(x, command);
  return { command, errno, reply, events: x.events, trace: x.trace };
}

function refused(errno: Errno): Answer {
  return errno === 0 ? OK : { errno, reply: null };
}

/** The reply of a step that gives a value, or its refusal. */
function answer<V, T extends CommandType>(
  value: V | Refusal,
  reply: (value: Exclude<V, Refusal>) => ReplyOf[T],
): Answer {
  if (value instanceof Refusal) return { errno: value.errno, reply: null };
  return { errno: 0, reply: reply(value as Exclude<V, Refusal>) };
}

type InContext = Extract<Command, { contextId: number }>;

function dispatch(x: Execution, command: Command): Answer {
  switch (command.type) {
    case 'MachineCreate':
      return refused(executeMachineCreate(x, command));
    case 'PciDeviceAdd':
      return answer<ReplyOf['PciDeviceAdd'], 'PciDeviceAdd'>(
        executePciDeviceAdd(x, command.device),
        reply => reply,
      );
    case 'PciDeviceRemove':
      return refused(executePciDeviceRemove(x, command.bdf));
    case 'KernelReplace':
      return refused(executeKernelReplace(x, command));
    case 'PageRequestSend':
      return answer(executePageRequestSend(x, command), reply => reply);
    case 'PageRequestResume':
      return answer(executePageRequestResume(x, command.inFlightId), reply => reply);
    case 'VpriResetSend':
      return refused(executeVpriReset(x, command.bdf));
    case 'ContextOpen':
      return executeContextOpen(x, command);
    // A device file or a fault queue's file may outlive the context's own.
    case 'FaultRead':
    case 'FaultWrite':
    case 'FaultPoll':
    case 'FaultClose':
      return dispatchFaultFile(x, command);
    case 'DeviceAttach':
    case 'DeviceReplace':
    case 'DeviceDetach':
    case 'DeviceUnbind':
      return dispatchVfioDevice(x, command);
    case 'TestAccessClose': {
      const context = x.state.contexts.get(command.contextId);
      if (context === undefined) return refused('EBADF');
      return answer(executeTestAccessClose(x, context, command), contextReleased => ({
        contextReleased,
      }));
    }
    default: {
      const context = x.openContext(command.contextId);
      return context === null ? refused('EBADF') : dispatchContext(x, context, command);
    }
  }
}

function executeContextOpen(x: Execution, command: CommandOf<'ContextOpen'>): Answer {
  return answer(
    x.call('iommufd_fops_open', () => {
      if (x.state.contexts.size >= CONTEXTS_PER_MACHINE_MAX) return new Refusal('ENOMEM');
      if (!x.allocates('kzalloc iommufd_ctx')) return new Refusal('ENOMEM');
      const contextId = x.state.nextContextId;
      const process = command.process ?? TRACE_PROCESS;
      x.emit({ type: 'ContextOpened', contextId, process });
      return contextId;
    }),
    contextId => ({ contextId }),
  );
}

type FaultFileCommand = CommandOf<'FaultRead' | 'FaultWrite' | 'FaultPoll' | 'FaultClose'>;

function dispatchFaultFile(x: Execution, command: FaultFileCommand): Answer {
  const context = x.state.contexts.get(command.contextId);
  const faultQueue = context?.objects.get(command.faultId);
  if (context === undefined || faultQueue?.type !== 'FAULT' || !faultQueue.fileOpen) {
    return refused('EBADF');
  }
  switch (command.type) {
    case 'FaultRead':
      return answer(executeFaultRead(x, context, faultQueue, command), reply => reply);
    case 'FaultWrite':
      return answer(executeFaultWrite(x, context, faultQueue, command), bytes => ({ bytes }));
    case 'FaultPoll':
      x.call('iommufd_fault_fops_poll', () => 0);
      return {
        errno: 0,
        reply: { readable: faultQueue.deliver.length > 0, writable: true },
      };
    case 'FaultClose':
      return { errno: 0, reply: { contextReleased: closeFaultFile(x, context, faultQueue) } };
    default:
      return assertNever(command);
  }
}

/** Source: iommufd_fault_fops_release. Returns whether the context went with it. */
function closeFaultFile(x: Execution, context: IommufdContext, faultQueue: FaultQueue): boolean {
  let released = false;
  x.call('iommufd_fault_fops_release', () => {
    x.emit({ type: 'FaultFileClosed', contextId: context.contextId, faultId: faultQueue.id });
    const waiting = [...faultQueue.deliver, ...faultQueue.awaitingResponse.values()];
    if (waiting.length > 0) {
      const plantedSeq = firstQueuedSeq(x.state, waiting);
      noteFaultFileClosed(x, 'iommufd_fault_fops_release', faultQueue.id, waiting, plantedSeq);
    }
    released = releaseIfUnheld(x, context);
    return 0;
  });
  return released;
}

type VfioDeviceCommand = CommandOf<
  'DeviceAttach' | 'DeviceReplace' | 'DeviceDetach' | 'DeviceUnbind'
>;

function dispatchVfioDevice(x: Execution, command: VfioDeviceCommand): Answer {
  const context = x.state.contexts.get(command.contextId);
  if (context === undefined) return refused('EBADF');
  const { devId } = command;
  const outPtId = (ptId: number) => ({ outPtId: ptId });
  switch (command.type) {
    case 'DeviceAttach':
      return answer(executeDeviceAttach(x, context, devId, command.ptId), outPtId);
    case 'DeviceReplace':
      return answer(executeDeviceReplace(x, context, devId, command.ptId), outPtId);
    case 'DeviceDetach':
      return answer(executeDeviceDetach(x, context, devId), () => ({}));
    case 'DeviceUnbind':
      return answer(executeDeviceUnbind(x, context, devId), contextReleased => ({
        contextReleased,
      }));
    default:
      return assertNever(command);
  }
}

function dispatchContext(
  x: Execution,
  context: IommufdContext,
  command: Exclude<InContext, FaultFileCommand | VfioDeviceCommand | CommandOf<'TestAccessClose'>>,
): Answer {
  switch (command.type) {
    case 'ContextClose':
      return { errno: 0, reply: { released: executeContextClose(x, context) } };
    case 'IoasAlloc':
      return answer(executeIoasAlloc(x, context, command), outIoasId => ({ outIoasId }));
    case 'HwptAlloc':
      return answer(executeHwptAlloc(x, context, command), outHwptId => ({ outHwptId }));
    case 'HwptInvalidate': {
      const { errno, entryNum } = executeHwptInvalidate(x, context, command);
      return { errno, reply: { entryNum } };
    }
    case 'GetHwInfo':
      return answer(executeGetHwInfo(x, context, command), reply => reply);
    case 'Destroy':
      return refused(executeDestroy(x, context, command.id));
    case 'FaultQueueAlloc':
      return answer(executeFaultQueueAlloc(x, context, command), outFaultId => ({ outFaultId }));
    case 'DeviceBind':
      return answer(executeDeviceBind(x, context, command.bdf), outDevId => ({ outDevId }));
    case 'TestMockDomain':
      return answer(executeTestMockDomain(x, context, command), reply => reply);
    case 'TestMockDomainReplace':
      return answer(executeTestMockDomainReplace(x, context, command), ptId => ({ ptId }));
    case 'TestTriggerIopf':
      return answer(executeTestTriggerIopf(x, context, command), reply => reply);
    case 'TestMdCheckIotlb':
      return refused(executeTestMdCheckIotlb(x, context, command));
    case 'IoasMap':
      return answer(executeIoasMap(x, context, command), iova => ({ iova }));
    case 'IoasCopy':
      return answer(executeIoasCopy(x, context, command), dstIova => ({ dstIova }));
    case 'IoasUnmap':
      return answer(executeIoasUnmap(x, context, command), length => ({ length }));
    case 'IoasIovaRanges':
      return executeIoasIovaRanges(x, context, command);
    case 'IoasAllowIovas':
      return refused(executeIoasAllowIovas(x, context, command));
    case 'Option':
      return answer(executeOption(x, context, command), val64 => ({ val64 }));
    case 'VfioIoas':
      return answer(executeVfioIoas(x, context, command), ioasId => ({ ioasId }));
    case 'HwptSetDirtyTracking':
      return refused(executeHwptSetDirtyTracking(x, context, command));
    case 'HwptGetDirtyBitmap':
      return answer(executeHwptGetDirtyBitmap(x, context, command), reply => reply);
    case 'TestAddReserved':
      return refused(executeTestAddReserved(x, context, command));
    case 'TestMdCheckMap':
      return refused(executeTestMdCheckMap(x, context, command));
    case 'TestDirty':
      return answer(executeTestDirty(x, context, command), outNrDirty => ({ outNrDirty }));
    case 'TestCreateAccess':
      return answer(executeTestCreateAccess(x, context, command), outAccessId => ({ outAccessId }));
    case 'TestAccessReplaceIoas':
      return refused(executeTestAccessReplaceIoas(x, context, command));
    case 'TestAccessPages':
      return answer(executeTestAccessPages(x, context, command), outItemId => ({ outItemId }));
    case 'TestDestroyAccessPages':
      return refused(executeTestDestroyAccessPages(x, context, command));
    case 'TestAccessRw':
      return answer(executeTestAccessRw(x, context, command), reply => reply);
    default:
      return assertNever(command);
  }
}
