/** Paths that are answered here, and what they stand for. */
import type { CallFile } from '../abi/call-refusal-rules.ts';

export const IOMMU_PATH = '/dev/iommu';

/** The path of a VFIO device file. */
export function vfioPath(vfioNo: number): string {
  return `/dev/vfio/devices/vfio${vfioNo}`;
}

const VFIO_DEVICE = /^\/dev\/vfio\/devices\/vfio(0|[1-9]\d{0,8})$/;

/** The number of the VFIO device file that a path names; null: it names none. */
export function vfioNumberAt(path: string): number | null {
  const number = VFIO_DEVICE.exec(path)?.[1];
  return number === undefined ? null : Number(number);
}

/** What a path of ours stands for. */
export type OwnPath =
  | { readonly type: 'CONTEXT' }
  /** A VFIO device file of this number, whether there is one or not. */
  | { readonly type: 'DEVICE'; readonly number: number }
  /** /proc/…/fail-nth of a thread. */
  | { readonly type: 'FAIL_NTH'; readonly tid: number }
  /** A file or folder of the tree, at this place. */
  | { readonly type: 'TREE'; readonly place: string }
  /** What may be shown of the machine's functions, or be the host's. */
  | { readonly type: 'SYSFS'; readonly path: string }
  /** An open file, by its link in /proc/…/fd; it may be none of ours. */
  | { readonly type: 'FILE'; readonly tid: number; readonly number: number }
  /** It can be named, and not be opened or asked about so: negative errno, and of which file. */
  | { readonly type: 'REFUSED'; readonly returned: number; readonly file: CallFile | null }
  /** What the link of /proc/…/fd to a file of ours says, or that of a folder of ours. */
  | { readonly type: 'LINK'; readonly target: string };

/** Which of iommufd's and VFIO's files a path opens; null: none of them. */
export function fileOf({ type }: OwnPath): CallFile | null {
  return type === 'CONTEXT' || type === 'DEVICE' ? type : null;
}
