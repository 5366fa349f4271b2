/** One good call and one refused call of each operation of this folder. */
import { expect } from 'vitest';
import { C, type Case } from '../../builder/mutation-case.ts';

export const CASES: Readonly<Record<string, Case>> = {
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
};
