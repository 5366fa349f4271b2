/**
 * The state of one machine: what /dev/iommu contexts and the IOMMU hardware hold right now.
 * Only `evolve` changes it. Types and `initialState`.
 */
import { type BaselineName, DEFAULT_BASELINE } from '../../abi/baselines.ts';
import type { HazardName } from '../../abi/hazards.ts';
import type { Policies } from '../../abi/policies.ts';
import { DEFAULT_POLICIES } from '../../abi/policies.ts';
import { IdAllocator } from '../collections/collections.ts';
import type { PhysicalDevice } from '../hardware/state.ts';
import type { Iommu } from '../hardware/unit/state.ts';
import type {
  AttachHandle,
  InFlightRequest,
  IommuGroup,
  IopfGroup,
  PlantedSeqs,
} from '../iommu/state.ts';
import type { IommufdContext } from '../iommufd/state.ts';
import type { ProcessMemory } from '../memory/user-process.ts';

/** One machine. All counters that end in `next…` are never reused. */
export interface MachineState {
  /** Number of events applied; the newest event's seq. */
  seq: number;
  baseline: BaselineName;
  policies: Policies;
  nextInFlightId: number;
  /** Page requests that found their handler and are not queued yet, by inFlightId. */
  readonly inFlight: Map<number, InFlightRequest>;
  nextContextId: number;
  nextDeviceNo: number;
  nextIommuGroupId: number;
  nextAttachHandleId: number;
  nextIopfGroupId: number;
  nextBindNo: number;
  readonly contexts: Map<number, IommufdContext>;
  readonly iommuGroups: Map<number, IommuGroup>;
  readonly physicalDevices: Map<number, PhysicalDevice>;
  /** bdf to deviceNo. */
  readonly bdfs: Map<string, number>;
  readonly attachHandles: Map<number, AttachHandle>;
  /** iopf groups not yet answered. */
  readonly iopfGroups: Map<number, IopfGroup>;
  /** By iopfGroupId: when something an unanswered group points at went, where that happened. */
  readonly iopfGroupsPlanted: Map<number, PlantedSeqs>;
  /** Mock device numbers in use (the self-test's ida). */
  readonly mockDevIds: IdAllocator;
  /** deviceNo of the mock device created last, for MOCK_FLAGS_DEVICE_SHARED_GROUP; null if gone. */
  lastMockDeviceNo: number | null;
  /** Pages counted against each user by contexts in RLIMIT_MODE 0 (user_struct->locked_vm). */
  readonly userLockedPages: Map<number, bigint>;
  /**
   * Pages counted in RLIMIT_MODE 1 against processes in whose context they are not, by processId
   * (mm->locked_vm); those of their own contexts come on top.
   */
  readonly foreignLockedPages: Map<number, bigint>;
  /** Memories of processes that several contexts share, or that are told of, by processId. */
  readonly memories: Map<number, ProcessMemory>;
  /** Hazards met so far, the newest HAZARDS_LISTED_MAX of them. */
  readonly hazards: Hazard[];
  hazardCount: number;
  /** Modelled IOMMUs by iommuNo; none: page requests are declared. */
  readonly iommus: Map<number, Iommu>;
  /** Hardware's time: counts what hardwareAdvance was told. */
  tick: number;
  nextDmaId: number;
}

/** A place where the kernel itself misbehaves. The machine goes on. */
export interface Hazard {
  readonly name: HazardName;
  /** The kernel function. */
  readonly function: string;
  readonly detail: string;
  /** What it is about, such as `device 3` or `iopf group 7`. */
  readonly objects: readonly string[];
  /** The event that planted it, if it was planted before. */
  readonly plantedSeq: number | null;
  readonly seq: number;
}

export function initialState(): MachineState {
  return {
    seq: 0,
    baseline: DEFAULT_BASELINE,
    policies: DEFAULT_POLICIES,
    nextInFlightId: 1,
    inFlight: new Map(),
    nextContextId: 1,
    nextDeviceNo: 1,
    nextIommuGroupId: 1,
    nextAttachHandleId: 1,
    nextIopfGroupId: 1,
    nextBindNo: 1,
    contexts: new Map(),
    iommuGroups: new Map(),
    physicalDevices: new Map(),
    bdfs: new Map(),
    attachHandles: new Map(),
    iopfGroups: new Map(),
    iopfGroupsPlanted: new Map(),
    mockDevIds: new IdAllocator(0),
    lastMockDeviceNo: null,
    userLockedPages: new Map(),
    foreignLockedPages: new Map(),
    memories: new Map(),
    hazards: [],
    hazardCount: 0,
    iommus: new Map(),
    tick: 0,
    nextDmaId: 1,
  };
}
