/** Batches of events through the schema: columns, objects, and where to come back. */
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { subscribe } from '../../../src/graphql/execute.ts';
import { schema } from '../../../src/graphql/schema.ts';
import type { Faultline } from '../../../src/server/faultline.ts';
import { ask, at, type Json, makeFaulting, start } from '../builder/testing.ts';

async function batchesOf({ context }: Faultline, args: string) {
  const document = parse(
    `subscription { eventBatches(${args}) { first last types layers operations atMs
       events { seq type layer operation { number at } } } }`,
  );
  return subscribe({ schema, document, contextValue: { ...context } });
}

test('columns say what the events say', async () => {
  const server = await start();
  await makeFaulting(server);
  const { seq } = at(await ask(server, '{ machine { seq } }'), 'machine') as { seq: number };
  const stream = await batchesOf(server, 'after: 2, max: 5');
  if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
  for (let after = 2; after < seq; ) {
    const { value } = await stream.next();
    const batch = at(value!.data as Json, 'eventBatches') as { [key: string]: Json };
    const events = batch['events'] as unknown as {
      seq: number;
      type: string;
      layer: string;
      operation: { number: number; at: string };
    }[];
    const last = Math.min(after + 5, seq);
    expect(events.map(event => event.seq)).toEqual(
      Array.from({ length: last - after }, (_, index) => after + 1 + index),
    );
    expect({ ...batch, events: null }).toEqual({
      first: after + 1,
      last,
      types: events.map(({ type }) => type),
      layers: events.map(({ layer }) => layer),
      operations: events.map(({ operation }) => operation.number),
      atMs: events.map(({ operation }) => Date.parse(operation.at)),
      events: null,
    });
    after = last;
  }
  await stream.return(undefined);
});

const REFUSED = [
  ['max: 0', /^"max" must be from 1 to 1000, not 0$/],
  ['max: 1001', /^"max" must be from 1 to 1000, not 1001$/],
  ['after: 9999', /^"after" must be from 0 to \d+, /],
] as const;

test.each(REFUSED)('eventBatches(%s) is refused', async (args, said) => {
  const answer = await batchesOf(await start(), args);
  if (Symbol.asyncIterator in answer) throw new Error('it was opened');
  expect(answer.errors![0]!.message).toMatch(said);
});
