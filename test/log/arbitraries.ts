/** Generators of every event type and of commands and replies, for properties of the codec. */

import fc from 'fast-check';
import { BASELINES } from '../../src/abi/baselines.ts';
import {
  CALL_FILES,
  CALL_REFUSAL_RULES,
  type CallRefusalRule,
  SYSTEM_CALLS,
} from '../../src/abi/call-refusal-rules.ts';
import { ERRNO, type ErrnoName } from '../../src/abi/errno.ts';
import { HAZARDS, type HazardName } from '../../src/abi/hazards.ts';
import type { Policies } from '../../src/abi/policies.ts';
import { OBJECT_TYPES, ULONG_MAX } from '../../src/abi/uapi.ts';
import {
  type DmaOptions,
  type DmaRequest,
  PROGRAM_OPS,
  type PrgIndexChoice,
  type ProgramOp,
  type ProgramOptions,
} from '../../src/core/hardware/function/state.ts';
import type { PciDeviceSpec } from '../../src/core/hardware/state.ts';
import { TABLE_FORMATS } from '../../src/core/hardware/tables/access.ts';
import type { IommuSpec } from '../../src/core/hardware/unit/state.ts';
import { LOST_BECAUSE } from '../../src/core/hardware/vendors/automatic-answer.ts';
import { IOMMU_VENDORS } from '../../src/core/hardware/vendors/names.ts';
import type { HwptUserData } from '../../src/core/iommufd/state.ts';
import type { ArgumentKind, ArgumentTypes } from '../../src/core/machine/arguments.ts';
import {
  type AnyReply,
  COMMAND_TYPES,
  type Command,
  type CommandType,
  OPERATIONS,
} from '../../src/core/machine/command.ts';
import {
  EVENT_TYPES,
  type Event,
  type EventOf,
  type EventType,
} from '../../src/core/machine/event.ts';
import type { Outcome } from '../../src/core/machine/operation.ts';
import type { MemoryRange, PagesSource, UserProcess } from '../../src/core/memory/user-process.ts';

/** Plain objects alone: JSON gives no others. */
const record = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { noNullPrototype: true });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const id = fc.oneof(fc.integer({ min: 0, max: 9 }), u32);
const u64 = fc.oneof(fc.constantFrom(0n, 1n, ULONG_MAX), fc.bigInt({ min: 0n, max: ULONG_MAX }));
const flag = fc.boolean();
/** Any text, and text that looks like what the codec writes. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom('0x1f', '"0x1f"', '\\', '\n', '\u2028', '\ud800', '__proto__'),
);
const nullable = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
const list = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 3 });

const range = record({ start: u64, last: u64 });
const request = record({ flags: u32, pasid: id, grpid: id, perm: id, addr: u64 });
const device: fc.Arbitrary<PciDeviceSpec> = record({
  bdf: text,
  groupWith: nullable(text),
  physfn: nullable(text),
  pri: flag,
  dirtyTracking: flag,
  dmaCoherent: flag,
  msiIsolated: flag,
  reservedRegions: list(
    record({
      type: fc.constantFrom('DIRECT', 'DIRECT_RELAXABLE', 'RESERVED', 'MSI', 'SW_MSI'),
      start: u64,
      last: u64,
    }),
  ),
});
const domain = record({
  driver: fc.constantFrom('MOCK', 'CONFORMING'),
  apertureStart: u64,
  apertureLast: u64,
  pageSize: id,
  dirtyOps: flag,
});
const userData: fc.Arbitrary<HwptUserData> = fc.oneof(
  record({ kind: fc.constant('SELFTEST' as const), iotlb: u32 }),
  record({ kind: fc.constant('VTD_S1' as const), flags: u64, pgtblAddr: u64, addrWidth: id }),
);

const process: fc.Arbitrary<UserProcess> = record({
  memory: list(range),
  capIpcLock: flag,
  capSysResource: flag,
  rlimitMemlock: nullable(u64),
  userId: id,
});

const memoryRange: fc.Arbitrary<MemoryRange> = fc.oneof(
  record({ start: u64, last: u64 }),
  record({ start: u64, last: u64, readOnly: fc.constant(true as const), pageSize: u32 }),
);
const pagesSource: fc.Arbitrary<PagesSource> = record({
  processId: id,
  capIpcLock: flag,
  rlimitMemlock: nullable(u64),
  userId: id,
});

const policies: fc.Arbitrary<Policies> = record({
  autoResponse: fc.constantFrom('EVERY_REPLACE', 'ONLY_TO_PLAIN'),
  inFlightRequests: fc.constantFrom('DRAINED', 'NOT_DRAINED'),
  virtualFunctions: fc.constantFrom('AS_BASELINE', 'EMULATED_PRI'),
});

/** The fields of an event, each with its generator. */
type Fields<T extends EventType> = {
  [K in Exclude<keyof EventOf<T>, 'type'>]: fc.Arbitrary<EventOf<T>[K]>;
};

