/** A machine's objects and their references as one graph, asked for with one field. */
import type { DifferenceKind } from '../../core/explain/diff.ts';
import type { EdgeKind } from '../../core/explain/graph-kinds.ts';
import {
  GRAPH_KINDS,
  type GraphEdge,
  type GraphKind,
  type GraphNode,
  nodeChanges,
  objectGraph,
} from '../../core/explain/object-graph.ts';
import { objectRef } from '../../core/explain/object-key.ts';
import type { MachineState } from '../../core/machine/state.ts';
import { SeqOutOfRangeError } from '../../engine/machine/errors.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder, type GraphqlContext } from '../builder/builder.ts';
import { OF_EVENTS } from '../builder/expose-errors.ts';
import { checkFirst, LIST_DEFAULT, LIST_MAX } from '../builder/lists.ts';
import { ObjectKeyType, ObjectKindEnum } from '../builder/object-key.ts';
import { MachineType } from '../builder/refs.ts';
import { type MachineView, pastState } from '../builder/view.ts';
import { ChangeKindEnum } from '../log/change.ts';

const EDGE_TEXT: Readonly<Record<EdgeKind, string>> = {
  CONTEXT: 'The context whose id table it is in.',
  OWNER: 'The context that owns DMA of an IOMMU group.',
  IOAS: 'The IOAS that a paging hwpt or an access maps.',
  PARENT: 'The paging hwpt under a nested one.',
  FAULT_QUEUE: 'The fault queue of a hwpt, an iopf group or a request in flight.',
  HWPT: 'A hwpt that a device is attached to, by its RID or PASIDs, or an attach handle names.',
  DOMAIN: 'A hwpt that the hardware of an IOMMU group translates through, by its RID or PASIDs.',
  DEVICE: 'The DEVICE that an attach handle or a selftest device names.',
  ATTACH_HANDLE: 'An attach handle that an IOMMU group stores, or a page request came through.',
  IOMMU_GROUP: 'The IOMMU group of a device.',
  PHYSICAL_DEVICE: 'The physical device that an object stands for, or a page request came from.',
  PHYSFN: 'The physical function of a virtual one.',
  IOMMU: 'The modelled IOMMU that a function is behind.',
};

const EdgeKindEnum = builder.enumType('GraphEdgeKind', {
  description: 'What a reference between two objects is.',
  values: Object.fromEntries(
    Object.entries(EDGE_TEXT).map(([kind, description]) => [
      kind,
      { value: kind as EdgeKind, description },
    ]),
  ) as Record<EdgeKind, { value: EdgeKind; description: string }>,
});

interface NodeView extends GraphNode {
  readonly changed: DifferenceKind | null;
}

const NodeType = builder.objectRef<NodeView>('GraphNode').implement({
  description: 'One object of a machine.',
  fields: t => ({
    key: t.field({
      type: ObjectKeyType,
      description: 'What names it; the same at every moment.',
      resolve: ({ key }) => key,
    }),
    kind: t.field({
      type: ObjectKindEnum,
      description: 'Its kind.',
      resolve: ({ key }) => key.kind,
    }),
    name: t.exposeString('name', {
      description:
        'dev_name() of a physical device; else as its key says: "fault queue 4 of context 1".',
    }),
    facts: t.field({
      type: 'JSON',
      description:
        'A few of its fields by name, `users` first where it has them: texts, numbers, booleans, null. Of a list or a map, how long it is.',
      resolve: ({ facts }) => facts,
    }),
    changed: t.field({
      type: ChangeKindEnum,
      nullable: true,
      description:
        'What became of it since the moment `since`; null if nothing did, or none was given. An IOAS is changed by its areas, too.',
      resolve: ({ changed }) => changed,
    }),
  }),
});

const EdgeType = builder.objectRef<GraphEdge>('GraphEdge').implement({
  description: 'One object refers to another.',
  fields: t => ({
    from: t.field({
      type: ObjectKeyType,
      description: 'Which object refers.',
      resolve: ({ from }) => from,
    }),
    to: t.field({
      type: ObjectKeyType,
      description: 'To which object.',
      resolve: ({ to }) => to,
    }),
    kind: t.field({
      type: EdgeKindEnum,
      description: 'What the reference is.',
      resolve: ({ kind }) => kind,
    }),
  }),
});

