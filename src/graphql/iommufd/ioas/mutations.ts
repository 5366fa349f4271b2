/** Operations on I/O address spaces: alloc, map, copy, unmap, usable and allowed ranges. */
import { ALLOWED_IOVAS_MAX, IOVA_RANGES_MAX } from '../../../abi/limits.ts';
import { badInput } from '../../builder/bad-input.ts';
import { builder } from '../../builder/builder.ts';
import { RAW_TEXT, wordOf } from '../../builder/enums.ts';
import { IoasMapFlag } from '../../builder/enums-ioas.ts';
import {
  CONTEXT_ID_FIELD,
  kernelMutation,
  MACHINE_ID_FIELD,
} from '../../builder/kernel-mutation.ts';
import { payloadObject } from '../../builder/payload-object.ts';
import { IovaRangeInput, IovaRangeType } from '../../builder/ranges.ts';
import { AreaType, IoasType } from '../../builder/refs.ts';
import type { AreaView, ViewOf } from '../../builder/view.ts';

const IOAS_ID_FIELD = { type: 'U32', required: true, description: 'The IOAS.' } as const;

/** The area at `iova`, if it is still there. */
function areaIn(ioas: ViewOf<'IOAS'> | null, iova: bigint): AreaView | null {
  const area = ioas?.object.areas.at(iova);
  return ioas && area ? { ioas, area } : null;
}

const ioasMap = kernelMutation({
  command: 'IoasMap',
  description:
    'IOMMU_IOAS_MAP: maps user memory, one area of any length (iommufd_ioas_map). Without IOMMU_IOAS_MAP_FIXED_IOVA the kernel chooses the IOVA. Memory is looked at only if a domain has to be filled. Errors: EOPNOTSUPP, an unknown flag; EOVERFLOW; EINVAL, no permission, not aligned, or reserved; ENOENT; EEXIST, mapped already; ENOSPC, no room; EFAULT; ENOMEM.',
  input: builder.inputType('IoasMapInput', {
    description: 'Arguments of ioasMap (struct iommu_ioas_map).',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      ioasId: t.field(IOAS_ID_FIELD),
      flags: t.field({
        type: [IoasMapFlag],
        description: 'Flags by name; READABLE, WRITEABLE or both.',
      }),
      rawFlags: t.field({ type: 'U32', description: RAW_TEXT }),
      userVa: t.field({
        type: 'HexU64',
        required: true,
        description: 'User address of the first byte.',
      }),
      length: t.field({
        type: 'HexU64',
        required: true,
        description: 'Bytes: a multiple of the IOAS’ alignment, not 0.',
      }),
      iova: t.field({
        type: 'HexU64',
        defaultValue: 0n,
        description:
          'Where, with IOMMU_IOAS_MAP_FIXED_IOVA. 0xffffffffffffffff is EOVERFLOW always.',
      }),
    }),
  }),
  toCommand: ({ contextId, ioasId, flags, rawFlags, userVa, length, iova }) => ({
    type: 'IoasMap',
    contextId,
    ioasId,
    flags: wordOf(flags, rawFlags),
    userVa,
    length,
    iova: iova ?? 0n,
  }),
  payload: t => ({
    iova: t.field({
      type: 'HexU64',
      description: 'Where it is mapped.',
      resolve: ({ reply }) => reply.iova,
    }),
    area: t.field({
      type: AreaType,
      nullable: true,
      description: 'The area, as it is now.',
      resolve: payload =>
        areaIn(payloadObject(payload, payload.command.ioasId, 'IOAS'), payload.reply.iova),
    }),
  }),
});

