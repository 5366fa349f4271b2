/** Live: following, handlers side by side, wishes faster than answers. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { serve, temporaryDirectory } from '../e2e/process.ts';
import { ask, at, makeFaulting, sendGroups, succeed } from '../graphql/builder/testing.ts';
import { open, press, shows, startWithStory } from './browser.ts';

/** A busy machine may take so many times as long as an idle one. */
const SLOW = 10;

const PATIENCE = { timeout: 60_000 };

test('a page that follows shows the newest moment; one that looks back stays, and is told', async () => {
  const server = await startWithStory();
  await makeFaulting(server);
  const { page } = await open(server, '/m/default/now');
  const seqNow = async () => Number(at(await ask(server, '{ machine { seq } }'), 'machine', 'seq'));
  await shows(page, await seqNow());
  await sendGroups(server, 200);
  await shows(page, await seqNow());
  await press(page, 'ArrowLeft');
  const here = (await seqNow()) - 1;
  await shows(page, here);
  await sendGroups(server, 1, { first: 200 });
  await expect.poll(() => page.locator('.live').textContent(), PATIENCE).toContain('newer');
  await shows(page, here);
  await press(page, 'l');
  await shows(page, await seqNow());
});

test('refusals that come while a page follows are among its marks', async () => {
  const server = await startWithStory();
  await makeFaulting(server);
  const refusedNumber = async () => {
    const answer = await ask(
      server,
      'mutation { deviceAttach(input: { contextId: 1, devId: 1, ptId: 99 }) { operation { number } } }',
    );
    return String(at(answer, 'deviceAttach', 'operation', 'number'));
  };
  const { page } = await open(server, '/m/default/now');
  await expect.poll(() => page.locator('.node.fault').count(), PATIENCE).toBe(1);
  // It makes no event: a key asks.
  const first = await refusedNumber();
  await press(page, '}');
  const path = () => new URL(page.url()).pathname;
  await expect.poll(path, PATIENCE).toBe(`/m/default/refused-${first}`);
  // An event after it has the marks read.
  const second = await refusedNumber();
  await sendGroups(server, 1);
  await page.getByRole('tab', { name: 'Trail' }).click();
  await expect
    .poll(() => page.locator('#tab-panel').textContent(), PATIENCE)
    .toContain(`refused-${second}`);
});

/** Bytes of the page's heap after a collection. */
async function heapBytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  await session.detach();
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')!.value;
}

test('check 8: 10,000 events while following: a second after the last it is shown, and the heap is small', async () => {
  const server = await startWithStory();
  await makeFaulting(server);
  const { page } = await open(server, '/m/default/now');
  await expect.poll(() => page.locator('.node.fault').count(), PATIENCE).toBe(1);
  await page.waitForTimeout(1_000);
  const before = await heapBytes(page);
  const { engine } = server;
  const start = (await engine.settled('default')).state.seq;
  // A page is a request that is reported and one that waits for the last of its group.
  for (let sent = 0; (await engine.settled('default')).state.seq < start + 10_000; sent += 1) {
    await sendGroups(server, 1, { first: sent, pages: 100 });
  }
  const { seq } = (await engine.settled('default')).state;
  const ended = performance.now();
  await shows(page, seq);
  expect(performance.now() - ended).toBeLessThan(1_000 * SLOW);
  expect((await heapBytes(page)) - before).toBeLessThan(10_000_000);
});

async function sendGroupsForEver(server: { url: string }): Promise<never> {
  for (;;) await sendGroups(server, 10);
}

/** The seqs of the events that come to a page from now on, over any of its connections. */
function eventsRead(page: Page): number[] {
  const seqs: number[] = [];
  page.on('websocket', socket =>
    socket.on('framereceived', ({ payload }) => {
      const message = JSON.parse(String(payload)) as {
        payload?: { data?: { events?: { seq: number } } };
      };
      const seq = message.payload?.data?.events?.seq;
      if (seq !== undefined) seqs.push(seq);
    }),
  );
  return seqs;
}

