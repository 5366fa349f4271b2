/** VFIO's type 1 ioctls of /dev/iommu (iommufd_vfio_ioctl of vfio_compat.c, Linux 6.12.117). */

import type { IoctlLayout } from '../../abi/ioctl/layout.ts';
import {
  INFO_CAP_IOVA_RANGE,
  INFO_DMA_AVAIL,
  VFIO_CHECK_EXTENSION,
  VFIO_GET_API_VERSION,
  VFIO_IOMMU_GET_INFO,
  VFIO_IOMMU_INFO_CAPS,
  VFIO_IOMMU_INFO_PGSIZES,
  VFIO_IOMMU_MAP_DMA,
  VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE,
  VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL,
  VFIO_IOMMU_UNMAP_DMA,
  VFIO_SET_IOMMU,
} from '../../abi/ioctl/vfio.ts';
import { U32_MAX } from '../../abi/uapi.ts';
import type { VfioInfo } from '../../core/iommufd/main/vfio-compat.ts';
import { type Caller, failure, type Returned } from './caller.ts';
import { GONE } from './ioctl-entry.ts';
import { Struct } from './struct.ts';

interface VfioCall {
  readonly caller: Caller;
  readonly contextId: number;
  /** What the program gave: a pointer, or a number. */
  readonly argument: bigint;
}

const CALLS: ReadonlyMap<number, (call: VfioCall) => Promise<Returned>> = new Map([
  [VFIO_GET_API_VERSION, getApiVersion],
  [VFIO_CHECK_EXTENSION, checkExtension],
  [VFIO_SET_IOMMU, setIommu],
  [VFIO_IOMMU_GET_INFO.request, getInfo],
  [VFIO_IOMMU_MAP_DMA.request, mapDma],
  [VFIO_IOMMU_UNMAP_DMA.request, unmapDma],
]);

/** Runs an ioctl whose number is none of iommufd's. */
export async function vfioIoctl(
  caller: Caller,
  contextId: number,
  request: number,
  argument: bigint,
): Promise<Returned> {
  const run = CALLS.get(request);
  if (run === undefined) return caller.refuse('ENOTTY', 'IOCTL_UNKNOWN');
  return run({ caller, contextId, argument });
}

async function getApiVersion({ caller, contextId }: VfioCall): Promise<Returned> {
  const { errno, reply } = await caller.execute({ type: 'VfioGetApiVersion', contextId });
  return reply === null ? failure(errno) : reply.version;
}

async function checkExtension({ caller, contextId, argument }: VfioCall): Promise<Returned> {
  const { errno, reply } = await caller.execute({
    type: 'VfioCheckExtension',
    contextId,
    extension: argument,
  });
  return reply === null ? failure(errno) : reply.supported;
}

async function setIommu({ caller, contextId, argument }: VfioCall): Promise<Returned> {
  const { errno } = await caller.execute({
    type: 'VfioSetIommu',
    contextId,
    iommuType: argument,
  });
  return failure(errno);
}

/** The structure up to where VFIO reads it; what lies beyond is zero. Errors: EFAULT, EINVAL. */
function structOf<L extends IoctlLayout>(
  { caller, argument }: VfioCall,
  layout: L,
): Struct<L['fields']> | Returned {
  const given = caller.memory.read(argument, layout.minSize);
  if (given === null) return caller.refuse('EFAULT', 'IOCTL_STRUCT_ABSENT', layout.minSize);
  const bytes = Buffer.alloc(layout.size);
  given.copy(bytes);
  const cmd = new Struct<L['fields']>(layout.fields, bytes);
  const argsz = cmd.u32('argsz');
  if (argsz < layout.minSize) return caller.refuse('EINVAL', 'IOCTL_STRUCT_TOO_SMALL', argsz);
  return caller.isWaiting() ? cmd : GONE;
}

async function mapDma(call: VfioCall): Promise<Returned> {
  const cmd = structOf(call, VFIO_IOMMU_MAP_DMA);
  if (typeof cmd === 'number') return cmd;
  const { errno } = await call.caller.execute({
    type: 'VfioMapDma',
    contextId: call.contextId,
    flags: cmd.u32('flags'),
    vaddr: cmd.u64('vaddr'),
    iova: cmd.u64('iova'),
    size: cmd.u64('size'),
  });
  return failure(errno);
}

