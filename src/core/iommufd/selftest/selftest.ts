/** The end of a mock device. Mirrors drivers/iommu/iommufd/selftest.c of Linux 6.12.117. */
import { removePhysicalDevice } from '../../hardware/topology.ts';
import type { Execution } from '../../machine/execution.ts';
import { deviceOf, physicalDeviceOf } from '../../machine/lookup.ts';
import { detachDevice } from '../device/attach.ts';
import { unbindDevice } from '../device/bind.ts';
import type { IommufdContext, SelftestDevice } from '../state.ts';

/** Source: iommufd_selftest_destroy. */
export function destroySelftestDevice(
  x: Execution,
  context: IommufdContext,
  selftest: SelftestDevice,
): void {
  x.call('iommufd_selftest_destroy', () => {
    const device = deviceOf(context, selftest.deviceId);
    detachDevice(x, context, device);
    unbindDevice(x, context, device);
    removePhysicalDevice(x, physicalDeviceOf(x.state, selftest.deviceNo));
    return 0;
  });
}
