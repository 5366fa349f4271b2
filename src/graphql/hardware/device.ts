/** Physical devices: PCI functions and mock devices. */
import { MOCK_FLAGS_DEVICE_ALL } from '../../abi/uapi.ts';
import type { MockDevice, PciDevice } from '../../core/hardware/state.ts';
import { deviceName } from '../../core/machine/lookup.ts';
import { builder } from '../builder/builder.ts';
import { bitsOf, MockDeviceFlag, ReservedRegionType } from '../builder/enums.ts';
import { DeviceType, IommuGroupType, PhysicalDeviceInterface } from '../builder/refs.ts';
import {
  contextView,
  iommuGroupView,
  objectView,
  type PhysicalDeviceView,
  physicalDeviceView,
} from '../builder/view.ts';
import { PageRequestType } from '../iommu/iopf.ts';

builder.interfaceType(PhysicalDeviceInterface, {
  description: 'A device on a bus, whether a context has bound it or not (struct device).',
  resolveType: ({ device }) => (device.kind === 'PCI' ? 'PciDevice' : 'MockDevice'),
  fields: t => ({
    deviceNo: t.int({
      description: 'Never used again in this machine, unlike an address.',
      resolve: ({ device }) => device.deviceNo,
    }),
    name: t.string({
      description: 'dev_name(): "0000:01:00.0" or "iommufd_mock0".',
      resolve: ({ device }) => deviceName(device),
    }),
    virtfn: t.boolean({
      description: 'It is a virtual function: fault-capable hwpts are refused with EINVAL.',
      resolve: ({ device }) => device.virtfn,
    }),
    iopfFeature: t.boolean({
      description: 'The driver has its IOPF feature on: it may send page requests.',
      resolve: ({ device }) => device.iopfFeature,
    }),
    vpriFailed: t.boolean({
      description:
        'Policy EMULATED_PRI: a failure was answered, and its page requests are not delivered until vpriReset.',
      resolve: ({ device }) => device.vpriFailed,
    }),
    partialRequests: t.field({
      type: [PageRequestType],
      description: 'Requests collected until the last page of their group.',
      resolve: ({ device }) => [...device.partial],
    }),
    iommuGroup: t.field({
      type: IommuGroupType,
      description: 'Its IOMMU group.',
      resolve: ({ machine, device }) => iommuGroupView(machine, device.iommuGroupId)!,
    }),
    device: t.field({
      type: DeviceType,
      nullable: true,
      description: 'Its DEVICE object; null if no context has bound it.',
      resolve: ({ machine, device }) => {
        if (device.binding === null) return null;
        const view = contextView(machine, device.binding.contextId);
        return view && objectView(view, device.binding.deviceId, 'DEVICE');
      },
    }),
  }),
});

interface RegionView {
  readonly type: PciDevice['reservedRegions'][number]['type'];
  readonly start: bigint;
  readonly last: bigint;
}

const ReservedRegion = builder.objectRef<RegionView>('ReservedRegion').implement({
  description: 'A range of IOVAs a device cannot use for DMA, both ends inclusive.',
  fields: t => ({
    type: t.field({ type: ReservedRegionType, description: 'Its kind.', resolve: r => r.type }),
    start: t.expose('start', { type: 'HexU64', description: 'First IOVA.' }),
    last: t.expose('last', { type: 'HexU64', description: 'Last IOVA.' }),
  }),
});

export const PciDeviceType = builder.objectRef<PhysicalDeviceView<PciDevice>>('PciDevice');

PciDeviceType.implement({
  description:
    'A PCI function behind an IOMMU that keeps the whole contract of iommufd’s fault path.',
  interfaces: [PhysicalDeviceInterface],
  fields: t => ({
    bdf: t.field({
      type: 'PciAddress',
      description: 'Where it is.',
      resolve: ({ device }) => device.bdf,
    }),
    physfn: t.field({
      type: PciDeviceType,
      nullable: true,
      description: 'Its physical function, if it is a virtual function.',
      resolve: ({ machine, device }) =>
        device.physfn === null
          ? null
          : (physicalDeviceView(
              machine,
              machine.state.bdfs.get(device.physfn) ?? 0,
            ) as PhysicalDeviceView<PciDevice> | null),
    }),
    pri: t.boolean({
      description: 'It can send page requests.',
      resolve: ({ device }) => device.pri,
    }),
    dirtyTracking: t.boolean({
      description: 'Its IOMMU can track dirty pages.',
      resolve: ({ device }) => device.dirtyTracking,
    }),
    dmaCoherent: t.boolean({
      description: 'DMA is cache-coherent.',
      resolve: ({ device }) => device.dmaCoherent,
    }),
    msiIsolated: t.boolean({
      description: 'Its group isolates MSIs.',
      resolve: ({ device }) => device.msiIsolated,
    }),
    reservedRegions: t.field({
      type: [ReservedRegion],
      description: 'Its reserved regions.',
      resolve: ({ device }) => [...device.reservedRegions],
    }),
  }),
});

builder.objectRef<PhysicalDeviceView<MockDevice>>('MockDevice').implement({
  description: 'A device of the kernel’s self-test.',
  interfaces: [PhysicalDeviceInterface],
  fields: t => ({
    mockDev: t.int({
      description: 'Its number, the lowest free from 0.',
      resolve: ({ device }) => device.mockDev,
    }),
    flags: t.field({
      type: [MockDeviceFlag],
      description: 'What it is like.',
      resolve: ({ device }) => bitsOf(device.devFlags, MOCK_FLAG_BITS),
    }),
  }),
});

const MOCK_FLAG_BITS = Array.from({ length: 31 }, (_, bit) => 1 << bit).filter(
  bit => (MOCK_FLAGS_DEVICE_ALL & bit) !== 0,
);
