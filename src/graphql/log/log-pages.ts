/** Pages of a machine's log: its operations and its events, as Relay connections. */
import { GraphQLError } from 'graphql';
import type { Operation } from '../../core/machine/operation.ts';
import { eventsOf } from '../../engine/follow/follow.ts';
import { Pace } from '../../engine/turn/pace.ts';
import type { ReadOptions } from '../../log/log.ts';
import type { GraphqlContext } from '../builder/builder.ts';
import type { Page, PageArgs } from '../builder/forward-page.ts';
import { checkFirst, cursorNumber } from '../builder/lists.ts';
import type { OperationView } from '../builder/view.ts';
import type { EventView } from './operation.ts';

/** Events that the operations of one page may have, if there are several. */
export const PAGE_EVENTS_MAX = 100_000;

/** A page of numbered things, of which `read` gives one more than the page if there are more. */
export async function pageOf<T>(
  args: PageArgs,
  read: (bounds: {
    after: number | null;
    before: number | null;
    limit: number;
    backward: boolean;
  }) => Promise<{ number: number; node: T }[]>,
): Promise<Page<T>> {
  const backward = args.last !== null && args.last !== undefined;
  const size = backward ? checkFirst(args.last, 'last') : checkFirst(args.first);
  const after = cursorNumber('after', args.after);
  const before = cursorNumber('before', args.before);
  const found = await read({ after, before, limit: size + 1, backward });
  const more = found.length > size;
  const kept = found.slice(0, size);
  if (backward) kept.reverse();
  const edges = kept.map(({ number, node }) => ({ cursor: String(number), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: backward ? before !== null : more,
      hasPreviousPage: backward ? more : after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

/** A machine's operations up to `seq`. The cursor is an operation's number. */
export function operationsPage(
  { engine }: GraphqlContext,
  machineId: string,
  seq: number,
  args: PageArgs,
): Promise<Page<OperationView>> {
  return pageOf(args, async ({ after, before, limit, backward }) => {
    const bounds: ReadOptions = {
      untilSeq: seq,
      limit,
      order: backward ? 'backward' : 'forward',
      ...(after === null ? {} : { afterNumber: after }),
      ...(before === null ? {} : { beforeNumber: before }),
    };
    const operations = await readOperations(engine, machineId, bounds);
    return operations.map(operation => ({
      number: operation.number,
      node: { machineId, operation },
    }));
  });
}

/** Piece by piece, with turns in between. Errors: RESULT_LIMIT. */
async function readOperations(
  engine: GraphqlContext['engine'],
  machineId: string,
  bounds: ReadOptions,
): Promise<Operation[]> {
  const pace = new Pace('asked');
  const operations: Operation[] = [];
  let events = 0;
  for (let from = bounds; operations.length < bounds.limit; ) {
    const { rows, isLast } = await pace.read(bounds.limit - operations.length, limit =>
      engine.log.read(machineId, { ...from, limit }),
    );
    operations.push(...rows);
    for (const row of rows) events += row.events.length;
    if (events > PAGE_EVENTS_MAX && operations.length > 1) throw tooManyEvents();
    const last = rows.at(-1);
    if (isLast || last === undefined) break;
    from =
      bounds.order === 'backward'
        ? { ...bounds, beforeNumber: last.number }
        : { ...bounds, afterNumber: last.number };
  }
  return operations;
}

function tooManyEvents(): GraphQLError {
  return new GraphQLError(
    `The operations of a page may have ${PAGE_EVENTS_MAX} events, these have more; ask for fewer` +
      ' with "first" or "last"',
    { extensions: { code: 'RESULT_LIMIT' } },
  );
}

/** A machine's events up to `seq`. The cursor is an event's seq. */
export function eventsPage(
  { engine }: GraphqlContext,
  machineId: string,
  seq: number,
  args: PageArgs,
): Promise<Page<EventView>> {
  return pageOf(args, async ({ after, before, limit, backward }) => {
    const low = after ?? 0;
    const high = Math.min(before === null ? seq : before - 1, seq);
    const events: { number: number; node: EventView }[] = [];
    // Where reading goes on: forward after this seq, backward before this operation.
    let lowest = low;
    let beforeNumber: number | null = null;
    if (backward) {
      const [holder] = await engine.log.read(machineId, { afterSeq: high - 1, limit: 1 });
      if (holder !== undefined) beforeNumber = holder.number + 1;
    }
    const pace = new Pace('asked');
    while (events.length < limit) {
      const { rows: operations, isLast } = await pace.read(limit, limit =>
        engine.log.read(machineId, {
          afterSeq: lowest,
          limit,
          order: backward ? 'backward' : 'forward',
          ...(beforeNumber === null ? {} : { beforeNumber }),
        }),
      );
      for (const operation of operations) {
        const inside = eventsOf(operation).filter(event => event.seq > low && event.seq <= high);
        if (backward) inside.reverse();
        for (const event of inside) {
          events.push({ number: event.seq, node: { ...event, machineId } });
        }
      }
      const last = operations.at(-1);
      if (last === undefined || isLast) break;
      if (backward) beforeNumber = last.number;
      else if (last.seq >= high) break;
      else lowest = last.seq;
    }
    return events.slice(0, limit);
  });
}
