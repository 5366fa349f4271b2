/** A fault handler that leaves without a word, forgets groups, and comes back. */
import type { Client, Life } from './client.ts';
import { pause } from './client.ts';
import { CONTEXT, FAULT_QUEUE } from './mutations.ts';
import type { Json } from './notes.ts';
import { Subscription } from './subscription.ts';

const Q = `contextId: ${CONTEXT}, faultId: ${FAULT_QUEUE}`;
const UPDATE = '{ kind redelivered iopfGroup { iopfGroupId cookie } }';

interface Update {
  readonly kind: string;
  readonly redelivered: boolean;
  readonly iopfGroup: { readonly iopfGroupId: number; readonly cookie: number };
}

export interface Handling {
  /** Share of the groups that it means to answer; the rest it holds until it leaves. */
  readonly answers: number;
  /** It leaves after up to so many milliseconds; null: not before the life is over. */
  readonly leavesMs: number | null;
}

/** Until the life is over. */
export async function handle(client: Client, machineId: string, how: Handling): Promise<void> {
  const { life, notes, prng } = client;
  while (!life.over) {
    const subscription = notes.unique();
    const answering = new Set<Promise<unknown>>();
    let current = true;
    const arguments_ = `machineId: "${machineId}", ${Q}, mode: HANDLE, maxInFlight: 64`;
    const query = `subscription { iopfGroups(${arguments_}) ${UPDATE} }`;
    const connection = new Subscription(life.url, query, (data: { [field: string]: Json }) => {
      if (!current) return;
      const { kind, redelivered, iopfGroup } = data['iopfGroups'] as unknown as Update;
      if (kind !== 'DELIVERED') return;
      const order = notes.order();
      notes.deliveries.push({ machineId, ...iopfGroup, redelivered, subscription, order });
      if (!prng.chance(how.answers)) return;
      const answer = answerGroup(client, machineId, iopfGroup.cookie);
      answering.add(answer);
      answer.finally(() => answering.delete(answer));
    });
    const errors = await Promise.race([connection.ended, whenItLeaves(life, how, prng.below(1e6))]);
    current = false;
    await connection.cut();
    for (const { message } of errors) {
      if (!life.mayRefuse) notes.find(`handling faults of ${machineId} ended: ${message}`);
    }
    // An answer under way could meet another group that got the same cookie meanwhile.
    await Promise.all(answering);
    await pause(prng.below(30));
  }
}

async function answerGroup(client: Client, machineId: string, cookie: number): Promise<void> {
  if (client.prng.chance(0.2)) await pause(client.prng.below(50));
  const responses = `[{cookie: ${cookie}, code: IOMMUFD_PAGE_RESP_SUCCESS}]`;
  await client.run(machineId, [{ mutation: 'faultWrite', input: `${Q}, responses: ${responses}` }]);
}

async function whenItLeaves(life: Life, { leavesMs }: Handling, chance: number): Promise<[]> {
  const end = leavesMs === null ? Number.POSITIVE_INFINITY : 100 + (chance % leavesMs);
  for (let passed = 0; passed < end && !life.over; passed += 20) await pause(20);
  return [];
}