const CountType = builder.objectRef<readonly [GraphKind, number]>('GraphCount').implement({
  description: 'How many objects of a kind there are, shown or not.',
  fields: t => ({
    kind: t.field({ type: ObjectKindEnum, description: 'Which kind.', resolve: ([kind]) => kind }),
    count: t.int({ description: 'How many.', resolve: ([, count]) => count }),
  }),
});

interface GraphView {
  readonly nodes: readonly NodeView[];
  readonly edges: readonly GraphEdge[];
  readonly counts: ReadonlyMap<GraphKind, number>;
}

const GraphType = builder.objectRef<GraphView>('ObjectGraph').implement({
  description: 'The objects of a machine and which of them refer to which.',
  fields: t => ({
    nodes: t.field({
      type: [NodeType],
      description:
        'From the context to the hardware and its page requests, by kind and ascending ids; those that went since `since` come last.',
      resolve: ({ nodes }) => [...nodes],
    }),
    edges: t.field({
      type: [EdgeType],
      description: 'The references between two of the nodes, of those that are there.',
      resolve: ({ edges }) => [...edges],
    }),
    counts: t.field({
      type: [CountType],
      description: 'How many objects there are of each kind asked for.',
      resolve: ({ counts }) => [...counts],
    }),
  }),
});

/** The state of a view and the one before it; both stand still until something is awaited. */
async function bothStates(
  context: GraphqlContext,
  { machineId, seq, state }: MachineView,
  since: number,
): Promise<readonly [before: MachineState, now: MachineState]> {
  let now = state;
  for (;;) {
    const before = await pastState(context, machineId, since);
    if (before.seq === since && now.seq === seq) return [before, now];
    // The newest state went on; then it has a past to come back to.
    now = await pastState(context, machineId, seq);
  }
}

/** Errors: BAD_USER_INPUT. */
function checkKinds(kinds: readonly string[] | null | undefined): readonly GraphKind[] {
  const wanted = kinds ?? GRAPH_KINDS;
  for (const kind of wanted) {
    if ((GRAPH_KINDS as readonly string[]).includes(kind)) continue;
    throw badInput(`"kinds" must be of ${GRAPH_KINDS.join(', ')}, not ${kind}`);
  }
  return wanted as readonly GraphKind[];
}

builder.objectField(MachineType, 'graph', t =>
  t.field({
    type: GraphType,
    description:
      'The objects of the machine and which of them refer to which, in one answer. With `since`, what changed since then.',
    extensions: OF_EVENTS,
    args: {
      kinds: t.arg({
        type: [ObjectKindEnum],
        description: `Only objects of these kinds: ${GRAPH_KINDS.join(', ')}. Left out: all of them.`,
      }),
      first: t.arg.int({
        defaultValue: LIST_DEFAULT,
        description: `At most so many nodes of each kind, and so many that went; from 0 to ${LIST_MAX}.`,
      }),
      since: t.arg.int({
        description:
          'A seq from 0 to that of this view: `changed` says what became of nodes since.',
      }),
    },
    resolve: async (machine, args, context): Promise<GraphView> => {
      const first = checkFirst(args.first);
      const kinds = checkKinds(args.kinds);
      const { since } = args;
      if (since === null || since === undefined) {
        const { nodes, ...rest } = objectGraph(machine.state, kinds, first);
        return { ...rest, nodes: nodes.map(node => ({ ...node, changed: null })) };
      }
      if (since < 0 || since > machine.seq) {
        throw new SeqOutOfRangeError(machine.machineId, 'since', since, machine.seq);
      }
      const [before, now] = await bothStates(context, machine, since);
      const { nodes, ...rest } = objectGraph(now, kinds, first);
      const changes = nodeChanges(before, now, kinds);
      const there = nodes.map(node => ({
        ...node,
        changed: changes.kinds.get(objectRef(node.key)) ?? null,
      }));
      const gone = changes.gone
        .slice(0, first)
        .map(node => ({ ...node, changed: 'WENT' as const }));
      return { ...rest, nodes: [...there, ...gone] };
    },
  }),
);
