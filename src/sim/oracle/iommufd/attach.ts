/** Attach and replace of RIDs read a second time: what errno they must give in a state. */
import { BEHAVIOUR, type Behaviour } from '../../../abi/behaviour.ts';
import type { Errno } from '../../../abi/errno.ts';
import type { PhysicalDevice } from '../../../core/hardware/state.ts';
import type { IommuGroup } from '../../../core/iommu/state.ts';
import type {
  Device,
  Hwpt,
  Ioas,
  IommufdContext,
  IommufdObject,
  PagingDomain,
} from '../../../core/iommufd/state.ts';
import type { CommandOf } from '../../../core/machine/command.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import { domainErrno, physicalOf } from './domain.ts';
import { reserveErrno } from './ioas.ts';

const rulesOf = ({ baseline }: MachineState): Behaviour => BEHAVIOUR[baseline];

/** A virtual function whose PRI is emulated: user space may say FAILURE. */
export function hasEmulatedPri({ policies }: MachineState, physical: PhysicalDevice): boolean {
  if (physical.kind !== 'PCI' || physical.physfn === null) return false;
  return policies.virtualFunctions === 'EMULATED_PRI';
}

type Move = CommandOf<'DeviceAttach' | 'DeviceReplace' | 'TestMockDomainReplace'>;

/** Of a device's RID. */
export function moveErrno(
  state: MachineState,
  context: IommufdContext | undefined,
  command: Move,
): Errno {
  if (context === undefined) return 'EBADF';
  if (command.type === 'TestMockDomainReplace' && !context.fileOpen) return 'EBADF';
  const asked = context.objects.get('devId' in command ? command.devId : command.stdevId);
  const wanted = command.type === 'TestMockDomainReplace' ? 'SELFTEST' : 'DEVICE';
  if (asked?.type !== wanted) return 'ENOENT';
  const device = (
    asked.type === 'SELFTEST' ? context.objects.get(asked.deviceId) : asked
  ) as Device;
  if (wanted === 'DEVICE' && physicalOf(state, device).kind !== 'PCI') return 'EINVAL';
  const pt = context.objects.get(command.ptId);
  if (pt === undefined) return 'ENOENT';
  const group = state.iommuGroups.get(device.iommuGroupId)!;
  // VFIO knows of no RID that was attached as PASID 0.
  const replaces = command.type !== 'DeviceAttach' || (device.attached && !device.attachedAsPasid);
  const move = replaces ? replaceErrno : attachErrno;
  return movedErrno(state, context, group, device, pt, move);
}

type MoveErrno = typeof attachErrno;

/** What an attach or replace of a RID to an object gives, which need not be a hwpt. */
export function movedErrno(
  state: MachineState,
  context: IommufdContext,
  group: IommuGroup,
  device: Device,
  pt: IommufdObject,
  move: MoveErrno,
): Errno {
  if ('attachedDeviceIds' in pt) return move(state, context, group, device, pt);
  if (pt.type !== 'IOAS') return 'EINVAL';
  const autos = [...pt.autoHwptIds].map(id => context.objects.get(id) as Hwpt);
  for (const hwpt of autos) {
    const rc = move(state, context, group, device, hwpt);
    if (rc !== 'EINVAL') return rc;
  }
  // A new hwpt suits any device, unless the device itself, its group or the IOAS stands in the way.
  const joined = domainErrno(state, context, pt, physicalOf(state, device));
  const besidePasids = group.pasids.size > 0;
  if (move === attachErrno) {
    if (device.attached) return 'EBUSY';
    if (group.hwptId !== null) return 'EINVAL';
    const enforced = regionsErrno(pt, physicalOf(state, device), true);
    if (enforced !== 0) return enforced;
    return besidePasids ? 'EINVAL' : joined;
  }
  if (joined !== 0) return joined;
  if (!mayMove(state, group, device)) return 'EINVAL';
  const moved = movedRegionsErrno(state, context, group, pt);
  return moved === 0 && besidePasids ? 'EINVAL' : moved;
}

/** Whether a device may ask for a replace at all. */
function mayMove(state: MachineState, group: IommuGroup, device: Device): boolean {
  if (device.attached) return true;
  return group.hwptId !== null && rulesOf(state).replaceByUnattachedMember === 'MOVES_GROUP';
}

/** A device's regions in an IOAS; attach alone minds two MSI windows. */
function regionsErrno(ioas: Ioas, physical: PhysicalDevice, minded: boolean): Errno {
  if (physical.kind !== 'PCI') return 0;
  for (const { type, start, last } of physical.reservedRegions) {
    if (type !== 'DIRECT_RELAXABLE' && reserveErrno(ioas, start, last) !== 0) return 'EADDRINUSE';
  }
  return minded && hasTwoMsiWindows(physical) ? 'EINVAL' : 0;
}

/** The regions of a group's attached members where a replace brings it to another IOAS. */
function movedRegionsErrno(
  state: MachineState,
  context: IommufdContext,
  group: IommuGroup,
  ioas: Ioas,
): Errno {
  const old = context.objects.get(group.hwptId!) as Hwpt;
  if (reserves(state, old) && ioasUnder(context, old) === ioas) return 0;
  for (const id of group.attachedDeviceIds) {
    const rc = regionsErrno(ioas, physicalOf(state, context.objects.get(id) as Device), false);
    if (rc !== 0) return rc;
  }
  return 0;
}

/** Whether attaching to a hwpt reserves the device's regions. */
export function reserves(state: MachineState, hwpt: Hwpt): boolean {
  return hwpt.type === 'HWPT_PAGING' || rulesOf(state).nestedEnforcesReservedRegions;
}

