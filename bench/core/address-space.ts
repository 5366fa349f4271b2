/** A machine with one address space that has many areas, or large ones, and what is done to it. */
import { DEFAULT_BASELINE } from '../../src/abi/baselines.ts';
import {
  IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
  IOMMU_HWPT_DIRTY_TRACKING_ENABLE,
  IOMMU_IOAS_MAP_FIXED_IOVA,
  IOMMU_IOAS_MAP_READABLE,
  IOMMU_IOAS_MAP_WRITEABLE,
  MOCK_ACCESS_LENGTH_MAX,
  MOCK_APERTURE_START,
  MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES,
  MOCK_IO_PAGE_SIZE,
  PAGE_SIZE,
} from '../../src/abi/uapi.ts';
import { translateGroup } from '../../src/core/explain/translate.ts';
import type { Command, CommandType, ReplyOf } from '../../src/core/machine/command.ts';
import { execute } from '../../src/core/machine/execute.ts';
import { initialState, type MachineState } from '../../src/core/machine/state.ts';
import type { UserProcess } from '../../src/core/memory/user-process.ts';

export const PAGE = BigInt(PAGE_SIZE);
export const TIB = 1n << 40n;

const BDF = '0000:01:00.0';
const CONTEXT_ID = 1;
const IOAS_ID = 1;
const IOMMU_GROUP_ID = 1;
const MAP_PROT = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;
const MAP_FIXED = MAP_PROT | IOMMU_IOAS_MAP_FIXED_IOVA;
const IO_PAGE = BigInt(MOCK_IO_PAGE_SIZE);
/** Memory enough for every area, from here on. */
const MEMORY = 1n << 46n;
/** Areas lie from here on, each followed by a hole of its own length. */
const BASE = 1n << 32n;
/** Reserved for what the operations map, and empty before each of them. */
const FREE = 1n << 44n;
/** Places that operations go through. */
const PLACES = 100;

/** Whose pinned pages are counted, and compared with a limit that is never reached. */
export const COUNTED: UserProcess = {
  memory: [{ start: MEMORY, last: (1n << 47n) - 1n }],
  capIpcLock: false,
  capSysResource: false,
  rlimitMemlock: 1n << 50n,
  userId: 1,
};
/** Whose pinned pages nobody counts. */
export const UNCOUNTED: UserProcess = { ...COUNTED, capIpcLock: true };

export interface AddressSpace {
  readonly state: MachineState;
  /** Areas mapped before. */
  readonly areas: number;
  /** Of each area, in bytes. */
  readonly length: bigint;
  readonly base: bigint;
  readonly deviceId: number;
  readonly accessId: number;
  hwptId: number;
  /** Varies what an operation touches. */
  turn: number;
}

/** Areas in an IOAS without a domain, a PCI device bound, and an access. */
export function makeSpace(areas: number, length: bigint, process = COUNTED): AddressSpace {
  const { state, accessId } = start(process);
  const { outDevId } = run(state, { type: 'DeviceBind', contextId: CONTEXT_ID, bdf: BDF });
  // Below the areas nothing is free, so that an automatic IOVA is looked for among and above them.
  const reserved = { ioasId: IOAS_ID, start: 0n, length: BASE };
  run(state, { type: 'TestAddReserved', contextId: CONTEXT_ID, ...reserved });
  const space = {
    state,
    areas,
    length,
    base: BASE,
    deviceId: outDevId,
    accessId,
    hwptId: 0,
    turn: 0,
  };
  mapAll(space);
  return space;
}

/** The same with the device attached to a hwpt that tracks dirty pages. */
export function makeAttachedSpace(areas: number, length: bigint): AddressSpace {
  const space = makeSpace(areas, length);
  space.hwptId = hwptAlloc(space);
  trackDirty(space);
  attach(space, space.hwptId);
  return space;
}

