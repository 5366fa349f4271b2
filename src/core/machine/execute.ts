/**
 * execute(state, command): runs one operation step by step, in the kernel's order. Every change is
 * an event, applied at once. The outcome holds the errno, the reply, the events and the trace.
 */
import { settleHardware } from '../hardware/settle.ts';
import { takeGone, takeToldMemory } from '../memory/told.ts';
import { type Command, entryOf } from './command.ts';
import { Execution } from './execution.ts';
import type { Outcome } from './operation.ts';
import type { MachineState } from './state.ts';

export function execute(state: MachineState, command: Command): Outcome {
  const { outside } = command;
  const failNth = command.type === 'MachineCreate' ? undefined : outside?.failNth;
  const x = new Execution(state, failNth ?? null, outside?.process ?? null);
  if (outside?.memory !== undefined) takeToldMemory(x, outside.memory);
  const { execute: run, settled } = entryOf(command);
  const { errno, reply: early } = run(x, command);
  settleHardware(x);
  if (outside?.gone !== undefined) takeGone(x, outside.gone);
  const reply = early === null || settled === undefined ? early : settled(x, command, early);
  const outcome = { command, errno, reply, events: x.events, trace: x.trace };
  return failNth === undefined ? outcome : { ...outcome, allocations: x.allocations };
}
