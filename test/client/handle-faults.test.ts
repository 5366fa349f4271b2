/** `handleFaults` against a real server: its groups, broken connections, and every way to end. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, expectTypeOf, onTestFinished, test } from 'vitest';
import {
  ConnectionRefused,
  type FaultAnswer,
  type FaultGroup,
  type FaultHandler,
  GraphqlErrors,
  type HandlerNotice,
  handleFaults,
} from '../../src/client/index.ts';
import { type Faultline, startFaultline } from '../../src/server/faultline.ts';
import { at, makeFaulting, PCI, sendGroups, start, succeed } from '../graphql/builder/testing.ts';

const execute = promisify(execFile);
const QUEUE = { contextId: 1, faultId: 4 };
const Q = 'contextId: 1, faultId: 4';
const NOBODY = 'http://127.0.0.1:1';

/** Stops when the test is over, whatever became of it. */
function stopping(handler: FaultHandler): FaultHandler {
  onTestFinished(async () => {
    handler.ended.catch(() => {});
    await handler.stop();
  });
  return handler;
}

/** A promise that the test settles. */
function decision() {
  return Promise.withResolvers<FaultAnswer>();
}

/** The machine's log, as text to look into, and what the kernel complained about. */
async function told(server: Faultline): Promise<{ summaries: string[]; hazards: number }> {
  const { state } = await server.engine.settled('default');
  const query = '{ machine { events(last: 200) { edges { node { summary } } } } }';
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data } = (await response.json()) as { data: never };
  const edges = at(data, 'machine', 'events', 'edges') as { node: { summary: string } }[];
  return { summaries: edges.map(({ node }) => node.summary), hazards: state.hazardCount };
}

/** How many answers the devices got, as their log tells. */
async function responses(server: Faultline): Promise<string[]> {
  const { summaries } = await told(server);
  return summaries.filter(text => text.startsWith('response to'));
}

const answeredGroups = async (server: Faultline, count: number) => {
  await expect.poll(() => responses(server), { timeout: 120_000 }).toHaveLength(count);
  return responses(server);
};

/** A database in a folder of its own, and servers on it, one after the other, at one port. */
function restartable() {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-client-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const config = { host: '127.0.0.1', durability: 'normal', token: null } as const;
  let running: Faultline | null = null;
  let port = 0;
  onTestFinished(() => running?.stop());
  return {
    async start(database = join(folder, 'faultline.sqlite')): Promise<Faultline> {
      running = await startFaultline({ ...config, port, database });
      ({ port } = running);
      return running;
    },
  };
}

test('each group is decided once and answered with its code', async () => {
  const server = await start();
  await makeFaulting(server);
  const groups: FaultGroup[] = [];
  const notices: HandlerNotice[] = [];
  const onNotice = (notice: HandlerNotice) => notices.push(notice);
  stopping(
    handleFaults({ url: server.url, ...QUEUE, onNotice }, async (group, { signal }) => {
      expect(signal.aborted).toBe(false);
      groups.push(group);
      return group.iopfGroupId === 2 ? 'INVALID' : 'SUCCESS';
    }),
  );
  await sendGroups(server, 3, { pages: 2 });
  // The server may take answers of one turn in any order.
  expect((await answeredGroups(server, 3)).sort()).toEqual([
    expect.stringContaining('group index 0 SUCCESS'),
    expect.stringContaining('group index 1 INVALID'),
    expect.stringContaining('group index 2 SUCCESS'),
  ]);
  await expect.poll(() => notices).toHaveLength(4);
  expect(notices[0]).toEqual({ kind: 'CONNECTED' });
  for (const iopfGroupId of [1, 2, 3]) {
    expect(notices).toContainEqual({ kind: 'ANSWERED', iopfGroupId });
  }
  expect(groups[0]).toMatchObject({ iopfGroupId: 1, redelivered: false });
  expect(groups[0]!.messages).toEqual([
    expect.objectContaining({ devId: 1, pasid: 0, grpid: 0, addr: 0x1000n }),
    expect.objectContaining({ addr: 0x2000n, perm: ['IOMMU_PGFAULT_PERM_READ'] }),
  ]);
  expect((await told(server)).hazards).toBe(0);
});

