/** Operations on a context and its table of objects (drivers/iommu/iommufd/main.c). */
import { CONTEXTS_PER_MACHINE_MAX } from '../../../abi/limits.ts';
import { type Answer, answer, inContext, refused } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import { Refusal } from '../../machine/refusal.ts';
import { TRACE_PROCESS, type UserProcess } from '../../memory/user-process.ts';
import { executeContextClose, executeDestroy } from './release.ts';

/** open("/dev/iommu") (iommufd_fops_open). */
export interface ContextOpen {
  readonly type: 'ContextOpen';
  /** Left out: a process as the kernel traces have it, 16 MiB at 0x10000000. */
  readonly process?: UserProcess;
}

/** close of a context's file (iommufd_fops_release runs when its last holder is gone). */
export interface ContextClose {
  readonly type: 'ContextClose';
  readonly contextId: number;
}

/** IOMMU_DESTROY (iommufd_destroy). */
export interface Destroy {
  readonly type: 'Destroy';
  readonly contextId: number;
  readonly id: number;
}

export interface ContextOperations {
  ContextOpen: Operation<ContextOpen, { readonly contextId: number }>;
  ContextClose: Operation<ContextClose, { readonly released: boolean }>;
  Destroy: Operation<Destroy, Record<string, never>>;
}

export const CONTEXT_OPERATIONS: OperationEntries<ContextOperations> = {
  ContextOpen: {
    sentence: 'open("/dev/iommu") (iommufd_fops_open).',
    mutation: 'contextOpen',
    support: {
      name: 'open and close of /dev/iommu',
      source: 'iommufd_fops_release (drivers/iommu/iommufd/main.c)',
      status: 'SUPPORTED',
      note: '',
    },
    arguments: { process: 'process?' },
    execute: executeContextOpen,
  },
  ContextClose: {
    sentence: "close of a context's file (iommufd_fops_release runs when its last holder is gone).",
    mutation: 'contextClose',
    support: { rowOf: 'ContextOpen' },
    arguments: { contextId: 'contextId' },
    execute: inContext((x, context) => ({
      errno: 0,
      reply: { released: executeContextClose(x, context) },
    })),
  },
  Destroy: {
    sentence: 'IOMMU_DESTROY (iommufd_destroy).',
    mutation: 'destroy',
    support: {
      name: 'IOMMU_DESTROY',
      source: 'iommufd_destroy (drivers/iommu/iommufd/main.c)',
      status: 'SUPPORTED',
      note: '',
    },
    arguments: { contextId: 'contextId', id: 'u32' },
    execute: inContext((x, context, { id }) => refused(executeDestroy(x, context, id))),
  },
};

function executeContextOpen(
  x: Execution,
  command: ContextOpen,
): Answer<{ readonly contextId: number }> {
  return answer(
    x.call('iommufd_fops_open', () => {
      if (x.state.contexts.size >= CONTEXTS_PER_MACHINE_MAX) {
        const facts = { most: CONTEXTS_PER_MACHINE_MAX, what: 'open contexts' };
        return new Refusal('ENOMEM', 'BOUND_REACHED', facts);
      }
      if (!x.allocates('kzalloc iommufd_ctx')) return new Refusal('ENOMEM');
      const contextId = x.state.nextContextId;
      const process = command.process ?? TRACE_PROCESS;
      x.emit({ type: 'ContextOpened', contextId, process });
      return contextId;
    }),
    contextId => ({ contextId }),
  );
}
