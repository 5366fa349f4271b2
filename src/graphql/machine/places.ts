/** Places in a machine's past: the seq of a time, hazards page by page. */
import { type CountedHazard, hazardsAfter } from '../../engine/find/hazards.ts';
import { TimeOutOfRangeError } from '../../engine/machine/errors.ts';
import { placeOfMoment } from '../../engine/past/moments.ts';
import { Past } from '../../engine/past/past.ts';
import { builder } from '../builder/builder.ts';
import { OF_EVENTS, OF_OPERATIONS } from '../builder/expose-errors.ts';
import { forwardLimit, forwardPage } from '../builder/forward-page.ts';
import { cursorNumber } from '../builder/lists.ts';
import { MachineType } from '../builder/refs.ts';
import { HazardType } from './hazard.ts';

builder.objectField(MachineType, 'seqAt', t =>
  t.field({
    type: 'Int',
    nullable: true,
    description:
      'The newest event of that time or before, by the server’s clock, up to this view; null if the machine was not there yet.',
    extensions: OF_OPERATIONS,
    args: { time: t.arg({ type: 'DateTime', required: true, description: 'The time.' }) },
    resolve: async ({ machineId, seq }, { time }, { engine, history }) => {
      try {
        const place = await placeOfMoment(engine, history, machineId, { time });
        return Math.min(place.seq, seq);
      } catch (error) {
        if (error instanceof TimeOutOfRangeError) return null;
        throw error;
      }
    },
  }),
);

builder.objectField(MachineType, 'allHazards', t =>
  t.connection(
    {
      type: HazardType,
      description:
        'Hazards met so far, the oldest first, however many there are. The cursor is which one it is, from 1, as in the bookmark `hazard-2`; forward only. `hazardCount` counts them.',
      extensions: OF_EVENTS,
      resolve: async ({ machineId, state, seq }, args, { engine, history, overviews }) => {
        const limit = forwardLimit('allHazards', args);
        const after = cursorNumber('after', args.after) ?? 0;
        const { hazards, hazardCount } = state;
        const list = { hazards: [...hazards], hazardCount, seq };
        const past = await Past.of(engine, history, machineId);
        const found = await hazardsAfter(past, overviews, list, after, limit);
        return forwardPage(
          args,
          limit,
          found,
          ({ number }: CountedHazard) => String(number),
          ({ hazard }) => ({ ...hazard, machineId }),
        );
      },
    },
    { description: 'A page of hazards.' },
    { description: 'One hazard of a page.' },
  ),
);
