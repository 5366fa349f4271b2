/** PASIDs that are attached: in their IOMMU group, by device and by hwpt. */
import type { Attachment } from '../../core/iommu/state.ts';
import { builder } from '../builder/builder.ts';
import { checkFirst, FIRST_TEXT, LIST_DEFAULT } from '../builder/lists.ts';
import { taken } from '../builder/ranges.ts';
import {
  AttachHandleType,
  DeviceType,
  HwptInterface,
  IommuGroupType,
  PasidAttachmentType,
} from '../builder/refs.ts';
import {
  ascending,
  attachHandleView,
  type IommuGroupView,
  iommuGroupView,
  objectView,
  objectViews,
  type PasidAttachmentView,
} from '../builder/view.ts';
import { GroupDomainType, ownerView } from './group.ts';

PasidAttachmentType.implement({
  description:
    'One PASID of an IOMMU group that is attached, from Linux 6.15 on (igroup->pasid_attach). PASID 0 is the RID, whose attachment is the group’s own.',
  fields: t => ({
    pasid: t.int({ description: 'The PASID, 1 to 1048575.', resolve: ({ pasid }) => pasid }),
    iommuGroup: t.field({
      type: IommuGroupType,
      description: 'The IOMMU group, all of which has it on one hwpt.',
      resolve: ({ group }) => group,
    }),
    domain: t.field({
      type: GroupDomainType,
      description: 'What DMAs that carry the PASID go through right now.',
      resolve: ({ group, attachment }) => ({ domain: attachment.domain, group }),
    }),
    hwpt: t.field({
      type: HwptInterface,
      nullable: true,
      description: 'The hwpt that it is attached to.',
      resolve: ({ group, attachment }) => {
        const owner = ownerView(group);
        return owner && objectView(owner, attachment.hwptId, 'HWPT_PAGING', 'HWPT_NESTED');
      },
    }),
    devices: t.field({
      type: [DeviceType],
      description: 'Members attached by it, in order of attachment.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: ({ group, attachment }, { first }) => {
        const owner = ownerView(group);
        return owner === null
          ? []
          : objectViews(owner, attachment.attachedDeviceIds, checkFirst(first), 'DEVICE');
      },
    }),
    attachHandle: t.field({
      type: AttachHandleType,
      nullable: true,
      description: 'The attach handle stored for it: where page requests that carry it go.',
      resolve: ({ group, attachment }) =>
        attachHandleView(group.machine, attachment.attachHandleId),
    }),
  }),
});

/** The wanted ones of a group by ascending PASID. */
function* pasidsOf(
  view: IommuGroupView,
  wanted: (attachment: Attachment) => boolean,
): Generator<PasidAttachmentView> {
  const { pasids } = view.group;
  for (const pasid of ascending(pasids.keys())) {
    const attachment = pasids.get(pasid)!;
    if (wanted(attachment)) yield { group: view, pasid, attachment };
  }
}

builder.objectField(IommuGroupType, 'pasids', t =>
  t.field({
    type: [PasidAttachmentType],
    description: 'Its PASIDs that are attached, ascending; its RID is not among them.',
    args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
    resolve: (view, { first }) =>
      taken(
        pasidsOf(view, () => true),
        checkFirst(first),
      ),
  }),
);

builder.objectField(DeviceType, 'pasids', t =>
  t.field({
    type: [PasidAttachmentType],
    description:
      'PASIDs by which it is attached, ascending; its RID is not among them. Each counts in `users`.',
    args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
    resolve: ({ machine, object }, { first }) => {
      const group = iommuGroupView(machine, object.iommuGroupId)!;
      return ascending(object.pasids.keys())
        .slice(0, checkFirst(first))
        .map(pasid => ({ group, pasid, attachment: group.group.pasids.get(pasid)! }));
    },
  }),
);

builder.interfaceField(HwptInterface, 'pasids', t =>
  t.field({
    type: [PasidAttachmentType],
    description:
      'PASIDs that are attached to it, by IOMMU group and ascending. Each device of one counts in `users`.',
    args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
    resolve: ({ machine, context, object }, { first }) => {
      const groupIds = new Set<number>();
      for (const deviceId of object.pasidDevices.keys()) {
        const device = context.objects.get(deviceId);
        if (device?.type === 'DEVICE') groupIds.add(device.iommuGroupId);
      }
      const groups = ascending(groupIds).map(id => iommuGroupView(machine, id)!);
      const all = groups
        .values()
        .flatMap(group => pasidsOf(group, ({ hwptId }) => hwptId === object.id));
      return taken(all, checkFirst(first));
    },
  }),
);
