/** Runs traces of the RISC-V IOMMU reference model against the model of that IOMMU in the core. */
import { isDeepStrictEqual } from 'node:util';
import { groupResponsePayload } from '../../core/hardware/riscv/commands.ts';
import { completionPage } from '../../core/hardware/riscv/completion.ts';
import type { DeviceContext } from '../../core/hardware/riscv/contexts.ts';
import type { RiscvFaultRecord } from '../../core/hardware/riscv/fault.ts';
import type { AtsMessage } from '../../core/hardware/riscv/messages.ts';
import {
  clearPageRequestErrors,
  popPageRequest,
  receivePageRequest,
} from '../../core/hardware/riscv/page-request.ts';
import { translate } from '../../core/hardware/riscv/translate.ts';
import type { ConformCounts, Divergence } from './conform-run.ts';
import { RiscvMachine } from './riscv-machine.ts';
import { InputWords, type RiscvSequence } from './riscv-trace.ts';
import { type Json, TraceFormatError } from './trace-format.ts';

const RID_MAX = 0xffff;
const PASID_MAX = 0xf_ffff;
const GSCID_MAX = 0xffff;
const PRG_INDEX_MAX = 511;
const PAGE_REQUESTS_MAX = 65_536;

/** Translations the reference model's IOATC holds: two, the one used last staying. */
export const REFERENCE_IOTLB_ENTRIES = 2;

const STATUS = { SUCCESS: 0, UNSUPPORTED_REQUEST: 1, COMPLETER_ABORT: 4 } as const;

/**
 * Runs one sequence on a fresh machine. `iotlbEntries`: null for a cache that forgets nothing. Errors:
 * TraceFormatError.
 */
export function runRiscvSequence(
  { sequence, steps }: RiscvSequence,
  counts: ConformCounts,
  report: (divergence: Divergence) => void,
  iotlbEntries: number | null = REFERENCE_IOTLB_ENTRIES,
): void {
  const machine = new RiscvMachine(iotlbEntries);
  counts.sequences++;
  for (const [place, [line, expected]] of steps.entries()) {
    counts.operations++;
    const got = answerAt(machine, line, place);
    for (const field of new Set([...Object.keys(expected as object), ...Object.keys(got)])) {
      const wanted = (expected as Readonly<Record<string, Json>>)[field];
      if (isDeepStrictEqual(wanted, got[field])) continue;
      counts.divergences++;
      report({ sequence, place, op: line, field, expected: wanted, got: got[field] });
    }
  }
}

type Answer = Readonly<Record<string, Json>>;

const OK: Answer = { ok: true };

const OPERATIONS: Readonly<Record<string, (machine: RiscvMachine, input: InputWords) => Answer>> = {
  // A sequence begins with it, on a machine that is fresh.
  reset: () => OK,
  pq: enablePageRequests,
  device: addDevice,
  gmap: mapGuest,
  smap: mapFirstStage,
  szap: zapFirstStage,
  vma: invalidate,
  dma: transact,
  pr: requestPage,
  pqpop: popRecord,
  pqclear(machine) {
    clearPageRequestErrors(machine.iommu);
    return OK;
  },
  prgr: respondToGroup,
};

/** Errors: TraceFormatError, which names the step. */
function answerAt(machine: RiscvMachine, line: string, place: number): Answer {
  const input = new InputWords(line);
  try {
    const got = answer(machine, input);
    input.end();
    return got;
  } catch (error) {
    if (!(error instanceof TraceFormatError)) throw error;
    throw new TraceFormatError(`step ${place}: ${error.message}`);
  }
}

function answer(machine: RiscvMachine, input: InputWords): Answer {
  const operation = OPERATIONS[input.operation];
  if (operation === undefined) {
    const known = Object.keys(OPERATIONS).join(', ');
    throw new TraceFormatError(`operation "${input.operation}": expected one of ${known}`);
  }
  return operation(machine, input);
}

