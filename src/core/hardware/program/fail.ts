/** A program that cannot go on. */
import type { Execution } from '../../machine/execution.ts';
import type { ModelledDevice } from '../function/lookup.ts';

export function failProgram(
  x: Execution,
  { deviceNo, hardware }: ModelledDevice,
  failure: string,
): void {
  const { program } = hardware;
  if (program === null || program.state === 'FAILED' || program.state === 'DONE') return;
  const { next, loops, stepsLeft, steps, turns } = program;
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
  });
}
