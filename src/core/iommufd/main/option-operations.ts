/**
 * Options of a context and of an IOAS, and the IOAS that the VFIO compatible ioctls use.
 * Mirrors drivers/iommu/iommufd/{main,ioas,vfio_compat}.c of Linux 6.12.117.
 */
import type { ErrnoName } from '../../../abi/errno.ts';
import type { RefusalRule } from '../../../abi/refusal-rules.ts';
import {
  IOMMU_OPTION_HUGE_PAGES,
  IOMMU_OPTION_OP_GET,
  IOMMU_OPTION_OP_SET,
  IOMMU_OPTION_RLIMIT_MODE,
  IOMMU_VFIO_IOAS_CLEAR,
  IOMMU_VFIO_IOAS_GET,
  IOMMU_VFIO_IOAS_SET,
  OBJECT_TYPES,
  PAGE_SIZE,
} from '../../../abi/uapi.ts';
import { answer, inContext } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import { type Facts, Refusal } from '../../machine/refusal.ts';
import { callerOf } from '../../memory/caller.ts';
import { presentObjects } from '../../refuse/present.ts';
import { checkIovaAlignment } from '../ioas/io-pagetable.ts';
import type { Ioas, IommufdContext } from '../state.ts';

const PAGE = BigInt(PAGE_SIZE);

/** IOMMU_OPTION (iommufd_option). */
export interface Option {
  readonly type: 'Option';
  readonly contextId: number;
  readonly optionId: number;
  readonly op: number;
  readonly objectId: number;
  readonly val64: bigint;
}

/** IOMMU_VFIO_IOAS (iommufd_vfio_ioas). */
export interface VfioIoas {
  readonly type: 'VfioIoas';
  readonly contextId: number;
  readonly ioasId: number;
  readonly op: number;
}

export interface OptionOperations {
  Option: Operation<Option, { readonly val64: bigint }>;
  VfioIoas: Operation<VfioIoas, { readonly ioasId: number }>;
}

export const OPTION_OPERATIONS: OperationEntries<OptionOperations> = {
  Option: {
    sentence: 'IOMMU_OPTION (iommufd_option).',
    mutation: 'option',
    support: {
      name: 'IOMMU_OPTION',
      source: 'iommufd_option (drivers/iommu/iommufd/main.c)',
      status: 'SUPPORTED',
      note: '',
    },
    asks: ['RIGHTS'],
    arguments: {
      contextId: 'contextId',
      optionId: 'u32',
      op: 'u32',
      objectId: 'u32',
      val64: 'u64',
    },
    execute: inContext((x, context, command) =>
      answer(executeOption(x, context, command), val64 => ({ val64 })),
    ),
  },
  VfioIoas: {
    sentence: 'IOMMU_VFIO_IOAS (iommufd_vfio_ioas).',
    mutation: 'vfioIoas',
    support: {
      name: 'IOMMU_VFIO_IOAS',
      source: 'iommufd_vfio_ioas (drivers/iommu/iommufd/vfio_compat.c)',
      status: 'SUPPORTED',
      note: '',
    },
    arguments: { contextId: 'contextId', ioasId: 'u32', op: 'u32' },
    execute: inContext((x, context, command) =>
      answer(executeVfioIoas(x, context, command), ioasId => ({ ioasId })),
    ),
  },
};

function rlimitMode(
  x: Execution,
  context: IommufdContext,
  { objectId, op, val64 }: Option,
): bigint | Refusal {
  if (objectId !== 0) return new Refusal('EOPNOTSUPP', 'OBJECT_ID_NOT_ZERO', { id: objectId });
  if (op === IOMMU_OPTION_OP_GET) return BigInt(context.rlimitMode);
  if (op !== IOMMU_OPTION_OP_SET) return new Refusal('EOPNOTSUPP', 'OPERATION_UNKNOWN', { op });
  if (!callerOf(x, context).capSysResource) return new Refusal('EPERM', 'NO_CAP_SYS_RESOURCE');
  const count = context.objects.size;
  if (count > 0) {
    const has = presentObjects(context, OBJECT_TYPES);
    return new Refusal('EBUSY', 'CONTEXT_NOT_EMPTY', { count, has });
  }
  if (val64 > 1n) return new Refusal('EINVAL', 'OPTION_VALUE', { value: val64 });
  x.emit({ type: 'RlimitModeSet', contextId: context.contextId, mode: Number(val64) });
  return val64;
}

