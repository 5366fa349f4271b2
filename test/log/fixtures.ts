/** Operations to put into a log, for tests and for the processes they start. */
import { DEFAULT_POLICIES } from '../../src/abi/policies.ts';
import type { Event } from '../../src/core/machine/event.ts';
import type { Operation, Outcome } from '../../src/core/machine/operation.ts';
import type { Log } from '../../src/log/log.ts';

/** 2026-01-01T00:00:00Z; operation n of a fixture runs n milliseconds after it. */
export const AT_MS = 1_767_225_600_000;

const ADDR = 0x7f00_1234_5000n;
const REQUEST = { flags: 3, pasid: 5, grpid: 3, perm: 3, addr: ADDR };

/** A page request on its way to an answer, with the operations that set it up, as the core makes them. */
export const OUTCOMES: readonly Outcome[] = [
  {
    command: { type: 'MachineCreate', baseline: 'LINUX_6_12_117', devices: [] },
    errno: 0,
    reply: {},
    events: [{ type: 'MachineCreated', baseline: 'LINUX_6_12_117', policies: DEFAULT_POLICIES }],
    trace: [],
  },
  {
    command: { type: 'IoasAlloc', contextId: 1, flags: 1 },
    errno: 'EOPNOTSUPP',
    reply: null,
    events: [],
    trace: [{ function: 'iommufd_ioas_alloc_ioctl', depth: 0, returned: 'EOPNOTSUPP' }],
  },
  {
    command: {
      type: 'PageRequestSend',
      bdf: '0000:01:00.0',
      pasid: 5,
      grpid: 3,
      perm: 3,
      addr: ADDR,
      lastPage: true,
    },
    errno: 0,
    reply: { outcome: 'REPORTED', reportErrno: 0, iopfGroupId: 12 },
    events: [
      { type: 'PageRequestReported', deviceNo: 1, request: REQUEST },
      {
        type: 'IopfGroupQueued',
        contextId: 1,
        faultId: 4,
        iopfGroupId: 12,
        attachHandleId: 2,
        deviceNo: 1,
        deviceId: 3,
        requests: [{ ...REQUEST, addr: 0n }, REQUEST],
      },
    ],
    trace: [
      { function: 'iommu_report_device_fault', depth: 0, returned: '0' },
      { function: 'iommufd_fault_iopf_handler', depth: 1, returned: '0' },
    ],
  },
  {
    command: { type: 'FaultRead', contextId: 1, faultId: 4, count: 4096, reader: 'HANDLER' },
    errno: 0,
    reply: { bytes: 40, faults: [{ ...REQUEST, devId: 3, length: 0, cookie: 0 }] },
    events: [
      {
        type: 'IopfGroupRead',
        contextId: 1,
        faultId: 4,
        iopfGroupId: 12,
        cookie: 0,
        reader: 'HANDLER',
      },
    ],
    trace: [{ function: 'iommufd_fault_fops_read', depth: 0, returned: '40' }],
  },
  {
    command: {
      type: 'FaultWrite',
      contextId: 1,
      faultId: 4,
      count: 8,
      responses: [{ cookie: 0, code: 0 }],
    },
    errno: 0,
    reply: { bytes: 8 },
    events: [
      {
        type: 'PageResponseWritten',
        contextId: 1,
        faultId: 4,
        iopfGroupId: 12,
        cookie: 0,
        code: 0,
      },
      { type: 'PageResponseSent', deviceNo: 1, iopfGroupId: 12, pasid: 5, grpid: 3, code: 0 },
    ],
    trace: [
      { function: 'iommufd_fault_fops_write', depth: 0, returned: '8' },
      { function: 'iopf_group_response', depth: 1, returned: '0' },
    ],
  },
];

/** What operation `before` is followed by; null begins a machine. */
export function next(before: Operation | null, outcome?: Outcome): Operation {
  const number = (before?.number ?? 0) + 1;
  const made = outcome ?? OUTCOMES[(number - 1) % OUTCOMES.length]!;
  const seqBefore = before?.seq ?? 0;
  return { ...made, number, seqBefore, seq: seqBefore + made.events.length, atMs: AT_MS + number };
}

/** The first `count` operations of a machine. Every fifth one (2, 7, …) is refused and has no events. */
export function operations(count: number): Operation[] {
  const made: Operation[] = [];
  for (let i = 0; i < count; i++) made.push(next(made.at(-1) ?? null));
  return made;
}

export async function fill(log: Log, machineId: string, count: number): Promise<Operation[]> {
  const made = operations(count);
  await log.append(made.map(operation => ({ machineId, operation })));
  return made;
}

/** An outcome that holds these events. */
export function withEvents(events: readonly Event[]): Outcome {
  return { command: { type: 'ContextOpen' }, errno: 0, reply: null, events, trace: [] };
}