test('scalars have types, and addresses come as the author chooses', async () => {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 1);
  const { promise, resolve } = Promise.withResolvers<FaultGroup<'hex'>>();
  stopping(
    handleFaults({ url: `${server.url}/graphql`, ...QUEUE, addresses: 'hex' }, async group => {
      resolve(group);
      return 'SUCCESS';
    }),
  );
  expect((await promise).messages[0]!.addr).toBe('0x1000');
  expectTypeOf<FaultGroup['cookie']>().toEqualTypeOf<number>();
  expectTypeOf<FaultGroup['messages'][number]['addr']>().toEqualTypeOf<bigint>();
  expectTypeOf<FaultGroup<'hex'>['messages'][number]['addr']>().toEqualTypeOf<`0x${string}`>();
});

test('a restart of the server: work goes on, and its answer comes after', async () => {
  const servers = restartable();
  const first = await servers.start();
  await makeFaulting(first);
  await sendGroups(first, 1);
  const notices: string[] = [];
  const calls: number[] = [];
  const begun = Promise.withResolvers<void>();
  const decided = decision();
  stopping(
    handleFaults(
      {
        url: first.url,
        ...QUEUE,
        onNotice: ({ kind }) => {
          if (kind !== 'ANSWERED') notices.push(kind);
        },
      },
      (group, { signal }) => {
        calls.push(group.iopfGroupId);
        begun.resolve();
        expect(signal.aborted).toBe(false);
        return decided.promise;
      },
    ),
  );
  await begun.promise;
  await first.stop();
  await expect.poll(() => notices).toEqual(['CONNECTED', 'DISCONNECTED']);
  const second = await servers.start();
  await expect.poll(() => notices, { timeout: 120_000 }).toHaveLength(3);
  decided.resolve('SUCCESS');
  await answeredGroups(second, 1);
  // And those after it.
  await sendGroups(second, 2, { first: 1 });
  await answeredGroups(second, 3);
  expect(calls).toEqual([1, 2, 3]);
  expect(notices).toEqual(['CONNECTED', 'DISCONNECTED', 'CONNECTED']);
  expect((await told(second)).hazards).toBe(0);
});

test('what was decided while there was no server is answered by the next', async () => {
  const servers = restartable();
  const first = await servers.start();
  await makeFaulting(first);
  await sendGroups(first, 1);
  const begun = Promise.withResolvers<void>();
  const decided = decision();
  let lost = false;
  stopping(
    handleFaults(
      {
        url: first.url,
        ...QUEUE,
        onNotice: ({ kind }) => {
          lost ||= kind === 'DISCONNECTED';
        },
      },
      () => {
        begun.resolve();
        return decided.promise;
      },
    ),
  );
  await begun.promise;
  await first.stop();
  await expect.poll(() => lost).toBe(true);
  decided.resolve('INVALID');
  const second = await servers.start();
  expect(await answeredGroups(second, 1)).toEqual([expect.stringContaining('INVALID')]);
  expect((await told(second)).hazards).toBe(0);
});

test('it waits for a server that is not there yet, and for a queue if told to', async () => {
  const servers = restartable();
  const { url, stop } = await servers.start(':memory:');
  await stop();
  let answered = 0;
  stopping(
    handleFaults({ url, ...QUEUE, waitForQueue: true }, async () => {
      answered++;
      return 'SUCCESS';
    }),
  );
  const server = await servers.start(':memory:');
  await makeFaulting(server);
  await sendGroups(server, 1);
  await answeredGroups(server, 1);
  expect(answered).toBe(1);
});

