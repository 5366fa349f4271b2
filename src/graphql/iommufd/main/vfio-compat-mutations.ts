/** The VFIO type 1 ioctls that /dev/iommu answers. */
import * as vfio from '../../../abi/ioctl/vfio.ts';
import { builder } from '../../builder/builder.ts';
import { numbers, RAW_TEXT, wordOf } from '../../builder/enums.ts';
import { choiceOf } from '../../builder/enums-ioas.ts';
import {
  CONTEXT_ID_FIELD,
  kernelMutation,
  MACHINE_ID_FIELD,
} from '../../builder/kernel-mutation.ts';
import { checkFirst, FIRST_TEXT, LIST_DEFAULT } from '../../builder/lists.ts';
import { IovaRangeType, taken } from '../../builder/ranges.ts';

const RAW_CHOICE = 'As a number, for values that have no name.';

const VfioExtension = numbers('VfioExtension', 'What VFIO_CHECK_EXTENSION asks after.', {
  VFIO_TYPE1_IOMMU: [vfio.VFIO_TYPE1_IOMMU, 'type 1: unmapping may cut what was mapped'],
  VFIO_TYPE1v2_IOMMU: [vfio.VFIO_TYPE1v2_IOMMU, 'type 1, version 2: it may not'],
  VFIO_DMA_CC_IOMMU: [vfio.VFIO_DMA_CC_IOMMU, 'every domain enforces cache coherency'],
  VFIO_TYPE1_NESTING_IOMMU: [vfio.VFIO_TYPE1_NESTING_IOMMU, 'nesting; obsolete'],
  VFIO_NOIOMMU_IOMMU: [vfio.VFIO_NOIOMMU_IOMMU, 'devices without an IOMMU'],
  VFIO_UNMAP_ALL: [vfio.VFIO_UNMAP_ALL, 'VFIO_DMA_UNMAP_FLAG_ALL'],
  VFIO_UPDATE_VADDR: [vfio.VFIO_UPDATE_VADDR, 'user addresses may be changed'],
});

const VfioIommuType = numbers('VfioIommuType', 'What VFIO_SET_IOMMU chooses.', {
  VFIO_TYPE1_IOMMU: [vfio.VFIO_TYPE1_IOMMU, 'unmapping may cut what was mapped'],
  VFIO_TYPE1v2_IOMMU: [vfio.VFIO_TYPE1v2_IOMMU, 'it may not'],
  VFIO_NOIOMMU_IOMMU: [vfio.VFIO_NOIOMMU_IOMMU, 'EINVAL: no device lacks an IOMMU'],
});

const VfioDmaMapFlag = numbers('VfioDmaMapFlag', 'What a mapping of VFIO permits.', {
  VFIO_DMA_MAP_FLAG_READ: [vfio.VFIO_DMA_MAP_FLAG_READ, 'devices may read'],
  VFIO_DMA_MAP_FLAG_WRITE: [vfio.VFIO_DMA_MAP_FLAG_WRITE, 'devices may write'],
});

const VfioDmaUnmapFlag = numbers('VfioDmaUnmapFlag', 'What VFIO unmaps.', {
  VFIO_DMA_UNMAP_FLAG_ALL: [vfio.VFIO_DMA_UNMAP_FLAG_ALL, 'everything; iova and size are 0'],
});

const vfioGetApiVersion = kernelMutation({
  command: 'VfioGetApiVersion',
  description: 'VFIO_GET_API_VERSION of /dev/iommu (iommufd_vfio_ioctl).',
  input: builder.inputType('VfioGetApiVersionInput', {
    description: 'Arguments of vfioGetApiVersion.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
    }),
  }),
  toCommand: ({ contextId }) => ({ type: 'VfioGetApiVersion', contextId }),
  payload: t => ({
    version: t.int({
      description: 'VFIO_API_VERSION: 0.',
      resolve: ({ reply }) => reply.version,
    }),
  }),
});

const vfioCheckExtension = kernelMutation({
  command: 'VfioCheckExtension',
  description:
    'VFIO_CHECK_EXTENSION of /dev/iommu (iommufd_vfio_check_extension). Errors: ENODEV, VFIO_DMA_CC_IOMMU without an IOAS of VFIO.',
  input: builder.inputType('VfioCheckExtensionInput', {
    description: 'Arguments of vfioCheckExtension.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      extension: t.field({
        type: VfioExtension,
        description: 'The extension. This or rawExtension.',
      }),
      rawExtension: t.field({ type: 'U32', description: RAW_CHOICE }),
    }),
  }),
  toCommand: ({ contextId, extension, rawExtension }) => ({
    type: 'VfioCheckExtension',
    contextId,
    extension: BigInt(choiceOf('extension', extension, rawExtension)),
  }),
  payload: t => ({
    supported: t.boolean({
      description: 'The ioctl answers 1; with false, 0.',
      resolve: ({ reply }) => reply.supported === 1,
    }),
  }),
});

