/** The same objects as a table: for screen readers, small screens, and a thousand objects. */
import type { Key } from '../data/keys.ts';
import { keyName } from '../data/keys.ts';
import type { Moment } from '../data/moments.ts';
import { select } from '../state/select.ts';
import { ghostsOf, marksOf } from './graph.tsx';

const WORDS = { appeared: 'appeared', changed: 'changed', went: 'went' } as const;

export function ObjectTable({ moment, selected }: { moment: Moment; selected: Key | null }) {
  const { graph } = moment;
  const marks = marksOf(moment);
  const holders = Map.groupBy(graph.edges, ({ to }) => to);
  const nodes = [...graph.nodes, ...ghostsOf(graph, marks)];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by key
    <section class="object-table" tabIndex={0} aria-label="Objects">
      <table>
        <caption>
          {nodes.length} objects of {moment.machine} at {moment.seq}
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
          {nodes.map(({ key, name, facts }) => {
            const mark = marks.get(key);
            return (
              <tr key={key} aria-selected={key === selected}>
                <th scope="row">
                  <button type="button" class="link" onClick={() => select(key)}>
                    {name}
                  </button>
                </th>
                <td>{facts.join(', ')}</td>
                <td>{(holders.get(key) ?? []).map(({ from }) => keyName(from)).join(', ')}</td>
                <td>{mark === undefined ? '' : WORDS[mark]}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
