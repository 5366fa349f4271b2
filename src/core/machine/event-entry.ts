/**
 * One entry an event: all that Faultline knows of a kind of event stands in it, in the folder whose
 * state it changes, with the event's type beside it. What is left out does not compile.
 */
import type { MachineState } from './state.ts';

/** Where a change happens, from the program down to the device. */
export type Layer = 'USER_SPACE' | 'IOMMUFD' | 'IOMMU_CORE' | 'HARDWARE';

export const LAYER_TEXT: Readonly<Record<Layer, string>> = {
  USER_SPACE: 'What a program did with its files: open, close, read, write.',
  IOMMUFD: "iommufd's objects and their references (drivers/iommu/iommufd).",
  IOMMU_CORE:
    'IOMMU groups, DMA ownership, attach handles, the page-fault core (drivers/iommu/iommu.c, io-pgfault.c).',
  HARDWARE: 'Devices, and the IOMMU as its driver programs it.',
};

/** Fields of an event that happened in a context. */
export interface InContext {
  readonly contextId: number;
}

export interface EventEntry<E> {
  /**
   * The version in which it is written today. To change the event: raise it, and add an upcaster
   * from the old one (src/log/upcast.ts).
   */
  readonly version: number;
  readonly layer: Layer;
  /** What this kind of event says, with the kernel function it stands for. */
  readonly sentence: string;
  /** One event in one sentence, without a full stop. */
  readonly describe: (event: E) => string;
  /** What it does to the state, in place. Never refuses; a broken invariant throws. */
  readonly evolve: (state: MachineState, event: E) => void;
}

/** An entry for each event of a union, under its type. */
export type EventEntries<E extends { readonly type: string }> = {
  readonly [T in E['type']]: EventEntry<Extract<E, { readonly type: T }>>;
};

/** For events that say what happened outside the state: in the hardware, or on its way to it. */
export function outsideTheState(): void {
  // Nothing of the state changes.
}
