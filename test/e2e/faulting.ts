/** A machine that faults, and what tests say of its handlers and observers. */
import { expect } from 'vitest';
import {
  AnswerGroupsDocument,
  FaultQueueGroupsDocument,
  type IommufdPageResponseCode,
  type IopfGroupsSubscription,
  type IopfGroupsSubscriptionVariables,
} from '../../src/operations/operations.ts';
import type { Faultline } from '../../src/server/faultline.ts';
import { start } from '../graphql/builder/testing.ts';
import { ask, makeFaulting, mutate } from './asking.ts';
import { type Reader, until } from './subscriber.ts';

export const QUEUE = { contextId: 1, faultId: 4 };
export const DEVICE = { contextId: 1, devId: 1 };
export const handling = (maxInFlight = 16): IopfGroupsSubscriptionVariables => ({
  ...QUEUE,
  mode: 'HANDLE',
  maxInFlight,
});
export const OBSERVING: IopfGroupsSubscriptionVariables = { ...QUEUE, mode: 'OBSERVE' };

export type Update = IopfGroupsSubscription['iopfGroups'];

export async function world(): Promise<Faultline> {
  const server = await start();
  await makeFaulting(server);
  return server;
}

/** Resolves once `count` subscribers wait for news of the machine. */
export async function listening(server: Faultline, count: number): Promise<void> {
  const machine = await server.engine.machine('default');
  await until(() => machine.waiters.size === count);
  expect(machine.waiters.size).toBe(count);
}

export async function queueOf(server: Faultline) {
  const { machine } = await ask(server, FaultQueueGroupsDocument, QUEUE);
  return machine.context!.object!;
}

export const idOf = ({ iopfGroup }: Update): number => iopfGroup.iopfGroupId;
export const cookieOf = ({ iopfGroup }: Update): number => iopfGroup.cookie!;

export const SUCCESS: IommufdPageResponseCode = 'IOMMUFD_PAGE_RESP_SUCCESS';
export const INVALID: IommufdPageResponseCode = 'IOMMUFD_PAGE_RESP_INVALID';

export function answer(server: Faultline, cookie: number, code = SUCCESS) {
  return mutate(server, AnswerGroupsDocument, { ...QUEUE, responses: [{ cookie, code }] });
}

export async function take(
  reader: Reader<IopfGroupsSubscription>,
  count: number,
): Promise<Update[]> {
  const updates = [];
  for (let i = 0; i < count; i++) updates.push(await reader.next('iopfGroups'));
  return updates;
}

/** Lets whatever could come wrongly come. */
export const quiet = () => new Promise(resolve => setTimeout(resolve, 60));
