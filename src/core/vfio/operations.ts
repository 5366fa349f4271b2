/**
 * PCI functions as VFIO’s device files show them to user space: bind, attach, detach, close.
 * Mirrors drivers/vfio/iommufd.c and device_cdev.c of Linux 6.12.117.
 */
import { IOMMU_NO_PASID } from '../../abi/uapi.ts';
import { attachDevice, detachDevice, replaceDevice } from '../iommufd/device/attach.ts';
import { bindDevice, unbindDevice } from '../iommufd/device/bind.ts';
import { releaseIfUnheld } from '../iommufd/main/release.ts';
import type { Device, IommufdContext } from '../iommufd/state.ts';
import { answer, inContext, whileHeld } from '../machine/answer.ts';
import type { Execution } from '../machine/execution.ts';
import { physicalDeviceOf } from '../machine/lookup.ts';
import type { Operation, OperationEntries } from '../machine/operation-entry.ts';
import { Refusal } from '../machine/refusal.ts';
import { noSuchFunction, noSuchObject } from '../refuse/absent.ts';

/** VFIO_DEVICE_BIND_IOMMUFD (iommufd_device_bind). */
export interface DeviceBind {
  readonly type: 'DeviceBind';
  readonly contextId: number;
  readonly bdf: string;
}

/** VFIO_DEVICE_ATTACH_IOMMUFD_PT: attach, or replace if already attached (iommufd_device_attach). */
export interface DeviceAttach {
  readonly type: 'DeviceAttach';
  readonly contextId: number;
  readonly devId: number;
  readonly ptId: number;
  /** With VFIO_DEVICE_ATTACH_PASID: the PASID, 0 to 2^31-1; left out: the RID. 0 is the RID, too. */
  readonly pasid?: number;
}

/** Replace alone (iommufd_device_replace). */
export interface DeviceReplace {
  readonly type: 'DeviceReplace';
  readonly contextId: number;
  readonly devId: number;
  readonly ptId: number;
  /** As of DeviceAttach. */
  readonly pasid?: number;
}

/** VFIO_DEVICE_DETACH_IOMMUFD_PT (iommufd_device_detach); a device that is not attached: success. */
export interface DeviceDetach {
  readonly type: 'DeviceDetach';
  readonly contextId: number;
  readonly devId: number;
  /** With VFIO_DEVICE_DETACH_PASID: as of DeviceAttach. */
  readonly pasid?: number;
}

/** close of the VFIO device file: detach if attached, then iommufd_device_unbind. */
export interface DeviceUnbind {
  readonly type: 'DeviceUnbind';
  readonly contextId: number;
  readonly devId: number;
}

export interface VfioOperations {
  DeviceBind: Operation<DeviceBind, { readonly outDevId: number }>;
  DeviceAttach: Operation<DeviceAttach, { readonly outPtId: number }>;
  DeviceReplace: Operation<DeviceReplace, { readonly outPtId: number }>;
  DeviceDetach: Operation<DeviceDetach, Record<string, never>>;
  DeviceUnbind: Operation<DeviceUnbind, { readonly contextReleased: boolean }>;
}

