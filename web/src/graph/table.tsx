/** The same objects as a table: for screen readers, small screens, and a thousand objects. */
import type { Graph, GraphNode } from '../data/graph.ts';
import type { Key } from '../data/keys.ts';
import { keyName } from '../data/keys.ts';
import type { Moment } from '../data/moments.ts';
import { select } from '../state/select.ts';
import { WORDS_OF_TWO } from './graph.tsx';

const WORDS = { APPEARED: 'appeared', CHANGED: 'changed', WENT: 'went' } as const;

interface TableProps {
  readonly moment: Moment;
  readonly graph: Graph;
  readonly selected: Key | null;
}

/** Where no column says what it is: `IOMMU group 1`, `physical device 0000:01:00.0`. */
function fullName({ key, kind, name }: GraphNode): string {
  return kind === 'PHYSICAL_DEVICE' ? `physical device ${name}` : keyName(key);
}

export function ObjectTable({ moment, graph, selected }: TableProps) {
  const words = graph.ofTwo ? WORDS_OF_TWO : WORDS;
  const holders = Map.groupBy(graph.edges, ({ to }) => to);
  const names = new Map(graph.nodes.map(node => [node.key, fullName(node)]));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by key
    <section class="object-table" tabIndex={0} aria-label="Objects">
      <table>
        <caption>
          {graph.nodes.length} objects of {moment.machine} at {moment.seq}
        </caption>
        <thead>
          <tr>
            <th scope="col">object</th>
            <th scope="col">facts</th>
            <th scope="col">held by</th>
            <th scope="col">here</th>
          </tr>
        </thead>
        <tbody>
          {graph.nodes.map(({ key, facts, changed }) => (
            <tr key={key} aria-selected={key === selected}>
              <th scope="row">
                <button type="button" class="link" onClick={() => select(key)}>
                  {names.get(key)}
                </button>
              </th>
              <td>{facts.join(', ')}</td>
              <td>
                {(holders.get(key) ?? [])
                  .map(({ from }) => names.get(from) ?? keyName(from))
                  .join(', ')}
              </td>
              <td>{changed === null ? '' : words[changed]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
