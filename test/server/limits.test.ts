/** What all bounds come to together, for a heap of 512 MB. */
import { expect, test } from 'vitest';
import { OBSERVED_GROUPS_MAX, REPLAY_GROUPS_TOGETHER_MAX } from '../../src/abi/limits.ts';
import {
  RESULT_CHARACTERS_MAX,
  RESULT_FIELD_BYTES,
  RESULT_FIELDS_MAX,
} from '../../src/graphql/builder/result-limit.ts';
import {
  ADDRESS_BYTES_MAX,
  CONNECTION_BYTES,
  CONNECTIONS_MAX,
  DOCUMENT_CACHE_BYTES_MAX,
  DOCUMENT_TOKEN_BYTES,
  DOCUMENT_TOKENS_MAX,
  HEADER_BYTES_MAX,
  HELD_BYTES_MAX,
  JSON_VALUE_BYTES,
  JSON_VALUES_MAX,
  MESSAGE_BYTES_MAX,
  OPERATION_BYTES,
  OPERATIONS_PER_SOCKET_MAX,
  SOCKET_BYTES_MAX,
  WEBSOCKETS_MAX,
} from '../../src/server/limits.ts';

const HEAP_BYTES = 512 * 1024 * 1024;
/** The program itself with its schema, and what is not a client's. Measured: 60 MB after a start. */
const PROGRAM_BYTES = 100_000_000;
/** One group that an observer keeps, one that a replay does: an object and its place in a map. */
const OBSERVED_GROUP_BYTES = 300;
const REPLAY_GROUP_BYTES = 150;

/** One operation as large as it may be, with its message, its document and its variables. */
const LARGEST_OPERATION =
  OPERATION_BYTES +
  2 * MESSAGE_BYTES_MAX +
  JSON_VALUES_MAX * JSON_VALUE_BYTES +
  DOCUMENT_TOKENS_MAX * DOCUMENT_TOKEN_BYTES;
const LARGEST_ANSWER = RESULT_FIELDS_MAX * RESULT_FIELD_BYTES + 2 * RESULT_CHARACTERS_MAX;

test('the ledger bounds what the numbers multiplied do not', () => {
  const sockets = WEBSOCKETS_MAX * (CONNECTION_BYTES + SOCKET_BYTES_MAX);
  const operations = WEBSOCKETS_MAX * OPERATIONS_PER_SOCKET_MAX * LARGEST_OPERATION;
  const bodies = CONNECTIONS_MAX * (CONNECTION_BYTES + 2 * MESSAGE_BYTES_MAX);
  // None of these would fit; each is counted in the ledger, and that does.
  for (const product of [sockets, operations, bodies]) expect(product).toBeGreaterThan(HEAP_BYTES);
  expect(HELD_BYTES_MAX).toBeLessThan(HEAP_BYTES / 2);
});

test('all of it together fits into the heap', () => {
  const worst =
    PROGRAM_BYTES +
    HELD_BYTES_MAX +
    DOCUMENT_CACHE_BYTES_MAX +
    OBSERVED_GROUPS_MAX * OBSERVED_GROUP_BYTES +
    REPLAY_GROUPS_TOGETHER_MAX * REPLAY_GROUP_BYTES +
    // What is being parsed before it is counted, one message at a time.
    LARGEST_OPERATION;
  expect(worst).toBeLessThan(0.9 * HEAP_BYTES);
});

test('each bound leaves room for what is within the others', () => {
  expect(LARGEST_OPERATION + LARGEST_ANSWER + CONNECTION_BYTES).toBeLessThan(SOCKET_BYTES_MAX);
  expect(2 * SOCKET_BYTES_MAX).toBeLessThan(ADDRESS_BYTES_MAX);
  expect(ADDRESS_BYTES_MAX).toBeLessThan(HELD_BYTES_MAX);
  expect(CONNECTIONS_MAX * CONNECTION_BYTES).toBeLessThan(HELD_BYTES_MAX);
  expect(CONNECTION_BYTES).toBeGreaterThan(HEADER_BYTES_MAX);
  expect(OPERATIONS_PER_SOCKET_MAX * OPERATION_BYTES).toBeLessThan(SOCKET_BYTES_MAX);
  // As many subscribers as the benchmarks have, from one address.
  expect(1_500 * OPERATION_BYTES + 100 * CONNECTION_BYTES).toBeLessThan(ADDRESS_BYTES_MAX);
});
