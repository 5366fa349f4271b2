/** Every event came to every follower once, in order, as it stands in the log. */
import { isDeepStrictEqual } from 'node:util';
import type { Notes } from '../load/notes.ts';
import type { LogFile } from './log-file.ts';

/** `atRest`: followers have had the time to see everything. */
export function* checkFollowers(
  file: LogFile,
  notes: Notes,
  machineId: string,
  atRest: boolean,
): Generator<string> {
  const events = file.events(machineId);
  for (const [name, seen] of notes.followed) {
    if (!name.startsWith(`${machineId}#`)) continue;
    for (const [place, event] of seen.entries()) {
      const { seq, type, data } = event;
      if (seq !== place + 1) {
        yield `${name} was sent seq ${seq} after ${place}`;
        break;
      }
      const kept = events[place];
      if (!isDeepStrictEqual({ seq, type, data }, kept)) {
        yield `${name} was sent ${JSON.stringify(event)}, the log has ${JSON.stringify(kept)}`;
      }
    }
    if (atRest && seen.length !== events.length) {
      yield `${name} saw ${seen.length} of ${events.length} events`;
    }
  }
}
