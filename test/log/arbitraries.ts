/** Generators of every event type and of commands and replies, for properties of the codec. */
import fc from 'fast-check';
import { BASELINES, DEFAULT_BASELINE, type Policies } from '../../src/abi/baselines.ts';
import { HAZARDS, type HazardName } from '../../src/abi/hazards.ts';
import { OBJECT_TYPES, ULONG_MAX } from '../../src/abi/uapi.ts';
import type { PciDeviceSpec } from '../../src/core/hardware/state.ts';
import type { HwptUserData } from '../../src/core/iommufd/state.ts';
import {
  EVENT_TYPES,
  type Event,
  type EventOf,
  type EventType,
} from '../../src/core/machine/event.ts';
import type { Outcome } from '../../src/core/machine/operation.ts';
import type { UserProcess } from '../../src/core/memory/user-process.ts';

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
  AttachHandleStored: { ...ofDevice, attachHandleId: id, iommuGroupId: id, hwptId: id },
  AttachHandleErased: { attachHandleId: id, iommuGroupId: id },
  AttachHandleFreed: { attachHandleId: id },
  DomainAttached: { ...ofGroup, hwptId: id },
  DomainDetached: { ...ofGroup, hwptId: id },
  DeviceAttached: { ...ofDevice, iommuGroupId: id, hwptId: id },
  DeviceDetached: { ...ofDevice, iommuGroupId: id, hwptId: id },
  DeviceReplaced: { ...ofDevice, iommuGroupId: id, oldHwptId: id, hwptId: id },
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
  PageResponseSent: { deviceNo: id, iopfGroupId: nullable(id), pasid: id, grpid: id, code: id },
  AreaMapped: {
    ...ofIoas,
    start: u64,
    last: u64,
    userVa: u64,
    prot: id,
    pagesId: id,
    newPages: nullable(record({ userVa: u64, length: u64, writable: flag, present: flag })),
  },
  AreaUnmapped: { ...ofIoas, start: u64, last: u64 },
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
  UserMemoryFilled: { contextId: id, userVa: u64, length: u64, fill: id },
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

/** A command, its errno and a reply of the kind it gives. */
const exchange: fc.Arbitrary<Pick<Outcome, 'command' | 'errno' | 'reply'>> = fc.oneof(
  record({
    command: record({
      type: fc.constant('MachineCreate' as const),
      baseline: fc.constant(DEFAULT_BASELINE),
      devices: list(device),
    }),
    errno: fc.constant(0 as const),
    reply: fc.constant<Record<string, never>>({}),
  }),
  record({
    command: record({
      type: fc.constant('HwptAlloc' as const),
      contextId: id,
      flags: id,
      devId: id,
      ptId: id,
      dataType: id,
      dataLen: id,
      userData: nullable(userData),
      faultId: id,
    }),
    errno: fc.constantFrom(0 as const, 'EINVAL' as const, 'EOPNOTSUPP' as const),
    reply: nullable(record({ outHwptId: id })),
  }),
  record({
    command: record({
      type: fc.constant('HwptInvalidate' as const),
      contextId: id,
      hwptId: id,
      dataType: id,
      entryLen: id,
      entries: list(
        fc.oneof(record({ flags: id, iotlbId: id }), record({ flags: id, addr: u64, npages: u64 })),
      ),
    }),
    errno: fc.constantFrom(0 as const, 'EINVAL' as const),
    reply: nullable(record({ entryNum: id })),
  }),
  record({
    command: record({
      type: fc.constant('ContextOpen' as const),
      process,
    }),
    errno: fc.constant(0 as const),
    reply: record({ contextId: id }),
  }),
  record({
    command: record({
      type: fc.constant('IoasCopy' as const),
      contextId: id,
      flags: id,
      dstIoasId: id,
      srcIoasId: id,
      length: u64,
      dstIova: u64,
      srcIova: u64,
    }),
    errno: fc.constantFrom(0 as const, 'ENOSPC' as const),
    reply: nullable(record({ dstIova: u64 })),
  }),
  record({
    command: record({
      type: fc.constant('IoasIovaRanges' as const),
      contextId: id,
      ioasId: id,
      numIovas: id,
    }),
    errno: fc.constantFrom(0 as const, 'EMSGSIZE' as const),
    reply: nullable(record({ numIovas: id, outIovaAlignment: u64, allowedIovas: list(range) })),
  }),
  record({
    command: record({
      type: fc.constant('TestDirty' as const),
      contextId: id,
      hwptId: id,
      iova: u64,
      length: u64,
      pageSize: u64,
      bitmap: u64,
    }),
    errno: fc.constantFrom(0 as const, 'EINVAL' as const),
    reply: nullable(record({ outNrDirty: u64 })),
  }),
  record({
    command: record({
      type: fc.constant('Option' as const),
      contextId: id,
      optionId: id,
      op: id,
      objectId: id,
      val64: u64,
    }),
    errno: fc.constantFrom(0 as const, 'EPERM' as const),
    reply: nullable(record({ val64: u64 })),
  }),
  record({
    command: record({
      type: fc.constant('GetHwInfo' as const),
      contextId: id,
      flags: id,
      devId: id,
      dataLen: id,
    }),
    errno: fc.constant(0 as const),
    reply: record({
      outDataType: id,
      dataLen: id,
      outMaxPasidLog2: id,
      outCapabilities: u64,
      data: text,
    }),
  }),
  record({
    command: record({
      type: fc.constant('PageRequestSend' as const),
      bdf: text,
      pasid: nullable(id),
      grpid: id,
      perm: id,
      addr: u64,
      lastPage: flag,
    }),
    errno: fc.constant(0 as const),
    reply: record({
      outcome: fc.constantFrom('REPORTED' as const, 'PRI_DISABLED' as const),
      reportErrno: nullable(fc.constantFrom(0 as const, 'ENODEV' as const)),
      iopfGroupId: nullable(id),
    }),
  }),
);

const trace = list(record({ function: text, depth: id, returned: text }));

export const outcome: fc.Arbitrary<Outcome> = record({ exchange, events: list(event), trace }).map(
  made => ({ ...made.exchange, events: made.events, trace: made.trace }),
);
