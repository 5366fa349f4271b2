/** In-kernel accesses through the self-test: create, close, move, pin, unpin, read, write. */
import { ACCESS_READ_BYTES_MAX } from '../../../abi/limits.ts';
import { MOCK_ACCESS_LENGTH_MAX, MOCK_ACCESS_RW_WRITE } from '../../../abi/uapi.ts';
import { badInput } from '../../builder/bad-input.ts';
import { builder } from '../../builder/builder.ts';
import { RAW_TEXT, wordOf } from '../../builder/enums.ts';
import { AccessCreateFlag, AccessPagesFlag, AccessRwFlag } from '../../builder/enums-ioas.ts';
import {
  CONTEXT_ID_FIELD,
  kernelMutation,
  MACHINE_ID_FIELD,
} from '../../builder/kernel-mutation.ts';
import { payloadObject } from '../../builder/payload-object.ts';
import { AccessType } from '../../builder/refs.ts';

const ACCESS_ID_FIELD = {
  type: 'U32',
  required: true,
  description: 'The access whose file is meant. EBADFD if there is none.',
} as const;
const IOVA_FIELD = { type: 'HexU64', required: true, description: 'First IOVA.' } as const;
const LENGTH_FIELD = {
  type: 'HexU64',
  required: true,
  description: 'Bytes, not 0; more than 0x1000000 is ENOMEM.',
} as const;

/** The access, as it is now. */
const ACCESS_PAYLOAD = {
  type: AccessType,
  nullable: true,
  description: 'The access, as it is now.',
} as const;

const testCreateAccess = kernelMutation({
  command: 'TestCreateAccess',
  description:
    'IOMMU_TEST_OP_CREATE_ACCESS: an in-kernel access on an IOAS, with its file (iommufd_test_create_access). Errors: EOPNOTSUPP, an unknown flag; ENOENT; EADDRINUSE, it may pin and areas are not page aligned; ENOMEM.',
  input: builder.inputType('TestCreateAccessInput', {
    description: 'Arguments of testCreateAccess.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      ioasId: t.field({ type: 'U32', required: true, description: 'The IOAS.' }),
      flags: t.field({ type: [AccessCreateFlag], description: 'What the access is like.' }),
      rawFlags: t.field({ type: 'U32', description: RAW_TEXT }),
    }),
  }),
  toCommand: ({ contextId, ioasId, flags, rawFlags }) => ({
    type: 'TestCreateAccess',
    contextId,
    ioasId,
    flags: wordOf(flags, rawFlags),
  }),
  payload: t => ({
    outAccessId: t.int({
      description: 'The id of the ACCESS object; it stands for its file too.',
      resolve: ({ reply }) => reply.outAccessId,
    }),
    access: t.field({
      ...ACCESS_PAYLOAD,
      resolve: payload => payloadObject(payload, payload.reply.outAccessId, 'ACCESS'),
    }),
  }),
});

const testAccessClose = kernelMutation({
  command: 'TestAccessClose',
  description:
    'Closes an access’ file: everything it pinned is unpinned, the access goes (iommufd_test_staccess_release). Errors: EBADF, it is not open.',
  input: builder.inputType('TestAccessCloseInput', {
    description: 'Arguments of testAccessClose.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      accessId: t.field({
        type: 'U32',
        required: true,
        description: 'The access whose file is closed.',
      }),
    }),
  }),
  toCommand: ({ contextId, accessId }) => ({ type: 'TestAccessClose', contextId, accessId }),
  payload: t => ({
    contextReleased: t.boolean({
      description: 'Its context was closed before and held by nothing else: it is gone too.',
      resolve: ({ reply }) => reply.contextReleased,
    }),
  }),
});

const testAccessReplaceIoas = kernelMutation({
  command: 'TestAccessReplaceIoas',
  description:
    'IOMMU_TEST_OP_ACCESS_REPLACE_IOAS: moves an access to another IOAS; what it pinned is unpinned (iommufd_access_replace). Errors: EBADFD; ENOENT; EADDRINUSE, it may pin and areas there are not page aligned.',
  input: builder.inputType('TestAccessReplaceIoasInput', {
    description: 'Arguments of testAccessReplaceIoas.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      accessId: t.field(ACCESS_ID_FIELD),
      ioasId: t.field({ type: 'U32', required: true, description: 'The IOAS to move to.' }),
    }),
  }),
  toCommand: ({ contextId, accessId, ioasId }) => ({
    type: 'TestAccessReplaceIoas',
    contextId,
    accessId,
    ioasId,
  }),
  payload: t => ({
    access: t.field({
      ...ACCESS_PAYLOAD,
      resolve: payload => payloadObject(payload, payload.command.accessId, 'ACCESS'),
    }),
  }),
});

