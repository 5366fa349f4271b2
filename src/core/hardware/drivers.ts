/** The emulated IOMMU drivers, and which of them drives a device. */
import { conformingDriver } from './conforming.ts';
import type { IommuDriver } from './iommu-driver.ts';
import { mockDriver } from './mock.ts';
import type { IommuDriverName, PhysicalDevice } from './state.ts';

const DRIVERS: Readonly<Record<IommuDriverName, IommuDriver>> = {
  MOCK: mockDriver,
  CONFORMING: conformingDriver,
};

export function driverOf(device: PhysicalDevice): IommuDriver {
  return DRIVERS[driverNameOf(device)];
}

export function driverNameOf(device: PhysicalDevice): IommuDriverName {
  return device.kind === 'MOCK' ? 'MOCK' : 'CONFORMING';
}

export function driverNamed(name: IommuDriverName): IommuDriver {
  return DRIVERS[name];
}
