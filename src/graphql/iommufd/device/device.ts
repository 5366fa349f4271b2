/** Devices bound to a context, the self-test's handles, physical devices and IOMMU groups. */
import { MOCK_FLAGS_DEVICE_ALL } from '../../../abi/uapi.ts';
import type { MockDevice, PciDevice } from '../../../core/hardware/state.ts';
import type { GroupDomain } from '../../../core/iommu/state.ts';
import { deviceName } from '../../../core/machine/lookup.ts';
import { builder } from '../../builder/builder.ts';
import { bitsOf, MockDeviceFlag, ReservedRegionType } from '../../builder/enums.ts';
import {
  AttachHandleType,
  ContextType,
  DeviceType,
  HwptInterface,
  IommuGroupType,
  ObjectInterface,
  PhysicalDeviceInterface,
  SelftestDeviceType,
} from '../../builder/refs.ts';
import {
  ascending,
  attachHandleView,
  type ContextView,
  contextView,
  type IommuGroupView,
  iommuGroupView,
  objectView,
  objectViews,
  type PhysicalDeviceView,
  physicalDeviceView,
} from '../../builder/view.ts';
import { PageRequestType } from '../../iommu/iopf.ts';
import { objectNode } from '../main/context.ts';

builder.node(DeviceType, {
  ...objectNode('DEVICE'),
  description: 'A physical device bound to a context (struct iommufd_device).',
  interfaces: [ObjectInterface],
  fields: t => ({
    devId: t.int({ description: 'Its object id.', resolve: ({ object }) => object.id }),
    physicalDevice: t.field({
      type: PhysicalDeviceInterface,
      description: 'The device itself.',
      resolve: ({ machine, object }) => physicalDeviceView(machine, object.deviceNo)!,
    }),
    iommuGroup: t.field({
      type: IommuGroupType,
      description: 'Its IOMMU group: the unit that attach, replace and detach move.',
      resolve: ({ machine, object }) => iommuGroupView(machine, object.iommuGroupId)!,
    }),
    attached: t.boolean({
      description: 'It is in its group’s device_list.',
      resolve: ({ object }) => object.attached,
    }),
    hwpt: t.field({
      type: HwptInterface,
      nullable: true,
      description: 'What it is attached to; null if it is not.',
      resolve: view => {
        if (!view.object.attached) return null;
        const group = view.machine.state.iommuGroups.get(view.object.iommuGroupId);
        return objectView(view, group?.hwptId ?? null, 'HWPT_PAGING', 'HWPT_NESTED');
      },
    }),
    iopfEnabled: t.int({
      description:
        'idev->iopf_enabled: 1 on the device that attached or replaced its group to a fault-capable hwpt.',
      resolve: ({ object }) => object.iopfEnabled,
    }),
  }),
});

builder.node(SelftestDeviceType, {
  ...objectNode('SELFTEST'),
  description: 'The self-test’s handle of a mock device: destroying it detaches and unbinds.',
  interfaces: [ObjectInterface],
  fields: t => ({
    device: t.field({
      type: DeviceType,
      nullable: true,
      description: 'Its DEVICE object.',
      resolve: view => objectView(view, view.object.deviceId, 'DEVICE'),
    }),
  }),
});

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

const PciDeviceType = builder.objectRef<PhysicalDeviceView<PciDevice>>('PciDevice');
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

const GroupDomainKind = builder.enumType('GroupDomainKind', {
  description: 'What an IOMMU group translates through.',
  values: {
    DEFAULT: { description: 'The kernel’s default domain: nobody owns DMA.' },
    BLOCKING: { description: 'The blocking domain: owned, nothing attached, all DMA fails.' },
    HWPT: { description: 'The domain of a hwpt.' },
  } as const,
});

const GroupDomainType = builder
  .objectRef<{ domain: GroupDomain; group: IommuGroupView }>('GroupDomain')
  .implement({
    description: 'What the hardware of an IOMMU group translates through right now.',
    fields: t => ({
      kind: t.field({
        type: GroupDomainKind,
        description: 'Which kind of domain.',
        resolve: ({ domain }) => domain.kind,
      }),
      hwpt: t.field({
        type: HwptInterface,
        nullable: true,
        description: 'The hwpt, if it is one’s domain.',
        resolve: ({ domain, group }) => {
          if (domain.kind !== 'HWPT') return null;
          const view = contextView(group.machine, domain.contextId);
          return view && objectView(view, domain.hwptId, 'HWPT_PAGING', 'HWPT_NESTED');
        },
      }),
    }),
  });

function ownerView({ machine, group }: IommuGroupView): ContextView | null {
  return group.ownerContextId === null ? null : contextView(machine, group.ownerContextId);
}

IommuGroupType.implement({
  description:
    'Devices that the IOMMU cannot tell apart; they share one domain (struct iommu_group, struct iommufd_group).',
  fields: t => ({
    iommuGroupId: t.int({
      description: 'Its number.',
      resolve: ({ group }) => group.iommuGroupId,
    }),
    physicalDevices: t.field({
      type: [PhysicalDeviceInterface],
      description: 'Its members, bound or not.',
      resolve: ({ machine, group }) =>
        group.deviceNos.map(deviceNo => physicalDeviceView(machine, deviceNo)!),
    }),
    owner: t.field({
      type: ContextType,
      nullable: true,
      description: 'The context that owns DMA; null: the kernel’s own driver may use it.',
      resolve: ownerView,
    }),
    boundDevices: t.field({
      type: [DeviceType],
      description: 'Members the owner has bound.',
      resolve: view => {
        const owner = ownerView(view);
        return owner === null
          ? []
          : objectViews(
              owner,
              ascending(view.group.boundDeviceIds),
              Number.POSITIVE_INFINITY,
              'DEVICE',
            );
      },
    }),
    attachedDevices: t.field({
      type: [DeviceType],
      description: 'Members attached, in order of attachment (igroup->device_list).',
      resolve: view => {
        const owner = ownerView(view);
        return owner === null
          ? []
          : objectViews(owner, view.group.attachedDeviceIds, Number.POSITIVE_INFINITY, 'DEVICE');
      },
    }),
    hwpt: t.field({
      type: HwptInterface,
      nullable: true,
      description: 'igroup->hwpt: what its members are attached to.',
      resolve: view => {
        const owner = ownerView(view);
        return owner && objectView(owner, view.group.hwptId, 'HWPT_PAGING', 'HWPT_NESTED');
      },
    }),
    domain: t.field({
      type: GroupDomainType,
      description: 'What the hardware translates through.',
      resolve: view => ({ domain: view.group.domain, group: view }),
    }),
    attachHandle: t.field({
      type: AttachHandleType,
      nullable: true,
      description: 'The attach handle stored for its RID: where its page requests go.',
      resolve: ({ machine, group }) => attachHandleView(machine, group.attachHandleId),
    }),
    swMsiStart: t.field({
      type: 'HexU64',
      nullable: true,
      description: 'Start of its software MSI window, once an attach found one.',
      resolve: ({ group }) => group.swMsiStart,
    }),
  }),
});
