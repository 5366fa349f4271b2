/** What iommufd tells of a bound device. */
import { builder } from '../../builder/builder.ts';
import { HwInfoType } from '../../builder/enums.ts';
import {
  CONTEXT_ID_FIELD,
  kernelMutation,
  MACHINE_ID_FIELD,
} from '../../builder/kernel-mutation.ts';

const getHwInfo = kernelMutation({
  command: 'GetHwInfo',
  description:
    'IOMMU_GET_HW_INFO: what the IOMMU in front of a device can do (iommufd_get_hw_info). Errors: EOPNOTSUPP, a flag or a type that is not there; ENOENT.',
  input: builder.inputType('GetHwInfoInput', {
    description: 'Arguments of getHwInfo (struct iommu_hw_info).',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      flags: t.field({
        type: 'U32',
        defaultValue: 0,
        description:
          'None exist before 6.17: 0. From then on 1, IOMMU_HW_INFO_FLAG_INPUT_TYPE: the structure of inDataType is wanted.',
      }),
      devId: t.field({ type: 'U32', required: true, description: 'A bound device.' }),
      inDataType: t.field({
        type: HwInfoType,
        description:
          'The kind of structure wanted, looked at with flag 1 alone; left out or NONE: the driver’s own. Another than that is EOPNOTSUPP.',
      }),
      rawInDataType: t.field({
        type: 'U32',
        description: 'The kind as a number, for kinds that have no name.',
      }),
      dataLen: t.field({
        type: 'U32',
        defaultValue: 64,
        description: 'Bytes of the caller’s buffer; 0 asks for the size alone.',
      }),
    }),
  }),
  toCommand: ({ contextId, flags, devId, dataLen, ...input }) => {
    const inDataType = input.rawInDataType ?? input.inDataType ?? null;
    return {
      type: 'GetHwInfo',
      contextId,
      flags: flags ?? 0,
      devId,
      dataLen: dataLen ?? 64,
      ...(inDataType === null ? {} : { inDataType }),
    };
  },
  payload: t => ({
    outDataType: t.field({
      type: HwInfoType,
      description: 'The kind of structure.',
      resolve: ({ reply }) => reply.outDataType,
    }),
    dataLen: t.int({
      description: 'Bytes the kernel has, which may be more than the buffer.',
      resolve: ({ reply }) => reply.dataLen,
    }),
    data: t.string({
      description: 'The structure’s bytes in hex, little endian, as far as the buffer went.',
      resolve: ({ reply }) => reply.data,
    }),
    outMaxPasidLog2: t.int({
      description: 'Width of the device’s PASIDs in bits; 0 without PASIDs.',
      resolve: ({ reply }) => reply.outMaxPasidLog2,
    }),
    outCapabilities: t.field({
      type: 'HexU64',
      description: '0x1 dirty tracking, 0x2 PASIDs may execute, 0x4 privileged PASIDs.',
      resolve: ({ reply }) => reply.outCapabilities,
    }),
  }),
});

export const DEVICE_MUTATIONS = {
  GetHwInfo: getHwInfo,
};
