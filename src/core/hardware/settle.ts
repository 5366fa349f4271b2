/**
 * What hardware does of itself when an operation is done: answers reach their functions, which look
 * again, ask again, or go on with their programs. Ends, because each DMA has a bound on its retries
 * and each program on its steps.
 */

import type { DeviceResponse } from '../iommu/state.ts';
import type { Execution } from '../machine/execution.ts';
import { resumeStall } from './dma/resume.ts';
import { noteStallsLeft } from './dma/stall.ts';
import { isModelled, priOf } from './function/lookup.ts';
import { receiveResponse, spendCredits } from './pri/receive.ts';
import { continueProgram } from './program/run.ts';

export function settleHardware(x: Execution): void {
  if (x.state.iommus.size === 0) return;
  let answered = 0;
  let seen = 0;
  while (answered < x.responses.length || seen < x.events.length) {
    const response = x.responses[answered];
    if (response !== undefined) {
      answered++;
      receive(x, response);
    } else {
      const event = x.events[seen++]!;
      if (event.type === 'DomainDetached') noteLeft(x, event.iommuGroupId);
      if (event.type === 'IopfFeatureEnabled' || event.type === 'PriEnabled') {
        askWhatWaited(x, event.deviceNo);
      }
    }
  }
}

function receive(x: Execution, response: DeviceResponse): void {
  const device = x.state.physicalDevices.get(response.deviceNo);
  if (!isModelled(device)) return;
  const went = device.hardware.spec.stall
    ? resumeStall(x, device, response)
    : receiveResponse(x, device, response);
  for (const other of went) continueProgram(x, other);
}

/** PRI is on again: what stood in line meanwhile asks. */
function askWhatWaited(x: Execution, deviceNo: number): void {
  const device = x.state.physicalDevices.get(deviceNo);
  const pri = isModelled(device) ? priOf(x.state, device) : null;
  if (pri === null) return;
  for (const other of spendCredits(x, pri)) continueProgram(x, other);
}

/** A domain is gone, and what it had to be asked about was answered. */
function noteLeft(x: Execution, iommuGroupId: number): void {
  for (const deviceNo of x.state.iommuGroups.get(iommuGroupId)?.deviceNos ?? []) {
    const device = x.state.physicalDevices.get(deviceNo);
    if (isModelled(device) && device.hardware.spec.stall) noteStallsLeft(x, device);
  }
}
