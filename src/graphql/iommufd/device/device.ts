/** Devices bound to a context. */
import { builder } from '../../builder/builder.ts';
import {
  DeviceType,
  HwptInterface,
  IommuGroupType,
  ObjectInterface,
  PhysicalDeviceInterface,
} from '../../builder/refs.ts';
import { iommuGroupView, objectView, physicalDeviceView } from '../../builder/view.ts';
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
      description:
        'Its RID is attached: it is in its group’s device_list. `pasids` has its PASIDs.',
      resolve: ({ object }) => object.attached,
    }),
    attachedAsPasid: t.boolean({
      description:
        'Its RID was attached as PASID 0, which VFIO keeps apart: only a detach with PASID 0, or the close of its file, detaches it.',
      resolve: ({ object }) => object.attachedAsPasid,
    }),
    hwpt: t.field({
      type: HwptInterface,
      nullable: true,
      description: 'What its RID is attached to; null if it is not.',
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