test('however long it waited for its queue, it stays and answers each group', async () => {
  const server = await start();
  const notices: HandlerNotice[] = [];
  const answered: number[] = [];
  const handler = handleFaults(
    {
      url: server.url,
      ...QUEUE,
      machineId: 'later',
      waitForQueue: true,
      onNotice: notice => notices.push(notice),
    },
    async ({ iopfGroupId }) => {
      answered.push(iopfGroupId);
      return 'SUCCESS';
    },
  );
  stopping(handler);
  let ended = false;
  void handler.ended.finally(() => {
    ended = true;
  });
  // Some attempts: what each leaves behind in the connection adds up.
  await sleep(1_500);
  await succeed(server, 'machineCreate', `machineId: "later", devices: [{bdf: "${PCI}"}]`);
  await makeFaulting(server, 'later');
  for (let group = 1; group <= 5; group++) {
    await sendGroups(server, 1, { first: group, machineId: 'later' });
    await expect.poll(() => answered, { timeout: 120_000 }).toHaveLength(group);
  }
  expect(ended).toBe(false);
  expect(notices.filter(({ kind }) => kind !== 'ANSWERED')).toEqual([
    { kind: 'CONNECTED' },
    { kind: 'WAITING', reason: expect.stringContaining('later') },
  ]);
});

test('a group taken away aborts its signal, and its late answer hits no other group', async () => {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 1);
  const first = { ...decision(), aborted: Promise.withResolvers<unknown>() };
  const second = decision();
  const begun = Promise.withResolvers<void>();
  const cookies: number[] = [];
  stopping(
    handleFaults({ url: server.url, ...QUEUE }, ({ iopfGroupId, cookie }, { signal }) => {
      cookies.push(cookie);
      if (iopfGroupId === 2) {
        begun.resolve();
        return second.promise;
      }
      signal.addEventListener('abort', () => first.aborted.resolve(signal.reason));
      return first.promise;
    }),
  );
  await expect.poll(() => cookies).toHaveLength(1);
  await succeed(server, 'deviceDetach', 'contextId: 1, devId: 1');
  expect(await first.aborted.promise).toMatchObject({ name: 'GroupGone' });
  await succeed(server, 'deviceAttach', 'contextId: 1, devId: 1, ptId: 5');
  await sendGroups(server, 1, { first: 1 });
  await begun.promise;
  expect(cookies).toEqual([1, 1]);
  first.resolve('SUCCESS');
  second.resolve('INVALID');
  expect((await answeredGroups(server, 2)).sort()).toEqual([
    expect.stringContaining('group index 0 INVALID'),
    expect.stringContaining('group index 1 INVALID'),
  ]);
  expect((await told(server)).hazards).toBe(0);
});

test('the kernel refuses an answer that crossed the taking away, and the author hears of it', async () => {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 1);
  const notices: HandlerNotice[] = [];
  const onNotice = (notice: HandlerNotice) => notices.push(notice);
  stopping(
    handleFaults({ url: server.url, ...QUEUE, onNotice }, async () => {
      // Somebody else answers it first.
      const responses = `[{cookie: 1, code: IOMMUFD_PAGE_RESP_INVALID}]`;
      await succeed(server, 'faultWrite', `${Q}, responses: ${responses}`);
      return 'SUCCESS';
    }),
  );
  await expect
    .poll(() => notices)
    .toContainEqual({
      kind: 'ANSWER_REFUSED',
      iopfGroupId: 1,
      errno: 'EINVAL',
      message: expect.stringContaining('cookie 1'),
    });
});

test('at most maxInFlight at a time', async () => {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 5);
  let now = 0;
  let most = 0;
  const two = Promise.withResolvers<void>();
  stopping(
    handleFaults({ url: server.url, ...QUEUE, maxInFlight: 2 }, async () => {
      most = Math.max(most, ++now);
      if (now === 2) two.resolve();
      // However slowly the second comes; and a third had the time to come.
      await two.promise;
      await new Promise(resolve => setTimeout(resolve, 20));
      now--;
      return 'SUCCESS';
    }),
  );
  await answeredGroups(server, 5);
  expect(most).toBe(2);
});

