/** The rules of PASIDs read a second time: attach, replace and detach, from 6.15 on. */
import { BEHAVIOUR } from '../../../abi/behaviour.ts';
import type { Errno } from '../../../abi/errno.ts';
import type { IommuGroup } from '../../../core/iommu/state.ts';
import type { Device, Hwpt, IommufdContext } from '../../../core/iommufd/state.ts';
import type { CommandOf } from '../../../core/machine/command.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import {
  attachErrno,
  domainOf,
  enableErrno,
  featureErrno,
  movedErrno,
  replaceErrno,
} from './attach.ts';
import { domainErrno, physicalOf } from './domain.ts';

type MockPasid = CommandOf<
  'TestPasidAttach' | 'TestPasidReplace' | 'TestPasidDetach' | 'TestPasidCheckHwpt'
>;

export function mockPasidErrno(
  state: MachineState,
  context: IommufdContext | undefined,
  command: MockPasid,
): Errno {
  if (!context?.fileOpen) return 'EBADF';
  if (!BEHAVIOUR[state.baseline].mockPasid) return 'EOPNOTSUPP';
  const mock = context.objects.get(command.stdevId);
  if (mock?.type !== 'SELFTEST') return 'ENOENT';
  const device = context.objects.get(mock.deviceId) as Device;
  const { pasid } = command;
  switch (command.type) {
    case 'TestPasidAttach':
      return pasidErrno(state, context, device, pasid, command.ptId, 'ATTACH');
    case 'TestPasidReplace':
      return pasidErrno(state, context, device, pasid, command.ptId, 'REPLACE');
    case 'TestPasidDetach':
      return 0;
    case 'TestPasidCheckHwpt': {
      const group = state.iommuGroups.get(device.iommuGroupId)!;
      const at = attached(group, pasid);
      if (command.hwptId === 0) return at === null ? 0 : 'EINVAL';
      const hwpt = context.objects.get(command.hwptId);
      if (hwpt === undefined) return 'ENOENT';
      return 'attachedDeviceIds' in hwpt && at === hwpt.id ? 0 : 'EINVAL';
    }
  }
}

type VfioPasid = CommandOf<'DeviceAttach' | 'DeviceReplace'> & { readonly pasid: number };

export function vfioPasidErrno(
  state: MachineState,
  context: IommufdContext | undefined,
  command: VfioPasid,
): Errno {
  if (context === undefined) return 'EBADF';
  const device = context.objects.get(command.devId);
  if (device?.type !== 'DEVICE') return 'ENOENT';
  if (physicalOf(state, device).kind !== 'PCI') return 'EINVAL';
  if (!BEHAVIOUR[state.baseline].pasidHwpts) return 'EINVAL';
  const { type, pasid, ptId } = command;
  const known = pasid === 0 ? device.attachedAsPasid : device.pasids.has(pasid);
  const replaces = type === 'DeviceReplace' || known;
  if (!replaces && pasid > 0x7fff_ffff) return 'ENOSPC';
  return pasidErrno(state, context, device, pasid, ptId, replaces ? 'REPLACE' : 'ATTACH');
}

function attached(group: IommuGroup, pasid: number): number | null {
  return pasid === 0 ? group.hwptId : (group.pasids.get(pasid)?.hwptId ?? null);
}

function pasidErrno(
  state: MachineState,
  context: IommufdContext,
  device: Device,
  pasid: number,
  ptId: number,
  way: 'ATTACH' | 'REPLACE',
): Errno {
  const pt = context.objects.get(ptId);
  if (pt === undefined) return 'ENOENT';
  const group = state.iommuGroups.get(device.iommuGroupId)!;
  if (pasid === 0) {
    const move = way === 'ATTACH' ? attachErrno : replaceErrno;
    return movedErrno(state, context, group, device, pt, move);
  }
  const has = device.pasids.has(pasid);
  // Automatic hwpts are never for PASIDs; one is made before a replace and attached before it is done.
  if (pt.type === 'IOAS') {
    if (way === 'ATTACH') return has ? 'EBUSY' : 'EINVAL';
    const made = domainErrno(state, context, pt, physicalOf(state, device));
    return made === 0 ? 'EINVAL' : made;
  }
  if (!('attachedDeviceIds' in pt)) return 'EINVAL';
  const at = attached(group, pasid);
  if (way === 'ATTACH') {
    if (has) return 'EBUSY';
    if (at !== null) return at === pt.id ? 0 : 'EINVAL';
  } else {
    if (!has) return 'EINVAL';
    if (at === pt.id) return 0;
  }
  return switchErrno(state, context, group, device, pasid, pt);
}

/** The first device of a group, or the whole group, goes to a hwpt for PASIDs. */
function switchErrno(
  state: MachineState,
  context: IommufdContext,
  group: IommuGroup,
  device: Device,
  pasid: number,
  hwpt: Hwpt,
): Errno {
  const rid = context.objects.get(group.hwptId ?? 0) as Hwpt | undefined;
  if (!hwpt.pasid || (rid !== undefined && !rid.pasid)) return 'EINVAL';
  const old = context.objects.get(attached(group, pasid) ?? 0) as Hwpt | undefined;
  const enabled = enableErrno(state, device, hwpt, old ?? null);
  if (enabled !== 0) return enabled;
  const members = group.deviceNos.map(deviceNo => state.physicalDevices.get(deviceNo)!);
  const kind = domainOf(context, hwpt).driver === 'MOCK' ? 'MOCK' : 'PCI';
  if (members[0]!.kind !== kind) return 'EINVAL';
  const pasids = members.map(member =>
    member.kind === 'MOCK' && !(member.devFlags & 4) ? 1 : 2 ** 20,
  );
  if (pasids.some(count => count <= pasid)) return 'EINVAL';
  const byDriver = BEHAVIOUR[state.baseline].iopfEnabledBy === 'DRIVER';
  for (const member of members) {
    if (pasid === 1024 && member.kind === 'MOCK' && member.pasidErrorArmed) return 'ENOMEM';
    if (!byDriver || hwpt.faultId === null || member.iopfRefcount > 0) continue;
    const rc = featureErrno(member);
    if (rc !== 0) return rc;
  }
  return 0;
}
