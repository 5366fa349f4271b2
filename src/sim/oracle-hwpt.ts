/** A second reading of the rules for fault queues and hwpts that are made. */
import { BEHAVIOUR } from '../abi/baselines.ts';
import type { Errno } from '../abi/errno.ts';
import type { CommandOf } from '../core/command.ts';
import type { Device, HwptPaging, IommufdContext, MachineState } from '../core/state.ts';
import { domainErrno, physicalOf } from './oracle.ts';

const NEST_PARENT = 1;
const DIRTY_TRACKING = 2;
const FAULT_ID_VALID = 4;

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

function pagingErrno(state: MachineState, device: Device, { flags, dataLen }: HwptAlloc): Errno {
  const { faultOnPagingHwpt, faultWithNestParent } = BEHAVIOUR[state.baseline];
  const physical = physicalOf(state, device);
  const mock = physical.kind === 'MOCK';
  const faults = (flags & FAULT_ID_VALID) !== 0;
  const dirtyAble = mock ? (physical.devFlags & 1) === 0 : physical.dirtyTracking;
  const refused =
    flags > 7 ||
    dataLen !== 0 ||
    ((flags & DIRTY_TRACKING) !== 0 && !dirtyAble) ||
    (faults && faultOnPagingHwpt === 'NO') ||
    (faults && faultOnPagingHwpt === 'IF_DRIVER_ACCEPTS' && mock) ||
    (faults && (flags & NEST_PARENT) !== 0 && !faultWithNestParent);
  return refused ? 'EOPNOTSUPP' : 0;
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
  if ((flags & ~FAULT_ID_VALID) !== 0 || dataLen === 0) return 'EOPNOTSUPP';
  if (parent.auto || !parent.nestParent) return 'EINVAL';
  if (foreign && BEHAVIOUR[state.baseline].nestParentDriverChecked) return 'EINVAL';
  if (dataType !== format.dataType) return 'EOPNOTSUPP';
  if (foreign || dataLen !== format.dataLen) return 'EINVAL';
  return userData?.kind === format.kind ? 0 : 'EFAULT';
}
