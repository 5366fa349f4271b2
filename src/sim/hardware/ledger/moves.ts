/** Where the bytes of a DMA went: to the pages the tables grant, or that a cache had. */
import type { CachedPage } from '../../../core/hardware/ats/events.ts';
import type { DmaRequest } from '../../../core/hardware/function/state.ts';
import type { EventOf } from '../../../core/machine/event.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import { readGuestMemory } from '../../../core/memory/guest-memory.ts';
import { grantOf } from './page-walk.ts';
import { type Moment, modelled } from './part.ts';

interface Cache {
  readonly shelf: ReadonlyMap<string, CachedPage>;
  readonly tag: string;
}

interface Touched {
  readonly iovaPage: bigint;
  readonly userPage: bigint;
  readonly contextId: number;
}

const PAGE = 4096n;

export function checkMoved(
  { before, outcome }: Moment,
  event: EventOf<'DmaCompleted'>,
  caches: readonly Cache[],
): string[] {
  const { deviceNo, dmaId, runs } = event;
  const device = modelled(before, deviceNo)!;
  const request = event.request ?? device.hardware.dmas.get(dmaId)?.request;
  if (request === undefined) return [`DMA ${dmaId} ends and was never issued`];
  const moved = runs.reduce((sum, { length }) => sum + length, 0n);
  if (moved !== request.length) return [`DMA ${dmaId} moves ${moved} bytes of ${request.length}`];
  const wrong: string[] = [];
  for (const touched of pagesOf(request, runs)) {
    const { iovaPage, userPage, contextId } = touched;
    const grant = grantOf(before, deviceNo, request.pasid, iovaPage);
    const allowed = grant !== null && (request.write ? grant.write : grant.read);
    if (allowed && grant.userPage === userPage && grant.contextId === contextId) continue;
    const where = `DMA ${dmaId}, IOVA 0x${(iovaPage << 12n).toString(16)}`;
    if (!caches.some(cache => hasCached(cache, touched, request))) {
      wrong.push(`${where}: bytes moved where neither tables nor caches lead`);
    }
    const name = `IOVA 0x${(iovaPage << 12n).toString(16)} at`;
    const said = outcome.events.some(
      other =>
        other.type === 'HazardRecorded' &&
        (other.name === 'STALE_TRANSLATION_USED' || other.name === 'ATC_NOT_INVALIDATED') &&
        other.objects.includes(device.bdf) &&
        other.detail.includes(name),
    );
    if (!said) wrong.push(`${where}: a stale translation was used and nothing says so`);
  }
  return [...wrong, ...checkExpected(before, event, request)];
}

/** The pages that runs of bytes lie in, one by one. */
function* pagesOf({ iova }: DmaRequest, runs: EventOf<'DmaCompleted'>['runs']): Generator<Touched> {
  let at = iova;
  for (const { contextId, userVa, length } of runs) {
    for (let done = 0n; done < length; ) {
      const iovaPage = (at + done) >> 12n;
      yield { iovaPage, userPage: (userVa + done) >> 12n, contextId };
      done += PAGE - ((at + done) % PAGE);
    }
    at += length;
  }
}

function hasCached(
  { shelf, tag }: Cache,
  { iovaPage, userPage }: Touched,
  { write }: DmaRequest,
): boolean {
  const page = Number(iovaPage);
  for (const cached of shelf.values()) {
    if (cached.tag !== tag || page < cached.page) continue;
    if (page >= cached.page + 2 ** cached.log2Pages) continue;
    const leads = BigInt(cached.target + (page - cached.page)) === userPage;
    if (leads && (write ? cached.write : cached.read)) return true;
  }
  return false;
}

/** What a DMA read was compared with what it had to be. */
function checkExpected(
  before: MachineState,
  { runs, matched, dmaId }: EventOf<'DmaCompleted'>,
  { expected }: DmaRequest,
): string[] {
  if (expected === null) return matched === null ? [] : [`DMA ${dmaId} compared what it need not`];
  const byte = expected.toString(16).padStart(2, '0');
  const same = runs.every(({ contextId, userVa, length }) => {
    const hex = readGuestMemory(before.contexts.get(contextId)!, userVa, length);
    return hex === byte.repeat(Number(length));
  });
  return same === matched ? [] : [`DMA ${dmaId} found its bytes ${matched ? 'right' : 'wrong'}`];
}

/** After a write: the bytes are there. */
export function checkWritten(
  after: MachineState,
  { runs, dmaId }: EventOf<'DmaCompleted'>,
  { write, fill }: DmaRequest,
): string[] {
  if (!write || fill === null) return [];
  const byte = fill.toString(16).padStart(2, '0');
  const there = runs.every(({ contextId, userVa, length }, i) => {
    // A later run may lie over an earlier one: two IOVAs can lead to one page.
    const covered = runs.some(
      (other, j) => j > i && other.userVa < userVa + length && userVa < other.userVa + other.length,
    );
    const hex = readGuestMemory(after.contexts.get(contextId)!, userVa, length);
    return covered || hex === byte.repeat(Number(length));
  });
  return there ? [] : [`DMA ${dmaId} wrote ${fill}, and other bytes are there`];
}
