/** Looking back: the state of a machine at any seq, by replaying from the nearest checkpoint. */
import { evolve } from '../core/evolve.ts';
import { fromPlain, toPlain } from '../core/snapshot.ts';
import type { MachineState } from '../core/state.ts';
import { Checkpoints } from './checkpoints.ts';
import { type Engine, readEventPages } from './engine.ts';
import { SeqOutOfRangeError, UnknownMachineError } from './errors.ts';
import type { Machine } from './machine.ts';

/** States of the past kept in memory as they are, for whoever asks for the same seq again. */
const KEPT_STATES = 8;
/** Operations read at a time: from a checkpoint on, few are needed. */
const PAGE_OPERATIONS = 64;

interface Kept {
  readonly life: object;
  readonly at: number;
  readonly state: Promise<MachineState>;
}

export class History {
  private readonly engine: Engine;
  private readonly checkpoints: Checkpoints;
  /** The one used last comes last. */
  private kept: Kept[] = [];

  constructor(engine: Engine, checkpoints = new Checkpoints()) {
    this.engine = engine;
    this.checkpoints = checkpoints;
  }

  /**
   * The state after the event `at`; 0 is before the first. Nobody may change it. Errors:
   * UnknownMachineError, SeqOutOfRangeError.
   */
  async stateAt(machineId: string, at: number): Promise<MachineState> {
    const machine = await this.engine.settled(machineId);
    const { seq } = machine.state;
    if (at < 0 || at > seq) throw new SeqOutOfRangeError(machineId, 'at', at, seq);
    if (at === seq) return machine.state;
    const { life } = machine;
    const found = this.kept.find(kept => kept.at === at && kept.life === life);
    // A checkpoint brings maps and sets into one order. So is every answer, wherever it came from.
    const state = found?.state ?? this.replay(machine, at).then(past => fromPlain(toPlain(past)));
    this.forget(state);
    this.kept.push({ life, at, state });
    if (this.kept.length > KEPT_STATES) this.kept.shift();
    state.catch(() => this.forget(state));
    return state;
  }

  private forget(state: Promise<MachineState>): void {
    this.kept = this.kept.filter(kept => kept.state !== state);
  }

  private async replay({ machineId, life }: Machine, at: number): Promise<MachineState> {
    const { state, number, offerAfter } = this.checkpoints.before(life, at);
    if (state.seq === at) return state;
    let offerAt = state.seq + offerAfter;
    for await (const page of readEventPages(this.engine.log, machineId, number, PAGE_OPERATIONS)) {
      for (const { number, events } of page) {
        for (const event of events) {
          evolve(state, event);
          if (state.seq === at) return state;
        }
        if (state.seq < offerAt) continue;
        offerAt = state.seq + this.checkpoints.offer(life, { state, number });
      }
    }
    // Deleted in the meantime.
    throw new UnknownMachineError(machineId);
  }
}
