/** Which operations and events name an object: in their arguments, in their fields. */
import { OBJECT_TYPES } from '../../abi/uapi.ts';
import type { Command } from '../machine/command.ts';
import type { Event } from '../machine/event.ts';
import type { ObjectKind } from './object-fields.ts';
import { OBJECT_KINDS, type ObjectKey } from './object-key.ts';

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
    if (!('ioasId' in event) || event.ioasId !== id || event.contextId !== key.contextId) {
      return false;
    }
    if (event.type === 'AreaSplit') return event.start === iova || event.iova === iova;
    return (event.type === 'AreaMapped' || event.type === 'AreaUnmapped') && event.start === iova;
  }
  return fieldsName(event as unknown as Fields, key);
}

/** Objects of some kinds that the event names by their number, each with its context if it has one. */
export function idsNamed(
  event: Event,
  kinds: readonly ObjectKind[],
): (readonly [contextId: number | null, id: number])[] {
  const fields = event as unknown as Fields;
  const contextId = 'contextId' in event ? event.contextId : null;
  if (kinds.includes('CONTEXT')) return contextId === null ? [] : [[null, contextId]];
  const is = (kind: ObjectKind) =>
    fields['objectType'] === undefined || fields['objectType'] === kind;
  return Object.entries(fields).flatMap(([field, id]) => {
    const kind = NAMED_BY[field]?.find(kind => kinds.includes(kind) && is(kind));
    if (kind === undefined || typeof id !== 'number') return [];
    return [[OBJECT_KINDS[kind].parts.includes('contextId') ? contextId : null, id] as const];
  });
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
