/** Events of contexts and their tables of objects (drivers/iommu/iommufd/main.c). */
import type { ObjectType } from '../../../abi/uapi.ts';
import { IdAllocator } from '../../collections/collections.ts';
import { ReusedKeyMap } from '../../collections/reused-keys.ts';
import { evolveFaultQueueGone } from '../../iommu/planted.ts';
import type { EventEntries, InContext } from '../../machine/event-entry.ts';
import { contextOf } from '../../machine/lookup.ts';
import type { MachineState } from '../../machine/state.ts';
import { forgetProcesses, knowProcess, sharedWith } from '../../memory/process-memory.ts';
import { RangeMap } from '../../memory/range-map.ts';
import type { UserProcess } from '../../memory/user-process.ts';
import { newWrittenMemory } from '../../memory/written-memory.ts';
import { evolveObjectGone } from './object-table.ts';

/** /dev/iommu was opened (iommufd_fops_open). */
export interface ContextOpened extends InContext {
  readonly type: 'ContextOpened';
  readonly process: UserProcess;
}

/** The context's own file was closed. */
export interface ContextFileClosed extends InContext {
  readonly type: 'ContextFileClosed';
}

/** The last holder of the context's file is gone and its table is empty (iommufd_fops_release). */
export interface ContextReleased extends InContext {
  readonly type: 'ContextReleased';
}

/** An object id was taken; the object is not visible yet (iommufd_object_alloc). */
export interface ObjectReserved extends InContext {
  readonly type: 'ObjectReserved';
  readonly id: number;
  readonly objectType: ObjectType;
}

/** A taken id was given back before its object became visible (iommufd_object_abort). */
export interface ObjectAborted extends InContext {
  readonly type: 'ObjectAborted';
  readonly id: number;
  readonly objectType: ObjectType;
}

/** An object was destroyed and its id is free (iommufd_object_remove). */
export interface ObjectDestroyed extends InContext {
  readonly type: 'ObjectDestroyed';
  readonly id: number;
  readonly objectType: ObjectType;
}

/** How locked memory is counted was switched (iommufd_option_rlimit_mode). */
export interface RlimitModeSet extends InContext {
  readonly type: 'RlimitModeSet';
  readonly mode: number;
}

/** The IOAS of the VFIO compatible ioctls was set or cleared (iommufd_vfio_ioas). */
export interface VfioIoasSet extends InContext {
  readonly type: 'VfioIoasSet';
  readonly ioasId: number | null;
}

export type ContextEvent =
  | ContextOpened
  | ContextFileClosed
  | ContextReleased
  | ObjectReserved
  | ObjectAborted
  | ObjectDestroyed
  | RlimitModeSet
  | VfioIoasSet;

export const CONTEXT_EVENTS: EventEntries<ContextEvent> = {
  ContextOpened: {
    version: 3,
    layer: 'USER_SPACE',
    sentence: '/dev/iommu was opened (iommufd_fops_open).',
    describe: event => `context ${event.contextId}: /dev/iommu opened`,
    evolve: evolveContextOpened,
  },
  ContextFileClosed: {
    version: 1,
    layer: 'USER_SPACE',
    sentence: "The context's own file was closed.",
    describe: event => `context ${event.contextId}: file of /dev/iommu closed`,
    evolve(state, event) {
      contextOf(state, event.contextId).fileOpen = false;
    },
  },
  ContextReleased: {
    version: 1,
    layer: 'IOMMUFD',
    sentence:
      "The last holder of the context's file is gone and its table is empty (iommufd_fops_release).",
    describe: event => `context ${event.contextId} released`,
    evolve(state, event) {
      state.contexts.delete(event.contextId);
      forgetProcesses(state);
    },
  },
  ObjectReserved: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'An object id was taken; the object is not visible yet (iommufd_object_alloc).',
    describe: event => `id ${event.id} taken for a ${event.objectType}`,
    evolve(state, event) {
      contextOf(state, event.contextId).ids.take(event.id);
    },
  },
  ObjectAborted: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'A taken id was given back before its object became visible (iommufd_object_abort).',
    describe: event => `${event.objectType} ${event.id} aborted, its id is free`,
    evolve: evolveObjectRemoved,
  },
  ObjectDestroyed: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'An object was destroyed and its id is free (iommufd_object_remove).',
    describe: event => `${event.objectType} ${event.id} destroyed`,
    evolve: evolveObjectRemoved,
  },
  RlimitModeSet: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'How locked memory is counted was switched (iommufd_option_rlimit_mode).',
    describe: event =>
      `context ${event.contextId}: locked memory is counted per ${event.mode === 0 ? 'user' : 'process'}`,
    evolve(state, event) {
      contextOf(state, event.contextId).rlimitMode = event.mode;
    },
  },
  VfioIoasSet: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'The IOAS of the VFIO compatible ioctls was set or cleared (iommufd_vfio_ioas).',
    describe: event =>
      `context ${event.contextId}: VFIO uses ${event.ioasId === null ? 'no IOAS' : `IOAS ${event.ioasId}`}`,
    evolve(state, event) {
      contextOf(state, event.contextId).vfioIoasId = event.ioasId;
    },
  },
};

function evolveContextOpened(state: MachineState, event: ContextOpened): void {
  const shared = sharedWith(event.process);
  if (shared !== null) knowProcess(state, shared, event.process.memory);
  state.nextContextId = event.contextId + 1;
  state.contexts.set(event.contextId, {
    contextId: event.contextId,
    fileOpen: true,
    ids: new IdAllocator(1),
    objects: new ReusedKeyMap(),
    fileHolders: new Set(),
    process: event.process,
    memory: null,
    written: newWrittenMemory(),
    words: new RangeMap(),
    tablePages: new Set(),
    guestWrittenSeq: null,
    pages: new Map(),
    nextPagesId: 1,
    foreignPages: new Set(),
    rlimitMode: 0,
    lockedPages: 0n,
    vfioIoasId: null,
  });
}

function evolveObjectRemoved(state: MachineState, event: ObjectAborted | ObjectDestroyed): void {
  if (event.objectType === 'FAULT') evolveFaultQueueGone(state, event.contextId, event.id);
  evolveObjectGone(contextOf(state, event.contextId), event.id);
}
