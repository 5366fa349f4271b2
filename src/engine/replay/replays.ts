/** The replays under way: bounded in number, found by their ids. */
import { REPLAY_GROUPS_TOGETHER_MAX, REPLAYS_MAX } from '../../abi/limits.ts';
import { Follower } from '../follow/follow.ts';
import { Closer, pullIterator } from '../follow/pull.ts';
import type { FaultHandlers } from '../handler/fault-handler.ts';
import type { Engine } from '../machine/engine.ts';
import {
  OperationOutOfRangeError,
  ReplayRangeError,
  SeqOutOfRangeError,
  TooManyReplaysError,
  UnknownReplayError,
} from '../machine/errors.ts';
import type { History } from '../past/history.ts';
import { Redrive, type RedriveItem, type RedriveOptions } from './redrive.ts';
import { Replay, type ReplayItem, type ReplayOptions } from './replay.ts';
import { type Clock, SYSTEM_CLOCK } from './replay-pace.ts';
import { readRecord } from './replay-record.ts';

export class Replays {
  private readonly engine: Engine;
  private readonly history: History;
  private readonly handlers: FaultHandlers;
  private readonly clock: Clock;
  private readonly replays = new Map<string, Replay>();
  private readonly redrives = new Map<string, Redrive>();
  /** Those that begin, too. */
  private count = 0;
  /** iopf groups in the ranges of all of them. */
  private groups = 0;

  constructor(
    engine: Engine,
    history: History,
    handlers: FaultHandlers,
    clock: Clock = SYSTEM_CLOCK,
  ) {
    this.engine = engine;
    this.history = history;
    this.handlers = handlers;
    this.clock = clock;
  }

  /**
   * Ends after FINISHED, or when the machine is deleted. Errors: UnknownMachineError,
   * SeqOutOfRangeError, ReplayRangeError, ReplayTooLongError, TooManyReplaysError.
   */
  async start(options: ReplayOptions): Promise<AsyncGenerator<ReplayItem, undefined>> {
    if (this.count === REPLAYS_MAX) throw new TooManyReplaysError(REPLAYS_MAX);
    this.count++;
    const closer = new Closer();
    closer.onClose(() => this.count--);
    try {
      const replay = await this.make(options, closer);
      this.keepGroups(replay.record.groups.size, closer);
      this.replays.set(replay.replayId, replay);
      closer.onClose(() => this.replays.delete(replay.replayId));
      return pullIterator(closer, () => replay.next());
    } catch (error) {
      closer.close();
      throw error;
    }
  }

  /** Errors: TooManyReplaysError. */
  private keepGroups(groups: number, closer: Closer): void {
    if (this.groups + groups > REPLAY_GROUPS_TOGETHER_MAX) {
      throw new TooManyReplaysError(REPLAY_GROUPS_TOGETHER_MAX, 'iopf groups in replays');
    }
    this.groups += groups;
    closer.onClose(() => {
      this.groups -= groups;
    });
  }

  /** Errors: UnknownReplayError. */
  replay(replayId: string): Replay {
    const replay = this.replays.get(replayId);
    if (replay === undefined || replay.finished) throw new UnknownReplayError();
    return replay;
  }

  /**
   * Runs a recorded past again without its answers, on a fork. Ends after FINISHED, or when one of
   * both machines is deleted. Errors: those of Engine.fork, TooManyReplaysError.
   */
  async redrive(options: RedriveOptions): Promise<AsyncGenerator<RedriveItem, undefined>> {
    if (this.count === REPLAYS_MAX) throw new TooManyReplaysError(REPLAYS_MAX);
    this.count++;
    const closer = new Closer();
    closer.onClose(() => this.count--);
    try {
      const { engine, history, handlers, clock } = this;
      const { machineId, newMachineId, number } = options;
      const machine = await engine.settled(machineId);
      const last = machine.committed;
      if (number < 1 || number >= last) {
        throw new OperationOutOfRangeError(machineId, 'fromOperation', number + 1, last, 2);
      }
      await engine.fork(newMachineId, machineId, number);
      const forked = await engine.settled(newMachineId);
      const redrive = new Redrive({
        options,
        engine,
        history,
        handlers,
        recorded: new Follower(engine, machine, number, closer),
        last,
        fork: new Follower(engine, forked, number, closer),
        closer,
        clock,
      });
      this.redrives.set(redrive.redriveId, redrive);
      closer.onClose(() => this.redrives.delete(redrive.redriveId));
      return pullIterator(closer, () => redrive.next());
    } catch (error) {
      closer.close();
      throw error;
    }
  }

  /** Errors: UnknownReplayError. */
  redriven(redriveId: string): Redrive {
    const redrive = this.redrives.get(redriveId);
    if (redrive === undefined || redrive.finished) throw new UnknownReplayError();
    return redrive;
  }

  private async make(options: ReplayOptions, closer: Closer): Promise<Replay> {
    const { machineId, from } = options;
    const machine = await this.engine.settled(machineId);
    const newest = machine.state.seq;
    const to = options.to ?? newest;
    if (to < 0 || to > newest) throw new SeqOutOfRangeError(machineId, 'to', to, newest);
    if (from < 0 || from > newest) throw new SeqOutOfRangeError(machineId, 'from', from, newest);
    if (from > to) throw new ReplayRangeError(from, to);
    const [before] = await this.engine.log.read(machineId, {
      untilSeq: from,
      limit: 1,
      order: 'backward',
    });
    const follower = () => new Follower(this.engine, machine, before?.number ?? 0, closer);
    const record = await readRecord(follower(), from, to);
    const state = await this.history.ownStateAt(machineId, from);
    return new Replay({ options, record, state, follower: follower(), closer, clock: this.clock });
  }
}
