/**
 * The objects a state is made of, each with a key and named fields, so that states can be compared
 * and one object can be followed through time.
 */
import type { IopfGroup } from '../iommu/state.ts';
import { assertNever } from '../machine/assert.ts';
import { usersOf } from '../machine/lookup.ts';
import type { MachineState } from '../machine/state.ts';
import { HARDWARE_FIELDS, type StateObject } from './object-fields.ts';
import type { ObjectKey } from './object-key.ts';

/** The object a key names; null if the state has none. */
export function objectAt(state: MachineState, key: ObjectKey): StateObject | null {
  const { kind } = key;
  const id = key.id ?? 0;
  const context = state.contexts.get(key.contextId ?? 0);
  switch (kind) {
    case 'MACHINE':
      return state;
    case 'IOMMU_GROUP':
      return state.iommuGroups.get(id) ?? null;
    case 'PHYSICAL_DEVICE':
      return (state.physicalDevices.get(id) as StateObject | undefined) ?? null;
    case 'CONTEXT':
      return context ?? null;
    case 'AREA': {
      const ioas = context?.objects.get(id);
      const area = ioas?.type === 'IOAS' && key.iova !== null ? ioas.areas.at(key.iova) : null;
      return area?.start === key.iova ? area : null;
    }
    case 'IOPT_PAGES':
      return context?.pages.get(id) ?? null;
    case 'ATTACH_HANDLE':
      return state.attachHandles.get(id) ?? null;
    case 'IOPF_GROUP':
      return state.iopfGroups.get(id) ?? null;
    case 'IN_FLIGHT_REQUEST':
      return state.inFlight.get(id) ?? null;
    case 'IOMMU':
      return state.iommus.get(id) ?? null;
    case 'HAZARD':
      return state.hazards.find(({ seq }) => seq === id) ?? null;
    case 'IOAS':
    case 'HWPT_PAGING':
    case 'HWPT_NESTED':
    case 'DEVICE':
    case 'FAULT':
    case 'ACCESS':
    case 'SELFTEST': {
      const object = context?.objects.get(id);
      return object?.type === kind ? object : null;
    }
    default:
      return assertNever(kind);
  }
}

/** A field of an object as the state holds it; undefined if an object of its sort has none. */
export function fieldOf(state: MachineState, object: StateObject, field: string): unknown {
  if (field === 'users') return usersOf(object as Parameters<typeof usersOf>[0]);
  if (field === 'planted') {
    return state.iopfGroupsPlanted.get((object as IopfGroup).iopfGroupId) ?? null;
  }
  const fields = object as unknown as Readonly<Record<string, unknown>>;
  if (field === 'modelled') return (fields['hardware'] ?? null) !== null;
  if (field in HARDWARE_FIELDS) {
    const hardware = fields['hardware'] as Readonly<Record<string, unknown>> | null | undefined;
    return hardware?.[HARDWARE_FIELDS[field as keyof typeof HARDWARE_FIELDS]] ?? null;
  }
  return fields[field];
}
