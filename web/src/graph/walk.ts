/** Arrow keys with alt, on a node: along its edges; the other arrows are the playhead's. */
import type { Graph } from '../data/graph.ts';
import type { Key } from '../data/keys.ts';
import type { Place } from './layout.ts';

type Places = ReadonlyMap<Key, Place>;

function focusNode(key: Key): void {
  document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

/** What shares an edge with it at one side of it, the nearest first. */
function neighbour(graph: Graph, places: Places, key: Key, side: -1 | 1): Key | undefined {
  const here = places.get(key)!;
  const near = graph.edges.flatMap(({ from, to }) => {
    const other = from === key ? to : from;
    const place = from === key || to === key ? places.get(other) : undefined;
    if (place === undefined) return [];
    const columns = (place.column - here.column) * side;
    return columns > 0 ? [{ other, columns, rows: Math.abs(place.row - here.row) }] : [];
  });
  return near.sort((a, b) => a.columns - b.columns || a.rows - b.rows)[0]?.other;
}

/** Up and down walk through all boxes, left and right to what it is connected with at that side. */
export function moveFocus(event: KeyboardEvent, graph: Graph, places: Places, key: Key): void {
  if (!event.altKey || !event.key.startsWith('Arrow')) return;
  const keys = graph.nodes.map(node => node.key);
  const at = keys.indexOf(key);
  const target = {
    ArrowRight: neighbour(graph, places, key, 1),
    ArrowLeft: neighbour(graph, places, key, -1),
    ArrowDown: keys[at + 1],
    ArrowUp: keys[at - 1],
  }[event.key];
  if (target === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  focusNode(target);
}
