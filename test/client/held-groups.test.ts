import { expect, onTestFinished, test, vi } from 'vitest';
import { retryWaitMs, webSocketUrl } from '../../src/client/connection.ts';
import { handleFaults } from '../../src/client/handle-faults.ts';
import { HeldGroups } from '../../src/client/held-groups.ts';

const name = (iopfGroupId: number, readSeq = iopfGroupId) => ({ iopfGroupId, readSeq });

test('a group that comes again is the same, under the new handlerId', () => {
  const groups = new HeldGroups();
  const { held } = groups.deliver(name(1), 'a', false);
  groups.connectionLost();
  expect(held.handlerId).toBeNull();
  expect(groups.deliver(name(1), 'b', true)).toEqual({ held, known: true });
  expect(held.handlerId).toBe('b');
  expect(held.controller.signal.aborted).toBe(false);
});

test('a new group shows that what did not come again is gone', () => {
  const groups = new HeldGroups();
  const { held } = groups.deliver(name(1), 'a', false);
  groups.connectionLost();
  groups.deliver(name(2), 'b', false);
  expect(groups.holds(held)).toBe(false);
  expect(held.controller.signal.reason).toMatchObject({
    message: 'the connection broke and the group did not come again',
  });
});

test.each([true, false])('the id of another machine’s group is not taken for ours', redelivered => {
  const groups = new HeldGroups();
  const { held } = groups.deliver(name(1, 10), 'a', false);
  groups.connectionLost();
  expect(groups.deliver(name(1, 20), 'b', redelivered).known).toBe(false);
  expect(held.controller.signal.aborted).toBe(true);
  // What is forgotten late does not take the new one along.
  groups.forget(held);
  expect(groups.deliver(name(1, 20), 'c', true).known).toBe(true);
});

test('groups under way stay when new ones come over the same connection', () => {
  const groups = new HeldGroups();
  const { held } = groups.deliver(name(1), 'a', false);
  groups.deliver(name(2), 'a', false);
  expect(groups.holds(held)).toBe(true);
  groups.takeAway(name(1));
  expect(held.controller.signal.aborted).toBe(true);
});

test('waits double up to ten seconds, half of each is chance', () => {
  expect([0, 1, 2, 6, 7, 1_000].map(retries => retryWaitMs(retries, 1))).toEqual([
    100, 200, 400, 6_400, 10_000, 10_000,
  ]);
  expect(retryWaitMs(0, 0)).toBe(50);
});

test.each([
  ['http://127.0.0.1:4000', 'ws://127.0.0.1:4000/graphql'],
  ['https://host/', 'wss://host/graphql'],
  ['http://host/proxied/graphql', 'ws://host/proxied/graphql'],
  ['ws://127.0.0.1:4000/graphql', 'ws://127.0.0.1:4000/graphql'],
])('%s is reached at %s', (url, address) => {
  expect(webSocketUrl(url)).toBe(address);
});

test.each(['', '127.0.0.1:4000', 'localhost', 'ftp://127.0.0.1'])(
  '%j is no address: it names url',
  url => {
    const queue = { url, contextId: 1, faultId: 4 };
    expect(() => handleFaults(queue, async () => 'SUCCESS')).toThrow(
      `url: expected the address of a server, such as http://127.0.0.1:4000 (http, https, ws, wss), not "${url}"`,
    );
  },
);

test('a runtime without WebSockets: the error says what to pass', () => {
  vi.stubGlobal('WebSocket', undefined);
  onTestFinished(() => void vi.unstubAllGlobals());
  const queue = { url: 'http://127.0.0.1:4000', contextId: 1, faultId: 4 };
  expect(() => handleFaults(queue, async () => 'SUCCESS')).toThrow(
    /^webSocketImpl: this runtime has no WebSocket .* `WebSocket` of the package ws$/,
  );
});
