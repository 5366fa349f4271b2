/** Device numbers of the files, and what the kernel calls them in /proc/…/fd. */
import type { FileKind } from '../files.ts';

/** Of misc devices; the minor is one of those that are given out on demand. */
const MISC_MAJOR = 10;
const IOMMU_MINOR = 126;
/** Of a class that is given its major on demand. */
export const VFIO_DEVICE_MAJOR = 511;

export interface DeviceNumber {
  readonly major: number;
  readonly minor: number;
}

export const IOMMU_NUMBER: DeviceNumber = { major: MISC_MAJOR, minor: IOMMU_MINOR };

export function vfioNumber(vfioNo: number): DeviceNumber {
  return { major: VFIO_DEVICE_MAJOR, minor: vfioNo };
}

/** Source: new_encode_dev, with both below 4096 and 256. */
export function encoded({ major, minor }: DeviceNumber): bigint {
  return BigInt((major << 8) | (minor & 0xff)) | (BigInt(minor >> 8) << 20n);
}

/** The number of a file's device; null: it is an anonymous one. */
export function numberOf(kind: FileKind): DeviceNumber | null {
  if (kind.type === 'CONTEXT') return IOMMU_NUMBER;
  return kind.type === 'DEVICE' ? vfioNumber(kind.vfioNo) : null;
}

/** What readlink of /proc/…/fd/N says. */
export function linkOf(kind: FileKind): string | null {
  switch (kind.type) {
    case 'CONTEXT':
      return '/dev/iommu';
    case 'DEVICE':
      return `/dev/vfio/devices/vfio${kind.vfioNo}`;
    case 'FAULT':
      return 'anon_inode:[iommufd-pgfault]';
    case 'ACCESS':
      return 'anon_inode:[iommufd_test_staccess]';
    case 'FAIL_NTH':
      return null;
  }
}
