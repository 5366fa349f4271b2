/**
 * What hardware does of itself when an operation is done: answers reach their functions, which look
 * again, ask again, or go on with their programs. Ends, because what was lost in an overflow is not
 * asked again before something has changed, and because HARDWARE_EVENTS_MAX bounds one command.
 */

import type { DeviceResponse } from '../iommu/state.ts';
import type { Event } from '../machine/event.ts';
import type { Execution } from '../machine/execution.ts';
import { resumeStall } from './dma/resume.ts';
import { noteStallsLeft } from './dma/stall.ts';
import { devicesBehind, isModelled, type ModelledDevice, priOf } from './function/lookup.ts';
import { askOnceMore, receiveResponse } from './pri/receive.ts';
import { continueProgram } from './program/run.ts';
import type { PhysicalDevice } from './state.ts';

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
      react(x, event);
    }
  }
}

function react(x: Execution, event: Event): void {
  switch (event.type) {
    case 'DomainDetached':
      noteLeft(x, event.iommuGroupId);
      return;
    case 'IopfFeatureEnabled':
    case 'PriEnabled':
      askWhatWaited(x, [x.state.physicalDevices.get(event.deviceNo)]);
      return;
    case 'PrqOverflowCleared':
      askWhatWaited(x, devicesBehind(x.state, event.iommuNo));
      return;
    case 'TickAdvanced':
      askWhatWaited(x, [...x.state.physicalDevices.values()]);
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

/** Functions may ask again: what stood in line meanwhile, or had backed off, does. */
function askWhatWaited(x: Execution, devices: readonly (PhysicalDevice | undefined)[]): void {
  const modelled = devices.filter((device): device is ModelledDevice => isModelled(device));
  for (const pri of new Set(modelled.map(device => priOf(x.state, device)))) {
    if (pri === null) continue;
    for (const other of askOnceMore(x, pri)) continueProgram(x, other);
  }
}

/** A domain is gone, and what it had to be asked about was answered. */
function noteLeft(x: Execution, iommuGroupId: number): void {
  for (const deviceNo of x.state.iommuGroups.get(iommuGroupId)?.deviceNos ?? []) {
    const device = x.state.physicalDevices.get(deviceNo);
    if (isModelled(device) && device.hardware.spec.stall) noteStallsLeft(x, device);
  }
}
