/**
 * A second reading of the kernels' rules, written apart from the core: what errno some operations
 * must give in a state. null: no opinion.
 */
import { BEHAVIOUR, type Behaviour } from '../../abi/behaviour.ts';
import type { Errno } from '../../abi/errno.ts';
import type { PhysicalDevice } from '../../core/hardware/state.ts';
import type { IommuGroup } from '../../core/iommu/state.ts';
import type {
  Device,
  FaultQueue,
  Hwpt,
  Ioas,
  IommufdContext,
  PagingDomain,
} from '../../core/iommufd/state.ts';
import type { Command, CommandOf } from '../../core/machine/command.ts';
import type { MachineState } from '../../core/machine/state.ts';
import { rangesOfContext } from '../../core/memory/process-memory.ts';
import { domainErrno, physicalOf } from './iommufd/domain.ts';
import { hwInfoErrno, hwptAllocErrno } from './iommufd/hwpt.ts';
import { expectedIoasErrno, reserveErrno } from './iommufd/ioas.ts';
import { expectedVfioCompatErrno } from './iommufd/vfio-compat.ts';

/** `failNth`: the allocation that fails, which matters to few. */
export function expectedErrno(
  state: MachineState,
  command: Command,
  failNth?: number,
): Errno | null {
  const context = 'contextId' in command ? state.contexts.get(command.contextId) : undefined;
  switch (command.type) {
    case 'FaultRead':
      return readErrno(state, context, command);
    case 'FaultWrite':
      return writeErrno(state, context, command);
    case 'FaultQueueAlloc':
      if (!context?.fileOpen) return 'EBADF';
      return command.flags === 0 ? 0 : 'EOPNOTSUPP';
    case 'HwptAlloc':
      return context?.fileOpen ? hwptAllocErrno(state, context, command) : 'EBADF';
    case 'GetHwInfo':
      return context?.fileOpen ? hwInfoErrno(state, context, command) : 'EBADF';
    case 'Destroy':
      return context?.fileOpen ? destroyErrno(context, command.id) : 'EBADF';
    case 'DeviceBind':
      return context?.fileOpen ? bindErrno(state, context, command.bdf, failNth) : 'EBADF';
    case 'DeviceAttach':
    case 'DeviceReplace':
    case 'TestMockDomainReplace':
      return moveErrno(state, context, command);
    case 'DeviceDetach':
    case 'DeviceUnbind': {
      if (context === undefined) return 'EBADF';
      const device = context.objects.get(command.devId);
      if (device?.type !== 'DEVICE') return 'ENOENT';
      return physicalOf(state, device).kind === 'PCI' ? 0 : 'EINVAL';
    }
    default:
      return expectedIoasErrno(state, command) ?? expectedVfioCompatErrno(state, command);
  }
}

const rulesOf = ({ baseline }: MachineState): Behaviour => BEHAVIOUR[baseline];

function readErrno(
  state: MachineState,
  context: IommufdContext | undefined,
  { faultId, count, bufVa }: CommandOf<'FaultRead'>,
): Errno | null {
  const rules = rulesOf(state);
  const queue = context?.objects.get(faultId);
  if (queue?.type !== 'FAULT' || !queue.fileOpen) return 'EBADF';
  if (Math.min(count, 0x7fff_f000) % 40 !== 0) return 'ESPIPE';
  const first = queue.deliver.first();
  if (first === null) return 0;
  const bytes = state.iopfGroups.get(first)!.requests.length * 40;
  if (bytes > count) return rules.readTooSmall === 'EINVAL' ? 'EINVAL' : 0;
  if (bufVa === undefined || hasBytes(state, context!, bufVa, bytes)) return 0;
  // Older kernels go on with the next group, or with the same.
  return rules.readCopyFault === 'EFAULT' ? 'EFAULT' : null;
}

function hasBytes(
  state: MachineState,
  context: IommufdContext,
  start: bigint,
  bytes: number,
): boolean {
  const last = start + BigInt(bytes) - 1n;
  return [...rangesOfContext(state, context)].some(
    region => region.start <= start && region.last >= last,
  );
}

function writeErrno(
  state: MachineState,
  context: IommufdContext | undefined,
  { faultId, count, responses }: CommandOf<'FaultWrite'>,
): Errno {
  const queue = context?.objects.get(faultId);
  if (queue?.type !== 'FAULT' || !queue.fileOpen) return 'EBADF';
  if (count % 8 !== 0) return 'ESPIPE';
  if (count === 0) return 0;
  const [first] = responses;
  if (first === undefined) return rulesOf(state).writeCopyFault === 'POSITIVE' ? 0 : 'EFAULT';
  return acceptsResponse(state, queue, first) ? 0 : 'EINVAL';
}

/** A response to a group that waits, with a code this kernel takes. */
export function acceptsResponse(
  state: MachineState,
  queue: FaultQueue,
  { cookie, code }: { readonly cookie: number; readonly code: number },
): boolean {
  const group = state.iopfGroups.get(queue.awaitingResponse.get(cookie) ?? 0);
  if (group === undefined) return false;
  const faulted = state.physicalDevices.get(group.deviceNo);
  const emulated = faulted !== undefined && hasEmulatedPri(state, faulted);
  return code < 2 || !rulesOf(state).responseCodeChecked || emulated;
}

