/** One good call and one refused call of every kernel operation. */
import { expect } from 'vitest';
import type { ErrnoName } from '../../../src/abi/errno.ts';
import { CONTEXTS_PER_MACHINE_MAX } from '../../../src/abi/limits.ts';
import type { Faultline } from '../../../src/server/faultline.ts';
import { sendGroups, succeed } from './testing.ts';

export interface Case {
  /** The input that succeeds, the payload's fields asked for, and what they must be. */
  readonly good: readonly [input: string, fields: string, expected: object];
  /** The input that is refused, with what, and by which kernel function. */
  readonly refused: readonly [input: string, errno: ErrnoName, by: string | null];
  /** What has to be there beside the function that can fault. */
  readonly before?: (server: Faultline) => Promise<unknown>;
  /** Only before the refusal. */
  readonly beforeRefusal?: (server: Faultline) => Promise<unknown>;
  /** What is written back in spite of the refusal. */
  readonly output?: object;
}

const C = 'contextId: 1';
const Q = 'contextId: 1, faultId: 4';

const hold = (server: Faultline) =>
  succeed(server, 'pageRequest', 'bdf: "0000:01:00.0", grpid: 9, addr: "0x9000", hold: true');
const readOne = async (server: Faultline) => {
  await sendGroups(server, 1);
  await succeed(server, 'faultRead', Q);
};
/** stdev 6, device 7, an automatic hwpt 8; nest parent 9, nested hwpt 10. */
const mock = async (server: Faultline) => {
  await succeed(server, 'testMockDomain', `${C}, ptId: 2`);
  const flags = 'flags: [IOMMU_HWPT_ALLOC_NEST_PARENT]';
  await succeed(server, 'hwptAlloc', `${C}, devId: 7, ptId: 2, ${flags}`);
  const nested = `${C}, devId: 7, ptId: 9, selftest: {iotlb: 5}`;
  const { outHwptId } = await succeed(server, 'hwptAlloc', nested, 'outHwptId');
  expect(outHwptId).toBe(10);
};

