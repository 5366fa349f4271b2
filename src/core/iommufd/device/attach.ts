/**
 * Attach, detach and replace of devices: what they are asked with, and automatic hwpts. What becomes
 * of hwpt and group is in attach-hwpt.ts. Mirrors drivers/iommu/iommufd/device.c of Linux 6.12.117.
 */
import type { Errno } from '../../../abi/errno.ts';
import { IOMMU_NO_PASID } from '../../../abi/uapi.ts';
import type { Execution } from '../../machine/execution.ts';
import { attachmentOf, groupOf, hwptOf } from '../../machine/lookup.ts';
import { Refusal } from '../../machine/refusal.ts';
import { noSuchObject } from '../../refuse/absent.ts';
import { hwptPagingAlloc, hwptPut } from '../hwpt/hwpt.ts';
import { objectAbort } from '../main/object.ts';
import type { Device, Hwpt, Ioas, IommufdContext } from '../state.ts';
import { type Asking, attachToHwpt, detachFromHwpt, replaceHwpt } from './attach-hwpt.ts';

type Action = 'attach' | 'replace';

function asking(device: Device, pasid: number | null): Asking {
  return { device, pasid: pasid ?? IOMMU_NO_PASID, asPasid: pasid !== null };
}

/**
 * Source: iommufd_device_attach. Returns the id of the hwpt attached. `pasid`: null, none was given,
 * it is the RID; 0 is the RID, too.
 */
export function attachDevice(
  x: Execution,
  context: IommufdContext,
  device: Device,
  ptId: number,
  pasid: number | null,
): number | Refusal {
  const who = asking(device, pasid);
  return x.call('iommufd_device_attach', () => changePt(x, context, who, ptId, 'attach'));
}

/** Source: iommufd_device_replace. Returns the id of the hwpt now attached. `pasid` as of attach. */
export function replaceDevice(
  x: Execution,
  context: IommufdContext,
  device: Device,
  ptId: number,
  pasid: number | null,
): number | Refusal {
  const who = asking(device, pasid);
  return x.call('iommufd_device_replace', () => changePt(x, context, who, ptId, 'replace'));
}

/**
 * Source: iommufd_device_detach. Nothing happens where nothing is attached. Another member's
 * attachment is not the device's to give back, which the kernel does not look at.
 */
export function detachDevice(
  x: Execution,
  context: IommufdContext,
  device: Device,
  pasid: number,
): void {
  x.call('iommufd_device_detach', () => {
    const group = groupOf(x.state, device.iommuGroupId);
    const { hwptId, attachedDeviceIds } = attachmentOf(group, pasid);
    if (hwptId === null) return 0;
    if (!attachedDeviceIds.includes(device.id)) {
      x.hazard(
        'USERS_UNDERFLOW',
        'iommufd_hw_pagetable_detach',
        `device ${device.id} is not attached, and gives back users that it never took`,
        [`device ${device.id}`, `hwpt ${hwptId}`],
      );
      return 0;
    }
    const hwpt = hwptOf(context, hwptId);
    detachFromHwpt(x, context, group, hwpt, device, pasid);
    hwptPut(x, context, hwpt);
    return 0;
  });
}

/** Source: iommufd_device_change_pt. */
function changePt(
  x: Execution,
  context: IommufdContext,
  who: Asking,
  ptId: number,
  action: Action,
): number | Refusal {
  return x.call('iommufd_device_change_pt', () => {
    if (x.failsToGetObject()) return new Refusal('ENOENT');
    const pt = context.objects.get(ptId);
    if (pt === undefined) {
      const absent = noSuchObject(context, 'ptId', ptId, ['IOAS', 'HWPT_PAGING', 'HWPT_NESTED']);
      return x.refusedBy('iommufd_get_object', absent);
    }
    switch (pt.type) {
      case 'HWPT_PAGING':
      case 'HWPT_NESTED': {
        const rc = moveDevice(x, context, who, pt, action);
        return rc === 0 ? pt.id : new Refusal(rc);
      }
      case 'IOAS':
        return autoGetDomain(x, context, pt, who, action);
      default:
        return new Refusal('EINVAL', 'PT_CANNOT_BE_ATTACHED', { id: ptId, type: pt.type });
    }
  });
}

function moveDevice(
  x: Execution,
  context: IommufdContext,
  who: Asking,
  hwpt: Hwpt,
  action: Action,
): Errno {
  return action === 'attach'
    ? attachToHwpt(x, context, hwpt, who)
    : replaceHwpt(x, context, hwpt, who);
}

/**
 * Attach or replace by IOAS id: the first automatic hwpt the device can use, or a new one.
 * Source: iommufd_device_auto_get_domain.
 */
function autoGetDomain(
  x: Execution,
  context: IommufdContext,
  ioas: Ioas,
  who: Asking,
  action: Action,
): number | Refusal {
  const { device, pasid } = who;
  return x.call('iommufd_device_auto_get_domain', () => {
    for (const hwptId of [...ioas.autoHwptIds]) {
      const rc = moveDevice(x, context, who, hwptOf(context, hwptId), action);
      if (rc === 0) return hwptId;
      if (rc !== 'EINVAL') return new Refusal(rc);
    }
    const hwpt = hwptPagingAlloc(x, context, ioas, device, 0, {
      auto: true,
      ...(action === 'attach'
        ? {
            immediateAttach: made => attachToHwpt(x, context, made, who),
            immediateDetach: made => {
              const group = groupOf(x.state, device.iommuGroupId);
              detachFromHwpt(x, context, group, made, device, pasid);
            },
          }
        : {}),
    });
    if (hwpt instanceof Refusal) return hwpt;
    if (action === 'replace') {
      const rc = replaceHwpt(x, context, hwpt, who);
      if (rc !== 0) {
        const { contextId } = context;
        x.emit({ type: 'DomainRemoved', contextId, ioasId: ioas.id, hwptId: hwpt.id });
        objectAbort(x, context, hwpt.id, hwpt.type);
        return new Refusal(rc);
      }
    }
    return hwpt.id;
  });
}
