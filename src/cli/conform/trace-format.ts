/**
 * The kernel traces' format (test/traces/README.md): an operation of a trace becomes a command, an
 * outcome becomes what a trace would show.
 */
import { HAZARDS, type HazardName } from '../../abi/hazards.ts';
import {
  ALLOWED_IOVAS_MAX,
  INVALIDATE_ENTRIES_MAX,
  READ_BYTES_MAX,
  RESPONSES_PER_WRITE_MAX,
} from '../../abi/limits.ts';
import {
  HW_INFO_SELFTEST_SIZE,
  IOMMU_VFIO_IOAS_GET,
  MOCK_ACCESS_RW_WRITE,
  U32_MAX,
} from '../../abi/uapi.ts';
import type { PageRequestReply } from '../../core/iommu/page-request-reply.ts';
import type { Command, ReplyOf } from '../../core/machine/command.ts';
import type { Event } from '../../core/machine/event.ts';
import type { Outcome } from '../../core/machine/operation.ts';
import type { IovaRange } from '../../core/memory/iova-range.ts';

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };
type Fields = Readonly<Record<string, Json>>;

export interface TraceOperation {
  readonly op: string;
  readonly in: Fields;
  readonly errno: string;
  /** null: undefined, because the kernel touched freed memory. */
  readonly out: Fields | null;
  readonly hw?: readonly Fields[];
}

export interface TraceSequence {
  readonly profile?: string;
  readonly name?: string;
  readonly index?: number;
  readonly ops: readonly TraceOperation[];
}

/** What a trace refers to by number: fault queues in order of creation, mock devices by number. */
export interface TraceNames {
  readonly contextId: number;
  /** Fault ids in order of successful creation; CLOSED once the file is closed. */
  readonly faultIds: number[];
  /** Access ids in order of successful creation; CLOSED once the file is closed. */
  readonly accessIds: number[];
  /** Numbers of mock devices by deviceNo, which is never reused. */
  readonly mockDevs: Map<number, number>;
}

/** Stands for a fault queue whose file is closed or was never made: object id 0 exists nowhere. */
export const CLOSED = 0;

const HEX_U64 = /^0x[0-9a-f]{1,16}$/i;
const PGFAULT_FIELDS = ['flags', 'devId', 'pasid', 'grpid', 'perm', 'addr', 'length', 'cookie'];

/** The bounds are those of the GraphQL schema, so that both entrances take the same traces. */
function int(fields: Fields, name: string, max = U32_MAX): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > max) {
    const form = `a whole number from 0 to ${max}`;
    throw new TraceFormatError(`"${name}" must be ${form}, not ${JSON.stringify(value)}`);
  }
  return value;
}

function u64(fields: Fields, name: string): bigint {
  const value = fields[name];
  if (typeof value !== 'string' || !HEX_U64.test(value)) {
    throw new TraceFormatError(`"${name}" must be a hex string, not ${JSON.stringify(value)}`);
  }
  return BigInt(value);
}

