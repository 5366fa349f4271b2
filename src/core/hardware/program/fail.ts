/** Where a run of a program stands: it is written into the state when the run stops. */
export interface Run {
  next: number;
  loops: number | null;
  stepsLeft: number;
  steps: number;
  turns?: number;
}

/** The runs under way in the command that is executed. */
export const RUNS = new WeakMap<ModelledDevice, Run>();

/** A program that cannot go on. `failedOp`: place of the operation by which it fails. */
import type { Execution } from '../../machine/execution.ts';
import type { ModelledDevice } from '../function/lookup.ts';

export function failProgram(
  x: Execution,
  device: ModelledDevice,
  failure: string,
  failedOp?: number,
): void {
  const { deviceNo, hardware } = device;
  const { program } = hardware;
  if (program === null || program.state === 'FAILED' || program.state === 'DONE') return;
  const { next, loops, stepsLeft, steps, turns } = RUNS.get(device) ?? program;
  x.emit({
    type: 'DeviceProgramStepped',
    deviceNo,
    next,
    loops,
    stepsLeft,
    steps,
    ...(turns === undefined ? {} : { turns }),
    state: 'FAILED',
    failure,
    ...(failedOp === undefined ? {} : { failedOp }),
  });
}
