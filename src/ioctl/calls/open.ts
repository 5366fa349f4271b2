/** Opening /dev/iommu and VFIO device files. */
import { AT_FDCWD, O_CLOEXEC, O_PATH, SYSCALLS } from '../../abi/ioctl/linux.ts';
import type { Notification } from '../native/listener.ts';
import { UserMemory } from '../native/user-memory.ts';
import { IOMMU_PATH, ownPath, VFIO_DEVICE_PATH } from '../paths.ts';
import { processFacts } from '../process-facts.ts';
import { failure } from '../uapi/caller.ts';
import { VfioDevice } from '../vfio/device.ts';
import {
  ANSWERED,
  isExact,
  NO_NUMBER_FREE,
  numberInRange,
  PASS,
  type Post,
  type Result,
} from './post.ts';

/** The low half of an argument, as the int it is. */
export function intOf(argument: bigint): number {
  return Number(argument & 0xffff_ffffn) | 0;
}

interface Opening {
  readonly path: bigint;
  readonly dirfd: number;
  /** The flags; for openat2 they are in a structure of their own. */
  readonly flags: () => number;
}

function openingOf({ tid, syscall, args }: Notification): Opening | null {
  const [first, second, third] = args;
  switch (syscall) {
    case SYSCALLS.openat:
      return { dirfd: intOf(first!), path: second!, flags: () => intOf(third!) };
    case SYSCALLS.openat2:
      return {
        dirfd: intOf(first!),
        path: second!,
        flags: () => new UserMemory(tid).read(third!, 4)?.readInt32LE(0) ?? O_PATH,
      };
    case SYSCALLS.open:
      return { dirfd: AT_FDCWD, path: first!, flags: () => intOf(second!) };
    case SYSCALLS.creat:
      return { dirfd: AT_FDCWD, path: first!, flags: () => 0 };
    default:
      return null;
  }
}

/** Whether a call opens a file by its path. */
export function isOpen({ syscall }: Notification): boolean {
  return (
    syscall === SYSCALLS.openat ||
    syscall === SYSCALLS.open ||
    syscall === SYSCALLS.openat2 ||
    syscall === SYSCALLS.creat
  );
}

/** Whether it opens a file of ours. All others are to run at once: there are many of them. */
export function opensOurs(notification: Notification): boolean {
  const opening = openingOf(notification);
  if (opening === null) return false;
  const { dirfd, path, flags } = opening;
  return (
    ownPath(new UserMemory(notification.tid), dirfd, path) !== null && (flags() & O_PATH) === 0
  );
}

/** An open of one of our paths. */
export async function openOurs(post: Post, notification: Notification): Promise<Result> {
  const { dirfd, path } = openingOf(notification)!;
  const own = ownPath(new UserMemory(notification.tid), dirfd, path);
  if (own === null) return PASS;
  return own === IOMMU_PATH
    ? openContext(post, notification)
    : openDevice(post, notification, Number(own.slice(VFIO_DEVICE_PATH.length)));
}

/** A VFIO device file: it gets a number that is told, and can do nothing until it is bound. */
async function openDevice(post: Post, notification: Notification, number: number): Promise<Result> {
  const { kernel, listener, files, devices } = post;
  const flags = openingOf(notification)!.flags();
  const look = (await kernel.functions()).find(({ vfioNo }) => vfioNo === number);
  if (!listener.isValid(notification)) return PASS;
  if (look === undefined) return failure('ENOENT');
  const fd = isExact(post) ? undefined : numberInRange(post, notification, 0);
  if (fd === null) return NO_NUMBER_FREE;
  const closeOnExec = (flags & O_CLOEXEC) !== 0;
  const place = fd === undefined ? {} : { fd };
  const kind = { type: 'VFIO', bdf: look.bdf } as const;
  const file = files.create(kind, flags, source => {
    return listener.addFd(notification, source, { closeOnExec, answers: true, ...place }) >= 0;
  });
  if (file === null) return NO_NUMBER_FREE;
  devices.add(file, new VfioDevice(look));
  return ANSWERED;
}

/** open("/dev/iommu"): the file gets the lowest free number, and answers the call. */
async function openContext(post: Post, notification: Notification): Promise<Result> {
  const { kernel, listener, files, privileges } = post;
  const flags = openingOf(notification)!.flags();
  const process = processFacts(notification.tid, privileges);
  if (!listener.isValid(notification)) return PASS;
  const { errno, reply } = await kernel.execute({ type: 'ContextOpen', process });
  if (reply === null) return failure(errno);
  const { contextId } = reply;
  post.processes.uses(contextId, notification.tid);
  const closeOnExec = (flags & O_CLOEXEC) !== 0;
  const file = files.create(
    { type: 'CONTEXT', contextId },
    flags,
    source => listener.addFd(notification, source, { closeOnExec, answers: true }) >= 0,
  );
  if (file === null) {
    await kernel.execute({ type: 'ContextClose', contextId });
    return NO_NUMBER_FREE;
  }
  return ANSWERED;
}
