/**
 * What hardware does of itself when an operation is done: answers reach their functions, which look
 * again, ask again, or go on with their programs. Ends, because each DMA has a bound on its retries
 * and each program on its steps.
 */
import type { Execution } from '../machine/execution.ts';
import { resumeStall } from './dma/resume.ts';
import { noteStallsLeft } from './dma/stall.ts';
import { isModelled } from './function/lookup.ts';
import { receiveResponse } from './pri/receive.ts';
import { continueProgram } from './program/run.ts';

export function settleHardware(x: Execution): void {
  for (let i = 0; i < x.responses.length; i++) {
    const response = x.responses[i]!;
    const device = x.state.physicalDevices.get(response.deviceNo);
    if (!isModelled(device)) continue;
    const went = device.hardware.spec.stall
      ? resumeStall(x, device, response)
      : receiveResponse(x, device, response);
    for (const other of went) continueProgram(x, other);
  }
  for (const event of x.events)
    if (event.type === 'DomainDetached') noteLeft(x, event.iommuGroupId);
}

/** A domain is gone, and what it had to be asked about was answered. */
function noteLeft(x: Execution, iommuGroupId: number): void {
  if (x.state.iommus.size === 0) return;
  for (const deviceNo of x.state.iommuGroups.get(iommuGroupId)?.deviceNos ?? []) {
    const device = x.state.physicalDevices.get(deviceNo);
    if (isModelled(device) && device.hardware.spec.stall) noteStallsLeft(x, device);
  }
}
