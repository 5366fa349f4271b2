/** CMD_RESUME reaches a stalled transaction, or none (IHI 0070, 4.7.1). */
import type { DeviceResponse } from '../../iommu/state.ts';
import { must } from '../../machine/assert.ts';
import type { Execution } from '../../machine/execution.ts';
import { iommuOfDevice, type ModelledDevice } from '../function/lookup.ts';
import { noteWrongAnswer } from '../pri/hazards.ts';
import type { Iommu } from '../unit/state.ts';
import { resumeAction } from '../vendors/formats.ts';
import { abort, goOn, lookAgainAtAll } from './dma.ts';

/**
 * The transaction is tried again or ends. The tag may be another one's by now, which then gets it.
 * Functions that may go on with their programs after it.
 */
export function resumeStall(
  x: Execution,
  device: ModelledDevice,
  response: DeviceResponse,
): readonly ModelledDevice[] {
  const iommu = iommuOfDevice(x.state, device);
  const { grpid: stag, code, iopfGroup } = response;
  const stall = iommu.stalls.get(stag);
  const own = stall?.deviceNo === device.deviceNo ? stall : null;
  const newer = own !== null && iopfGroup !== null && own.stalledSeq > iopfGroup.queuedSeq;
  if (own === null || newer) noteStaleTag(x, iommu, device, response);
  if (own === null) return [];
  const action = resumeAction(code) === 'RETRY' ? 'RETRY' : 'ABORT';
  const { dmaId } = own;
  const dma = must(device.hardware.dmas.get(dmaId), `DMA ${dmaId}`);
  const before = dma.waitsSeq;
  x.emit({ type: 'StallResumed', iommuNo: iommu.iommuNo, stag, action });
  if (action === 'ABORT') {
    abort(x, device, dmaId, null, 'TERMINATED');
    return [device];
  }
  const pass = lookAgainAtAll(x, device, dma);
  if (pass.missed.length > 0) {
    noteWrongAnswer(x, device, dma, pass.missed, pass, response, before);
  }
  goOn(x, device, dma, pass, false);
  return [device];
}

function noteStaleTag(
  x: Execution,
  { iommuNo, stalls, resumedSeqs }: Iommu,
  { bdf }: ModelledDevice,
  { grpid: stag, answeredSeq, iopfGroup }: DeviceResponse,
): void {
  const whose = stalls.has(stag) ? 'another transaction’s by now' : 'no transaction’s';
  x.hazard(
    'STALE_STAG_RESUMED',
    'CMD_RESUME',
    `STAG ${stag} of ${bdf} is ${whose}`,
    [bdf, `IOMMU ${iommuNo}`],
    resumedSeqs.get(stag) ?? (iopfGroup === null ? null : answeredSeq),
  );
}
