/** What is different between two states: objects that appeared or went, and fields that changed. */
import type { Area, IommufdContext, IommufdObject } from '../iommufd/state.ts';
import type { Hazard, MachineState } from '../machine/state.ts';
import type { RangeMap } from '../memory/range-map.ts';
import { fieldOf, objectAt } from './inventory.ts';
import { OBJECT_FIELDS, type ObjectKind, type StateObject } from './object-fields.ts';
import {
  areaKeyOf,
  contextKeyOf,
  globalKeyOf,
  inContextKeyOf,
  MACHINE_KEY,
  type ObjectKey,
} from './object-key.ts';
import { sameValue } from './same-value.ts';

export type DifferenceKind = 'APPEARED' | 'WENT' | 'CHANGED';

/** The states' own values, not copies: read them before anything changes. */
export interface Difference {
  readonly object: ObjectKey;
  readonly kind: DifferenceKind;
  /** null: the object as a whole. */
  readonly field: string | null;
  /** null for an object that appeared. */
  readonly before: unknown;
  /** null for an object that went. */
  readonly after: unknown;
}

/**
 * From the outside in: the machine, its hardware, its contexts with their objects and each IOAS's
 * areas, then page faults and hazards; by ascending ids. Empty if and only if the states have the
 * same canonical text but for their seq, and, of two logs (`oneLog` false), but for the seqs in it.
 */
export function diffStates(before: MachineState, after: MachineState, oneLog = true): Difference[] {
  const steps = diffSteps(before, after, oneLog);
  for (;;) {
    const { value, done } = steps.next();
    if (done) return value;
  }
}

/** As `diffStates`, in steps of bounded size: between two of them others can have their turn. */
export function diffSteps(
  before: MachineState,
  after: MachineState,
  oneLog = true,
): Steps<Difference[]> {
  return new Comparison(before, after, oneLog).run();
}

/** As `diffStates`, of the objects with these keys alone, in the order of the keys. */
export function diffObjects(
  before: MachineState,
  after: MachineState,
  keys: readonly ObjectKey[],
): Difference[] {
  return new Comparison(before, after, true).of(keys);
}

type Steps<T = void> = Generator<void, T, void>;

/** Things compared, or told, in one step. */
const STEP_THINGS = 256;

const NO_OBJECTS: ReadonlyMap<number, never> = new Map<number, never>();

class Comparison {
  private readonly before: MachineState;
  private readonly after: MachineState;
  private readonly oneLog: boolean;
  private readonly found: Difference[] = [];

  constructor(before: MachineState, after: MachineState, oneLog: boolean) {
    this.before = before;
    this.after = after;
    this.oneLog = oneLog;
  }

  *run(): Steps<Difference[]> {
    const { before, after } = this;
    if (before === after) return [];
    this.object(MACHINE_KEY, before, after);
    yield* this.each('IOMMU_GROUP', before.iommuGroups, after.iommuGroups);
    yield* this.each('PHYSICAL_DEVICE', before.physicalDevices, after.physicalDevices);
    yield* this.each('IOMMU', before.iommus, after.iommus);
    for (const contextId of idsOf(before.contexts, after.contexts)) {
      const was = before.contexts.get(contextId);
      const is = after.contexts.get(contextId);
      this.object(contextKeyOf(contextId), was, is);
      yield* this.objects(contextId, was, is);
      yield* this.each('IOPT_PAGES', was?.pages ?? NO_OBJECTS, is?.pages ?? NO_OBJECTS, contextId);
    }
    yield* this.each('ATTACH_HANDLE', before.attachHandles, after.attachHandles);
    yield* this.each('IOPF_GROUP', before.iopfGroups, after.iopfGroups);
    yield* this.each('IN_FLIGHT_REQUEST', before.inFlight, after.inFlight);
    if (this.oneLog) yield* this.each('HAZARD', hazardsBySeq(before), hazardsBySeq(after));
    else this.hazardsInOrder(before.hazards, after.hazards);
    return this.found;
  }

  of(keys: readonly ObjectKey[]): Difference[] {
    for (const key of keys) {
      const was = objectAt(this.before, key) ?? undefined;
      this.object(key, was, objectAt(this.after, key) ?? undefined);
    }
    return this.found;
  }

  /** The objects of one kind that differ. */
  private *each(
    kind: ObjectKind,
    before: ReadonlyMap<number, unknown>,
    after: ReadonlyMap<number, unknown>,
    contextId: number | null = null,
  ): Steps {
    const wasOf = before as ReadonlyMap<number, StateObject>;
    const isOf = after as ReadonlyMap<number, StateObject>;
    const same = (was: StateObject, is: StateObject) => this.same(kind, was, is);
    for (const id of yield* differingIds(wasOf, isOf, same)) {
      const key = contextId === null ? globalKeyOf(kind, id) : inContextKeyOf(kind, contextId, id);
      this.object(key, wasOf.get(id), isOf.get(id));
      if (this.found.length % STEP_THINGS === 0) yield;
    }
  }