const object = { contextId: id, id, objectType: fc.constantFrom(...OBJECT_TYPES) };
const ofIoas = { contextId: id, ioasId: id };
const ofHwpt = { contextId: id, hwptId: id };
const ofGroup = { contextId: id, iommuGroupId: id };
const ofDevice = { contextId: id, deviceId: id };
const ofQueue = { contextId: id, faultId: id };
const ofAccess = { contextId: id, accessId: id };

const ofIommu = { iommuNo: id };
const ofFunction = { deviceNo: id };
const cacheBound = record({ entries: id, lru: flag });
const iommuSpec: fc.Arbitrary<IommuSpec> = record({
  vendor: fc.constantFrom(...IOMMU_VENDORS),
  driver: fc.constantFrom('CONFORMING', 'AS_LINUX'),
  prqEntries: id,
  service: fc.constantFrom('IMMEDIATE', 'MANUAL'),
  iotlb: cacheBound,
  invalidationTimeoutTicks: id,
  tableFormat: nullable(fc.constantFrom(...TABLE_FORMATS)),
  answers: record({
    answersWithPasid: flag,
    alwaysWithPasid: flag,
    contextReadable: flag,
    amdAutoResponse: nullable(record({ code: id, withPasid: flag })),
  }),
  prqBroken: fc.constant(true as const),
  faultCapableNested: fc.constant(true as const),
});
const prgIndex: fc.Arbitrary<PrgIndexChoice> = fc.oneof(
  record({ kind: fc.constantFrom('NEXT_FREE' as const, 'ROUND_ROBIN' as const) }),
  record({ kind: fc.constant('FIXED' as const), index: id }),
);
const asking = { pagesPerGroup: id, prgIndex, retryLimit: id, timeoutTicks: nullable(id) };
const dmaOptions: fc.Arbitrary<DmaOptions> = record(asking);
const programOptions: fc.Arbitrary<ProgramOptions> = record({
  ...asking,
  maxOutstanding: id,
  onInvalid: fc.constantFrom('SKIP', 'STOP'),
  pasids: list(id),
});
const programOp: fc.Arbitrary<ProgramOp> = record({
  op: fc.constantFrom(...PROGRAM_OPS),
  iova: nullable(u64),
  toIova: nullable(u64),
  length: nullable(u64),
  fill: nullable(id),
  write: flag,
  pasid: nullable(id),
  count: nullable(id),
});
const dmaRequest: fc.Arbitrary<DmaRequest> = record({
  pasid: nullable(id),
  iova: u64,
  length: u64,
  write: flag,
  fill: nullable(id),
  source: nullable(id),
  copyTo: nullable(u64),
  expected: nullable(id),
  ofProgram: flag,
  programOp: id,
});
const missed = list(record({ page: id, stage: fc.constantFrom(1 as const, 2 as const) }));
const cachedPages = list(
  record({ tag: text, page: id, log2Pages: id, target: id, read: flag, write: flag }),
);
const pages = { pasid: nullable(record({ pasid: nullable(id) })), firstPage: id, lastPage: id };
const lostBecause = fc.constantFrom(...LOST_BECAUSE);
const ofDma = { ...ofFunction, dmaId: id };

