/** Map, copy, unmap. Mirrors drivers/iommu/iommufd/ioas.c and io_pagetable.c of Linux 6.12.117. */
import {
  IOMMU_IOAS_MAP_FIXED_IOVA,
  IOMMU_IOAS_MAP_READABLE,
  IOMMU_IOAS_MAP_WRITEABLE,
  PAGE_SIZE,
  ULONG_MAX,
} from '../../../abi/uapi.ts';
import { answer, inContext } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import { Refusal } from '../../machine/refusal.ts';
import { newSourceOf, rangesOfCaller } from '../../memory/caller.ts';
import { isPresent } from '../../memory/process-memory.ts';
import { MAP_FLAG_NAMES, unknownFlags } from '../../refuse/flags.ts';
import type { Ioas, IommufdContext } from '../state.ts';
import {
  contiguousAreas,
  type MapArguments,
  type MapPiece,
  type MapWanted,
  mapPages,
  pagesOf,
} from './io-pagetable.ts';
import { unmapAll, unmapIova } from './unmap.ts';

const PAGE = BigInt(PAGE_SIZE);
const MAP_PROT = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;
const MAP_FLAGS = MAP_PROT | IOMMU_IOAS_MAP_FIXED_IOVA;
const OF_MAP: MapArguments = { iova: 'iova', from: 'userVa' };
const OF_COPY: MapArguments = { iova: 'dstIova', from: 'srcIova' };

/** IOMMU_IOAS_MAP (iommufd_ioas_map). */
export interface IoasMap {
  readonly type: 'IoasMap';
  readonly contextId: number;
  readonly ioasId: number;
  readonly flags: number;
  readonly userVa: bigint;
  readonly length: bigint;
  readonly iova: bigint;
}

/** IOMMU_IOAS_COPY (iommufd_ioas_copy). */
export interface IoasCopy {
  readonly type: 'IoasCopy';
  readonly contextId: number;
  readonly flags: number;
  readonly dstIoasId: number;
  readonly srcIoasId: number;
  readonly length: bigint;
  readonly dstIova: bigint;
  readonly srcIova: bigint;
}

/** IOMMU_IOAS_UNMAP (iommufd_ioas_unmap). */
export interface IoasUnmap {
  readonly type: 'IoasUnmap';
  readonly contextId: number;
  readonly ioasId: number;
  readonly iova: bigint;
  readonly length: bigint;
}

export interface MapOperations {
  IoasMap: Operation<IoasMap, { readonly iova: bigint }>;
  IoasCopy: Operation<IoasCopy, { readonly dstIova: bigint }>;
  /** Bytes unmapped. */
  IoasUnmap: Operation<IoasUnmap, { readonly length: bigint }>;
}

export const MAP_OPERATIONS: OperationEntries<MapOperations> = {
  IoasMap: {
    sentence: 'IOMMU_IOAS_MAP (iommufd_ioas_map).',
    mutation: 'ioasMap',
    support: {
      name: 'IOMMU_IOAS_MAP',
      source: 'iommufd_ioas_map (drivers/iommu/iommufd/ioas.c)',
      status: 'PARTIAL',
      note: 'Contexts of one process share the count of locked memory and, with sharesMemory, which addresses exist, and not what the memory holds. Locked memory is bounded by RLIMIT_MEMLOCK alone, as it was when the process mapped.',
    },
    asks: ['MEMORY', 'RIGHTS'],
    arguments: {
      contextId: 'contextId',
      ioasId: 'u32',
      flags: 'u32',
      userVa: 'u64',
      length: 'u64',
      iova: 'u64',
    },
    execute: inContext((x, context, command) =>
      answer(executeIoasMap(x, context, command), iova => ({ iova })),
    ),
  },
  IoasCopy: {
    sentence: 'IOMMU_IOAS_COPY (iommufd_ioas_copy).',
    mutation: 'ioasCopy',
    support: {
      name: 'IOMMU_IOAS_COPY',
      source: 'iommufd_ioas_copy (drivers/iommu/iommufd/ioas.c)',
      status: 'SUPPORTED',
      note: '',
    },
    asks: ['MEMORY'],
    arguments: {
      contextId: 'contextId',
      flags: 'u32',
      dstIoasId: 'u32',
      srcIoasId: 'u32',
      length: 'u64',
      dstIova: 'u64',
      srcIova: 'u64',
    },
    execute: inContext((x, context, command) =>
      answer(executeIoasCopy(x, context, command), dstIova => ({ dstIova })),
    ),
  },
  IoasUnmap: {
    sentence: 'IOMMU_IOAS_UNMAP (iommufd_ioas_unmap).',
    mutation: 'ioasUnmap',
    support: {
      name: 'IOMMU_IOAS_UNMAP',
      source: 'iommufd_ioas_unmap (drivers/iommu/iommufd/ioas.c)',
      status: 'PARTIAL',
      note: 'Operations run one at a time, so EBUSY and EDEADLOCK of a race cannot happen.',
    },
    arguments: { contextId: 'contextId', ioasId: 'u32', iova: 'u64', length: 'u64' },
    execute: inContext((x, context, command) =>
      answer(executeIoasUnmap(x, context, command), length => ({ length })),
    ),
  },
};

