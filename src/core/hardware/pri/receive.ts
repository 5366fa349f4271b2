/**
 * A page request group response reaches a function: it looks again, gives up, or stops asking.
 * PCIe, Page Request Group Response Message; PRI Status.
 */
import { HARDWARE_EVENTS_MAX } from '../../../abi/limits.ts';
import type { DeviceResponse } from '../../iommu/state.ts';
import type { Execution } from '../../machine/execution.ts';
import { pageOf } from '../cache/translation-cache.ts';
import { abort, askAgain, goOn, lookAgainAtAll, noteWaits } from '../dma/dma.ts';
import { lookAtPages, type Pass } from '../dma/pass.ts';
import {
  dmaOf,
  functionOfDma,
  isModelled,
  type ModelledDevice,
  modelledDeviceOf,
  priOf,
  priOwnerOf,
} from '../function/lookup.ts';
import type { Dma, MissedPage, OutstandingGroup, PriState } from '../function/state.ts';
import { effectOf } from '../vendors/formats.ts';
import { noteAnsweredOtherGroup, noteWrongAnswer } from './hazards.ts';
import { requestMissing } from './send.ts';

/** Functions that may go on with their programs after it. */
export function receiveResponse(
  x: Execution,
  device: ModelledDevice,
  response: DeviceResponse,
): readonly ModelledDevice[] {
  const pri = priOf(x.state, device);
  if (pri === null) return [];
  const { deviceNo } = device;
  const { grpid, code } = response;
  const iopfGroupId = response.iopfGroup?.iopfGroupId ?? null;
  if (pri.responseFailure) {
    x.emit({ type: 'PrgResponseIgnored', deviceNo, grpid, code });
    return [];
  }
  const group = pri.outstanding.get(grpid);
  noteAnsweredOtherGroup(x, device, pri, group ?? null, response);
  const effect = effectOf(code);
  if (group === undefined && effect !== 'RESPONSE_FAILURE') {
    x.emit({ type: 'PrgResponseUnexpected', deviceNo, grpid, code, iopfGroupId });
    return [];
  }
  const waiting = group === undefined ? [] : waitingFor(x, group);
  x.emit({ type: 'PrgResponseReceived', deviceNo, grpid, code, iopfGroupId });
  switch (effect) {
    case 'SUCCESS':
      lookAgain(x, device, waiting, response);
      break;
    case 'INVALID_REQUEST':
      for (const { owner, dma } of waiting) {
        if (owner.hardware.dmas.has(dma.dmaId)) abort(x, owner, dma.dmaId, null, 'INVALID_REQUEST');
      }
      break;
    case 'RESPONSE_FAILURE':
      return fail(x, device, response);
  }
  stopIfDone(x, device, pri);
  const others = spendCredits(x, pri);
  return [...new Set([device, ...waiting.map(({ owner }) => owner), ...others])];
}

interface Waiting {
  readonly owner: ModelledDevice;
  readonly dma: Dma;
  readonly pages: readonly MissedPage[];
}

/** The DMAs that wait for a group, with what they asked for in it. */
function waitingFor(x: Execution, { deviceNo, dmaIds, grpid }: OutstandingGroup): Waiting[] {
  return dmaIds.flatMap(dmaId => {
    const owner = functionOfDma(x.state, deviceNo, dmaId);
    if (owner === null) return [];
    const dma = dmaOf(owner, dmaId);
    return [{ owner, dma, pages: dma.groups.get(grpid) ?? [] }];
  });
}

