/**
 * The VFIO type 1 ioctls that /dev/iommu answers in a container's place.
 * Mirrors drivers/iommu/iommufd/vfio_compat.c of Linux 6.12.117, without VFIO_NOIOMMU.
 */
import type { Errno } from '../../../abi/errno.ts';
import {
  VFIO_API_VERSION,
  VFIO_DMA_CC_IOMMU,
  VFIO_DMA_MAP_FLAG_READ,
  VFIO_DMA_MAP_FLAG_WRITE,
  VFIO_DMA_UNMAP_FLAG_ALL,
  VFIO_TYPE1_IOMMU,
  VFIO_TYPE1v2_IOMMU,
  VFIO_UNMAP_ALL,
} from '../../../abi/ioctl/vfio.ts';
import {
  IOMMU_IOAS_MAP_READABLE,
  IOMMU_IOAS_MAP_WRITEABLE,
  MOCK_HUGE_PAGE_SIZE,
  PAGE_SIZE,
  ULONG_MAX,
} from '../../../abi/uapi.ts';
import { type Answer, answer, inContext, refused } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import { objectOf } from '../../machine/lookup.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import { Refusal } from '../../machine/refusal.ts';
import type { IovaRange } from '../../memory/iova-range.ts';
import { unknownFlags, VFIO_MAP_FLAGS, VFIO_UNMAP_FLAGS } from '../../refuse/flags.ts';
import { iovaAlignment, type MapArguments } from '../ioas/io-pagetable.ts';
import { mapUserPages } from '../ioas/map-operations.ts';
import { cutIovas } from '../ioas/split.ts';
import { type Unmapped, unmapAll, unmapIova } from '../ioas/unmap.ts';
import type { Ioas, IommufdContext } from '../state.ts';
import { disableLargePages } from './option-operations.ts';

const PAGE = BigInt(PAGE_SIZE);
const MAP_FLAGS = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;
const OF_MAP: MapArguments = { iova: 'iova', from: 'vaddr' };

/** VFIO_GET_API_VERSION. */
export interface VfioGetApiVersion {
  readonly type: 'VfioGetApiVersion';
  readonly contextId: number;
}

/** VFIO_CHECK_EXTENSION. */
export interface VfioCheckExtension {
  readonly type: 'VfioCheckExtension';
  readonly contextId: number;
  readonly extension: bigint;
}

/** VFIO_SET_IOMMU. */
export interface VfioSetIommu {
  readonly type: 'VfioSetIommu';
  readonly contextId: number;
  readonly iommuType: bigint;
}

/** VFIO_IOMMU_GET_INFO: all of it; how much of it there is room for is a matter of bytes. */
export interface VfioGetInfo {
  readonly type: 'VfioGetInfo';
  readonly contextId: number;
}

export interface VfioInfo {
  /** Each bit that is set is a size of IO pages in bytes. */
  readonly iovaPgsizes: bigint;
  /** VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE */
  readonly iovaRanges: readonly IovaRange[];
}

/** VFIO_IOMMU_MAP_DMA. */
export interface VfioMapDma {
  readonly type: 'VfioMapDma';
  readonly contextId: number;
  readonly flags: number;
  readonly vaddr: bigint;
  readonly iova: bigint;
  readonly size: bigint;
}

/** VFIO_IOMMU_UNMAP_DMA. */
export interface VfioUnmapDma {
  readonly type: 'VfioUnmapDma';
  readonly contextId: number;
  readonly flags: number;
  readonly iova: bigint;
  readonly size: bigint;
}

export interface VfioCompatOperations {
  VfioGetApiVersion: Operation<VfioGetApiVersion, { readonly version: number }>;
  /** 0: no, 1: yes. */
  VfioCheckExtension: Operation<VfioCheckExtension, { readonly supported: number }>;
  VfioSetIommu: Operation<VfioSetIommu, Record<string, never>>;
  VfioGetInfo: Operation<VfioGetInfo, VfioInfo>;
  VfioMapDma: Operation<VfioMapDma, Record<string, never>>;
  /** Bytes unmapped; also written back with what unmapping refuses. */
  VfioUnmapDma: Operation<VfioUnmapDma, { readonly size: bigint }>;
}