const ioasCopy = kernelMutation({
  command: 'IoasCopy',
  description:
    'IOMMU_IOAS_COPY: maps what a range of another IOAS, or of the same, maps; the pages are shared (iommufd_ioas_copy). One area for each area of the source. Errors: as ioasMap; ENOENT also if the source has a hole; EPERM, writeable from pages mapped read-only.',
  input: builder.inputType('IoasCopyInput', {
    description: 'Arguments of ioasCopy (struct iommu_ioas_copy).',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      flags: t.field({
        type: [IoasMapFlag],
        description: 'Flags by name; READABLE, WRITEABLE or both.',
      }),
      rawFlags: t.field({ type: 'U32', description: RAW_TEXT }),
      dstIoasId: t.field({ type: 'U32', required: true, description: 'The IOAS to map in.' }),
      srcIoasId: t.field({ type: 'U32', required: true, description: 'The IOAS to copy from.' }),
      length: t.field({ type: 'HexU64', required: true, description: 'Bytes, not 0.' }),
      dstIova: t.field({
        type: 'HexU64',
        defaultValue: 0n,
        description: 'Where, with IOMMU_IOAS_MAP_FIXED_IOVA.',
      }),
      srcIova: t.field({ type: 'HexU64', required: true, description: 'Where the source begins.' }),
    }),
  }),
  toCommand: input => ({
    type: 'IoasCopy',
    contextId: input.contextId,
    flags: wordOf(input.flags, input.rawFlags),
    dstIoasId: input.dstIoasId,
    srcIoasId: input.srcIoasId,
    length: input.length,
    dstIova: input.dstIova ?? 0n,
    srcIova: input.srcIova,
  }),
  payload: t => ({
    dstIova: t.field({
      type: 'HexU64',
      description: 'Where it is mapped.',
      resolve: ({ reply }) => reply.dstIova,
    }),
    area: t.field({
      type: AreaType,
      nullable: true,
      description: 'The first area made, as it is now.',
      resolve: payload =>
        areaIn(payloadObject(payload, payload.command.dstIoasId, 'IOAS'), payload.reply.dstIova),
    }),
  }),
});

const ioasUnmap = kernelMutation({
  command: 'IoasUnmap',
  description:
    'IOMMU_IOAS_UNMAP: unmaps the areas that lie whole in a range; iova 0x0 with length 0xffffffffffffffff is all of them (iommufd_ioas_unmap). Accesses let go of what they pinned first. Errors: ENOENT, nothing is mapped there or an area sticks out, where those before it are gone all the same; EOVERFLOW; EINVAL, length 0.',
  input: builder.inputType('IoasUnmapInput', {
    description: 'Arguments of ioasUnmap (struct iommu_ioas_unmap).',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      ioasId: t.field(IOAS_ID_FIELD),
      iova: t.field({ type: 'HexU64', required: true, description: 'First IOVA.' }),
      length: t.field({ type: 'HexU64', required: true, description: 'Bytes.' }),
    }),
  }),
  toCommand: ({ contextId, ioasId, iova, length }) => ({
    type: 'IoasUnmap',
    contextId,
    ioasId,
    iova,
    length,
  }),
  payload: t => ({
    length: t.field({
      type: 'HexU64',
      description: 'Bytes unmapped; holes do not count.',
      resolve: ({ reply }) => reply.length,
    }),
    ioas: t.field({
      type: IoasType,
      nullable: true,
      description: 'The IOAS, as it is now.',
      resolve: payload => payloadObject(payload, payload.command.ioasId, 'IOAS'),
    }),
  }),
});

