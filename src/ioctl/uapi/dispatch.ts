/** An ioctl of /dev/iommu from its number to its answer (iommufd_fops_ioctl, Linux 6.12.117). */
import {
  IOMMUFD_CMD_BASE,
  IOMMUFD_CMD_LAST,
  IOMMUFD_TYPE,
  IOMMUFD_TYPE_MASK,
} from '../../abi/ioctl/iommufd.ts';
import type { Caller, Returned } from './caller.ts';
import { HWPT_CALLS } from './hwpt.ts';
import { IOAS_CALLS } from './ioas.ts';
import type { IoctlEntry } from './ioctl-entry.ts';
import { MAIN_CALLS } from './main.ts';
import { SELFTEST_CALLS } from './selftest.ts';
import { vfioIoctl } from './vfio-compat.ts';

/** The dispatch table: every ioctl with what runs it. */
const CALLS: ReadonlyMap<number, IoctlEntry> = new Map(
  [...MAIN_CALLS, ...IOAS_CALLS, ...HWPT_CALLS, ...SELFTEST_CALLS].map(entry => [
    entry.request,
    entry,
  ]),
);

/** Every structure begins with its size. */
const SIZE_BYTES = 4;

/** Whether a number of ours reaches the table; others are VFIO's. */
function reachesTable(request: number): boolean {
  const number = request & 0xff;
  return number >= IOMMUFD_CMD_BASE && number <= IOMMUFD_CMD_LAST;
}

/** Runs an ioctl on a context's file. */
export async function iommufdIoctl(
  caller: Caller,
  contextId: number,
  request: number,
  pointer: bigint,
): Promise<Returned> {
  // The bits of the type agree: the filter lets nothing else through.
  const known = (request & IOMMUFD_TYPE_MASK) >>> 0 === IOMMUFD_TYPE;
  if (!known) return caller.refuse('ENOTTY', 'IOCTL_UNKNOWN');
  if (!reachesTable(request)) return vfioIoctl(caller, contextId, request, pointer);
  const entry = CALLS.get(request);
  // The whole structure with its size: what of it is not there is looked at when it is needed.
  const head = caller.memory.readSome(pointer, entry?.size ?? SIZE_BYTES);
  if (head.length < SIZE_BYTES) return caller.refuse('EFAULT', 'IOCTL_SIZE_ABSENT');
  if (entry === undefined) return caller.refuse('ENOTTY', 'IOCTL_UNKNOWN');
  return entry.run(caller, contextId, pointer, head);
}
