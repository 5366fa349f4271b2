/** The objects of a moment as a graph: nodes with facts, and which of them refer to which. */
import type { JsonValue } from '../../../src/operations/typed-document.ts';
import type { ChangeKind, GraphEdgeKind, ObjectKind, ObjectsFragment } from '../documents.ts';
import { type Key, keyText, shortName } from './keys.ts';

export interface GraphNode {
  readonly key: Key;
  readonly kind: ObjectKind;
  readonly name: string;
  /** At most two short facts, the more telling first. */
  readonly facts: readonly string[];
  /** What the moment's event did to it. */
  readonly changed: ChangeKind | null;
}

export interface GraphEdge {
  readonly from: Key;
  readonly to: Key;
  /** FAULT: the way of a page request; else one holds the other. */
  readonly way: 'HOLDS' | 'FAULT';
}

export interface Graph {
  /** What is there, and at the end what went with the event. */
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Of two moments: `changed` says what only A has, what only B has, and what differs. */
  readonly ofTwo: boolean;
  /** What a limit left out, in words. */
  readonly leftOut: readonly string[];
}

export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

type Facts = Readonly<Record<string, JsonValue>>;

const isUsed = (facts: Facts) => `users ${facts['users']}`;

/** Two facts for a box; the panel and the table have the others. */
const SHORT: Readonly<Partial<Record<ObjectKind, (facts: Facts) => readonly string[]>>> = {
  CONTEXT: f => [f['fileOpen'] ? 'file open' : 'file closed'],
  IOAS: f => [isUsed(f), counted(Number(f['areas']), 'area')],
  HWPT_PAGING: f => [isUsed(f), f['nestParent'] ? 'parent' : ''],
  HWPT_NESTED: f => [isUsed(f)],
  DEVICE: f => [isUsed(f), Number(f['iopfEnabled']) > 0 ? 'iopf' : ''],
  FAULT: f => [`${f['deliver']} wait`, `${f['awaitingResponse']} read`],
  ACCESS: f => [isUsed(f), counted(Number(f['items']), 'item')],
  ATTACH_HANDLE: f => [
    f['pasid'] === null ? '' : `PASID ${f['pasid']}`,
    f['deviceGoneSeq'] === null ? `since ${f['storedSeq']}` : 'device gone',
  ],
  IOMMU_GROUP: f => [
    `${String(f['domain']).toLowerCase()} domain`,
    f['pasids'] === 0 ? '' : counted(Number(f['pasids']), 'PASID'),
  ],
  PHYSICAL_DEVICE: f => [f['iopfFeature'] ? 'IOPF on' : 'IOPF off'],
  IOPF_GROUP: f => [
    counted(Number(f['requests']), 'page'),
    f['cookie'] === null ? 'waits' : `cookie ${f['cookie']}`,
  ],
  IOMMU: f => [String(f['vendor']), f['overflow'] ? 'overflow' : `${f['records']} queued`],
};

function factsOf(kind: ObjectKind, facts: JsonValue): readonly string[] {
  const named = facts as Facts;
  const short = SHORT[kind]?.(named) ?? (named['users'] === undefined ? [] : [isUsed(named)]);
  return short.filter(fact => fact !== '');
}

/** References that repeat what others say: a device's hwpt is its group's handle's, say. */
const NOT_DRAWN: ReadonlySet<GraphEdgeKind> = new Set(['OWNER', 'DOMAIN']);

type EdgeAnswer = ObjectsFragment['edges'][number];

/** Of the references to the context, only those of the objects next to it are drawn. */
function isDrawn({ kind, from }: EdgeAnswer): boolean {
  if (kind === 'CONTEXT') return from.kind === 'IOAS' || from.kind === 'ACCESS';
  if (kind === 'HWPT') return from.kind === 'ATTACH_HANDLE';
  if (kind === 'DEVICE') return from.kind === 'SELFTEST';
  if (kind === 'PHYSICAL_DEVICE') return from.kind !== 'IOPF_GROUP';
  return !NOT_DRAWN.has(kind);
}

function isFault({ kind, from }: EdgeAnswer): boolean {
  return kind === 'FAULT_QUEUE' || from.kind === 'IOPF_GROUP';
}

export function graphOf({ nodes, edges, counts }: ObjectsFragment): Graph {
  const shown = Map.groupBy(nodes, ({ key }) => key.kind);
  return {
    nodes: nodes.map(({ key, name, facts, changed }) => ({
      key: keyText(key),
      kind: key.kind,
      name: key.kind === 'PHYSICAL_DEVICE' ? name : shortName(keyText(key)),
      facts: changed === 'WENT' ? ['gone'] : factsOf(key.kind, facts),
      changed,
    })),
    edges: edges.filter(isDrawn).map(edge => ({
      from: keyText(edge.from),
      to: keyText(edge.to),
      way: isFault(edge) ? 'FAULT' : 'HOLDS',
    })),
    ofTwo: false,
    leftOut: counts.flatMap(({ kind, count }) => {
      const here = (shown.get(kind) ?? []).filter(({ changed }) => changed !== 'WENT').length;
      const word = shortName(`${kind}:`).trim();
      return count > here ? [`${here} of ${count} of kind ${word} are here`] : [];
    }),
  };
}