const ioasIovaRanges = kernelMutation({
  command: 'IoasIovaRanges',
  description:
    'IOMMU_IOAS_IOVA_RANGES: what is not reserved, mapped or not (iommufd_ioas_iova_ranges). Errors: ENOENT; EMSGSIZE, too little room: `output` of the error has the number needed, and as many ranges as fit.',
  input: builder.inputType('IoasIovaRangesInput', {
    description: 'Arguments of ioasIovaRanges (struct iommu_ioas_iova_ranges).',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      ioasId: t.field(IOAS_ID_FIELD),
      numIovas: t.field({
        type: 'U32',
        defaultValue: 64,
        description: `Room for ranges in the caller’s array, at most ${IOVA_RANGES_MAX}; 0 asks for the number alone.`,
      }),
    }),
  }),
  toCommand: ({ contextId, ioasId, numIovas }) => {
    const room = numIovas ?? 64;
    if (room > IOVA_RANGES_MAX) {
      throw badInput(`"input.numIovas" must be from 0 to ${IOVA_RANGES_MAX}, not ${room}`);
    }
    return { type: 'IoasIovaRanges', contextId, ioasId, numIovas: room };
  },
  payload: t => ({
    numIovas: t.int({
      description: 'How many ranges there are.',
      resolve: ({ reply }) => reply.numIovas,
    }),
    outIovaAlignment: t.field({
      type: 'HexU64',
      description: 'Bytes that IOVAs and lengths must be multiples of.',
      resolve: ({ reply }) => reply.outIovaAlignment,
    }),
    allowedIovas: t.field({
      type: [IovaRangeType],
      description: 'The ranges, ascending. ioasAllowIovas plays no part.',
      resolve: ({ reply }) => [...reply.allowedIovas],
    }),
  }),
});

const ioasAllowIovas = kernelMutation({
  command: 'IoasAllowIovas',
  description:
    'IOMMU_IOAS_ALLOW_IOVAS: replaces the ranges the kernel chooses IOVAs from, and keeps them from being reserved (iommufd_ioas_allow_iovas). Wanted IOVAs need not be in them. Errors: ENOENT; EINVAL, a range that starts at or above its last, or meets an earlier one; EADDRINUSE, one meets a reserved range: all stays as it was.',
  input: builder.inputType('IoasAllowIovasInput', {
    description: 'Arguments of ioasAllowIovas (struct iommu_ioas_allow_iovas).',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      ioasId: t.field(IOAS_ID_FIELD),
      allowedIovas: t.field({
        type: [IovaRangeInput],
        required: true,
        description: `The ranges, in any order, at most ${ALLOWED_IOVAS_MAX}; none: from anywhere.`,
      }),
    }),
  }),
  toCommand: ({ contextId, ioasId, allowedIovas }) => {
    if (allowedIovas.length > ALLOWED_IOVAS_MAX) {
      throw badInput(
        `"input.allowedIovas" may have at most ${ALLOWED_IOVAS_MAX} entries, not ${allowedIovas.length}`,
      );
    }
    return {
      type: 'IoasAllowIovas',
      contextId,
      ioasId,
      allowedIovas: allowedIovas.map(({ start, last }) => ({ start, last })),
    };
  },
  payload: t => ({
    ioas: t.field({
      type: IoasType,
      nullable: true,
      description: 'The IOAS, as it is now.',
      resolve: payload => payloadObject(payload, payload.command.ioasId, 'IOAS'),
    }),
  }),
});

const ioasAlloc = kernelMutation({
  command: 'IoasAlloc',
  description:
    'IOMMU_IOAS_ALLOC: an I/O address space (iommufd_ioas_alloc_ioctl). Errors: EOPNOTSUPP for any flag.',
  input: builder.inputType('IoasAllocInput', {
    description: 'Arguments of ioasAlloc.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      flags: t.field({ type: 'U32', defaultValue: 0, description: 'None exist: 0.' }),
    }),
  }),
  toCommand: ({ contextId, flags }) => ({ type: 'IoasAlloc', contextId, flags: flags ?? 0 }),
  payload: t => ({
    outIoasId: t.int({
      description: 'The id of the IOAS.',
      resolve: ({ reply }) => reply.outIoasId,
    }),
    ioas: t.field({
      type: IoasType,
      nullable: true,
      description: 'The IOAS, as it is now.',
      resolve: payload => payloadObject(payload, payload.reply.outIoasId, 'IOAS'),
    }),
  }),
});

export const IOAS_MUTATIONS = {
  IoasMap: ioasMap,
  IoasCopy: ioasCopy,
  IoasUnmap: ioasUnmap,
  IoasIovaRanges: ioasIovaRanges,
  IoasAllowIovas: ioasAllowIovas,
  IoasAlloc: ioasAlloc,
};
