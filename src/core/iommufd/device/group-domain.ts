/**
 * The hardware side of attach, detach and replace: attach handles and IOPF, automatic responses.
 * Mirrors iommufd_hwpt_*_device of drivers/iommu/iommufd and iommu_*_group_handle of
 * drivers/iommu/iommu.c, Linux 6.12.117.
 */
import type { Errno } from '../../../abi/errno.ts';
import { IOMMU_NO_PASID } from '../../../abi/uapi.ts';
import {
  domainOwnerMismatch,
  leaveGroupDomain,
  setGroupDomain,
} from '../../iommu/domain-switch.ts';
import { blockGroupPasid, setGroupPasid } from '../../iommu/pasid-switch.ts';
import type { AttachHandle, Attachment, IommuGroup } from '../../iommu/state.ts';
import type { Execution } from '../../machine/execution.ts';
import {
  attachmentOf,
  deviceOf,
  firstQueuedSeq,
  hwptOf,
  iopfEnabledSeq,
  physicalDeviceOf,
} from '../../machine/lookup.ts';
import { Refusal } from '../../machine/refusal.ts';
import {
  autoResponseFaults,
  faultIopfDisable,
  faultIopfEnable,
  virtfnRefused,
} from '../fault/fault.ts';
import type { Device, FaultQueue, Hwpt, IommufdContext } from '../state.ts';

/** The hardware side of a group's first attach. Source: iommufd_hwpt_attach_device. */
export function hwptAttachDevice(
  x: Execution,
  context: IommufdContext,
  group: IommuGroup,
  hwpt: Hwpt,
  device: Device,
  pasid: number,
): Errno {
  return x.call('iommufd_hwpt_attach_device', () => {
    const { iommuGroupId } = group;
    const compatible = hwptCompatible(x, context, group, hwpt, device, pasid);
    if (compatible !== 0) return compatible;
    const counted = hwpt.faultId !== null && x.behaviour.iopfEnabledBy === 'IOMMUFD';
    const prepared = prepareHandle(x, context, hwpt, device, counted);
    if (prepared !== 0) return prepared;
    const early = wantsHandle(x, hwpt) && !x.behaviour.handleStoredAfterAttach;
    const attachHandleId = x.state.nextAttachHandleId;
    const rc = x.call(attachFunction(pasid), () => {
      if (pasid !== IOMMU_NO_PASID) {
        return setGroupPasid(x, context, group, pasid, hwpt, null, null);
      }
      if (early) storeHandle(x, context, group, hwpt, device, pasid);
      const failed = domainOwnerMismatch(x, context, group, hwpt)
        ? otherDriver(x, hwpt)
        : setGroupDomain(x, context, group, hwpt, null, null);
      if (failed !== 0 && early) {
        x.emit({ type: 'AttachHandleErased', attachHandleId, iommuGroupId });
      }
      return failed;
    });
    if (rc !== 0) {
      if (counted) faultIopfDisable(x, context, device);
      if (early) x.emit({ type: 'AttachHandleFreed', attachHandleId });
      return rc;
    }
    if (wantsHandle(x, hwpt) && !early) storeHandle(x, context, group, hwpt, device, pasid);
    return 0;
  });
}

function attachFunction(pasid: number): string {
  return pasid === IOMMU_NO_PASID ? 'iommu_attach_group_handle' : 'iommu_attach_device_pasid';
}

/**
 * Memory for the handle, and IOPF for the asking device: in this order, or before every attachment
 * had a handle, the other way round. Errors: ENOMEM, those of enabling IOPF.
 */
function prepareHandle(
  x: Execution,
  context: IommufdContext,
  hwpt: Hwpt,
  device: Device,
  counted: boolean,
): Errno {
  const allocates = () =>
    !wantsHandle(x, hwpt) || x.allocates('kzalloc iommufd_attach_handle') ? 0 : 'ENOMEM';
  if (x.behaviour.handleForPlainHwpts) {
    const rc = allocates();
    return rc === 0 && counted ? faultIopfEnable(x, context, device) : rc;
  }
  if (counted) {
    const rc = faultIopfEnable(x, context, device);
    if (rc !== 0) return rc;
  }
  const rc = allocates();
  if (rc !== 0 && counted) faultIopfDisable(x, context, device);
  return rc;
}

