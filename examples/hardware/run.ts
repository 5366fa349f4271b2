/**
 * Runs one of the handlers beside this file against a server, and says what it got wrong:
 *
 *     node run.ts NAME [URL]
 *
 * in a folder where `npm i faultline` ran; in a clone `npm run -s example -- NAME [URL]`. URL is
 * http://127.0.0.1:4000 if left out. Without a NAME it lists them. The machine `dma` is made anew each
 * time, and stays to be looked at.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { FaultHandler } from 'faultline/client';
import { forgetfulHandler } from './index-alone.ts';
import { hazards, IOVA, makeMachine, readPage, resetDevice, send, waiting } from './machine.ts';
import { evictInTableOnly } from './no-invalidation.ts';
import { evict, rightHandler } from './right.ts';
import { hastyHandler } from './success-without-mapping.ts';

const PAGE = 4096n;
/** A handler that has not answered by then never will. */
const PATIENCE_MS = 60_000;

interface Example {
  readonly what: string;
  readonly run: (url: string) => Promise<FaultHandler>;
}

/** A page is read, taken from the guest, and read again. */
async function readTwice(
  url: string,
  handler: FaultHandler,
  take: (url: string, iova: bigint) => Promise<void>,
): Promise<FaultHandler> {
  await readPage(url, IOVA);
  await settled(url);
  await take(url, IOVA);
  await readPage(url, IOVA);
  await settled(url);
  return handler;
}

const EXAMPLES: Readonly<Record<string, Example>> = {
  right: {
    what: 'maps, then answers; takes a page out of the table, then out of the caches',
    run: url => readTwice(url, rightHandler(url), evict),
  },
  'success-without-mapping': {
    what: 'answers SUCCESS and maps nothing',
    async run(url) {
      const handler = hastyHandler(url);
      await readPage(url, IOVA);
      await settled(url);
      return handler;
    },
  },
  'no-invalidation': {
    what: 'takes a page out of the table, and leaves it in the caches',
    run: url => readTwice(url, rightHandler(url), evictInTableOnly),
  },
  'index-alone': {
    what: 'knows groups by their index alone',
    async run(url) {
      const handler = forgetfulHandler(url);
      await readPage(url, IOVA);
      await until(async () => handler.seen() === 1);
      await resetDevice(url);
      await readPage(url, IOVA + PAGE);
      await until(async () => handler.seen() === 2);
      await handler.guestAnswers(0, IOVA + PAGE);
      await settled(url);
      return handler;
    },
  },
};

const settled = (url: string) => until(async () => (await waiting(url)) === 0);

async function until(met: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await met())) {
    if (performance.now() > end) throw new Error('nothing happens any more');
    await sleep(20);
  }
}

/** What one of them got wrong, line by line. */
export async function runExample(name: string, url: string): Promise<readonly string[]> {
  const example = EXAMPLES[name];
  if (example === undefined) {
    throw new Error(`there is no "${name}"; there are ${Object.keys(EXAMPLES).join(', ')}`);
  }
  await makeMachine(url);
  const handler = await example.run(url);
  await handler.stop();
  return hazards(url);
}

async function main([name, url = 'http://127.0.0.1:4000']: readonly string[]): Promise<void> {
  if (name === undefined) {
    for (const [known, { what }] of Object.entries(EXAMPLES)) console.log(`${known}: ${what}`);
    return;
  }
  await send(url, 'mutation { machineDelete(input: { machineId: "dma" }) }');
  const met = await runExample(name, url);
  console.log(met.length === 0 ? 'no hazard' : met.join('\n'));
}

const [, started = '', ...args] = process.argv;
if (import.meta.url === pathToFileURL(started).href) await main(args);
