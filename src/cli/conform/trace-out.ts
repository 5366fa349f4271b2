/** What a trace would show of an outcome. */
import { HAZARDS, type HazardName } from '../../abi/hazards.ts';
import {
  HW_INFO_SELFTEST_SIZE,
  IOMMU_VFIO_IOAS_GET,
  MOCK_ACCESS_RW_WRITE,
} from '../../abi/uapi.ts';
import type { PageRequestReply } from '../../core/iommu/page-request-reply.ts';
import type {
  AnyReply,
  Command,
  CommandOf,
  CommandType,
  ReplyOf,
} from '../../core/machine/command.ts';
import type { Event } from '../../core/machine/event.ts';
import type { Outcome } from '../../core/machine/operation.ts';
import type { IovaRange } from '../../core/memory/iova-range.ts';
import { CLOSED, type Fields, type TraceNames } from './trace-format.ts';

/** Learns what later operations refer to by number. */
export function learnNames(names: TraceNames, outcome: Outcome): void {
  for (const event of outcome.events) {
    if (event.type === 'FaultQueueAllocated') names.faultIds.push(event.faultId);
    if (event.type === 'FaultFileClosed') {
      names.faultIds[names.faultIds.lastIndexOf(event.faultId)] = CLOSED;
    }
    if (event.type === 'AccessCreated') names.accessIds.push(event.accessId);
    if (event.type === 'ObjectDestroyed' && event.objectType === 'ACCESS') {
      names.accessIds[names.accessIds.lastIndexOf(event.id)] = CLOSED;
    }
    if (event.type === 'MockDeviceAdded') names.mockDevs.set(event.deviceNo, event.mockDev);
  }
}

const PGFAULT_FIELDS = ['flags', 'devId', 'pasid', 'grpid', 'perm', 'addr', 'length', 'cookie'];

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** The outputs of an operation that succeeded; left out: none. */
const OUTPUTS: {
  readonly [T in CommandType]?: (reply: ReplyOf[T], command: CommandOf<T>) => Fields;
} = {
  IoasAlloc: reply => ({ iommuIoasId: reply.outIoasId }),
  HwptAlloc: reply => ({ hwptId: reply.outHwptId }),
  FaultQueueAlloc: reply => ({ faultId: reply.outFaultId }),
  GetHwInfo: hwInfoOut,
  FaultRead: ({ bytes, faults }) => {
    const messages = faults.map(fault => ({ ...fault, addr: hex(fault.addr) }) as Fields);
    return { bytes, faults: messages.map(message => pick(message, PGFAULT_FIELDS)) };
  },
  FaultWrite: reply => ({ bytes: reply.bytes }),
  FaultPoll: reply => ({ ...reply }),
  TestMockDomain: ({ outStdevId, outHwptId, outIdevId }) => ({
    stdevId: outStdevId,
    hwptId: outHwptId,
    idevId: outIdevId,
  }),
  IoasMap: reply => ({ iova: hex(reply.iova) }),
  IoasCopy: reply => ({ dstIova: hex(reply.dstIova) }),
  IoasUnmap: reply => ({ length: hex(reply.length) }),
  Option: reply => ({ val64: hex(reply.val64) }),
  VfioIoas: ({ ioasId }, { op }) => (op === IOMMU_VFIO_IOAS_GET ? { ioasId } : {}),
  HwptGetDirtyBitmap: ({ dirtyPages }) => ({
    bitmap: hex(word(dirtyPages, 0n)),
    bitmapHigh: hex(word(dirtyPages, 64n)),
  }),
  TestDirty: reply => ({ nrDirty: hex(reply.outNrDirty) }),
  TestAccessPages: reply => ({ itemId: reply.outItemId }),
  TestAccessRw: ({ data }, { flags }) => ((flags & MOCK_ACCESS_RW_WRITE) !== 0 ? {} : { data }),
  TestMockDomainReplace: reply => ({ ptId: reply.ptId }),
  TestPasidAttach: reply => ({ ptId: reply.ptId }),
  TestPasidReplace: reply => ({ ptId: reply.ptId }),
  HwptInvalidate: ({ entryNum }) => ({ entryNum }),
  IoasIovaRanges: ({ numIovas, outIovaAlignment, allowedIovas }) => ({
    numIovas,
    iovaAlignment: hex(outIovaAlignment),
    allowedIovas: allowedIovas.map(({ start, last }) => [hex(start), hex(last)]),
  }),
};

