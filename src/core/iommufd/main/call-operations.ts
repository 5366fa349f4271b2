/**
 * System calls on files of iommufd and VFIO that are no operation of a machine: those that fail before
 * they are one, and those that change nothing of it. Whoever takes a program's calls tells them, and the
 * log keeps them (fs/ioctl.c, drivers/iommu/iommufd/main.c, drivers/vfio of Linux 6.12.117).
 */
import type { CallFile, CallRefusalRule, SystemCall } from '../../../abi/call-refusal-rules.ts';
import type { ErrnoName } from '../../../abi/errno.ts';
import { IOMMUFD_IOCTLS } from '../../../abi/ioctl/iommufd.ts';
import { IOMMU_TEST_CMD } from '../../../abi/ioctl/selftest.ts';
import { VFIO_PCI_CONFIG_REGION_INDEX } from '../../../abi/ioctl/vfio-pci.ts';
import { refused } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import type { Facts } from '../../machine/refusal.ts';

/** A call that failed before it was an operation; nothing changed. */
export interface CallRefused {
  readonly type: 'CallRefused';
  readonly contextId: number;
  readonly file: CallFile;
  readonly call: SystemCall;
  /** The number of an ioctl. */
  readonly request?: number;
  readonly errno: ErrnoName;
  readonly rule: CallRefusalRule;
  /** The number that the rule is about: a size, a count, an operation. */
  readonly given?: bigint;
}

/** What a call on a VFIO device file was about, and what came of it. */
export interface CallDetails {
  /** The function whose file it is. */
  readonly bdf?: string;
  /** The region: VFIO_PCI_BAR0_REGION_INDEX and so on. */
  readonly region?: number;
  /** Where in the region. */
  readonly offset?: number;
  /** Bytes asked for. */
  readonly length?: number;
  /** The first bytes that moved, 8 at most, little-endian. */
  readonly value?: bigint;
  /** Where COMMAND was written: whether the function may start DMAs from here on. */
  readonly busMaster?: boolean;
  /** The interrupt: VFIO_PCI_MSI_IRQ_INDEX and so on. */
  readonly interrupt?: number;
  /** VFIO_IRQ_SET_… */
  readonly flags?: number;
  /** Interrupts that were arranged. */
  readonly count?: number;
}

/** A call that succeeded and changed nothing of the machine: a device's own registers are none of it. */
export interface CallAnswered extends CallDetails {
  readonly type: 'CallAnswered';
  /** 0: the device's file is not bound. */
  readonly contextId: number;
  readonly file: CallFile;
  readonly call: SystemCall;
  /** The number of an ioctl. */
  readonly request?: number;
  /** Left out: of a mapping, which the kernel below places. */
  readonly returned?: number;
}

export interface CallOperations {
  CallRefused: Operation<CallRefused, Record<string, never>>;
  CallAnswered: Operation<CallAnswered, Record<string, never>>;
}

export const CALL_OPERATIONS: OperationEntries<CallOperations> = {
  CallRefused: {
    sentence:
      'A system call of a program that failed before it was an operation: a number, a size, a reserved word, memory that is not there.',
    mutation: null,
    support: null,
    arguments: {
      contextId: 'contextId',
      file: 'callFile',
      call: 'systemCall',
      request: 'u32?',
      errno: 'errno',
      rule: 'callRule',
      given: 'u64?',
    },
    execute: (x, command) => refused(executeCallRefused(x, command)),
  },
  CallAnswered: {
    sentence:
      'A system call of a program that changed nothing of the machine: mostly on a VFIO device file, its registers and interrupts.',
    mutation: null,
    support: null,
    arguments: {
      contextId: 'contextId',
      file: 'callFile',
      call: 'systemCall',
      request: 'u32?',
      bdf: 'bdf?',
      region: 'u32?',
      offset: 'u32?',
      length: 'u32?',
      value: 'u64?',
      busMaster: 'flag?',
      interrupt: 'u32?',
      flags: 'u32?',
      count: 'u32?',
      returned: 'u32?',
    },
    execute: (x, command) => {
      x.call(answeredBy(command), () => command.returned ?? 0);
      return refused(0);
    },
  },
};

/** Source: the function of the file, drivers/vfio/{vfio_main,device_cdev}.c and pci/vfio_pci_core.c. */
function answeredBy({ file, call, region }: CallAnswered): string {
  if (file !== 'DEVICE' || call === 'dup') return `sys_${call}`;
  if (call === 'open') return 'vfio_device_fops_cdev_open';
  if (call === 'ioctl') return 'vfio_device_fops_unl_ioctl';
  if (call === 'mmap') return 'vfio_pci_core_mmap';
  return region === VFIO_PCI_CONFIG_REGION_INDEX ? 'vfio_pci_config_rw' : 'vfio_pci_bar_rw';
}

const FILE_TEXT: Readonly<Record<CallFile, string>> = {
  CONTEXT: '/dev/iommu',
  FAULT: 'the file of a fault queue',
  ACCESS: 'the file of an access',
  DEVICE: 'the file of a VFIO device',
};

/** Source: the function that says so: the file's own, or one before it. */
function executeCallRefused(
  x: Execution,
  { file, call, request, errno, rule, given }: CallRefused,
): ErrnoName {
  const isIommufd = call === 'ioctl' && file === 'CONTEXT';
  return x.call(isIommufd ? 'iommufd_fops_ioctl' : `sys_${call}`, () =>
    x.refuse(errno, rule, { call, file: FILE_TEXT[file], ...factsOf(request, given) }),
  );
}

function factsOf(request: number | undefined, given: bigint | undefined): Facts {
  const layout = [...IOMMUFD_IOCTLS, IOMMU_TEST_CMD].find(ioctl => ioctl.request === request);
  return {
    ...(request === undefined ? {} : { request: `ioctl 0x${request.toString(16)}` }),
    ...(given === undefined ? {} : { given: String(given) }),
    ...(layout === undefined
      ? {}
      : { struct: layout.struct, least: layout.minSize, most: layout.size }),
  };
}
