/** The self-test's operations on what is mapped, reserved, dirty and pinned. */
import { MOCK_IO_PAGE_SIZE } from '../../../abi/uapi.ts';
import { isHexBytes } from '../../../core/memory/hex-bytes.ts';
import { badInput } from '../../builder/bad-input.ts';
import { builder } from '../../builder/builder.ts';
import {
  CONTEXT_ID_FIELD,
  kernelMutation,
  MACHINE_ID_FIELD,
} from '../../builder/kernel-mutation.ts';
import { payloadObject } from '../../builder/payload-object.ts';
import { HwptPagingType, IoasType } from '../../builder/refs.ts';
import { HWPT_ID_FIELD } from '../hwpt/dirty-mutations.ts';

/** Errors: no hex digits, or an odd number of them. */
export function hexOf(field: string, value: string): string {
  if (isHexBytes(value)) return value;
  throw badInput(`"input.${field}" must be bytes as hex digits, two a byte, as "00ff"`);
}

const testAddReserved = kernelMutation({
  command: 'TestAddReserved',
  description:
    'IOMMU_TEST_OP_ADD_RESERVED: reserves a range in an IOAS for nobody, as long as the IOAS lives (iommufd_test_add_reserved). Errors: EINVAL, length 0; EOVERFLOW; ENOENT; EADDRINUSE, it meets an area or an allowed range.',
  input: builder.inputType('TestAddReservedInput', {
    description: 'Arguments of testAddReserved.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      ioasId: t.field({ type: 'U32', required: true, description: 'The IOAS.' }),
      start: t.field({ type: 'HexU64', required: true, description: 'First IOVA.' }),
      length: t.field({ type: 'HexU64', required: true, description: 'Bytes.' }),
    }),
  }),
  toCommand: ({ contextId, ioasId, start, length }) => ({
    type: 'TestAddReserved',
    contextId,
    ioasId,
    start,
    length,
  }),
  payload: t => ({
    ioas: t.field({
      type: IoasType,
      nullable: true,
      description: 'The IOAS, as it is now.',
      resolve: payload => payloadObject(payload, payload.command.ioasId, 'IOAS'),
    }),
  }),
});

const testMdCheckMap = kernelMutation({
  command: 'TestMdCheckMap',
  description:
    'IOMMU_TEST_OP_MD_CHECK_MAP: compares what a mock hwpt maps with user memory, IO page by IO page (iommufd_test_md_check_pa). Errors: EINVAL, not a multiple of 2048, wrapping, or mapped elsewhere; ENOENT, no paging hwpt; EFAULT, the user address does not exist.',
  input: builder.inputType('TestMdCheckMapInput', {
    description: 'Arguments of testMdCheckMap.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      hwptId: t.field({ type: 'U32', required: true, description: 'A paging hwpt.' }),
      iova: t.field({ type: 'HexU64', required: true, description: 'First IOVA.' }),
      length: t.field({ type: 'HexU64', required: true, description: 'Bytes; 0x0 succeeds.' }),
      userVa: t.field({
        type: 'HexU64',
        required: true,
        description: 'User address that should be behind the first IOVA.',
      }),
    }),
  }),
  toCommand: ({ contextId, hwptId, iova, length, userVa }) => ({
    type: 'TestMdCheckMap',
    contextId,
    hwptId,
    iova,
    length,
    userVa,
  }),
});

const testDirty = kernelMutation({
  command: 'TestDirty',
  description:
    'IOMMU_TEST_OP_DIRTY: a mock device writes to pages; those that are mapped become dirty (iommufd_test_dirty). The kernel divides by pageSize where the IO page of 2048 bytes is meant, and so does this. Errors: EINVAL, not aligned or tracking is off; EOVERFLOW, more than 2^27 pages; ENOENT.',
  input: builder.inputType('TestDirtyInput', {
    description: 'Arguments of testDirty.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      hwptId: t.field(HWPT_ID_FIELD),
      iova: t.field({ type: 'HexU64', required: true, description: 'First IOVA.' }),
      length: t.field({ type: 'HexU64', required: true, description: 'Bytes.' }),
      pageSize: t.field({
        type: 'HexU64',
        defaultValue: BigInt(MOCK_IO_PAGE_SIZE),
        description: 'Bytes one bit stands for.',
      }),
      bitmap: t.field({
        type: 'HexU64',
        required: true,
        description: 'Which of the first 64 pages, bit 0 the page at `iova`.',
      }),
      moreBits: t.string({
        description:
          'Which pages above them: bytes as hex digits, the first byte first and its lowest bit first, with no 0x. Left out: none.',
      }),
    }),
  }),
  toCommand: ({ contextId, hwptId, iova, length, pageSize, bitmap, moreBits }) => ({
    type: 'TestDirty',
    contextId,
    hwptId,
    iova,
    length,
    pageSize: pageSize ?? BigInt(MOCK_IO_PAGE_SIZE),
    bitmap,
    ...(moreBits === null || moreBits === undefined
      ? {}
      : { moreBits: hexOf('moreBits', moreBits) }),
  }),
  payload: t => ({
    outNrDirty: t.field({
      type: 'HexU64',
      description: 'Pages marked, dirty before or not.',
      resolve: ({ reply }) => reply.outNrDirty,
    }),
    hwpt: t.field({
      type: HwptPagingType,
      nullable: true,
      description: 'The hwpt, as it is now.',
      resolve: payload => payloadObject(payload, payload.command.hwptId, 'HWPT_PAGING'),
    }),
  }),
});

const testMdCheckRefs = kernelMutation({
  command: 'TestMdCheckRefs',
  description:
    'IOMMU_TEST_OP_MD_CHECK_REFS: compares how often each page of user memory is pinned, once for each IOAS_MAP whose pages a domain or an access holds; copies share them (iommufd_test_md_check_refs). Errors: EINVAL, no multiple of 4096 or wrapping; EFAULT, a page does not exist; EIO, a page is pinned otherwise, the lowest one decides.',
  input: builder.inputType('TestMdCheckRefsInput', {
    description: 'Arguments of testMdCheckRefs.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      userVa: t.field({ type: 'HexU64', required: true, description: 'First user address.' }),
      length: t.field({ type: 'HexU64', required: true, description: 'Bytes; 0x0 succeeds.' }),
      refs: t.field({
        type: 'U32',
        required: true,
        description: 'Pins that each page should have.',
      }),
    }),
  }),
  toCommand: ({ contextId, userVa, length, refs }) => ({
    type: 'TestMdCheckRefs',
    contextId,
    length,
    userVa,
    refs,
  }),
});

const testSetTempMemoryLimit = kernelMutation({
  command: 'TestSetTempMemoryLimit',
  description:
    'IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT: bytes that the kernel takes at a time while it pins, which nothing here shows (iommufd_test). Errors: EINVAL, below 12.',
  input: builder.inputType('TestSetTempMemoryLimitInput', {
    description: 'Arguments of testSetTempMemoryLimit.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      limit: t.field({ type: 'U32', required: true, description: 'Bytes, 12 or more.' }),
    }),
  }),
  toCommand: ({ contextId, limit }) => ({ type: 'TestSetTempMemoryLimit', contextId, limit }),
});

export const TEST_MEMORY_MUTATIONS = {
  TestAddReserved: testAddReserved,
  TestMdCheckMap: testMdCheckMap,
  TestDirty: testDirty,
  TestMdCheckRefs: testMdCheckRefs,
  TestSetTempMemoryLimit: testSetTempMemoryLimit,
};
