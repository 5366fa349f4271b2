import { describe, expect, test } from 'vitest';
import { decode, encode, FIRST_PREVIOUS_HASH } from '../../src/log/codec.ts';
import {
  CURRENT_UPCASTING,
  EVENT_VERSIONS,
  EventVersionError,
  type Upcasting,
  upcast,
} from '../../src/log/upcast.ts';
import { operations } from './fixtures.ts';

const upcasters: Upcasting['upcasters'] = {
  // Version 1 is lifted to 2 and then to 3; the old type is renamed on its way.
  'PageRequestReported@1': event => ({ ...event, v: 2, source: 'PRI' }),
  'PageRequestReported@2': ({ request, ...event }) => ({
    ...event,
    request,
    v: 3,
    addr: addrOf(request),
  }),
  'PageAsked@1': event => ({ ...event, type: 'PageRequestReported', v: 1 }),
};
const TABLE: Upcasting = {
  versions: { ...EVENT_VERSIONS, PageRequestReported: 3 },
  upcasters,
};

function addrOf(request: unknown): bigint {
  return (request as { addr: bigint }).addr;
}

/** The fixture's page request as a row, its events' text changed. */
function row(change: (events: string) => string) {
  const encoded = encode('m', operations(3)[2]!, FIRST_PREVIOUS_HASH);
  return { ...encoded, events: change(encoded.events) };
}

describe('an event of an old version', () => {
  const lifted = {
    type: 'PageRequestReported',
    deviceNo: 1,
    request: { flags: 3, pasid: 5, grpid: 3, perm: 3, addr: 0x7f00_1234_5000n },
    source: 'PRI',
    addr: 0x7f00_1234_5000n,
  };

  test('is lifted step by step, with bigints, and the others stay', () => {
    const written = operations(3)[2]!;
    const { events, ...rest } = decode(
      row(text => text),
      TABLE,
    );
    expect(events).toEqual([lifted, written.events[1]]);
    expect({ ...rest, events: written.events }).toEqual(written);
  });

  test('is lifted from a version in between', () => {
    const half = row(text => text.replace('"v":1}', '"source":"ATS","v":2}'));
    expect(decode(half, TABLE).events[0]).toEqual({ ...lifted, source: 'ATS' });
  });

  test('is lifted from a type that was renamed', () => {
    const renamed = row(text => text.replace('PageRequestReported', 'PageAsked'));
    expect(decode(renamed, TABLE).events[0]).toEqual(lifted);
  });
});

test.each([
  ['ContextOpened', {}],
  ['HwptPagingAllocated', { pasid: false }],
  ['HwptNestedAllocated', { pasid: false }],
])('%s of version 1', (type, added) => {
  const stored = { type, v: 1, contextId: 1 };
  expect(upcast(stored, CURRENT_UPCASTING, 'm', 1)).toEqual({ type, contextId: 1, ...added });
});

describe('an event that cannot be read names machine, operation and type:', () => {
  const refusals: [string, (text: string) => string, Upcasting, RegExp][] = [
    [
      'an unknown type',
      text => text.replace('PageRequestReported', 'Surprise'),
      CURRENT_UPCASTING,
      /^machine m, operation 3, event Surprise v1: this type is unknown here/,
    ],
    [
      'a type named as a property of every object',
      text => text.replace('PageRequestReported', 'toString'),
      CURRENT_UPCASTING,
      /^machine m, operation 3, event toString v1: this type is unknown here/,
    ],
    [
      'a newer version',
      text => text.replace('"v":1', '"v":9'),
      CURRENT_UPCASTING,
      /^machine m, operation 3, event PageRequestReported v9: written by a newer version/,
    ],
    [
      'a missing upcaster',
      text => text,
      { ...TABLE, upcasters: {} },
      /^machine m, operation 3, event PageRequestReported v1: no upcaster leads from it to v3/,
    ],
    [
      'upcasters that go in a circle',
      text => text,
      { ...TABLE, upcasters: { 'PageRequestReported@1': event => event } },
      /no upcaster leads/,
    ],
  ];
  for (const [what, change, table, message] of refusals) {
    test(what, () => {
      expect(() => decode(row(change), table)).toThrow(EventVersionError);
      expect(() => decode(row(change), table)).toThrow(message);
    });
  }
});
