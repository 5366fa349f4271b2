/** What one looks at in a sentence: the event of a moment, or the operation that was refused there. */
import { marks } from '../data/head.ts';
import type { Moment } from '../data/moments.ts';
import { numberOf, refused } from './place.ts';

/** `Operation 23 was refused: DeviceAttach: ENOENT`, else the event's own sentence. */
export function sentenceOf(moment: Moment | null): string {
  const name = refused.value;
  if (name === null) return moment?.event?.summary ?? 'before the first event';
  const number = numberOf(name);
  const mark = marks.value.find(
    ({ kind, operation }) => kind === 'REFUSED' && operation === number,
  );
  return `Operation ${number} was refused${mark === undefined ? '' : `: ${mark.note}`}`;
}
