/** Fault queues: alloc, read, write, poll, close of their files. */
import { DEFAULT_MACHINE_ID, RESPONSES_PER_WRITE_MAX } from '../../../abi/limits.ts';
import { PAGE_RESPONSE_SIZE, PGFAULT_SIZE } from '../../../abi/uapi.ts';
import type { PageResponse } from '../../../core/iommufd/fault/fault-file.ts';
import { badInput } from '../../builder/bad-input.ts';
import { builder } from '../../builder/builder.ts';
import { PageResponseCode } from '../../builder/enums.ts';
import {
  CONTEXT_ID_FIELD,
  kernelMutation,
  MACHINE_ID_FIELD,
} from '../../builder/kernel-mutation.ts';
import { payloadObject } from '../../builder/payload-object.ts';
import { FaultQueueType } from '../../builder/refs.ts';
import { PgfaultMessageType } from './message.ts';

const FAULT_ID_FIELD = {
  type: 'U32',
  required: true,
  description: 'The fault queue whose file is meant. EBADF if that is not open.',
} as const;

const faultQueueAlloc = kernelMutation({
  command: 'FaultQueueAlloc',
  description:
    'IOMMU_FAULT_QUEUE_ALLOC: a fault queue with its file (iommufd_fault_alloc). Errors: EOPNOTSUPP for any flag.',
  input: builder.inputType('FaultQueueAllocInput', {
    description: 'Arguments of faultQueueAlloc.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      flags: t.field({ type: 'U32', defaultValue: 0, description: 'None exist: 0.' }),
    }),
  }),
  toCommand: ({ contextId, flags }) => ({ type: 'FaultQueueAlloc', contextId, flags: flags ?? 0 }),
  payload: t => ({
    outFaultId: t.int({
      description: 'The id of the fault queue; it stands for its file too.',
      resolve: ({ reply }) => reply.outFaultId,
    }),
    faultQueue: t.field({
      type: FaultQueueType,
      nullable: true,
      description: 'The fault queue, as it is now.',
      resolve: payload => payloadObject(payload, payload.reply.outFaultId, 'FAULT'),
    }),
  }),
});

const faultRead = kernelMutation({
  command: 'FaultRead',
  description:
    'read() of a fault queue’s file: whole groups only, each with its cookie; 0 bytes from an empty queue (iommufd_fault_fops_read). The subscription iopfGroups reads for you. Errors: EBADF; ESPIPE, count is not a multiple of 40; EINVAL, not even the first group fits.',
  input: builder.inputType('FaultReadInput', {
    description: 'Arguments of faultRead.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      faultId: t.field(FAULT_ID_FIELD),
      count: t.field({
        type: 'ByteCount',
        defaultValue: 100 * PGFAULT_SIZE,
        description: 'Bytes of the buffer; one message is 40.',
      }),
      bufVa: t.field({
        type: 'HexU64',
        description:
          'Where the buffer is in user memory, to see what a buffer that is not there gets (EFAULT, or worse on older kernels). Left out: it is there. Nothing is written into user memory.',
      }),
    }),
  }),
  toCommand: ({ contextId, faultId, count, bufVa }) => ({
    type: 'FaultRead',
    contextId,
    faultId,
    count: count ?? 100 * PGFAULT_SIZE,
    reader: 'READ',
    ...(bufVa === null || bufVa === undefined ? {} : { bufVa }),
  }),
  payload: t => ({
    bytes: t.int({ description: 'Bytes read.', resolve: ({ reply }) => reply.bytes }),
    faults: t.field({
      type: [PgfaultMessageType],
      description: 'The messages, group by group, the last page of a group last.',
      resolve: ({ reply }) => [...reply.faults],
    }),
  }),
});

export const PageResponseInput = builder.inputType('PageResponseInput', {
  description: 'The answer to one group: 8 bytes (struct iommu_hwpt_page_response).',
  fields: t => ({
    cookie: t.field({
      type: 'U32',
      required: true,
      description: 'The cookie of the group’s messages.',
    }),
    code: t.field({ type: PageResponseCode, description: 'The answer. This or rawCode.' }),
    rawCode: t.field({ type: 'U32', description: 'The answer as a number.' }),
    iopfGroupId: t.int({
      description:
        'The group that is meant. The kernel knows cookies alone, and gives one again once its group is gone: with this, an answer that comes too late is refused (EINVAL) and cannot hit another group.',
    }),
  }),
});

export const RESPONSES_TEXT = `The answers, at most ${RESPONSES_PER_WRITE_MAX}.`;