const FIELDS: { [T in EventType]: Fields<T> } = {
  MachineCreated: { baseline: fc.constantFrom(...BASELINES), policies },
  KernelReplaced: { baseline: fc.constantFrom(...BASELINES), policies },
  IommuGroupCreated: { iommuGroupId: id },
  IommuGroupRemoved: { iommuGroupId: id },
  PciDeviceAdded: { deviceNo: id, iommuGroupId: id, device },
  MockDeviceAdded: { deviceNo: id, iommuGroupId: id, mockDev: id, devFlags: id },
  PhysicalDeviceRemoved: { deviceNo: id },
  ContextOpened: { contextId: id, process },
  ContextFileClosed: { contextId: id },
  ContextReleased: { contextId: id },
  ObjectReserved: object,
  ObjectAborted: object,
  ObjectDestroyed: object,
  IoasAllocated: ofIoas,
  HwptPagingAllocated: { ...ofHwpt, ioasId: id, nestParent: flag, pasid: flag, auto: flag, domain },
  DomainAdded: { ...ofHwpt, ioasId: id, reserved: list(range) },
  DomainRemoved: { ...ofHwpt, ioasId: id },
  HwptNestedAllocated: {
    ...ofHwpt,
    parentId: id,
    driver: fc.constantFrom('MOCK', 'CONFORMING'),
    pasid: flag,
    userData,
  },
  HwptFaultQueueAssigned: { ...ofHwpt, faultId: id },
  MsiCookieCreated: { ...ofHwpt, swMsiStart: u64 },
  MockIotlbInvalidated: { ...ofHwpt, iotlbId: nullable(id) },
  StageOneInvalidated: { ...ofHwpt, addr: u64, npages: u64, leaf: flag },
  DmaOwnershipClaimed: ofGroup,
  DmaOwnershipReleased: ofGroup,
  DeviceBound: { ...ofDevice, deviceNo: id, iommuGroupId: id, bindNo: id, holdsFile: flag },
  DeviceUnbound: { ...ofDevice, deviceNo: id, iommuGroupId: id },
  SelftestDeviceFinalized: { ...ofDevice, stdevId: id, deviceNo: id },
  ReservedRegionsEnforced: {
    ...ofIoas,
    deviceId: id,
    reserved: list(range),
    swMsiStart: nullable(u64),
  },
  ReservedRegionsRemoved: { ...ofIoas, deviceId: id },
  IopfEnabled: ofDevice,
  IopfDisabled: ofDevice,
  IopfFeatureEnabled: { deviceNo: id },
  IopfFeatureDisabled: { deviceNo: id, droppedPartialRequests: id },
  AttachHandleStored: {
    ...ofDevice,
    attachHandleId: id,
    iommuGroupId: id,
    hwptId: id,
    pasid: id,
  },
  AttachHandleErased: { attachHandleId: id, iommuGroupId: id },
  AttachHandleFreed: { attachHandleId: id },
  DomainAttached: { ...ofGroup, hwptId: id, pasid: id },
  DomainDetached: { ...ofGroup, hwptId: id, pasid: id },
  DeviceAttached: { ...ofDevice, iommuGroupId: id, hwptId: id, pasid: id },
  DeviceDetached: { ...ofDevice, iommuGroupId: id, hwptId: id, pasid: id },
  DeviceReplaced: { ...ofDevice, iommuGroupId: id, oldHwptId: id, hwptId: id, pasid: id },
  FaultQueueAllocated: ofQueue,
  FaultFileClosed: ofQueue,
  PageRequestReported: { deviceNo: id, request },
  PageRequestCollected: { deviceNo: id, request, attachHandleId: id },
  PageRequestInFlight: {
    ...ofQueue,
    inFlightId: id,
    deviceNo: id,
    request,
    attachHandleId: id,
  },
  PageRequestLanded: { inFlightId: id },
  IopfGroupFlushed: { iopfGroupId: id, freed: flag },
  IopfGroupLost: { ...ofQueue, iopfGroupId: id },
  MockPasidErrorSwitched: { deviceNo: id, armed: flag },
  DriverIopfCounted: { deviceNo: id, step: fc.constantFrom(1, -1) },
  VpriFailed: { deviceNo: id },
  VpriReset: { deviceNo: id },
  PartialRequestsDropped: { deviceNo: id, grpid: id },
  IopfGroupQueued: {
    ...ofQueue,
    iopfGroupId: id,
    attachHandleId: id,
    deviceNo: id,
    deviceId: id,
    requests: list(request),
  },
  IopfGroupRead: {
    ...ofQueue,
    iopfGroupId: id,
    cookie: id,
    reader: fc.constantFrom('READ', 'HANDLER'),
  },
  PageResponseWritten: { ...ofQueue, iopfGroupId: id, cookie: id, code: id },
  IopfGroupAutoResponded: { ...ofQueue, iopfGroupId: id, cookie: nullable(id) },
  PageResponseSent: {
    deviceNo: id,
    iopfGroupId: nullable(id),
    pasid: id,
    grpid: id,
    code: id,
    withPasid: fc.constant(true as const),
  },
  UserMemoryChanged: {
    contextId: nullable(id),
    processId: nullable(id),
    removed: list(range),
    added: list(memoryRange),
    told: flag,
  },
  AreaMapped: {
    ...ofIoas,
    start: u64,
    last: u64,
    userVa: u64,
    prot: id,
    pagesId: id,
    newPages: nullable(
      record({
        userVa: u64,
        length: u64,
        writable: flag,
        present: flag,
        source: nullable(pagesSource),
      }),
    ),
  },
  AreaUnmapped: { ...ofIoas, start: u64, last: u64 },
  AreaSplit: { ...ofIoas, start: u64, last: u64, iova: u64 },
  AllowedIovasSet: { ...ofIoas, allowed: list(range) },
  ReservedRangeAdded: { ...ofIoas, start: u64, last: u64 },
  LargePagesSet: { ...ofIoas, enabled: flag },
  RlimitModeSet: { contextId: id, mode: id },
  VfioIoasSet: { contextId: id, ioasId: nullable(id) },
  DirtyTrackingSet: { ...ofHwpt, enabled: flag },
  PagesDirtied: { ...ofHwpt, slots: list(id) },
  PagesCleaned: { ...ofHwpt, slots: list(id) },
  AccessCreated: { ...ofAccess, needsPinPages: flag },
  AccessIoasChanged: { ...ofAccess, ioasId: nullable(id) },
  AccessPagesPinned: { ...ofAccess, itemId: id, start: u64, last: u64 },
  AccessPagesUnpinned: { ...ofAccess, itemId: id },
  UserMemoryWritten: {
    contextId: id,
    processId: nullable(id),
    userVa: u64,
    length: u64,
    from: id,
  },
  UserMemoryFilled: { contextId: id, userVa: u64, length: u64, fill: id },
  IommuAdded: { ...ofIommu, spec: iommuSpec },
  FaultRecorded: {
    ...ofIommu,
    ...ofFunction,
    pasid: nullable(id),
    iova: u64,
    write: flag,
    code: id,
    name: text,
    detail: record({
      reason: fc.constantFrom(null, 'NOT_PRESENT', 'STAGE2_PERMISSION'),
      stage: fc.constantFrom(1, 2),
      implicit: flag,
      gpa: nullable(u64),
      translationRequest: flag,
      request: nullable(request),
    }),
  },
  QueueErrorCleared: ofIommu,
  TickAdvanced: { tick: id },
  PageRequestIssued: {
    ...ofFunction,
    request,
    dmaId: nullable(id),
    stage: fc.constantFrom(1 as const, 2 as const),
  },
  StopMarkerIssued: { ...ofFunction, request },
  PrgResponseReceived: { ...ofFunction, grpid: id, code: id, iopfGroupId: nullable(id) },
  PrgResponseUnexpected: { ...ofFunction, grpid: id, code: id, iopfGroupId: nullable(id) },
  PrgResponseIgnored: { ...ofFunction, grpid: id, code: id },
  PriEnabled: { ...ofFunction, allocation: id },
  PriDisabled: { ...ofFunction, why: fc.constantFrom('SOFTWARE', 'RESPONSE_FAILURE') },
  PriStopped: ofFunction,
  PriReset: ofFunction,
  PageRequestQueued: { ...ofIommu, ...ofFunction, index: id, request },
  PageRequestDropped: { ...ofIommu, ...ofFunction, request, why: lostBecause },
  PageRequestAutoResponded: {
    ...ofIommu,
    ...ofFunction,
    grpid: id,
    pasid: nullable(id),
    code: id,
    why: lostBecause,
  },
  PrqOverflowed: ofIommu,
  PrqOverflowCleared: { ...ofIommu, discardedPartial: id },
  PrqServed: { ...ofIommu, count: id },
  PrqSwitched: { ...ofIommu, enabled: flag },
  PageRequestRefused: {
    ...ofIommu,
    ...ofFunction,
    grpid: id,
    why: fc.constantFrom('STOP_MARKER', 'NO_PASID', 'NOT_CANONICAL', 'PRIVILEGED', 'DENIED'),
  },
  DmaIssued: {
    ...ofDma,
    request: dmaRequest,
    options: dmaOptions,
    missed,
    deadlineTick: nullable(id),
  },
  DmaCompleted: {
    ...ofDma,
    request: nullable(dmaRequest),
    via: fc.constantFrom('WALK', 'IOTLB', 'ATC'),
    runs: list(record({ contextId: id, userVa: u64, length: u64 })),
    matched: nullable(flag),
  },
  DmaWaited: {
    ...ofDma,
    state: fc.constantFrom('WAITING_PRG', 'NO_CREDIT', 'STALLED', 'BACKED_OFF'),
    grpids: list(id),
    stag: nullable(id),
  },
  DmaRetried: { ...ofDma, missed, retries: id },
  DmaAborted: {
    ...ofDma,
    request: nullable(dmaRequest),
    reason: fc.constantFrom('INVALID_REQUEST', 'RETRY_LIMIT', 'NO_PRI', 'REFUSED'),
  },
  DmaTimedOut: ofDma,
  TransactionStalled: { ...ofIommu, ...ofDma, stag: id },
  StallResumed: { ...ofIommu, stag: id, action: fc.constantFrom('RETRY', 'ABORT') },
  StallsTerminated: { ...ofIommu, ...ofFunction, stags: list(id) },
  IotlbFilled: {
    ...ofIommu,
    translations: cachedPages,
    updates: list(record({ contextId: id, userVa: u64, value: u64 })),
  },
  AtcFilled: { ...ofFunction, translations: cachedPages },
  IotlbInvalidated: { ...ofIommu, ...ofHwpt, ...pages, atcLeft: list(id) },
  AtcInvalidated: { ...ofFunction, ...pages },
  AtsTranslationCompleted: {
    ...ofFunction,
    pasid: nullable(id),
    iova: u64,
    status: fc.constantFrom('SUCCESS', 'UR', 'CA'),
    read: flag,
    write: flag,
  },
  InvalidationRequested: { ...ofFunction, ...pages, itag: id, deadlineTick: id },
  InvalidationCompleted: { ...ofFunction, itag: id },
  InvalidationTimedOut: { ...ofFunction, itag: id, kind: text },
  AtsSwitched: { ...ofFunction, enabled: flag },
  DeviceProgramLoaded: { ...ofFunction, ops: list(programOp), options: programOptions },
  DeviceProgramStepped: {
    ...ofFunction,
    next: id,
    loops: nullable(id),
    stepsLeft: id,
    steps: id,
    turns: id,
    state: fc.constantFrom('IDLE', 'RUNNING', 'WAITING', 'DONE', 'FAILED'),
    failure: nullable(text),
    failedOp: id,
  },
  GuestWordsWritten: {
    contextId: id,
    words: list(record({ userVa: u64, value: u64 })),
    tablePages: list(id),
  },
  HazardRecorded: {
    name: fc.constantFrom(...(Object.keys(HAZARDS) as HazardName[])),
    function: text,
    detail: text,
    objects: list(text),
    plantedSeq: nullable(id),
  },
};

