/** Which paths are answered here instead of by the kernel below. */
import { readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { AT_FDCWD } from '../abi/ioctl/linux.ts';
import type { UserMemory } from './native/user-memory.ts';

export const IOMMU_PATH = '/dev/iommu';
/** A VFIO device file, but for its number. */
export const VFIO_DEVICE_PATH = '/dev/vfio/devices/vfio';
/** Longer ones are none of ours. PATH_MAX is 4096. */
const PATH_BYTES = 256;

/** The path a call names, made absolute; null: it cannot be ours, and nothing more was looked at. */
export function ownPath(memory: UserMemory, dirfd: number, pointer: bigint): string | null {
  const bytes = memory.readSome(pointer, PATH_BYTES);
  const end = bytes.indexOf(0);
  if (end < 0) return null;
  const path = bytes.toString('utf8', 0, end);
  // All but a few opens end here, so nothing dear may come before.
  if (!MAY_BE_OURS.test(path)) return null;
  const absolute = posix.isAbsolute(path) ? path : join(memory.tid, dirfd, path);
  const normal = absolute === null ? '' : posix.normalize(absolute);
  return normal === IOMMU_PATH || VFIO_DEVICE.test(normal) ? normal : null;
}

const MAY_BE_OURS = /(?:iommu|vfio\d+)$/;
const VFIO_DEVICE = /^\/dev\/vfio\/devices\/vfio(?:0|[1-9]\d{0,8})$/;

function join(tid: number, dirfd: number, path: string): string | null {
  try {
    const from = dirfd === AT_FDCWD ? `/proc/${tid}/cwd` : `/proc/${tid}/fd/${dirfd}`;
    return posix.join(readlinkSync(from), path);
  } catch {
    return null;
  }
}
