/**
 * ioctls of a VFIO device file (drivers/vfio/{vfio_main,device_cdev,iommufd}.c and
 * drivers/vfio/pci/vfio_pci_core.c, Linux 6.12.117). `argsz` is checked where the kernel does.
 */
import { BLOCK_BYTES, WINDOW_BYTES } from '../../abi/ioctl/dma-block.ts';
import type { IoctlLayout } from '../../abi/ioctl/layout.ts';
import {
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  VFIO_DEVICE_ATTACH_PASID,
  VFIO_DEVICE_BIND_IOMMUFD,
  VFIO_DEVICE_DETACH_IOMMUFD_PT,
  VFIO_DEVICE_DETACH_PASID,
  VFIO_DEVICE_FEATURE,
  VFIO_DEVICE_FLAGS_PCI,
  VFIO_DEVICE_FLAGS_RESET,
  VFIO_DEVICE_GET_INFO,
  VFIO_DEVICE_GET_IRQ_INFO,
  VFIO_DEVICE_GET_PCI_HOT_RESET_INFO,
  VFIO_DEVICE_GET_REGION_INFO,
  VFIO_DEVICE_PCI_HOT_RESET,
  VFIO_DEVICE_RESET,
  VFIO_DEVICE_SET_IRQS,
} from '../../abi/ioctl/vfio.ts';
import {
  PCI_CFG_SPACE_EXP_SIZE,
  VFIO_IRQ_INFO_AUTOMASKED,
  VFIO_IRQ_INFO_EVENTFD,
  VFIO_IRQ_INFO_MASKABLE,
  VFIO_IRQ_INFO_NORESIZE,
  VFIO_IRQ_SET_ACTION_TYPE_MASK,
  VFIO_IRQ_SET_DATA_BOOL,
  VFIO_IRQ_SET_DATA_EVENTFD,
  VFIO_IRQ_SET_DATA_NONE,
  VFIO_IRQ_SET_DATA_TYPE_MASK,
  VFIO_PCI_BAR0_REGION_INDEX,
  VFIO_PCI_BAR2_REGION_INDEX,
  VFIO_PCI_CONFIG_REGION_INDEX,
  VFIO_PCI_INTX_IRQ_INDEX,
  VFIO_PCI_NUM_IRQS,
  VFIO_PCI_NUM_REGIONS,
  VFIO_PCI_OFFSET_SHIFT,
  VFIO_PCI_ROM_REGION_INDEX,
  VFIO_REGION_INFO_FLAG_MMAP,
  VFIO_REGION_INFO_FLAG_READ,
  VFIO_REGION_INFO_FLAG_WRITE,
} from '../../abi/ioctl/vfio-pci.ts';
import { U32_MAX } from '../../abi/uapi.ts';
import { type Caller, failure, type Returned } from '../uapi/caller.ts';
import { Struct } from '../uapi/struct.ts';
import type { VfioDevice } from './device.ts';
import { IRQ_COUNTS, takeFrom } from './interrupts.ts';

/** Who calls, on which file. */
export interface VfioCall {
  readonly caller: Caller;
  readonly device: VfioDevice;
  readonly pointer: bigint;
  readonly warn: (message: string) => void;
}

type Run = (call: VfioCall) => Promise<Returned> | Returned;

/** Reads a structure as far as the kernel does: EFAULT, then EINVAL by `argsz`. */
function read<L extends IoctlLayout>(
  { caller, pointer }: VfioCall,
  { minSize, size, fields }: L,
): Struct<L['fields']> | Returned {
  const bytes = caller.memory.read(pointer, minSize);
  if (bytes === null) return caller.refuse('EFAULT', 'IOCTL_STRUCT_ABSENT', minSize);
  const argsz = bytes.readUInt32LE(0);
  if (argsz < minSize) return caller.refuse('EINVAL', 'IOCTL_ARGSZ_TOO_SMALL', argsz);
  const whole = Buffer.alloc(size);
  bytes.copy(whole);
  return new Struct<L['fields']>(fields, whole);
}

