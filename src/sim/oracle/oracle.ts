/**
 * A second reading of the kernels' rules, written apart from the core: what errno some operations
 * must give in a state. null: no opinion.
 */
import { BEHAVIOUR, type Behaviour } from '../../abi/behaviour.ts';
import type { Errno } from '../../abi/errno.ts';
import type { FaultQueue, IommufdContext } from '../../core/iommufd/state.ts';
import type { Command, CommandOf } from '../../core/machine/command.ts';
import type { MachineState } from '../../core/machine/state.ts';
import { rangesOfContext } from '../../core/memory/process-memory.ts';
import { hasEmulatedPri, moveErrno } from './iommufd/attach.ts';
import { physicalOf } from './iommufd/domain.ts';
import { hwInfoErrno, hwptAllocErrno } from './iommufd/hwpt.ts';
import { expectedIoasErrno } from './iommufd/ioas.ts';
import { mockPasidErrno, vfioPasidErrno } from './iommufd/pasid.ts';
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
    case 'TestPasidAttach':
    case 'TestPasidReplace':
    case 'TestPasidDetach':
    case 'TestPasidCheckHwpt':
      return mockPasidErrno(state, context, command);
    case 'DeviceAttach':
    case 'DeviceReplace':
      if (command.pasid === undefined) return moveErrno(state, context, command);
      return vfioPasidErrno(state, context, { ...command, pasid: command.pasid });
    case 'TestMockDomainReplace':
      return moveErrno(state, context, command);
    case 'DeviceDetach':
    case 'DeviceUnbind': {
      if (context === undefined) return 'EBADF';
      const device = context.objects.get(command.devId);
      if (device?.type !== 'DEVICE') return 'ENOENT';
      if (physicalOf(state, device).kind !== 'PCI') return 'EINVAL';
      const { pasid } = { pasid: undefined, ...command };
      return pasid === undefined || rulesOf(state).pasidHwpts ? 0 : 'EINVAL';
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

function destroyErrno(context: IommufdContext, id: number): Errno {
  const object = context.objects.get(id);
  if (object === undefined) return 'ENOENT';
  const named = [...context.objects.values()].some(
    other =>
      ((other.type === 'HWPT_PAGING' || other.type === 'ACCESS') && other.ioasId === id) ||
      (other.type === 'HWPT_NESTED' && other.parentId === id) ||
      ('faultId' in other && other.faultId === id) ||
      (other.type === 'DEVICE' && [...other.pasids.values()].includes(id)),
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
