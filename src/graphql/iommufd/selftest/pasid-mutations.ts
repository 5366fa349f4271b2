/** The self-test's operations on PASIDs of mock devices, from Linux 6.15 on. */
import { builder } from '../../builder/builder.ts';
import {
  CONTEXT_ID_FIELD,
  kernelMutation,
  MACHINE_ID_FIELD,
} from '../../builder/kernel-mutation.ts';
import { type PayloadPlace, payloadObject } from '../../builder/payload-object.ts';
import { DeviceType, HwptInterface } from '../../builder/refs.ts';

const STDEV_ID_FIELD = {
  type: 'U32',
  required: true,
  description: 'The self-test’s handle of a mock device.',
} as const;

const PASID_FIELD = {
  type: 'U32',
  required: true,
  description:
    'The PASID. With MOCK_FLAGS_DEVICE_PASID a mock device has 0 to 1048575, without it 0 alone, which is the RID. 1024 is there for tests: every second time that it is set is ENOMEM.',
} as const;

const PT_ID_FIELD = {
  type: 'U32',
  required: true,
  description:
    'A hwpt made with IOMMU_HWPT_ALLOC_PASID. An IOAS is for PASID 0 alone: automatic hwpts are not for PASIDs.',
} as const;

interface Moved extends PayloadPlace {
  readonly command: { readonly contextId: number; readonly stdevId: number };
  readonly reply: { readonly ptId: number };
}

const HWPT_NOW = {
  type: HwptInterface,
  nullable: true,
  description: 'The hwpt, as it is now.',
  resolve: (payload: Moved) =>
    payloadObject(payload, payload.reply.ptId, 'HWPT_PAGING', 'HWPT_NESTED'),
} as const;

const DEVICE_NOW = {
  type: DeviceType,
  nullable: true,
  description: 'The DEVICE object of the mock device, as it is now.',
  resolve: (payload: Omit<Moved, 'reply'>) => {
    const selftest = payloadObject(payload, payload.command.stdevId, 'SELFTEST');
    return selftest && payloadObject(payload, selftest.object.deviceId, 'DEVICE');
  },
} as const;

const testPasidAttach = kernelMutation({
  command: 'TestPasidAttach',
  description:
    'IOMMU_TEST_OP_PASID_ATTACH: attaches one PASID of a mock device, from Linux 6.15 on (iommufd_test_pasid_attach). The first device of a group to attach it asks the driver. Errors: EOPNOTSUPP, an older kernel; ENOENT; EBUSY, the device is attached by it; EINVAL, it has no such PASID, the group’s PASID is on another hwpt, or the hwpt or that of the RID was made without IOMMU_HWPT_ALLOC_PASID; those of the driver.',
  input: builder.inputType('TestPasidAttachInput', {
    description: 'Arguments of testPasidAttach.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      stdevId: t.field(STDEV_ID_FIELD),
      pasid: t.field(PASID_FIELD),
      ptId: t.field(PT_ID_FIELD),
    }),
  }),
  toCommand: ({ contextId, stdevId, pasid, ptId }) => ({
    type: 'TestPasidAttach',
    contextId,
    stdevId,
    pasid,
    ptId,
  }),
  payload: t => ({
    ptId: t.int({ description: 'The hwpt attached.', resolve: ({ reply }) => reply.ptId }),
    hwpt: t.field(HWPT_NOW),
    device: t.field(DEVICE_NOW),
  }),
});

const testPasidReplace = kernelMutation({
  command: 'TestPasidReplace',
  description:
    'IOMMU_TEST_OP_PASID_REPLACE: moves one PASID of a mock device’s whole group to another hwpt, from Linux 6.15 on (iommufd_test_pasid_replace). Page request groups that came by the old attach handle are answered INVALID. Errors: as testPasidAttach, but EBUSY; EINVAL, the device is not attached by it.',
  input: builder.inputType('TestPasidReplaceInput', {
    description: 'Arguments of testPasidReplace.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      stdevId: t.field(STDEV_ID_FIELD),
      pasid: t.field(PASID_FIELD),
      ptId: t.field(PT_ID_FIELD),
    }),
  }),
  toCommand: ({ contextId, stdevId, pasid, ptId }) => ({
    type: 'TestPasidReplace',
    contextId,
    stdevId,
    pasid,
    ptId,
  }),
  payload: t => ({
    ptId: t.int({ description: 'The hwpt now attached.', resolve: ({ reply }) => reply.ptId }),
    hwpt: t.field(HWPT_NOW),
    device: t.field(DEVICE_NOW),
  }),
});

const testPasidDetach = kernelMutation({
  command: 'TestPasidDetach',
  description:
    'IOMMU_TEST_OP_PASID_DETACH: detaches one PASID of a mock device, from Linux 6.15 on (iommufd_test_pasid_detach). The last device of its group leaves it blocking and has its page request groups answered INVALID. One that is not attached: success. Errors: EOPNOTSUPP, an older kernel; ENOENT.',
  input: builder.inputType('TestPasidDetachInput', {
    description: 'Arguments of testPasidDetach.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      stdevId: t.field(STDEV_ID_FIELD),
      pasid: t.field(PASID_FIELD),
    }),
  }),
  toCommand: ({ contextId, stdevId, pasid }) => ({
    type: 'TestPasidDetach',
    contextId,
    stdevId,
    pasid,
  }),
  payload: t => ({ device: t.field(DEVICE_NOW) }),
});

const testPasidCheckHwpt = kernelMutation({
  command: 'TestPasidCheckHwpt',
  description:
    'IOMMU_TEST_OP_PASID_CHECK_HWPT: compares what a PASID of a mock device’s group is attached to, from Linux 6.15 on (iommufd_test_pasid_check_hwpt). Errors: EOPNOTSUPP, an older kernel; ENOENT; EINVAL, it differs, or hwptId names no hwpt.',
  input: builder.inputType('TestPasidCheckHwptInput', {
    description: 'Arguments of testPasidCheckHwpt.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      stdevId: t.field(STDEV_ID_FIELD),
      pasid: t.field(PASID_FIELD),
      hwptId: t.field({
        type: 'U32',
        required: true,
        description: 'What it should be attached to; 0: to nothing.',
      }),
    }),
  }),
  toCommand: ({ contextId, stdevId, pasid, hwptId }) => ({
    type: 'TestPasidCheckHwpt',
    contextId,
    stdevId,
    pasid,
    hwptId,
  }),
});

export const PASID_MUTATIONS = {
  TestPasidAttach: testPasidAttach,
  TestPasidReplace: testPasidReplace,
  TestPasidDetach: testPasidDetach,
  TestPasidCheckHwpt: testPasidCheckHwpt,
};
