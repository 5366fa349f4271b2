/**
 * A recorded past sent again: its events at their own pace, faster, or step by step, and the iopf
 * groups that were read in it as a handler got them. The handler's answers change nothing; they are
 * compared with the recorded ones.
 */
import { randomUUID } from 'node:crypto';
import { IOMMUFD_PAGE_RESP_INVALID } from '../../abi/uapi.ts';
import type { IopfGroup } from '../../core/iommu/state.ts';
import type { CommandOf } from '../../core/machine/command.ts';
import type { Event } from '../../core/machine/event.ts';
import { evolve } from '../../core/machine/evolve.ts';
import type { MachineState } from '../../core/machine/state.ts';
import { eventsOf, type Follower, isGone, type LoggedEvent } from '../follow/follow.ts';
import type { Closer } from '../follow/pull.ts';
import { MACHINE_GONE } from '../follow/waiters.ts';
import { NotStepwiseError } from '../machine/errors.ts';
import type { Machine } from '../machine/machine.ts';
import {
  type FaultQueueId,
  ReplayAnswers,
  type ReplayComparison,
  type ReplaySummary,
} from './replay-answers.ts';
import { type Clock, Pace, type PaceOptions, type Step, Steps } from './replay-pace.ts';
import type { ReplayRecord } from './replay-record.ts';

export interface ReplayOptions extends PaceOptions {
  readonly machineId: string;
  /** The events after this seq are sent. */
  readonly from: number;
  /** The last event sent; null for the newest. */
  readonly to: number | null;
  /** Only what `step` lets through, without waiting. */
  readonly stepwise: boolean;
  /** A recorded answer waits for the handler's own. */
  readonly waitForAnswers: boolean;
  /** Only groups of this queue are delivered and waited for; left out: those of all queues. */
  readonly queue?: FaultQueueId;
}

export type ReplayItemKind =
  | 'STARTED'
  | 'EVENT'
  | 'DELIVERED'
  | 'ANSWERED'
  | 'TAKEN_AWAY'
  | 'FINISHED';

export interface ReplayItem {
  readonly kind: ReplayItemKind;
  readonly replayId: string;
  readonly record: ReplayRecord;
  /** The last event sent, this item's included. */
  readonly seq: number;
  /** Milliseconds since the first operation of the range, as recorded. */
  readonly offsetMs: number;
  /** The machine after it. The next item changes it, and the group. */
  readonly state: MachineState;
  readonly logged: LoggedEvent | null;
  /** DELIVERED, ANSWERED, TAKEN_AWAY: the group. */
  readonly iopfGroup: IopfGroup | null;
  /** ANSWERED, TAKEN_AWAY: the answer recorded. */
  readonly code: number | null;
  /** FINISHED. */
  readonly summary: ReplaySummary | null;
}

export interface ReplayParts {
  readonly options: ReplayOptions;
  readonly record: ReplayRecord;
  /** After the event `from`; the replay's own. */
  readonly state: MachineState;
  readonly follower: Follower;
  readonly closer: Closer;
  readonly clock: Clock;
}

/** One past on its way to one subscriber. */
export class Replay {
  readonly replayId = randomUUID();
  finished = false;
  private started = false;
  readonly record: ReplayRecord;
  private readonly state: MachineState;
  private readonly follower: Follower;
  private readonly closer: Closer;
  private readonly clock: Clock;
  private readonly waitForAnswers: boolean;
  private readonly queue: FaultQueueId | null;
  private readonly pace: Pace;
  private readonly steps: Steps | null;
  private readonly answers = new ReplayAnswers();
  private page: LoggedEvent[] = [];
  private place = 0;
  private firstMs: number | null = null;
  private offsetMs = 0;
  /** Ends a pause, if there is one. */
  private goOn = () => {};

  constructor({ options, record, state, follower, closer, clock }: ReplayParts) {
    this.record = record;
    this.state = state;
    this.follower = follower;
    this.closer = closer;
    this.clock = clock;
    this.waitForAnswers = options.waitForAnswers;
    this.queue = options.queue ?? null;
    this.pace = new Pace(options.stepwise ? { ...options, speed: 0 } : options, clock);
    this.steps = options.stepwise ? new Steps() : null;
  }

  /** Lets a stepwise replay go on. Returns the last event sent. Errors: NotStepwiseError. */
  step(step: Step): number {
    if (this.steps === null) throw new NotStepwiseError();
    this.steps.let(step);
    this.goOn();
    return this.state.seq;
  }

  /** Compares answers with the record, see ReplayAnswers; nothing is written anywhere. */
  answer(queue: FaultQueueId, responses: CommandOf<'FaultWrite'>['responses']): ReplayComparison[] {
    const compared = this.answers.answer(queue, responses, this.state, this.clock.now());
    this.goOn();
    return compared;
  }

