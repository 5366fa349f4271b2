/** The end of a mock device. Mirrors drivers/iommu/iommufd/selftest.c of Linux 6.12.117. */
import { IOMMU_NO_PASID } from '../../../abi/uapi.ts';
import { removePhysicalDevice } from '../../hardware/topology.ts';
import type { Execution } from '../../machine/execution.ts';
import { deviceOf, physicalDeviceOf } from '../../machine/lookup.ts';
import { detachDevice } from '../device/attach.ts';
import { unbindDevice } from '../device/bind.ts';
import type { Device, IommufdContext, SelftestDevice } from '../state.ts';

/** The kernel forgets them, and frees a device that they refer to. Diverges: they are detached. */
function leavePasids(x: Execution, context: IommufdContext, device: Device): void {
  const pasids = [...device.pasids.keys()].sort((a, b) => a - b);
  x.hazard(
    'FREED_WITH_PASIDS',
    'iommufd_object_destroy_user',
    `device ${device.id} goes while PASID ${pasids[0]} is attached`,
    [`device ${device.id}`],
  );
  for (const pasid of pasids) detachDevice(x, context, device, pasid);
}

/** Source: iommufd_selftest_destroy. */
export function destroySelftestDevice(
  x: Execution,
  context: IommufdContext,
  selftest: SelftestDevice,
): void {
  x.call('iommufd_selftest_destroy', () => {
    const device = deviceOf(context, selftest.deviceId);
    if (device.pasids.size > 0) leavePasids(x, context, device);
    detachDevice(x, context, device, IOMMU_NO_PASID);
    unbindDevice(x, context, device);
    removePhysicalDevice(x, physicalDeviceOf(x.state, selftest.deviceNo));
    return 0;
  });
}