export function eventOfType(type: EventType): fc.Arbitrary<Event> {
  // The table pairs each type with its own fields; the compiler cannot see that through the index.
  const fields = FIELDS[type] as Record<string, fc.Arbitrary<unknown>>;
  return record(fields).map(made => ({ type, ...made }) as unknown as Event);
}

const event = fc.constantFrom(...EVENT_TYPES).chain(eventOfType);

/** Arguments of every kind. */
const KINDS: { readonly [K in ArgumentKind]: fc.Arbitrary<ArgumentTypes[K]> } = {
  contextId: id,
  faultFile: id,
  accessFile: id,
  u32,
  bytes: u32,
  u64,
  flag,
  hexBytes: fc.uint8Array({ maxLength: 9 }).map(bytes => Buffer.from(bytes).toString('hex')),
  bdf: text,
  pasid: nullable(id),
  ranges: list(range),
  memoryRanges: list(memoryRange),
  pageResponses: list(
    fc.oneof(record({ cookie: id, code: id }), record({ cookie: id, code: id, iopfGroupId: id })),
  ),
  iopfGroupIds: list(id),
  invalidateEntries: list(
    fc.oneof(record({ flags: id, iotlbId: id }), record({ flags: id, addr: u64, npages: u64 })),
  ),
  hwptUserData: nullable(userData),
  process,
  pciDevice: device,
  pciDevices: list(device),
  baseline: fc.constantFrom(...BASELINES),
  policies,
  faultReader: fc.constantFrom('READ', 'HANDLER'),
  callFile: fc.constantFrom(...CALL_FILES),
  systemCall: fc.constantFrom(...SYSTEM_CALLS),
  errno: fc.constantFrom(...(Object.keys(ERRNO) as ErrnoName[])),
  callRule: fc.constantFrom(...(Object.keys(CALL_REFUSAL_RULES) as CallRefusalRule[])),
  iommus: list(iommuSpec),
  dmaOptions,
  programOps: list(programOp),
  programOptions,
  guestWords: list(record({ gpa: u64, value: u64 })),
};

