/** Looking back: the state of a machine at any seq, by replaying from the nearest snapshot. */
import { evolve } from '../../core/machine/evolve.ts';
import { fromPlain, toPlain } from '../../core/machine/snapshot.ts';
import type { MachineState } from '../../core/machine/state.ts';
import type { Engine } from '../machine/engine.ts';
import { SeqOutOfRangeError, UnknownMachineError } from '../machine/errors.ts';
import { readEventPages } from '../machine/event-pages.ts';
import type { Look } from '../machine/looks.ts';
import type { Machine } from '../machine/machine.ts';
import { turn } from '../turn/turn.ts';
import { lastNumberUntil } from './places.ts';
import { beginning, keepSnapshot, type Place, placeBefore, thingsIn } from './snapshots.ts';

/** States of the past kept in memory as they are, for whoever asks for the same seq again. */
const KEPT_STATES = 8;
/** Objects, mappings, groups and such in all of them; a state that has more is not kept. */
export const KEPT_THINGS_MAX = 20_000;
/** Operations read at a time: from a snapshot on, few are needed. */
const PAGE_OPERATIONS = 64;

/** A state that is kept so many events before the one asked for is nearer than most snapshots. */
const NEAR_EVENTS = 512;

interface Kept {
  readonly life: object;
  readonly at: number;
  readonly state: Promise<MachineState>;
  /** Known once it is replayed. */
  things: number;
}

export class History {
  private readonly engine: Engine;
  /** The one used last comes last. */
  private kept: Kept[] = [];

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /**
   * The state after the event `at`; 0 is before the first. Nobody may change it. Whoever lists what a
   * map or set of it holds brings that into an order: it depends on where the replay began. Errors:
   * UnknownMachineError, SeqOutOfRangeError.
   *
   * The newest state is the machine's own and goes on with it, but not while `look` lasts.
   */
  async stateAt(machineId: string, at: number, look: Look | null = null): Promise<MachineState> {
    let machine = await this.machineAfter(machineId, at);
    if (at === machine.state.seq && look !== null) {
      machine = await this.engine.seen(machineId, look);
    }
    if (at === machine.state.seq) return machine.state;
    const { life } = machine;
    const known = this.keptAt(machine, at);
    const kept = known ?? { life, at, state: this.replay(machine, at), things: 0 };
    this.kept = [...this.kept.filter(other => other !== kept), kept].slice(-KEPT_STATES);
    if (known === undefined) await this.bound(kept);
    return kept.state;
  }

  /** The same as the caller's own, kept by nobody. */
  async ownStateAt(machineId: string, at: number): Promise<MachineState> {
    const machine = await this.machineAfter(machineId, at);
    if (at === machine.state.seq) return fromPlain(toPlain(machine.state));
    const kept = this.keptAt(machine, at);
    return kept === undefined ? this.replay(machine, at) : fromPlain(toPlain(await kept.state));
  }

  private keptAt({ life }: Machine, at: number): Kept | undefined {
    return this.kept.find(kept => kept.at === at && kept.life === life);
  }

  private async machineAfter(machineId: string, at: number): Promise<Machine> {
    const machine = await this.engine.settled(machineId);
    const { seq } = machine.state;
    if (at < 0 || at > seq) throw new SeqOutOfRangeError(machineId, 'at', at, seq);
    return machine;
  }

  /** Makes room for what has come; forgets it if it cannot be, or is too much. */
  private async bound(come: Kept): Promise<void> {
    try {
      come.things = thingsIn(await come.state);
    } catch {
      // Whoever asked hears why.
      come.things = Number.POSITIVE_INFINITY;
    }
    if (come.things > KEPT_THINGS_MAX) this.kept = this.kept.filter(kept => kept !== come);
    const sum = () => this.kept.reduce((all, { things }) => all + things, 0);
    while (sum() > KEPT_THINGS_MAX) this.kept.shift();
  }

  /** A copy of the nearest state that is kept, and its place; null if none is near. */
  private async nearBefore({ machineId, life }: Machine, at: number): Promise<Place | null> {
    const before = this.kept.filter(kept => kept.life === life && kept.at < at);
    const near = before.toSorted((a, b) => a.at - b.at).at(-1);
    if (near === undefined || at - near.at > NEAR_EVENTS) return null;
    const number = await lastNumberUntil(this.engine, machineId, near.at);
    const found = await near.state.catch(() => null);
    if (found === null) return null;
    // It may be in the middle of an operation, whose first events are not applied again.
    const state = fromPlain(toPlain(found));
    return { state, number, snapshots: { ...beginning().snapshots, next: Infinity } };
  }

  private async replay(machine: Machine, at: number): Promise<MachineState> {
    const { machineId } = machine;
    const { log } = this.engine;
    // Reading a snapshot of a large state takes some milliseconds by itself.
    const wait = turn();
    if (wait !== null) await wait;
    const near = await this.nearBefore(machine, at);
    const place = near ?? (await placeBefore(log, machineId, at));
    const { state, number: start } = place;
    if (state.seq === at) return state;
    let { snapshots } = place;
    for await (const page of readEventPages(log, machineId, start, PAGE_OPERATIONS)) {
      for (const { number, seqBefore, events } of page) {
        for (const event of events.slice(Math.max(0, state.seq - seqBefore))) {
          evolve(state, event);
          if (state.seq === at) return state;
        }
        // Only where snapshots were thrown away, or the log is of a time before them.
        if (state.seq >= snapshots.next) {
          snapshots = await keepSnapshot(log, machineId, state, number, snapshots);
        }
      }
    }
    // Deleted in the meantime.
    throw new UnknownMachineError(machineId);
  }
}
