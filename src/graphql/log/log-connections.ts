/** The two connections through a machine's log: operations and events, all or those that fit. */
import { lastNumberUntil } from '../../engine/past/places.ts';
import { builder } from '../builder/builder.ts';
import { OF_EVENTS, OF_OPERATIONS } from '../builder/expose-errors.ts';
import { MachineType } from '../builder/refs.ts';
import { eventsPage, operationsPage } from './log-pages.ts';
import { EventWhere, eventsWhere, OperationWhere, operationsWhere } from './log-where.ts';
import { EventObject, OperationType } from './operation.ts';

const COUNT_TEXT = 'How many there are, whatever the page. With `where` all are looked at for it.';

interface Counted {
  readonly count: () => number | Promise<number>;
}

builder.objectField(MachineType, 'operations', t =>
  t.connection(
    {
      type: OperationType,
      description:
        'Operations up to this view, the oldest first; `last` gives the newest. The cursor is the operation’s number.',
      extensions: OF_OPERATIONS,
      args: { where: t.arg({ type: OperationWhere, description: 'Only those that fit.' }) },
      resolve: async (machine, { where, ...args }, context) => {
        if (where) return operationsWhere(context, machine, args, where);
        const { machineId, seq } = machine;
        const page = await operationsPage(context, machineId, seq, args);
        return { ...page, count: () => lastNumberUntil(context.engine, machineId, seq) };
      },
    },
    {
      description: 'A page of operations.',
      fields: t => ({
        totalCount: t.int({
          description: COUNT_TEXT,
          extensions: OF_OPERATIONS,
          resolve: page => (page as Counted).count(),
        }),
      }),
    },
    { description: 'One operation of a page.' },
  ),
);

builder.objectField(MachineType, 'events', t =>
  t.connection(
    {
      type: EventObject,
      description: 'Events up to this view, the oldest first. The cursor is the event’s seq.',
      extensions: OF_EVENTS,
      args: { where: t.arg({ type: EventWhere, description: 'Only those that fit.' }) },
      resolve: async (machine, { where, ...args }, context) => {
        if (where) return eventsWhere(context, machine, args, where);
        const { machineId, seq } = machine;
        return { ...(await eventsPage(context, machineId, seq, args)), count: () => seq };
      },
    },
    {
      description: 'A page of events.',
      fields: t => ({
        totalCount: t.int({
          description: COUNT_TEXT,
          extensions: OF_EVENTS,
          resolve: page => (page as Counted).count(),
        }),
      }),
    },
    { description: 'One event of a page.' },
  ),
);