/** A mock device, because pages of others do not get dirty. All pages of all areas are dirty. */
export function makeDirtySpace(areas: number): AddressSpace {
  const { state, accessId } = start(COUNTED);
  const mock = { type: 'TestMockDomain', contextId: CONTEXT_ID, ptId: IOAS_ID } as const;
  const { outIdevId } = run(state, { ...mock, devFlags: 0 });
  const space = {
    state,
    areas,
    length: PAGE,
    base: MOCK_APERTURE_START,
    deviceId: outIdevId,
    accessId,
    hwptId: 0,
    turn: 0,
  };
  mapAll(space);
  space.hwptId = hwptAlloc(space);
  trackDirty(space);
  for (let area = 0; area < areas; area++) dirty(space, areaAt(space, area));
  return space;
}

/** A context with an IOAS and an access on it that may pin pages. */
function start(process: UserProcess): { state: MachineState; accessId: number } {
  const state = initialState();
  const device = {
    bdf: BDF,
    groupWith: null,
    physfn: null,
    pri: true,
    dirtyTracking: true,
    dmaCoherent: true,
    msiIsolated: true,
    reservedRegions: [],
  };
  run(state, { type: 'MachineCreate', baseline: DEFAULT_BASELINE, devices: [device] });
  run(state, { type: 'ContextOpen', process });
  run(state, { type: 'IoasAlloc', contextId: CONTEXT_ID, flags: 0 });
  const { outAccessId } = run(state, {
    type: 'TestCreateAccess',
    contextId: CONTEXT_ID,
    ioasId: IOAS_ID,
    flags: MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES,
  });
  return { state, accessId: outAccessId };
}

function mapAll(space: AddressSpace): void {
  for (let area = 0; area < space.areas; area++) map(space, areaAt(space, area));
}

function areaAt({ base, length }: AddressSpace, area: number): bigint {
  return base + BigInt(area) * 2n * length;
}

/**
 * One of 100 places evenly among the areas, by turns: as many on both sides, so that the search is
 * compared and not how much memory the processor's caches hold.
 */
function someArea(space: AddressSpace): bigint {
  space.turn = (space.turn + 1) % PLACES;
  return areaAt(space, Math.floor((space.turn * space.areas) / PLACES));
}

function map({ state, length }: AddressSpace, iova: bigint): void {
  const base = {
    type: 'IoasMap',
    contextId: CONTEXT_ID,
    ioasId: IOAS_ID,
    flags: MAP_FIXED,
  } as const;
  run(state, { ...base, userVa: MEMORY, length, iova });
}

function unmap({ state }: AddressSpace, iova: bigint, length: bigint): void {
  run(state, { type: 'IoasUnmap', contextId: CONTEXT_ID, ioasId: IOAS_ID, iova, length });
}

/** Behind all areas. */
export function mapAndUnmap(space: AddressSpace): void {
  map(space, FREE);
  unmap(space, FREE, space.length);
}

/** One of the areas goes and comes back. */
export function unmapAndMap(space: AddressSpace): void {
  const iova = someArea(space);
  unmap(space, iova, space.length);
  map(space, iova);
}

/** Twice the length: no hole among the areas is wide enough. */
export function mapAutomatic(space: AddressSpace): void {
  const length = 2n * space.length;
  const { iova } = run(space.state, {
    type: 'IoasMap',
    contextId: CONTEXT_ID,
    ioasId: IOAS_ID,
    flags: MAP_PROT,
    userVa: MEMORY,
    length,
    iova: 0n,
  });
  unmap(space, iova, length);
}

export function copyAndUnmap(space: AddressSpace): void {
  const { state, length } = space;
  run(state, {
    type: 'IoasCopy',
    contextId: CONTEXT_ID,
    flags: MAP_FIXED,
    dstIoasId: IOAS_ID,
    srcIoasId: IOAS_ID,
    length,
    dstIova: FREE,
    srcIova: someArea(space),
  });
  unmap(space, FREE, length);
}

/** A read by the device in the middle of an area, as the query `translate` asks for it. */
export function translate(space: AddressSpace): void {
  const iova = someArea(space) + space.length / 2n;
  const { failure } = translateGroup(space.state, IOMMU_GROUP_ID, { iova, write: false });
  if (failure !== null) throw new Error(`not translated: ${failure}`);
}

