/**
 * Operations on I/O address spaces: allocation, usable and allowed ranges.
 * Mirrors drivers/iommu/iommufd/ioas.c of Linux 6.12.117.
 */
import type { Errno } from '../../../abi/errno.ts';
import type { RefusalRule } from '../../../abi/refusal-rules.ts';
import { ULONG_MAX } from '../../../abi/uapi.ts';
import { answer, inContext, refused } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import { type Facts, Refusal } from '../../machine/refusal.ts';
import type { IovaRange } from '../../memory/iova-range.ts';
import { RangeMap } from '../../memory/range-map.ts';
import { NO_FLAGS, unknownFlags } from '../../refuse/flags.ts';
import { objectAlloc } from '../main/object.ts';
import type { IommufdContext } from '../state.ts';
import { inWayFacts, iovaAlignment } from './io-pagetable.ts';

/** IOMMU_IOAS_ALLOC (iommufd_ioas_alloc_ioctl). */
export interface IoasAlloc {
  readonly type: 'IoasAlloc';
  readonly contextId: number;
  readonly flags: number;
}

/** IOMMU_IOAS_IOVA_RANGES (iommufd_ioas_iova_ranges). */
export interface IoasIovaRanges {
  readonly type: 'IoasIovaRanges';
  readonly contextId: number;
  readonly ioasId: number;
  /** Room in the caller's array. */
  readonly numIovas: number;
}

/** Also written back with EMSGSIZE; `allowedIovas` has at most as many as there was room for. */
export interface IoasIovaRangesReply {
  readonly numIovas: number;
  readonly outIovaAlignment: bigint;
  readonly allowedIovas: readonly IovaRange[];
}

/** IOMMU_IOAS_ALLOW_IOVAS (iommufd_ioas_allow_iovas). */
export interface IoasAllowIovas {
  readonly type: 'IoasAllowIovas';
  readonly contextId: number;
  readonly ioasId: number;
  readonly allowedIovas: readonly IovaRange[];
}

export interface IoasOperations {
  IoasAlloc: Operation<IoasAlloc, { readonly outIoasId: number }>;
  IoasIovaRanges: Operation<IoasIovaRanges, IoasIovaRangesReply>;
  IoasAllowIovas: Operation<IoasAllowIovas, Record<string, never>>;
}

export const IOAS_OPERATIONS: OperationEntries<IoasOperations> = {
  IoasAlloc: {
    sentence: 'IOMMU_IOAS_ALLOC (iommufd_ioas_alloc_ioctl).',
    mutation: 'ioasAlloc',
    support: {
      name: 'IOMMU_IOAS_ALLOC',
      source: 'iommufd_ioas_alloc_ioctl (drivers/iommu/iommufd/ioas.c)',
      status: 'SUPPORTED',
      note: '',
    },
    arguments: { contextId: 'contextId', flags: 'u32' },
    execute: inContext((x, context, command) =>
      answer(executeIoasAlloc(x, context, command), outIoasId => ({ outIoasId })),
    ),
  },
  IoasIovaRanges: {
    sentence: 'IOMMU_IOAS_IOVA_RANGES (iommufd_ioas_iova_ranges).',
    mutation: 'ioasIovaRanges',
    support: {
      name: 'IOMMU_IOAS_IOVA_RANGES',
      source: 'iommufd_ioas_iova_ranges (drivers/iommu/iommufd/ioas.c)',
      status: 'SUPPORTED',
      note: 'Room for at most 4,096 ranges a call.',
    },
    arguments: { contextId: 'contextId', ioasId: 'u32', numIovas: 'u32' },
    execute: inContext(executeIoasIovaRanges),
  },
  IoasAllowIovas: {
    sentence: 'IOMMU_IOAS_ALLOW_IOVAS (iommufd_ioas_allow_iovas).',
    mutation: 'ioasAllowIovas',
    support: {
      name: 'IOMMU_IOAS_ALLOW_IOVAS',
      source: 'iommufd_ioas_allow_iovas (drivers/iommu/iommufd/ioas.c)',
      status: 'SUPPORTED',
      note: 'At most 1,024 ranges a call.',
    },
    arguments: { contextId: 'contextId', ioasId: 'u32', allowedIovas: 'ranges' },
    execute: inContext((x, context, command) =>
      refused(executeIoasAllowIovas(x, context, command)),
    ),
  },
};

