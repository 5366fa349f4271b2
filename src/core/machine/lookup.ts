/** Reading the state: typed look-ups of what must exist, and the few facts derived from it. */
import { IOMMU_NO_PASID } from '../../abi/uapi.ts';
import type { PhysicalDevice } from '../hardware/state.ts';
import type { Attachment, GroupDomain, IommuGroup, IopfGroup } from '../iommu/state.ts';
import type {
  Area,
  Device,
  FaultQueue,
  Hwpt,
  HwptPaging,
  Ioas,
  IommufdContext,
  IommufdObject,
} from '../iommufd/state.ts';
import { assert, must } from './assert.ts';
import type { MachineState } from './state.ts';

export function contextOf(state: MachineState, contextId: number): IommufdContext {
  return must(state.contexts.get(contextId), `context ${contextId}`);
}

/** The object `id` of one of `types`, which must exist. */
export function objectOf<T extends IommufdObject['type']>(
  context: IommufdContext,
  id: number,
  ...types: readonly T[]
): Extract<IommufdObject, { type: T }> {
  const object = must(context.objects.get(id), `object ${id} in context ${context.contextId}`);
  assert((types as readonly string[]).includes(object.type), `object ${id} is ${object.type}`);
  return object as Extract<IommufdObject, { type: T }>;
}

export function hwptOf(context: IommufdContext, hwptId: number): Hwpt {
  return objectOf(context, hwptId, 'HWPT_PAGING', 'HWPT_NESTED');
}

export function deviceOf(context: IommufdContext, deviceId: number): Device {
  return objectOf(context, deviceId, 'DEVICE');
}

export function faultQueueOf(context: IommufdContext, faultId: number): FaultQueue {
  return objectOf(context, faultId, 'FAULT');
}

export function ioasOf(context: IommufdContext, ioasId: number): Ioas {
  return objectOf(context, ioasId, 'IOAS');
}

export function groupOf(state: MachineState, iommuGroupId: number): IommuGroup {
  return must(state.iommuGroups.get(iommuGroupId), `IOMMU group ${iommuGroupId}`);
}

export function physicalDeviceOf(state: MachineState, deviceNo: number): PhysicalDevice {
  return must(state.physicalDevices.get(deviceNo), `physical device ${deviceNo}`);
}

export function iopfGroupOf(state: MachineState, iopfGroupId: number): IopfGroup {
  return must(state.iopfGroups.get(iopfGroupId), `iopf group ${iopfGroupId}`);
}

/** seq of the event that queued the first of some unanswered iopf groups: their ids count up. */
export function firstQueuedSeq(state: MachineState, iopfGroupIds: readonly number[]): number {
  return iopfGroupOf(
    state,
    iopfGroupIds.reduce((a, b) => Math.min(a, b)),
  ).queuedSeq;
}

/** dev_name() of a physical device: `0000:01:00.0` or `iommufd_mock0`. */
export function deviceName(device: PhysicalDevice): string {
  return device.kind === 'PCI' ? device.bdf : mockName(device.mockDev);
}

/** dev_name() of the mock device with this number: `iommufd_mock0`. */
export function mockName(mockDev: number): string {
  return `iommufd_mock${mockDev}`;
}

/** The paging hwpt under a hwpt: itself, or the parent of a nested one (find_hwpt_paging). */
export function findHwptPaging(context: IommufdContext, hwpt: Hwpt): HwptPaging {
  return hwpt.type === 'HWPT_PAGING' ? hwpt : objectOf(context, hwpt.parentId, 'HWPT_PAGING');
}

/** obj.users at rest: one for the id table and one for each long reference. */
export function usersOf(object: IommufdObject): number {
  switch (object.type) {
    case 'IOAS':
      return 1 + object.hwptIds.size + object.accessIds.size;
    case 'HWPT_PAGING':
      return 1 + attachmentsOf(object) + object.childIds.size;
    case 'HWPT_NESTED':
      return 1 + attachmentsOf(object);
    case 'FAULT':
      return 1 + (object.fileOpen ? 1 : 0) + object.hwptIds.size;
    case 'ACCESS':
      return 2;
    case 'DEVICE':
      return 2 + (object.attached ? 1 : 0) + object.pasids.size;
    case 'SELFTEST':
      return 1;
  }
}

/** How many devices are attached to a hwpt, each as often as its RID and its PASIDs are. */
function attachmentsOf({ attachedDeviceIds, pasidDevices }: Hwpt): number {
  let count = attachedDeviceIds.size;
  for (const pasids of pasidDevices.values()) count += pasids;
  return count;
}

const NOT_ATTACHED: Attachment = {
  domain: { kind: 'BLOCKING' },
  attachHandleId: null,
  hwptId: null,
  attachedDeviceIds: [],
};

/** What a group's PASID is attached to; of IOMMU_NO_PASID the RID. */
export function attachmentOf(group: IommuGroup, pasid: number): Attachment {
  return pasid === IOMMU_NO_PASID ? group : (group.pasids.get(pasid) ?? NOT_ATTACHED);
}

/** What the DMAs of a group go through; those with a PASID that is not attached go where the RID's do. */
export function dmaDomain(group: IommuGroup, pasid: number | null): GroupDomain {
  return (group.pasids.get(pasid ?? IOMMU_NO_PASID) ?? group).domain;
}

/** How many items of accesses pin a part of an area. */
export function pinCount({ pins }: Area): number {
  let count = 0;
  for (const { itemIds } of pins?.values() ?? []) count += itemIds.size;
  return count;
}

/** seq of the event that enabled IOPF on a member of a group; null if none has it. */
export function iopfEnabledSeq(state: MachineState, iommuGroupId: number): number | null {
  const seqs = groupOf(state, iommuGroupId).deviceNos.map(
    deviceNo => physicalDeviceOf(state, deviceNo).iopfFeatureSeq,
  );
  return seqs.find(seq => seq !== null) ?? null;
}