/** As much of an area as one call can pin. */
export function pin(space: AddressSpace, iova = someArea(space)): number {
  const { state, length, accessId } = space;
  const { outItemId } = run(state, {
    type: 'TestAccessPages',
    contextId: CONTEXT_ID,
    accessId,
    flags: 0,
    iova,
    length: length < MOCK_ACCESS_LENGTH_MAX ? length : MOCK_ACCESS_LENGTH_MAX,
  });
  return outItemId;
}

export function pinAndUnpin(space: AddressSpace): void {
  const { state, accessId } = space;
  const itemId = pin(space);
  run(state, { type: 'TestDestroyAccessPages', contextId: CONTEXT_ID, accessId, itemId });
}

/** Pins every area. */
export function pinAll(space: AddressSpace): void {
  for (let area = 0; area < space.areas; area++) pin(space, areaAt(space, area));
}

/** The access is told and lets go; then all is as it was. */
export function unmapPinned(space: AddressSpace): void {
  const iova = someArea(space);
  unmap(space, iova, space.length);
  map(space, iova);
  pin(space, iova);
}

/** Reads and clears what is dirty of an area. */
export function readBitmap(space: AddressSpace, iova = someArea(space)): number {
  const { state, hwptId, length } = space;
  const { dirtyPages } = run(state, {
    type: 'HwptGetDirtyBitmap',
    contextId: CONTEXT_ID,
    hwptId,
    flags: 0,
    iova,
    length,
    pageSize: PAGE,
  });
  return dirtyPages.length;
}

/** Reads and clears the dirty pages of one area, always the same, and makes them dirty again. */
export function readDirty(space: AddressSpace): void {
  const iova = areaAt(space, 0);
  if (readBitmap(space, iova) !== 1) throw new Error('no page was dirty');
  dirty(space, iova);
}

/** Both IO pages of an area of one page. */
function dirty({ state, hwptId }: AddressSpace, iova: bigint): void {
  const inHwpt = { type: 'TestDirty', contextId: CONTEXT_ID, hwptId, iova } as const;
  run(state, { ...inHwpt, length: PAGE, pageSize: IO_PAGE, bitmap: 3n });
}

function trackDirty({ state, hwptId }: AddressSpace): void {
  const flags = IOMMU_HWPT_DIRTY_TRACKING_ENABLE;
  run(state, { type: 'HwptSetDirtyTracking', contextId: CONTEXT_ID, hwptId, flags });
}

function hwptAlloc({ state, deviceId }: AddressSpace): number {
  const { outHwptId } = run(state, {
    type: 'HwptAlloc',
    contextId: CONTEXT_ID,
    flags: IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
    devId: deviceId,
    ptId: IOAS_ID,
    dataType: 0,
    dataLen: 0,
    userData: null,
    faultId: 0,
  });
  return outHwptId;
}

/** One more domain joins the IOAS and leaves it. */
export function addDomain(space: AddressSpace): void {
  const id = hwptAlloc(space);
  run(space.state, { type: 'Destroy', contextId: CONTEXT_ID, id });
}

function attach({ state, deviceId: devId }: AddressSpace, ptId: number): void {
  run(state, { type: 'DeviceAttach', contextId: CONTEXT_ID, devId, ptId });
}

function detach({ state, deviceId: devId }: AddressSpace): void {
  run(state, { type: 'DeviceDetach', contextId: CONTEXT_ID, devId });
}

/** From its hwpt and back to it. */
export function detachAndAttach(space: AddressSpace): void {
  detach(space);
  attach(space, space.hwptId);
}

/** To an IOAS without a domain: the first is made and filled, and goes. */
export function attachAndDetach(space: AddressSpace): void {
  attach(space, IOAS_ID);
  detach(space);
}

function run<T extends CommandType>(
  state: MachineState,
  command: Extract<Command, { type: T }>,
): ReplyOf[T] {
  const { errno, reply } = execute(state, command as Command);
  if (errno !== 0) throw new Error(`${command.type} was refused with ${errno}`);
  return reply as ReplyOf[T];
}
