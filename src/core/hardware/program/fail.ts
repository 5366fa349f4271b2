/** A program that cannot go on. */
import type { Execution } from '../../machine/execution.ts';
import type { ModelledDevice } from '../function/lookup.ts';

/** `failedOp`: place of the operation by which it fails. In a run, it fails where that stands. */
export function failProgram(
  x: Execution,
  { deviceNo, hardware }: ModelledDevice,
  failure: string,
  failedOp?: number,
): void {
  const { program } = hardware;
  if (program === null || program.state === 'FAILED' || program.state === 'DONE') return;
  const { next, loops, stepsLeft, steps, turns } = x.programRuns.get(deviceNo) ?? program;
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
