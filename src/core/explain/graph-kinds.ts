/** What the nodes of an object graph say of each kind of object, and which others each refers to. */
import type { PhysicalDevice } from '../hardware/state.ts';
import type { Iommu } from '../hardware/unit/state.ts';
import type {
  AttachHandle,
  Attachment,
  InFlightRequest,
  IommuGroup,
  IopfGroup,
} from '../iommu/state.ts';
import type { IommufdContext, IommufdObject } from '../iommufd/state.ts';
import { usersOf } from '../machine/lookup.ts';
import type { MachineState } from '../machine/state.ts';
import { contextKeyOf, globalKeyOf, inContextKeyOf, type ObjectKey } from './object-key.ts';

/** What a reference is: the words of the field that holds it. */
export type EdgeKind =
  | 'CONTEXT'
  | 'OWNER'
  | 'IOAS'
  | 'PARENT'
  | 'FAULT_QUEUE'
  | 'HWPT'
  | 'DOMAIN'
  | 'DEVICE'
  | 'ATTACH_HANDLE'
  | 'IOMMU_GROUP'
  | 'PHYSICAL_DEVICE'
  | 'PHYSFN'
  | 'IOMMU';

export type Link = readonly [kind: EdgeKind, to: ObjectKey];

/** Short values: lists and maps are counted. */
export type Facts = Readonly<Record<string, string | number | boolean | null>>;

/** The key of a hwpt by its id; of no object if there is none of that id. */
function hwptKey(state: MachineState, contextId: number, id: number): ObjectKey {
  const type = state.contexts.get(contextId)?.objects.get(id)?.type;
  const kind = type === 'HWPT_NESTED' ? type : 'HWPT_PAGING';
  return inContextKeyOf(kind, contextId, id);
}

/** To each hwpt once, however many PASIDs are on it. */
function hwptLinks(
  kind: 'HWPT' | 'DOMAIN',
  state: MachineState,
  contextId: number,
  ids: readonly (number | null)[],
): Link[] {
  return eachOnce(ids).map(id => [kind, hwptKey(state, contextId, id)]);
}

/** Ascending, as the order of a map depends on where a replay began. */
function eachOnce(ids: readonly (number | null)[]): number[] {
  return [...new Set(ids)].filter(id => id !== null).sort((a, b) => a - b);
}

const handleLink = (id: number): Link => ['ATTACH_HANDLE', globalKeyOf('ATTACH_HANDLE', id)];
const groupLink = (id: number): Link => ['IOMMU_GROUP', globalKeyOf('IOMMU_GROUP', id)];
const deviceLink = (id: number): Link => ['PHYSICAL_DEVICE', globalKeyOf('PHYSICAL_DEVICE', id)];
const queueLink = (contextId: number, id: number): Link => [
  'FAULT_QUEUE',
  inContextKeyOf('FAULT', contextId, id),
];

export function contextFacts({ fileOpen, objects }: IommufdContext): Facts {
  return { fileOpen, objects: objects.size };
}

export function objectFacts(object: IommufdObject): Facts {
  const users = usersOf(object);
  switch (object.type) {
    case 'IOAS':
      return { users, areas: object.areas.size, hwptIds: object.hwptIds.size };
    case 'HWPT_PAGING':
      return { users, nestParent: object.nestParent, dirtyTracking: object.dirtyTracking };
    case 'HWPT_NESTED':
      return { users, userData: object.userData.kind, faultId: object.faultId };
    case 'DEVICE':
      return {
        users,
        attached: object.attached,
        pasids: object.pasids.size,
        iopfEnabled: object.iopfEnabled,
      };
    case 'FAULT': {
      const { deliver, awaitingResponse } = object;
      return { users, deliver: deliver.length, awaitingResponse: awaitingResponse.size };
    }
    case 'ACCESS':
      return { users, items: object.items.size, needsPinPages: object.needsPinPages };
    case 'SELFTEST':
      return { users };
  }
}

export function objectLinks(state: MachineState, contextId: number, object: IommufdObject): Link[] {
  return [['CONTEXT', contextKeyOf(contextId)], ...ownLinks(state, contextId, object)];
}

