/** Finding modelled hardware in a state: what must exist, and who shares what. */
import { must } from '../../machine/assert.ts';
import { physicalDeviceOf } from '../../machine/lookup.ts';
import type { MachineState } from '../../machine/state.ts';
import type { PciDevice, PhysicalDevice } from '../state.ts';
import type { Iommu } from '../unit/state.ts';
import type { Dma, FunctionHardware, PriState } from './state.ts';

/** A PCI function behind a modelled IOMMU. */
export interface ModelledDevice extends PciDevice {
  readonly hardware: FunctionHardware;
}

export function isModelled(device: PhysicalDevice | undefined): device is ModelledDevice {
  return device?.kind === 'PCI' && device.hardware !== null;
}

export function modelledDeviceOf(state: MachineState, deviceNo: number): ModelledDevice {
  const device = physicalDeviceOf(state, deviceNo);
  if (!isModelled(device)) throw new Error(`assertion failed: device ${deviceNo} is modelled`);
  return device;
}

export function iommuOf(state: MachineState, iommuNo: number): Iommu {
  return must(state.iommus.get(iommuNo), `IOMMU ${iommuNo}`);
}

export function iommuOfDevice(state: MachineState, { hardware }: ModelledDevice): Iommu {
  return iommuOf(state, hardware.spec.iommuNo);
}

/** The function whose PRI capability a function uses: a virtual one has its physical function's. */
export function priOwnerOf(state: MachineState, device: ModelledDevice): ModelledDevice {
  const { physfn } = device;
  if (physfn === null) return device;
  const owner = state.physicalDevices.get(state.bdfs.get(physfn) ?? -1);
  return isModelled(owner) ? owner : device;
}

/** The PRI capability a function uses; null: it has none. */
export function priOf(state: MachineState, device: ModelledDevice): PriState | null {
  return priOwnerOf(state, device).hardware.pri;
}

export function dmaOf({ hardware, bdf }: ModelledDevice, dmaId: number): Dma {
  return must(hardware.dmas.get(dmaId), `DMA ${dmaId} of ${bdf}`);
}

/**
 * The function whose DMA it is, `deviceNo` most likely: functions that share PRI can use one index,
 * the broken ones at the same time. null: it has ended.
 */
export function functionOfDma(
  { physicalDevices }: MachineState,
  deviceNo: number,
  dmaId: number,
): ModelledDevice | null {
  const likely = physicalDevices.get(deviceNo);
  if (isModelled(likely) && likely.hardware.dmas.has(dmaId)) return likely;
  for (const device of physicalDevices.values()) {
    if (isModelled(device) && device.hardware.dmas.has(dmaId)) return device;
  }
  return null;
}

/** Functions behind an IOMMU, in order of appearance. */
export function devicesBehind(state: MachineState, iommuNo: number): ModelledDevice[] {
  return [...state.physicalDevices.values()]
    .filter(isModelled)
    .filter(({ hardware }) => hardware.spec.iommuNo === iommuNo);
}
