/**
 * Membership of the iopf queue, without which a device cannot send page requests.
 * Mirrors iopf_queue_* of drivers/iommu/io-pgfault.c of Linux 6.12.117.
 */
import type { Errno } from '../../abi/errno.ts';
import { IOMMUFD_PAGE_RESP_INVALID } from '../../abi/uapi.ts';
import { driverOf } from '../hardware/drivers.ts';
import type { PhysicalDevice } from '../hardware/state.ts';
import type { Execution } from '../machine/execution.ts';
import { deviceName, iopfGroupOf } from '../machine/lookup.ts';
import { Refusal } from '../machine/refusal.ts';
import { notePartialsDropped, respond } from './iopf.ts';

/**
 * The device joins the iopf queue: it may send page requests. Source: iopf_queue_add_device, as the
 * driver calls it. `allocates`: memory for it may be missing. Errors: the driver's; EBUSY, it is a
 * member already; ENOMEM.
 */
export function iopfQueueAdd(x: Execution, device: PhysicalDevice, allocates = true): Errno {
  const driver = driverOf(device);
  return x.call(driver.functions.enableIopf, () => {
    const facts = { device: deviceName(device) };
    if (!driver.enableIopf(device)) return x.refuse('ENODEV', 'NO_IOPF', facts);
    if (device.iopfFeature) {
      const enabled = new Refusal('EBUSY', 'IOPF_ENABLED', facts);
      return x.refusedBy('iopf_queue_add_device', enabled).errno;
    }
    if (allocates && !x.allocates('kzalloc iommu_fault_param')) return 'ENOMEM';
    x.emit({ type: 'IopfFeatureEnabled', deviceNo: device.deviceNo });
    return 0;
  });
}

/**
 * The device leaves the iopf queue. Partial requests vanish; groups still on its pending list, the
 * newest first, are answered INVALID and on some kernels freed, though a fault queue may have them.
 * Source: iopf_queue_remove_device.
 */
export function iopfQueueRemove(x: Execution, device: PhysicalDevice): void {
  x.call('iopf_queue_remove_device', () => {
    const { deviceNo, partial, lostGroups, pendingGroupIds } = device;
    const freed = x.behaviour.iopfRemoveFreesGroups;
    const pending = [...pendingGroupIds, ...lostGroups.keys()].sort((a, b) => b - a);
    for (const iopfGroupId of pending) {
      const lost = lostGroups.get(iopfGroupId);
      const last = lost ?? iopfGroupOf(x.state, iopfGroupId).requests.at(-1)!;
      if (lost === undefined) x.emit({ type: 'IopfGroupFlushed', iopfGroupId, freed });
      respond(x, device, last, iopfGroupId, IOMMUFD_PAGE_RESP_INVALID);
    }
    const plantedSeq = partial[0]?.collectedSeq ?? null;
    const dropped = partial.length;
    x.emit({ type: 'IopfFeatureDisabled', deviceNo, droppedPartialRequests: dropped });
    if (dropped > 0) {
      notePartialsDropped(x, device, 'iopf_queue_remove_device', dropped, plantedSeq);
    }
    return 0;
  });
}