/** A virtual function whose PRI is emulated: user space may say FAILURE. */
function hasEmulatedPri({ policies }: MachineState, physical: PhysicalDevice): boolean {
  if (physical.kind !== 'PCI' || physical.physfn === null) return false;
  return policies.virtualFunctions === 'EMULATED_PRI';
}

function destroyErrno(context: IommufdContext, id: number): Errno {
  const object = context.objects.get(id);
  if (object === undefined) return 'ENOENT';
  const named = [...context.objects.values()].some(
    other =>
      ((other.type === 'HWPT_PAGING' || other.type === 'ACCESS') && other.ioasId === id) ||
      (other.type === 'HWPT_NESTED' && other.parentId === id) ||
      ('faultId' in other && other.faultId === id),
  );
  if (named || object.type === 'DEVICE' || object.type === 'ACCESS') return 'EBUSY';
  if (object.type === 'FAULT' && object.fileOpen) return 'EBUSY';
  return 'attachedDeviceIds' in object && object.attachedDeviceIds.size > 0 ? 'EBUSY' : 0;
}

function bindErrno(
  state: MachineState,
  context: IommufdContext,
  bdf: string,
  failNth: number | undefined,
): Errno {
  const physical = [...state.physicalDevices.values()].find(
    device => device.kind === 'PCI' && device.bdf === bdf,
  );
  if (physical?.kind !== 'PCI') return 'ENODEV';
  if (physical.binding !== null) return 'EINVAL';
  // The object id comes before all else, or last of all.
  if (rulesOf(state).bindTakesIdFirst && failNth === 1) return 'ENOMEM';
  if (!physical.dmaCoherent) return 'EINVAL';
  if (!physical.msiIsolated) return 'EPERM';
  const members = [...state.physicalDevices.values()].filter(
    ({ iommuGroupId }) => iommuGroupId === physical.iommuGroupId,
  );
  const owners = members.flatMap(({ binding }) => (binding === null ? [] : [binding.contextId]));
  if (owners.length > 0) return owners[0] === context.contextId ? 0 : 'EPERM';
  const direct = members.some(
    member =>
      member.kind === 'PCI' && member.reservedRegions.some(region => region.type === 'DIRECT'),
  );
  return direct ? 'EINVAL' : 0;
}

type Move = CommandOf<'DeviceAttach' | 'DeviceReplace' | 'TestMockDomainReplace'>;

function moveErrno(state: MachineState, context: IommufdContext | undefined, command: Move): Errno {
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
  const move = command.type === 'DeviceAttach' && !device.attached ? attachErrno : replaceErrno;
  if ('attachedDeviceIds' in pt) return move(state, context, group, device, pt);
  if (pt.type !== 'IOAS') return 'EINVAL';
  const autos = [...pt.autoHwptIds].map(id => context.objects.get(id) as Hwpt);
  for (const hwpt of autos) {
    const rc = move(state, context, group, device, hwpt);
    if (rc !== 'EINVAL') return rc;
  }
  // A new hwpt suits any device, unless the device itself, its group or the IOAS stands in the way.
  const joined = domainErrno(state, context, pt, physicalOf(state, device));
  if (move === attachErrno) {
    if (group.hwptId !== null) return 'EINVAL';
    const enforced = regionsErrno(pt, physicalOf(state, device), true);
    return enforced === 0 ? joined : enforced;
  }
  if (joined !== 0) return joined;
  return mayMove(state, group, device) ? movedRegionsErrno(state, context, group, pt) : 'EINVAL';
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

function attachErrno(
  state: MachineState,
  context: IommufdContext,
  group: IommuGroup,
  device: Device,
  hwpt: Hwpt,
): Errno {
  if (group.hwptId !== null && group.hwptId !== hwpt.id) return 'EINVAL';
  const physical = physicalOf(state, device);
  if (reserves(state, hwpt)) {
    const enforced = regionsErrno(ioasUnder(context, hwpt), physical, true);
    if (enforced !== 0) return enforced;
  }
  if (group.hwptId !== null) return 0;
  const enabled = enableErrno(state, device, hwpt, null);
  if (enabled !== 0) return enabled;
  const { driver } = domainOf(context, hwpt);
  if (driver !== (physical.kind === 'PCI' ? 'CONFORMING' : 'MOCK')) return 'EINVAL';
  return driversErrno(state, context, group, hwpt, null);
}

function replaceErrno(
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
  const enabled = enableErrno(state, device, hwpt, old);
  return enabled === 0 ? driversErrno(state, context, group, hwpt, old) : enabled;
}

/** What iommufd finds wrong with the asking device on the way to a fault-capable hwpt. */
function enableErrno(state: MachineState, device: Device, hwpt: Hwpt, old: Hwpt | null): Errno {
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

function featureErrno(physical: PhysicalDevice): Errno {
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
  old: Hwpt | null,
): Errno {
  const faults = hwpt.faultId !== null && rulesOf(state).iopfEnabledBy === 'DRIVER';
  for (const deviceNo of group.deviceNos) {
    const physical = state.physicalDevices.get(deviceNo)!;
    if (refusesDomain(physical, hwpt, domainOf(context, hwpt))) return 'EINVAL';
    if (!faults || (old !== null && old.faultId !== null)) continue;
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