/** Copies `bytes` bytes back, from `offset` on. */
function write(
  { caller, pointer }: VfioCall,
  { bytes }: Struct<IoctlLayout['fields']>,
  offset: number,
  length: number,
): Returned {
  const part = bytes.subarray(offset, offset + length);
  return caller.memory.writeAll(pointer + BigInt(offset), part) ? 0 : failure('EFAULT');
}

/** Source: vfio_df_ioctl_bind_iommufd, iommufd_ctx_from_fd. */
async function bind(call: VfioCall): Promise<Returned> {
  const { caller, device } = call;
  const cmd = read(call, VFIO_DEVICE_BIND_IOMMUFD);
  if (typeof cmd === 'number') return cmd;
  const iommufd = cmd.u32('iommufd') | 0;
  const wrong = cmd.u32('flags') !== 0 || iommufd < 0;
  if (wrong) return caller.refuse('EINVAL', 'IOCTL_FIELD_REFUSED');
  if (device.bound !== null) return caller.refuse('EINVAL', 'DEVICE_IS_BOUND');
  const file = caller.fileAt(iommufd);
  if (file?.kind.type !== 'CONTEXT') {
    const errno = caller.isOpen(iommufd) ? 'EBADFD' : 'EBADF';
    return caller.refuse(errno, 'IOMMUFD_ABSENT', iommufd);
  }
  const { contextId } = file.kind;
  const { bdf } = device;
  const { errno, reply } = await caller.execute({ type: 'DeviceBind', contextId, bdf });
  if (reply === null) return failure(errno);
  const devId = reply.outDevId;
  cmd.set('out_devid', devId);
  const [offset, bytes] = VFIO_DEVICE_BIND_IOMMUFD.fields.out_devid;
  const written = write(call, cmd, offset, bytes);
  if (written !== 0) {
    await caller.execute({ type: 'DeviceUnbind', contextId, devId });
    return written;
  }
  device.bound = { contextId, devId };
  device.enable();
  return 0;
}

/** What is attached or detached: the RID, without a PASID, or the PASID. */
interface Subject {
  readonly pasid?: number;
}

/** From 6.15 on the first flag says that a PASID follows, which is read then, and only then. */
function subjectOf(
  { caller, device, pointer }: VfioCall,
  cmd: Struct<PasidLayout['fields']>,
  flag: number,
  { fields }: PasidLayout,
): Subject | Returned {
  const flags = cmd.u32('flags');
  const known = device.knowsPasids ? flag : 0;
  if ((flags & ~known) !== 0) return caller.refuse('EINVAL', 'IOCTL_FIELD_REFUSED', flags);
  if (flags === 0) return {};
  const argsz = cmd.u32('argsz');
  const [offset, bytes] = fields.pasid;
  if (argsz < offset + bytes) return caller.refuse('EINVAL', 'IOCTL_ARGSZ_TOO_SMALL', argsz);
  const pasid = caller.memory.read(pointer + BigInt(offset), bytes);
  if (pasid === null) return caller.refuse('EFAULT', 'IOCTL_STRUCT_ABSENT', argsz);
  return { pasid: pasid.readUInt32LE(0) };
}

type PasidLayout = typeof VFIO_DEVICE_ATTACH_IOMMUFD_PT | typeof VFIO_DEVICE_DETACH_IOMMUFD_PT;

/**
 * What is attached is attached to another one. If the answer cannot be written the RID is detached,
 * also where a PASID was attached: it is the kernel that does. Source: vfio_df_ioctl_attach_pt.
 */
async function attach(call: VfioCall): Promise<Returned> {
  const cmd = read(call, VFIO_DEVICE_ATTACH_IOMMUFD_PT);
  if (typeof cmd === 'number') return cmd;
  const layout = VFIO_DEVICE_ATTACH_IOMMUFD_PT;
  const subject = subjectOf(call, cmd, VFIO_DEVICE_ATTACH_PASID, layout);
  if (typeof subject === 'number') return subject;
  const { execute } = call.caller;
  const bound = call.device.bound!;
  const ptId = cmd.u32('pt_id');
  const { errno, reply } = await execute({ type: 'DeviceAttach', ...bound, ptId, ...subject });
  if (reply === null) return failure(errno);
  cmd.set('pt_id', reply.outPtId);
  const [offset, bytes] = layout.fields.pt_id;
  const written = write(call, cmd, offset, bytes);
  if (written !== 0) await execute({ type: 'DeviceDetach', ...bound });
  return written;
}