export const CASES: Readonly<Record<string, Case>> = {
  pciDeviceAdd: {
    good: [
      'device: {bdf: "0000:09:00.0", reservedRegions: [{type: IOMMU_RESV_MSI, start: "0xfee00000", last: "0xfeefffff"}]}',
      'physicalDevice { name ... on PciDevice { pri reservedRegions { type start last } } }',
      {
        physicalDevice: {
          name: '0000:09:00.0',
          pri: true,
          reservedRegions: [{ type: 'IOMMU_RESV_MSI', start: '0xfee00000', last: '0xfeefffff' }],
        },
      },
    ],
    refused: ['device: {bdf: "0000:01:00.0"}', 'EEXIST', null],
  },
  pageRequestResume: {
    before: hold,
    good: [
      'inFlightId: 1',
      'outcome reportErrno iopfGroup { iopfGroupId }',
      { outcome: 'REPORTED', reportErrno: null, iopfGroup: { iopfGroupId: 1 } },
    ],
    refused: ['inFlightId: 2', 'ENOENT', null],
  },
  pciDeviceRemove: {
    good: [
      'bdf: "0000:03:00.0"',
      'events { type }',
      { events: [{ type: 'PhysicalDeviceRemoved' }, { type: 'IommuGroupRemoved' }] },
    ],
    refused: ['bdf: "0000:01:00.0"', 'EBUSY', null],
  },
  contextOpen: {
    good: [
      '',
      'contextId context { contextId fileOpen objectCount }',
      { contextId: 2, context: { contextId: 2, fileOpen: true, objectCount: 0 } },
    ],
    refused: ['', 'ENOMEM', 'iommufd_fops_open'],
    beforeRefusal: ({ engine }) =>
      Promise.all(
        Array.from({ length: CONTEXTS_PER_MACHINE_MAX - 1 }, () =>
          engine.execute('default', { type: 'ContextOpen' }),
        ),
      ),
  },
  contextClose: {
    good: [C, 'released', { released: false }],
    refused: ['contextId: 9', 'EBADF', null],
  },
  destroy: {
    before: server => succeed(server, 'ioasAlloc', C),
    good: [
      `${C}, id: 6`,
      'events { type data }',
      { events: [{ type: 'ObjectDestroyed', data: { contextId: 1, id: 6, objectType: 'IOAS' } }] },
    ],
    refused: [`${C}, id: 4`, 'EBUSY', 'iommufd_object_remove'],
  },
  ioasAlloc: {
    good: [
      C,
      'outIoasId ioas { ioasId users hwptCount }',
      { outIoasId: 6, ioas: { ioasId: 6, users: 1, hwptCount: 0 } },
    ],
    refused: [`${C}, flags: 1`, 'EOPNOTSUPP', 'iommufd_ioas_alloc_ioctl'],
  },
  hwptAlloc: {
    good: [
      `${C}, devId: 1, ptId: 2`,
      'outHwptId hwpt { __typename hwptId users ioas { ioasId } }',
      {
        outHwptId: 6,
        hwpt: { __typename: 'HwptPaging', hwptId: 6, users: 1, ioas: { ioasId: 2 } },
      },
    ],
    refused: [`${C}, devId: 1, ptId: 99`, 'EINVAL', 'iommufd_hwpt_alloc'],
  },
  hwptInvalidate: {
    good: [
      `${C}, hwptId: 5, dataType: IOMMU_HWPT_INVALIDATE_DATA_VTD_S1, entries: [{addr: "0x0", npages: "0xffffffffffffffff"}]`,
      'entryNum',
      { entryNum: 1 },
    ],
    refused: [
      `${C}, hwptId: 5, dataType: IOMMU_HWPT_INVALIDATE_DATA_VTD_S1, entries: [{addr: "0x1000", npages: "0x1"}, {addr: "0x1", npages: "0x1"}]`,
      'EINVAL',
      'ops->cache_invalidate_user',
    ],
    output: { entryNum: 1 },
  },
  getHwInfo: {
    good: [
      `${C}, devId: 1`,
      'outDataType dataLen outCapabilities',
      {
        outDataType: 'IOMMU_HW_INFO_TYPE_INTEL_VTD',
        dataLen: 24,
        outCapabilities: expect.stringMatching(/^0x[0-9a-f]$/),
      },
    ],
    refused: [`${C}, devId: 99`, 'ENOENT', 'iommufd_get_object'],
  },
  faultQueueAlloc: {
    good: [
      C,
      'outFaultId faultQueue { faultId users }',
      { outFaultId: 6, faultQueue: { faultId: 6, users: 2 } },
    ],
    refused: [`${C}, flags: 4`, 'EOPNOTSUPP', 'iommufd_fault_alloc'],
  },
  faultRead: {
    before: server => sendGroups(server, 2, { pages: 2 }),
    good: [
      `${Q}, count: 80`,
      'bytes faults { devId grpid addr rawFlags perm cookie length reserved }',
      {
        bytes: 80,
        faults: [
          {
            devId: 1,
            grpid: 0,
            addr: '0x1000',
            rawFlags: 0,
            perm: ['IOMMU_PGFAULT_PERM_READ'],
            cookie: 1,
            length: 0,
            reserved: 0,
          },
          {
            devId: 1,
            grpid: 0,
            addr: '0x2000',
            rawFlags: 2,
            perm: ['IOMMU_PGFAULT_PERM_READ'],
            cookie: 1,
            length: 0,
            reserved: 0,
          },
        ],
      },
    ],
    refused: [`${Q}, count: 39`, 'ESPIPE', 'iommufd_fault_fops_read'],
  },
  faultWrite: {
    before: readOne,
    good: [
      `${Q}, responses: [{cookie: 1, code: IOMMUFD_PAGE_RESP_INVALID}]`,
      'bytes events { type } faultQueue { faultId }',
      {
        bytes: 8,
        events: [{ type: 'PageResponseWritten' }, { type: 'PageResponseSent' }],
        faultQueue: { faultId: 4 },
      },
    ],
    refused: [
      `${Q}, responses: [{cookie: 77, code: IOMMUFD_PAGE_RESP_SUCCESS}]`,
      'EINVAL',
      'iommufd_fault_fops_write',
    ],
  },
  faultPoll: {
    before: server => sendGroups(server, 1),
    good: [Q, 'readable writable', { readable: true, writable: true }],
    refused: [`${C}, faultId: 9`, 'EBADF', null],
  },
  faultClose: {
    good: [Q, 'contextReleased', { contextReleased: false }],
    refused: [`${C}, faultId: 5`, 'EBADF', null],
  },
  deviceBind: {
    good: [
      `${C}, bdf: "0000:03:00.0"`,
      'outDevId device { devId physicalDevice { name } iommuGroup { domain { kind } owner { contextId } } }',
      {
        outDevId: 6,
        device: {
          devId: 6,
          physicalDevice: { name: '0000:03:00.0' },
          iommuGroup: { domain: { kind: 'BLOCKING' }, owner: { contextId: 1 } },
        },
      },
    ],
    refused: [`${C}, bdf: "0000:01:00.0"`, 'EINVAL', 'vfio_df_ioctl_bind_iommufd'],
  },
  deviceAttach: {
    before: server => succeed(server, 'deviceBind', `${C}, bdf: "0000:03:00.0"`),
    good: [
      `${C}, devId: 6, ptId: 2`,
      'outPtId hwpt { __typename ... on HwptPaging { auto } } device { attached }',
      { outPtId: 7, hwpt: { __typename: 'HwptPaging', auto: true }, device: { attached: true } },
    ],
    refused: [`${C}, devId: 6, ptId: 5`, 'ENODEV', null],
  },
  deviceReplace: {
    good: [
      `${C}, devId: 1, ptId: 3`,
      'outPtId hwpt { hwptId } device { iopfEnabled }',
      { outPtId: 3, hwpt: { hwptId: 3 }, device: { iopfEnabled: 0 } },
    ],
    refused: [`${C}, devId: 1, ptId: 99`, 'ENOENT', 'iommufd_device_change_pt'],
  },
  deviceDetach: {
    good: [
      `${C}, devId: 1`,
      'device { attached hwpt { hwptId } }',
      { device: { attached: false, hwpt: null } },
    ],
    refused: [`${C}, devId: 99`, 'ENOENT', 'vfio_iommufd_physical_detach_ioas'],
  },
  deviceUnbind: {
    good: [`${C}, devId: 1`, 'contextReleased', { contextReleased: false }],
    refused: [`${C}, devId: 2`, 'ENOENT', 'vfio_iommufd_physical_unbind'],
  },
  pageRequest: {
    good: [
      'bdf: "0000:01:00.0", grpid: 3, perm: [IOMMU_PGFAULT_PERM_WRITE], addr: "0x7000"',
      'outcome reportErrno iopfGroup { iopfGroupId cookie requests { addr grpid } }',
      {
        outcome: 'REPORTED',
        reportErrno: null,
        iopfGroup: { iopfGroupId: 1, cookie: null, requests: [{ addr: '0x7000', grpid: 3 }] },
      },
    ],
    refused: ['bdf: "0000:0a:00.0", grpid: 3, addr: "0x7000"', 'ENODEV', null],
  },
  testMockDomain: {
    good: [
      `${C}, ptId: 2, devFlags: [MOCK_FLAGS_DEVICE_NO_DIRTY]`,
      'outStdevId outIdevId outHwptId device { physicalDevice { name ... on MockDevice { flags } } }',
      {
        outStdevId: 6,
        outIdevId: 7,
        outHwptId: 8,
        device: {
          physicalDevice: { name: 'iommufd_mock0', flags: ['MOCK_FLAGS_DEVICE_NO_DIRTY'] },
        },
      },
    ],
    refused: [`${C}, ptId: 99`, 'ENOENT', null],
  },
  testMockDomainReplace: {
    before: mock,
    good: [`${C}, stdevId: 6, ptId: 9`, 'ptId hwpt { hwptId }', { ptId: 9, hwpt: { hwptId: 9 } }],
    refused: [`${C}, stdevId: 7, ptId: 9`, 'ENOENT', 'iommufd_get_object'],
  },
  testTriggerIopf: {
    before: mock,
    good: [
      `${C}, devId: 7, grpid: 1, addr: "0xdeadbeaf"`,
      'outcome reportErrno iopfGroup { iopfGroupId }',
      { outcome: 'REPORTED', reportErrno: 'EINVAL', iopfGroup: null },
    ],
    refused: [`${C}, devId: 1, grpid: 1, addr: "0x0"`, 'EINVAL', 'iommufd_test_trigger_iopf'],
  },
  testMdCheckIotlb: {
    before: mock,
    good: [`${C}, hwptId: 10, iotlbId: 3, iotlb: 5`, 'events { seq }', { events: [] }],
    refused: [`${C}, hwptId: 10, iotlbId: 3, iotlb: 6`, 'EINVAL', 'iommufd_test_md_check_iotlb'],
  },
};