/** The answers of `input.responses`. Errors: BAD_USER_INPUT. */
export function pageResponses(
  responses: readonly (typeof PageResponseInput.$inferInput)[],
): PageResponse[] {
  if (responses.length > RESPONSES_PER_WRITE_MAX) {
    throw badInput(
      `"input.responses" may have at most ${RESPONSES_PER_WRITE_MAX} entries, not ${responses.length}`,
    );
  }
  return responses.map(({ cookie, code, rawCode, iopfGroupId }, index) => {
    const value = rawCode ?? code;
    if (value === null || value === undefined) {
      throw badInput(
        `"input.responses[${index}]" must have "code" (IOMMUFD_PAGE_RESP_SUCCESS or IOMMUFD_PAGE_RESP_INVALID) or "rawCode"`,
      );
    }
    return { cookie, code: value, ...(iopfGroupId == null ? {} : { iopfGroupId }) };
  });
}

const faultWrite = kernelMutation({
  command: 'FaultWrite',
  description:
    'write() to a fault queue’s file: answers groups in order until the first error; the code is checked before the cookie (iommufd_fault_fops_write). Errors, if nothing was answered before: EBADF; ESPIPE, count is not a multiple of 8; EINVAL, a code other than SUCCESS and INVALID or an unknown cookie; EFAULT, count says more than there is.',
  input: builder.inputType('FaultWriteInput', {
    description: 'Arguments of faultWrite.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      faultId: t.field(FAULT_ID_FIELD),
      responses: t.field({
        type: [PageResponseInput],
        required: true,
        description: RESPONSES_TEXT,
      }),
      handlerId: t.string({
        description:
          'Who answers: the handlerId of your subscription iopfGroups. An answer to a group that it was not given is then a hazard in the log (ANSWERED_UNSEEN); the kernel takes it all the same.',
      }),
      count: t.field({
        type: 'U32',
        description: 'Bytes written, if other than 8 for each response.',
      }),
    }),
  }),
  toCommand: ({ machineId, contextId, faultId, responses, handlerId, count }, context) => {
    const name = { machineId: machineId ?? DEFAULT_MACHINE_ID, contextId, faultId };
    const given = handlerId == null ? undefined : context?.handlers.givenTo(handlerId, name);
    return {
      type: 'FaultWrite',
      contextId,
      faultId,
      count: count ?? responses.length * PAGE_RESPONSE_SIZE,
      responses: pageResponses(responses),
      ...(given === undefined ? {} : { given }),
    };
  },
  payload: t => ({
    bytes: t.int({
      description: 'Bytes taken: 8 for each group answered.',
      resolve: ({ reply }) => reply.bytes,
    }),
    faultQueue: t.field({
      type: FaultQueueType,
      nullable: true,
      description: 'The fault queue, as it is now.',
      resolve: payload => payloadObject(payload, payload.command.faultId, 'FAULT'),
    }),
  }),
});

const faultPoll = kernelMutation({
  command: 'FaultPoll',
  description:
    'poll() of a fault queue’s file: readable while a group waits, always writable (iommufd_fault_fops_poll). Errors: EBADF.',
  input: builder.inputType('FaultPollInput', {
    description: 'Arguments of faultPoll.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      faultId: t.field(FAULT_ID_FIELD),
    }),
  }),
  toCommand: ({ contextId, faultId }) => ({ type: 'FaultPoll', contextId, faultId }),
  payload: t => ({
    readable: t.boolean({
      description: 'POLLIN: a group waits.',
      resolve: ({ reply }) => reply.readable,
    }),
    writable: t.boolean({
      description: 'POLLOUT: always.',
      resolve: ({ reply }) => reply.writable,
    }),
  }),
});

const faultClose = kernelMutation({
  command: 'FaultClose',
  description:
    'Closes a fault queue’s file. What it holds stays and can no longer be answered by user space (iommufd_fault_fops_release). Errors: EBADF.',
  input: builder.inputType('FaultCloseInput', {
    description: 'Arguments of faultClose.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      faultId: t.field(FAULT_ID_FIELD),
    }),
  }),
  toCommand: ({ contextId, faultId }) => ({ type: 'FaultClose', contextId, faultId }),
  payload: t => ({
    contextReleased: t.boolean({
      description: 'The context’s own file was closed before and this was its last holder.',
      resolve: ({ reply }) => reply.contextReleased,
    }),
  }),
});

export const FAULT_MUTATIONS = {
  FaultQueueAlloc: faultQueueAlloc,
  FaultRead: faultRead,
  FaultWrite: faultWrite,
  FaultPoll: faultPoll,
  FaultClose: faultClose,
};
