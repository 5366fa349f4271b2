/** The groups in view as a table: what the canvas shows, for those who cannot see it. */
import { keyText } from '../data/keys.ts';
import { goTo } from '../state/go.ts';
import { select } from '../state/select.ts';
import type { GroupBar, Outcome } from './scene.ts';

/** Rows of the table at the most. */
const ROWS_MAX = 100;

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  SUCCESS: 'SUCCESS',
  INVALID: 'INVALID',
  TAKEN_AWAY: 'taken away',
  LOST: 'lost',
  OPEN: 'not answered',
};

export function GroupTable({ groups }: { groups: readonly GroupBar[] }) {
  return (
    <details class="group-table">
      <summary>Groups in view: {groups.length}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by key */}
      <section class="group-scroll" tabIndex={0} aria-label="Groups in view">
        <table>
          <thead>
            <tr>
              {['group', 'queue', 'requested', 'queued', 'read', 'ended', 'outcome'].map(name => (
                <th scope="col" key={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {groups.slice(0, ROWS_MAX).map(bar => (
              <GroupRow key={bar.id} bar={bar} />
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

function GroupRow({ bar }: { bar: GroupBar }) {
  const open = () => {
    goTo(bar.queued ?? bar.requested, 'jump');
    select(keyText({ kind: 'IOPF_GROUP', id: bar.id }));
  };
  return (
    <tr>
      <th scope="row">
        <button type="button" class="link" onClick={open}>
          {bar.id}
        </button>
      </th>
      <td>{bar.faultId}</td>
      <td>{bar.requested}</td>
      <td>{bar.queued ?? '–'}</td>
      <td>{bar.read ?? '–'}</td>
      <td>{bar.ended ?? '–'}</td>
      <td>{OUTCOMES[bar.outcome]}</td>
    </tr>
  );
}
