/** Hardware page tables. */
import { MOCK_IO_PAGE_SIZE } from '../../../abi/uapi.ts';
import type { HwptPaging } from '../../../core/iommufd/state.ts';
import { findHwptPaging, groupOf } from '../../../core/machine/lookup.ts';
import type { IovaRange } from '../../../core/memory/iova-range.ts';
import { builder } from '../../builder/builder.ts';
import { HwptDataType } from '../../builder/enums.ts';
import { checkFirst, FIRST_TEXT, LIST_DEFAULT } from '../../builder/lists.ts';
import { IovaRangeType, taken } from '../../builder/ranges.ts';
import {
  DeviceType,
  FaultQueueType,
  HwptInterface,
  HwptNestedType,
  HwptPagingType,
  IoasType,
  IommuGroupType,
  ObjectInterface,
} from '../../builder/refs.ts';
import { ascending, objectView, objectViews } from '../../builder/view.ts';
import { objectNode, TYPE_NAMES } from '../main/context.ts';

builder.interfaceType(HwptInterface, {
  description:
    'A hardware page table: what a device can be attached to (struct iommufd_hw_pagetable).',
  interfaces: [ObjectInterface],
  resolveType: ({ object }) => TYPE_NAMES[object.type],
  fields: t => ({
    hwptId: t.int({ description: 'Its object id.', resolve: ({ object }) => object.id }),
    faultQueue: t.field({
      type: FaultQueueType,
      nullable: true,
      description: 'Where faults through it go; null if it is not fault-capable.',
      resolve: view => objectView(view, view.object.faultId, 'FAULT'),
    }),
    pasid: t.boolean({
      description: 'It may be attached to PASIDs (IOMMU_HWPT_ALLOC_PASID).',
      resolve: ({ object }) => object.pasid,
    }),
    devices: t.field({
      type: [DeviceType],
      description: 'Devices whose RID is attached to it; `pasids` has those attached by a PASID.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: (view, { first }) =>
        objectViews(view, ascending(view.object.attachedDeviceIds), checkFirst(first), 'DEVICE'),
    }),
    iommuGroups: t.field({
      type: [IommuGroupType],
      description: 'IOMMU groups that translate through it, by their RID or a PASID.',
      resolve: ({ machine, context, object }) => {
        const ids = new Set<number>();
        for (const deviceId of [...object.attachedDeviceIds, ...object.pasidDevices.keys()]) {
          const device = context.objects.get(deviceId);
          if (device?.type === 'DEVICE') ids.add(device.iommuGroupId);
        }
        return ascending(ids)
          .slice(0, LIST_DEFAULT)
          .map(id => ({ machine, group: groupOf(machine.state, id) }));
      },
    }),
    ioas: t.field({
      type: IoasType,
      description: 'The IOAS under it: its own or its parent’s.',
      resolve: view => objectView(view, findHwptPaging(view.context, view.object).ioasId, 'IOAS')!,
    }),
  }),
});

/** Dirty IO pages side by side as one range, ascending. */
function* dirtyRanges({ dirtySlots }: HwptPaging): Generator<IovaRange> {
  const size = BigInt(MOCK_IO_PAGE_SIZE);
  let open: { start: number; last: number } | null = null;
  const range = ({ start, last }: { start: number; last: number }) => ({
    start: BigInt(start) * size,
    last: BigInt(last + 1) * size - 1n,
  });
  for (const slot of [...dirtySlots.keys()].sort((a, b) => a - b)) {
    if (open !== null && slot === open.last + 1) {
      open.last = slot;
      continue;
    }
    if (open !== null) yield range(open);
    open = { start: slot, last: slot };
  }
  if (open !== null) yield range(open);
}

builder.node(HwptPagingType, {
  ...objectNode('HWPT_PAGING'),
  description: 'A page table that maps an IOAS (struct iommufd_hwpt_paging).',
  interfaces: [ObjectInterface, HwptInterface],
  fields: t => ({
    nestParent: t.boolean({
      description: 'Nested hwpts can be made on it.',
      resolve: ({ object }) => object.nestParent,
    }),
    dirtyTracking: t.boolean({
      description: 'It can track dirty pages.',
      resolve: ({ object }) => object.domain.dirtyOps,
    }),
    dirtyTrackingEnabled: t.boolean({
      description: 'Dirty tracking is on (IOMMU_HWPT_SET_DIRTY_TRACKING).',
      resolve: ({ object }) => object.dirtyTracking,
    }),
    dirtyPageCount: t.int({
      description: `IO pages that are dirty, ${MOCK_IO_PAGE_SIZE} bytes each.`,
      resolve: ({ object }) => object.dirtySlots.size,
    }),
    dirtyRanges: t.field({
      type: [IovaRangeType],
      description: 'Ranges of IOVAs whose IO pages are dirty, ascending. Reading does not clear.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: ({ object }, { first }) => taken(dirtyRanges(object), checkFirst(first)),
    }),
    auto: t.boolean({
      description: 'Made by attaching or replacing with an IOAS id; goes with its last device.',
      resolve: ({ object }) => object.auto,
    }),
    msiCookie: t.boolean({
      description: 'It has a cookie for a software MSI window.',
      resolve: ({ object }) => object.msiCookie,
    }),
    apertureStart: t.field({
      type: 'HexU64',
      description: 'First IOVA its format can map.',
      resolve: ({ object }) => object.domain.apertureStart,
    }),
    apertureLast: t.field({
      type: 'HexU64',
      description: 'Last IOVA its format can map.',
      resolve: ({ object }) => object.domain.apertureLast,
    }),
    pageSize: t.int({
      description: 'Its smallest IO page, in bytes.',
      resolve: ({ object }) => object.domain.pageSize,
    }),
    nestedHwpts: t.field({
      type: [HwptNestedType],
      description: 'Nested hwpts made on it.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: (view, { first }) =>
        objectViews(view, ascending(view.object.childIds), checkFirst(first), 'HWPT_NESTED'),
    }),
  }),
});

builder.node(HwptNestedType, {
  ...objectNode('HWPT_NESTED'),
  description: 'A guest’s page table, walked before its parent (struct iommufd_hwpt_nested).',
  interfaces: [ObjectInterface, HwptInterface],
  fields: t => ({
    parent: t.field({
      type: HwptPagingType,
      description: 'The paging hwpt it is made on.',
      resolve: view => objectView(view, view.object.parentId, 'HWPT_PAGING')!,
    }),
    dataType: t.field({
      type: HwptDataType,
      description: 'The format of its user data.',
      resolve: ({ object }) => (object.userData.kind === 'SELFTEST' ? 0xdead : 1),
    }),
    userData: t.field({
      type: 'JSON',
      description: 'The user data it was made with.',
      resolve: ({ object }) => object.userData,
    }),
    iotlb: t.field({
      type: ['U32'],
      description: 'Mock driver: the four IOTLB words. Empty for other drivers.',
      resolve: ({ object }) => [...object.iotlb],
    }),
  }),
});
