/** A subscriber that follows a machine's events with its cursor, over cut sockets and restarts. */
import type { Client } from './client.ts';
import { pause } from './client.ts';
import type { Followed } from './notes.ts';
import { Subscription } from './subscription.ts';

/** `name` tells it from other followers; what it was sent before is in the notes under it. */
export async function follow(client: Client, name: string, machineId: string): Promise<void> {
  const { life, notes, prng } = client;
  const seen = notes.followed.get(name) ?? [];
  notes.followed.set(name, seen);
  while (!life.over) {
    const after = seen.at(-1)?.seq ?? 0;
    let current = true;
    const query = `subscription { events(machineId: "${machineId}", after: ${after}) { seq type data } }`;
    const subscription = new Subscription(life.url, query, data => {
      // What comes late is not looked at, as by a client that is gone: it will come again.
      if (current) seen.push(data['events'] as unknown as Followed);
    });
    const errors = await Promise.race([subscription.ended, whenItLeaves(client, prng.below(600))]);
    current = false;
    await subscription.cut();
    for (const { message } of errors) {
      if (!life.mayRefuse) notes.find(`following ${machineId} ended: ${message}`);
    }
    await pause(prng.below(30));
  }
}

/** At some time, or when the life is over. */
async function whenItLeaves({ life }: Client, afterMs: number): Promise<readonly []> {
  for (let left = 50 + afterMs; left > 0 && !life.over; left -= 20) await pause(20);
  return [];
}
