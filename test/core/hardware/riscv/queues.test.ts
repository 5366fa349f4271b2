/** Page-request queue, fault queue, command queue: records, limits, answers, interrupts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  completeInvalidation,
  runCommandQueue,
  timeOutInvalidations,
} from '../../../../src/core/hardware/riscv/command-queue.ts';
import {
  decodeCommand,
  encodeCommand,
  groupResponsePayload,
  type RiscvCommand,
} from '../../../../src/core/hardware/riscv/commands.ts';
import { decodeFaultRecord, encodeFaultRecord } from '../../../../src/core/hardware/riscv/fault.ts';
import type { PageRequestMessage } from '../../../../src/core/hardware/riscv/messages.ts';
import {
  clearPageRequestErrors,
  popPageRequest,
  receivePageRequest,
} from '../../../../src/core/hardware/riscv/page-request.ts';
import { enableQueue } from '../../../../src/core/hardware/riscv/state.ts';
import {
  COMMANDS_AT,
  DEVICE_ID,
  mapSv39,
  PLAIN_DEVICE,
  pte,
  REQUESTS_AT,
  RWXU,
  testIommu,
} from './iommu.ts';

const REQUEST: PageRequestMessage = {
  rid: DEVICE_ID,
  segment: null,
  pasidValid: false,
  processId: 0,
  privileged: false,
  execute: false,
  read: true,
  write: false,
  last: false,
  prgIndex: 1,
  address: 0x4000_5000n,
};

describe('page requests', () => {
  const setUp = (device = {}) => {
    const machine = testIommu(device);
    const send = (more: Partial<PageRequestMessage> = {}) => {
      const { queued, response } = receivePageRequest(machine.iommu, machine.memory, {
        ...REQUEST,
        ...more,
      });
      return queued ? 'queued' : (response?.code ?? 'dropped');
    };
    return { ...machine, send };
  };

  test('a queue of 4 with overflow, step by step', () => {
    const { iommu, memory, send } = setUp({ prpr: true });
    const STOP_MARKER = { pasidValid: true, processId: 3, last: true, read: false, write: false };
    expect([send(), send(), send()]).toEqual(['queued', 'queued', 'queued']);
    expect(iommu.pageRequestQueue.overflow).toBe(false);
    expect(send()).toBe('dropped');
    expect(iommu.pageRequestQueue.overflow).toBe(true);
    expect(send({ last: true })).toBe(0);
    expect(send(STOP_MARKER)).toBe('dropped');
    expect(popPageRequest(iommu, memory)?.payload).toBe(0x4000_5009n);
    expect(send({ last: true })).toBe(0);
    clearPageRequestErrors(iommu);
    expect(send({ last: true })).toBe('queued');
    expect(send({ last: true })).toBe(0);
  });

  test.each([
    ['mode Off', (machine: ReturnType<typeof setUp>) => (machine.iommu.ddtMode = 'OFF'), 15, 256],
    ['mode Bare', machine => (machine.iommu.ddtMode = 'BARE'), 1, 260],
    ['no PRI', machine => machine.setDevice({ enPri: false }), 1, 260],
    ['misconfigured', machine => machine.setDevice({ dpe: true }), 15, 259],
    ['queue off', machine => (machine.iommu.pageRequestQueue.on = false), 15, null],
    ['queue broken', machine => (machine.iommu.pageRequestQueue.memoryFault = true), 15, null],
  ] as readonly (readonly [
    string,
    (machine: ReturnType<typeof setUp>) => unknown,
    number,
    number | null,
  ])[])('%s', (_what, change, code, cause) => {
    const machine = setUp();
    change(machine);
    expect(machine.send()).toBe('dropped');
    const faults = machine.faults();
    expect(faults.map(fault => fault.cause)).toEqual(cause === null ? [] : [cause]);
    for (const { ttyp, iotval } of faults) expect([ttyp, iotval]).toEqual([9, 4n]);
    expect(machine.send({ last: true })).toBe(code);
  });

  test('a device_id too wide, and one without context', () => {
    const { send } = setUp();
    expect(send({ rid: 64, last: true })).toBe(1);
    expect(send({ rid: 6, last: true })).toBe(15);
  });

  test('whether an answer has the PASID', () => {
    const pasid = { pasidValid: true, processId: 77, last: true };
    const answers = (device: object, change: (machine: ReturnType<typeof testIommu>) => void) => {
      const machine = testIommu(device);
      change(machine);
      const request = { ...REQUEST, ...pasid };
      const { response } = receivePageRequest(machine.iommu, machine.memory, request);
      return [response?.code, response?.pasidValid, response?.processId];
    };
    const full = ({ iommu }: ReturnType<typeof testIommu>) => {
      iommu.pageRequestQueue.overflow = true;
    };
    const off = ({ iommu }: ReturnType<typeof testIommu>) => {
      iommu.pageRequestQueue.on = false;
    };
    expect(answers({ prpr: true }, full)).toEqual([0, true, 77]);
    expect(answers({ prpr: false }, full)).toEqual([0, false, 0]);
    expect(answers({ prpr: false }, off)).toEqual([15, true, 77]);
  });

  test('a record holds what was asked; without PASID neither privilege nor execute', () => {
    const { iommu, memory, send } = setUp();
    send({ pasidValid: true, processId: 0xabcde, privileged: true, execute: true, write: true });
    send({ privileged: true, execute: true, last: true, prgIndex: 511 });
    expect(popPageRequest(iommu, memory)).toEqual({
      deviceId: DEVICE_ID,
      pasidValid: true,
      processId: 0xabcde,
      privileged: true,
      execute: true,
      payload: 0x4000_500bn,
    });
    expect(popPageRequest(iommu, memory)).toMatchObject({
      pasidValid: false,
      privileged: false,
      execute: false,
      payload: 0x4000_5000n | (511n << 3n) | 5n,
    });
    expect(popPageRequest(iommu, memory)).toBeNull();
  });

  test('memory that refuses the record breaks the queue until software clears it', () => {
    const { iommu, memory, send } = setUp();
    memory.faults.set(REQUESTS_AT << 12n, 'ACCESS_FAULT');
    expect(send({ last: true })).toBe(15);
    expect(iommu.pageRequestQueue.memoryFault).toBe(true);
    memory.faults.clear();
    expect(send({ last: true })).toBe(15);
    clearPageRequestErrors(iommu);
    expect(send({ last: true })).toBe('queued');
  });

  test('interrupts: a record, an overflow; none where they are off', () => {
    const { iommu, send } = setUp();
    send();
    expect(iommu.pending.PAGE_REQUEST_QUEUE).toBe(true);
    send();
    send();
    iommu.pending.PAGE_REQUEST_QUEUE = false;
    send();
    expect(iommu.pending.PAGE_REQUEST_QUEUE).toBe(true);
    iommu.pending.PAGE_REQUEST_QUEUE = false;
    send();
    expect(iommu.pending.PAGE_REQUEST_QUEUE).toBe(false);
    clearPageRequestErrors(iommu);
    iommu.pageRequestQueue.interruptEnabled = false;
    send();
    expect(iommu.pageRequestQueue.overflow).toBe(true);
    expect(iommu.pending.PAGE_REQUEST_QUEUE).toBe(false);
  });
});

describe('the fault queue', () => {
  test('holds one record less than it has room for, then overflows until cleared', () => {
    const { iommu, access, faults } = testIommu();
    for (let time = 0; time < 9; time++) access(0x5000n);
    expect(iommu.faultQueue.overflow).toBe(true);
    expect(iommu.pending.FAULT_QUEUE).toBe(true);
    expect(faults()).toHaveLength(7);
    access(0x5000n);
    expect(faults()).toEqual([]);
    iommu.faultQueue.overflow = false;
    access(0x5000n);
    expect(faults()).toHaveLength(1);
    iommu.faultQueue.on = false;
    access(0x5000n);
    expect(faults()).toEqual([]);
  });

  test('a record comes back from its words', () => {
    const record = {
      cause: 0xfff,
      ttyp: 0x3f,
      deviceId: 0xff_ffff,
      processId: 0xf_ffff,
      privileged: true,
      iotval: (1n << 64n) - 1n,
      iotval2: 5n,
    };
    expect(decodeFaultRecord(encodeFaultRecord(record))).toEqual(record);
    const without = { ...record, processId: null, privileged: false };
    expect(decodeFaultRecord(encodeFaultRecord(without))).toEqual(without);
  });

  test('memory that refuses a record stops the reports', () => {
    const { iommu, memory, access, faults } = testIommu();
    memory.faults.set(0x20_000n, 'ACCESS_FAULT');
    access(0x5000n);
    expect(iommu.faultQueue.memoryFault).toBe(true);
    memory.faults.clear();
    access(0x5000n);
    expect(faults()).toEqual([]);
  });
});

describe('commands', () => {
  const setUp = (device = {}, options = {}) => {
    const machine = testIommu(device, options);
    const { iommu, put, memory } = machine;
    const queue = iommu.commandQueue;
    const push = (...words: readonly bigint[]) => {
      put((COMMANDS_AT << 12n) + BigInt(queue.tail * 16), ...words);
      queue.tail = (queue.tail + 1) % queue.entries;
    };
    const run = (...commands: RiscvCommand[]) => {
      for (const command of commands) push(...encodeCommand(command));
      return runCommandQueue(iommu, memory);
    };
    return { ...machine, queue, push, run };
  };
  const FENCE: RiscvCommand = {
    kind: 'IOFENCE_C',
    previousReads: true,
    previousWrites: true,
    address: null,
    data: 0,
    wiredInterrupt: false,
  };
  const INVAL: RiscvCommand = {
    kind: 'ATS_INVAL',
    rid: DEVICE_ID,
    segment: null,
    pasidValid: false,
    processId: 0,
    payload: 0x5000n,
  };

  const u = (bits: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });
  const n = (bits: number) => fc.nat({ max: 2 ** bits - 1 });
  const page = u(52).map(number => number << 12n);
  const command: fc.Arbitrary<RiscvCommand> = fc.oneof(
    fc.record({
      kind: fc.constant('IOTINVAL_VMA' as const),
      gscid: fc.option(n(16)),
      pscid: fc.option(n(20)),
      address: fc.option(page),
    }),
    fc.record({
      kind: fc.constant('IOTINVAL_GVMA' as const),
      gscid: fc.option(n(16)),
      pscid: fc.constant(null),
      address: fc.option(page),
    }),
    fc.record({
      kind: fc.constant('IOFENCE_C' as const),
      previousReads: fc.boolean(),
      previousWrites: fc.boolean(),
      address: fc.option(u(62).map(number => number << 2n)),
      data: n(31),
      wiredInterrupt: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('IODIR_INVAL_DDT' as const), deviceId: fc.option(n(24)) }),
    fc.record({
      kind: fc.constant('IODIR_INVAL_PDT' as const),
      deviceId: n(24),
      processId: n(20),
    }),
    fc.record({
      kind: fc.constantFrom('ATS_INVAL' as const, 'ATS_PRGR' as const),
      rid: n(16),
      segment: fc.option(n(8)),
      pasidValid: fc.boolean(),
      processId: n(20),
      payload: u(64),
    }),
  );

  test('come back from their words', () => {
    fc.assert(
      fc.property(command, wanted => {
        expect(decodeCommand(...encodeCommand(wanted))).toEqual(wanted);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ['opcode 0', 0n, 0n],
    ['opcode 5', 5n, 0n],
    ['IOTINVAL func3 2', 1n | (2n << 7n), 0n],
    ['IOTINVAL bit 11', 1n | (1n << 11n), 0n],
    ['GVMA with PSCV', 1n | (1n << 7n) | (1n << 32n), 0n],
    ['IOFENCE func3 1', 2n | (1n << 7n), 0n],
    ['IOFENCE bit 14', 2n | (1n << 14n), 0n],
    ['INVAL_DDT with PID', 3n | (1n << 12n), 0n],
    ['INVAL_PDT without DV', 3n | (1n << 7n), 0n],
    ['ATS func3 2', 4n | (2n << 7n), 0n],
    ['a wired interrupt with MSIs', 2n | (1n << 11n), 0n],
  ])('illegal: %s', (_what, first, second) => {
    const { queue, push, run, iommu } = setUp();
    push(first, second);
    expect(run()).toEqual([]);
    expect(queue).toMatchObject({ illegal: true, head: 0 });
    expect(iommu.pending.COMMAND_QUEUE).toBe(true);
    run(FENCE);
    expect(queue.head).toBe(0);
  });

  test('an index of a device wider than the directory is illegal', () => {
    const { run, queue } = setUp();
    run({ kind: 'IODIR_INVAL_DDT', deviceId: 64 });
    expect(queue.illegal).toBe(true);
  });

  test('IOTINVAL.VMA: what goes and what stays', () => {
    const { put, outcome, run, iommu, setDevice } = setUp();
    const vma = (gscid: number | null, pscid: number | null, address: bigint | null) =>
      run({ kind: 'IOTINVAL_VMA', gscid, pscid, address });
    mapSv39(put, 0x5000n, pte(0x7000n, RWXU));
    mapSv39(put, 0x6000n, pte(0x8000n, RWXU));
    const cached = () => [...iommu.iotlb].map(({ tag, page: number }) => `${tag} ${number}`);
    const fill = () => [outcome(0x5000n), outcome(0x6000n)];
    fill();
    expect(cached()).toEqual(['-/9 5', '-/9 6']);
    vma(1, null, null);
    vma(null, 8, null);
    vma(null, 9, 0x7000n);
    expect(cached()).toHaveLength(2);
    vma(null, 9, 0x5fffn & ~0xfffn);
    expect(cached()).toEqual(['-/9 6']);
    vma(null, null, null);
    expect(cached()).toEqual([]);
    fill();
    setDevice({ ...PLAIN_DEVICE, pscid: 8 });
    fill();
    expect(cached()).toHaveLength(2);
    run({ kind: 'IODIR_INVAL_DDT', deviceId: DEVICE_ID });
    fill();
    expect(cached()).toEqual(['-/9 5', '-/9 6', '-/8 5', '-/8 6']);
    vma(null, 8, null);
    expect(cached()).toEqual(['-/9 5', '-/9 6']);
  });

  test('global translations stay unless the address space is not named', () => {
    const { put, outcome, run, iommu } = setUp();
    const V = 1n;
    const G = 32n;
    mapSv39(put, 0x5000n, pte(0x7000n, RWXU | G));
    put(0x100000n, pte(0x101000n, V | G));
    put(0x101000n, pte(0x102000n, V | G));
    outcome(0x5000n);
    run({ kind: 'IOTINVAL_VMA', gscid: null, pscid: 9, address: null });
    expect(iommu.iotlb.size).toBe(1);
    run({ kind: 'IOTINVAL_VMA', gscid: null, pscid: null, address: 0x5000n });
    expect(iommu.iotlb.size).toBe(0);
  });

  test('IOTINVAL.GVMA takes all of both stages, and guest addresses by the page', () => {
    const { run, iommu } = setUp();
    const entry = (tag: string, number: number) =>
      iommu.iotlb.fill({
        tag,
        page: number,
        log2Pages: 0,
        target: 0n,
        guest: 0n,
        read: true,
        write: true,
        execute: true,
        user: true,
        global: false,
        dirty: true,
        guestRead: true,
        guestWrite: true,
        guestExecute: true,
        guestDirty: true,
        memoryType: 0,
        msi: false,
      });
    for (const tag of ['3/9', '3/-', '4/9', '-/9']) entry(tag, 5);
    entry('3/-', 6);
    const cached = () => [...iommu.iotlb].map(({ tag, page: number }) => `${tag} ${number}`);
    run({ kind: 'IOTINVAL_GVMA', gscid: 3, pscid: null, address: 0x6000n });
    expect(cached()).toEqual(['3/- 5', '4/9 5', '-/9 5']);
    run({ kind: 'IOTINVAL_GVMA', gscid: null, pscid: null, address: null });
    expect(cached()).toEqual(['-/9 5']);
  });

  test('process contexts go with INVAL_PDT one by one, and with their device', () => {
    const { run, iommu } = setUp();
    const context = { ens: false, sum: false, pscid: 1, iosatp: PLAIN_DEVICE.iosatp };
    for (const key of ['5/1', '5/2', '55/1']) iommu.processContexts.set(key, context);
    run({ kind: 'IODIR_INVAL_PDT', deviceId: 5, processId: 1 });
    expect([...iommu.processContexts.keys()]).toEqual(['5/2', '55/1']);
    run({ kind: 'IODIR_INVAL_DDT', deviceId: 5 });
    expect([...iommu.processContexts.keys()]).toEqual(['55/1']);
    run({ kind: 'IODIR_INVAL_DDT', deviceId: null });
    expect(iommu.processContexts.size).toBe(0);
  });

  test('ATS.PRGR sends the group response', () => {
    const { run } = setUp();
    const payload = groupResponsePayload(511, 15);
    const to = { rid: 9, segment: 2, pasidValid: true, processId: 3 };
    expect(run({ kind: 'ATS_PRGR', ...to, payload })).toEqual([
      { kind: 'GROUP_RESPONSE', ...to, prgIndex: 511, code: 15 },
    ]);
  });

  test('invalidations: two ITags, a third waits, a fence waits for all', () => {
    const { run, iommu, queue } = setUp();
    const sent = run(INVAL, INVAL, INVAL, FENCE);
    expect(sent.map(message => 'itag' in message && message.itag)).toEqual([0, 1]);
    expect(queue.head).toBe(2);
    expect(completeInvalidation(iommu, { rid: 9, segment: null, itagVector: 1, count: 1 })).toBe(
      false,
    );
    const done = { rid: DEVICE_ID, segment: null, itagVector: 2, count: 1 };
    expect(completeInvalidation(iommu, done)).toBe(true);
    expect(run().map(message => 'itag' in message && message.itag)).toEqual([1]);
    expect(queue.head).toBe(3);
    expect(completeInvalidation(iommu, done)).toBe(true);
    expect(completeInvalidation(iommu, done)).toBe(false);
    run();
    expect(queue.head).toBe(3);
    expect(completeInvalidation(iommu, { ...done, itagVector: 1, count: 2 })).toBe(true);
    expect(run()).toEqual([]);
    expect(queue.head).toBe(3);
    expect(completeInvalidation(iommu, { ...done, itagVector: 1, count: 2 })).toBe(true);
    run();
    expect(queue.head).toBe(4);
  });

  test('a time that runs out is said by the next fence, which stays the head', () => {
    const { run, iommu, queue } = setUp();
    run(INVAL, FENCE);
    timeOutInvalidations(iommu, 1);
    run();
    expect(queue).toMatchObject({ head: 1, timedOut: true });
    expect(iommu.pending.COMMAND_QUEUE).toBe(true);
    run(FENCE);
    expect(queue.head).toBe(1);
    queue.timedOut = false;
    run();
    expect(queue.head).toBe(3);
  });

  test('a fence writes its 4 bytes, and may interrupt by wire', () => {
    const { run, memory, put, queue } = setUp({}, { wiredInterrupts: true });
    put(0x9000n, 0x1111_1111_2222_2222n);
    run({ ...FENCE, address: 0x9004n, data: 0xdeadbeef, wiredInterrupt: true });
    expect(memory.words.get(0x9000n)).toBe(0xdead_beef_2222_2222n);
    run({ ...FENCE, address: 0x9000n, data: 7 });
    expect(memory.words.get(0x9000n)).toBe(0xdead_beef_0000_0007n);
    expect(queue.fenceInterrupt).toBe(true);
    memory.faults.set(0x9000n, 'ACCESS_FAULT');
    run({ ...FENCE, address: 0x9000n, data: 7 });
    expect(queue).toMatchObject({ memoryFault: true, head: 2 });
  });

  test('a command that cannot be read stops the queue', () => {
    const { run, memory, queue } = setUp();
    memory.faults.set(COMMANDS_AT << 12n, 'DATA_CORRUPTION');
    run(FENCE);
    expect(queue).toMatchObject({ memoryFault: true, head: 0 });
  });

  test('a queue has a power of two of entries', () => {
    const { iommu } = setUp();
    expect(() => enableQueue(iommu.pageRequestQueue, 1n, 3)).toThrow('power of two');
    expect(() => enableQueue(iommu.pageRequestQueue, 1n, 1)).toThrow('power of two');
  });
});
