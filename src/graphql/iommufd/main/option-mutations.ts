/** Options of a context or an IOAS, and the IOAS of the VFIO compatible ioctls. */
import { builder } from '../../builder/builder.ts';
import { choiceOf, OptionId, OptionOp, VfioIoasOp } from '../../builder/enums-ioas.ts';
import {
  CONTEXT_ID_FIELD,
  kernelMutation,
  MACHINE_ID_FIELD,
} from '../../builder/kernel-mutation.ts';
import { payloadObject } from '../../builder/payload-object.ts';
import { IoasType } from '../../builder/refs.ts';

const RAW_CHOICE = 'As a number, for values that have no name.';

const option = kernelMutation({
  command: 'Option',
  description:
    'IOMMU_OPTION: reads or sets an option (iommufd_option). Errors: EOPNOTSUPP, an unknown option or operation, or an objectId with RLIMIT_MODE; ENOENT; EPERM, setting RLIMIT_MODE without CAP_SYS_RESOURCE; EBUSY, setting it while the context has objects; EINVAL, a value other than 0 and 1, or no large pages while a domain has areas; EADDRINUSE, no large pages while areas are not page aligned.',
  input: builder.inputType('OptionInput', {
    description: 'Arguments of option (struct iommu_option).',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      optionId: t.field({ type: OptionId, description: 'The option. This or rawOptionId.' }),
      rawOptionId: t.field({ type: 'U32', description: RAW_CHOICE }),
      op: t.field({ type: OptionOp, description: 'What to do. This or rawOp.' }),
      rawOp: t.field({ type: 'U32', description: RAW_CHOICE }),
      objectId: t.field({
        type: 'U32',
        defaultValue: 0,
        description: 'The object it is an option of; 0: of the context.',
      }),
      val64: t.field({
        type: 'HexU64',
        defaultValue: 0n,
        description: 'The value to set.',
      }),
    }),
  }),
  toCommand: ({ contextId, optionId, rawOptionId, op, rawOp, objectId, val64 }) => ({
    type: 'Option',
    contextId,
    optionId: choiceOf('optionId', optionId, rawOptionId),
    op: choiceOf('op', op, rawOp),
    objectId: objectId ?? 0,
    val64: val64 ?? 0n,
  }),
  payload: t => ({
    val64: t.field({
      type: 'HexU64',
      description: 'The value read or set.',
      resolve: ({ reply }) => reply.val64,
    }),
  }),
});

const vfioIoas = kernelMutation({
  command: 'VfioIoas',
  description:
    'IOMMU_VFIO_IOAS: which IOAS the VFIO compatible ioctls use (iommufd_vfio_ioas). It holds no reference: destroying the IOAS clears it. Errors: ENODEV, reading and none is set; ENOENT; EOPNOTSUPP, an unknown operation.',
  input: builder.inputType('VfioIoasInput', {
    description: 'Arguments of vfioIoas (struct iommu_vfio_ioas).',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      ioasId: t.field({
        type: 'U32',
        defaultValue: 0,
        description: 'The IOAS to choose; looked at only with IOMMU_VFIO_IOAS_SET.',
      }),
      op: t.field({ type: VfioIoasOp, description: 'What to do. This or rawOp.' }),
      rawOp: t.field({ type: 'U32', description: RAW_CHOICE }),
    }),
  }),
  toCommand: ({ contextId, ioasId, op, rawOp }) => ({
    type: 'VfioIoas',
    contextId,
    ioasId: ioasId ?? 0,
    op: choiceOf('op', op, rawOp),
  }),
  payload: t => ({
    ioasId: t.field({
      type: 'U32',
      description: 'With IOMMU_VFIO_IOAS_GET the IOAS; otherwise what was given.',
      resolve: ({ reply }) => reply.ioasId,
    }),
    ioas: t.field({
      type: IoasType,
      nullable: true,
      description: 'The IOAS it is now; null if none.',
      resolve: payload => {
        const context = payload.machine.state.contexts.get(payload.command.contextId);
        return payloadObject(payload, context?.vfioIoasId ?? 0, 'IOAS');
      },
    }),
  }),
});

export const OPTION_MUTATIONS = {
  Option: option,
  VfioIoas: vfioIoas,
};