/** Source: __iommu_attach_group. */
function otherDriver(x: Execution, hwpt: Hwpt): Errno {
  const refused = new Refusal('EINVAL', 'OTHER_DRIVER', { hwptId: hwpt.id });
  return x.refusedBy('__iommu_attach_group', refused).errno;
}

/** Whether attaching to a hwpt makes an attach handle. */
function wantsHandle(x: Execution, hwpt: Hwpt): boolean {
  return hwpt.faultId !== null || x.behaviour.handleForPlainHwpts;
}

/** What hwpt, device and PASID must be to each other, in this order. */
function hwptCompatible(
  x: Execution,
  context: IommufdContext,
  group: IommuGroup,
  hwpt: Hwpt,
  device: Device,
  pasid: number,
): Errno {
  const rc = virtfnCompatible(x, hwpt, device);
  if (rc !== 0 || !x.behaviour.pasidHwpts) return rc;
  return pasidCompatible(x, context, group, hwpt, pasid);
}

/**
 * The RID and the PASIDs of a group are on hwpts made for PASIDs, or the RID alone is attached.
 * Source: iommufd_hwpt_pasid_compat. Errors: EINVAL.
 */
function pasidCompatible(
  x: Execution,
  context: IommufdContext,
  group: IommuGroup,
  hwpt: Hwpt,
  pasid: number,
): Errno {
  return x.call('iommufd_hwpt_pasid_compat', () => {
    const { iommuGroupId } = group;
    const hwptId = hwpt.id;
    if (pasid === IOMMU_NO_PASID) {
      if (hwpt.pasid || group.pasids.size === 0) return 0;
      let lowest = Number.POSITIVE_INFINITY;
      for (const attached of group.pasids.keys()) lowest = Math.min(lowest, attached);
      return x.refuse('EINVAL', 'HWPT_BESIDE_PASIDS', { hwptId, iommuGroupId, pasid: lowest });
    }
    if (!hwpt.pasid) return x.refuse('EINVAL', 'HWPT_NOT_FOR_PASIDS', { hwptId, pasid });
    if (group.hwptId === null || hwptOf(context, group.hwptId).pasid) return 0;
    const facts = { iommuGroupId, hwptId: group.hwptId };
    return x.refuse('EINVAL', 'RID_NOT_FOR_PASIDS', facts);
  });
}

/** Since 6.16 every attach and replace checks for virtual functions (iommufd_hwpt_compatible_device). */
function virtfnCompatible(x: Execution, hwpt: Hwpt, device: Device): Errno {
  if (x.behaviour.virtfnRefused !== 'WITH_PRI_ALWAYS' || hwpt.faultId === null) return 0;
  const physical = physicalDeviceOf(x.state, device.deviceNo);
  if (!virtfnRefused(x, physical)) return 0;
  const refused = new Refusal('EINVAL', 'VIRTUAL_FUNCTION', { devId: device.id });
  return x.refusedBy('iommufd_hwpt_compatible_device', refused).errno;
}

function storeHandle(
  x: Execution,
  context: IommufdContext,
  group: IommuGroup,
  hwpt: Hwpt,
  device: Device,
  pasid: number,
): void {
  x.emit({
    type: 'AttachHandleStored',
    contextId: context.contextId,
    attachHandleId: x.state.nextAttachHandleId,
    iommuGroupId: group.iommuGroupId,
    hwptId: hwpt.id,
    deviceId: device.id,
    ...ofPasid(pasid),
  });
}

/** The PASID as events have it; none of the RID. */
export function ofPasid(pasid: number): { readonly pasid?: number } {
  return pasid === IOMMU_NO_PASID ? {} : { pasid };
}