export const VFIO_COMPAT_OPERATIONS: OperationEntries<VfioCompatOperations> = {
  VfioGetApiVersion: {
    sentence: 'VFIO_GET_API_VERSION of /dev/iommu (iommufd_vfio_ioctl).',
    mutation: 'vfioGetApiVersion',
    support: { rowOf: 'VfioMapDma' },
    arguments: { contextId: 'contextId' },
    execute: inContext(() => ({ errno: 0, reply: { version: VFIO_API_VERSION } })),
  },
  VfioCheckExtension: {
    sentence: 'VFIO_CHECK_EXTENSION of /dev/iommu (iommufd_vfio_check_extension).',
    mutation: 'vfioCheckExtension',
    support: { rowOf: 'VfioMapDma' },
    arguments: { contextId: 'contextId', extension: 'u64' },
    execute: inContext((x, context, { extension }) =>
      answer(
        x.call('iommufd_vfio_check_extension', () => checkExtension(x, context, extension)),
        supported => ({ supported }),
      ),
    ),
  },
  VfioSetIommu: {
    sentence: 'VFIO_SET_IOMMU of /dev/iommu (iommufd_vfio_set_iommu).',
    mutation: 'vfioSetIommu',
    support: { rowOf: 'VfioMapDma' },
    arguments: { contextId: 'contextId', iommuType: 'u64' },
    execute: inContext((x, context, { iommuType }) =>
      refused(x.call('iommufd_vfio_set_iommu', () => setIommu(x, context, iommuType))),
    ),
  },
  VfioGetInfo: {
    sentence: 'VFIO_IOMMU_GET_INFO of /dev/iommu (iommufd_vfio_iommu_get_info).',
    mutation: 'vfioGetInfo',
    support: { rowOf: 'VfioMapDma' },
    arguments: { contextId: 'contextId' },
    execute: inContext(executeGetInfo),
  },
  VfioMapDma: {
    sentence: 'VFIO_IOMMU_MAP_DMA of /dev/iommu (iommufd_vfio_map_dma).',
    mutation: 'vfioMapDma',
    support: {
      name: 'VFIO type 1 ioctls of /dev/iommu',
      source: 'iommufd_vfio_ioctl (drivers/iommu/iommufd/vfio_compat.c)',
      status: 'PARTIAL',
      note: 'VFIO_NOIOMMU is absent. No IOAS comes into being by itself: that is done for a VFIO container’s groups.',
    },
    asks: ['MEMORY', 'RIGHTS'],
    arguments: {
      contextId: 'contextId',
      flags: 'u32',
      vaddr: 'u64',
      iova: 'u64',
      size: 'u64',
    },
    execute: inContext((x, context, command) =>
      refused(x.call('iommufd_vfio_map_dma', () => mapDma(x, context, command))),
    ),
  },
  VfioUnmapDma: {
    sentence: 'VFIO_IOMMU_UNMAP_DMA of /dev/iommu (iommufd_vfio_unmap_dma).',
    mutation: 'vfioUnmapDma',
    support: { rowOf: 'VfioMapDma' },
    arguments: { contextId: 'contextId', flags: 'u32', iova: 'u64', size: 'u64' },
    execute: inContext(executeUnmapDma),
  },
};

/** The IOAS that the ioctls work on. ENODEV: there is none. */
function compatIoas(x: Execution, context: IommufdContext): Ioas | Refusal {
  const ioas = context.vfioIoasId === null ? undefined : context.objects.get(context.vfioIoasId);
  if (ioas?.type === 'IOAS') return ioas;
  return x.refusedBy('get_compat_ioas', new Refusal('ENODEV', 'NO_COMPAT_IOAS'));
}

const EXTENSIONS: readonly number[] = [VFIO_TYPE1_IOMMU, VFIO_TYPE1v2_IOMMU, VFIO_UNMAP_ALL];

/** Errors: ENODEV, VFIO_DMA_CC_IOMMU alone. */
function checkExtension(
  x: Execution,
  context: IommufdContext,
  extension: bigint,
): number | Refusal {
  if (extension !== BigInt(VFIO_DMA_CC_IOMMU)) {
    return EXTENSIONS.some(known => BigInt(known) === extension) ? 1 : 0;
  }
  const ioas = compatIoas(x, context);
  if (ioas instanceof Refusal) return ioas;
  // No emulated driver enforces cache coherency of a domain.
  return ioas.hwptIds.size === 0 ? 1 : 0;
}

/**
 * Errors: EINVAL, no type 1, or large pages cannot be given up; ENODEV; EADDRINUSE. Type 1 may be
 * unmapped in the middle of an area, which takes that no IO page reaches over it.
 */
function setIommu(x: Execution, context: IommufdContext, iommuType: bigint): Errno {
  const first = iommuType === BigInt(VFIO_TYPE1_IOMMU);
  if (!first && iommuType !== BigInt(VFIO_TYPE1v2_IOMMU)) {
    return x.refuse('EINVAL', 'VFIO_IOMMU_TYPE', { iommuType });
  }
  const ioas = compatIoas(x, context);
  if (ioas instanceof Refusal) return ioas.errno;
  return first ? (disableLargePages(x, context, ioas)?.errno ?? 0) : 0;
}

