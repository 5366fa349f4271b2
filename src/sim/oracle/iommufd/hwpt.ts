/** A second reading of the rules for hwpts that are made, and for hardware information. */
import { BEHAVIOUR } from '../../../abi/behaviour.ts';
import type { Errno } from '../../../abi/errno.ts';
import type { Device, Hwpt, HwptPaging, IommufdContext } from '../../../core/iommufd/state.ts';
import type { CommandOf, ReplyOf } from '../../../core/machine/command.ts';
import type { Outcome } from '../../../core/machine/operation.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import { domainErrno, physicalOf } from './domain.ts';

const NEST_PARENT = 1;
const DIRTY_TRACKING = 2;
const FAULT_ID_VALID = 4;
const PASID = 8;

type HwptAlloc = CommandOf<'HwptAlloc'>;

export function hwptAllocErrno(
  state: MachineState,
  context: IommufdContext,
  command: HwptAlloc,
): Errno {
  const { flags, dataType, dataLen, faultId } = command;
  if ((dataType === 0) !== (dataLen === 0)) return 'EINVAL';
  const device = context.objects.get(command.devId);
  if (device?.type !== 'DEVICE') return 'ENOENT';
  const pt = context.objects.get(command.ptId);
  let rc: Errno = 'EINVAL';
  if (pt?.type === 'IOAS') {
    rc = pagingErrno(state, device, command);
    if (rc === 0) rc = domainErrno(state, context, pt, physicalOf(state, device));
  }
  if (pt?.type === 'HWPT_PAGING') rc = nestedErrno(state, pt, device, command);
  if (rc !== 0 || (flags & FAULT_ID_VALID) === 0) return rc;
  return context.objects.get(faultId)?.type === 'FAULT' ? 0 : 'ENOENT';
}

/** The flag for PASIDs, where it is known. */
const pasidFlag = ({ baseline }: MachineState) => (BEHAVIOUR[baseline].pasidHwpts ? PASID : 0);

function pagingErrno(state: MachineState, device: Device, command: HwptAlloc): Errno {
  const { flags, dataLen, dataType, userData } = command;
  const rules = BEHAVIOUR[state.baseline];
  const { faultOnPagingHwpt, faultWithNestParent } = rules;
  const physical = physicalOf(state, device);
  const mock = physical.kind === 'MOCK';
  const faults = (flags & FAULT_ID_VALID) !== 0;
  const dirtyAble = mock ? (physical.devFlags & 1) === 0 : physical.dirtyTracking;
  const refused =
    (flags & ~(NEST_PARENT | DIRTY_TRACKING | FAULT_ID_VALID | pasidFlag(state))) !== 0 ||
    (dataLen !== 0 && !(mock && rules.mockPagingUserData && dataType === 0xdead)) ||
    ((flags & DIRTY_TRACKING) !== 0 && !dirtyAble) ||
    (faults && faultOnPagingHwpt === 'NO') ||
    (faults && faultOnPagingHwpt === 'IF_DRIVER_ACCEPTS' && mock) ||
    (faults && (flags & NEST_PARENT) !== 0 && !faultWithNestParent);
  if (refused) return 'EOPNOTSUPP';
  if (dataLen === 0) return 0;
  if (dataLen < 4 || dataLen > 8) return 'EINVAL';
  return userData?.kind === 'SELFTEST' ? 0 : 'EFAULT';
}

/** Data types, lengths and kinds of the two drivers. */
const FORMATS = {
  MOCK: { dataType: 0xdead, dataLen: 4, kind: 'SELFTEST' },
  CONFORMING: { dataType: 1, dataLen: 24, kind: 'VTD_S1' },
} as const;

function nestedErrno(
  state: MachineState,
  parent: HwptPaging,
  device: Device,
  { flags, dataType, dataLen, userData }: HwptAlloc,
): Errno {
  const driver = physicalOf(state, device).kind === 'MOCK' ? 'MOCK' : 'CONFORMING';
  const format = FORMATS[driver];
  const foreign = parent.domain.driver !== driver;
  if ((flags & ~(FAULT_ID_VALID | pasidFlag(state))) !== 0 || dataLen === 0) return 'EOPNOTSUPP';
  if (parent.auto || !parent.nestParent) return 'EINVAL';
  if (foreign && BEHAVIOUR[state.baseline].nestParentDriverChecked) return 'EINVAL';
  if (dataType !== format.dataType) return 'EOPNOTSUPP';
  const longer = driver === 'MOCK' && BEHAVIOUR[state.baseline].mockPagingUserData ? 8 : 0;
  const longest = Math.max(format.dataLen, longer);
  if (foreign || dataLen < format.dataLen || dataLen > longest) return 'EINVAL';
  return userData?.kind === format.kind ? 0 : 'EFAULT';
}

/** Faults found in the hwpt a HwptAlloc made: it must be the one asked for. */
export function checkMade(after: MachineState, { command, errno, reply }: Outcome): string[] {
  if (command.type !== 'HwptAlloc' || errno !== 0) return [];
  const { outHwptId } = reply as ReplyOf['HwptAlloc'];
  const hwpt = after.contexts.get(command.contextId)?.objects.get(outHwptId) as Hwpt;
  const { flags } = command;
  const faultId = (flags & FAULT_ID_VALID) !== 0 ? command.faultId : null;
  return hwpt.faultId === faultId && hwpt.pasid === ((flags & PASID) !== 0)
    ? []
    : [`hwpt ${outHwptId} is not the one asked for`];
}

const INPUT_TYPE = 1;
const HW_INFO_TYPES = { MOCK: 0xfeed_beef, PCI: 1 } as const;

export function hwInfoErrno(
  state: MachineState,
  context: IommufdContext,
  { flags, devId, inDataType = 0 }: CommandOf<'GetHwInfo'>,
): Errno {
  const known = BEHAVIOUR[state.baseline].hwInfoInputType ? INPUT_TYPE : 0;
  if ((flags & ~known) !== 0) return 'EOPNOTSUPP';
  const device = context.objects.get(devId);
  if (device?.type !== 'DEVICE') return 'ENOENT';
  const asked = flags === INPUT_TYPE ? inDataType : 0;
  const own = HW_INFO_TYPES[physicalOf(state, device).kind];
  return asked === 0 || asked === own ? 0 : 'EOPNOTSUPP';
}
