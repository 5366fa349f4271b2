/**
 * PCI functions as VFIO's device files show them to user space: bind, attach, detach, close.
 * Mirrors drivers/vfio/iommufd.c and device_cdev.c of Linux 6.12.117.
 */
import { attachDevice, detachDevice, replaceDevice } from '../iommufd/device/attach.ts';
import { bindDevice, unbindDevice } from '../iommufd/device/bind.ts';
import { releaseIfUnheld } from '../iommufd/main/release.ts';
import type { Device, IommufdContext } from '../iommufd/state.ts';
import type { Execution } from '../machine/execution.ts';
import { physicalDeviceOf } from '../machine/lookup.ts';
import { Refusal } from '../machine/refusal.ts';

/** Errors: ENODEV, no such function; EINVAL, it is bound already; those of iommufd_device_bind. */
export function executeDeviceBind(
  x: Execution,
  context: IommufdContext,
  bdf: string,
): number | Refusal {
  return x.call('vfio_df_ioctl_bind_iommufd', () => {
    const deviceNo = x.state.bdfs.get(bdf);
    if (deviceNo === undefined) return new Refusal('ENODEV');
    const physical = physicalDeviceOf(x.state, deviceNo);
    if (physical.binding !== null) return new Refusal('EINVAL');
    const device = bindDevice(x, context, physical);
    return device instanceof Refusal ? device : device.id;
  });
}

/** A bound PCI function by its DEVICE id. Errors: ENOENT; EINVAL for a mock device. */
export function vfioDevice(x: Execution, context: IommufdContext, devId: number): Device | Refusal {
  const device = context.objects.get(devId);
  if (device?.type !== 'DEVICE') return new Refusal('ENOENT');
  const physical = physicalDeviceOf(x.state, device.deviceNo);
  return physical.kind === 'PCI' ? device : new Refusal('EINVAL');
}

/** Attach, or replace if the device is attached. Source: vfio_iommufd_physical_attach_ioas. */
export function executeDeviceAttach(
  x: Execution,
  context: IommufdContext,
  devId: number,
  ptId: number,
): number | Refusal {
  return x.call('vfio_iommufd_physical_attach_ioas', () => {
    const device = vfioDevice(x, context, devId);
    if (device instanceof Refusal) return device;
    return device.attached
      ? replaceDevice(x, context, device, ptId)
      : attachDevice(x, context, device, ptId);
  });
}

export function executeDeviceReplace(
  x: Execution,
  context: IommufdContext,
  devId: number,
  ptId: number,
): number | Refusal {
  const device = vfioDevice(x, context, devId);
  return device instanceof Refusal ? device : replaceDevice(x, context, device, ptId);
}

/** A device that is not attached: success. Source: vfio_iommufd_physical_detach_ioas. */
export function executeDeviceDetach(
  x: Execution,
  context: IommufdContext,
  devId: number,
): 0 | Refusal {
  return x.call('vfio_iommufd_physical_detach_ioas', () => {
    const device = vfioDevice(x, context, devId);
    if (device instanceof Refusal) return device;
    if (device.attached) detachDevice(x, context, device);
    return 0;
  });
}

/**
 * The device file is closed: detach, unbind, and the context goes if this was its last holder.
 * Source: vfio_iommufd_physical_unbind. Returns whether the context was released.
 */
export function executeDeviceUnbind(
  x: Execution,
  context: IommufdContext,
  devId: number,
): boolean | Refusal {
  let released = false;
  const rc = x.call('vfio_iommufd_physical_unbind', () => {
    const device = vfioDevice(x, context, devId);
    if (device instanceof Refusal) return device;
    if (device.attached) detachDevice(x, context, device);
    unbindDevice(x, context, device);
    released = releaseIfUnheld(x, context);
    return 0;
  });
  return rc instanceof Refusal ? rc : released;
}