function enablePageRequests(machine: RiscvMachine, input: InputWords): Answer {
  const entries = input.number('ENTRIES', PAGE_REQUESTS_MAX);
  if (entries < 2 || !Number.isInteger(Math.log2(entries))) {
    throw new TraceFormatError(`ENTRIES: expected a power of two of at least 2, not ${entries}`);
  }
  machine.enablePageRequests(entries);
  return { rc: 0 };
}

function addDevice(machine: RiscvMachine, input: InputWords): Answer {
  const deviceId = input.number('DID', 0xff_ffff);
  const enAts = input.flag('ATS');
  const enPri = input.flag('PRI');
  const t2gpa = input.flag('T2GPA');
  const prpr = input.flag('PRPR');
  const gscid = input.number('GSCID', GSCID_MAX);
  const iohgatp = { mode: input.iohgatp(), gscid, ppn: 0n };
  const iosatp = { mode: input.iosatp(), ppn: 0n };
  const pdtp = { mode: input.pdtp(), ppn: 0n };
  machine.addDevice(deviceId, {
    enAts,
    enPri,
    t2gpa,
    dtf: false,
    pdtv: pdtp.mode !== 'BARE',
    prpr,
    gade: false,
    sade: false,
    dpe: false,
    iohgatp,
    pscid: 0,
    iosatp,
    pdtp,
    msiPpn: null,
    msiMask: 0n,
    msiPattern: 0n,
  });
  return OK;
}

function deviceOf(machine: RiscvMachine, input: InputWords): DeviceContext {
  const deviceId = input.number('DID', 0xff_ffff);
  const context = machine.devices.get(deviceId);
  if (context === undefined) throw new TraceFormatError(`DID: there is no device ${deviceId}`);
  return context;
}

function mapGuest(machine: RiscvMachine, input: InputWords): Answer {
  const { iohgatp } = deviceOf(machine, input);
  if (iohgatp.mode === 'BARE') throw new TraceFormatError('DID: the device has no second stage');
  const [from, to] = [input.u64('from'), input.u64('to')];
  const permissions = permissionsOf(input);
  const leaf = machine.mapGuest(iohgatp, from, to, permissions, input.number('level', 2));
  return { leaf: hex(leaf) };
}

function mapFirstStage(machine: RiscvMachine, input: InputWords): Answer {
  const context = deviceOf(machine, input);
  const [from, to] = [input.u64('from'), input.u64('to')];
  const permissions = permissionsOf(input);
  const leaf = machine.mapFirstStage(context, from, to, permissions, input.number('level', 2));
  if (leaf === null) throw new TraceFormatError('DID: the device has no first stage');
  return { leaf: hex(leaf) };
}

function permissionsOf(input: InputWords) {
  const perm = input.choice('perm', ['r', 'w', 'rw', 'rx', 'rwx']);
  return { read: perm.includes('r'), write: perm.includes('w') };
}

function zapFirstStage(machine: RiscvMachine, input: InputWords): Answer {
  const context = deviceOf(machine, input);
  return { zapped: machine.zapFirstStage(context, input.u64('va')) ? 1 : 0 };
}

function invalidate(machine: RiscvMachine, input: InputWords): Answer {
  const [byGuest, byAddress, byProcess] = [input.flag('GV'), input.flag('AV'), input.flag('PSCV')];
  const gscid = input.number('GSCID', GSCID_MAX);
  const pscid = input.number('PSCID', PASID_MAX);
  const address = input.u64('addr');
  machine.command({
    kind: 'IOTINVAL_VMA',
    gscid: byGuest ? gscid : null,
    pscid: byProcess ? pscid : null,
    address: byAddress ? address : null,
  });
  return OK;
}

const ADDRESS_TYPES = ['UNTRANSLATED', 'TRANSLATION_REQUEST', 'TRANSLATED'] as const;