/** Operations that write back also when they fail. */
const WRITES_BACK: readonly CommandType[] = ['HwptInvalidate', 'IoasIovaRanges'];

/** What the trace shows as `out`. */
export function traceOut({ command, errno, reply }: Outcome): Fields {
  if (reply === null || (errno !== 0 && !WRITES_BACK.includes(command.type))) return {};
  const output = OUTPUTS[command.type] as
    | ((reply: AnyReply, command: Command) => Fields)
    | undefined;
  return output?.(reply, command) ?? {};
}

/** 64 bits of a bitmap, from bit `from` on. */
function word(ranges: readonly IovaRange[], from: bigint): bigint {
  let bits = 0n;
  for (let bit = 0n; bit < 64n; bit++) {
    const page = from + bit;
    if (ranges.some(({ start, last }) => start <= page && page <= last)) bits |= 1n << bit;
  }
  return bits;
}

function pick(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.map(name => [name, fields[name]!]));
}

/** struct iommu_test_hw_info {flags, test_reg} of a mock device, shown if all of it was asked for. */
function hwInfoOut(reply: ReplyOf['GetHwInfo'], command: CommandOf<'GetHwInfo'>): Fields {
  const bytes = Uint8Array.from(reply.data.match(/../g) ?? [], byte => Number.parseInt(byte, 16));
  const view = new DataView(bytes.buffer);
  const whole = bytes.length >= HW_INFO_SELFTEST_SIZE;
  return {
    dataType: reply.outDataType,
    dataLen: reply.dataLen,
    capabilities: hex(reply.outCapabilities),
    // Only recordings that ask for a type show it.
    ...(command.inDataType === undefined ? {} : { maxPasidLog2: reply.outMaxPasidLog2 }),
    ...(whole ? { flags: view.getUint32(0, true), testReg: view.getUint32(4, true) } : {}),
  };
}

/** What the trace shows as `hw`: seen at the IOMMU driver or in the kernel log, in order. */
export function traceHw(outcome: Outcome, names: TraceNames): readonly Fields[] {
  const hw: Fields[] = [];
  const mockDev = (deviceNo: number) => names.mockDevs.get(deviceNo)!;
  let reporter: number | null = null;
  for (const event of outcome.events) {
    const entry = hardwareEntry(event, mockDev);
    if (entry !== null) hw.push(entry);
    if (event.type === 'PageRequestReported') reporter = mockDev(event.deviceNo);
  }
  if (reporter !== null) {
    const { reportErrno } = outcome.reply as PageRequestReply;
    hw.push({ report: { mockDev: reporter, errno: String(reportErrno) } });
  }
  return hw;
}

/** Of the hazards the kernel log shows warnings, and KASAN uses of freed memory. */
function hazardEntry(name: HazardName, kernelFunction: string): Fields | null {
  switch (HAZARDS[name].kind) {
    case 'WARNING':
      return { warning: kernelFunction };
    case 'USE_AFTER_FREE':
      return { useAfterFree: kernelFunction };
    default:
      return null;
  }
}

function hardwareEntry(event: Event, mockDev: (deviceNo: number) => number): Fields | null {
  switch (event.type) {
    case 'PageResponseSent': {
      const { grpid, pasid, code } = event;
      return { pageResponse: { mockDev: mockDev(event.deviceNo), grpid, pasid, code } };
    }
    case 'IopfFeatureEnabled':
    case 'IopfFeatureDisabled': {
      const enabled = event.type === 'IopfFeatureEnabled';
      return { iopfFeature: { mockDev: mockDev(event.deviceNo), enabled } };
    }
    case 'HazardRecorded':
      return hazardEntry(event.name, event.function);
    default:
      return null;
  }
}
