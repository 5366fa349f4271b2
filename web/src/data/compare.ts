/** Two moments as one graph: what only the one has, what only the other, what differs. */
import { signal } from '@preact/signals';
import type { Graph, GraphNode } from './graph.ts';
import type { Key } from './keys.ts';

/** The objects of which the comparison with B says that they differ; boxes show but two facts. */
export const differing = signal<ReadonlySet<Key>>(new Set());

/** The kernel of B, if it is another machine's. */
export const otherKernel = signal<string | null>(null);

/** A's graph with what only B has beside it: CHANGED differs, APPEARED is A's alone, WENT B's alone. */
export function unionOf(a: Graph, b: Graph, differ: ReadonlySet<Key>): Graph {
  const there = ({ nodes }: Graph) =>
    new Map(nodes.filter(({ changed }) => changed !== 'WENT').map(node => [node.key, node]));
  const inA = there(a);
  const inB = there(b);
  const nodes: GraphNode[] = [...inA.values()].map(node => ({
    ...node,
    changed: changeOf(node, inB.get(node.key), differ),
  }));
  for (const node of inB.values()) {
    if (!inA.has(node.key)) nodes.push({ ...node, facts: ['only in B'], changed: 'WENT' });
  }
  const known = new Set(a.edges.map(({ from, to }) => `${from} ${to}`));
  const edges = [...a.edges, ...b.edges.filter(({ from, to }) => !known.has(`${from} ${to}`))];
  return { nodes, edges, ofTwo: true, leftOut: [...new Set([...a.leftOut, ...b.leftOut])] };
}

function changeOf(
  node: GraphNode,
  other: GraphNode | undefined,
  differ: ReadonlySet<Key>,
): GraphNode['changed'] {
  if (other === undefined) return 'APPEARED';
  const differs = differ.has(node.key) || node.facts.join() !== other.facts.join();
  return differs ? 'CHANGED' : null;
}
