/** One good call and one refused call of each operation of this folder. */
import { C, type Case, Q, readOne } from '../../builder/mutation-case.ts';
import { sendGroups } from '../../builder/testing.ts';

export const CASES: Readonly<Record<string, Case>> = {
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
};
