/** A function asks for pages: groups, indexes, credits; each request goes to its IOMMU's queue. */
import { HARDWARE_EVENTS_MAX } from '../../../abi/limits.ts';
import {
  IOMMU_PGFAULT_PERM_READ,
  IOMMU_PGFAULT_PERM_WRITE,
  PRG_INDEX_MAX,
} from '../../../abi/uapi.ts';
import type { PageRequest } from '../../iommu/state.ts';
import type { Execution } from '../../machine/execution.ts';
import { dmaOf, iommuOfDevice, type ModelledDevice, priOf } from '../function/lookup.ts';
import type { PrgIndexChoice, PriState } from '../function/state.ts';
import { receivePageRequest } from '../prq/receive.ts';
import { type Served, servePrq } from '../prq/serve.ts';
import { pageRequest } from './request.ts';

/** Asks for what a DMA misses, as far as credits and indexes go. */
export function requestMissing(x: Execution, device: ModelledDevice, dmaId: number): void {
  const pri = priOf(x.state, device);
  if (pri === null) return;
  const dma = dmaOf(device, dmaId);
  const { options, request } = dma;
  const perm = request.write ? IOMMU_PGFAULT_PERM_WRITE : IOMMU_PGFAULT_PERM_READ;
  while (dma.unrequested.length > 0 && pri.enabled) {
    if (x.events.length >= HARDWARE_EVENTS_MAX) return;
    const credits = pri.allocation - pri.used;
    const index = credits > 0 ? chooseIndex(pri, options.prgIndex) : null;
    if (index === null) return;
    const pages = dma.unrequested.slice(0, Math.min(options.pagesPerGroup, credits));
    noteReusedIndex(x, device, pri, index);
    for (const [i, { page, stage }] of pages.entries()) {
      const addr = ((request.iova >> 12n) + BigInt(page)) << 12n;
      const last = i === pages.length - 1;
      const asked = pageRequest(request.pasid, index, perm, addr, last);
      sendPageRequest(x, device, asked, dmaId, stage);
    }
  }
}

/** null: all are in use. */
function chooseIndex(pri: PriState, choice: PrgIndexChoice): number | null {
  if (choice.kind === 'FIXED') return choice.index;
  const from = choice.kind === 'ROUND_ROBIN' ? pri.nextIndex : 0;
  for (let i = 0; i <= PRG_INDEX_MAX; i++) {
    const index = (from + i) & PRG_INDEX_MAX;
    if (!pri.outstanding.has(index)) return index;
  }
  return null;
}

/** A device that uses the index of a group that is complete and outstanding is broken. */
export function noteReusedIndex(
  x: Execution,
  device: ModelledDevice,
  pri: PriState,
  grpid: number,
): void {
  const older = pri.outstanding.get(grpid);
  if (older === undefined) return;
  x.hazard(
    'GROUP_INDEX_REUSED',
    'page request',
    `group index ${grpid} is outstanding and was used again`,
    [device.bdf],
    older.sentSeq,
  );
}

/** One request leaves the function. */
export function sendPageRequest(
  x: Execution,
  device: ModelledDevice,
  request: PageRequest,
  dmaId: number | null,
  stage: 1 | 2,
): Delivered {
  const { deviceNo } = device;
  x.emit({ type: 'PageRequestIssued', deviceNo, request, dmaId, stage });
  return deliver(x, device, request);
}

/** A stop marker: never answered, and no credit. */
export function sendStopMarker(
  x: Execution,
  device: ModelledDevice,
  request: PageRequest,
): Delivered {
  x.emit({ type: 'StopMarkerIssued', deviceNo: device.deviceNo, request });
  return deliver(x, device, request);
}

/** What became of a request at its IOMMU. */
export interface Delivered {
  /** It was written into the queue. */
  readonly queued: boolean;
  /** What was served at once; null: nobody was told yet. */
  readonly served: Served | null;
}

function deliver(x: Execution, device: ModelledDevice, request: PageRequest): Delivered {
  if (!receivePageRequest(x, device, request)) return { queued: false, served: null };
  const iommu = iommuOfDevice(x.state, device);
  if (iommu.spec.service === 'MANUAL') return { queued: true, served: null };
  return { queued: true, served: servePrq(x, iommu, Number.POSITIVE_INFINITY) };
}
