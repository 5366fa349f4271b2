/** The objects of a state and which of them refer to which, as one graph. */
import { OBJECT_TYPES } from '../../abi/uapi.ts';
import { deviceName } from '../machine/lookup.ts';
import type { MachineState } from '../machine/state.ts';
import { type DifferenceKind, diffStates } from './diff.ts';
import {
  attachHandleFacts,
  attachHandleLinks,
  contextFacts,
  deviceFacts,
  deviceLinks,
  type EdgeKind,
  type Facts,
  inFlightFacts,
  inFlightLinks,
  iommuFacts,
  iommuGroupFacts,
  iommuGroupLinks,
  iopfGroupFacts,
  iopfGroupLinks,
  type Link,
  objectFacts,
  objectLinks,
} from './graph-kinds.ts';
import type { ObjectKind } from './object-fields.ts';
import {
  contextKeyOf,
  globalKeyOf,
  inContextKeyOf,
  type ObjectKey,
  objectName,
  objectRef,
} from './object-key.ts';

/** The kinds that are nodes; areas are counted in their IOAS. In the order of the nodes. */
export const GRAPH_KINDS = [
  'CONTEXT',
  ...OBJECT_TYPES,
  'ATTACH_HANDLE',
  'IOMMU_GROUP',
  'PHYSICAL_DEVICE',
  'IOMMU',
  'IOPF_GROUP',
  'IN_FLIGHT_REQUEST',
] as const satisfies readonly ObjectKind[];

export type GraphKind = (typeof GRAPH_KINDS)[number];

export interface GraphNode {
  readonly key: ObjectKey;
  readonly name: string;
  readonly facts: Facts;
}

export interface GraphEdge {
  readonly from: ObjectKey;
  readonly to: ObjectKey;
  readonly kind: EdgeKind;
}

export interface ObjectGraph {
  /** By kind, then by ascending ids. */
  readonly nodes: readonly GraphNode[];
  /** Those between two of the nodes. */
  readonly edges: readonly GraphEdge[];
  /** How many objects the state has of each kind that was asked for. */
  readonly counts: ReadonlyMap<GraphKind, number>;
}

/** An object before it is looked at: most of a large state are not. */
interface Found {
  readonly key: ObjectKey;
  readonly name?: () => string;
  readonly facts: () => Facts;
  readonly links: () => readonly Link[];
}

/** At most `first` objects of each of the kinds. */
export function objectGraph(
  state: MachineState,
  kinds: readonly GraphKind[],
  first: number,
): ObjectGraph {
  const byKind = foundIn(state);
  const counts = new Map<GraphKind, number>();
  const shown: Found[] = [];
  for (const kind of GRAPH_KINDS) {
    if (!kinds.includes(kind)) continue;
    const found = byKind.get(kind) ?? [];
    counts.set(kind, found.length);
    shown.push(...found.sort(byIds).slice(0, first));
  }
  const refs = new Set(shown.map(({ key }) => objectRef(key)));
  const edges = shown.flatMap(({ key: from, links }) =>
    links()
      .filter(([, to]) => refs.has(objectRef(to)))
      .map(([kind, to]) => ({ from, to, kind })),
  );
  return { nodes: shown.map(nodeOf), edges, counts };
}

/** What became of the nodes between two states of one machine. */
export interface NodeChanges {
  /** By `objectRef`. An area of an IOAS that changes changes the IOAS. */
  readonly kinds: ReadonlyMap<string, DifferenceKind>;
  /** Nodes that went, as they were. */
  readonly gone: readonly GraphNode[];
}

export function nodeChanges(
  before: MachineState,
  after: MachineState,
  kinds: readonly GraphKind[],
): NodeChanges {
  const changed = new Map<string, DifferenceKind>();
  for (const { object, kind } of diffStates(before, after)) {
    const isArea = object.kind === 'AREA';
    const key: ObjectKey = isArea ? { ...object, kind: 'IOAS', iova: null } : object;
    if (!(kinds as readonly ObjectKind[]).includes(key.kind)) continue;
    const ref = objectRef(key);
    if (!changed.has(ref)) changed.set(ref, isArea ? 'CHANGED' : kind);
  }
  const isGone = ({ key }: Found) => changed.get(objectRef(key)) === 'WENT';
  const went = [...changed.values()].includes('WENT');
  const gone = went ? [...foundIn(before).values()].flat().filter(isGone) : [];
  return { kinds: changed, gone: gone.map(nodeOf) };
}

function nodeOf({ key, name, facts }: Found): GraphNode {
  return { key, name: name?.() ?? objectName(key), facts: facts() };
}

function byIds({ key: a }: Found, { key: b }: Found): number {
  return (a.contextId ?? 0) - (b.contextId ?? 0) || (a.id ?? 0) - (b.id ?? 0);
}

function foundIn(state: MachineState): Map<ObjectKind, Found[]> {
  const byKind = new Map<ObjectKind, Found[]>();
  const add = (found: Found) => {
    const { kind } = found.key;
    const all = byKind.get(kind);
    if (all === undefined) byKind.set(kind, [found]);
    else all.push(found);
  };
  addContexts(state, add);
  addHardware(state, add);
  for (const group of state.iopfGroups.values()) {
    add({
      key: globalKeyOf('IOPF_GROUP', group.iopfGroupId),
      facts: () => iopfGroupFacts(group),
      links: () => iopfGroupLinks(group),
    });
  }
  for (const request of state.inFlight.values()) {
    add({
      key: globalKeyOf('IN_FLIGHT_REQUEST', request.inFlightId),
      facts: () => inFlightFacts(request),
      links: () => inFlightLinks(request),
    });
  }
  return byKind;
}

function addContexts(state: MachineState, add: (found: Found) => void): void {
  for (const context of state.contexts.values()) {
    const { contextId } = context;
    add({ key: contextKeyOf(contextId), facts: () => contextFacts(context), links: () => [] });
    for (const object of context.objects.values()) {
      add({
        key: inContextKeyOf(object.type, contextId, object.id),
        facts: () => objectFacts(object),
        links: () => objectLinks(state, contextId, object),
      });
    }
  }
  for (const handle of state.attachHandles.values()) {
    add({
      key: globalKeyOf('ATTACH_HANDLE', handle.attachHandleId),
      facts: () => attachHandleFacts(handle),
      links: () => attachHandleLinks(state, handle),
    });
  }
}

function addHardware(state: MachineState, add: (found: Found) => void): void {
  for (const group of state.iommuGroups.values()) {
    add({
      key: globalKeyOf('IOMMU_GROUP', group.iommuGroupId),
      facts: () => iommuGroupFacts(group),
      links: () => iommuGroupLinks(state, group),
    });
  }
  for (const device of state.physicalDevices.values()) {
    add({
      key: globalKeyOf('PHYSICAL_DEVICE', device.deviceNo),
      name: () => deviceName(device),
      facts: () => deviceFacts(device),
      links: () => deviceLinks(state, device),
    });
  }
  for (const iommu of state.iommus.values()) {
    add({
      key: globalKeyOf('IOMMU', iommu.iommuNo),
      facts: () => iommuFacts(iommu),
      links: () => [],
    });
  }
}
