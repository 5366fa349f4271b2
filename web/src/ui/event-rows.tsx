/** Events as a list of rows, each of which leads to its moment. */
import { goTo } from '../state/go.ts';

interface EventRowsProps {
  readonly events: readonly { readonly seq: number; readonly summary: string }[];
  /** The seq of the moment that is shown. */
  readonly at: number;
}

export function EventRows({ events, at }: EventRowsProps) {
  return (
    <ol class="event-list">
      {events.map(({ seq, summary }) => (
        <li key={seq}>
          <button
            type="button"
            class="row"
            aria-current={seq === at ? 'true' : undefined}
            onClick={() => goTo(seq, 'jump')}
          >
            <span class="seq">{seq}</span>
            <span>{summary}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}