  async next(): Promise<ReplayItem | null> {
    if (this.finished) return null;
    if (!this.started) {
      this.started = true;
      return this.item('STARTED');
    }
    try {
      const logged = await this.peek();
      if (logged === null) return null;
      if (logged === 'END') return this.finish();
      if (!(await this.mayPass(logged))) return null;
      this.place++;
      return this.pass(logged);
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  }

  private finish(): ReplayItem {
    this.finished = true;
    const { seq } = this.state;
    return this.item('FINISHED', { summary: this.answers.summary(seq) });
  }

  /** The next event of the range. */
  private async peek(): Promise<LoggedEvent | 'END' | null> {
    const { to } = this.record;
    if (this.state.seq === to) return 'END';
    while (this.place === this.page.length) {
      const operations = await this.follower.take();
      if (operations.length === 0) return null;
      const { seq: after } = this.state;
      this.page = operations.flatMap(eventsOf).filter(({ seq }) => seq > after && seq <= to);
      this.place = 0;
    }
    return this.page[this.place]!;
  }

  /** Resolves when it is the event's time; with false if the subscriber left. */
  private async mayPass({ event, operation }: LoggedEvent): Promise<boolean> {
    this.pace.reach(operation);
    let held = false;
    for (;;) {
      // Deleted: an error that ends the replay.
      const machine = await this.follower.machine();
      if (this.closer.closed) return false;
      const awaited =
        this.waitForAnswers &&
        event.type === 'PageResponseWritten' &&
        this.answers.awaits(event, event.cookie);
      const stopped = awaited || this.steps?.mayPass === false;
      const ms = stopped ? null : this.pace.leftMs();
      if (ms !== null && ms <= 0) break;
      held ||= awaited;
      // Given up while it was looked up: nobody would wake who waits for its news.
      if (!machine.gone) await this.pause(machine, ms);
    }
    if (held) this.pace.held();
    return true;
  }

  /** Until `ms` have passed, or a step, an answer; or the machine or the subscriber goes. */
  private pause(machine: Machine, ms: number | null): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        stopTimer?.();
        machine.waiters.delete(MACHINE_GONE, done);
        forget();
        this.goOn = () => {};
        resolve();
      };
      const stopTimer = ms === null ? null : this.clock.after(ms, done);
      const forget = this.closer.onClose(done);
      machine.waiters.add(MACHINE_GONE, done);
      this.goOn = done;
    });
  }

  private pass(logged: LoggedEvent): ReplayItem {
    const { event, seq, operation } = logged;
    this.steps?.passed(logged);
    this.firstMs ??= operation.atMs;
    this.offsetMs = Math.max(this.offsetMs, operation.atMs - this.firstMs);
    // An answer takes the group out of the state: it is looked up before.
    const iopfGroup =
      'iopfGroupId' in event && event.iopfGroupId !== null
        ? (this.state.iopfGroups.get(event.iopfGroupId) ?? null)
        : null;
    evolve(this.state, event);
    if (!this.isOurs(event)) return this.item('EVENT', { logged });
    switch (event.type) {
      case 'IopfGroupRead': {
        const recorded = this.record.groups.get(event.iopfGroupId) ?? null;
        const { deviceNo } = iopfGroup!;
        const group = { ...event, deviceNo, readMs: operation.atMs, recorded };
        this.answers.delivered(group, seq, this.clock.now());
        return this.item('DELIVERED', { logged, iopfGroup });
      }
      case 'PageResponseWritten':
        return this.item('ANSWERED', { logged, iopfGroup, code: event.code });
      case 'IopfGroupAutoResponded':
        if (event.cookie !== null) this.answers.takenAway(event, event.cookie);
        return this.item('TAKEN_AWAY', { logged, iopfGroup, code: IOMMUFD_PAGE_RESP_INVALID });
      case 'FaultFileClosed':
        this.answers.fileClosed(event);
    }
    return this.item('EVENT', { logged });
  }

  /** Of the queue that is replayed, or of none. */
  private isOurs(event: Event): boolean {
    if (this.queue === null || !('faultId' in event) || !('contextId' in event)) return true;
    return event.contextId === this.queue.contextId && event.faultId === this.queue.faultId;
  }

  private item(
    kind: ReplayItemKind,
    rest: Partial<Pick<ReplayItem, 'logged' | 'iopfGroup' | 'code' | 'summary'>> = {},
  ): ReplayItem {
    const { replayId, record, state, offsetMs } = this;
    const nothing = { logged: null, iopfGroup: null, code: null, summary: null };
    return { kind, replayId, record, seq: state.seq, offsetMs, state, ...nothing, ...rest };
  }
}
