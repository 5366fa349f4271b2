/** Looking back: the state of a machine at any seq, by replaying its events. */
import { evolve } from '../core/evolve.ts';
import { initialState, type MachineState } from '../core/state.ts';
import { type Engine, readEventPages } from './engine.ts';
import { SeqOutOfRangeError } from './errors.ts';

/** States of the past kept in memory. */
const KEPT_STATES = 8;

export class History {
  private readonly engine: Engine;
  private readonly kept = new Map<string, Promise<MachineState>>();

  constructor(engine: Engine) {
    this.engine = engine;
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
    // The first operation's time tells a machine from an older one of the same name.
    const created = (await this.engine.log.head(machineId))?.createdAtMs;
    const key = `${at}/${created}/${machineId}`;
    const state = this.kept.get(key) ?? this.replay(machineId, at);
    this.kept.delete(key);
    this.kept.set(key, state);
    if (this.kept.size > KEPT_STATES) this.kept.delete(this.kept.keys().next().value!);
    state.catch(() => this.kept.delete(key));
    return state;
  }

  private async replay(machineId: string, at: number): Promise<MachineState> {
    const state = initialState();
    for await (const page of readEventPages(this.engine.log, machineId)) {
      for (const { events } of page) {
        for (const event of events) {
          if (state.seq === at) return state;
          evolve(state, event);
        }
      }
    }
    return state;
  }
}
