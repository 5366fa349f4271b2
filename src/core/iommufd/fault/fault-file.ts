/**
 * Read and write of a fault queue's file.
 * Mirrors iommufd_fault_fops_* of drivers/iommu/iommufd/fault.c of Linux 6.12.117.
 */
import { BEHAVIOUR } from '../../../abi/behaviour.ts';
import type { Errno } from '../../../abi/errno.ts';
import {
  IOMMU_PAGE_RESP_FAILURE,
  IOMMUFD_PAGE_RESP_INVALID,
  IOMMUFD_PAGE_RESP_SUCCESS,
  MAX_RW_COUNT,
  PAGE_RESPONSE_SIZE,
  PGFAULT_SIZE,
} from '../../../abi/uapi.ts';
import { iopfGroupResponse } from '../../iommu/iopf.ts';
import type { FaultReader, IopfGroup } from '../../iommu/state.ts';
import type { Execution } from '../../machine/execution.ts';
import { iopfGroupOf } from '../../machine/lookup.ts';
import { Refusal } from '../../machine/refusal.ts';
import type { MachineState } from '../../machine/state.ts';
import { rangesOfCaller } from '../../memory/caller.ts';
import { presentBytes } from '../../memory/process-memory.ts';
import { awaitedCookies } from '../../refuse/present.ts';
import type { FaultQueue, IommufdContext } from '../state.ts';
import { hasEmulatedPri } from './fault.ts';

/** struct iommu_hwpt_page_response */
export interface PageResponse {
  readonly cookie: number;
  readonly code: number;
  /**
   * The group that is meant, which no kernel is told: the cookie may be another's by now, and then
   * it is refused like one that nobody has.
   */
  readonly iopfGroupId?: number;
}

/** struct iommu_hwpt_pgfault: one message read from a fault queue's file. */
export interface PgfaultMessage {
  readonly flags: number;
  readonly devId: number;
  readonly pasid: number;
  readonly grpid: number;
  readonly perm: number;
  readonly addr: bigint;
  readonly length: number;
  readonly cookie: number;
  /** The reserved word: 0, or null where the kernel gives whatever was on its stack. */
  readonly reserved?: 0 | null;
}

/** read() of a fault queue's file (iommufd_fault_fops_read); `count` in bytes. */
export interface FaultRead {
  readonly type: 'FaultRead';
  readonly contextId: number;
  readonly faultId: number;
  readonly count: number;
  /** Where the buffer is; left out, it is there. Messages are not written into user memory. */
  readonly bufVa?: bigint;
  readonly reader: FaultReader;
}

/** write() of a fault queue's file (iommufd_fault_fops_write); `count` in bytes. */
export interface FaultWrite {
  readonly type: 'FaultWrite';
  readonly contextId: number;
  readonly faultId: number;
  readonly count: number;
  readonly responses: readonly PageResponse[];
  /**
   * The groups that the handler behind this write was given and has not answered, if it said who it
   * is; no kernel knows.
   */
  readonly given?: readonly number[];
}

/**
 * Reads whole groups, never part of one; each gets the lowest free cookie. `count` in bytes.
 * Source: iommufd_fault_fops_read. Errors: ESPIPE if `count` is not a multiple of 40, EINVAL if
 * not even the first group fits, EFAULT if the buffer is not there, ENOMEM. An empty queue is 0
 * bytes. Older kernels also give, and count, messages of a group that they could not copy whole; v6
 * gives the number of bytes it could not copy where it copied none.
 */
export function executeFaultRead(
  x: Execution,
  context: IommufdContext,
  faultQueue: FaultQueue,
  command: FaultRead,
): { bytes: number; faults: PgfaultMessage[] } | Refusal {
  const faults: PgfaultMessage[] = [];
  const bytes = x.call('iommufd_fault_fops_read', () => {
    const count = Math.min(command.count, MAX_RW_COUNT);
    if (count % PGFAULT_SIZE !== 0) {
      return new Refusal('ESPIPE', 'NOT_WHOLE_RECORDS', { count, size: PGFAULT_SIZE });
    }
    const stopped = readGroups(x, context, faultQueue, { ...command, count }, faults);
    if (faults.length > 0) return faults.length * PGFAULT_SIZE;
    if (stopped instanceof BytesLeft) return claimedBytes(x, faultQueue, stopped.bytes);
    return stopped ?? 0;
  });
  return bytes instanceof Refusal ? bytes : { bytes, faults };
}

/** What could not be copied, where the kernel takes that for what was read. */
class BytesLeft {
  readonly bytes: number;
  constructor(bytes: number) {
    this.bytes = bytes;
  }
}

/** v6 returns what copy_to_user left over: a number above 0, which a read gives for success. */
function claimedBytes(x: Execution, faultQueue: FaultQueue, bytes: number): number {
  x.hazard(
    'READ_CLAIMS_BYTES',
    'iommufd_fault_fops_read',
    `${bytes} bytes were not copied and are said to be read`,
    [`fault queue ${faultQueue.id}`],
  );
  return bytes;
}