/** Source: vfio_df_ioctl_detach_pt. */
async function detach(call: VfioCall): Promise<Returned> {
  const layout = VFIO_DEVICE_DETACH_IOMMUFD_PT;
  const cmd = read(call, layout);
  if (typeof cmd === 'number') return cmd;
  const subject = subjectOf(call, cmd, VFIO_DEVICE_DETACH_PASID, layout);
  if (typeof subject === 'number') return subject;
  await call.caller.execute({ type: 'DeviceDetach', ...call.device.bound!, ...subject });
  return 0;
}

/** Source: vfio_pci_ioctl_get_info. A function that is not modelled cannot be reset. */
function getInfo(call: VfioCall): Returned {
  const cmd = read(call, VFIO_DEVICE_GET_INFO);
  if (typeof cmd === 'number') return cmd;
  const reset = call.device.isModelled ? VFIO_DEVICE_FLAGS_RESET : 0;
  cmd.set('flags', VFIO_DEVICE_FLAGS_PCI | reset);
  cmd.set('num_regions', VFIO_PCI_NUM_REGIONS);
  cmd.set('num_irqs', VFIO_PCI_NUM_IRQS);
  const { size } = VFIO_DEVICE_GET_INFO;
  return write(call, cmd, 0, Math.min(size, cmd.u32('argsz')));
}

const READ_WRITE = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;

/** Size and flags of each region that is there. */
const REGIONS: ReadonlyMap<number, { readonly size: number; readonly flags: number }> = new Map([
  [VFIO_PCI_BAR0_REGION_INDEX, { size: BLOCK_BYTES, flags: READ_WRITE }],
  [
    VFIO_PCI_BAR2_REGION_INDEX,
    { size: WINDOW_BYTES, flags: READ_WRITE | VFIO_REGION_INFO_FLAG_MMAP },
  ],
  [VFIO_PCI_CONFIG_REGION_INDEX, { size: PCI_CFG_SPACE_EXP_SIZE, flags: READ_WRITE }],
]);

/** Source: vfio_pci_ioctl_get_region_info. BARs and ROM that are not there have no bytes; VGA: EINVAL. */
function getRegionInfo(call: VfioCall): Returned {
  const cmd = read(call, VFIO_DEVICE_GET_REGION_INFO);
  if (typeof cmd === 'number') return cmd;
  const index = cmd.u32('index');
  const known = index <= VFIO_PCI_ROM_REGION_INDEX || index === VFIO_PCI_CONFIG_REGION_INDEX;
  if (!known) return call.caller.refuse('EINVAL', 'IOCTL_FIELD_REFUSED', index);
  call.device.details = { region: index };
  const { size, flags } = REGIONS.get(index) ?? { size: 0, flags: 0 };
  cmd.set('flags', flags);
  cmd.set('size', size);
  cmd.set('offset', BigInt(index) << VFIO_PCI_OFFSET_SHIFT);
  return write(call, cmd, 0, VFIO_DEVICE_GET_REGION_INFO.size);
}

/** Source: vfio_pci_ioctl_get_irq_info. */
function getIrqInfo(call: VfioCall): Returned {
  const cmd = read(call, VFIO_DEVICE_GET_IRQ_INFO);
  if (typeof cmd === 'number') return cmd;
  const index = cmd.u32('index');
  const count = IRQ_COUNTS[index];
  if (count === undefined) return call.caller.refuse('EINVAL', 'IOCTL_FIELD_REFUSED', index);
  call.device.details = { interrupt: index };
  const intx = VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED;
  const other = index === VFIO_PCI_INTX_IRQ_INDEX ? intx : VFIO_IRQ_INFO_NORESIZE;
  cmd.set('flags', VFIO_IRQ_INFO_EVENTFD | other);
  cmd.set('count', count);
  return write(call, cmd, 0, VFIO_DEVICE_GET_IRQ_INFO.size);
}

/** Bytes of an interrupt's data; null: no such type of data. */
const DATA_BYTES: ReadonlyMap<number, number> = new Map([
  [VFIO_IRQ_SET_DATA_NONE, 0],
  [VFIO_IRQ_SET_DATA_BOOL, 1],
  [VFIO_IRQ_SET_DATA_EVENTFD, 4],
]);