test('stopped, it leaves what is undecided to the next handler', async () => {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 2);
  const begun = Promise.withResolvers<AbortSignal>();
  const handler = handleFaults(
    { url: server.url, ...QUEUE },
    async ({ iopfGroupId }, { signal }) => {
      if (iopfGroupId === 1) return 'SUCCESS';
      begun.resolve(signal);
      return decision().promise;
    },
  );
  const signal = await begun.promise;
  await handler.stop();
  await handler.ended;
  expect(signal.aborted).toBe(true);
  const next: FaultGroup[] = [];
  await using _ = handleFaults({ url: server.url, ...QUEUE }, async group => {
    next.push(group);
    return 'SUCCESS';
  });
  await answeredGroups(server, 2);
  expect(next).toMatchObject([{ iopfGroupId: 2, redelivered: true }]);
  expect((await told(server)).hazards).toBe(0);
});

test('an AbortSignal stops it, also while it waits for a server', async () => {
  const stopper = new AbortController();
  const lost = Promise.withResolvers<void>();
  const handler = handleFaults(
    { url: NOBODY, ...QUEUE, signal: stopper.signal, onNotice: () => lost.resolve() },
    async () => 'SUCCESS',
  );
  await lost.promise;
  stopper.abort();
  await handler.ended;
  const never = handleFaults(
    { url: NOBODY, ...QUEUE, signal: stopper.signal },
    async () => 'SUCCESS',
  );
  await never.ended;
});

test('it ends when the queue’s file is closed', async () => {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 1);
  const handler = stopping(handleFaults({ url: server.url, ...QUEUE }, async () => 'SUCCESS'));
  await answeredGroups(server, 1);
  await succeed(server, 'faultClose', Q);
  await handler.ended;
});

test('what the author throws ends it, and the group goes to the next handler', async () => {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 1);
  const failing = handleFaults({ url: server.url, ...QUEUE }, async () => {
    throw new Error('no memory');
  });
  await expect(failing.ended).rejects.toThrow('no memory');
  const wrong = handleFaults({ url: server.url, ...QUEUE }, async () => 'PERHAPS' as 'SUCCESS');
  await expect(wrong.ended).rejects.toThrow('not PERHAPS');
  stopping(handleFaults({ url: server.url, ...QUEUE }, async () => 'SUCCESS'));
  await answeredGroups(server, 1);
});

test('without the queue, with a wrong number, with a wrong token: an error that says so', async () => {
  const token = 'a-token-of-enough-characters';
  const config = { host: '127.0.0.1', port: 0, database: ':memory:', token } as const;
  const server = await startFaultline({ ...config, durability: 'normal' });
  onTestFinished(() => server.stop());
  const ends = (options: object) =>
    handleFaults({ url: server.url, token, ...QUEUE, ...options }, async () => 'SUCCESS').ended;
  await expect(ends({})).rejects.toThrow(GraphqlErrors);
  await expect(ends({ machineId: 'nobody' })).rejects.toThrow('there is no machine "nobody"');
  await expect(ends({ maxInFlight: 0 })).rejects.toThrow('"maxInFlight" must be from 1');
  await expect(ends({ token: 'another-token-of-characters' })).rejects.toThrow(ConnectionRefused);
  await expect(ends({ token: undefined })).rejects.toThrow('(is "token" the server’s?)');
});

test('when it has ended, nothing of it keeps the process', async () => {
  const server = await start();
  await makeFaulting(server);
  const client = new URL('../../src/client/index.ts', import.meta.url);
  const script = `import { handleFaults } from ${JSON.stringify(client.href)};
    const queue = { url: ${JSON.stringify(server.url)}, contextId: 1, faultId: 4 };
    const handler = handleFaults(queue, async () => 'SUCCESS');
    await new Promise(resolve => setTimeout(resolve, 200));
    await handler.stop();
    const began = performance.now();
    process.once('exit', () => console.log(performance.now() - began));`;
  const { stdout } = await execute(process.execPath, ['--input-type=module', '-e', script]);
  expect(Number(stdout)).toBeLessThan(15_000);
});