/** Source: iommufd_ioas_alloc_ioctl. Errors: EOPNOTSUPP for any flag, ENOMEM. */
function executeIoasAlloc(
  x: Execution,
  context: IommufdContext,
  command: IoasAlloc,
): number | Refusal {
  return x.call('iommufd_ioas_alloc_ioctl', () => {
    const { flags } = command;
    const unknown = unknownFlags(flags, 0, NO_FLAGS);
    if (unknown !== null) return unknown;
    const rc = objectAlloc(x, context);
    if (rc !== 0) return new Refusal(rc);
    const ioasId = context.ids.peek();
    x.emit({ type: 'IoasAllocated', contextId: context.contextId, ioasId });
    return ioasId;
  });
}

/**
 * IOMMU_IOAS_IOVA_RANGES: the holes of what is reserved. Source: iommufd_ioas_iova_ranges. Errors:
 * ENOENT; EMSGSIZE if there was too little room, with the reply written all the same.
 */
function executeIoasIovaRanges(
  x: Execution,
  context: IommufdContext,
  command: IoasIovaRanges,
): { errno: Errno; reply: IoasIovaRangesReply | null } {
  let reply: IoasIovaRangesReply | null = null;
  const errno = x.call('iommufd_ioas_iova_ranges', () => {
    const ioas = x.getIoas(context, command.ioasId);
    if (ioas instanceof Refusal) return ioas.errno;
    const holes = [...ioas.reservedRanges.holes(0n, ULONG_MAX)];
    reply = {
      numIovas: holes.length,
      outIovaAlignment: iovaAlignment(ioas),
      allowedIovas: holes.slice(0, command.numIovas),
    };
    const room = command.numIovas;
    if (holes.length <= room) return 0;
    const facts = { room, ioasId: ioas.id, count: holes.length };
    return x.refuse('EMSGSIZE', 'ARRAY_TOO_SMALL', facts);
  });
  return { errno, reply };
}

/** Source: iommufd_ioas_load_iovas. Errors: EINVAL, a range that holds nothing or meets another. */
function loadIovas(x: Execution, ranges: readonly IovaRange[]): IovaRange[] | Refusal {
  const refused = (rule: RefusalRule, facts: Facts) =>
    x.refusedBy('iommufd_ioas_load_iovas', new Refusal('EINVAL', rule, facts));
  const ordered = new RangeMap<IovaRange>();
  for (const [index, { start, last }] of ranges.entries()) {
    const argument = `allowedIovas[${index}]`;
    if (start >= last) return refused('RANGE_EMPTY', { argument, start, last });
    const inWay = ordered.firstFrom(start);
    if (inWay !== null && inWay.start <= last) {
      return refused('RANGES_OVERLAP', { argument, start, last, ...inWayFacts(inWay) });
    }
    if (!x.allocates('kzalloc iopt_allowed')) return new Refusal('ENOMEM');
    ordered.add({ start, last });
  }
  return [...ordered];
}

/**
 * IOMMU_IOAS_ALLOW_IOVAS: replaces where automatic IOVAs come from. Source:
 * iommufd_ioas_allow_iovas. Errors: ENOENT; EINVAL, a range that starts at or after its end or meets
 * an earlier one; EADDRINUSE, one that meets a reserved range.
 */
function executeIoasAllowIovas(
  x: Execution,
  context: IommufdContext,
  command: IoasAllowIovas,
): Errno {
  return x.call('iommufd_ioas_allow_iovas', () => {
    const ioas = x.getIoas(context, command.ioasId);
    if (ioas instanceof Refusal) return ioas.errno;
    const allowed = loadIovas(x, command.allowedIovas);
    if (allowed instanceof Refusal) return allowed.errno;
    return x.call('iopt_set_allow_iova', () => {
      for (const { start, last } of allowed) {
        if (!ioas.reservedRanges.meets(start, last)) continue;
        const reserved = [...ioas.reserved.values()].flat();
        const inWay = reserved.find(range => range.start <= last && range.last >= start)!;
        const index = command.allowedIovas.findIndex(range => range.start === start);
        const argument = `allowedIovas[${index}]`;
        const facts = { argument, ioasId: ioas.id, start, last, ...inWayFacts(inWay) };
        return x.refuse('EADDRINUSE', 'RESERVED_MEETS_ALLOWED', facts);
      }
      x.emit({
        type: 'AllowedIovasSet',
        contextId: context.contextId,
        ioasId: ioas.id,
        allowed,
      });
      return 0;
    });
  });
}
