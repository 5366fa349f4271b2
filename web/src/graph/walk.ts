/** Arrow keys with alt, on a node: along its edges; the other arrows are the playhead's. */
import type { Graph } from '../data/graph.ts';
import type { Key } from '../data/keys.ts';

function focusNode(key: Key): void {
  document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

/** Up and down walk through what it is connected with, right to what it holds, left to who holds it. */
export function moveFocus(event: KeyboardEvent, graph: Graph, key: Key): void {
  if (!event.altKey || !event.key.startsWith('Arrow')) return;
  const held = graph.edges.filter(({ from }) => from === key).map(({ to }) => to);
  const holders = graph.edges.filter(({ to }) => to === key).map(({ from }) => from);
  const keys = graph.nodes.map(node => node.key);
  const at = keys.indexOf(key);
  const target = {
    ArrowRight: held[0],
    ArrowLeft: holders[0],
    ArrowDown: keys[at + 1],
    ArrowUp: keys[at - 1],
  }[event.key];
  if (target === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  focusNode(target);
}
