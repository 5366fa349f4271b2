/** Operations as a fault handler makes them, without a machine behind them: for the log alone. */
import type { Operation, Outcome } from '../../src/core/machine/operation.ts';

/** Page requests, reads and responses by turns. */
export function makeOperations(count: number): Operation[] {
  const operations: Operation[] = [];
  let seq = 0;
  for (let number = 1; number <= count; number++) {
    const outcome = makeOutcome(number);
    const seqBefore = seq;
    seq += outcome.events.length;
    operations.push({ ...outcome, number, seqBefore, seq, atMs: 1_767_225_600_000 + number });
  }
  return operations;
}

function makeOutcome(number: number): Outcome {
  const group = Math.floor(number / 3);
  const inQueue = { contextId: 1, faultId: 4, iopfGroupId: group };
  const addr = 0x7f00_0000_0000n + BigInt(group) * 4096n;
  const request = { flags: 3, pasid: 5, grpid: group % 512, perm: 3, addr };
  if (number % 3 === 0) {
    return {
      command: {
        type: 'PageRequestSend',
        bdf: '0000:01:00.0',
        pasid: 5,
        grpid: group % 512,
        perm: 3,
        addr,
        lastPage: true,
      },
      errno: 0,
      reply: { outcome: 'REPORTED', reportErrno: 0, iopfGroupId: group },
      events: [
        { type: 'PageRequestReported', deviceNo: 1, request },
        {
          type: 'IopfGroupQueued',
          ...inQueue,
          attachHandleId: 2,
          deviceNo: 1,
          deviceId: 3,
          requests: [request],
        },
      ],
      trace: [
        { function: 'iommu_report_device_fault', depth: 0, returned: '0' },
        { function: 'iopf_group_alloc', depth: 1, returned: String(group) },
        { function: 'iommufd_fault_iopf_handler', depth: 1, returned: '0' },
      ],
    };
  }
  if (number % 3 === 1) {
    return {
      command: { type: 'FaultRead', contextId: 1, faultId: 4, count: 4096, reader: 'HANDLER' },
      errno: 0,
      reply: { bytes: 40, faults: [{ ...request, devId: 3, length: 0, cookie: 0 }] },
      events: [{ type: 'IopfGroupRead', ...inQueue, cookie: 0, reader: 'HANDLER' }],
      trace: [{ function: 'iommufd_fault_fops_read', depth: 0, returned: '40' }],
    };
  }
  return {
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
      { type: 'PageResponseWritten', ...inQueue, cookie: 0, code: 0 },
      {
        type: 'PageResponseSent',
        deviceNo: 1,
        iopfGroupId: group,
        pasid: 5,
        grpid: group % 512,
        code: 0,
      },
    ],
    trace: [
      { function: 'iommufd_fault_fops_write', depth: 0, returned: '8' },
      { function: 'iopf_group_response', depth: 1, returned: '0' },
    ],
  };
}
