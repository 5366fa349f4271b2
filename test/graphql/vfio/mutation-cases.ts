/** One good call and one refused call of each operation of this folder. */
import { C, type Case } from '../builder/mutation-case.ts';
import { succeed } from '../builder/testing.ts';

export const CASES: Readonly<Record<string, Case>> = {
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
    refused: [`${C}, devId: 1, ptId: 99`, 'ENOENT', 'iommufd_get_object'],
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
};
