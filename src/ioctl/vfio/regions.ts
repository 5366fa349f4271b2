/** read, write and mmap of a VFIO device file (vfio_pci_rw, vfio_pci_core_mmap of 6.12.117). */
import type { ErrnoName } from '../../abi/errno.ts';
import { BLOCK_BYTES, WINDOW_BYTES } from '../../abi/ioctl/dma-block.ts';
import { MAP_PRIVATE, MAP_TYPE } from '../../abi/ioctl/linux.ts';
import {
  PCI_CFG_SPACE_EXP_SIZE,
  PCI_COMMAND,
  VFIO_PCI_BAR0_REGION_INDEX,
  VFIO_PCI_BAR2_REGION_INDEX,
  VFIO_PCI_CONFIG_REGION_INDEX,
  VFIO_PCI_OFFSET_SHIFT,
} from '../../abi/ioctl/vfio-pci.ts';
import type { GuestTables } from '../guest/guest-tables.ts';
import type { Kernel } from '../kernel.ts';
import { type Caller, failure, type Returned } from '../uapi/caller.ts';
import type { Piece } from '../uapi/fault-file.ts';
import { EXTENDED } from './config-space.ts';
import type { VfioDevice } from './device.ts';

/** A part of a region. */
interface Place {
  readonly index: number;
  readonly offset: number;
  readonly length: number;
}

/** Bytes of the BARs. */
const BARS: ReadonlyMap<number, number> = new Map([
  [VFIO_PCI_BAR0_REGION_INDEX, BLOCK_BYTES],
  [VFIO_PCI_BAR2_REGION_INDEX, WINDOW_BYTES],
]);

/**
 * What a read or write at a position of the file means. Errors: EINVAL, no such region, or behind its
 * end; EFAULT, a part of the configuration space that is not there; EIO, memory is not decoded.
 */
function placeOf(device: VfioDevice, position: bigint, length: number): Place | ErrnoName {
  const index = Number(position >> VFIO_PCI_OFFSET_SHIFT);
  const offset = Number(position & ((1n << VFIO_PCI_OFFSET_SHIFT) - 1n));
  if (index === VFIO_PCI_CONFIG_REGION_INDEX) {
    const inside = offset < PCI_CFG_SPACE_EXP_SIZE && offset + length <= PCI_CFG_SPACE_EXP_SIZE;
    return inside ? { index, offset, length } : 'EFAULT';
  }
  const size = BARS.get(index) ?? 0;
  if (offset >= size) return 'EINVAL';
  if (!device.configSpace.decodesMemory) return 'EIO';
  return { index, offset, length: Math.min(length, size - offset) };
}

export async function readRegion(
  { memory, refuse }: Caller,
  kernel: Kernel,
  device: VfioDevice,
  position: bigint,
  piece: Piece,
): Promise<Returned> {
  if (device.bound === null) return refuse('EINVAL', 'DEVICE_NOT_BOUND');
  if (piece.length === 0) return 0;
  const place = placeOf(device, position, piece.length);
  if (typeof place === 'string') return refuse(place, 'REGION_REFUSED', position);
  const { index, offset, length } = place;
  let bytes: Buffer;
  if (index === VFIO_PCI_BAR0_REGION_INDEX) bytes = device.registers.read(offset, length);
  else if (index === VFIO_PCI_BAR2_REGION_INDEX) bytes = device.readWindow(offset, length);
  else {
    if (offset + length > EXTENDED) await device.refresh(kernel);
    bytes = device.configSpace.read(offset, length);
  }
  if (!memory.writeAll(piece.address, bytes)) return failure('EFAULT');
  note(device, place, bytes);
  return length;
}

export async function writeRegion(
  caller: Caller,
  device: VfioDevice,
  tables: GuestTables,
  position: bigint,
  piece: Piece,
): Promise<Returned> {
  const { memory, refuse } = caller;
  if (device.bound === null) return refuse('EINVAL', 'DEVICE_NOT_BOUND');
  if (piece.length === 0) return 0;
  const place = placeOf(device, position, piece.length);
  if (typeof place === 'string') return refuse(place, 'REGION_REFUSED', position);
  const { index, offset, length } = place;
  // What is there is written before the part that is not is met.
  const bytes = memory.readSome(piece.address, length);
  if (index === VFIO_PCI_BAR0_REGION_INDEX) {
    for (const channel of device.registers.write(offset, bytes)) {
      await device.start(caller, tables, channel);
    }
  } else if (index === VFIO_PCI_BAR2_REGION_INDEX) device.writeWindow(offset, bytes);
  else device.configSpace.write(offset, bytes);
  note(device, place, bytes, true);
  return bytes.length < length ? failure('EFAULT') : length;
}

/** Bytes of which the log tells. */
const TOLD_BYTES = 8;

/** A piece that moved: the first one says where, and what. */
function note(
  device: VfioDevice,
  { index, offset }: Place,
  bytes: Uint8Array,
  writes = false,
): void {
  const inConfig = writes && index === VFIO_PCI_CONFIG_REGION_INDEX;
  const toCommand = inConfig && offset <= PCI_COMMAND && offset + bytes.length > PCI_COMMAND;
  const first = Buffer.alloc(TOLD_BYTES);
  first.set(bytes.subarray(0, TOLD_BYTES));
  const value = first.readBigUInt64LE(0);
  device.details = {
    ...{ region: index, offset, value },
    ...device.details,
    ...(toCommand ? { busMaster: device.configSpace.isBusMaster } : {}),
  };
}

/** Whether a mapping is one of BAR 2; the kernel below then maps the file. */
export function mayMap(
  device: VfioDevice,
  length: bigint,
  flags: number,
  position: bigint,
): boolean {
  const index = Number(position >> VFIO_PCI_OFFSET_SHIFT);
  const offset = position & ((1n << VFIO_PCI_OFFSET_SHIFT) - 1n);
  return (
    device.bound !== null &&
    (flags & MAP_TYPE) !== MAP_PRIVATE &&
    index === VFIO_PCI_BAR2_REGION_INDEX &&
    offset + length <= WINDOW_BYTES
  );
}