export const VFIO_OPERATIONS: OperationEntries<VfioOperations> = {
  DeviceBind: {
    sentence: 'VFIO_DEVICE_BIND_IOMMUFD (iommufd_device_bind).',
    mutation: 'deviceBind',
    support: {
      name: 'VFIO_DEVICE_BIND_IOMMUFD and close of the device file',
      source: 'iommufd_device_bind (drivers/iommu/iommufd/device.c)',
      status: 'SUPPORTED',
      note: '',
    },
    arguments: { contextId: 'contextId', bdf: 'bdf' },
    execute: inContext((x, context, { bdf }) =>
      answer(executeDeviceBind(x, context, bdf), outDevId => ({ outDevId })),
    ),
  },
  DeviceAttach: {
    sentence:
      'VFIO_DEVICE_ATTACH_IOMMUFD_PT: attach, or replace if already attached (iommufd_device_attach).',
    mutation: 'deviceAttach',
    support: {
      name: 'VFIO_DEVICE_ATTACH_IOMMUFD_PT',
      source: 'iommufd_device_attach (drivers/iommu/iommufd/device.c)',
      status: 'SUPPORTED',
      note: 'Attaching an attached device replaces, as VFIO does. From 6.15 on with a PASID.',
    },
    asks: ['MEMORY'],
    arguments: { contextId: 'contextId', devId: 'u32', ptId: 'u32', pasid: 'u32?' },
    execute: whileHeld((x, context, command) =>
      answer(executeDeviceAttach(x, context, command), outPtId => ({ outPtId })),
    ),
  },
  DeviceReplace: {
    sentence: 'Replace alone (iommufd_device_replace).',
    mutation: 'deviceReplace',
    support: {
      name: 'iommufd_device_replace',
      source: 'iommufd_device_do_replace (drivers/iommu/iommufd/device.c)',
      status: 'SUPPORTED',
      note: 'The whole IOMMU group moves.',
    },
    asks: ['MEMORY'],
    arguments: { contextId: 'contextId', devId: 'u32', ptId: 'u32', pasid: 'u32?' },
    execute: whileHeld((x, context, command) =>
      answer(executeDeviceReplace(x, context, command), outPtId => ({ outPtId })),
    ),
  },
  DeviceDetach: {
    sentence:
      'VFIO_DEVICE_DETACH_IOMMUFD_PT (iommufd_device_detach); a device that is not attached: success.',
    mutation: 'deviceDetach',
    support: {
      name: 'VFIO_DEVICE_DETACH_IOMMUFD_PT',
      source: 'iommufd_hw_pagetable_detach (drivers/iommu/iommufd/device.c)',
      status: 'SUPPORTED',
      note: '',
    },
    arguments: { contextId: 'contextId', devId: 'u32', pasid: 'u32?' },
    execute: whileHeld((x, context, command) =>
      answer(executeDeviceDetach(x, context, command), () => ({})),
    ),
  },
  DeviceUnbind: {
    sentence: 'close of the VFIO device file: detach if attached, then iommufd_device_unbind.',
    mutation: 'deviceUnbind',
    support: { rowOf: 'DeviceBind' },
    arguments: { contextId: 'contextId', devId: 'u32' },
    execute: whileHeld((x, context, { devId }) =>
      answer(executeDeviceUnbind(x, context, devId), contextReleased => ({ contextReleased })),
    ),
  },
};

/** VFIO keeps PASIDs in an ida, whose numbers are of type int. */
const VFIO_PASID_MAX = 0x7fff_ffff;

/** A bound PCI function by its DEVICE id. Errors: ENOENT; EINVAL for a mock device. */
function vfioDevice(x: Execution, context: IommufdContext, devId: number): Device | Refusal {
  const device = context.objects.get(devId);
  if (device?.type !== 'DEVICE') return noSuchObject(context, 'devId', devId, 'DEVICE');
  const physical = physicalDeviceOf(x.state, device.deviceNo);
  return physical.kind === 'PCI' ? device : new Refusal('EINVAL', 'NOT_A_FUNCTION', { devId });
}

/** Errors: ENODEV, no such function; EINVAL, it is bound already; those of iommufd_device_bind. */
function executeDeviceBind(x: Execution, context: IommufdContext, bdf: string): number | Refusal {
  return x.call('vfio_df_ioctl_bind_iommufd', () => {
    const deviceNo = x.state.bdfs.get(bdf);
    if (deviceNo === undefined) return noSuchFunction(x.state, bdf);
    const physical = physicalDeviceOf(x.state, deviceNo);
    if (physical.binding !== null) {
      return new Refusal('EINVAL', 'DEVICE_BOUND', { device: bdf, ...physical.binding });
    }
    const device = bindDevice(x, context, physical);
    return device instanceof Refusal ? device : device.id;
  });
}