function transact(machine: RiscvMachine, input: InputWords): Answer {
  const deviceId = input.number('DID', 0xff_ffff);
  const pasidValid = input.flag('PV');
  const pasid = input.number('PID', PASID_MAX);
  const addressType = ADDRESS_TYPES[input.number('AT', 2)]!;
  const iova = input.u64('iova');
  const write = input.choice('access', ['r', 'w']) === 'w';
  const request = addressType === 'TRANSLATION_REQUEST';
  const completion = translate(machine.iommu, machine.memory, {
    deviceId,
    processId: pasidValid ? pasid : null,
    addressType,
    iova,
    write: write && !request,
    noWrite: !write,
    execute: false,
    privileged: false,
  });
  const faults = faultsOf(machine);
  const status = STATUS[completion.status];
  if (completion.status !== 'SUCCESS') return { status, ppn: '0x0', S: 0, R: 0, W: 0, faults };
  const { ppn, s } = completionPage(completion);
  // Rights are fields of a translation completion alone.
  const { read, write: writable } = completion;
  const [R, W] = request ? [read ? 1 : 0, writable ? 1 : 0] : [0, 0];
  return { status, ppn: hex(ppn), S: s ? 1 : 0, R, W, faults };
}

function requestPage(machine: RiscvMachine, input: InputWords): Answer {
  const { iommu, memory } = machine;
  const { queued, response } = receivePageRequest(iommu, memory, {
    rid: input.number('DID', RID_MAX),
    segment: null,
    pasidValid: input.flag('PV'),
    processId: input.number('PID', PASID_MAX),
    privileged: false,
    execute: false,
    address: input.u64('addr') & ~0xfffn,
    read: input.flag('R'),
    write: input.flag('W'),
    last: input.flag('Last'),
    prgIndex: input.number('PRGI', PRG_INDEX_MAX),
  });
  const { overflow, memoryFault } = iommu.pageRequestQueue;
  return {
    queued,
    pqof: overflow ? 1 : 0,
    pqmf: memoryFault ? 1 : 0,
    ...(response === null ? {} : { message: messageOf(response) }),
    faults: faultsOf(machine),
  };
}

function popRecord({ iommu, memory }: RiscvMachine): Answer {
  const record = popPageRequest(iommu, memory);
  if (record === null) return { empty: true };
  const { deviceId, pasidValid, processId, payload } = record;
  return { did: deviceId, pv: pasidValid ? 1 : 0, pid: processId, payload: hex(payload) };
}

function respondToGroup(machine: RiscvMachine, input: InputWords): Answer {
  const to = {
    rid: input.number('RID', RID_MAX),
    segment: null,
    pasidValid: input.flag('PV'),
    processId: input.number('PID', PASID_MAX),
  };
  const payload = groupResponsePayload(
    input.number('PRGI', PRG_INDEX_MAX),
    input.number('code', 15),
  );
  const [message] = machine.command({ kind: 'ATS_PRGR', ...to, payload });
  return message === undefined ? OK : { ok: true, message: messageOf(message) };
}

function messageOf(message: AtsMessage): Json {
  if (message.kind !== 'GROUP_RESPONSE') return { kind: message.kind };
  const { rid, pasidValid, processId, prgIndex, code } = message;
  return { kind: 'PRGR', rid, pv: pasidValid ? 1 : 0, pid: processId, prgi: prgIndex, code };
}

function faultsOf(machine: RiscvMachine): Json[] {
  return machine.takeFaults().map(faultOf);
}

function faultOf(record: RiscvFaultRecord): Json {
  const { cause, ttyp, deviceId, processId, iotval, iotval2 } = record;
  return {
    cause,
    ttyp,
    did: deviceId,
    pv: processId === null ? 0 : 1,
    pid: processId ?? 0,
    iotval: hex(iotval),
    iotval2: hex(iotval2),
  };
}

const hex = (value: bigint) => `0x${value.toString(16)}`;