/** Success says that the pages are there now. The device looks for itself. */
function lookAgain(
  x: Execution,
  device: ModelledDevice,
  waiting: readonly Waiting[],
  response: DeviceResponse,
): void {
  let noted = false;
  const lost = response.automatic ?? false;
  for (const { owner, dma, pages } of waiting) {
    const before = dma.waitsSeq;
    const more = dma.groups.size > 0 || dma.unrequested.length > 0;
    const pass = more ? lookAtGroup(x, owner, dma, pages) : lookAgainAtAll(x, owner, dma);
    if (!noted && pass.missed.length > 0) {
      noted = noteWrongAnswer(x, device, dma, pages, pass, response, before);
    }
    if (pass.fatal !== null || !more) goOn(x, owner, dma, pass, lost);
    else if (pass.missed.length > 0) askAgain(x, owner, dma, pass, lost);
  }
}

function lookAtGroup(
  x: Execution,
  owner: ModelledDevice,
  { request }: Dma,
  pages: readonly MissedPage[],
): Pass {
  const first = pageOf(request.iova);
  const spans = pages.map(({ page }) => ({ first: first + page, last: first + page }));
  return lookAtPages(x, owner, request, spans);
}

/** PRI is off until software resets and enables it; nothing that waits will be answered. */
function fail(
  x: Execution,
  device: ModelledDevice,
  { code, answeredSeq }: DeviceResponse,
): readonly ModelledDevice[] {
  const owner = priOwnerOf(x.state, device);
  const sharing = [...x.state.physicalDevices.values()]
    .filter(isModelled)
    .filter(other => priOwnerOf(x.state, other) === owner);
  const lost = sharing.flatMap(other =>
    [...other.hardware.dmas.values()].map(({ dmaId }) => ({ other, dmaId })),
  );
  x.emit({ type: 'PriDisabled', deviceNo: owner.deviceNo, why: 'RESPONSE_FAILURE' });
  x.hazard(
    'PRI_DISABLED_BY_FAILURE',
    'page response',
    `code ${code} is a failure to a function: ${lost.length} DMAs end, PRI is off on ${sharing.map(({ bdf }) => bdf).join(', ')}`,
    [...sharing.map(({ bdf }) => bdf), ...lost.map(({ dmaId }) => `DMA ${dmaId}`)],
    answeredSeq,
  );
  for (const { other, dmaId } of lost) {
    if (other.hardware.dmas.has(dmaId)) abort(x, other, dmaId, null, 'RESPONSE_FAILURE');
  }
  return sharing;
}

/** Disabled, and the last answer has come. */
function stopIfDone(x: Execution, device: ModelledDevice, pri: PriState): void {
  if (pri.enabled || pri.stopped || pri.outstanding.size > 0) return;
  x.emit({ type: 'PriStopped', deviceNo: priOwnerOf(x.state, device).deviceNo });
}

/**
 * DMAs in line ask with what came free, in order. Those that backed off do not, and those that one
 * command has no room for back off.
 */
export function spendCredits(x: Execution, pri: PriState): readonly ModelledDevice[] {
  const went: ModelledDevice[] = [];
  for (const { deviceNo, dmaId } of pri.waiting) {
    if (!pri.enabled || pri.used >= pri.allocation) break;
    const device = modelledDeviceOf(x.state, deviceNo);
    if (dmaOf(device, dmaId).state === 'BACKED_OFF') continue;
    if (x.events.length >= HARDWARE_EVENTS_MAX) {
      noteWaits(x, device, dmaId, 'BACKED_OFF');
      continue;
    }
    requestMissing(x, device, dmaId);
    noteWaits(x, device, dmaId, dmaOf(device, dmaId).state);
    went.push(device);
  }
  return went;
}

/** Time has passed, or requests may reach the queue again: who backed off stands in line again. */
export function askOnceMore(x: Execution, pri: PriState): readonly ModelledDevice[] {
  for (const { deviceNo, dmaId } of pri.waiting) {
    const device = modelledDeviceOf(x.state, deviceNo);
    const { state, groups } = dmaOf(device, dmaId);
    if (state !== 'BACKED_OFF') continue;
    noteWaits(x, device, dmaId, groups.size > 0 ? 'WAITING_PRG' : 'NO_CREDIT');
  }
  return spendCredits(x, pri);
}
