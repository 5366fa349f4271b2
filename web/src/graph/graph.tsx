/** The objects of the moment and who holds whom; what the event changed is marked in place. */
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Graph, GraphNode } from '../data/graph.ts';
import type { Key } from '../data/keys.ts';
import type { Moment } from '../data/moments.ts';
import { select } from '../state/select.ts';
import { Icon } from '../ui/icons.tsx';
import { edgePath, leftOf, type Measures, topOf } from './edges.ts';
import { COLUMNS, Layout, type Place } from './layout.ts';
import { moveFocus } from './walk.ts';

/** As graph.css has it at the left and the right. */
const PADDING = 16;
const NODE_HEIGHT = 50;
const ROW_STEP = 70;
const TOP = 34;
const COLUMN_MIN = 112;
const COLUMN_MAX = 190;

function measure(width: number): Measures {
  const columnStep = Math.min(Math.max(width / COLUMNS.length, COLUMN_MIN), COLUMN_MAX);
  const node = columnStep - Math.max(columnStep * 0.13, 16);
  const left = Math.max((width - columnStep * COLUMNS.length) / 2, 0) + (columnStep - node) / 2;
  return { columnStep, rowStep: ROW_STEP, width: node, height: NODE_HEIGHT, left, top: TOP };
}

/** The width of an element, as it changes. */
function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(1_000);
  useLayoutEffect(() => {
    const element = ref.current!;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, width };
}

interface GraphProps {
  readonly moment: Moment;
  /** The moment's own, or that of two moments together. */
  readonly graph: Graph;
  readonly selected: Key | null;
}

export function GraphView({ moment, graph, selected }: GraphProps) {
  const { ref, width } = useWidth();
  const layout = useMemo(() => new Layout(), [moment.machine]);
  const places = layout.arrange(graph);
  const m = measure(width - 2 * PADDING);
  const rows = Math.max(3, ...[...places.values()].map(({ row }) => row + 1));
  const size = {
    width: `${m.left * 2 + m.columnStep * (COLUMNS.length - 1) + m.width}px`,
    height: `${TOP + rows * ROW_STEP}px`,
  };
  const near = nearOf(graph, selected);
  return (
    <div class={graph.ofTwo ? 'graph of-two' : 'graph'} ref={ref}>
      <div class="graph-sheet" style={size}>
        {COLUMNS.map((name, column) => (
          <div
            class="column-name"
            key={name}
            style={{ left: `${leftOf({ column, row: 0 }, m)}px`, width: `${m.width}px` }}
          >
            {name}
          </div>
        ))}
        <Edges graph={graph} places={places} m={m} selected={selected} />
        {graph.nodes.map(node => {
          const place = places.get(node.key);
          if (place === undefined) return null;
          return (
            <NodeBox
              key={node.key}
              node={node}
              place={place}
              places={places}
              m={m}
              selected={node.key === selected}
              dim={near !== null && !near.has(node.key)}
              graph={graph}
            />
          );
        })}
      </div>
      {graph.leftOut.length > 0 && <p class="left-out">Not drawn: {graph.leftOut.join(', ')}.</p>}
    </div>
  );
}

/** The selected object and those it shares an edge with; null if nothing is selected. */
function nearOf(graph: Graph, selected: Key | null): ReadonlySet<Key> | null {
  if (selected === null || !graph.nodes.some(({ key }) => key === selected)) return null;
  const near = new Set([selected]);
  for (const { from, to } of graph.edges) {
    if (from === selected) near.add(to);
    if (to === selected) near.add(from);
  }
  return near;
}

interface EdgesProps {
  readonly graph: Graph;
  readonly places: ReadonlyMap<Key, Place>;
  readonly m: Measures;
  readonly selected: Key | null;
}

function Edges({ graph, places, m, selected }: EdgesProps) {
  return (
    <svg class="edges" aria-hidden="true" focusable="false">
      <defs>
        {['holds', 'fault', 'strong'].map(name => (
          <marker
            key={name}
            id={`arrow-${name}`}
            class={`arrow ${name}`}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto-start-reverse"
          >
            <path d="M1 1 7 4 1 7z" />
          </marker>
        ))}
      </defs>
      {graph.edges.map(({ from, to, way }) => {
        const a = places.get(from);
        const b = places.get(to);
        if (a === undefined || b === undefined) return null;
        const strong = from === selected || to === selected;
        const style = strong ? 'strong' : way.toLowerCase();
        return (
          <path
            key={`${from} ${to} ${way}`}
            class={`edge ${way.toLowerCase()}${strong ? ' strong' : ''}`}
            d={edgePath(a, b, m)}
            marker-end={`url(#arrow-${style})`}
          />
        );
      })}
    </svg>
  );
}

const MARKS = {
  APPEARED: { icon: 'appeared', words: 'appeared here' },
  CHANGED: { icon: 'changed', words: 'changed here' },
  WENT: { icon: 'went', words: 'went here' },
} as const;

export const WORDS_OF_TWO = {
  APPEARED: 'only in A',
  CHANGED: 'differs',
  WENT: 'only in B',
} as const;

interface NodeProps {
  readonly node: GraphNode;
  readonly place: Place;
  readonly places: ReadonlyMap<Key, Place>;
  readonly m: Measures;
  readonly selected: boolean;
  readonly dim: boolean;
  readonly graph: Graph;
}

function NodeBox({ node, place, places, m, selected, dim, graph }: NodeProps) {
  const mark = node.changed === null ? null : MARKS[node.changed];
  const classes = ['node', node.kind.toLowerCase(), mark?.icon, selected && 'selected'];
  return (
    <button
      type="button"
      class={[...classes, dim && 'dim'].filter(Boolean).join(' ')}
      data-key={node.key}
      aria-pressed={selected}
      style={{
        left: `${leftOf(place, m)}px`,
        top: `${topOf(place, m)}px`,
        width: `${m.width}px`,
        height: `${m.height}px`,
      }}
      onClick={() => select(selected ? null : node.key)}
      onKeyDown={event => moveFocus(event, graph, places, node.key)}
    >
      <span class="node-name">{node.name}</span>
      <span class="node-facts">{node.facts.join(' · ')}</span>
      {mark !== null && (
        <span class="node-mark">
          <Icon name={mark.icon} />
          <span class="hidden">, {graph.ofTwo ? WORDS_OF_TWO[node.changed!] : mark.words}</span>
        </span>
      )}
    </button>
  );
}
