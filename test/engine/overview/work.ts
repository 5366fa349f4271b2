/** A fault queue at work, with what goes wrong. */
import type { Command } from '../../../src/core/machine/command.ts';
import type { Operation } from '../../../src/core/machine/operation.ts';
import type { Engine } from '../../../src/engine/machine/engine.ts';
import { Prng } from '../../../src/sim/prng.ts';
import { faultWrite, pageRequest, QUEUE } from '../machine/fixtures.ts';

/** Requests, reads, answers of each kind, refusals, groups taken away: so many events of it. */
export async function work(engine: Engine, machineId: string, events: number, seed: number) {
  const prng = new Prng(seed);
  let cookies: number[] = [];
  const one = (grpid: number): Command => {
    const at = prng.below(20);
    if (at < 9) return pageRequest(grpid % 512, BigInt(grpid) << 12n, at > 0);
    if (at < 13) return { type: 'FaultRead', ...QUEUE, count: 160, reader: 'READ' };
    const cookie = cookies.shift();
    if (at < 18) return faultWrite(cookie ?? 9_999, at === 17 ? 1 : 0);
    if (at === 18) return { type: 'DeviceDetach', contextId: 1, devId: 1 };
    return { type: 'DeviceAttach', contextId: 1, devId: 1, ptId: 5 };
  };
  const waiting: Promise<Operation>[] = [];
  const { state } = await engine.settled(machineId);
  const until = state.seq + events;
  for (let index = 0; state.seq < until; index++) {
    const ran = engine.execute(machineId, one(index));
    waiting.push(ran);
    if (index % 50 === 0) await ran;
    const queue = state.contexts.get(1)!.objects.get(4);
    cookies = queue?.type === 'FAULT' ? [...queue.awaitingResponse.keys()] : [];
  }
  await Promise.all(waiting);
}