/** The hardware side of the last detach of a group, or of a PASID of it (iommufd_hwpt_detach_device). */
export function hwptDetachDevice(
  x: Execution,
  context: IommufdContext,
  group: IommuGroup,
  hwpt: Hwpt,
  device: Device,
  pasid: number,
): void {
  x.call('iommufd_hwpt_detach_device', () => {
    const { contextId } = context;
    const { iommuGroupId } = group;
    const handle = attachHandleOf(x, attachmentOf(group, pasid));
    const rid = pasid === IOMMU_NO_PASID;
    x.call(rid ? 'iommu_detach_group_handle' : 'iommu_detach_device_pasid', () => {
      if (rid) leaveGroupDomain(x, contextId, group, hwpt, handle);
      else blockGroupPasid(x, contextId, group, pasid, hwpt, handle);
      x.emit({
        type: 'DomainDetached',
        contextId,
        iommuGroupId,
        hwptId: hwpt.id,
        ...ofPasid(pasid),
      });
      if (handle !== null) {
        const { attachHandleId } = handle;
        x.emit({ type: 'AttachHandleErased', attachHandleId, iommuGroupId });
      }
      return 0;
    });
    if (hwpt.faultId !== null) {
      autoResponseFaults(x, context, hwpt.faultId, handle!);
      leaveFaultCapable(x, context, group, device);
    }
    if (handle !== null) {
      x.emit({ type: 'AttachHandleFreed', attachHandleId: handle.attachHandleId });
    }
    return 0;
  });
}

function attachHandleOf(x: Execution, { attachHandleId }: Attachment): AttachHandle | null {
  return attachHandleId === null ? null : x.state.attachHandles.get(attachHandleId)!;
}

/** The group is no longer on a fault-capable hwpt: iommufd's count goes down on the asking device. */
function leaveFaultCapable(
  x: Execution,
  context: IommufdContext,
  group: IommuGroup,
  device: Device,
): void {
  if (x.behaviour.iopfEnabledBy !== 'IOMMUFD') return;
  faultIopfDisable(x, context, device);
  const leaked = [...group.boundDeviceIds].filter(id => deviceOf(context, id).iopfEnabled > 0);
  if (leaked.length === 0) return;
  x.hazard(
    'IOPF_ENABLE_LEAKED',
    'iommufd_fault_iopf_disable',
    'IOPF stays enabled on a device of a group that left its fault-capable hwpt',
    leaked.map(id => `device ${id}`),
    iopfEnabledSeq(x.state, group.iommuGroupId),
  );
}

/** The hardware side of a replace. Source: iommufd_hwpt_replace_device. */
export function replaceGroupHandle(
  x: Execution,
  context: IommufdContext,
  group: IommuGroup,
  oldHwpt: Hwpt,
  hwpt: Hwpt,
  device: Device,
  pasid: number,
): Errno {
  return x.call('iommufd_hwpt_replace_device', () => {
    const compatible = hwptCompatible(x, context, group, hwpt, device, pasid);
    if (compatible !== 0) return compatible;
    const oldHandle = attachHandleOf(x, attachmentOf(group, pasid));
    const counted =
      hwpt.faultId !== null && oldHwpt.faultId === null && x.behaviour.iopfEnabledBy === 'IOMMUFD';
    const prepared = prepareHandle(x, context, hwpt, device, counted);
    if (prepared !== 0) return prepared;
    const rc = switchGroup(x, context, group, oldHwpt, hwpt, device, oldHandle, pasid);
    if (rc !== 0) {
      if (counted) faultIopfDisable(x, context, device);
      if (wantsHandle(x, hwpt) && !x.behaviour.failedReplaceFreesHandle) {
        x.hazard('HANDLE_LEAKED', '__fault_domain_replace_dev', 'the new handle is not freed', [
          `device ${device.id}`,
        ]);
      }
      return rc;
    }
    if (!x.behaviour.missingHandleNoticed) noteMissingHandle(x, group, hwpt, oldHandle);
    if (oldHwpt.faultId !== null) {
      answerOldGroups(x, context, oldHwpt.faultId, hwpt, oldHandle!);
    }
    const freeOldHandle = () => {
      if (oldHandle === null) return;
      x.emit({ type: 'AttachHandleFreed', attachHandleId: oldHandle.attachHandleId });
    };
    // Before every attachment had a handle, it was freed before IOPF was disabled.
    if (!x.behaviour.handleForPlainHwpts) freeOldHandle();
    if (oldHwpt.faultId !== null && hwpt.faultId === null) {
      leaveFaultCapable(x, context, group, device);
    }
    if (x.behaviour.handleForPlainHwpts) freeOldHandle();
    noteForeignDomain(x, context, group, hwpt);
    return 0;
  });
}

