/** What a read and a write of a fault queue's file must give and take. */
import { isDeepStrictEqual } from 'node:util';
import { BEHAVIOUR } from '../../../abi/behaviour.ts';
import type { PgfaultMessage } from '../../../core/iommufd/fault/fault-file.ts';
import type { FaultQueue } from '../../../core/iommufd/state.ts';
import type { Outcome } from '../../../core/machine/operation.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import { acceptsResponse } from '../oracle.ts';

/** Faults found in a read or write that was not refused. `before`: the state it ran on. */
export function checkFaultFile(before: MachineState, outcome: Outcome): string[] {
  const { command, errno, reply } = outcome;
  if (errno !== 0 || (command.type !== 'FaultRead' && command.type !== 'FaultWrite')) return [];
  const queue = before.contexts.get(command.contextId)?.objects.get(command.faultId) as FaultQueue;
  if (command.type === 'FaultWrite') {
    const bytes = bytesWritten(before, queue, command);
    return isDeepStrictEqual(reply, { bytes }) ? [] : [`not ${bytes} bytes were written`];
  }
  // What is read into a buffer that is not there depends on much.
  if (command.bufVa !== undefined) return [];
  const faults = messagesRead(before, queue, command.count);
  const expected = { bytes: faults.length * 40, faults };
  return isDeepStrictEqual(reply, expected) ? [] : ['other messages were read'];
}

/** Whole groups as long as they fit, each under the lowest cookie that is free. */
function messagesRead(before: MachineState, queue: FaultQueue, count: number): PgfaultMessage[] {
  const taken = new Set(queue.awaitingResponse.keys());
  const reserved = BEHAVIOUR[before.baseline].pgfaultReserved === 'ZERO' ? 0 : null;
  const messages: PgfaultMessage[] = [];
  for (const id of queue.deliver) {
    const { requests, deviceId: devId } = before.iopfGroups.get(id)!;
    if ((messages.length + requests.length) * 40 > count) break;
    let cookie = 1;
    while (taken.has(cookie)) cookie++;
    taken.add(cookie);
    for (const request of requests) {
      messages.push({ ...request, devId, length: 0, cookie, reserved });
    }
  }
  return messages;
}

/** Responses are taken up to the first that is refused or not there. */
function bytesWritten(
  before: MachineState,
  queue: FaultQueue,
  { count, responses }: { count: number; responses: readonly { cookie: number; code: number }[] },
): number {
  const answered = new Set<number>();
  let done = 0;
  while (done * 8 < count) {
    const response = responses[done];
    if (response === undefined) {
      const positive = BEHAVIOUR[before.baseline].writeCopyFault === 'POSITIVE';
      return done === 0 && positive ? 8 : done * 8;
    }
    const again = answered.has(response.cookie);
    if (again || !acceptsResponse(before, queue, response)) break;
    answered.add(response.cookie);
    done++;
  }
  return done * 8;
}