/** Source: vfio_pci_ioctl_set_irqs, vfio_set_irqs_validate_and_prepare. */
function setIrqs(call: VfioCall): Returned {
  const { minSize } = VFIO_DEVICE_SET_IRQS;
  const cmd = read(call, VFIO_DEVICE_SET_IRQS);
  if (typeof cmd === 'number') return cmd;
  const [flags, index] = [cmd.u32('flags'), cmd.u32('index')];
  const [start, count] = [cmd.u32('start'), cmd.u32('count')];
  const known = VFIO_IRQ_SET_DATA_TYPE_MASK | VFIO_IRQ_SET_ACTION_TYPE_MASK;
  const there = IRQ_COUNTS[index] ?? 0;
  const bytes = DATA_BYTES.get(flags & VFIO_IRQ_SET_DATA_TYPE_MASK);
  const wrong =
    index >= VFIO_PCI_NUM_IRQS ||
    count >= U32_MAX - start ||
    (flags & ~known) !== 0 ||
    start >= there ||
    start + count > there ||
    bytes === undefined ||
    cmd.u32('argsz') - minSize < count * bytes;
  const { caller, device, pointer } = call;
  if (wrong) return caller.refuse('EINVAL', 'IOCTL_FIELD_REFUSED', index);
  const data = caller.memory.read(pointer + BigInt(minSize), count * bytes);
  if (data === null) return failure('EFAULT');
  device.details = { interrupt: index, flags, count };
  const irq = { flags, index, count, data };
  return device.interrupts.set(irq, takeFrom(caller.memory.tid, call.warn));
}

/** Source: vfio_pci_ioctl_reset. */
async function reset({ caller, device }: VfioCall): Promise<Returned> {
  if (!device.isModelled) return caller.refuse('EINVAL', 'FILE_HAS_NO_CALL');
  const { errno } = await caller.execute({ type: 'DeviceReset', bdf: device.bdf });
  device.reset();
  return failure(errno);
}

/** The feature is none that a function here has. Source: vfio_ioctl_device_feature. */
function feature(call: VfioCall): Returned {
  const cmd = read(call, VFIO_DEVICE_FEATURE);
  return typeof cmd === 'number' ? cmd : call.caller.refuse('ENOTTY', 'FILE_HAS_NO_CALL');
}

/** Neither slot nor bus can be reset (vfio_pci_ioctl_get_pci_hot_reset_info). */
function hotReset(call: VfioCall): Returned {
  const cmd = read(call, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO);
  return typeof cmd === 'number' ? cmd : call.caller.refuse('ENODEV', 'FILE_HAS_NO_CALL');
}

const RUNS: ReadonlyMap<number, Run> = new Map<number, Run>([
  [VFIO_DEVICE_ATTACH_IOMMUFD_PT.request, attach],
  [VFIO_DEVICE_DETACH_IOMMUFD_PT.request, detach],
  [VFIO_DEVICE_GET_INFO.request, getInfo],
  [VFIO_DEVICE_GET_REGION_INFO.request, getRegionInfo],
  [VFIO_DEVICE_GET_IRQ_INFO.request, getIrqInfo],
  [VFIO_DEVICE_SET_IRQS.request, setIrqs],
  [VFIO_DEVICE_RESET, reset],
  [VFIO_DEVICE_FEATURE.request, feature],
  [VFIO_DEVICE_GET_PCI_HOT_RESET_INFO.request, hotReset],
  [VFIO_DEVICE_PCI_HOT_RESET, hotReset],
]);

/** Source: vfio_device_fops_unl_ioctl. Of a device that is not bound all but that is EINVAL. */
export function vfioIoctl(request: number, call: VfioCall): Promise<Returned> | Returned {
  if (request === VFIO_DEVICE_BIND_IOMMUFD.request) return bind(call);
  const { caller, device } = call;
  if (device.bound === null) return caller.refuse('EINVAL', 'DEVICE_NOT_BOUND');
  return RUNS.get(request)?.(call) ?? caller.refuse('ENOTTY', 'IOCTL_UNKNOWN');
}