/**
 * IOMMU_IOAS_MAP. Source: iommufd_ioas_map. Errors: EOPNOTSUPP, EOVERFLOW, EINVAL, ENOENT, EEXIST,
 * ENOSPC, EFAULT (only if a domain has to be filled), ENOMEM. Returns the IOVA.
 */
function executeIoasMap(x: Execution, context: IommufdContext, command: IoasMap): bigint | Refusal {
  return x.call('iommufd_ioas_map', () => {
    const { flags, userVa, length, iova } = command;
    const bad = checkArguments(flags, { iova, length });
    if (bad !== null) return bad;
    const ioas = x.getIoas(context, command.ioasId);
    if (ioas instanceof Refusal) return ioas;
    const fixed = (flags & IOMMU_IOAS_MAP_FIXED_IOVA) !== 0 ? iova : null;
    const wanted = { fixedIova: fixed, prot: flags & MAP_PROT, named: OF_MAP };
    return mapUserPages(x, context, ioas, { userVa, length }, wanted);
  });
}

/**
 * Maps user memory as a container of its own. Source: iopt_map_user_pages. Errors: EINVAL, EOVERFLOW,
 * ENOMEM, those of mapPages. Returns the IOVA.
 */
export function mapUserPages(
  x: Execution,
  context: IommufdContext,
  ioas: Ioas,
  { userVa, length }: { readonly userVa: bigint; readonly length: bigint },
  wanted: MapWanted,
): bigint | Refusal {
  return x.call('iopt_map_user_pages', () => {
    const badRange = checkUserRange(x, wanted.named, userVa, length);
    if (badRange !== null) return badRange;
    if (!x.allocates('kzalloc iopt_pages')) return new Refusal('ENOMEM');
    const pages = {
      userVa,
      length,
      writable: (wanted.prot & IOMMU_IOAS_MAP_WRITEABLE) !== 0,
      present: isPresent(rangesOfCaller(x, context), userVa, length, false),
      source: newSourceOf(x, context),
    };
    return mapPages(x, context, ioas, [{ pages, userVa, length }], wanted);
  });
}

/** Errors: EOPNOTSUPP, an unknown flag; EOVERFLOW, the last number of 64 bits; EINVAL, no access. */
function checkArguments(flags: number, ends: Readonly<Record<string, bigint>>): Refusal | null {
  const unknown = unknownFlags(flags, MAP_FLAGS, MAP_FLAG_NAMES);
  if (unknown !== null) return unknown;
  for (const [argument, value] of Object.entries(ends)) {
    if (value === ULONG_MAX) return new Refusal('EOVERFLOW', 'IOVA_IS_MAX', { argument });
  }
  return (flags & MAP_PROT) === 0 ? new Refusal('EINVAL', 'NO_ACCESS_WANTED') : null;
}

/** Source: iopt_alloc_pages. Errors: EINVAL, a length of 0 or next to 2^64; EOVERFLOW, it wraps. */
function checkUserRange(
  x: Execution,
  named: MapArguments,
  userVa: bigint,
  length: bigint,
): Refusal | null {
  const refused = (refusal: Refusal) => x.refusedBy('iopt_alloc_pages', refusal);
  const wraps =
    userVa + length > ULONG_MAX
      ? new Refusal('EOVERFLOW', 'RANGE_WRAPS', { argument: named.from, start: userVa, length })
      : null;
  if (wraps !== null && x.behaviour.mapChecksFirst === 'WRAP') return refused(wraps);
  if (length === 0n) return refused(new Refusal('EINVAL', 'LENGTH_ZERO'));
  const most = ULONG_MAX - PAGE;
  if (length > most) return refused(new Refusal('EINVAL', 'LENGTH_TOO_LARGE', { length, most }));
  return wraps === null ? null : refused(wraps);
}

