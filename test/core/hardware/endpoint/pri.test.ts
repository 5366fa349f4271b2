/** The Page Request Interface of a function: credits, responses, failure, registers. */
import { describe, expect, test } from 'vitest';
import {
  checkEnable,
  checkReset,
  creditsUsed,
  disablePri,
  enablePri,
  freeIndex,
  isStopped,
  maySend,
  newPri,
  noteSent,
  PRG_INDEXES,
  receiveResponse,
  resetPri,
} from '../../../../src/core/hardware/endpoint/pri.ts';
import {
  atsRegisters,
  pasidRegisters,
  priRegisters,
} from '../../../../src/core/hardware/endpoint/registers.ts';
import type { QueuedPageRequest } from '../../../../src/core/hardware/vendors/page-request.ts';

const REQUEST: QueuedPageRequest = {
  requesterId: 1,
  pasid: 7,
  read: true,
  write: false,
  execute: false,
  privileged: false,
  last: true,
  prgIndex: 0,
  address: 0x5000n,
};
const at = (prgIndex: number, last = true) => ({ ...REQUEST, prgIndex, last });

function enabled(allocation = 4, capacity = 32) {
  const pri = newPri(capacity, true);
  enablePri(pri, allocation);
  return pri;
}

function sentTo(indexes: readonly number[], allocation = 32) {
  const pri = enabled(allocation);
  for (const index of indexes) noteSent(pri, at(index));
  return pri;
}

describe('page requests of a function', () => {
  test('cost a credit each, until their group is answered', () => {
    const pri = enabled(2);
    noteSent(pri, at(1, false));
    expect(maySend(pri, at(1))).toBe('SEND');
    noteSent(pri, at(1));
    expect([creditsUsed(pri), maySend(pri, at(2))]).toEqual([2, 'NO_CREDIT']);
    expect(receiveResponse(pri, { prgIndex: 1, code: 0 })).toBe('SUCCESS');
    expect([creditsUsed(pri), maySend(pri, at(2))]).toEqual([0, 'SEND']);
  });

  test('a stop marker costs nothing and is not answered', () => {
    const pri = sentTo([1], 1);
    const marker = { ...at(2), read: false };
    expect(maySend(pri, marker)).toBe('SEND');
    noteSent(pri, marker);
    expect(creditsUsed(pri)).toBe(1);
    expect(receiveResponse(pri, { prgIndex: 2, code: 0 })).toBe('UNEXPECTED');
  });

  test('the bits of a marker without PASID are a request', () => {
    const pri = sentTo([1], 1);
    expect(maySend(pri, { ...at(2), read: false, pasid: null })).toBe('NO_CREDIT');
  });

  test('an index is not reused while its group waits for the answer', () => {
    const pri = sentTo([1]);
    expect(maySend(pri, at(1))).toBe('INDEX_IN_USE');
    expect([freeIndex(pri, 1), freeIndex(pri, 0)]).toEqual([2, 0]);
    const full = sentTo(Array.from({ length: PRG_INDEXES }, (_, index) => index));
    expect(freeIndex(full, 5)).toBeNull();
    full.outstanding.delete(3);
    expect(freeIndex(full, 500)).toBe(3);
  });

  test('nothing is sent while PRI is off', () => {
    expect(maySend(newPri(4, false), at(0))).toBe('DISABLED');
  });
});

