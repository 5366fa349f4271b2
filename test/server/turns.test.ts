/** Whatever is asked for, the event loop turns while it is worked on, and others are answered. */
import { expect, test } from 'vitest';
import { faultCycle, MACHINE, makeFaulting } from '../../bench/engine/workload.ts';
import { httpClient } from '../../bench/server/client.ts';
import { HARD, makeHardwareWorld } from '../../bench/server/hardware-world.ts';
import { WORST_REQUESTS, type World } from '../../bench/server/worst-requests.ts';
import { type Faultline, startFaultline } from '../../src/server/faultline.ts';

const EVENTS = 6_000;
const WIDE = 'wide';
/** Milliseconds that the thread runs between two turns of the loop, all but once in a hundred. */
const USUAL_MS = 50;
/** At most: pieces that cannot be cut, on code that runs for the first time, with the collector. */
const MOST_MS = 250;
/** Milliseconds after which a request that is still worked on is left. */
const PATIENCE_MS = 4_000;

async function makeWorld({ engine, url }: Faultline): Promise<World> {
  const faulting = await makeFaulting(engine);
  while ((await engine.settled(MACHINE)).state.seq < EVENTS) {
    const seq = (await engine.settled(MACHINE)).state.seq;
    const cycles = Array.from({ length: 20 }, (_, i) => faultCycle(engine, faulting, seq + i));
    await Promise.all(cycles);
  }
  await engine.create(WIDE, { type: 'MachineCreate', baseline: 'LINUX_6_12_117', devices: [] });
  await engine.execute(WIDE, { type: 'ContextOpen' });
  const alloc = { type: 'IoasAlloc', contextId: 1, flags: 0 } as const;
  await Promise.all(Array.from({ length: 1_000 }, () => engine.execute(WIDE, alloc)));
  const { seq } = (await engine.settled(MACHINE)).state;
  const client = httpClient(`${url}/graphql`);
  await makeHardwareWorld(client);
  client.close();
  return { long: MACHINE, wide: WIDE, hard: HARD, seq };
}

/** Milliseconds that this thread has run. */
function ranMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** What the thread ran in each turn of the loop. */
function watchTurns(): { stop: () => number[] } {
  const turns: number[] = [];
  let last = ranMs();
  let watching = true;
  const turn = () => {
    const now = ranMs();
    turns.push(now - last);
    last = now;
    if (watching) setImmediate(turn);
  };
  setImmediate(turn);
  return {
    stop: () => {
      watching = false;
      return turns.sort((a, b) => b - a);
    },
  };
}

function ask(server: Faultline, body: object, signal?: AbortSignal): Promise<string> {
  return fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: signal ?? null,
  }).then(response => response.text());
}

test('beside each of the worst requests', async () => {
  const config = { host: '127.0.0.1', port: 0, database: ':memory:', token: null };
  const server = await startFaultline({ ...config, durability: 'normal' });
  try {
    const world = await makeWorld(server);
    for (const [name, make] of Object.entries(WORST_REQUESTS)) {
      // The first time, code is compiled.
      for (const round of [0, 1]) {
        const leave = new AbortController();
        const request = make(world, round);
        const timer = setTimeout(() => leave.abort(), PATIENCE_MS);
        const turns = watchTurns();
        let working = true;
        const work = ask(server, request, leave.signal)
          .catch(() => null)
          .finally(() => {
            working = false;
          });
        let answered = 0;
        while (working) {
          expect(await ask(server, { query: '{ __typename }' }), name).toContain('"Query"');
          answered++;
        }
        await work;
        clearTimeout(timer);
        const longest = turns.stop();
        expect(answered, name).toBeGreaterThan(0);
        expect(longest[0], `${name}: the longest turn`).toBeLessThan(MOST_MS);
        const usual = longest[Math.ceil(longest.length / 100)];
        if (round === 1) expect(usual, `${name}: a usual turn`).toBeLessThan(USUAL_MS);
      }
    }
  } finally {
    await server.stop();
  }
}, 900_000);
