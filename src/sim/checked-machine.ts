/** A machine that is checked after each operation, by all that must hold on its kernel. */

import { isDeepStrictEqual } from 'node:util';
import { checkInvariants } from '../core/check/invariant.ts';
import type { Command } from '../core/machine/command.ts';
import type { Event } from '../core/machine/event.ts';
import { evolve } from '../core/machine/evolve.ts';
import { execute } from '../core/machine/execute.ts';
import type { Operation, Outcome } from '../core/machine/operation.ts';
import { failing } from '../core/machine/outside.ts';
import { fromPlain, type Plain, toPlain } from '../core/machine/snapshot.ts';
import { initialState, type MachineState } from '../core/machine/state.ts';
import { stateHash } from '../engine/past/state-hash.ts';
import { decode, encode, FIRST_PREVIOUS_HASH } from '../log/codec.ts';
import { CURRENT_UPCASTING } from '../log/upcast.ts';
import type { Kernel } from './kernels.ts';
import { SIMULATED_DEVICES } from './machine.ts';
import { checkHazards } from './oracle/hazards.ts';
import { checkFaultFile } from './oracle/iommufd/fault-file.ts';
import { checkMade } from './oracle/iommufd/hwpt.ts';
import { Ledger } from './oracle/ledger.ts';
import { checkMoves } from './oracle/move.ts';
import { checkNoted } from './oracle/noted.ts';
import { expectedErrno } from './oracle/oracle.ts';
import { checkRefused } from './oracle/refused.ts';

/** One operation of a run and how it is run. */
export interface Step {
  readonly command: Command;
  /** The allocation that fails, counted from 1. */
  readonly failNth?: number;
  /** Before it the state goes through a snapshot, after which it must behave the same. */
  readonly restored?: boolean;
}

/** What does not hold, one sentence each. */
export class Violation extends Error {
  constructor(wrong: readonly string[]) {
    super(wrong.join('\n'));
  }
}

/** A machine that says what is wrong after an operation. */
export interface Checked {
  run(step: Step): Outcome;
  checkFollower(): void;
  /** Everything was closed, as at the end of a run: checkEnd makes sense. */
  readonly ended: boolean;
  checkEnd(): void;
}

export class CheckedMachine implements Checked {
  /** The events of all operations, as read back from their stored form. */
  readonly log: Event[] = [];
  private readonly ledger = new Ledger();
  private closed = false;
  private live: MachineState = initialState();
  /** Made of the stored events alone; one operation behind while that is being checked. */
  private readonly follower: MachineState = initialState();

  /** A new machine with the devices of machine.ts. Throws as `run` does. */
  static create({ baseline, policies }: Kernel): CheckedMachine {
    const machine = new CheckedMachine();
    machine.run({
      command: { type: 'MachineCreate', baseline, policies, devices: SIMULATED_DEVICES },
    });
    return machine;
  }

  get state(): MachineState {
    return this.live;
  }

  /** Throws a Violation, or what the core or a check threw. */
  run({ command, failNth, restored }: Step): Outcome {
    if (restored === true) this.live = throughSnapshot(this.live);
    if (command.type === 'ContextClose') this.closed = true;
    const before = this.follower;
    const expected = expectedErrno(this.live, command, failNth);
    const outcome = execute(this.live, failing(command, failNth));
    const failed = failNth !== undefined && ranOutOfMemory(outcome);
    const operation = operationOf(outcome);
    const stored = decode(encode('sim', operation, FIRST_PREVIOUS_HASH), CURRENT_UPCASTING);
    const wrong = [
      ...checkInvariants(this.live),
      ...this.ledger.check(before, outcome, failed),
      ...checkMoves(before, this.live, outcome),
      ...(failed ? [] : checkFaultFile(before, outcome)),
      ...checkHazards(before, outcome),
      ...checkNoted(before, outcome),
      ...checkMade(this.live, outcome),
      ...(outcome.errno === 0 ? [] : checkRefused(before, this.live, outcome)),
    ];
    if (expected !== null && outcome.errno !== expected && !failed) {
      wrong.push(`errno ${outcome.errno}, expected ${expected}`);
    }
    if (!isDeepStrictEqual(stored, operation)) wrong.push('it reads back from the log as another');
    for (const event of stored.events) {
      evolve(before, event);
      this.log.push(event);
    }
    if (wrong.length > 0) throw new Violation(wrong);
    return outcome;
  }

  /** The stored events, applied one after the other, make this state. */
  checkFollower(): void {
    checkSame(this.live, this.follower);
  }

  /** So they do when all of them are replayed. */
  checkReplay(): void {
    checkSame(this.live, replayed(this.log));
  }

  get ended(): boolean {
    const { contexts, inFlight } = this.live;
    return this.closed && contexts.size === 0 && inFlight.size === 0;
  }

  /** Everything was closed: nothing is left, and each page request had its answer. */
  checkEnd(): void {
    const { contexts, iopfGroups, inFlight } = this.live;
    const wrong = this.ledger.unsettled();
    if (contexts.size > 0) wrong.push(`${contexts.size} contexts are left`);
    if (iopfGroups.size > 0) wrong.push(`${iopfGroups.size} iopf groups are left`);
    if (inFlight.size > 0) wrong.push(`${inFlight.size} requests in flight are left`);
    if (wrong.length > 0) throw new Violation(wrong);
    this.checkReplay();
  }
}

/** The state after it went through a snapshot. */
export function throughSnapshot(state: MachineState): MachineState {
  return fromPlain(JSON.parse(JSON.stringify(toPlain(state))) as Plain);
}

/** What events make from the beginning. */
export function replayed(events: readonly Event[]): MachineState {
  const state = initialState();
  for (const event of events) evolve(state, event);
  return state;
}

/** Throws a Violation if a replay made another state. */
export function checkSame(live: MachineState, made: MachineState): void {
  if (stateHash(made) === stateHash(live)) return;
  throw new Violation(['a replay gives another state']);
}

/** Whether an allocation failed, also if the operation went on without it. */
export function ranOutOfMemory({ trace }: Outcome): boolean {
  return trace.some(
    ({ returned, reason }) => returned === 'ENOMEM' || reason?.rule === 'ALLOCATION_FAILED',
  );
}

function operationOf(outcome: Outcome): Operation {
  return { ...outcome, number: 1, seqBefore: 0, seq: outcome.events.length, atMs: 0 };
}