function list(fields: Fields, name: string, lengthMax: number): readonly Fields[] {
  const value = fields[name];
  if (!Array.isArray(value) || value.length > lengthMax || !value.every(isObject)) {
    throw new TraceFormatError(`"${name}" must be a list of at most ${lengthMax} objects`);
  }
  return value;
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A trace that is not in the format. */
export class TraceFormatError extends Error {}

function faultId(fields: Fields, names: TraceNames): number {
  return names.faultIds[int(fields, 'faultQueue')] ?? CLOSED;
}

function accessId(fields: Fields, names: TraceNames): number {
  return names.accessIds[int(fields, 'access')] ?? CLOSED;
}

type ToCommand = (input: Fields, names: TraceNames) => Command;

const COMMANDS: Readonly<Record<string, ToCommand>> = {
  ioasAlloc: (input, { contextId }) => ({
    type: 'IoasAlloc',
    contextId,
    flags: int(input, 'flags'),
  }),
  hwptAlloc: (input, { contextId }) => ({
    type: 'HwptAlloc',
    contextId,
    flags: int(input, 'flags'),
    devId: int(input, 'devId'),
    ptId: int(input, 'ptId'),
    dataType: int(input, 'dataType'),
    dataLen: int(input, 'dataLen'),
    userData: int(input, 'dataLen') === 0 ? null : { kind: 'SELFTEST', iotlb: int(input, 'iotlb') },
    faultId: int(input, 'faultId'),
  }),
  hwptInvalidate: (input, { contextId }) => ({
    type: 'HwptInvalidate',
    contextId,
    hwptId: int(input, 'hwptId'),
    dataType: int(input, 'dataType'),
    entryLen: int(input, 'entryLen'),
    entries: list(input, 'entries', INVALIDATE_ENTRIES_MAX).map(entry => ({
      flags: int(entry, 'flags'),
      iotlbId: int(entry, 'iotlbId'),
    })),
  }),
  getHwInfo: (input, { contextId }) => ({
    type: 'GetHwInfo',
    contextId,
    flags: int(input, 'flags'),
    devId: int(input, 'devId'),
    dataLen: int(input, 'dataLen'),
  }),
  destroy: (input, { contextId }) => ({ type: 'Destroy', contextId, id: int(input, 'id') }),
  ioasMap: (input, { contextId }) => ({
    type: 'IoasMap',
    contextId,
    ioasId: int(input, 'ioasId'),
    flags: int(input, 'flags'),
    userVa: u64(input, 'userVa'),
    length: u64(input, 'length'),
    iova: u64(input, 'iova'),
  }),
  ioasCopy: (input, { contextId }) => ({
    type: 'IoasCopy',
    contextId,
    flags: int(input, 'flags'),
    dstIoasId: int(input, 'dstIoasId'),
    srcIoasId: int(input, 'srcIoasId'),
    length: u64(input, 'length'),
    dstIova: u64(input, 'dstIova'),
    srcIova: u64(input, 'srcIova'),
  }),
  ioasUnmap: (input, { contextId }) => ({
    type: 'IoasUnmap',
    contextId,
    ioasId: int(input, 'ioasId'),
    iova: u64(input, 'iova'),
    length: u64(input, 'length'),
  }),
  ioasIovaRanges: (input, { contextId }) => ({
    type: 'IoasIovaRanges',
    contextId,
    ioasId: int(input, 'ioasId'),
    numIovas: int(input, 'numIovas'),
  }),
  ioasAllowIovas: (input, { contextId }) => ({
    type: 'IoasAllowIovas',
    contextId,
    ioasId: int(input, 'ioasId'),
    allowedIovas: rangesIn(input['allowedIovas']),
  }),
  option: (input, { contextId }) => ({
    type: 'Option',
    contextId,
    optionId: int(input, 'optionId'),
    op: int(input, 'optionOp'),
    objectId: int(input, 'objectId'),
    val64: u64(input, 'val64'),
  }),
  vfioIoas: (input, { contextId }) => ({
    type: 'VfioIoas',
    contextId,
    ioasId: int(input, 'ioasId'),
    op: int(input, 'vfioOp'),
  }),
  hwptSetDirtyTracking: (input, { contextId }) => ({
    type: 'HwptSetDirtyTracking',
    contextId,
    hwptId: int(input, 'hwptId'),
    flags: int(input, 'flags'),
  }),
  hwptGetDirtyBitmap: (input, { contextId }) => ({
    type: 'HwptGetDirtyBitmap',
    contextId,
    hwptId: int(input, 'hwptId'),
    flags: int(input, 'flags'),
    iova: u64(input, 'iova'),
    length: u64(input, 'length'),
    pageSize: u64(input, 'pageSize'),
  }),
  testAddReserved: (input, { contextId }) => ({
    type: 'TestAddReserved',
    contextId,
    ioasId: int(input, 'ioasId'),
    start: u64(input, 'start'),
    length: u64(input, 'length'),
  }),
  testMdCheckMap: (input, { contextId }) => ({
    type: 'TestMdCheckMap',
    contextId,
    hwptId: int(input, 'hwptId'),
    iova: u64(input, 'iova'),
    length: u64(input, 'length'),
    userVa: u64(input, 'userVa'),
  }),
  testDirty: (input, { contextId }) => ({
    type: 'TestDirty',
    contextId,
    hwptId: int(input, 'hwptId'),
    iova: u64(input, 'iova'),
    length: u64(input, 'length'),
    pageSize: u64(input, 'pageSize'),
    bitmap: u64(input, 'bitmap'),
  }),
  testCreateAccess: (input, { contextId }) => ({
    type: 'TestCreateAccess',
    contextId,
    ioasId: int(input, 'ioasId'),
    flags: int(input, 'flags'),
  }),
  testAccessClose: (input, names) => ({
    type: 'TestAccessClose',
    contextId: names.contextId,
    accessId: accessId(input, names),
  }),
  testAccessReplaceIoas: (input, names) => ({
    type: 'TestAccessReplaceIoas',
    contextId: names.contextId,
    accessId: accessId(input, names),
    ioasId: int(input, 'ioasId'),
  }),
  testAccessPages: (input, names) => ({
    type: 'TestAccessPages',
    contextId: names.contextId,
    accessId: accessId(input, names),
    flags: int(input, 'flags'),
    iova: u64(input, 'iova'),
    length: u64(input, 'length'),
  }),
  testDestroyAccessPages: (input, names) => ({
    type: 'TestDestroyAccessPages',
    contextId: names.contextId,
    accessId: accessId(input, names),
    itemId: int(input, 'itemId'),
  }),
  testAccessRw: (input, names) => ({
    type: 'TestAccessRw',
    contextId: names.contextId,
    accessId: accessId(input, names),
    flags: int(input, 'flags'),
    iova: u64(input, 'iova'),
    length: u64(input, 'length'),
    fill: input['fill'] === undefined ? 0 : int(input, 'fill'),
  }),
  close: (_input, { contextId }) => ({ type: 'ContextClose', contextId }),
  faultQueueAlloc: (input, { contextId }) => ({
    type: 'FaultQueueAlloc',
    contextId,
    flags: int(input, 'flags'),
  }),
  faultRead: (input, names) => ({
    type: 'FaultRead',
    contextId: names.contextId,
    faultId: faultId(input, names),
    count: int(input, 'count', READ_BYTES_MAX),
    reader: 'READ',
  }),
  faultWrite: (input, names) => ({
    type: 'FaultWrite',
    contextId: names.contextId,
    faultId: faultId(input, names),
    count: int(input, 'bytes'),
    responses: list(input, 'responses', RESPONSES_PER_WRITE_MAX).map(response => ({
      cookie: int(response, 'cookie'),
      code: int(response, 'code'),
    })),
  }),
  faultPoll: (input, names) => ({
    type: 'FaultPoll',
    contextId: names.contextId,
    faultId: faultId(input, names),
  }),
  faultClose: (input, names) => ({
    type: 'FaultClose',
    contextId: names.contextId,
    faultId: faultId(input, names),
  }),
  testMockDomain: (input, { contextId }) => ({
    type: 'TestMockDomain',
    contextId,
    ptId: int(input, 'ptId'),
    devFlags: int(input, 'devFlags'),
  }),
  testMockDomainReplace: (input, { contextId }) => ({
    type: 'TestMockDomainReplace',
    contextId,
    stdevId: int(input, 'stdevId'),
    ptId: int(input, 'ptId'),
  }),
  testTriggerIopf: (input, { contextId }) => ({
    type: 'TestTriggerIopf',
    contextId,
    devId: int(input, 'devId'),
    pasid: int(input, 'pasid'),
    grpid: int(input, 'grpid'),
    perm: int(input, 'perm'),
    addr: u64(input, 'addr'),
    lastPage: int(input, 'lastPage') !== 0,
  }),
  testMdCheckIotlb: (input, { contextId }) => ({
    type: 'TestMdCheckIotlb',
    contextId,
    hwptId: int(input, 'hwptId'),
    iotlbId: int(input, 'iotlbId'),
    iotlb: int(input, 'iotlb'),
  }),
};

/** The bounds of an IOVA range. */
function rangesIn(value: Json | undefined): IovaRange[] {
  const isRange = (item: Json): item is [string, string] =>
    Array.isArray(item) && item.length === 2 && item.every(end => HEX_U64.test(String(end)));
  if (!Array.isArray(value) || value.length > ALLOWED_IOVAS_MAX || !value.every(isRange)) {
    throw new TraceFormatError(
      `"allowedIovas" must be a list of at most ${ALLOWED_IOVAS_MAX} pairs of hex strings`,
    );
  }
  return value.map(([start, last]) => ({ start: BigInt(start), last: BigInt(last) }));
}

/** The command of an operation, or null if Faultline has no such operation. Throws TraceFormatError. */
export function commandOf(operation: TraceOperation, names: TraceNames): Command | null {
  const toCommand = Object.hasOwn(COMMANDS, operation.op) ? COMMANDS[operation.op] : undefined;
  return toCommand === undefined ? null : toCommand(operation.in, names);
}

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

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** What the trace shows as `out`. */
export function traceOut(outcome: Outcome): Fields {
  const { command, errno } = outcome;
  if (command.type === 'HwptInvalidate') {
    return { entryNum: (outcome.reply as ReplyOf['HwptInvalidate']).entryNum };
  }
  if (command.type === 'IoasIovaRanges' && outcome.reply !== null) {
    const { numIovas, outIovaAlignment, allowedIovas } = outcome.reply as ReplyOf['IoasIovaRanges'];
    return {
      numIovas,
      iovaAlignment: hex(outIovaAlignment),
      allowedIovas: allowedIovas.map(({ start, last }) => [hex(start), hex(last)]),
    };
  }
  if (errno !== 0 || outcome.reply === null) return {};
  switch (command.type) {
    case 'IoasAlloc':
      return { iommuIoasId: (outcome.reply as ReplyOf['IoasAlloc']).outIoasId };
    case 'HwptAlloc':
      return { hwptId: (outcome.reply as ReplyOf['HwptAlloc']).outHwptId };
    case 'FaultQueueAlloc':
      return { faultId: (outcome.reply as ReplyOf['FaultQueueAlloc']).outFaultId };
    case 'GetHwInfo':
      return hwInfoOut(outcome.reply as ReplyOf['GetHwInfo']);
    case 'FaultRead': {
      const { bytes, faults } = outcome.reply as ReplyOf['FaultRead'];
      const messages = faults.map(fault => ({ ...fault, addr: hex(fault.addr) }) as Fields);
      return { bytes, faults: messages.map(message => pick(message, PGFAULT_FIELDS)) };
    }
    case 'FaultWrite':
      return { bytes: (outcome.reply as ReplyOf['FaultWrite']).bytes };
    case 'FaultPoll':
      return { ...(outcome.reply as ReplyOf['FaultPoll']) };
    case 'TestMockDomain': {
      const { outStdevId, outHwptId, outIdevId } = outcome.reply as ReplyOf['TestMockDomain'];
      return { stdevId: outStdevId, hwptId: outHwptId, idevId: outIdevId };
    }
    case 'IoasMap':
      return { iova: hex((outcome.reply as ReplyOf['IoasMap']).iova) };
    case 'IoasCopy':
      return { dstIova: hex((outcome.reply as ReplyOf['IoasCopy']).dstIova) };
    case 'IoasUnmap':
      return { length: hex((outcome.reply as ReplyOf['IoasUnmap']).length) };
    case 'Option':
      return { val64: hex((outcome.reply as ReplyOf['Option']).val64) };
    case 'VfioIoas':
      return command.op === IOMMU_VFIO_IOAS_GET
        ? { ioasId: (outcome.reply as ReplyOf['VfioIoas']).ioasId }
        : {};
    case 'HwptGetDirtyBitmap': {
      const { dirtyPages } = outcome.reply as ReplyOf['HwptGetDirtyBitmap'];
      return { bitmap: hex(word(dirtyPages, 0n)), bitmapHigh: hex(word(dirtyPages, 64n)) };
    }
    case 'TestDirty':
      return { nrDirty: hex((outcome.reply as ReplyOf['TestDirty']).outNrDirty) };
    case 'TestAccessPages':
      return { itemId: (outcome.reply as ReplyOf['TestAccessPages']).outItemId };
    case 'TestAccessRw': {
      const { data } = outcome.reply as ReplyOf['TestAccessRw'];
      return (command.flags & MOCK_ACCESS_RW_WRITE) !== 0 ? {} : { data };
    }
    case 'TestMockDomainReplace':
      return { ptId: (outcome.reply as ReplyOf['TestMockDomainReplace']).ptId };
    default:
      return {};
  }
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
function hwInfoOut(reply: ReplyOf['GetHwInfo']): Fields {
  const bytes = Uint8Array.from(reply.data.match(/../g) ?? [], byte => Number.parseInt(byte, 16));
  const view = new DataView(bytes.buffer);
  const whole = bytes.length >= HW_INFO_SELFTEST_SIZE;
  return {
    dataType: reply.outDataType,
    dataLen: reply.dataLen,
    capabilities: hex(reply.outCapabilities),
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
