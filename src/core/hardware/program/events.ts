/** Events of devices' programs. */
import { must } from '../../machine/assert.ts';
import type { EventEntries } from '../../machine/event-entry.ts';
import { modelledDeviceOf } from '../function/lookup.ts';
import type { ProgramOp, ProgramOptions, ProgramState } from '../function/state.ts';

/** A device was given a program. */
export interface DeviceProgramLoaded {
  readonly type: 'DeviceProgramLoaded';
  readonly deviceNo: number;
  readonly ops: readonly ProgramOp[];
  readonly options: ProgramOptions;
}

/** A program went on as far as it came. */
export interface DeviceProgramStepped {
  readonly type: 'DeviceProgramStepped';
  readonly deviceNo: number;
  readonly next: number;
  readonly loops: number | null;
  readonly stepsLeft: number;
  readonly steps: number;
  /** Of a program with `pasids`: operations that took one of them. */
  readonly turns?: number;
  readonly state: ProgramState;
  readonly failure: string | null;
  /** FAILED: place of the operation that failed. Absent if none did, and in older logs. */
  readonly failedOp?: number;
}

export type ProgramEvent = DeviceProgramLoaded | DeviceProgramStepped;

function whereItIs({ next, state, failure, failedOp }: DeviceProgramStepped): string {
  if (failure === null) return `at operation ${next}, ${state}`;
  return `failed at operation ${failedOp ?? next}: ${failure}`;
}

export const PROGRAM_EVENTS: EventEntries<ProgramEvent> = {
  DeviceProgramLoaded: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A device was given a program: what DMA it is to do, in which order.',
    describe: event =>
      `physical device ${event.deviceNo}: program of ${event.ops.length} operations loaded`,
    evolve(state, { deviceNo, ops, options }) {
      modelledDeviceOf(state, deviceNo).hardware.program = {
        ops,
        options,
        next: 0,
        loops: null,
        stepsLeft: 0,
        steps: 0,
        state: 'IDLE',
        failure: null,
      };
    },
  },
  DeviceProgramStepped: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A device’s program went on: how far, and what it is doing now.',
    describe: event => `physical device ${event.deviceNo}: program ${whereItIs(event)}`,
    evolve(state, { type: _, deviceNo, ...progress }) {
      const { program } = modelledDeviceOf(state, deviceNo).hardware;
      Object.assign(must(program, 'program'), progress);
    },
  },
};
