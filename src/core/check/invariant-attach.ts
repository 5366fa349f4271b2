/** Invariants of attachment: ownership, hardware domains, the IOPF feature, attach handles. */
import { BEHAVIOUR } from '../../abi/behaviour.ts';
import { IOMMU_NO_PASID, IOMMU_PGFAULT_FLAGS_LAST_PAGE } from '../../abi/uapi.ts';
import { driverOf } from '../hardware/drivers.ts';
import type { PhysicalDevice } from '../hardware/state.ts';
import type { IommuGroup } from '../iommu/state.ts';
import type { Hwpt } from '../iommufd/state.ts';
import { attachmentOf } from '../machine/lookup.ts';
import type { MachineState } from '../machine/state.ts';
import { type Check, sameMembers } from './invariant-check.ts';

/** DMA ownership, bound and attached devices, hwpt, hardware domain and handle agree. */
export function checkAttachment(state: MachineState, group: IommuGroup, check: Check): void {
  const { iommuGroupId, ownerContextId, hwptId, attachHandleId, domain } = group;
  const where = `IOMMU group ${iommuGroupId}`;
  const context = ownerContextId === null ? undefined : state.contexts.get(ownerContextId);
  const devices = [...(context?.objects.values() ?? [])].filter(object => object.type === 'DEVICE');
  const bound = devices.filter(device => device.iommuGroupId === iommuGroupId);
  const attached = bound.filter(device => device.attached).map(({ id }) => id);
  check(group.deviceNos.length > 0, `${where}: no device is in it`);
  check(
    group.deviceNos.every(no => state.physicalDevices.get(no)?.iommuGroupId === iommuGroupId),
    `${where}: a member is gone or elsewhere`,
  );
  check(
    (ownerContextId === null) === (group.boundDeviceIds.size === 0),
    `${where}: DMA ownership does not follow the bound devices`,
  );
  check(
    sameMembers(
      group.boundDeviceIds,
      bound.map(({ id }) => id),
    ),
    `${where}: its bound devices are not the device objects of its owner`,
  );
  check(
    bound.every(({ id, deviceNo }) => {
      const binding = state.physicalDevices.get(deviceNo)?.binding;
      return binding?.contextId === ownerContextId && binding.deviceId === id;
    }),
    `${where}: a device object whose physical device is not bound to it`,
  );
  check(sameMembers(group.attachedDeviceIds, attached), `${where}: wrong list of attached devices`);
  check((hwptId !== null) === attached.length > 0, `${where}: a hwpt without devices, or reverse`);
  const hwpt = hwptOf(state, group, hwptId);
  const handled =
    hwpt !== null && (hwpt.faultId !== null || BEHAVIOUR[state.baseline].handleForPlainHwpts);
  check(
    (attachHandleId !== null) === handled,
    `${where}: an attach handle without a hwpt that wants one, or reverse`,
  );
  const idle = ownerContextId === null ? 'DEFAULT' : 'BLOCKING';
  check(
    hwptId === null
      ? domain.kind === idle
      : domain.kind === 'HWPT' && domain.hwptId === hwptId && domain.contextId === ownerContextId,
    `${where}: the hardware translates through ${domain.kind}, not through what is attached`,
  );
  check(ownerContextId !== null || group.swMsiStart === null, `${where}: a stale MSI window`);
  for (const object of context?.objects.values() ?? []) {
    if (!('attachedDeviceIds' in object)) continue;
    const here = bound.filter(({ id }) => object.attachedDeviceIds.has(id)).map(({ id }) => id);
    const expected = object.id === hwptId ? attached : [];
    check(
      sameMembers(here, expected),
      `${where}: hwpt ${object.id} counts the wrong devices as attached`,
    );
  }
}

