/** Stages of iopf groups, by key: of the selected group, or of any. */
import { keyInput } from '../data/keys.ts';
import { bars } from '../timeline/timeline-data.ts';
import { tell } from './announce.ts';
import { goTo } from './go.ts';
import { playhead, selected } from './place.ts';

/** To the stage after the playhead, or before it. */
export function stepStage(by: -1 | 1): void {
  const key = selected.peek();
  const parts = key === null ? null : keyInput(key);
  const id = parts?.kind === 'IOPF_GROUP' ? parts.id : null;
  const at = playhead.peek() ?? 0;
  const stages = bars
    .peek()
    .filter(bar => id === null || bar.id === id)
    .flatMap(({ requested, queued, read, ended }) => [requested, queued, read, ended])
    .filter(seq => seq !== null)
    .sort((a, b) => a - b);
  const next = by > 0 ? stages.find(seq => seq > at) : stages.findLast(seq => seq < at);
  if (next === undefined) return tell(`No stage ${by > 0 ? 'after' : 'before'} this in view.`);
  goTo(next, 'jump');
}
