/** A machine with modelled hardware that is checked after each operation. */

import { isDeepStrictEqual } from 'node:util';
import { checkInvariants } from '../../core/check/invariant.ts';
import type { Command } from '../../core/machine/command.ts';
import type { Event } from '../../core/machine/event.ts';
import { execute } from '../../core/machine/execute.ts';
import type { Outcome } from '../../core/machine/operation.ts';
import { failing } from '../../core/machine/outside.ts';
import { initialState, type MachineState } from '../../core/machine/state.ts';
import { decode, encode, FIRST_PREVIOUS_HASH } from '../../log/codec.ts';
import { CURRENT_UPCASTING } from '../../log/upcast.ts';
import {
  type Checked,
  checkSame,
  ranOutOfMemory,
  replayed,
  type Step,
  throughSnapshot,
  Violation,
} from '../checked-machine.ts';
import { HardwareLedger } from './ledger/ledger.ts';
import { registerErrno } from './ledger/registers.ts';
import type { HardwareProfile } from './profile.ts';

/** What holds of every machine is checked now and then: the old simulation does it each time. */
const INVARIANTS_EVERY = 8;

export class HardwareMachine implements Checked {
  /** The events of all operations, as read back from their stored form. */
  readonly log: Event[] = [];
  private readonly ledger = new HardwareLedger();
  /** Operations run. */
  private count = 0;
  /** Resets of functions by bdf, since anything else was done but to serve and to wait. */
  private readonly resets = new Map<string, number>();
  private live: MachineState = initialState();
  /** Made of the stored events alone. */
  private readonly follower: MachineState = initialState();

  /** A new machine as the profile has it. Throws as `run` does. */
  static create({ baseline, policies, iommus, devices }: HardwareProfile): HardwareMachine {
    const machine = new HardwareMachine();
    const { errno } = machine.run({
      command: { type: 'MachineCreate', baseline, policies, iommus, devices },
    });
    if (errno !== 0) throw new Violation([`the machine cannot be: ${errno}`]);
    return machine;
  }

  get state(): MachineState {
    return this.live;
  }

  /** Throws a Violation, or what the core or a check threw. */
  run({ command, failNth, restored }: Step): Outcome {
    if (restored === true) this.live = throughSnapshot(this.live);
    this.noteClosing(command);
    const expected = registerErrno(this.live, command);
    const outcome = execute(this.live, failing(command, failNth));
    const failed = failNth !== undefined && ranOutOfMemory(outcome);
    const operation = { ...outcome, number: 1, seqBefore: 0, seq: outcome.events.length, atMs: 0 };
    const stored = decode(encode('sim', operation, FIRST_PREVIOUS_HASH), CURRENT_UPCASTING);
    const wrong = this.count++ % INVARIANTS_EVERY === 0 ? checkInvariants(this.live) : [];
    if (!isDeepStrictEqual(stored, operation)) wrong.push('it reads back from the log as another');
    wrong.push(...this.ledger.check(this.follower, stored.events, outcome, failed));
    if (expected !== null && outcome.errno !== expected && !failed) {
      wrong.push(`errno ${outcome.errno}, expected ${expected}`);
    }
    for (const event of stored.events) this.log.push(event);
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

  private noteClosing(command: Command): void {
    const { type } = command;
    if (type === 'DeviceReset') {
      this.resets.set(command.bdf, (this.resets.get(command.bdf) ?? 0) + 1);
    } else if (type !== 'PrqServe' && type !== 'HardwareAdvance') {
      this.resets.clear();
    }
  }

  /** Each function was reset before what stood in the queues was served, and after. */
  get ended(): boolean {
    const { contexts, bdfs, iommus } = this.live;
    const waits = [...iommus.values()].some(iommu => iommu.pageRequestQueue.records.size > 0);
    const twice = [...bdfs.keys()].every(bdf => (this.resets.get(bdf) ?? 0) >= 2);
    return contexts.size === 0 && twice && !waits;
  }

  /** Everything was closed and reset: nothing waits, and nothing is cached. */
  checkEnd(): void {
    const { contexts, iopfGroups, iommus, physicalDevices } = this.live;
    const wrong = checkInvariants(this.live);
    if (contexts.size > 0) wrong.push(`${contexts.size} contexts are left`);
    if (iopfGroups.size > 0) wrong.push(`${iopfGroups.size} iopf groups are left`);
    for (const [iommuNo, { pageRequestQueue, stalls, iotlb, invalidations }] of iommus) {
      const left = [pageRequestQueue.records, stalls, iotlb, invalidations].map(({ size }) => size);
      if (left.some(size => size > 0)) wrong.push(`IOMMU ${iommuNo} has ${left.join(', ')} left`);
    }
    for (const device of physicalDevices.values()) {
      if (device.kind !== 'PCI' || device.hardware === null) continue;
      const { dmas, held, pri, atc } = device.hardware;
      const left = [dmas, held, pri?.outstanding, atc].map(of => of?.size ?? 0);
      if (left.some(size => size > 0)) wrong.push(`${device.bdf} has ${left.join(', ')} left`);
      if ((pri?.used ?? 0) + (pri?.waiting.length ?? 0) > 0)
        wrong.push(`${device.bdf}: credits left`);
    }
    if (wrong.length > 0) throw new Violation(wrong);
    this.checkReplay();
  }
}