/** Copies messages into `faults` until the queue is empty or something stops it, which it returns. */
function readGroups(
  x: Execution,
  context: IommufdContext,
  faultQueue: FaultQueue,
  { count, bufVa, reader }: FaultRead,
  faults: PgfaultMessage[],
): Refusal | BytesLeft | null {
  const { contextId } = context;
  const { readTooSmall, readCopyFault, readCopyFaultGives } = x.behaviour;
  let copyFailed: Refusal | BytesLeft | null = null;
  for (;;) {
    const iopfGroupId = faultQueue.deliver.first();
    if (iopfGroupId === null) return copyFailed;
    const group = iopfGroupOf(x.state, iopfGroupId);
    const done = faults.length * PGFAULT_SIZE;
    if (done + group.requests.length * PGFAULT_SIZE > count) {
      if (readTooSmall !== 'EINVAL') return copyFailed;
      const facts = { requests: group.requests.length, room: count - done };
      return new Refusal('EINVAL', 'GROUP_DOES_NOT_FIT', facts);
    }
    if (!x.allocates('xa_alloc cookie')) return new Refusal('ENOMEM');
    copyFailed = null;
    checkReadGroup(x, context, group);
    const cookie = faultQueue.cookies.peek();
    const messages = messagesOf(x.state, group, cookie);
    const room = bytesThere(x, context, bufVa, done, messages.length);
    const copied = Math.floor(room / PGFAULT_SIZE);
    if (copied === messages.length) {
      faults.push(...messages);
      const faultId = faultQueue.id;
      x.emit({ type: 'IopfGroupRead', contextId, faultId, iopfGroupId, cookie, reader });
      continue;
    }
    copyFailed =
      readCopyFaultGives === 'EFAULT'
        ? new Refusal('EFAULT', 'BUFFER_MISSING', { userVa: bufVa ?? 0n })
        : new BytesLeft(PGFAULT_SIZE - (room % PGFAULT_SIZE));
    if (readCopyFault === 'EFAULT') return copyFailed;
    faults.push(...messages.slice(0, copied));
    if (readCopyFault === 'GROUP_LOST') loseGroup(x, context, faultQueue, group);
    else if (copied === 0) {
      noteReadLoop(x, group);
      return copyFailed;
    }
  }
}

/** Bytes of the next messages that can be copied to their place in the buffer. */
function bytesThere(
  x: Execution,
  context: IommufdContext,
  bufVa: bigint | undefined,
  done: number,
  messages: number,
): number {
  const bytes = messages * PGFAULT_SIZE;
  if (bufVa === undefined) return bytes;
  const ranges = rangesOfCaller(x, context);
  return Number(presentBytes(ranges, bufVa + BigInt(done), BigInt(bytes), true));
}

/** The messages a read gives for a group (iommufd_compose_fault_message). */
export function messagesOf(
  state: MachineState,
  group: IopfGroup,
  cookie: number,
): PgfaultMessage[] {
  const reserved = BEHAVIOUR[state.baseline].pgfaultReserved === 'ZERO' ? 0 : null;
  return group.requests.map(({ flags, pasid, grpid, perm, addr }) => ({
    flags,
    devId: group.deviceId,
    pasid,
    grpid,
    perm,
    addr,
    length: 0,
    cookie,
    reserved,
  }));
}

function loseGroup(
  x: Execution,
  context: IommufdContext,
  faultQueue: FaultQueue,
  { iopfGroupId, queuedSeq }: IopfGroup,
): void {
  const { contextId } = context;
  x.emit({ type: 'IopfGroupLost', contextId, faultId: faultQueue.id, iopfGroupId });
  x.hazard(
    'READ_LOST_GROUP',
    'iommufd_fault_fops_read',
    'the buffer is not there: the group is gone and its device waits',
    [`iopf group ${iopfGroupId}`],
    queuedSeq,
  );
}

function noteReadLoop(x: Execution, { iopfGroupId, queuedSeq }: IopfGroup): void {
  x.hazard(
    'READ_LOOPS',
    'iommufd_fault_fops_read',
    'the buffer is not there: the read fetches the same group for ever',
    [`iopf group ${iopfGroupId}`],
    queuedSeq,
  );
}

/** A read looks at the group, its attach handle and the device in that: all may be gone by now. */
function checkReadGroup(x: Execution, context: IommufdContext, group: IopfGroup): void {
  const name = `iopf group ${group.iopfGroupId}`;
  const planted = x.state.iopfGroupsPlanted.get(group.iopfGroupId);
  if (group.freed) {
    x.hazard(
      'GROUP_OWNED_TWICE',
      'iommufd_fault_fops_read',
      'the group itself was freed',
      [name],
      planted?.group ?? null,
    );
    return;
  }
  const handle = x.state.attachHandles.get(group.attachHandleId);
  const device = context.objects.get(group.deviceId);
  if (device?.type === 'DEVICE' && device.bindNo === handle?.bindNo) return;
  x.hazard(
    'HANDLE_DEVICE_USED',
    'iommufd_fault_fops_read',
    handle === undefined
      ? `attach handle ${group.attachHandleId} was freed`
      : `attach handle ${group.attachHandleId} names device ${group.deviceId}, which is gone`,
    [name, `attach handle ${group.attachHandleId}`],
    handle === undefined ? (planted?.handle ?? group.queuedSeq) : handle.deviceGoneSeq,
  );
}