/** The hardware switches, then the new handle takes the old one's place (iommu_replace_group_handle). */
function switchGroup(
  x: Execution,
  context: IommufdContext,
  group: IommuGroup,
  oldHwpt: Hwpt,
  hwpt: Hwpt,
  device: Device,
  oldHandle: AttachHandle | null,
  pasid: number,
): Errno {
  const rid = pasid === IOMMU_NO_PASID;
  return x.call(rid ? 'iommu_replace_group_handle' : 'iommu_replace_device_pasid', () => {
    const { iommuGroupId } = group;
    const failed = rid
      ? setGroupDomain(x, context, group, hwpt, oldHwpt, oldHandle)
      : setGroupPasid(x, context, group, pasid, hwpt, oldHwpt, oldHandle);
    if (failed !== 0) return failed;
    if (wantsHandle(x, hwpt)) storeHandle(x, context, group, hwpt, device, pasid);
    else if (oldHandle !== null) {
      const { attachHandleId } = oldHandle;
      x.emit({ type: 'AttachHandleErased', attachHandleId, iommuGroupId });
    }
    return 0;
  });
}

/**
 * The automatic response of a replace: to every group of the old handle in the old hwpt's queue, or
 * as the baseline and the machine's policy have it.
 */
function answerOldGroups(
  x: Execution,
  context: IommufdContext,
  oldFaultId: number,
  hwpt: Hwpt,
  oldHandle: AttachHandle,
): void {
  const onlyToPlain = x.state.policies.autoResponse === 'ONLY_TO_PLAIN';
  const answered = !(onlyToPlain && hwpt.faultId !== null);
  const wrongQueue = x.behaviour.replaceAnswersQueueOf === 'NEW_HWPT';
  if (answered) {
    const faultId = wrongQueue ? hwpt.faultId : oldFaultId;
    if (faultId !== null) autoResponseFaults(x, context, faultId, oldHandle);
  }
  const left = groupsOfHandle(x, context.objects.get(oldFaultId) as FaultQueue, oldHandle);
  if (left.length === 0) return;
  x.hazard(
    answered ? 'WRONG_QUEUE_ANSWERED' : 'POLICY_LEFT_GROUPS',
    'iommufd_auto_response_faults',
    `groups stay in fault queue ${oldFaultId} with attach handle ${oldHandle.attachHandleId}, which is freed`,
    left.map(id => `iopf group ${id}`),
    firstQueuedSeq(x.state, left),
  );
}

/** Groups of a fault queue that came through a handle, and are not answered. */
function groupsOfHandle(x: Execution, faultQueue: FaultQueue, handle: AttachHandle): number[] {
  const ids = [...faultQueue.deliver, ...faultQueue.awaitingResponse.values()];
  const { attachHandleId } = handle;
  return ids.filter(id => x.state.iopfGroups.get(id)?.attachHandleId === attachHandleId);
}

/** v6 frees what the look-up of the old handle gave, an error too; it looks where either can fault. */
function noteMissingHandle(
  x: Execution,
  group: IommuGroup,
  hwpt: Hwpt,
  oldHandle: AttachHandle | null,
): void {
  if (oldHandle !== null || hwpt.faultId === null) return;
  x.hazard(
    'WILD_POINTER',
    'iommufd_fault_domain_replace_dev',
    'there was no old attach handle, and the error that says so is freed as if it were one',
    [`IOMMU group ${group.iommuGroupId}`],
  );
}

function noteForeignDomain(
  x: Execution,
  context: IommufdContext,
  group: IommuGroup,
  hwpt: Hwpt,
): void {
  if (!domainOwnerMismatch(x, context, group, hwpt)) return;
  x.hazard(
    'FOREIGN_DOMAIN',
    'iommu_replace_group_handle',
    `hwpt ${hwpt.id} was made by another IOMMU driver`,
    [`hwpt ${hwpt.id}`, `IOMMU group ${group.iommuGroupId}`],
  );
}
