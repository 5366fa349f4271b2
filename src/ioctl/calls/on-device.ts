/** Calls on a VFIO device file: ioctl, reads and writes at an offset or where the file stands, mmap. */
import { SYSCALLS } from '../../abi/ioctl/linux.ts';
import { VFIO_PCI_BAR2_REGION_INDEX, VFIO_PCI_OFFSET_SHIFT } from '../../abi/ioctl/vfio-pci.ts';
import type { Notification } from '../native/listener.ts';
import type { Caller } from '../uapi/caller.ts';
import { eachPiece } from '../uapi/fault-file.ts';
import type { VfioDevice } from '../vfio/device.ts';
import { vfioIoctl } from '../vfio/device-ioctl.ts';
import { mayMap, readRegion, writeRegion } from '../vfio/regions.ts';
import { intOf } from './open.ts';
import { ANSWERED, callerOf, PASS, type Post, type Result } from './post.ts';
import { flagsOf, piecesOf, saysWhere, TRANSFERS, type Transfer } from './transfer.ts';

const REGION_MASK = (1n << VFIO_PCI_OFFSET_SHIFT) - 1n;

export function onDevice(
  post: Post,
  notification: Notification,
  device: VfioDevice,
): Promise<Result> | Result {
  const { syscall, args } = notification;
  const caller = callerOf(post, notification);
  if (syscall === SYSCALLS.ioctl) {
    const request = Number(args[1]! & 0xffff_ffffn);
    return vfioIoctl(request, { caller, device, pointer: args[2]!, warn: post.warn });
  }
  // A device's file has no llseek.
  if (syscall === SYSCALLS.lseek) return caller.refuse('ESPIPE', 'OFFSET_REFUSED');
  if (syscall === SYSCALLS.mmap) {
    const may = mayMap(device, args[1]!, intOf(args[3]!), args[5]!);
    if (may) {
      const offset = Number(args[5]! & REGION_MASK);
      device.details = { region: VFIO_PCI_BAR2_REGION_INDEX, offset, length: Number(args[1]!) };
    }
    return may ? PASS : caller.refuse('EINVAL', 'REGION_REFUSED', args[5]!);
  }
  const how = TRANSFERS.get(syscall);
  return how === undefined ? PASS : move(post, notification, caller, device, how);
}

async function move(
  post: Post,
  notification: Notification,
  caller: Caller,
  device: VfioDevice,
  how: Transfer,
): Promise<Result> {
  const { args } = notification;
  const moves = !saysWhere(notification, how);
  if (!moves && args[3]! >= 1n << 63n) return caller.refuse('EINVAL', 'OFFSET_REFUSED');
  if (flagsOf(notification) !== 0n) return caller.refuse('EOPNOTSUPP', 'OFFSET_REFUSED');
  const pieces = piecesOf(caller, args, how.vectored);
  if (typeof pieces === 'number') return pieces;
  if (!caller.isWaiting()) return ANSWERED;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  device.details = { length };
  let position = moves ? device.position : args[3]!;
  const done = await eachPiece(pieces, async piece => {
    const some = how.writes
      ? await writeRegion(caller, device, post.tables, position, piece)
      : await readRegion(caller, post.kernel, device, position, piece);
    if (some > 0) position += BigInt(some);
    return some;
  });
  if (moves) device.position = position;
  return done;
}
