/** Which operations and events name an object: in their arguments, in their fields. */
import { OBJECT_TYPES } from '../../abi/uapi.ts';
import type { Command } from '../machine/command.ts';
import type { Event } from '../machine/event.ts';
import type { ObjectKind } from './object-fields.ts';
import type { ObjectKey } from './object-key.ts';

const HWPTS = ['HWPT_PAGING', 'HWPT_NESTED'] as const;

/** What a field of a command or an event is the id of. */
const NAMED_BY: Readonly<Record<string, readonly ObjectKind[]>> = {
  ioasId: ['IOAS'],
  srcIoasId: ['IOAS'],
  dstIoasId: ['IOAS'],
  hwptId: HWPTS,
  oldHwptId: HWPTS,
  parentId: HWPTS,
  ptId: ['IOAS', ...HWPTS],
  devId: ['DEVICE'],
  deviceId: ['DEVICE'],
  faultId: ['FAULT'],
  accessId: ['ACCESS'],
  stdevId: ['SELFTEST'],
  pagesId: ['IOPT_PAGES'],
  id: OBJECT_TYPES,
  objectId: OBJECT_TYPES,
  iommuGroupId: ['IOMMU_GROUP'],
  deviceNo: ['PHYSICAL_DEVICE'],
  attachHandleId: ['ATTACH_HANDLE'],
  iopfGroupId: ['IOPF_GROUP'],
  inFlightId: ['IN_FLIGHT_REQUEST'],
  iommuNo: ['IOMMU'],
};

type Fields = Readonly<Record<string, unknown>>;

/** Whether the arguments name the object. A PCI address is no name: it comes back. */
export function commandNames(command: Command, key: ObjectKey): boolean {
  return fieldsName(command as unknown as Fields, key);
}

/** Whether the event, which is at `seq`, names the object. */
export function eventNames(event: Event, seq: number, key: ObjectKey): boolean {
  const { kind, id, iova } = key;
  if (kind === 'HAZARD') return event.type === 'HazardRecorded' && seq === id;
  if (kind === 'AREA') {
    if (event.type !== 'AreaMapped' && event.type !== 'AreaUnmapped') return false;
    const { contextId, ioasId, start } = event;
    return contextId === key.contextId && ioasId === id && start === iova;
  }
  return fieldsName(event as unknown as Fields, key);
}

function fieldsName(fields: Fields, { kind, contextId, id }: ObjectKey): boolean {
  if (kind === 'MACHINE') return true;
  if (contextId !== null && fields['contextId'] !== contextId) return false;
  if (kind === 'CONTEXT') return true;
  if (fields['objectType'] !== undefined && fields['objectType'] !== kind) return false;
  for (const field in fields) {
    if (fields[field] === id && NAMED_BY[field]?.includes(kind)) return true;
  }
  return false;
}