function ioasUnder(context: IommufdContext, hwpt: Hwpt): Ioas {
  if (hwpt.type === 'HWPT_PAGING') return context.objects.get(hwpt.ioasId) as Ioas;
  return ioasUnder(context, context.objects.get(hwpt.parentId) as Hwpt);
}

function hasTwoMsiWindows(physical: PhysicalDevice): boolean {
  if (physical.kind !== 'PCI') return false;
  const count = (type: string) =>
    physical.reservedRegions.filter(region => region.type === type).length;
  return count('SW_MSI') > 1 || (count('SW_MSI') === 1 && count('MSI') > 0);
}

export function attachErrno(
  state: MachineState,
  context: IommufdContext,
  group: IommuGroup,
  device: Device,
  hwpt: Hwpt,
): Errno {
  if (device.attached) return 'EBUSY';
  if (group.hwptId !== null && group.hwptId !== hwpt.id) return 'EINVAL';
  const physical = physicalOf(state, device);
  if (reserves(state, hwpt)) {
    const enforced = regionsErrno(ioasUnder(context, hwpt), physical, true);
    if (enforced !== 0) return enforced;
  }
  if (group.hwptId !== null) return 0;
  if (group.pasids.size > 0 && !hwpt.pasid) return 'EINVAL';
  const enabled = enableErrno(state, device, hwpt, null);
  if (enabled !== 0) return enabled;
  const { driver } = domainOf(context, hwpt);
  if (driver !== (physical.kind === 'PCI' ? 'CONFORMING' : 'MOCK')) return 'EINVAL';
  return driversErrno(state, context, group, hwpt);
}

export function replaceErrno(
  state: MachineState,
  context: IommufdContext,
  group: IommuGroup,
  device: Device,
  hwpt: Hwpt,
): Errno {
  if (!mayMove(state, group, device)) return 'EINVAL';
  if (group.hwptId === hwpt.id) return 0;
  const old = context.objects.get(group.hwptId!) as Hwpt;
  if (reserves(state, hwpt)) {
    const moved = movedRegionsErrno(state, context, group, ioasUnder(context, hwpt));
    if (moved !== 0) return moved;
  }
  if (group.pasids.size > 0 && !hwpt.pasid) return 'EINVAL';
  const enabled = enableErrno(state, device, hwpt, old);
  return enabled === 0 ? driversErrno(state, context, group, hwpt) : enabled;
}

/** What iommufd finds wrong with the asking device on the way to a fault-capable hwpt. */
export function enableErrno(
  state: MachineState,
  device: Device,
  hwpt: Hwpt,
  old: Hwpt | null,
): Errno {
  if (hwpt.faultId === null) return 0;
  const physical = physicalOf(state, device);
  const byIommufd = rulesOf(state).iopfEnabledBy === 'IOMMUFD';
  if (byIommufd && old !== null && old.faultId !== null) return 0;
  if (isRefusedFunction(state, physical)) return 'EINVAL';
  if (!byIommufd || device.iopfEnabled > 0) return 0;
  return featureErrno(physical);
}

/** A virtual function that must not have a fault-capable hwpt. */
export function isRefusedFunction(state: MachineState, physical: PhysicalDevice): boolean {
  if (physical.kind === 'MOCK') return (physical.devFlags & 512) !== 0;
  if (physical.physfn === null || hasEmulatedPri(state, physical)) return false;
  const physfn = [...state.physicalDevices.values()].find(
    other => other.kind === 'PCI' && other.bdf === physical.physfn,
  );
  const shared = physfn?.kind === 'PCI' && physfn.pri;
  return rulesOf(state).virtfnRefused === 'ANY_AT_ENABLE' || physical.pri || shared;
}

export function featureErrno(physical: PhysicalDevice): Errno {
  const able = physical.kind === 'PCI' ? physical.pri : (physical.devFlags & 1024) === 0;
  if (!able) return 'ENODEV';
  return physical.iopfFeature ? 'EBUSY' : 0;
}

export function domainOf(context: IommufdContext, hwpt: Hwpt): PagingDomain {
  if (hwpt.type === 'HWPT_PAGING') return hwpt.domain;
  return domainOf(context, context.objects.get(hwpt.parentId) as Hwpt);
}

/** The first driver that refuses, in the group's order; where drivers enable IOPF, also for that. */
function driversErrno(
  state: MachineState,
  context: IommufdContext,
  group: IommuGroup,
  hwpt: Hwpt,
): Errno {
  const faults = hwpt.faultId !== null && rulesOf(state).iopfEnabledBy === 'DRIVER';
  for (const deviceNo of group.deviceNos) {
    const physical = state.physicalDevices.get(deviceNo)!;
    if (refusesDomain(physical, hwpt, domainOf(context, hwpt))) return 'EINVAL';
    if (!faults || physical.iopfRefcount > 0) continue;
    const rc = featureErrno(physical);
    if (rc !== 0) return rc;
  }
  return 0;
}

function refusesDomain(physical: PhysicalDevice, hwpt: Hwpt, domain: PagingDomain): boolean {
  if (physical.kind === 'PCI') {
    const driver = hwpt.type === 'HWPT_NESTED' ? hwpt.driver : domain.driver;
    return driver === 'MOCK' || (domain.dirtyOps && !physical.dirtyTracking);
  }
  return hwpt.type === 'HWPT_PAGING' && domain.dirtyOps && (physical.devFlags & 1) !== 0;
}