/**
 * Answers groups by cookie until the first error. The code is checked before the cookie. `count`
 * in bytes. Source: iommufd_fault_fops_write. Errors, if nothing was answered before: ESPIPE if
 * `count` is not a multiple of 8, EINVAL for a code other than 0 and 1 or an unknown cookie,
 * EFAULT if there are fewer responses than `count` says.
 */
export function executeFaultWrite(
  x: Execution,
  context: IommufdContext,
  faultQueue: FaultQueue,
  command: FaultWrite,
): number | Refusal {
  return x.call('iommufd_fault_fops_write', () => {
    const count = Math.min(command.count, MAX_RW_COUNT);
    if (count % PAGE_RESPONSE_SIZE !== 0) {
      return new Refusal('ESPIPE', 'NOT_WHOLE_RECORDS', { count, size: PAGE_RESPONSE_SIZE });
    }
    let done = 0;
    while (done < count) {
      const rc = writeResponse(x, context, faultQueue, command, done / PAGE_RESPONSE_SIZE);
      if (rc === 'EFAULT' && done === 0 && x.behaviour.writeCopyFault === 'POSITIVE') {
        // The number of bytes that could not be copied is taken for a number of bytes written.
        return PAGE_RESPONSE_SIZE;
      }
      if (rc !== 0) return done === 0 ? new Refusal(rc) : done;
      done += PAGE_RESPONSE_SIZE;
    }
    return done;
  });
}

function writeResponse(
  x: Execution,
  context: IommufdContext,
  faultQueue: FaultQueue,
  command: FaultWrite,
  index: number,
): Errno {
  const response = command.responses[index];
  if (response === undefined) {
    const facts = { count: command.count, given: index * PAGE_RESPONSE_SIZE };
    return x.refuse('EFAULT', 'RECORDS_MISSING', facts);
  }
  const { cookie, code } = response;
  const iopfGroupId = faultQueue.awaitingResponse.get(cookie);
  const meant = response.iopfGroupId ?? iopfGroupId;
  const group =
    iopfGroupId === undefined || meant !== iopfGroupId ? null : iopfGroupOf(x.state, iopfGroupId);
  const known = code === IOMMUFD_PAGE_RESP_SUCCESS || code === IOMMUFD_PAGE_RESP_INVALID;
  const failsVpri = code === IOMMU_PAGE_RESP_FAILURE && answersEmulatedPri(x, group);
  if (!known && !failsVpri && x.behaviour.responseCodeChecked) {
    return x.refuse('EINVAL', 'RESPONSE_CODE', { code });
  }
  if (iopfGroupId === undefined) {
    const facts = { cookie, faultId: faultQueue.id, awaited: awaitedCookies(faultQueue) };
    return x.refuse('EINVAL', 'COOKIE_UNKNOWN', facts);
  }
  if (group === null) {
    const facts = { cookie, iopfGroupId, meant: response.iopfGroupId! };
    return x.refuse('EINVAL', 'COOKIE_OF_OTHER_GROUP', facts);
  }
  if (command.given?.includes(group.iopfGroupId) === false) noteAnsweredUnseen(x, group, cookie);
  const planted = x.state.iopfGroupsPlanted.get(group.iopfGroupId) ?? null;
  x.emit({
    type: 'PageResponseWritten',
    contextId: context.contextId,
    faultId: faultQueue.id,
    iopfGroupId: group.iopfGroupId,
    cookie,
    code,
  });
  if (failsVpri) x.emit({ type: 'VpriFailed', deviceNo: group.deviceNo });
  iopfGroupResponse(x, group, failsVpri ? IOMMUFD_PAGE_RESP_INVALID : code, planted);
  return 0;
}

/** A failure of a virtual function must not reach the PRI interface it shares with the others. */
function answersEmulatedPri(x: Execution, group: IopfGroup | null): boolean {
  return group !== null && hasEmulatedPri(x, x.state.physicalDevices.get(group.deviceNo));
}

/** A hazard of the program: cookies are reused, so a late answer reaches whoever has it now. */
function noteAnsweredUnseen(
  x: Execution,
  { iopfGroupId, readSeq }: IopfGroup,
  cookie: number,
): void {
  x.hazard(
    'ANSWERED_UNSEEN',
    'iommufd_fault_fops_write',
    `cookie ${cookie} is iopf group ${iopfGroupId}’s, which the handler that answers was not given`,
    [`iopf group ${iopfGroupId}`],
    readSeq,
  );
}
