/**
 * System calls on iommufd's files that fail before they are operations: whoever takes a program's calls
 * finds it, and the log keeps them (fs/ioctl.c, drivers/iommu/iommufd/main.c of Linux 6.12.117).
 */
import type { CallFile, CallRefusalRule, SystemCall } from '../../../abi/call-refusal-rules.ts';
import type { ErrnoName } from '../../../abi/errno.ts';
import { IOMMUFD_IOCTLS } from '../../../abi/ioctl/iommufd.ts';
import { IOMMU_TEST_CMD } from '../../../abi/ioctl/selftest.ts';
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

export interface CallOperations {
  CallRefused: Operation<CallRefused, Record<string, never>>;
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
};

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
