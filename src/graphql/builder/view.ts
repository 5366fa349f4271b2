/** What stands behind the types: a piece of a machine's state together with that machine. */
import type { PhysicalDevice } from '../../core/hardware/state.ts';
import type { AttachHandle, Attachment, IommuGroup, IopfGroup } from '../../core/iommu/state.ts';
import type { Area, IommufdContext, IommufdObject } from '../../core/iommufd/state.ts';
import type { Operation } from '../../core/machine/operation.ts';
import type { MachineState } from '../../core/machine/state.ts';
import { UnknownMachineError } from '../../engine/machine/errors.ts';
import { thingsIn } from '../../engine/past/snapshots.ts';
import type { GraphqlContext } from './builder.ts';
import { lookOf } from './look.ts';
import { countPast } from './result-limit.ts';

export interface MachineView {
  readonly machineId: string;
  readonly state: MachineState;
  /** The seq the view shows. */
  readonly seq: number;
}
export interface ContextView {
  readonly machine: MachineView;
  readonly context: IommufdContext;
}
export interface ObjectView<T extends IommufdObject = IommufdObject> extends ContextView {
  readonly object: T;
}
export interface IommuGroupView {
  readonly machine: MachineView;
  readonly group: IommuGroup;
}
export interface PhysicalDeviceView<T extends PhysicalDevice = PhysicalDevice> {
  readonly machine: MachineView;
  readonly device: T;
}
export interface AttachHandleView {
  readonly machine: MachineView;
  readonly handle: AttachHandle;
}
/** What one PASID of a group is attached to; never the RID. */
export interface PasidAttachmentView {
  readonly group: IommuGroupView;
  readonly pasid: number;
  readonly attachment: Attachment;
}
export interface IopfGroupView {
  readonly machine: MachineView;
  readonly iopfGroup: IopfGroup;
}
/** An area with the IOAS it is in. */
export interface AreaView {
  readonly ioas: ViewOf<'IOAS'>;
  readonly area: Area;
}
export interface OperationView {
  readonly machineId: string;
  readonly operation: Operation;
}

export type ViewOf<T extends IommufdObject['type']> = ObjectView<
  Extract<IommufdObject, { type: T }>
>;

/** A machine as it is now, with all that has run committed; or as it was after the event `at`. */
export async function machineView(
  context: GraphqlContext,
  machineId: string,
  at?: number | null,
): Promise<MachineView> {
  if (at === null || at === undefined)
    return viewOf(machineId, (await context.engine.seen(machineId, lookOf(context))).state);
  return viewOf(machineId, await pastState(context, machineId, at));
}

/** The state after the event `seq`. Errors: those of History.stateAt, RESULT_LIMIT. */
export async function pastState(
  context: GraphqlContext,
  machineId: string,
  seq: number,
): Promise<MachineState> {
  const state = await context.history.stateAt(machineId, seq, lookOf(context));
  countPast(context, thingsIn(state));
  return state;
}

export function viewOf(machineId: string, state: MachineState): MachineView {
  return { machineId, state, seq: state.seq };
}

export function contextView(machine: MachineView, contextId: number): ContextView | null {
  const context = machine.state.contexts.get(contextId);
  return context === undefined ? null : { machine, context };
}

/** The object `id` beside another of the same context; null if there is none of the wanted type. */
export function objectView<T extends IommufdObject['type']>(
  { machine, context }: ContextView,
  id: number | null,
  ...types: readonly T[]
): ViewOf<T> | null {
  const object = id === null ? undefined : context.objects.get(id);
  if (object === undefined || !(types as readonly string[]).includes(object.type)) return null;
  return { machine, context, object: object as Extract<IommufdObject, { type: T }> };
}

/** Ids of a set in one order, whatever order they came in. */
export function ascending(ids: Iterable<number>): number[] {
  return [...ids].sort((a, b) => a - b);
}

/** Objects by their ids, at most `first`. */
export function objectViews<T extends IommufdObject['type']>(
  view: ContextView,
  ids: Iterable<number>,
  first: number,
  ...types: readonly T[]
): ViewOf<T>[] {
  const views: ViewOf<T>[] = [];
  for (const id of ids) {
    if (views.length === first) break;
    const found = objectView(view, id, ...types);
    if (found !== null) views.push(found);
  }
  return views;
}

export function iommuGroupView(machine: MachineView, iommuGroupId: number): IommuGroupView | null {
  const group = machine.state.iommuGroups.get(iommuGroupId);
  return group === undefined ? null : { machine, group };
}

export function physicalDeviceView(
  machine: MachineView,
  deviceNo: number,
): PhysicalDeviceView | null {
  const device = machine.state.physicalDevices.get(deviceNo);
  return device === undefined ? null : { machine, device };
}

export function attachHandleView(
  machine: MachineView,
  attachHandleId: number | null,
): AttachHandleView | null {
  const handle =
    attachHandleId === null ? undefined : machine.state.attachHandles.get(attachHandleId);
  return handle === undefined ? null : { machine, handle };
}

/** iopf groups by their ids, at most `first`. */
export function iopfGroupViews(
  machine: MachineView,
  ids: Iterable<number>,
  first: number,
): IopfGroupView[] {
  const views: IopfGroupView[] = [];
  for (const id of ids) {
    if (views.length === first) break;
    const iopfGroup = machine.state.iopfGroups.get(id);
    if (iopfGroup !== undefined) views.push({ machine, iopfGroup });
  }
  return views;
}

/** Global ids are made of what names the object: machine, context, object. */
export function globalKey(...parts: readonly (string | number)[]): string {
  return parts.join('/');
}

/** null if the key is no machine's name and `count` numbers. */
export function globalKeyParts(
  key: string,
  count: number,
): { machineId: string; numbers: number[] } | null {
  const [machineId, ...rest] = key.split('/');
  if (machineId === undefined || rest.length !== count) return null;
  if (!rest.every(text => /^[1-9]\d{0,14}$/.test(text))) return null;
  return { machineId, numbers: rest.map(Number) };
}

/** The machine as it is now; null if there is none. */
export async function findMachine(
  context: GraphqlContext,
  machineId: string,
): Promise<MachineView | null> {
  try {
    return await machineView(context, machineId);
  } catch (error) {
    if (error instanceof UnknownMachineError) return null;
    throw error;
  }
}