function hugePages(
  x: Execution,
  context: IommufdContext,
  ioas: Ioas,
  { op, val64 }: Option,
): bigint | Refusal {
  const refused = (errno: ErrnoName, rule: RefusalRule, facts: Facts) =>
    x.refusedBy('iommufd_ioas_option_huge_pages', new Refusal(errno, rule, facts));
  if (op === IOMMU_OPTION_OP_GET) return ioas.largePages ? 1n : 0n;
  if (op !== IOMMU_OPTION_OP_SET) return refused('EOPNOTSUPP', 'OPERATION_UNKNOWN', { op });
  if (val64 > 1n) return refused('EINVAL', 'OPTION_VALUE', { value: val64 });
  const enabled = val64 === 1n;
  if (enabled === ioas.largePages) return val64;
  if (!enabled) return disableLargePages(x, context, ioas) ?? val64;
  x.emit({ type: 'LargePagesSet', contextId: context.contextId, ioasId: ioas.id, enabled });
  return val64;
}

/**
 * From now on no IO page is larger than a page. Source: iopt_disable_large_pages. Errors: EINVAL, a
 * domain has areas already; EADDRINUSE, areas are not aligned to pages.
 */
export function disableLargePages(
  x: Execution,
  { contextId }: IommufdContext,
  ioas: Ioas,
): Refusal | null {
  if (!ioas.largePages) return null;
  if (ioas.domainPageSizes.size > 0 && ioas.areas.size > 0) {
    const mapped = new Refusal('EINVAL', 'LARGE_PAGES_MAPPED', { ioasId: ioas.id });
    return x.refusedBy('iopt_disable_large_pages', mapped);
  }
  const misaligned = checkIovaAlignment(x, ioas, PAGE);
  if (misaligned !== null) return misaligned;
  x.emit({ type: 'LargePagesSet', contextId, ioasId: ioas.id, enabled: false });
  return null;
}

/**
 * IOMMU_OPTION. Source: iommufd_option. Errors: EOPNOTSUPP, an unknown option or operation; ENOENT;
 * EPERM, RLIMIT_MODE without CAP_SYS_RESOURCE; EBUSY, RLIMIT_MODE with objects in the context;
 * EINVAL; EADDRINUSE. Returns the value.
 */
function executeOption(x: Execution, context: IommufdContext, command: Option): bigint | Refusal {
  return x.call('iommufd_option', () => {
    switch (command.optionId) {
      case IOMMU_OPTION_RLIMIT_MODE:
        return x.call('iommufd_option_rlimit_mode', () => rlimitMode(x, context, command));
      case IOMMU_OPTION_HUGE_PAGES: {
        const ioas = x.getIoas(context, command.objectId, 'objectId');
        if (ioas instanceof Refusal) return ioas;
        return x.call('iommufd_ioas_option', () => hugePages(x, context, ioas, command));
      }
      default:
        return new Refusal('EOPNOTSUPP', 'OPTION_UNKNOWN', { optionId: command.optionId });
    }
  });
}

/**
 * IOMMU_VFIO_IOAS. Source: iommufd_vfio_ioas. Errors: ENODEV, GET and none is set; ENOENT, SET;
 * EOPNOTSUPP. The IOAS is not held by it. Returns the id; what was given for SET and CLEAR.
 */
function executeVfioIoas(
  x: Execution,
  context: IommufdContext,
  { op, ioasId }: VfioIoas,
): number | Refusal {
  return x.call('iommufd_vfio_ioas', () => {
    const { contextId } = context;
    switch (op) {
      case IOMMU_VFIO_IOAS_GET:
        return (
          context.vfioIoasId ??
          x.refusedBy('get_compat_ioas', new Refusal('ENODEV', 'NO_COMPAT_IOAS'))
        );
      case IOMMU_VFIO_IOAS_SET: {
        const ioas = x.getIoas(context, ioasId);
        if (ioas instanceof Refusal) return ioas;
        x.emit({ type: 'VfioIoasSet', contextId, ioasId });
        return ioasId;
      }
      case IOMMU_VFIO_IOAS_CLEAR:
        if (context.vfioIoasId !== null) x.emit({ type: 'VfioIoasSet', contextId, ioasId: null });
        return ioasId;
      default:
        return new Refusal('EOPNOTSUPP', 'OPERATION_UNKNOWN', { op });
    }
  });
}
