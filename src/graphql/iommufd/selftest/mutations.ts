/** The kernel's self-test operations (IOMMU_TEST_CMD), on mock devices. */
import { builder } from '../../builder/builder.ts';
import { MockDeviceFlag, PgfaultPerm, RAW_TEXT, wordOf } from '../../builder/enums.ts';
import {
  CONTEXT_ID_FIELD,
  kernelMutation,
  MACHINE_ID_FIELD,
} from '../../builder/kernel-mutation.ts';
import { payloadObject } from '../../builder/payload-object.ts';
import { DeviceType, HwptInterface } from '../../builder/refs.ts';
import { PAGE_REQUEST_PAYLOAD } from '../../hardware/mutations.ts';

const testMockDomain = kernelMutation({
  command: 'TestMockDomain',
  description:
    'IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS: makes a mock device, binds it and attaches it (iommufd_test_mock_domain). Errors: EINVAL for unknown flags; those of attach.',
  input: builder.inputType('TestMockDomainInput', {
    description: 'Arguments of testMockDomain.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      ptId: t.field({
        type: 'U32',
        required: true,
        description: 'A hwpt, or an IOAS: then an automatic hwpt on it is found or made.',
      }),
      devFlags: t.field({ type: [MockDeviceFlag], description: 'What the device is like.' }),
      rawDevFlags: t.field({ type: 'U32', description: RAW_TEXT }),
    }),
  }),
  toCommand: ({ contextId, ptId, devFlags, rawDevFlags }) => ({
    type: 'TestMockDomain',
    contextId,
    ptId,
    devFlags: wordOf(devFlags, rawDevFlags),
  }),
  payload: t => ({
    outStdevId: t.int({
      description:
        'The self-test’s handle: destroying it detaches, unbinds and removes the device.',
      resolve: ({ reply }) => reply.outStdevId,
    }),
    outIdevId: t.int({
      description: 'The DEVICE object.',
      resolve: ({ reply }) => reply.outIdevId,
    }),
    outHwptId: t.int({
      description: 'The hwpt attached.',
      resolve: ({ reply }) => reply.outHwptId,
    }),
    device: t.field({
      type: DeviceType,
      nullable: true,
      description: 'The device, as it is now.',
      resolve: payload => payloadObject(payload, payload.reply.outIdevId, 'DEVICE'),
    }),
  }),
});

const testMockDomainReplace = kernelMutation({
  command: 'TestMockDomainReplace',
  description:
    'IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE: replaces what a mock device is attached to (iommufd_test_mock_domain_replace). Errors: ENOENT; those of deviceReplace.',
  input: builder.inputType('TestMockDomainReplaceInput', {
    description: 'Arguments of testMockDomainReplace.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      stdevId: t.field({ type: 'U32', required: true, description: 'The self-test’s handle.' }),
      ptId: t.field({ type: 'U32', required: true, description: 'A hwpt or an IOAS.' }),
    }),
  }),
  toCommand: ({ contextId, stdevId, ptId }) => ({
    type: 'TestMockDomainReplace',
    contextId,
    stdevId,
    ptId,
  }),
  payload: t => ({
    ptId: t.int({ description: 'The hwpt now attached.', resolve: ({ reply }) => reply.ptId }),
    hwpt: t.field({
      type: HwptInterface,
      nullable: true,
      description: 'The hwpt, as it is now.',
      resolve: payload => payloadObject(payload, payload.reply.ptId, 'HWPT_PAGING', 'HWPT_NESTED'),
    }),
  }),
});

const testTriggerIopf = kernelMutation({
  command: 'TestTriggerIopf',
  description:
    'IOMMU_TEST_OP_TRIGGER_IOPF: a mock device sends one page request (iommufd_test_trigger_iopf). Succeeds whatever becomes of it. Errors: ENOENT; EINVAL, not a mock device.',
  input: builder.inputType('TestTriggerIopfInput', {
    description: 'Arguments of testTriggerIopf. The kernel checks none of the request’s fields.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      devId: t.field({ type: 'U32', required: true, description: 'The DEVICE object.' }),
      pasid: t.field({ type: 'U32', defaultValue: 0, description: '0: without a PASID.' }),
      grpid: t.field({ type: 'U32', required: true, description: 'Page request group index.' }),
      perm: t.field({
        type: [PgfaultPerm],
        description: 'The access asked for. Left out: none, as in a struct of zeros.',
      }),
      rawPerm: t.field({ type: 'U32', description: RAW_TEXT }),
      addr: t.field({ type: 'HexU64', required: true, description: 'The page.' }),
      lastPage: t.boolean({
        defaultValue: true,
        description: 'The last request of its group; the stock driver always sends the last.',
      }),
    }),
  }),
  toCommand: ({ contextId, devId, pasid, grpid, perm, rawPerm, addr, lastPage }) => ({
    type: 'TestTriggerIopf',
    contextId,
    devId,
    pasid: pasid ?? 0,
    grpid,
    perm: wordOf(perm, rawPerm),
    addr,
    lastPage: lastPage ?? true,
  }),
  payload: t => ({
    outcome: t.field(PAGE_REQUEST_PAYLOAD.outcome),
    reportErrno: t.field(PAGE_REQUEST_PAYLOAD.reportErrno),
    iopfGroup: t.field(PAGE_REQUEST_PAYLOAD.iopfGroup),
  }),
});

const testMdCheckIotlb = kernelMutation({
  command: 'TestMdCheckIotlb',
  description:
    'IOMMU_TEST_OP_MD_CHECK_IOTLB: compares an IOTLB word of a nested hwpt (iommufd_test_md_check_iotlb). Errors: ENOENT; EINVAL, it differs.',
  input: builder.inputType('TestMdCheckIotlbInput', {
    description: 'Arguments of testMdCheckIotlb.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      hwptId: t.field({ type: 'U32', required: true, description: 'A nested hwpt.' }),
      iotlbId: t.field({ type: 'U32', required: true, description: 'The word, 0 to 3.' }),
      iotlb: t.field({ type: 'U32', required: true, description: 'What it should be.' }),
    }),
  }),
  toCommand: ({ contextId, hwptId, iotlbId, iotlb }) => ({
    type: 'TestMdCheckIotlb',
    contextId,
    hwptId,
    iotlbId,
    iotlb,
  }),
});

export const SELFTEST_MUTATIONS = {
  TestMockDomain: testMockDomain,
  TestMockDomainReplace: testMockDomainReplace,
  TestTriggerIopf: testTriggerIopf,
  TestMdCheckIotlb: testMdCheckIotlb,
};