/** A command with its arguments, or without those that may be left out. */
export function commandOfType(type: CommandType): fc.Arbitrary<Command> {
  const kinds = Object.entries(OPERATIONS[type].arguments) as [string, string][];
  const required = kinds.filter(([, kind]) => !kind.endsWith('?')).map(([name]) => name);
  const fields = Object.fromEntries(
    kinds.map(([name, kind]) => [name, KINDS[kind.replace('?', '') as ArgumentKind]]),
  ) as Record<string, fc.Arbitrary<unknown>>;
  return fc
    .record(fields, { requiredKeys: required, noNullPrototype: true })
    .map(made => ({ type, ...made }) as unknown as Command);
}

const command = fc.constantFrom(...COMMAND_TYPES).chain(commandOfType);

/** Replies of every shape a field can have; which command gives which does not matter here. */
const reply: fc.Arbitrary<AnyReply> = fc.oneof(
  fc.constant<Record<string, never>>({}),
  record({ outHwptId: id }),
  record({ dstIova: u64 }),
  record({ numIovas: id, outIovaAlignment: u64, allowedIovas: list(range) }),
  record({
    outDataType: id,
    dataLen: id,
    outMaxPasidLog2: id,
    outCapabilities: u64,
    data: text,
  }),
  record({
    outcome: fc.constantFrom('REPORTED' as const, 'PRI_DISABLED' as const),
    reportErrno: nullable(fc.constantFrom(0 as const, 'ENODEV' as const)),
    iopfGroupId: nullable(id),
  }),
);

const errno = fc.constantFrom(0 as const, 'EINVAL' as const, 'EMSGSIZE' as const);

const trace = list(record({ function: text, depth: id, returned: text }));

export const outcome: fc.Arbitrary<Outcome> = record({
  command,
  errno,
  reply: nullable(reply),
  events: list(event),
  trace,
});
