/** Operations on the machine itself; no kernel has them. */
import type { BaselineName } from '../../abi/baselines.ts';
import type { Errno } from '../../abi/errno.ts';
import type { Policies } from '../../abi/policies.ts';
import { DEFAULT_POLICIES } from '../../abi/policies.ts';
import type { PciDeviceSpec } from '../hardware/state.ts';
import { addPciDevice } from '../hardware/topology.ts';
import { isIommuPossible } from '../hardware/unit/possible.ts';
import type { IommuSpec } from '../hardware/unit/state.ts';
import { refused } from './answer.ts';
import type { Execution } from './execution.ts';
import type { Operation, OperationEntries } from './operation-entry.ts';
import { Refusal } from './refusal.ts';

/** The first command of every machine. */
export interface MachineCreate {
  readonly type: 'MachineCreate';
  readonly baseline: BaselineName;
  /** Left out: DEFAULT_POLICIES. */
  readonly policies?: Policies;
  readonly devices: readonly PciDeviceSpec[];
  /** Modelled IOMMUs, numbered from 0. */
  readonly iommus?: readonly IommuSpec[];
}

/**
 * Another kernel and other policies from here on, with the state as it is. No kernel can do this: a
 * past is run again from the middle under them.
 */
export interface KernelReplace {
  readonly type: 'KernelReplace';
  readonly baseline: BaselineName;
  readonly policies: Policies;
}

export interface MachineOperations {
  MachineCreate: Operation<MachineCreate, Record<string, never>>;
  KernelReplace: Operation<KernelReplace, Record<string, never>>;
}

export const MACHINE_OPERATIONS: OperationEntries<MachineOperations> = {
  MachineCreate: {
    sentence: 'The first command of every machine.',
    mutation: 'machineCreate',
    support: null,
    arguments: {
      baseline: 'baseline',
      policies: 'policies?',
      devices: 'pciDevices',
      iommus: 'iommus?',
    },
    execute: (x, command) => refused(executeMachineCreate(x, command)),
  },
  KernelReplace: {
    sentence:
      'Another kernel and other policies from here on, with the state as it is. No kernel can do this: a past is run again from the middle under them.',
    mutation: null,
    support: null,
    arguments: { baseline: 'baseline', policies: 'policies' },
    execute: (x, command) => refused(executeKernelReplace(x, command)),
  },
};

/**
 * Errors: EEXIST, the machine is there already; EINVAL, an IOMMU that its vendor cannot be; those of
 * addPciDevice.
 */
function executeMachineCreate(x: Execution, command: MachineCreate): Errno {
  if (x.state.seq > 0) return 'EEXIST';
  const { baseline, policies = DEFAULT_POLICIES } = command;
  x.emit({ type: 'MachineCreated', baseline, policies });
  for (const [iommuNo, spec] of (command.iommus ?? []).entries()) {
    if (!isIommuPossible(spec)) return 'EINVAL';
    x.emit({ type: 'IommuAdded', iommuNo, spec });
  }
  for (const device of command.devices) {
    const added = addPciDevice(x, device);
    if (added instanceof Refusal) return added.errno;
  }
  return 0;
}

/** Errors: none. */
function executeKernelReplace(x: Execution, { baseline, policies }: KernelReplace): Errno {
  x.emit({ type: 'KernelReplaced', baseline, policies });
  return 0;
}