const vfioSetIommu = kernelMutation({
  command: 'VfioSetIommu',
  description:
    'VFIO_SET_IOMMU of /dev/iommu (iommufd_vfio_set_iommu). VFIO_TYPE1_IOMMU disables large pages of the IOAS for good. Errors: EINVAL, another type, or large pages while a domain has areas; ENODEV, no IOAS of VFIO (vfioIoas); EADDRINUSE, areas are not page aligned.',
  input: builder.inputType('VfioSetIommuInput', {
    description: 'Arguments of vfioSetIommu.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      iommuType: t.field({ type: VfioIommuType, description: 'The type. This or rawIommuType.' }),
      rawIommuType: t.field({ type: 'U32', description: RAW_CHOICE }),
    }),
  }),
  toCommand: ({ contextId, iommuType, rawIommuType }) => ({
    type: 'VfioSetIommu',
    contextId,
    iommuType: BigInt(choiceOf('iommuType', iommuType, rawIommuType)),
  }),
});

const vfioGetInfo = kernelMutation({
  command: 'VfioGetInfo',
  description:
    'VFIO_IOMMU_GET_INFO of /dev/iommu (iommufd_vfio_iommu_get_info). Errors: ENODEV, no IOAS of VFIO.',
  input: builder.inputType('VfioGetInfoInput', {
    description: 'Arguments of vfioGetInfo.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
    }),
  }),
  toCommand: ({ contextId }) => ({ type: 'VfioGetInfo', contextId }),
  payload: t => ({
    iovaPgsizes: t.field({
      type: 'HexU64',
      description: 'Each bit set is a size of IO pages in bytes that every domain has.',
      resolve: ({ reply }) => reply.iovaPgsizes,
    }),
    iovaRanges: t.field({
      type: [IovaRangeType],
      description: 'What is not reserved, ascending.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: ({ reply }, { first }) => taken(reply.iovaRanges, checkFirst(first)),
    }),
  }),
});

const vfioMapDma = kernelMutation({
  command: 'VfioMapDma',
  description:
    'VFIO_IOMMU_MAP_DMA of /dev/iommu: maps user memory in the IOAS of VFIO (iommufd_vfio_map_dma). Errors: EINVAL, an unknown flag, a range not aligned or reserved; ENODEV, no IOAS of VFIO; EOVERFLOW; EEXIST; EFAULT; ENOMEM.',
  input: builder.inputType('VfioMapDmaInput', {
    description: 'Arguments of vfioMapDma (struct vfio_iommu_type1_dma_map).',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      flags: t.field({ type: [VfioDmaMapFlag], description: 'Flags by name; none is no error.' }),
      rawFlags: t.field({ type: 'U32', description: RAW_TEXT }),
      vaddr: t.field({
        type: 'HexU64',
        required: true,
        description: 'User address of the first byte.',
      }),
      iova: t.field({ type: 'HexU64', required: true, description: 'Where.' }),
      size: t.field({ type: 'HexU64', required: true, description: 'Bytes; not 0.' }),
    }),
  }),
  toCommand: ({ contextId, flags, rawFlags, vaddr, iova, size }) => ({
    type: 'VfioMapDma',
    contextId,
    flags: wordOf(flags, rawFlags),
    vaddr,
    iova,
    size,
  }),
});

const vfioUnmapDma = kernelMutation({
  command: 'VfioUnmapDma',
  description:
    'VFIO_IOMMU_UNMAP_DMA of /dev/iommu: unmaps areas of the IOAS of VFIO (iommufd_vfio_unmap_dma). With VFIO_TYPE1_IOMMU set, those that stick out are cut first. Nothing mapped there is no error. Errors: EINVAL, an unknown flag, a range with VFIO_DMA_UNMAP_FLAG_ALL, no size, or a cut through what an access pins; ENODEV, no IOAS of VFIO; ENOENT, an area sticks out; EOVERFLOW.',
  input: builder.inputType('VfioUnmapDmaInput', {
    description: 'Arguments of vfioUnmapDma (struct vfio_iommu_type1_dma_unmap).',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      flags: t.field({ type: [VfioDmaUnmapFlag], description: 'Flags by name.' }),
      rawFlags: t.field({ type: 'U32', description: RAW_TEXT }),
      iova: t.field({ type: 'HexU64', defaultValue: 0n, description: 'The first IOVA.' }),
      size: t.field({ type: 'HexU64', defaultValue: 0n, description: 'Bytes.' }),
    }),
  }),
  toCommand: ({ contextId, flags, rawFlags, iova, size }) => ({
    type: 'VfioUnmapDma',
    contextId,
    flags: wordOf(flags, rawFlags),
    iova: iova ?? 0n,
    size: size ?? 0n,
  }),
  payload: t => ({
    size: t.field({
      type: 'HexU64',
      description: 'Bytes unmapped.',
      resolve: ({ reply }) => reply.size,
    }),
  }),
});

export const VFIO_COMPAT_MUTATIONS = {
  VfioGetApiVersion: vfioGetApiVersion,
  VfioCheckExtension: vfioCheckExtension,
  VfioSetIommu: vfioSetIommu,
  VfioGetInfo: vfioGetInfo,
  VfioMapDma: vfioMapDma,
  VfioUnmapDma: vfioUnmapDma,
};
