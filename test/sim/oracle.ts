/**
 * A second reading of the kernel's rules, written apart from the core: what errno some operations
 * must give in a state. null: no opinion.
 */
import type { Errno } from '../../src/abi/errno.ts';
import type { Command, CommandOf } from '../../src/core/command.ts';
import type {
  Device,
  Hwpt,
  IommufdContext,
  IommuGroup,
  MachineState,
  PagingDomain,
  PhysicalDevice,
} from '../../src/core/state.ts';

export function expectedErrno(state: MachineState, command: Command): Errno | null {
  const context = 'contextId' in command ? state.contexts.get(command.contextId) : undefined;
  switch (command.type) {
    case 'FaultRead':
      return readErrno(state, context, command);
    case 'FaultWrite':
      return writeErrno(context, command);
    case 'Destroy':
      return context?.fileOpen ? destroyErrno(context, command.id) : 'EBADF';
    case 'DeviceBind':
      return context?.fileOpen ? bindErrno(state, context, command.bdf) : 'EBADF';
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
      return null;
  }
}

function physicalOf(state: MachineState, device: Device): PhysicalDevice {
  return state.physicalDevices.get(device.deviceNo)!;
}

function readErrno(
  state: MachineState,
  context: IommufdContext | undefined,
  { faultId, count }: CommandOf<'FaultRead'>,
): Errno {
  const queue = context?.objects.get(faultId);
  if (queue?.type !== 'FAULT' || !queue.fileOpen) return 'EBADF';
  if (Math.min(count, 0x7fff_f000) % 40 !== 0) return 'ESPIPE';
  const first = queue.deliver.first();
  if (first === null) return 0;
  return state.iopfGroups.get(first)!.requests.length * 40 > count ? 'EINVAL' : 0;
}

function writeErrno(
  context: IommufdContext | undefined,
  { faultId, count, responses }: CommandOf<'FaultWrite'>,
): Errno {
  const queue = context?.objects.get(faultId);
  if (queue?.type !== 'FAULT' || !queue.fileOpen) return 'EBADF';
  if (count % 8 !== 0) return 'ESPIPE';
  if (count === 0) return 0;
  const [first] = responses;
  if (first === undefined) return 'EFAULT';
  return first.code < 2 && queue.awaitingResponse.has(first.cookie) ? 0 : 'EINVAL';
}

function destroyErrno(context: IommufdContext, id: number): Errno {
  const object = context.objects.get(id);
  if (object === undefined) return 'ENOENT';
  const named = [...context.objects.values()].some(
    other =>
      (other.type === 'HWPT_PAGING' && other.ioasId === id) ||
      (other.type === 'HWPT_NESTED' && (other.parentId === id || other.faultId === id)),
  );
  if (named || object.type === 'DEVICE') return 'EBUSY';
  if (object.type === 'FAULT' && object.fileOpen) return 'EBUSY';
  return 'attachedDeviceIds' in object && object.attachedDeviceIds.size > 0 ? 'EBUSY' : 0;
}

function bindErrno(state: MachineState, context: IommufdContext, bdf: string): Errno {
  const physical = [...state.physicalDevices.values()].find(
    device => device.kind === 'PCI' && device.bdf === bdf,
  );
  if (physical?.kind !== 'PCI') return 'ENODEV';
  if (physical.binding !== null || !physical.dmaCoherent) return 'EINVAL';
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
  if (autos.some(hwpt => move(state, context, group, device, hwpt) === 0)) return 0;
  // A new hwpt suits any device, unless the device itself or its group stands in the way.
  if (move === replaceErrno) return device.attached ? 0 : 'EINVAL';
  return group.hwptId !== null || hasTwoMsiWindows(physicalOf(state, device)) ? 'EINVAL' : 0;
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
  if (hasTwoMsiWindows(physical)) return 'EINVAL';
  if (group.hwptId !== null) return 0;
  if (hwpt.faultId !== null) {
    const rc = enableErrno(state, device);
    if (rc !== 0) return rc;
  }
  const { driver } = domainOf(context, hwpt);
  if (driver !== (physical.kind === 'PCI' ? 'CONFORMING' : 'MOCK')) return 'EINVAL';
  return driversErrno(state, context, group, hwpt);
}

function replaceErrno(
  state: MachineState,
  context: IommufdContext,
  group: IommuGroup,
  device: Device,
  hwpt: Hwpt,
): Errno {
  if (!device.attached) return 'EINVAL';
  if (group.hwptId === hwpt.id) return 0;
  const old = context.objects.get(group.hwptId!) as Hwpt;
  if (hwpt.faultId !== null && old.faultId === null) {
    const rc = enableErrno(state, device);
    if (rc !== 0) return rc;
  }
  return driversErrno(state, context, group, hwpt);
}

function enableErrno(state: MachineState, device: Device): Errno {
  const physical = physicalOf(state, device);
  if (physical.kind === 'PCI') {
    if (physical.physfn !== null) return 'EINVAL';
  } else if ((physical.devFlags & 512) !== 0) return 'EINVAL';
  if (device.iopfEnabled > 0) return 0;
  const able = physical.kind === 'PCI' ? physical.pri : (physical.devFlags & 1024) === 0;
  if (!able) return 'ENODEV';
  return physical.iopfFeature ? 'EBUSY' : 0;
}

function domainOf(context: IommufdContext, hwpt: Hwpt): PagingDomain {
  if (hwpt.type === 'HWPT_PAGING') return hwpt.domain;
  return domainOf(context, context.objects.get(hwpt.parentId) as Hwpt);
}

function driversErrno(
  state: MachineState,
  context: IommufdContext,
  group: IommuGroup,
  hwpt: Hwpt,
): Errno {
  const domain = domainOf(context, hwpt);
  const refuses = group.deviceNos.some(deviceNo => {
    const physical = state.physicalDevices.get(deviceNo)!;
    if (physical.kind === 'PCI') {
      return domain.driver === 'MOCK' || (domain.dirtyOps && !physical.dirtyTracking);
    }
    return hwpt.type === 'HWPT_PAGING' && domain.dirtyOps && (physical.devFlags & 1) !== 0;
  });
  return refuses ? 'EINVAL' : 0;
}
