/** A machine that faults, and what tests say of its handlers and observers. */
import { expect } from 'vitest';
import type { Faultline } from '../../src/server/faultline.ts';
import { ask, at, type Json, makeFaulting, mutate, start } from '../graphql/builder/testing.ts';
import { type Reader, until } from './subscriber.ts';

export const Q = 'contextId: 1, faultId: 4';
export const FIELDS = `{ kind seq redelivered code iopfGroup {
  iopfGroupId cookie reader readSeq messages { grpid addr rawFlags cookie devId }
  faultQueue { deliverCount awaitingResponseCount } } }`;
export const handling = (maxInFlight = 16) =>
  `subscription { iopfGroups(${Q}, mode: HANDLE, maxInFlight: ${maxInFlight}) ${FIELDS} }`;
export const OBSERVING = `subscription { iopfGroups(${Q}, mode: OBSERVE) ${FIELDS} }`;

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

export async function queueOf(server: Faultline): Promise<{ [key: string]: Json }> {
  const data = await ask(
    server,
    `{ machine { context(contextId: 1) { object(id: 4) { ... on FaultQueue {
      deliver { iopfGroupId } awaitingResponse { iopfGroupId cookie reader } } } } } }`,
  );
  return at(data, 'machine', 'context', 'object') as { [key: string]: Json };
}

export const idOf = (update: Json) => at(update, 'iopfGroup', 'iopfGroupId') as number;
export const cookieOf = (update: Json) => at(update, 'iopfGroup', 'cookie') as number;

export function answer(server: Faultline, cookie: number, code = 'SUCCESS') {
  const responses = `[{cookie: ${cookie}, code: IOMMUFD_PAGE_RESP_${code}}]`;
  return mutate(server, 'faultWrite', `${Q}, responses: ${responses}`, 'bytes');
}

export async function take(reader: Reader, count: number): Promise<{ [key: string]: Json }[]> {
  const updates = [];
  for (let i = 0; i < count; i++) updates.push(await reader.next('iopfGroups'));
  return updates;
}

/** Lets whatever could come wrongly come. */
export const quiet = () => new Promise(resolve => setTimeout(resolve, 60));