/**
 * IOMMU_IOAS_COPY: the destination shares the source's pages. Source: iommufd_ioas_copy. Errors: as
 * map; ENOENT, the source is not covered without a gap; EPERM, WRITEABLE from read-only pages.
 */
function executeIoasCopy(
  x: Execution,
  context: IommufdContext,
  command: IoasCopy,
): bigint | Refusal {
  return x.call('iommufd_ioas_copy', () => {
    const { flags, length, dstIova, srcIova } = command;
    const bad = checkArguments(flags, { length, srcIova, dstIova });
    if (bad !== null) return bad;
    const source = x.getIoas(context, command.srcIoasId, 'srcIoasId');
    if (source instanceof Refusal) return source;
    const pieces: MapPiece[] = [];
    const found = x.call('iopt_get_pages', () => {
      if (length === 0n) return x.refuse('EINVAL', 'LENGTH_ZERO');
      const srcLast = srcIova + length - 1n;
      if (srcLast > ULONG_MAX) {
        const facts = { argument: 'srcIova', start: srcIova, length };
        return x.refuse('EOVERFLOW', 'RANGE_WRAPS', facts);
      }
      const { areas, complete } = contiguousAreas(source, srcIova, srcLast);
      if (!complete) {
        const iova = areas.length === 0 ? srcIova : areas.at(-1)!.last + 1n;
        const range = { start: srcIova, last: srcLast };
        const facts = { argument: 'srcIova', ioasId: source.id, iova, ...range };
        return x.refuse('ENOENT', 'RANGE_NOT_MAPPED', facts);
      }
      for (const { area, start, last } of areas) {
        if (!x.allocates('kzalloc iopt_pages_list')) return 'ENOMEM';
        pieces.push({
          pages: pagesOf(context, area),
          userVa: area.userVa + (start - area.start),
          length: last - start + 1n,
        });
      }
      return 0;
    });
    if (found !== 0) return new Refusal(found);
    const destination = x.getIoas(context, command.dstIoasId, 'dstIoasId');
    if (destination instanceof Refusal) return destination;
    const fixed = (flags & IOMMU_IOAS_MAP_FIXED_IOVA) !== 0 ? dstIova : null;
    const wanted = { fixedIova: fixed, prot: flags & MAP_PROT, named: OF_COPY };
    return x.call('iopt_map_pages', () => mapPages(x, context, destination, pieces, wanted));
  });
}

/**
 * IOMMU_IOAS_UNMAP: areas whole inside the range; iova 0 with the largest length means all.
 * Source: iommufd_ioas_unmap. Errors: ENOENT, nothing was mapped there or an area sticks out (those
 * before it are gone all the same), EOVERFLOW, EINVAL. Returns the bytes unmapped.
 */
function executeIoasUnmap(
  x: Execution,
  context: IommufdContext,
  command: IoasUnmap,
): bigint | Refusal {
  return x.call('iommufd_ioas_unmap', () => {
    const { iova, length } = command;
    const ioas = x.getIoas(context, command.ioasId);
    if (ioas instanceof Refusal) return ioas;
    if (iova === 0n && length === ULONG_MAX) {
      const { bytes, refusal } = unmapAll(x, context, ioas);
      return refusal ?? bytes;
    }
    for (const [argument, value] of Object.entries({ iova, length })) {
      if (value === ULONG_MAX) return new Refusal('EOVERFLOW', 'IOVA_IS_MAX', { argument });
    }
    const { bytes, refusal } = unmapIova(x, context, ioas, { iova, length });
    if (refusal !== null) return refusal;
    if (bytes !== 0n) return bytes;
    const facts = { ioasId: ioas.id, start: iova, last: iova + length - 1n };
    return new Refusal('ENOENT', 'NOTHING_MAPPED', facts);
  });
}
