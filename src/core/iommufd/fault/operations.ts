/** Fault queues and their files. Mirrors drivers/iommu/iommufd/fault.c of Linux 6.12.117. */
import { noteFaultFileClosed } from '../../iommu/iopf.ts';
import { type Answer, answer, inContext, whileHeld } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import { firstQueuedSeq } from '../../machine/lookup.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import { Refusal } from '../../machine/refusal.ts';
import { noOpenFaultFile } from '../../refuse/absent.ts';
import { NO_FLAGS, unknownFlags } from '../../refuse/flags.ts';
import { objectAlloc } from '../main/object.ts';
import { releaseIfUnheld } from '../main/release.ts';
import type { FaultQueue, IommufdContext } from '../state.ts';
import {
  executeFaultRead,
  executeFaultWrite,
  type FaultRead,
  type FaultWrite,
  type PgfaultMessage,
} from './fault-file.ts';

/** IOMMU_FAULT_QUEUE_ALLOC (iommufd_fault_alloc). */
export interface FaultQueueAlloc {
  readonly type: 'FaultQueueAlloc';
  readonly contextId: number;
  readonly flags: number;
}

/** poll() of a fault queue's file (iommufd_fault_fops_poll). */
export interface FaultPoll {
  readonly type: 'FaultPoll';
  readonly contextId: number;
  readonly faultId: number;
}

/** close() of a fault queue's file (iommufd_fault_fops_release). */
export interface FaultClose {
  readonly type: 'FaultClose';
  readonly contextId: number;
  readonly faultId: number;
}

export interface FaultOperations {
  FaultQueueAlloc: Operation<FaultQueueAlloc, { readonly outFaultId: number }>;
  FaultRead: Operation<
    FaultRead,
    { readonly bytes: number; readonly faults: readonly PgfaultMessage[] }
  >;
  FaultWrite: Operation<FaultWrite, { readonly bytes: number }>;
  FaultPoll: Operation<FaultPoll, { readonly readable: boolean; readonly writable: boolean }>;
  FaultClose: Operation<FaultClose, { readonly contextReleased: boolean }>;
}