describe('responses', () => {
  test.each([
    [0, 'SUCCESS'],
    [1, 'INVALID_REQUEST'],
    [2, 'RESPONSE_FAILURE'],
    [9, 'RESPONSE_FAILURE'],
    [15, 'RESPONSE_FAILURE'],
  ] as const)('code %i: %s', (code, effect) => {
    const pri = sentTo([3, 4]);
    expect(receiveResponse(pri, { prgIndex: 3, code })).toBe(effect);
    const failed = effect === 'RESPONSE_FAILURE';
    expect(pri).toMatchObject({ enabled: !failed, responseFailure: failed });
    expect([...pri.outstanding.keys()]).toEqual([4]);
  });

  test('an index that is not outstanding sets UPRGI and does nothing else', () => {
    const pri = sentTo([3]);
    expect(receiveResponse(pri, { prgIndex: 4, code: 0 })).toBe('UNEXPECTED');
    expect(pri).toMatchObject({ unexpectedIndex: true, enabled: true });
    expect(pri.outstanding.size).toBe(1);
  });

  test('a failure counts whatever index it names', () => {
    const pri = sentTo([3]);
    expect(receiveResponse(pri, { prgIndex: 4, code: 15 })).toBe('RESPONSE_FAILURE');
    expect(pri.unexpectedIndex).toBe(false);
  });

  test('after a failure responses are ignored until PRI is enabled again', () => {
    const pri = sentTo([3, 4, 5]);
    receiveResponse(pri, { prgIndex: 4, code: 15 });
    expect(receiveResponse(pri, { prgIndex: 3, code: 0 })).toBe('IGNORED');
    expect(pri.unexpectedIndex).toBe(false);
    expect([isStopped(pri), checkEnable(pri)]).toEqual([false, 'EBUSY']);
    resetPri(pri);
    expect(checkEnable(pri)).toBe(0);
    enablePri(pri, 8);
    expect(receiveResponse(pri, { prgIndex: 3, code: 0 })).toBe('UNEXPECTED');
  });
});

describe('enable, disable, reset', () => {
  test('enabling again is refused; the allocation is no more than the capacity', () => {
    const pri = enabled(100, 32);
    expect([pri.allocation, checkEnable(pri), checkReset(pri)]).toEqual([32, 'EBUSY', 'EBUSY']);
  });

  test('disabled, it stops when all is answered; before, it cannot be enabled', () => {
    const pri = sentTo([1, 2]);
    disablePri(pri);
    expect([isStopped(pri), checkEnable(pri)]).toEqual([false, 'EBUSY']);
    receiveResponse(pri, { prgIndex: 1, code: 0 });
    receiveResponse(pri, { prgIndex: 2, code: 1 });
    expect([isStopped(pri), checkEnable(pri)]).toEqual([true, 0]);
  });

  test('a reset forgets and stops; Enable clears RF and UPRGI', () => {
    const pri = sentTo([1]);
    receiveResponse(pri, { prgIndex: 9, code: 0 });
    disablePri(pri);
    expect(checkReset(pri)).toBe(0);
    resetPri(pri);
    expect([isStopped(pri), pri.unexpectedIndex]).toEqual([true, true]);
    enablePri(pri, 4);
    expect(pri).toMatchObject({ unexpectedIndex: false, responseFailure: false, enabled: true });
  });
});

describe('registers', () => {
  test('PRI', () => {
    const pri = newPri(32, true);
    expect(priRegisters(pri)).toEqual([0x1_0013, 0x8100_0000, 32, 0]);
    enablePri(pri, 8);
    expect(priRegisters(pri)).toEqual([0x1_0013, 0x8000_0001, 32, 8]);
    receiveResponse(pri, { prgIndex: 1, code: 0 });
    receiveResponse(pri, { prgIndex: 1, code: 15 });
    expect(priRegisters(pri)).toEqual([0x1_0013, 0x8103_0000, 32, 8]);
    noteSent(pri, at(1));
    expect(priRegisters(newPri(1, false))).toEqual([0x1_0013, 0x0100_0000, 1, 0]);
    expect(priRegisters(pri)[1]).toBe(0x8003_0000);
  });

  test('ATS', () => {
    const ats = { enabled: true, stu: 3, invalidateQueueDepth: 32, pageAligned: true };
    expect(atsRegisters(ats)).toEqual([0x1_000f, 0x8003_0020]);
    const off = { ...ats, enabled: false, stu: 0, invalidateQueueDepth: 7, pageAligned: false };
    expect(atsRegisters(off)).toEqual([0x1_000f, 7]);
  });

  test('PASID', () => {
    const state = {
      enabled: true,
      width: 20,
      execute: true,
      privileged: true,
      executeEnabled: true,
      privilegedEnabled: false,
    };
    expect(pasidRegisters(state)).toEqual([0x1_001b, 0x0003_1406]);
    const off = { ...state, enabled: false, executeEnabled: false, execute: false, width: 8 };
    expect(pasidRegisters({ ...off, privileged: false, privilegedEnabled: true })).toEqual([
      0x1_001b, 0x0004_0800,
    ]);
  });
});
