/** IOMMU groups: their domain, their owner, their attach handle; pasid-attachment.ts has their PASIDs. */
import type { GroupDomain } from '../../core/iommu/state.ts';
import { builder } from '../builder/builder.ts';
import {
  AttachHandleType,
  ContextType,
  DeviceType,
  HwptInterface,
  IommuGroupType,
  PhysicalDeviceInterface,
} from '../builder/refs.ts';
import {
  ascending,
  attachHandleView,
  type ContextView,
  contextView,
  type IommuGroupView,
  iommuGroupView,
  objectView,
  objectViews,
  physicalDeviceView,
} from '../builder/view.ts';

const GroupDomainKind = builder.enumType('GroupDomainKind', {
  description: 'What an IOMMU group translates through.',
  values: {
    DEFAULT: { description: 'The kernel’s default domain: nobody owns DMA.' },
    BLOCKING: { description: 'The blocking domain: owned, nothing attached, all DMA fails.' },
    HWPT: { description: 'The domain of a hwpt.' },
  } as const,
});

export const GroupDomainType = builder
  .objectRef<{ domain: GroupDomain; group: IommuGroupView }>('GroupDomain')
  .implement({
    description: 'What an IOMMU group, or one of its PASIDs, translates through right now.',
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

/** The context that owns its DMA, and so the devices and hwpts that it is attached to. */
export function ownerView({ machine, group }: IommuGroupView): ContextView | null {
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
      description: 'Members whose RID is attached, in order of attachment (igroup->device_list).',
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
      description: 'igroup->hwpt: what the RIDs of its members are attached to.',
      resolve: view => {
        const owner = ownerView(view);
        return owner && objectView(owner, view.group.hwptId, 'HWPT_PAGING', 'HWPT_NESTED');
      },
    }),
    domain: t.field({
      type: GroupDomainType,
      description:
        'What the hardware translates through: DMAs without a PASID, and into a nested hwpt those whose PASID is not attached.',
      resolve: view => ({ domain: view.group.domain, group: view }),
    }),
    attachHandle: t.field({
      type: AttachHandleType,
      nullable: true,
      description:
        'The attach handle stored for its RID: where its page requests go, but those of PASIDs that are attached.',
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

AttachHandleType.implement({
  description:
    'What attach or replace leaves with an IOMMU group; page requests find the hwpt and the device to name through it (struct iommufd_attach_handle).',
  fields: t => ({
    attachHandleId: t.int({
      description: 'Faultline’s number of it; never used again.',
      resolve: ({ handle }) => handle.attachHandleId,
    }),
    iommuGroup: t.field({
      type: IommuGroupType,
      nullable: true,
      description: 'The group it is stored in.',
      resolve: ({ machine, handle }) => iommuGroupView(machine, handle.iommuGroupId),
    }),
    pasid: t.int({
      nullable: true,
      description: 'The PASID that it is stored for; null: the RID.',
      resolve: ({ handle }) => handle.pasid,
    }),
    hwpt: t.field({
      type: HwptInterface,
      nullable: true,
      description: 'The hwpt attached with it.',
      resolve: ({ machine, handle }) => {
        const view = contextView(machine, handle.contextId);
        return view && objectView(view, handle.hwptId, 'HWPT_PAGING', 'HWPT_NESTED');
      },
    }),
    device: t.field({
      type: DeviceType,
      nullable: true,
      description: 'handle->idev, echoed as dev_id; null if it is gone and the handle is stale.',
      resolve: ({ machine, handle }) => {
        const view = contextView(machine, handle.contextId);
        const found = view && objectView(view, handle.deviceId, 'DEVICE');
        return found?.object.bindNo === handle.bindNo ? found : null;
      },
    }),
  }),
});