/** What is attached to PASIDs: as for the RID, and devices and hwpts count it. */
export function checkPasids(state: MachineState, group: IommuGroup, check: Check): void {
  const { ownerContextId, pasids } = group;
  const where = `IOMMU group ${group.iommuGroupId}`;
  const { pasidHwpts } = BEHAVIOUR[state.baseline];
  check(pasidHwpts || pasids.size === 0, `${where}: PASIDs on a kernel that attaches none`);
  const objects = [...(state.contexts.get(ownerContextId ?? 0)?.objects.values() ?? [])];
  const bound = objects
    .filter(object => object.type === 'DEVICE')
    .filter(({ id }) => group.boundDeviceIds.has(id));
  check(
    bound.every(device => [...device.pasids.keys()].every(pasid => pasids.has(pasid))),
    `${where}: a device is attached by a PASID that the group has not`,
  );
  const rid = hwptOf(state, group, group.hwptId);
  check(rid === null || rid.pasid || pasids.size === 0, `${where}: PASIDs beside a plain RID`);
  for (const [pasid, { domain, attachHandleId, hwptId, attachedDeviceIds }] of pasids) {
    const what = `${where}: PASID ${pasid}`;
    const hwpt = hwptOf(state, group, hwptId);
    check(pasid !== IOMMU_NO_PASID, `${what} is the RID`);
    check(hwpt?.pasid === true, `${what} is attached to no hwpt for PASIDs`);
    check(attachHandleId !== null, `${what} has no attach handle`);
    check(
      domain.kind === 'HWPT' && domain.hwptId === hwptId && domain.contextId === ownerContextId,
      `${what}: the hardware translates through ${domain.kind}, not through what is attached`,
    );
    const attached = bound.filter(device => device.pasids.has(pasid));
    check(
      attached.length > 0 &&
        sameMembers(
          attachedDeviceIds,
          attached.map(({ id }) => id),
        ) &&
        attached.every(device => device.pasids.get(pasid) === hwptId),
      `${what}: wrong list of attached devices`,
    );
  }
  for (const object of objects) {
    if (!('pasidDevices' in object)) continue;
    for (const { id, pasids: own } of bound) {
      const count = [...own.values()].filter(hwptId => hwptId === object.id).length;
      check(
        (object.pasidDevices.get(id) ?? 0) === count,
        `${where}: hwpt ${object.id} counts the PASIDs of device ${id} wrong`,
      );
    }
  }
}

function hwptOf(
  state: MachineState,
  { ownerContextId }: IommuGroup,
  hwptId: number | null,
): Hwpt | null {
  const object = state.contexts.get(ownerContextId ?? 0)?.objects.get(hwptId ?? 0);
  return object !== undefined && 'attachedDeviceIds' in object ? object : null;
}

/** The IOPF feature of a group's members follows the hwpt, as iommufd or the drivers keep it. */
export function checkIopf(state: MachineState, group: IommuGroup, check: Check): void {
  const byDriver = BEHAVIOUR[state.baseline].iopfEnabledBy === 'DRIVER';
  for (const deviceNo of group.deviceNos) {
    const physical = state.physicalDevices.get(deviceNo);
    if (physical !== undefined) checkIopfQueue(group, physical, check);
  }
  if (byDriver) checkDriverIopf(state, group, check);
  else checkCountedIopf(state, group, check);
}

/** Only a member of an iopf queue collects requests, and each of them waits for more. */
function checkIopfQueue(
  { iommuGroupId }: IommuGroup,
  { deviceNo, iopfFeature, iopfFeatureSeq, partial, lostGroups, pendingGroupIds }: PhysicalDevice,
  check: Check,
): void {
  const where = `IOMMU group ${iommuGroupId}: device ${deviceNo}`;
  check(
    iopfFeature || partial.length + lostGroups.size + pendingGroupIds.size === 0,
    `${where} is on no iopf queue and has requests there`,
  );
  check(iopfFeature === (iopfFeatureSeq !== null), `${where} does not know since when it has IOPF`);
  check(
    partial.every(({ flags }) => (flags & IOMMU_PGFAULT_FLAGS_LAST_PAGE) === 0),
    `${where} waits for the rest of a whole group`,
  );
}

/** How many of RID and PASIDs are on fault-capable hwpts. */
function faultingAttachments(state: MachineState, group: IommuGroup): number {
  return [group, ...group.pasids.values()].filter(
    ({ hwptId }) => (hwptOf(state, group, hwptId)?.faultId ?? null) !== null,
  ).length;
}

/**
 * Each driver enables IOPF on its device with the first domain with a fault handler that it attaches,
 * of RID and PASIDs (since 6.16).
 */
