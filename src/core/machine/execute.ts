/**
 * execute(state, command): runs one operation step by step, in the kernel's order. Every change is
 * an event, applied at once. The outcome holds the errno, the reply, the events and the trace.
 */
import { settleHardware } from '../hardware/settle.ts';
import { type Command, entryOf } from './command.ts';
import { Execution } from './execution.ts';
import type { Outcome } from './operation.ts';
import type { MachineState } from './state.ts';

/** How one command is run, besides what it says. */
export interface ExecuteOptions {
  /**
   * Fail the n-th memory allocation of the kernel, counted from 1, as its fault injection does
   * (fail_nth). Making a machine is not the kernel's work and does not fail.
   */
  readonly failNth?: number;
}

export function execute(
  state: MachineState,
  command: Command,
  { failNth }: ExecuteOptions = {},
): Outcome {
  const x = new Execution(state, command.type === 'MachineCreate' ? null : (failNth ?? null));
  const { execute: run, settled } = entryOf(command);
  const { errno, reply: early } = run(x, command);
  settleHardware(x);
  const reply = early === null || settled === undefined ? early : settled(x, command, early);
  return { command, errno, reply, events: x.events, trace: x.trace };
}
