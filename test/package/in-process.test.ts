/** What `import … from 'faultline'` gives: a server or machines without one, in this process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, expectTypeOf, onTestFinished, test } from 'vitest';
import { openFaultline, startFaultline } from '../../src/index.ts';
import { EventTypesDocument, MachineSeqDocument } from '../../src/operations/operations.ts';

const OPEN = 'mutation { contextOpen(input: {}) { seq ... on ContextOpenPayload { contextId } } }';

test('a server on a free port, in memory, reached over HTTP and without', async () => {
  const faultline = await startFaultline();
  onTestFinished(() => faultline.close());
  expect(faultline.url).toBe(`http://127.0.0.1:${faultline.port}`);
  const { data } = await faultline.execute(OPEN);
  expect(data).toMatchObject({ contextOpen: { contextId: 1 } });
  const response = await fetch(`${faultline.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ machine { seq } }' }),
  });
  const seq = (data!['contextOpen'] as { seq: number }).seq;
  expect(await response.json()).toEqual({ data: { machine: { seq } } });
  await faultline.close();
  await expect(fetch(faultline.url)).rejects.toThrow();
});

test.each([
  [{ porrt: 0 }, 'there is no option "porrt"; there are database, durability, host, port,'],
  [{ port: 'x' }, 'port: expected a number, not "x"'],
  [{ port: 65_536 }, 'port: expected a whole number from 0 to 65535, not "65536"'],
  [{ port: 1.5 }, 'port: expected a whole number from 0 to 65535'],
  [{ port: null }, 'port: expected a number, not null'],
  [{ host: 'no host' }, 'host: expected a host name or an IP address, not "no host"'],
  [{ host: '0.0.0.0' }, 'host: others can reach 0.0.0.0, so a token is needed'],
  [{ database: '' }, 'database: expected a file name or :memory:'],
  [{ durability: 'some' }, 'durability: expected "normal" or "full", not "some"'],
  [{ token: 'short' }, 'token: a token has 16 to'],
  [{ tickMs: 1 }, 'tickMs: expected whole milliseconds from 10 to'],
])('startFaultline(%j) is refused by name', async (options, said) => {
  await expect(startFaultline(options as object)).rejects.toThrow(said);
});

test('openFaultline takes no option of a server; undefined is no option', async () => {
  const wrong = openFaultline({ port: 0 } as object);
  await expect(wrong).rejects.toThrow('there is no option "port"; there are database, durability');
  const faultline = await startFaultline({ port: undefined, token: null } as object);
  expect(faultline.port).toBeGreaterThan(0);
  await faultline.close();
});

test('without HTTP: answers, typed ones, refusals and errors', async () => {
  await using faultline = await openFaultline();
  await faultline.execute(OPEN);
  const typed = await faultline.execute(MachineSeqDocument, { machineId: 'default' });
  expectTypeOf(typed.data!.machine!.seq).toEqualTypeOf<number>();
  const { state } = await faultline.engine.settled('default');
  expect(typed.data!.machine!.seq).toBe(state.seq);
  const destroy = 'mutation($id: U32!) { destroy(input: { contextId: 1, id: $id }) { errno } }';
  const refused = await faultline.execute(destroy, { id: 9 });
  expect(refused.data).toEqual({ destroy: { errno: 'ENOENT' } });
  expect(refused.extensions!.refusals).toMatchObject([{ path: ['destroy'], errno: 'ENOENT' }]);
  const [wrong] = (await faultline.execute('{ machine { seqq } }')).errors!;
  expect(wrong!.message).toContain('Cannot query field "seqq"');
  expect((await faultline.execute('{ machine')).errors![0]!.message).toContain('Syntax Error');
});

test('subscriptions end with the reader or with close, begun or not', async () => {
  const faultline = await openFaultline();
  const first = await faultline.subscribe(EventTypesDocument, { after: 0 });
  const { value } = await first.next();
  expect(value).toMatchObject({ data: { events: { seq: 1 } } });
  expect(await first.return(undefined)).toEqual({ value: undefined, done: true });
  const idle = await faultline.subscribe('subscription { events { seq } }');
  const waiting = idle.next();
  const unread = await faultline.subscribe('subscription { events { seq } }');
  await faultline.close();
  expect(await waiting).toMatchObject({ done: true });
  expect(await unread.next()).toMatchObject({ done: true });
  const again = await openFaultline();
  await expect(again.subscribe('subscription { events(after: 99) { seq } }')).rejects.toThrow(
    '"after"',
  );
  await expect(again.subscribe('{ machine { seq } }')).rejects.toThrow('subscription');
  await again.close();
});

test('a file keeps what was done', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-in-process-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const database = join(folder, 'faultline.sqlite');
  const first = await openFaultline({ database });
  await first.execute(OPEN);
  await first.close();
  await using second = await openFaultline({ database });
  const { data } = await second.execute('{ machine { contexts { contextId } } }');
  expect(data).toEqual({ machine: { contexts: [{ contextId: 1 }] } });
});