/**
 * Attach, or replace what is attached: VFIO counts the RID and its PASIDs, of which 0 is the RID as
 * well, each for itself. Sources: vfio_iommufd_physical_attach_ioas,
 * vfio_iommufd_physical_pasid_attach_ioas. Errors: EINVAL, a PASID before 6.15; ENOSPC, from 2^31 on.
 */
function executeDeviceAttach(
  x: Execution,
  context: IommufdContext,
  command: DeviceAttach,
): number | Refusal {
  const { devId, ptId } = command;
  const pasid = command.pasid ?? null;
  return x.call(physical(pasid, 'attach_ioas'), () => {
    const device = vfioDevice(x, context, devId);
    if (device instanceof Refusal) return device;
    const refused = pasidRefused(x, pasid);
    if (refused !== null) return refused;
    if (isAttached(device, pasid)) return replaceDevice(x, context, device, ptId, pasid);
    if (pasid !== null && pasid > VFIO_PASID_MAX) {
      return new Refusal('ENOSPC', 'PASID_TOO_LARGE', { pasid });
    }
    return attachDevice(x, context, device, ptId, pasid);
  });
}

function physical(pasid: number | null, call: string): string {
  return `vfio_iommufd_physical_${pasid === null ? '' : 'pasid_'}${call}`;
}

function pasidRefused(x: Execution, pasid: number | null): Refusal | null {
  return pasid === null || x.behaviour.pasidHwpts ? null : new Refusal('EINVAL', 'PASID_UNKNOWN');
}

/** Whether VFIO has it attached (vdev->iommufd_attached, vdev->pasids). */
function isAttached(device: Device, pasid: number | null): boolean {
  const { attached, attachedAsPasid, pasids } = device;
  if (pasid === null) return attached && !attachedAsPasid;
  return pasid === IOMMU_NO_PASID ? attachedAsPasid : pasids.has(pasid);
}

function executeDeviceReplace(
  x: Execution,
  context: IommufdContext,
  command: DeviceReplace,
): number | Refusal {
  const { devId, ptId } = command;
  const pasid = command.pasid ?? null;
  const device = vfioDevice(x, context, devId);
  if (device instanceof Refusal) return x.refusedBy('program', device);
  const refused = pasidRefused(x, pasid);
  if (refused !== null) return x.refusedBy('program', refused);
  return replaceDevice(x, context, device, ptId, pasid);
}

/**
 * What is not attached: success. Sources: vfio_iommufd_physical_detach_ioas,
 * vfio_iommufd_physical_pasid_detach_ioas. Errors: EINVAL, a PASID before 6.15.
 */
function executeDeviceDetach(
  x: Execution,
  context: IommufdContext,
  command: DeviceDetach,
): 0 | Refusal {
  const { devId } = command;
  const pasid = command.pasid ?? null;
  return x.call(physical(pasid, 'detach_ioas'), () => {
    const device = vfioDevice(x, context, devId);
    if (device instanceof Refusal) return device;
    const refused = pasidRefused(x, pasid);
    if (refused !== null) return refused;
    if (isAttached(device, pasid)) detachDevice(x, context, device, pasid ?? IOMMU_NO_PASID);
    return 0;
  });
}

/**
 * The device file is closed: PASIDs are detached, the lowest first, then the RID; it is unbound, and the
 * context goes if this was its last holder.
 * Source: vfio_iommufd_physical_unbind. Returns whether the context was released.
 */
function executeDeviceUnbind(
  x: Execution,
  context: IommufdContext,
  devId: number,
): boolean | Refusal {
  let released = false;
  const rc = x.call('vfio_iommufd_physical_unbind', () => {
    const device = vfioDevice(x, context, devId);
    if (device instanceof Refusal) return device;
    const pasids = [...device.pasids.keys()].sort((a, b) => a - b);
    if (device.attachedAsPasid) pasids.unshift(IOMMU_NO_PASID);
    for (const pasid of pasids) detachDevice(x, context, device, pasid);
    if (device.attached) detachDevice(x, context, device, IOMMU_NO_PASID);
    unbindDevice(x, context, device);
    released = releaseIfUnheld(x, context);
    return 0;
  });
  return rc instanceof Refusal ? rc : released;
}
