/** Pages of a log are read in pieces, and hold no more events than their bound. */
import { expect, test } from 'vitest';
import type { Operation } from '../../../src/core/machine/operation.ts';
import type { GraphqlContext } from '../../../src/graphql/builder/builder.ts';
import { operationsPage, PAGE_EVENTS_MAX } from '../../../src/graphql/log/log-pages.ts';
import type { ReadOptions } from '../../../src/log/log.ts';

const OPERATIONS = 100;

/** A log of so many operations with so many events each. */
function logOf(eventsEach: number) {
  const events = Array.from({ length: eventsEach }, () => ({ type: 'MachineCreated' }));
  const operations = Array.from({ length: OPERATIONS }, (_, index) => ({
    number: index + 1,
    events,
  })) as unknown as Operation[];
  const limits: number[] = [];
  const read = async (_: string, options: ReadOptions) => {
    const { afterNumber = 0, beforeNumber = OPERATIONS + 1, limit, order } = options;
    limits.push(limit);
    const found = operations.slice(afterNumber, beforeNumber - 1);
    return order === 'backward' ? found.reverse().slice(0, limit) : found.slice(0, limit);
  };
  return { context: { engine: { log: { read } } } as unknown as GraphqlContext, limits };
}

const numbers = (page: { edges: { cursor: string }[] }) =>
  page.edges.map(({ cursor }) => Number(cursor));

test('a page is the same whatever the pieces it is read in', async () => {
  const { context, limits } = logOf(1);
  const forward = await operationsPage(context, 'm', 1_000, { first: 60, after: '10' });
  expect(numbers(forward)).toEqual(Array.from({ length: 60 }, (_, index) => index + 11));
  expect(forward.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
  expect(limits[0]).toBeLessThan(60);
  expect(limits.length).toBeGreaterThan(1);
  const backward = await operationsPage(context, 'm', 1_000, { last: 60 });
  expect(numbers(backward)).toEqual(Array.from({ length: 60 }, (_, index) => index + 41));
  const all = await operationsPage(context, 'm', 1_000, { first: 1_000 });
  expect(numbers(all)).toEqual(Array.from({ length: OPERATIONS }, (_, index) => index + 1));
  expect(all.pageInfo.hasNextPage).toBe(false);
});

test('operations with too many events are refused; one alone may have any number', async () => {
  const { context } = logOf(PAGE_EVENTS_MAX + 1);
  await expect(operationsPage(context, 'm', 1_000, { first: 2 })).rejects.toMatchObject({
    message: expect.stringContaining(`may have ${PAGE_EVENTS_MAX} events`),
    extensions: { code: 'RESULT_LIMIT' },
  });
  const { context: one } = logOf(PAGE_EVENTS_MAX / 2);
  expect(numbers(await operationsPage(one, 'm', 1_000, { first: 1 }))).toEqual([1]);
});
