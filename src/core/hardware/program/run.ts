/** A device's program goes on until it waits, ends, or has done as much as it was told. */
import { HARDWARE_EVENTS_MAX } from '../../../abi/limits.ts';
import type { Execution } from '../../machine/execution.ts';
import { hasRoom, startDma } from '../dma/dma.ts';
import { translateOnly } from '../dma/translate-only.ts';
import { type ModelledDevice, priOf } from '../function/lookup.ts';
import type {
  DeviceProgram,
  DmaRequest,
  ProgramOp,
  ProgramRun,
  ProgramState,
} from '../function/state.ts';
import { pageRequest } from '../pri/request.ts';
import { sendStopMarker } from '../pri/send.ts';

/** Goes on with a program that was waiting. */
export function continueProgram(x: Execution, device: ModelledDevice): void {
  const { program } = device.hardware;
  if (program?.state === 'WAITING') runProgram(x, device, program.stepsLeft);
}

/** `stepsLeft`: operations it may do at most. */
export function runProgram(x: Execution, device: ModelledDevice, stepsLeft: number): void {
  const { hardware, deviceNo } = device;
  const program = hardware.program!;
  const { next, loops, steps, turns = steps, options } = program;
  const run: ProgramRun = { next, loops, steps, stepsLeft };
  if (options.pasids.length > 0) run.turns = turns;
  x.programRuns.set(deviceNo, run);
  const state = goThrough(x, device, program, run);
  x.programRuns.delete(deviceNo);
  // One that failed said so.
  if (state === 'FAILED' || unchanged(program, run, state)) return;
  x.emit({ type: 'DeviceProgramStepped', deviceNo, ...run, state, failure: null });
}

/** Operation after operation; what the program is doing when it stops. */
function goThrough(
  x: Execution,
  device: ModelledDevice,
  program: DeviceProgram,
  run: ProgramRun,
): ProgramState {
  const { hardware } = device;
  let state: ProgramState | null = null;
  let inFlight = programDmas(device);
  while (state === null) {
    const op = program.ops[run.next];
    if (program.state === 'FAILED') state = 'FAILED';
    else if (op === undefined) state = inFlight > 0 ? 'WAITING' : 'DONE';
    else if (run.stepsLeft === 0) state = 'RUNNING';
    else if (x.events.length >= HARDWARE_EVENTS_MAX) run.stepsLeft = 0;
    else if (mustWait(device, program, op, inFlight)) state = 'WAITING';
    else {
      const before = hardware.dmas.size;
      doOperation(x, device, program, op, run);
      inFlight += hardware.dmas.size - before;
    }
  }
  return state;
}

function unchanged(program: DeviceProgram, run: ProgramRun, state: ProgramState): boolean {
  return (
    program.state === state &&
    program.next === run.next &&
    program.steps === run.steps &&
    program.loops === run.loops &&
    program.stepsLeft === run.stepsLeft
  );
}

function programDmas({ hardware }: ModelledDevice): number {
  let count = 0;
  for (const { request } of hardware.dmas.values()) if (request.ofProgram) count++;
  return count;
}

function mustWait(
  device: ModelledDevice,
  { options }: DeviceProgram,
  { op }: ProgramOp,
  inFlight: number,
): boolean {
  switch (op) {
    case 'BARRIER':
      return inFlight > 0;
    case 'STOP':
    case 'TRANSLATE':
    case 'REPEAT':
      return false;
    default:
      return inFlight >= options.maxOutstanding || !hasRoom(device);
  }
}

function doOperation(
  x: Execution,
  device: ModelledDevice,
  program: DeviceProgram,
  op: ProgramOp,
  run: ProgramRun,
): void {
  run.stepsLeft--;
  run.steps++;
  run.next++;
  switch (op.op) {
    case 'BARRIER':
      return;
    case 'REPEAT':
      repeat(program, op, run);
      return;
    case 'STOP':
      stopUsing(x, device, pasidFor(op, program, run));
      return;
    case 'TRANSLATE':
      translateOnly(x, device, dmaOf(op, pasidFor(op, program, run), run.next - 1));
      return;
    default:
      startDma(x, device, dmaOf(op, pasidFor(op, program, run), run.next - 1), program.options);
  }
}

/** Its own, or the next of the program's: operations that take none leave the turn as it is. */
function pasidFor(
  { pasid }: ProgramOp,
  { options }: DeviceProgram,
  run: ProgramRun,
): number | null {
  const { pasids } = options;
  if (pasid !== null || run.turns === undefined) return pasid;
  return pasids[run.turns++ % pasids.length]!;
}

/** A function with PRI off sends no page request message, a marker neither. */
function stopUsing(x: Execution, device: ModelledDevice, pasid: number | null): void {
  if (pasid === null || !priOf(x.state, device)?.enabled) return;
  sendStopMarker(x, device, pageRequest(pasid, 0, 0, 0n, true));
}

/** Back to what stands after the REPEAT before it, or to the start. */
function repeat({ ops }: DeviceProgram, { count }: ProgramOp, run: ProgramRun): void {
  run.loops = (run.loops ?? count ?? 0) - 1;
  if (run.loops < 0) {
    run.loops = null;
    return;
  }
  const here = run.next - 1;
  run.next = ops.slice(0, here).findLastIndex(({ op }) => op === 'REPEAT') + 1;
}

/** What an operation of a program asks of the bus. */
function dmaOf(op: ProgramOp, pasid: number | null, programOp: number): DmaRequest {
  const copies = op.op === 'COPY' || op.op === 'ECHO';
  return {
    pasid,
    iova: op.iova ?? 0n,
    length: op.length ?? 1n,
    write: op.op === 'WRITE' || (op.op === 'TRANSLATE' && op.write),
    fill: op.op === 'WRITE' ? (op.fill ?? 0) : null,
    source: null,
    copyTo: copies ? (op.op === 'ECHO' ? op.iova : op.toIova) : null,
    expected: op.op === 'EXPECT' ? (op.fill ?? 0) : null,
    ofProgram: true,
    programOp,
  };
}
