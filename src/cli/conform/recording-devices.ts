/** The PCI functions of a recording: made as they are opened, and their page requests as they were read. */
import { HWPT_PGFAULT } from '../../abi/ioctl/iommufd.ts';
import { IOMMU_PGFAULT_FLAGS_LAST_PAGE, IOMMU_PGFAULT_FLAGS_PASID_VALID } from '../../abi/uapi.ts';
import type { ReservedRegion, ReservedRegionType } from '../../core/hardware/state.ts';
import { must } from '../../core/machine/assert.ts';
import { pciFunction } from '../../engine/trace/topology.ts';
import type { Kernel } from '../../ioctl/kernel.ts';
import type {
  RecordedCall,
  RecordedDevice,
  RecordedFile,
} from '../../ioctl/record/recorded-call.ts';
import { RecordedMemory } from '../../ioctl/record/recorded-memory.ts';
import type { Piece } from '../../ioctl/uapi/fault-file.ts';
import { Struct } from '../../ioctl/uapi/struct.ts';
import { VfioDevice } from '../../ioctl/vfio/device.ts';

/** What sysfs calls each type of a reserved region (iommu_group_resv_type_string). */
const REGION_TYPES: Readonly<Record<string, ReservedRegionType>> = {
  direct: 'DIRECT',
  'direct-relaxable': 'DIRECT_RELAXABLE',
  reserved: 'RESERVED',
  msi: 'MSI',
};

export class RecordedDevices {
  private readonly byFile = new Map<RecordedFile, VfioDevice>();

  of(file: RecordedFile): VfioDevice | null {
    return this.byFile.get(file) ?? null;
  }

  /** The function is added when it is first opened. */
  async open(kernel: Kernel, file: RecordedFile, { bdf, reservedRegions }: RecordedDevice) {
    const known = await kernel.functions();
    if (!known.some(look => look.bdf === bdf)) {
      const device = pciFunction(bdf, { reservedRegions: reservedRegions.flatMap(regionOf) });
      await kernel.execute({ type: 'PciDeviceAdd', device });
    }
    const look = (await kernel.functions()).find(each => each.bdf === bdf);
    this.byFile.set(file, new VfioDevice(must(look, `function ${bdf}`)));
  }

  async close(kernel: Kernel, file: RecordedFile): Promise<void> {
    const device = this.byFile.get(file);
    this.byFile.delete(file);
    if (device?.bound == null) return;
    await kernel.execute({ type: 'DeviceUnbind', ...device.bound });
  }

  /**
   * Hardware sent what a program then read: the page requests of functions are sent before a read. Those
   * of mock devices are sent by the program itself.
   */
  async request(
    kernel: Kernel,
    { after, returned }: RecordedCall & { call: 'read' | 'write' },
    pieces: readonly Piece[],
  ) {
    const { size, fields } = HWPT_PGFAULT;
    const memory = new RecordedMemory(after, after);
    const bytes = Buffer.concat(
      pieces.map(({ address, length }) => memory.readSome(address, length)),
    );
    for (let at = 0; at + size <= Math.min(returned, bytes.length); at += size) {
      const message = new Struct(fields, bytes.subarray(at, at + size));
      const devId = message.u32('dev_id');
      const device = [...this.byFile.values()].find(({ bound }) => bound?.devId === devId);
      if (device === undefined) continue;
      const flags = message.u32('flags');
      await kernel.execute({
        type: 'PageRequestSend',
        bdf: device.bdf,
        pasid: (flags & IOMMU_PGFAULT_FLAGS_PASID_VALID) === 0 ? null : message.u32('pasid'),
        grpid: message.u32('grpid'),
        perm: message.u32('perm'),
        addr: message.u64('addr'),
        lastPage: (flags & IOMMU_PGFAULT_FLAGS_LAST_PAGE) !== 0,
      });
    }
  }
}

/** A line of sysfs: `0x… 0x… msi`. */
function regionOf(line: string): ReservedRegion[] {
  const [start, last, name] = line.split(' ');
  const type = REGION_TYPES[name ?? ''];
  return type === undefined ? [] : [{ type, start: BigInt(start!), last: BigInt(last!) }];
}
