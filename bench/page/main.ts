/**
 * `npm run bench:page [-- --events N] [--json]`: the page's budget, measured in a real Chromium
 * against a machine of a million events, and printed as a table, or as JSON. Exits with 1 if a budget
 * is not met.
 */
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import { startFaultline } from '../../src/server/faultline.ts';
import { MACHINE } from '../engine/workload.ts';
import { longLogFile, MANY } from '../log/long-log.ts';
import { quantile } from '../measure.ts';
import { mainThreadMs, renderers, residentMb } from './chromium.ts';
import { CHROMIUM } from './executable.ts';

/** A budget of the page, and what was measured. */
export interface Row {
  readonly what: string;
  readonly measured: number;
  readonly unit: string;
  /** null: only told. */
  readonly most: number | null;
}

const rows: Row[] = [];
const row = (what: string, measured: number, unit: string, most: number | null) =>
  rows.push({ what, measured: Math.round(measured * 10) / 10, unit, most });

const { values } = parseArgs({
  options: { events: { type: 'string' }, json: { type: 'boolean', default: false } },
});
const events = Number(values.events ?? MANY);

const file = await longLogFile(events);
const server = await startFaultline({
  host: '127.0.0.1',
  port: 0,
  database: file,
  durability: 'normal',
  token: null,
});
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--enable-precise-memory-info'],
});

/** Waits until the page shows a moment. */
async function shows(page: Page, seq: number): Promise<void> {
  await page.locator(`[data-shown="${seq}"]`).waitFor({ timeout: 120_000 });
}

/** One motion of three seconds; CPU of the page's main thread for each frame. */
async function motion(page: Page, pid: number, what: string, move: string): Promise<void> {
  const before = mainThreadMs(pid);
  const frames = await page.evaluate(
    async ({ move, end }) => {
      const key = (name: string) => dispatchEvent(new KeyboardEvent('keydown', { key: name }));
      let frames = 0;
      const until = performance.now() + 3_000;
      while (performance.now() < until) {
        await new Promise(resolve => requestAnimationFrame(resolve));
        frames += 1;
        if (move === 'pan') key(frames % 120 < 60 ? 'd' : 'a');
        else if (move === 'zoom') key(frames % 30 < 15 ? '+' : '-');
        else key(frames % 20 < 10 ? 'PageDown' : 'PageUp');
      }
      return end === 0 ? 0 : frames;
    },
    { move, end: events },
  );
  const used = mainThreadMs(pid) - before;
  row(`${what}: frames a second`, frames / 3, '', null);
  row(`${what}: main-thread CPU a frame`, used / frames, 'ms', 8);
}

async function measure(): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1_440, height: 900 } });
  const page = await context.newPage();
  let eventsAsked = 0;
  let overviewBytes = 0;
  page.on('websocket', socket => {
    const asked = new Map<string, string>();
    socket.on('framesent', ({ payload }) => {
      const { id, payload: sent } = JSON.parse(String(payload)) as {
        id?: string;
        payload?: { query?: string };
      };
      if (id !== undefined && sent?.query !== undefined) asked.set(id, sent.query);
      if (sent?.query?.includes('query EventWindow')) eventsAsked += 1;
    });
    socket.on('framereceived', ({ payload }) => {
      const text = String(payload);
      const { id, type } = JSON.parse(text) as { id?: string; type: string };
      if (type !== 'next' || !asked.get(id ?? '')?.includes('query Overview')) return;
      overviewBytes = Math.max(overviewBytes, text.length);
    });
  });

  const newest = (await server.engine.settled(MACHINE)).state.seq;
  // Once, so that the server has counted the machine.
  await page.goto(`${server.url}/m/${MACHINE}/${newest}`);
  await shows(page, newest);
  for (let looks = 0; overviewBytes === 0 && looks < 600; looks += 1)
    await page.waitForTimeout(500);
  await page.goto(`${server.url}/`);
  const opened = performance.now();
  await page.goto(`${server.url}/m/${MACHINE}/${newest - 5}`);
  await shows(page, newest - 5);
  row('first moment, from the address', performance.now() - opened, 'ms', 700);
  const painted = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
  );
  row('first paint', painted, 'ms', 400);
  await page.waitForTimeout(3_000);
  row('overview of all events', overviewBytes / 1_000, 'kB', 100);
  row('requests of single events', eventsAsked, '', 0);

  const pid = renderers().at(-1)!;
  await steps(page, newest);
  await motion(page, pid, 'playhead over the whole machine', 'page');
  await motion(page, pid, 'zoom, everything to some', 'zoom');
  for (const width of [50_000, 5_000, 300]) {
    const from = Math.floor(newest / 2);
    await page.goto(`${server.url}/m/${MACHINE}/${from + 10}?view=${from}..${from + width}`);
    await shows(page, from + 10);
    await page.waitForTimeout(1_500);
    await motion(page, renderers().at(-1)!, `pan, ${width} in view`, 'pan');
  }
  await context.close();
  await atRest(newest);
}