function ownLinks(state: MachineState, contextId: number, object: IommufdObject): Link[] {
  const inContext = (kind: 'IOAS' | 'DEVICE', id: number): Link => [
    kind,
    inContextKeyOf(kind, contextId, id),
  ];
  const faults = (faultId: number | null) =>
    faultId === null ? [] : [queueLink(contextId, faultId)];
  switch (object.type) {
    case 'IOAS':
    case 'FAULT':
      return [];
    case 'HWPT_PAGING':
      return [inContext('IOAS', object.ioasId), ...faults(object.faultId)];
    case 'HWPT_NESTED': {
      const parent = inContextKeyOf('HWPT_PAGING', contextId, object.parentId);
      return [['PARENT', parent], ...faults(object.faultId)];
    }
    case 'DEVICE': {
      const { iommuGroupId, deviceNo, attached, pasids } = object;
      const ofRid = attached ? (state.iommuGroups.get(iommuGroupId)?.hwptId ?? null) : null;
      const hwpts = hwptLinks('HWPT', state, contextId, [ofRid, ...pasids.values()]);
      return [deviceLink(deviceNo), groupLink(iommuGroupId), ...hwpts];
    }
    case 'ACCESS':
      return object.ioasId === null ? [] : [inContext('IOAS', object.ioasId)];
    case 'SELFTEST':
      return [inContext('DEVICE', object.deviceId), deviceLink(object.deviceNo)];
  }
}

export function iommuGroupFacts({ domain, attachedDeviceIds, pasids }: IommuGroup): Facts {
  return {
    domain: domain.kind,
    attachedDeviceIds: attachedDeviceIds.length,
    pasids: pasids.size,
  };
}

/** Those of its RID and of its PASIDs. */
export function iommuGroupLinks(
  state: MachineState,
  { ownerContextId, pasids, ...ofRid }: IommuGroup,
): Link[] {
  if (ownerContextId === null) return [];
  const attachments: Pick<Attachment, 'domain' | 'attachHandleId'>[] = [ofRid, ...pasids.values()];
  const hwptIds = attachments.map(({ domain }) => (domain.kind === 'HWPT' ? domain.hwptId : null));
  const handleIds = attachments.map(({ attachHandleId }) => attachHandleId);
  return [
    ['OWNER', contextKeyOf(ownerContextId)],
    ...hwptLinks('DOMAIN', state, ownerContextId, hwptIds),
    ...eachOnce(handleIds).map(handleLink),
  ];
}

export function deviceFacts(device: PhysicalDevice): Facts {
  const { kind, iopfFeature, unansweredGroups, virtfn } = device;
  return { kind, iopfFeature, unansweredGroups, virtfn };
}

export function deviceLinks({ bdfs }: MachineState, device: PhysicalDevice): Link[] {
  const links: Link[] = [groupLink(device.iommuGroupId)];
  if (device.kind !== 'PCI') return links;
  const { physfn, hardware } = device;
  const physfnNo = physfn === null ? undefined : bdfs.get(physfn);
  if (physfnNo !== undefined) links.push(['PHYSFN', globalKeyOf('PHYSICAL_DEVICE', physfnNo)]);
  if (hardware !== null) links.push(['IOMMU', globalKeyOf('IOMMU', hardware.spec.iommuNo)]);
  return links;
}

export function attachHandleFacts({ pasid, storedSeq, deviceGoneSeq }: AttachHandle): Facts {
  return { pasid, storedSeq, deviceGoneSeq };
}

export function attachHandleLinks(state: MachineState, handle: AttachHandle): Link[] {
  const { contextId, hwptId, deviceId, bindNo } = handle;
  const links: Link[] = [['HWPT', hwptKey(state, contextId, hwptId)]];
  const device = state.contexts.get(contextId)?.objects.get(deviceId);
  // The id of a device that is gone may be another one's.
  if (device?.type === 'DEVICE' && device.bindNo === bindNo) {
    links.push(['DEVICE', inContextKeyOf('DEVICE', contextId, deviceId)]);
  }
  return links;
}

export function iopfGroupFacts({ cookie, requests, queuedSeq, readSeq }: IopfGroup): Facts {
  return { cookie, requests: requests.length, queuedSeq, readSeq };
}

export function iopfGroupLinks(group: IopfGroup): Link[] {
  const { contextId, faultId, deviceNo, attachHandleId } = group;
  return [queueLink(contextId, faultId), deviceLink(deviceNo), handleLink(attachHandleId)];
}

export function inFlightFacts({ request: { grpid }, queueGone }: InFlightRequest): Facts {
  return { grpid, queueGone };
}

export function inFlightLinks(request: InFlightRequest): Link[] {
  const { contextId, faultId, deviceNo, attachHandleId, queueGone } = request;
  const links = [deviceLink(deviceNo), handleLink(attachHandleId)];
  return queueGone ? links : [...links, queueLink(contextId, faultId)];
}

export function iommuFacts({ spec, pageRequestQueue, queueError }: Iommu): Facts {
  const { records, overflow } = pageRequestQueue;
  const { vendor } = spec;
  return { vendor, records: records.size, overflow, queueError: queueError?.kind ?? null };
}
