import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COMMAND_TYPES } from '../../src/core/machine/command.ts';
import { EVENT_TYPES, type Event } from '../../src/core/machine/event.ts';
import {
  decode,
  decodeEvents,
  encode,
  FIRST_PREVIOUS_HASH,
  type Row,
} from '../../src/log/codec.ts';
import { CURRENT_UPCASTING } from '../../src/log/upcast.ts';
import { commandOfType, eventOfType, outcome } from './arbitraries.ts';
import { next, operations, withEvents } from './fixtures.ts';

const encoded = (operation: Parameters<typeof encode>[1]) =>
  encode('m', operation, FIRST_PREVIOUS_HASH);

describe('decode(encode(x)) equals x', () => {
  test('for operations of all kinds', () => {
    fc.assert(
      fc.property(outcome, made => {
        const operation = next(null, made);
        const row = encoded(operation);
        expect(decode(row, CURRENT_UPCASTING)).toStrictEqual(operation);
        expect(decodeEvents(row, CURRENT_UPCASTING)).toStrictEqual(operation.events);
      }),
      { numRuns: 300 },
    );
  });

  test.for(EVENT_TYPES)('for %s', type => {
    fc.assert(
      fc.property(eventOfType(type), event => {
        const operation = next(null, withEvents([event]));
        expect(decode(encoded(operation), CURRENT_UPCASTING)).toStrictEqual(operation);
      }),
      { numRuns: 20 },
    );
  });

  test.for(COMMAND_TYPES)('for %s', type => {
    fc.assert(
      fc.property(commandOfType(type), command => {
        const operation = next(null, { ...withEvents([]), command });
        expect(decode(encoded(operation), CURRENT_UPCASTING)).toStrictEqual(operation);
      }),
      { numRuns: 20 },
    );
  });

  test('for a string that looks like a 64-bit value', () => {
    const event: Event = {
      type: 'HazardRecorded',
      name: 'MSI_WINDOWS',
      objects: [],
      plantedSeq: null,
      function: '0x1',
      detail: '0xffff',
    };
    const operation = next(null, withEvents([event]));
    expect(decode(encoded(operation), CURRENT_UPCASTING)).toStrictEqual(operation);
  });
});

describe('the stored format', () => {
  const row = encoded(operations(3)[2]!);

  test('is readable JSON', () => {
    expect(row.type).toBe('PageRequestSend');
    expect(row.errno).toBe('0');
    expect(row.events).toBe(
      '[{"type":"PageRequestReported","deviceNo":1,' +
        '"request":{"flags":3,"pasid":5,"grpid":3,"perm":3,"addr":"0x7f0012345000"},"v":1},' +
        '{"type":"IopfGroupQueued","contextId":1,"faultId":4,"iopfGroupId":12,"attachHandleId":2,' +
        '"deviceNo":1,"deviceId":3,"requests":[' +
        '{"flags":3,"pasid":5,"grpid":3,"perm":3,"addr":"0x0"},' +
        '{"flags":3,"pasid":5,"grpid":3,"perm":3,"addr":"0x7f0012345000"}],"v":1}]',
    );
    expect(row.body).toBe(
      '{"command":{"type":"PageRequestSend","bdf":"0000:01:00.0","pasid":5,"grpid":3,"perm":3,' +
        '"addr":"0x7f0012345000","lastPage":true},' +
        '"reply":{"outcome":"REPORTED","reportErrno":0,"iopfGroupId":12},' +
        '"trace":[["iommu_report_device_fault",0,"0"],["iommufd_fault_iopf_handler",1,"0"]]}',
    );
  });

  test('carries the hash that its description says', () => {
    const header = `["m",3,1,3,${row.atMs},"PageRequestSend","0"]`;
    const wanted = createHash('sha256')
      .update(`${'0'.repeat(64)}\n${header}\n${row.events}\n${row.body}`)
      .digest('hex');
    expect(row.hash).toBe(wanted);
  });
});

describe('what has no place in the log is refused:', () => {
  const withDetail = (detail: unknown) =>
    withEvents([
      { type: 'HazardRecorded', name: 'MSI_WINDOWS', function: 'f', detail } as unknown as Event,
    ]);
  const refusals: [string, unknown, RegExp][] = [
    ['a bigint under a key that is not known', 1n, /detail is not among the log's 64-bit fields/],
    ['a bigint in a list', [1n], /1 has no place in the log/],
    ['a bigint above u64', { addr: 1n << 64n }, /addr 18446744073709551616 is not a u64/],
    ['a negative bigint', { addr: -1n }, /addr -1 is not a u64/],
    ['undefined', undefined, /undefined has no place in the log/],
    ['NaN', Number.NaN, /NaN has no place in the log/],
  ];
  for (const [what, detail, message] of refusals) {
    test(what, () => {
      expect(() => encoded(next(null, withDetail(detail)))).toThrow(message);
    });
  }
});

test('hex under a 64-bit key that is too long or not hex stays a string', () => {
  const row: Row = {
    ...encoded(operations(1)[0]!),
    events:
      '[{"type":"ContextOpened","addr":"0x12345678901234567","last":"0xg","start":"0xf","v":1}]',
  };
  const [event] = decodeEvents(row, CURRENT_UPCASTING);
  expect(event).toEqual({
    type: 'ContextOpened',
    addr: '0x12345678901234567',
    last: '0xg',
    start: 15n,
  });
});