export const FAULT_OPERATIONS: OperationEntries<FaultOperations> = {
  FaultQueueAlloc: {
    sentence: 'IOMMU_FAULT_QUEUE_ALLOC (iommufd_fault_alloc).',
    mutation: 'faultQueueAlloc',
    support: {
      name: 'IOMMU_FAULT_QUEUE_ALLOC',
      source: 'iommufd_fault_alloc (drivers/iommu/iommufd/fault.c)',
      status: 'SUPPORTED',
      note: '',
    },
    arguments: { contextId: 'contextId', flags: 'u32' },
    execute: inContext((x, context, command) =>
      answer(executeFaultQueueAlloc(x, context, command), outFaultId => ({ outFaultId })),
    ),
  },
  FaultRead: {
    sentence: "read() of a fault queue's file (iommufd_fault_fops_read); `count` in bytes.",
    mutation: 'faultRead',
    support: {
      name: 'read of a fault queue’s file',
      source: 'iommufd_fault_fops_read (drivers/iommu/iommufd/fault.c)',
      status: 'PARTIAL',
      note: 'A buffer that is not there gives EFAULT, or what older kernels do; what is read is not written into user memory.',
    },
    arguments: {
      contextId: 'contextId',
      faultId: 'faultFile',
      count: 'bytes',
      bufVa: 'u64?',
      reader: 'faultReader',
    },
    execute: onFaultFile((x, context, faultQueue, command) =>
      answer(executeFaultRead(x, context, faultQueue, command), reply => reply),
    ),
  },
  FaultWrite: {
    sentence: "write() of a fault queue's file (iommufd_fault_fops_write); `count` in bytes.",
    mutation: 'faultWrite',
    support: {
      name: 'write to a fault queue’s file',
      source: 'iommufd_fault_fops_write (drivers/iommu/iommufd/fault.c)',
      status: 'SUPPORTED',
      note: 'EFAULT stands for a count that says more than there is.',
    },
    arguments: {
      contextId: 'contextId',
      faultId: 'faultFile',
      count: 'u32',
      responses: 'pageResponses',
      given: 'iopfGroupIds?',
    },
    execute: onFaultFile((x, context, faultQueue, command) =>
      answer(executeFaultWrite(x, context, faultQueue, command), bytes => ({ bytes })),
    ),
  },
  FaultPoll: {
    sentence: "poll() of a fault queue's file (iommufd_fault_fops_poll).",
    mutation: 'faultPoll',
    support: {
      name: 'poll',
      source: 'iommufd_fault_fops_poll (drivers/iommu/iommufd/fault.c)',
      status: 'SUPPORTED',
      note: '',
    },
    arguments: { contextId: 'contextId', faultId: 'faultFile' },
    execute: onFaultFile((x, _context, faultQueue) => {
      x.call('iommufd_fault_fops_poll', () => 0);
      return { errno: 0, reply: { readable: faultQueue.deliver.length > 0, writable: true } };
    }),
  },
  FaultClose: {
    sentence: "close() of a fault queue's file (iommufd_fault_fops_release).",
    mutation: 'faultClose',
    support: {
      name: 'close of a fault queue’s file',
      source: 'iommufd_fault_fops_release (drivers/iommu/iommufd/fault.c)',
      status: 'SUPPORTED',
      note: 'The file is named by the id of its fault queue; dup is not modelled.',
    },
    arguments: { contextId: 'contextId', faultId: 'faultFile' },
    execute: onFaultFile((x, context, faultQueue) => ({
      errno: 0,
      reply: { contextReleased: closeFaultFile(x, context, faultQueue) },
    })),
  },
};

/** Source: iommufd_fault_alloc. Errors: EOPNOTSUPP for any flag, ENOMEM. */
function executeFaultQueueAlloc(
  x: Execution,
  context: IommufdContext,
  command: FaultQueueAlloc,
): number | Refusal {
  return x.call('iommufd_fault_alloc', () => {
    const { flags } = command;
    const unknown = unknownFlags(flags, 0, NO_FLAGS);
    if (unknown !== null) return unknown;
    const rc = objectAlloc(x, context);
    if (rc !== 0) return new Refusal(rc);
    if (!x.allocates('anon_inode_getfile')) return new Refusal('ENOMEM');
    if (!x.allocates('get_unused_fd_flags')) {
      if (!x.behaviour.abortClosesFileFirst) noteFreedQueue(x, context.ids.peek());
      return new Refusal('ENOMEM');
    }
    const faultId = context.ids.peek();
    x.emit({ type: 'FaultQueueAllocated', contextId: context.contextId, faultId });
    return faultId;
  });
}

/** The file is made already and closed late: only when the queue is gone does its release run. */
function noteFreedQueue(x: Execution, faultId: number): void {
  x.hazard(
    'FILE_OF_FREED_QUEUE',
    'iommufd_fault_fops_release',
    'the fault queue was freed when no file descriptor could be had for its file',
    [`fault queue ${faultId}`],
  );
}

/** An operation on a fault queue's file, which may outlive the context's own. EBADF: it is not open. */
function onFaultFile<C extends { readonly contextId: number; readonly faultId: number }, R>(
  run: (x: Execution, context: IommufdContext, faultQueue: FaultQueue, command: C) => Answer<R>,
): (x: Execution, command: C) => Answer<R> {
  return whileHeld((x, context, command) => {
    const faultQueue = context.objects.get(command.faultId);
    if (faultQueue?.type !== 'FAULT' || !faultQueue.fileOpen) {
      const { errno } = x.refusedBy('fdget', noOpenFaultFile(context, command.faultId));
      return { errno, reply: null };
    }
    return run(x, context, faultQueue, command);
  });
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
