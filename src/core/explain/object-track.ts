/** One object followed through events: what each of them changed in it. */
import type { Event } from '../machine/event.ts';
import { copyOfField } from '../machine/snapshot.ts';
import type { MachineState } from '../machine/state.ts';
import { wholeObject } from './diff.ts';
import { FAULT_EVENTS } from './fault-events.ts';
import { fieldOf, objectAt } from './inventory.ts';
import { OBJECT_FIELDS, type ObjectKind } from './object-fields.ts';
import type { ObjectKey } from './object-key.ts';
import { sameValue } from './same-value.ts';
import { type Change, shownDifference } from './shown-value.ts';

/** Kinds of objects that these events change. */
const FAULT_KINDS: ReadonlySet<ObjectKind> = new Set<ObjectKind>([
  'MACHINE',
  'PHYSICAL_DEVICE',
  'FAULT',
  'IOPF_GROUP',
  'IN_FLIGHT_REQUEST',
]);

/** Whether none of FAULT_EVENTS can change the object. */
export function isOutsideFaults({ kind }: ObjectKey): boolean {
  return !FAULT_KINDS.has(kind) && kind !== 'HAZARD';
}

/** False if the event cannot change the object, so that it need not be looked at. */
export function mayChange(event: Event, { kind, contextId, id }: ObjectKey): boolean {
  if (kind === 'HAZARD') return event.type === 'HazardRecorded';
  if (FAULT_EVENTS.has(event.type)) {
    if (!FAULT_KINDS.has(kind)) return false;
    if (kind === 'FAULT' && !('faultId' in event && event.faultId === id)) return false;
  }
  return contextId === null || !('contextId' in event) || event.contextId === contextId;
}

export class ObjectTrack {
  private readonly key: ObjectKey;
  private readonly fields: readonly string[];
  /** Whether one field is followed, and not the whole object. */
  private readonly single: boolean;
  /** Copies of the fields; null while the object is not there. */
  private kept: Record<string, unknown> | null;

  /** `field` null: the whole object. */
  constructor(state: MachineState, key: ObjectKey, field: string | null) {
    this.key = key;
    this.single = field !== null;
    this.fields = field === null ? OBJECT_FIELDS[key.kind] : [field];
    this.kept = this.copies(state);
  }

  /** What the event, which the state has applied, changed. */
  after(state: MachineState, event: Event): Change[] {
    if (!mayChange(event, this.key)) return [];
    const { key: object, kept, single } = this;
    const found = objectAt(state, object);
    if (found !== null && kept !== null) return this.fieldChanges(state, kept);
    if (found === null && kept === null) return [];
    const now = this.copies(state);
    this.kept = now;
    const kind = now === null ? 'WENT' : 'APPEARED';
    const field = single ? this.fields[0]! : null;
    const of = (fields: Record<string, unknown> | null) =>
      fields === null || field === null ? fields : fields[field];
    return [shownDifference({ object, kind, field, before: of(kept), after: of(now) })];
  }

  private fieldChanges(state: MachineState, kept: Record<string, unknown>): Change[] {
    const object = objectAt(state, this.key)!;
    const changes: Change[] = [];
    for (const field of this.fields) {
      const before = kept[field];
      const value = fieldOf(state, object, field);
      if (sameValue(before, value, field)) continue;
      const after = copyOfField(value, field);
      kept[field] = after;
      changes.push(shownDifference({ object: this.key, kind: 'CHANGED', field, before, after }));
    }
    return changes;
  }

  private copies(state: MachineState): Record<string, unknown> | null {
    const object = objectAt(state, this.key);
    if (object === null) return null;
    const whole = wholeObject(state, this.key.kind, object);
    return Object.fromEntries(this.fields.map(field => [field, copyOfField(whole[field], field)]));
  }
}