/** The memory of a page that was opened and looked at, in a process of its own. */
async function atRest(newest: number): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1_440, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${server.url}/m/${MACHINE}/${newest}`);
  await shows(page, newest);
  for (let count = 0; count < 50; count += 1) await page.keyboard.press('ArrowLeft');
  await page.waitForTimeout(3_000);
  row('renderer, resident', residentMb(renderers().at(-1)!), 'MB', 260);
  const session = await context.newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { backingStorageSize } = await session.send('Runtime.getHeapUsage');
  row('typed arrays', backingStorageSize / 1_000_000, 'MB', 20);
}

/** Steps into moments that were not there before, and back into those that were. */
async function steps(page: Page, newest: number): Promise<void> {
  const fresh: number[] = [];
  const known: number[] = [];
  for (let count = 0; count < 30; count += 1) {
    const seq = Math.floor((newest * (count + 1)) / 40);
    fresh.push(await timeOf(page, `/m/${MACHINE}/${seq}`, seq));
  }
  const at = Math.floor(newest / 2);
  await page.goto(`${server.url}/m/${MACHINE}/${at}`);
  await shows(page, at);
  for (let count = 0; count < 30; count += 1) {
    await page.waitForTimeout(250);
    known.push(await stepTime(page, count % 2 === 0 ? 'ArrowRight' : 'ArrowLeft'));
  }
  row('a far moment, opened: p50', quantile(fresh, 0.5), 'ms', null);
  row('a step fetched ahead: p50', quantile(known, 0.5), 'ms', 16);
  row('a step fetched ahead: p95', quantile(known, 0.95), 'ms', null);
}

async function timeOf(page: Page, path: string, seq: number): Promise<number> {
  const started = performance.now();
  await page.goto(server.url + path);
  await shows(page, seq);
  return performance.now() - started;
}

/** From the key to the moment in the document, in the page's own clock. */
async function stepTime(page: Page, key: string): Promise<number> {
  return page.evaluate(async name => {
    const main = document.querySelector('[data-shown]')!;
    const started = performance.now();
    const shown = new Promise<number>(resolve => {
      const observer = new MutationObserver(() => {
        observer.disconnect();
        resolve(performance.now() - started);
      });
      observer.observe(main, { attributes: true, attributeFilter: ['data-shown'] });
    });
    dispatchEvent(new KeyboardEvent('keydown', { key: name }));
    return shown;
  }, key);
}

function printTable(): void {
  for (const { what, measured, unit, most } of rows) {
    const bar = most === null ? '' : `  (at most ${most})`;
    const missed = most !== null && measured > most ? '  MISSED' : '';
    console.log(`${what.padEnd(52)} ${String(measured).padStart(8)} ${unit}${bar}${missed}`);
  }
}

try {
  await measure();
} finally {
  await browser.close();
  await server.stop();
}
if (values.json) console.log(JSON.stringify(rows));
else printTable();
if (rows.some(({ measured, most }) => most !== null && measured > most)) process.exitCode = 1;
