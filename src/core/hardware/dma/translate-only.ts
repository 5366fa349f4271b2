/** A translation request of a function, without a DMA behind it (PCIe, ATS). */
import type { Execution } from '../../machine/execution.ts';
import { pageOf } from '../cache/translation-cache.ts';
import type { ModelledDevice } from '../function/lookup.ts';
import type { DmaRequest } from '../function/state.ts';
import { atsRefusal } from './fault-record.ts';
import { type Grants, lookAtPages, type Pass, wholeSpan } from './pass.ts';
import { walkDma } from './walk.ts';

/**
 * Asks page by page; what is granted is cached. The completion has the rights that the tables grant, not
 * those that were asked for: reading where a page may only be read, writing where nobody asked for it
 * but the page is dirty already. Without ATS it is answered UR.
 */
export function translateOnly(x: Execution, device: ModelledDevice, request: DmaRequest): void {
  const { deviceNo, hardware } = device;
  const { pasid } = request;
  if (hardware.ats?.enabled !== true) {
    const nothing = { status: 'UR', ...NOTHING } as const;
    x.emit({ type: 'AtsTranslationCompleted', deviceNo, pasid, iova: request.iova, ...nothing });
    return;
  }
  const last = pageOf(request.iova + request.length - 1n);
  for (let page = pageOf(request.iova); page <= last; page++) {
    const iova = BigInt(page) << 12n;
    const { fatal, grants } = lookForRights(x, device, { ...request, iova, length: 4096n });
    const status = fatal === null ? 'SUCCESS' : atsRefusal(fatal.fault);
    const { read, write } = grants ?? NOTHING;
    x.emit({ type: 'AtsTranslationCompleted', deviceNo, pasid, iova, status, read, write });
    if (fatal !== null) return;
  }
}

const NOTHING: Grants = { read: false, write: false };

function lookForRights(x: Execution, device: ModelledDevice, request: DmaRequest): Pass {
  const look = (write: boolean) =>
    lookAtPages(x, device, { ...request, write }, [wholeSpan(request)]);
  const asked = look(request.write);
  if (request.write) return asked.missed.length > 0 ? look(false) : asked;
  const { pasid, iova } = request;
  // What a cache has is the answer, stale or not.
  if (asked.via !== 'WALK' || asked.grants?.write !== false) return asked;
  const { outcome } = walkDma(x.state, device, { pasid, iova, write: true });
  // A grant of writes sets the dirty bit, which only who asks to write does.
  return outcome.kind === 'PAGE' && outcome.updates.length === 0 ? look(true) : asked;
}
