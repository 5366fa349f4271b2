/** One good call and one refused call of each operation of this folder. */
import { type Case, hold } from '../builder/mutation-case.ts';

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
  pciDeviceRemove: {
    good: [
      'bdf: "0000:03:00.0"',
      'events { type }',
      { events: [{ type: 'PhysicalDeviceRemoved' }, { type: 'IommuGroupRemoved' }] },
    ],
    refused: ['bdf: "0000:01:00.0"', 'EBUSY', null],
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
  pageRequestResume: {
    before: hold,
    good: [
      'inFlightId: 1',
      'outcome reportErrno iopfGroup { iopfGroupId }',
      { outcome: 'REPORTED', reportErrno: null, iopfGroup: { iopfGroupId: 1 } },
    ],
    refused: ['inFlightId: 2', 'ENOENT', null],
  },
};