/** How much was unmapped is written back also where unmapping was refused. */
async function unmapDma(call: VfioCall): Promise<Returned> {
  const cmd = structOf(call, VFIO_IOMMU_UNMAP_DMA);
  if (typeof cmd === 'number') return cmd;
  const { errno, reply } = await call.caller.execute({
    type: 'VfioUnmapDma',
    contextId: call.contextId,
    flags: cmd.u32('flags'),
    iova: cmd.u64('iova'),
    size: cmd.u64('size'),
  });
  if (reply === null) return failure(errno);
  cmd.set('size', reply.size);
  const written = call.caller.memory.writeAll(call.argument, cmd.bytes);
  return failure(written ? errno : 'EFAULT');
}

async function getInfo(call: VfioCall): Promise<Returned> {
  const cmd = structOf(call, VFIO_IOMMU_GET_INFO);
  if (typeof cmd === 'number') return cmd;
  const { caller, contextId, argument } = call;
  const { errno, reply } = await caller.execute({ type: 'VfioGetInfo', contextId });
  if (reply === null) return failure(errno);
  const argsz = cmd.u32('argsz');
  const chain = writeChain(call, argsz, [dmaAvail(), iovaRanges(reply)]);
  if (chain === null) return failure('EFAULT');
  cmd.set('flags', VFIO_IOMMU_INFO_PGSIZES | VFIO_IOMMU_INFO_CAPS);
  cmd.set('iova_pgsizes', reply.iovaPgsizes);
  cmd.set('cap_offset', argsz >= chain ? VFIO_IOMMU_GET_INFO.size : 0);
  cmd.set('argsz', chain);
  const room = cmd.bytes.subarray(0, Math.min(argsz, cmd.bytes.length));
  return caller.memory.writeAll(argument, room) ? 0 : failure('EFAULT');
}

/** A capability, in the order in which the kernel writes its parts. */
interface Capability {
  readonly size: number;
  readonly parts: readonly Part[];
}

interface Part {
  readonly at: number;
  readonly bytes: Buffer;
  /** Bytes of the capability for which there must be room. */
  readonly wants: number;
}

/** Where the offset of the next capability stands in a header. */
const NEXT_AT = 4;
const align8 = (size: number) => (size + 7) & ~7;

/**
 * Capabilities behind the structure, as far as there is room. Returns the bytes that all of it takes;
 * null: EFAULT.
 */
function writeChain(
  { caller, argument }: VfioCall,
  argsz: number,
  capabilities: readonly Capability[],
): number | null {
  const write = (at: number, bytes: Buffer) => caller.memory.writeAll(argument + BigInt(at), bytes);
  let total: number = VFIO_IOMMU_GET_INFO.size;
  let before: number | null = null;
  for (const { size, parts } of capabilities) {
    for (const { at, bytes, wants } of parts) {
      if (argsz >= total + wants && !write(total + at, bytes)) return null;
    }
    if (before !== null && argsz >= total) {
      const next = Buffer.alloc(4);
      next.writeUInt32LE(total);
      if (!write(before + NEXT_AT, next)) return null;
    }
    before = total;
    total += align8(size);
  }
  return total;
}

function header(bytes: Buffer, id: number): void {
  bytes.writeUInt16LE(id, 0);
  bytes.writeUInt16LE(1, 2);
}

/** Source: iommufd_fill_cap_dma_avail. */
function dmaAvail(): Capability {
  const { size, fields } = INFO_DMA_AVAIL;
  const bytes = Buffer.alloc(size);
  header(bytes, VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL);
  new Struct(fields, bytes).set('avail', U32_MAX);
  return { size, parts: [{ at: 0, bytes, wants: size }] };
}

const RANGE_BYTES = 16;

/** Ranges where each has room; the head only where all have. Source: iommufd_fill_cap_iova. */
function iovaRanges({ iovaRanges: ranges }: VfioInfo): Capability {
  const { size: head, fields } = INFO_CAP_IOVA_RANGE;
  const size = head + ranges.length * RANGE_BYTES;
  const parts = ranges.map(({ start, last }, index) => {
    const bytes = Buffer.alloc(RANGE_BYTES);
    bytes.writeBigUInt64LE(start, 0);
    bytes.writeBigUInt64LE(last, 8);
    const at = head + index * RANGE_BYTES;
    return { at, bytes, wants: at + RANGE_BYTES };
  });
  const bytes = Buffer.alloc(head);
  header(bytes, VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE);
  new Struct(fields, bytes).set('nr_iovas', ranges.length);
  return { size, parts: [...parts, { at: 0, bytes, wants: size }] };
}