const testAccessPages = kernelMutation({
  command: 'TestAccessPages',
  description:
    'IOMMU_TEST_OP_ACCESS_PAGES: pins the pages of a range (iommufd_access_pin_pages). Errors: ENOMEM; EOPNOTSUPP, an unknown flag or an access that may not pin; EBADFD; EINVAL, length 0 or areas not page aligned; EOVERFLOW; ENOENT, a hole; EPERM; EFAULT.',
  input: builder.inputType('TestAccessPagesInput', {
    description: 'Arguments of testAccessPages.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      accessId: t.field(ACCESS_ID_FIELD),
      flags: t.field({ type: [AccessPagesFlag], description: 'What they are pinned for.' }),
      rawFlags: t.field({ type: 'U32', description: RAW_TEXT }),
      iova: t.field(IOVA_FIELD),
      length: t.field(LENGTH_FIELD),
    }),
  }),
  toCommand: ({ contextId, accessId, flags, rawFlags, iova, length }) => ({
    type: 'TestAccessPages',
    contextId,
    accessId,
    flags: wordOf(flags, rawFlags),
    iova,
    length,
  }),
  payload: t => ({
    outItemId: t.int({
      description: 'The id of the pin, for testDestroyAccessPages.',
      resolve: ({ reply }) => reply.outItemId,
    }),
    access: t.field({
      ...ACCESS_PAYLOAD,
      resolve: payload => payloadObject(payload, payload.command.accessId, 'ACCESS'),
    }),
  }),
});

const testDestroyAccessPages = kernelMutation({
  command: 'TestDestroyAccessPages',
  description:
    'IOMMU_TEST_OP_DESTROY_ACCESS_PAGES: unpins what one testAccessPages pinned (iommufd_access_unpin_pages). Errors: EBADFD; ENOENT, no such pin.',
  input: builder.inputType('TestDestroyAccessPagesInput', {
    description: 'Arguments of testDestroyAccessPages.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      accessId: t.field(ACCESS_ID_FIELD),
      itemId: t.field({ type: 'U32', required: true, description: 'The pin.' }),
    }),
  }),
  toCommand: ({ contextId, accessId, itemId }) => ({
    type: 'TestDestroyAccessPages',
    contextId,
    accessId,
    itemId,
  }),
  payload: t => ({
    access: t.field({
      ...ACCESS_PAYLOAD,
      resolve: payload => payloadObject(payload, payload.command.accessId, 'ACCESS'),
    }),
  }),
});

/** A read stands whole in the answer and in the log; beyond 16 MiB the kernel refuses by itself. */
function checkRead(flags: number, length: bigint): void {
  const reads = (flags & MOCK_ACCESS_RW_WRITE) === 0;
  if (reads && length > ACCESS_READ_BYTES_MAX && length <= MOCK_ACCESS_LENGTH_MAX) {
    throw badInput(
      `"input.length" of a read must be at most 0x${ACCESS_READ_BYTES_MAX.toString(16)}, not 0x${length.toString(16)}`,
    );
  }
}

const testAccessRw = kernelMutation({
  command: 'TestAccessRw',
  description:
    'IOMMU_TEST_OP_ACCESS_RW: reads or writes user memory through an IOAS (iommufd_access_rw). Areas before the one that fails have been written. Errors: ENOMEM; EOPNOTSUPP, an unknown flag; EBADFD; EINVAL, length 0; EOVERFLOW; ENOENT, a hole; EPERM; EFAULT.',
  input: builder.inputType('TestAccessRwInput', {
    description: 'Arguments of testAccessRw.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      accessId: t.field(ACCESS_ID_FIELD),
      flags: t.field({ type: [AccessRwFlag], description: 'How; left out, it reads.' }),
      rawFlags: t.field({ type: 'U32', description: RAW_TEXT }),
      iova: t.field(IOVA_FIELD),
      length: t.field({
        ...LENGTH_FIELD,
        description: `Bytes, not 0; more than 0x1000000 is ENOMEM. A read has at most 0x${ACCESS_READ_BYTES_MAX.toString(16)}.`,
      }),
      fill: t.field({
        type: 'U32',
        defaultValue: 0,
        description: 'What each byte of a write is set to, 0 to 255.',
      }),
    }),
  }),
  toCommand: ({ contextId, accessId, flags, rawFlags, iova, length, fill }) => {
    const word = wordOf(flags, rawFlags);
    checkRead(word, length);
    const byte = fill ?? 0;
    if (byte > 255) throw badInput(`"input.fill" must be from 0 to 255, not ${byte}`);
    return { type: 'TestAccessRw', contextId, accessId, flags: word, iova, length, fill: byte };
  },
  payload: t => ({
    data: t.string({
      description: 'The bytes read, two hex digits each; empty for a write.',
      resolve: ({ reply }) => reply.data,
    }),
    access: t.field({
      ...ACCESS_PAYLOAD,
      resolve: payload => payloadObject(payload, payload.command.accessId, 'ACCESS'),
    }),
  }),
});

export const ACCESS_MUTATIONS = {
  TestCreateAccess: testCreateAccess,
  TestAccessClose: testAccessClose,
  TestAccessReplaceIoas: testAccessReplaceIoas,
  TestAccessPages: testAccessPages,
  TestDestroyAccessPages: testDestroyAccessPages,
  TestAccessRw: testAccessRw,
};
