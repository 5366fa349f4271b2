/** What is there, in words: what a refusal that names something absent tells. */
import type { ObjectType } from '../../abi/uapi.ts';
import { referrersOf } from '../iommufd/main/referrers.ts';
import type { FaultQueue, IommufdContext, IommufdObject } from '../iommufd/state.ts';
import { deviceName, physicalDeviceOf } from '../machine/lookup.ts';
import type { MachineState } from '../machine/state.ts';

/** Ids that one sentence lists. */
const LISTED_MAX = 8;
/** Ids looked at for one sentence, so that a refusal costs the same in a machine of any size. */
const LOOKED_AT_MAX = 1_000;

const WORDS: Readonly<Record<ObjectType, readonly [one: string, several: string]>> = {
  IOAS: ['IOAS', 'IOASes'],
  HWPT_PAGING: ['hwpt', 'hwpts'],
  HWPT_NESTED: ['nested hwpt', 'nested hwpts'],
  DEVICE: ['device', 'devices'],
  FAULT: ['fault queue', 'fault queues'],
  ACCESS: ['access', 'accesses'],
  SELFTEST: ['mock device', 'mock devices'],
};

/** What an object of a type is called. */
export const wordOf = (type: ObjectType): string => WORDS[type][0];

/** The argument that names an object of a type, where there is one name for it. */
export const ARGUMENT_OF: Readonly<Record<ObjectType, string>> = {
  IOAS: 'ioasId',
  HWPT_PAGING: 'hwptId',
  HWPT_NESTED: 'hwptId',
  DEVICE: 'devId',
  FAULT: 'faultId',
  ACCESS: 'accessId',
  SELFTEST: 'stdevId',
};

/** `devices 2, 6`, `no device`; of several types `IOAS 1, hwpts 3, 5`. Lowest ids first. */
export function presentObjects(context: IommufdContext, types: readonly ObjectType[]): string {
  const found = new Map<ObjectType, number[]>(types.map(type => [type, []]));
  let left = context.objects.size;
  let id = 1;
  // By ids, and not in the map's order: that depends on where a replay began.
  for (; left > 0 && id <= LOOKED_AT_MAX; id++) {
    const object = context.objects.get(id);
    if (object === undefined) continue;
    left--;
    found.get(object.type)?.push(id);
  }
  const lists = [...found].filter(([, ids]) => ids.length > 0);
  const more = left > 0 ? `, as far as id ${LOOKED_AT_MAX}` : '';
  if (lists.length === 0) return `no ${types.map(type => WORDS[type][0]).join(' and no ')}${more}`;
  const texts = lists.map(([type, ids]) => `${WORDS[type][ids.length > 1 ? 1 : 0]} ${listed(ids)}`);
  return texts.join(', ') + more;
}

/**
 * `device 3 (0000:01:00.0, attached), nested hwpt 7 (made on it)`: who holds an object, beside the id
 * table. Lowest ids first; what is beyond the list is counted.
 */
export function holdersOf(
  state: MachineState,
  context: IommufdContext,
  object: IommufdObject,
): string {
  const texts: string[] = [];
  let count = 0;
  for (const { as, ids } of referrersOf(object)) {
    count += ids?.size ?? 1;
    if (ids === null) texts.push(as(object.id));
    for (let id = 1; ids !== null && id <= LOOKED_AT_MAX && texts.length < LISTED_MAX; id++) {
      const holder = ids.has(id) ? context.objects.get(id)! : null;
      if (holder === null) continue;
      const { type } = holder;
      const name =
        type === 'DEVICE' ? `${deviceName(physicalDeviceOf(state, holder.deviceNo))}, ` : '';
      texts.push(`${wordOf(type)} ${id} (${name}${as(id)})`);
    }
  }
  const more = count - texts.length;
  return texts.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** `contexts 1, 3 are open`, the newest of them. */
export function openContexts({ contexts, nextContextId }: MachineState): string {
  const open: number[] = [];
  const lowest = Math.max(1, nextContextId - LOOKED_AT_MAX);
  for (let id = nextContextId - 1; id >= lowest; id--) {
    if (contexts.get(id)?.fileOpen) open.unshift(id);
  }
  if (open.length === 0) return 'no context is open';
  if (open.length === 1) return `context ${open[0]} is open`;
  return `contexts ${listed(open)} are open`;
}

/** `cookies 1, 2 are`, `none is`: what a fault queue awaits an answer to. Lowest first. */
export function awaitedCookies({ awaitingResponse }: FaultQueue): string {
  const cookies: number[] = [];
  let left = awaitingResponse.size;
  for (let cookie = 1; left > 0 && cookie <= LOOKED_AT_MAX; cookie++) {
    if (!awaitingResponse.has(cookie)) continue;
    cookies.push(cookie);
    left--;
  }
  if (cookies.length === 0) return left === 0 ? 'none is' : 'others are';
  return cookies.length === 1 ? `cookie ${cookies[0]} is` : `cookies ${listed(cookies)} are`;
}

/** `0000:01:00.0, 0000:02:00.0`, `none`: PCI functions in the order in which they came. */
export function presentFunctions({ physicalDevices, nextDeviceNo }: MachineState): string {
  const found: string[] = [];
  const end = Math.min(nextDeviceNo, LOOKED_AT_MAX);
  for (let deviceNo = 1; deviceNo < end && found.length <= LISTED_MAX; deviceNo++) {
    const device = physicalDevices.get(deviceNo);
    if (device?.kind === 'PCI') found.push(device.bdf);
  }
  return found.length === 0 ? 'none' : listed(found);
}

/** `2, 5 are`, `none is`: page requests that are held. Lowest first. */
export function heldRequests({ inFlight }: MachineState): string {
  if (inFlight.size === 0) return 'none is';
  const ids: number[] = [];
  for (const id of inFlight.keys()) {
    ids.push(id);
    if (ids.length === LOOKED_AT_MAX) break;
  }
  ids.sort((a, b) => a - b);
  return `${listed(ids)} ${ids.length === 1 ? 'is' : 'are'}`;
}

function listed(ids: readonly (number | string)[]): string {
  return ids.slice(0, LISTED_MAX).join(', ') + (ids.length > LISTED_MAX ? ', …' : '');
}
