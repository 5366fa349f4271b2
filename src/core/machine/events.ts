/** Events of the machine itself. */
import type { BaselineName } from '../../abi/baselines.ts';
import type { HazardName } from '../../abi/hazards.ts';
import { HAZARDS_LISTED_MAX } from '../../abi/limits.ts';
import type { Policies } from '../../abi/policies.ts';
import type { EventEntries } from './event-entry.ts';
import type { MachineState } from './state.ts';

/** The machine came into being; always seq 1. */
export interface MachineCreated {
  readonly type: 'MachineCreated';
  readonly baseline: BaselineName;
  readonly policies: Policies;
}

/** From here on the machine has another kernel's behaviour and other policies. */
export interface KernelReplaced {
  readonly type: 'KernelReplaced';
  readonly baseline: BaselineName;
  readonly policies: Policies;
}

/** The kernel would warn or touch freed memory here; the machine goes on. */
export interface HazardRecorded {
  readonly type: 'HazardRecorded';
  readonly name: HazardName;
  /** Kernel function. */
  readonly function: string;
  readonly detail: string;
  /** What it is about, such as `device 3` or `iopf group 7`. */
  readonly objects: readonly string[];
  /** The event that planted it, if it was planted before. */
  readonly plantedSeq: number | null;
}

export type MachineEvent = MachineCreated | KernelReplaced | HazardRecorded;

export const MACHINE_EVENTS: EventEntries<MachineEvent> = {
  MachineCreated: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'The machine came into being; always seq 1.',
    describe: event => `the machine behaves as ${event.baseline}`,
    evolve: evolveKernel,
  },
  KernelReplaced: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'whatIf only: from here on it is another kernel, or other policies.',
    describe: event => `from here on the machine behaves as ${event.baseline}`,
    evolve: evolveKernel,
  },
  HazardRecorded: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'The kernel itself misbehaves here; the machine goes on.',
    describe: event => `HAZARD ${event.name} in ${event.function}: ${event.detail}`,
    evolve(state, event) {
      state.hazardCount++;
      if (state.hazards.length === HAZARDS_LISTED_MAX) state.hazards.shift();
      state.hazards.push({
        name: event.name,
        function: event.function,
        detail: event.detail,
        objects: event.objects,
        plantedSeq: event.plantedSeq,
        seq: state.seq,
      });
    },
  },
};

/** Another kernel’s behaviour, or the first one’s. */
function evolveKernel(state: MachineState, event: MachineCreated | KernelReplaced): void {
  state.baseline = event.baseline;
  state.policies = event.policies;
}
