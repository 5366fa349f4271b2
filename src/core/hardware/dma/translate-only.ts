/** A translation request of a function, without a DMA behind it (PCIe, ATS). */
import type { Execution } from '../../machine/execution.ts';
import { pageOf } from '../cache/translation-cache.ts';
import type { ModelledDevice } from '../function/lookup.ts';
import type { DmaRequest } from '../function/state.ts';
import { atsRefusal } from './fault-record.ts';
import { lookAtPages } from './pass.ts';

/** Asks page by page; what is granted is cached. Without ATS nothing is asked. */
export function translateOnly(x: Execution, device: ModelledDevice, request: DmaRequest): void {
  const { deviceNo, hardware } = device;
  if (hardware.ats?.enabled !== true) return;
  const { pasid, write } = request;
  const last = pageOf(request.iova + request.length - 1n);
  for (let page = pageOf(request.iova); page <= last; page++) {
    const span = { first: page, last: page };
    const iova = BigInt(page) << 12n;
    const pass = lookAtPages(x, device, { ...request, iova, length: 4096n }, [span]);
    const granted = pass.fatal === null && pass.missed.length === 0;
    x.emit({
      type: 'AtsTranslationCompleted',
      deviceNo,
      pasid,
      iova,
      status: pass.fatal === null ? 'SUCCESS' : atsRefusal(pass.fatal.fault),
      read: granted,
      write: granted && write,
    });
    if (pass.fatal !== null) return;
  }
}