function checkDriverIopf(state: MachineState, group: IommuGroup, check: Check): void {
  const faulting = faultingAttachments(state, group);
  const ofRid = faultingAttachments(state, { ...group, pasids: new Map() });
  // Of some devices the driver was not told about PASIDs, and the state keeps the newest hazards only.
  const untold =
    state.hazardCount > state.hazards.length ||
    state.hazards.some(
      ({ name }) => name === 'PASIDS_NOT_JOINED' || name === 'PASID_NOT_TAKEN_BACK',
    );
  if (untold) return;
  for (const deviceNo of group.deviceNos) {
    const physical = state.physicalDevices.get(deviceNo);
    const where = `IOMMU group ${group.iommuGroupId}: device ${deviceNo}`;
    // The driver of a device without PASIDs is asked for the RID alone.
    const wanted = physical && driverOf(physical).maxPasids(physical) > 0 ? faulting : ofRid;
    check(
      physical?.iopfRefcount === wanted,
      `${where} counts ${physical?.iopfRefcount} domains that fault, not ${wanted}`,
    );
    check(
      physical?.iopfFeature === wanted > 0,
      `${where} has IOPF on a hwpt that does not fault, or reverse`,
    );
  }
}

/**
 * A group on a fault-capable hwpt has IOPF enabled on one member, any other on none; each of its PASIDs
 * on such a hwpt enables it once more. The count is
 * kept per device: when the member that enabled it leaves first, it keeps its count while another
 * holds the hwpt, and for good once the last one was asked to disable it (a recorded warning).
 */
function checkCountedIopf(state: MachineState, group: IommuGroup, check: Check): void {
  const where = `IOMMU group ${group.iommuGroupId}`;
  // Each leaves an enable behind, which the same device can add to again. The state keeps the newest
  // hazards only: any that it forgot may have been one.
  const forgotten = state.hazardCount - state.hazards.length;
  const known = state.hazards.filter(
    ({ name }) => name === 'IOPF_DISABLE_UNBALANCED' || name === 'IOPF_ENABLE_LEAKED',
  );
  const leaks = known.length + forgotten;
  const leaked = leaks > 0;
  const context = state.contexts.get(group.ownerContextId ?? 0);
  const faulting = faultingAttachments(state, group);
  let features = 0;
  for (const deviceNo of group.deviceNos) {
    const physical = state.physicalDevices.get(deviceNo);
    if (physical === undefined) continue;
    const { binding, iopfFeature, iopfRefcount } = physical;
    const device = binding === null ? undefined : context?.objects.get(binding.deviceId);
    const count = device?.type === 'DEVICE' ? device.iopfEnabled : 0;
    if (iopfFeature) features++;
    check(iopfFeature || count === 0, `${where}: device ${deviceNo} counts IOPF it has not`);
    check(iopfRefcount === 0, `${where}: the driver of device ${deviceNo} counts domains`);
    check(
      count >= 0 && count <= Math.max(1, faulting) + leaks,
      `${where}: device ${deviceNo} has enabled IOPF ${count} times`,
    );
    const alone =
      group.pasids.size === 0 && group.attachedDeviceIds.length === group.boundDeviceIds.size;
    check(
      leaked || !iopfFeature || count > 0 || (faulting > 0 && (!alone || binding === null)),
      `${where}: device ${deviceNo} has IOPF that nobody enabled`,
    );
  }
  check(
    leaked || features <= faulting,
    `${where}: ${features} members have IOPF, for ${faulting} fault-capable attachments`,
  );
}

/** A handle lives exactly as long as it is stored for its group, and names what is attached. */
export function checkAttachHandles(state: MachineState, check: Check): void {
  const stored = [...state.iommuGroups.values()]
    .flatMap(group => [group, ...group.pasids.values()])
    .map(({ attachHandleId }) => attachHandleId)
    .filter(id => id !== null);
  check(
    sameMembers(stored, state.attachHandles.keys()),
    'the attach handles are not those stored for IOMMU groups',
  );
  for (const handle of state.attachHandles.values()) {
    const group = state.iommuGroups.get(handle.iommuGroupId);
    const place = group && attachmentOf(group, handle.pasid ?? IOMMU_NO_PASID);
    check(
      place?.attachHandleId === handle.attachHandleId &&
        place.hwptId === handle.hwptId &&
        group!.ownerContextId === handle.contextId,
      `attach handle ${handle.attachHandleId}: names another hwpt or context than its IOMMU group`,
    );
    // Its device may be gone while others stay attached; see the hazard of iommufd_fault_fops_read.
    const device = state.contexts.get(handle.contextId)?.objects.get(handle.deviceId);
    const present = device?.type === 'DEVICE' && device.bindNo === handle.bindNo;
    check(
      !present || device.iommuGroupId === handle.iommuGroupId,
      `attach handle ${handle.attachHandleId}: its device is in another IOMMU group`,
    );
  }
}