test('check 8: after a restart under load the page goes on where it was: nothing missed, nothing twice', async () => {
  const file = `${temporaryDirectory()}/page.sqlite`;
  const first = await serve(file);
  await makeFaulting(first);
  const { page } = await open(first, '/');
  const seqs = eventsRead(page);
  const seqNow = async () => Number(at(await ask(first, '{ machine { seq } }'), 'machine', 'seq'));
  const before = await seqNow();
  await page.goto(`${first.url}/m/default/now`);
  await shows(page, before);
  const sending = sendGroupsForEver(first).catch(() => 'cut off');
  await expect.poll(() => seqs.length, PATIENCE).toBeGreaterThan(20);
  await first.kill('SIGKILL');
  expect(await sending).toBe('cut off');
  await expect.poll(() => page.locator('.notices').textContent(), PATIENCE).toContain('Reconnect');
  // What is shown stays readable meanwhile.
  expect(await page.locator('.node').count()).toBeGreaterThan(5);
  const again = await serve(file, '--port', new URL(first.url).port);
  await sendGroups(again, 1);
  const end = await seqNow();
  await shows(page, end);
  await expect.poll(() => page.locator('.notices').textContent(), PATIENCE).toBe('');
  expect(seqs).toEqual(Array.from({ length: end - before }, (_, index) => before + 1 + index));
});

test('check 9: a group that is taken away while in hand is struck through and told', async () => {
  const server = await startWithStory();
  await makeFaulting(server);
  const { page } = await open(server, '/m/default/now');
  await expect.poll(() => page.locator('.node.fault').count(), PATIENCE).toBe(1);
  await press(page, 'h');
  await sendGroups(server, 1);
  await expect.poll(() => page.locator('.held.held').count(), PATIENCE).toBe(1);
  await succeed(server, 'deviceDetach', 'contextId: 1, devId: 1');
  await expect.poll(() => page.locator('.held.taken_away').count(), PATIENCE).toBe(1);
  await expect
    .poll(() => page.locator('[role=status]').textContent(), PATIENCE)
    .toContain('taken away');
  await expect.poll(() => page.locator('.held').count(), PATIENCE).toBe(0);
});

test('check 9: two pages handle: each group is in one of them, and one that leaves gives its own away', async () => {
  const server = await startWithStory();
  await makeFaulting(server);
  const one = await open(server, '/m/default/now');
  await expect.poll(() => one.page.locator('.node.fault').count(), PATIENCE).toBe(1);
  await press(one.page, 'h');
  await sendGroups(server, 2);
  await expect.poll(() => one.page.locator('.held').count(), PATIENCE).toBe(2);
  const two = await open(server, '/m/default/now');
  await expect.poll(() => two.page.locator('.node.fault').count(), PATIENCE).toBe(1);
  await press(two.page, 'h');
  await expect
    .poll(() => two.page.locator('#tab-panel').textContent(), PATIENCE)
    .toContain('You handle');
  expect(await two.page.locator('.held').count()).toBe(0);
  await one.context.close();
  await expect.poll(() => two.page.locator('.held').count(), PATIENCE).toBe(2);
  expect(await two.page.locator('.held').allTextContents()).toEqual([
    expect.stringContaining('redelivered'),
    expect.stringContaining('redelivered'),
  ]);
});

test('check 11: 500 wishes in two seconds: at most two requests under way, and the last is what is shown', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/0');
  await shows(page, 0);
  const frames: { sent: boolean; id: string; type: string }[] = [];
  page.on('websocket', socket => {
    const note = (sent: boolean) => (frame: { payload: string | Buffer }) => {
      const { id, type } = JSON.parse(String(frame.payload)) as { id: string; type: string };
      frames.push({ sent, id, type });
    };
    socket.on('framesent', note(true));
    socket.on('framereceived', note(false));
  });
  await page.goto(`${server.url}/m/story/1`);
  await shows(page, 1);
  frames.length = 0;
  const shownSeqs = await page.evaluate(async () => {
    const shown: number[] = [];
    const main = document.querySelector('[data-shown]')!;
    const observer = new MutationObserver(() =>
      shown.push(Number(main.getAttribute('data-shown'))),
    );
    observer.observe(main, { attributes: true, attributeFilter: ['data-shown'] });
    for (let wish = 0; wish < 500; wish += 1) {
      const key = wish % 40 < 36 ? 'ArrowRight' : 'PageDown';
      dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
      if (wish % 40 === 39) dispatchEvent(new KeyboardEvent('keydown', { key: 'Home' }));
      await new Promise(resolve => setTimeout(resolve, 4));
    }
    for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'ArrowRight']) {
      dispatchEvent(new KeyboardEvent('keydown', { key }));
    }
    await new Promise(resolve => setTimeout(resolve, 1_500));
    return shown;
  });
  await shows(page, 3);
  expect(shownSeqs.at(-1)).toBe(3);
  let most = 0;
  const underWay = new Set<string>();
  for (const { sent, id, type } of frames) {
    if (sent && type === 'subscribe') underWay.add(id);
    if (!sent && type === 'complete') underWay.delete(id);
    most = Math.max(most, underWay.size);
  }
  expect(frames.length).toBeGreaterThan(10);
  expect(most).toBeLessThanOrEqual(2);
});