/** Errors: ENODEV. */
function executeGetInfo(x: Execution, context: IommufdContext): Answer<VfioInfo> {
  let reply: VfioInfo | null = null;
  const errno = x.call('iommufd_vfio_iommu_get_info', () => {
    const ioas = compatIoas(x, context);
    if (ioas instanceof Refusal) return ioas.errno;
    reply = {
      iovaPgsizes: pageSizes(context, ioas),
      iovaRanges: [...ioas.reservedRanges.holes(0n, ULONG_MAX)],
    };
    return 0;
  });
  return { errno, reply };
}

/** Those that all domains have; smaller ones than a page stand for a page. */
function pageSizes(context: IommufdContext, ioas: Ioas): bigint {
  let sizes = ULONG_MAX;
  for (const hwptId of ioas.hwptIds) {
    const { pageSize, hugePages } = objectOf(context, hwptId, 'HWPT_PAGING').domain;
    sizes &= BigInt(pageSize | (hugePages ? MOCK_HUGE_PAGE_SIZE : 0));
  }
  if (sizes % PAGE !== 0n) sizes = (sizes - (sizes % PAGE)) | PAGE;
  const alignment = iovaAlignment(ioas);
  return sizes > alignment ? sizes : alignment;
}

/** Errors: EINVAL, an unknown flag; ENODEV; those of mapUserPages. No access at all may be wanted. */
function mapDma(
  x: Execution,
  context: IommufdContext,
  { flags, vaddr, iova, size }: VfioMapDma,
): Errno {
  const unknown = unknownFlags(flags, MAP_FLAGS, VFIO_MAP_FLAGS, 'EINVAL');
  if (unknown !== null) return x.pass(unknown);
  const ioas = compatIoas(x, context);
  if (ioas instanceof Refusal) return ioas.errno;
  const prot =
    ((flags & VFIO_DMA_MAP_FLAG_READ) !== 0 ? IOMMU_IOAS_MAP_READABLE : 0) |
    ((flags & VFIO_DMA_MAP_FLAG_WRITE) !== 0 ? IOMMU_IOAS_MAP_WRITEABLE : 0);
  const range = { userVa: vaddr, length: size };
  const wanted = { fixedIova: iova, prot, named: OF_MAP };
  const mapped = mapUserPages(x, context, ioas, range, wanted);
  return mapped instanceof Refusal ? mapped.errno : 0;
}

function executeUnmapDma(
  x: Execution,
  context: IommufdContext,
  command: VfioUnmapDma,
): Answer<{ readonly size: bigint }> {
  let size: bigint | null = null;
  const errno = x.call('iommufd_vfio_unmap_dma', () => {
    const unmapped = unmapDma(x, context, command);
    if (unmapped instanceof Refusal) return x.pass(unmapped);
    size = unmapped.bytes;
    return unmapped.refusal === null ? 0 : x.pass(unmapped.refusal);
  });
  return { errno, reply: size === null ? null : { size } };
}

/**
 * Errors: EINVAL, an unknown flag, a range with VFIO_DMA_UNMAP_FLAG_ALL, a cut that cannot be made;
 * ENODEV; ENOENT, an area sticks out; EOVERFLOW. Nothing mapped there is no error.
 */
function unmapDma(
  x: Execution,
  context: IommufdContext,
  { flags, iova, size }: VfioUnmapDma,
): Unmapped | Refusal {
  const unknown = unknownFlags(flags, VFIO_DMA_UNMAP_FLAG_ALL, VFIO_UNMAP_FLAGS, 'EINVAL');
  if (unknown !== null) return unknown;
  const ioas = compatIoas(x, context);
  if (ioas instanceof Refusal) return ioas;
  if (flags !== 0) {
    if (iova === 0n && size === 0n) return unmapAll(x, context, ioas);
    return new Refusal('EINVAL', 'UNMAP_ALL_RANGE', { iova, size });
  }
  if (!ioas.largePages) {
    // The sums wrap around: what is cut there is cut whether or not the range is one.
    const ends = [BigInt.asUintN(64, iova + size - 1n), ...(iova === 0n ? [] : [iova - 1n])];
    const uncut = cutIovas(x, context, ioas, ends);
    if (uncut !== null) return uncut;
  }
  return unmapIova(x, context, ioas, { iova, length: size });
}