  /** A seq names a hazard in its own log only: those of two logs are compared one by one. */
  private hazardsInOrder(before: readonly Hazard[], after: readonly Hazard[]): void {
    for (let index = 0; index < Math.max(before.length, after.length); index++) {
      const was = before[index];
      const is = after[index];
      if (was && is && this.same('HAZARD', was, is)) continue;
      if (was) this.object(globalKeyOf('HAZARD', was.seq), was, undefined);
      if (is) this.object(globalKeyOf('HAZARD', is.seq), undefined, is);
    }
  }

  /** A context's id table. */
  private *objects(contextId: number, before?: IommufdContext, after?: IommufdContext): Steps {
    const wasOf: ReadonlyMap<number, IommufdObject> = before?.objects ?? NO_OBJECTS;
    const isOf: ReadonlyMap<number, IommufdObject> = after?.objects ?? NO_OBJECTS;
    const same = (was: IommufdObject, is: IommufdObject) =>
      was.type === is.type &&
      this.same(was.type, was, is) &&
      (was.type !== 'IOAS' ||
        is.type !== 'IOAS' ||
        sameValue(was.areas, is.areas, 'areas', this.oneLog));
    for (const id of yield* differingIds(wasOf, isOf, same)) {
      const was = wasOf.get(id);
      const is = isOf.get(id);
      if (was?.type === is?.type) yield* this.tableEntry(contextId, id, was, is);
      else {
        yield* this.tableEntry(contextId, id, was, undefined);
        yield* this.tableEntry(contextId, id, undefined, is);
      }
    }
  }

  /** The object of one id, of one type before and after. */
  private *tableEntry(
    contextId: number,
    id: number,
    was?: IommufdObject,
    is?: IommufdObject,
  ): Steps {
    const type = (was ?? is)?.type;
    if (type === undefined) return;
    this.object(inContextKeyOf(type, contextId, id), was, is);
    if (this.found.length % STEP_THINGS === 0) yield;
    if (type !== 'IOAS') return;
    const areasBefore = areasOf(was);
    const areasAfter = areasOf(is);
    const same = (area: Area, other: Area) => this.same('AREA', area, other);
    for (const start of yield* differingIds(areasBefore, areasAfter, same)) {
      const key = areaKeyOf(contextId, id, start);
      this.object(key, areasBefore.get(start), areasAfter.get(start));
    }
  }

  private same(kind: ObjectKind, was: StateObject, is: StateObject): boolean {
    for (const field of OBJECT_FIELDS[kind]) {
      // Counted from the other fields.
      if (field !== 'users' && !this.sameField(field, was, is)) return false;
    }
    return true;
  }

  private sameField(field: string, was: StateObject, is: StateObject): boolean {
    const before = fieldOf(this.before, was, field);
    return sameValue(before, fieldOf(this.after, is, field), field, this.oneLog);
  }

  /** Notes how an object differs, if it does. */
  private object(object: ObjectKey, was?: StateObject, is?: StateObject): void {
    if (was === undefined || is === undefined) {
      if (was !== undefined) {
        const before = wholeObject(this.before, object.kind, was);
        this.found.push({ object, kind: 'WENT', field: null, before, after: null });
      } else if (is !== undefined) {
        const after = wholeObject(this.after, object.kind, is);
        this.found.push({ object, kind: 'APPEARED', field: null, before: null, after });
      }
      return;
    }
    for (const field of OBJECT_FIELDS[object.kind]) {
      if (this.sameField(field, was, is)) continue;
      const before = fieldOf(this.before, was, field);
      const after = fieldOf(this.after, is, field);
      this.found.push({ object, kind: 'CHANGED', field, before, after });
    }
  }
}

/** All fields of an object by name. */
export function wholeObject(
  state: MachineState,
  kind: ObjectKind,
  object: StateObject,
): Record<string, unknown> {
  return Object.fromEntries(
    OBJECT_FIELDS[kind].map(field => [field, fieldOf(state, object, field)]),
  );
}

/** Ascending. */
function idsOf(before: ReadonlyMap<number, unknown>, after: ReadonlyMap<number, unknown>) {
  return [...new Set([...before.keys(), ...after.keys()])].sort((a, b) => a - b);
}

/** Keys of what is on one side only or not the same on both, ascending. */
function* differingIds<K extends number | bigint, T>(
  before: ReadonlyMap<K, T>,
  after: ReadonlyMap<K, T>,
  same: (was: T, is: T) => boolean,
): Steps<K[]> {
  const ids: K[] = [];
  let onBoth = 0;
  let compared = 0;
  for (const [id, was] of before) {
    if (++compared % STEP_THINGS === 0) yield;
    const is = after.get(id);
    if (is !== undefined) onBoth++;
    if (is === undefined || !same(was, is)) ids.push(id);
  }
  if (onBoth < after.size) {
    for (const id of after.keys()) if (!before.has(id)) ids.push(id);
  }
  return ids.sort((a, b) => (a < b ? -1 : 1));
}

function areasOf(object: IommufdObject | undefined): ReadonlyMap<bigint, Area> {
  const areas: Iterable<Area> = object?.type === 'IOAS' ? (object.areas as RangeMap<Area>) : [];
  return new Map(Array.from(areas, area => [area.start, area]));
}

function hazardsBySeq({ hazards }: MachineState) {
  return new Map(hazards.map(hazard => [hazard.seq, hazard]));
}
