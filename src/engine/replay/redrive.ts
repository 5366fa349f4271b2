/**
 * A recorded past run again without its answers: on a fork, where a handler that knows nothing of it
 * reads and answers as ever. At the end both runs stand side by side.
 */
import { randomUUID } from 'node:crypto';
import { REPLAY_GROUPS_MAX } from '../../abi/limits.ts';
import type { Operation } from '../../core/machine/operation.ts';
import { type IopfGroupKnown, iopfGroupsWhere } from '../find/iopf-groups.ts';
import type { IopfGroupRecord } from '../find/open-groups.ts';
import { type Follower, isGone } from '../follow/follow.ts';
import type { Closer } from '../follow/pull.ts';
import type { FaultHandlers } from '../handler/fault-handler.ts';
import type { Engine } from '../machine/engine.ts';
import { NotStepwiseError } from '../machine/errors.ts';
import type { History } from '../past/history.ts';
import { Past } from '../past/past.ts';
import type { FaultQueueId } from './replay-answers.ts';
import { type Clock, Pace, type PaceOptions } from './replay-pace.ts';

export interface RedriveOptions extends PaceOptions {
  readonly machineId: string;
  /** The fork that is made. */
  readonly newMachineId: string;
  /** The last operation that is shared; those after it run again. */
  readonly number: number;
  /** Whose answers are left out; null: those of all queues. */
  readonly queue: FaultQueueId | null;
  /** How long a recorded answer waits for the handler's own. */
  readonly answerTimeoutMs: number;
  readonly stepwise: boolean;
}

export interface RedriveItem {
  readonly kind: 'STARTED' | 'RAN' | 'UNANSWERED' | 'FINISHED';
  readonly redriveId: string;
  readonly newMachineId: string;
  /** Handlers subscribed to queues of the fork as the item was made. */
  readonly handlers: number;
  /** RAN: the recorded operation, and how it went now. UNANSWERED: the recorded answer. */
  readonly recorded: Operation | null;
  readonly redriven: Operation | null;
  /** UNANSWERED: groups of the fork whose answer did not come in time. */
  readonly unanswered: readonly number[];
  /** FINISHED. */
  readonly summary: RedriveSummary | null;
}

/** A group of both runs, or of one that the other has not. */
export interface GroupPair {
  readonly recorded: IopfGroupRecord | null;
  readonly redriven: IopfGroupRecord | null;
}

export interface RedriveSummary {
  readonly operations: number;
  /** Groups of the recorded run, on the queue. */
  readonly groups: number;
  /** Answered the same in both. */
  readonly same: number;
  /** Answered otherwise, or in one run only; by the recorded order, at most DIFFERENCES_MAX. */
  readonly differences: readonly GroupPair[];
  readonly differenceCount: number;
  /** Recorded answers that the handler did not give in time. */
  readonly timedOut: number;
  /** The first operation with another errno: number in the recorded run, both errnos. */
  readonly firstErrno: ErrnoPair | null;
}

export interface ErrnoPair {
  readonly recorded: Operation;
  readonly redriven: Operation;
}

/** Pairs that differ and are told one by one. */
export const DIFFERENCES_MAX = 100;

export interface RedriveParts {
  readonly options: RedriveOptions;
  readonly engine: Engine;
  readonly history: History;
  readonly handlers: FaultHandlers;
  /** Over the recorded machine, after the shared operations. */
  readonly recorded: Follower;
  /** The last operation that runs again. */
  readonly last: number;
  /** Over the fork. */
  readonly fork: Follower;
  readonly closer: Closer;
  readonly clock: Clock;
}

/** One past on its way through one fork. */
export class Redrive {
  readonly redriveId = randomUUID();
  finished = false;
  private readonly parts: RedriveParts;
  private readonly pace: Pace;
  private readonly groups: GroupsOfBoth;
  private started = false;
  private page: readonly Operation[] = [];
  private place = 0;
  private operations = 0;
  private timedOut = 0;
  /** A wait was in vain because nobody is there: the next ones need not be. */
  private deserted = false;
  private firstErrno: ErrnoPair | null = null;
  /** Operations that a stepwise one may run; null: as many as there are. */
  private steps: number | null;
  private goOn = () => {};

  constructor(parts: RedriveParts) {
    this.parts = parts;
    const { options, clock } = parts;
    this.pace = new Pace(options.stepwise ? { ...options, speed: 0 } : options, clock);
    this.steps = options.stepwise ? 0 : null;
    this.groups = new GroupsOfBoth();
  }

  /** Lets a stepwise one run so many operations more. Errors: NotStepwiseError. */
  step(operations: number): void {
    if (this.steps === null) throw new NotStepwiseError();
    this.steps += operations;
    this.goOn();
  }

  async next(): Promise<RedriveItem | null> {
    if (this.finished) return null;
    if (!this.started) {
      this.started = true;
      return this.item('STARTED');
    }
    try {
      for (;;) {
        const operation = await this.peek();
        if (operation === null) return await this.finish();
        if (!(await this.mayRun(operation))) return null;
        this.place++;
        const item = await this.run(operation);
        if (item !== null) return item;
      }
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  }

  /** The next recorded operation; null at the end. */
  private async peek(): Promise<Operation | null> {
    const { recorded, last } = this.parts;
    if (this.place === this.page.length) {
      this.page = (await recorded.take()).filter(({ number }) => number <= last);
      this.place = 0;
    }
    return this.page[this.place] ?? null;
  }

  private async mayRun(operation: Operation): Promise<boolean> {
    const { clock, closer } = this.parts;
    this.pace.reach(operation);
    while (!closer.closed) {
      if (this.steps !== null && this.steps > 0) {
        this.steps--;
        return true;
      }
      const ms = this.steps === null ? this.pace.leftMs() : null;
      if (ms !== null && ms <= 0) return true;
      await new Promise<void>(resolve => {
        const stopTimer = ms === null ? () => {} : clock.after(ms, resolve);
        const forget = closer.onClose(resolve);
        this.goOn = () => {
          stopTimer();
          forget();
          resolve();
        };
      });
    }
    return false;
  }

  private async run(recorded: Operation): Promise<RedriveItem | null> {
    const { engine, options } = this.parts;
    this.groups.recorded(recorded);
    if (this.isHandlers(recorded)) {
      const unanswered = await this.waitFor(this.groups.answeredBy(recorded));
      this.timedOut += unanswered.length;
      return unanswered.length === 0 ? null : this.item('UNANSWERED', { recorded, unanswered });
    }
    const redriven = await engine.execute(options.newMachineId, recorded.command);
    this.operations++;
    this.groups.redriven(redriven);
    if (redriven.errno !== recorded.errno) this.firstErrno ??= { recorded, redriven };
    return this.item('RAN', { recorded, redriven });
  }

  /** A read or an answer that the live handler makes itself. */
  private isHandlers({ command }: Operation): boolean {
    if (command.type !== 'FaultRead' && command.type !== 'FaultWrite') return false;
    const { queue } = this.parts.options;
    if (queue === null) return true;
    return command.contextId === queue.contextId && command.faultId === queue.faultId;
  }

  /** Until groups of the fork are answered, or it takes too long; those that are not. */
  private async waitFor(groups: readonly number[]): Promise<readonly number[]> {
    const { engine, fork, options, closer, clock, handlers } = this.parts;
    const nobody = () => handlers.countOf(options.newMachineId) === 0;
    const untilMs = clock.now() + (this.deserted && nobody() ? 0 : options.answerTimeoutMs);
    let waiting = groups;
    while (!closer.closed) {
      const mark = await fork.mark();
      // Only what comes after the cursor is news.
      while ((await fork.take()).length > 0);
      const { state } = await engine.settled(options.newMachineId);
      waiting = groups.filter(id => state.iopfGroups.has(id));
      const leftMs = untilMs - clock.now();
      if (waiting.length === 0 || leftMs <= 0) break;
      await this.news(fork.wait(mark), leftMs);
    }
    if (groups.length > 0) this.deserted = waiting.length > 0 && nobody();
    // What follows keeps its distance from the answer.
    this.pace.held();
    return closer.closed ? [] : waiting;
  }

  private async news(news: Promise<unknown>, ms: number): Promise<void> {
    const { clock } = this.parts;
    let stopTimer = () => {};
    const late = new Promise<void>(resolve => {
      stopTimer = clock.after(ms, resolve);
    });
    await Promise.race([news, late]);
    stopTimer();
  }

  private async finish(): Promise<RedriveItem> {
    this.finished = true;
    const { engine, history, options, last } = this.parts;
    const { machineId, newMachineId, queue, number } = options;
    const known = { ...ANY, contextId: queue?.contextId ?? null, faultId: queue?.faultId ?? null };
    const groupsOf = async (id: string, until: number, after: number) => {
      const past = await Past.of(engine, history, id);
      const all = { afterId: 0, limit: REPLAY_GROUPS_MAX };
      const { found } = await iopfGroupsWhere(past, known, { from: 0, to: until }, all);
      return found.filter(group => group.endedSeq === null || group.endedSeq > after);
    };
    const shared = await seqOf(engine, machineId, number);
    const recorded = await groupsOf(machineId, await seqOf(engine, machineId, last), shared);
    const { state } = await engine.settled(newMachineId);
    const redriven = await groupsOf(newMachineId, state.seq, shared);
    const pairs = pairsOf(recorded, redriven);
    const differing = pairs.filter(isDifferent);
    const summary: RedriveSummary = {
      operations: this.operations,
      groups: recorded.length,
      same: pairs.length - differing.length,
      differences: differing.slice(0, DIFFERENCES_MAX),
      differenceCount: differing.length,
      timedOut: this.timedOut,
      firstErrno: this.firstErrno,
    };
    return this.item('FINISHED', { summary });
  }

  private item(
    kind: RedriveItem['kind'],
    rest: Partial<Pick<RedriveItem, 'recorded' | 'redriven' | 'unanswered' | 'summary'>> = {},
  ): RedriveItem {
    const { newMachineId } = this.parts.options;
    const nothing = { recorded: null, redriven: null, unanswered: [], summary: null };
    const handlers = this.parts.handlers.countOf(newMachineId);
    return { kind, handlers, redriveId: this.redriveId, newMachineId, ...nothing, ...rest };
  }
}

const ANY: IopfGroupKnown = {
  addr: null,
  device: null,
  contextId: null,
  faultId: null,
  pasid: null,
  grpid: null,
  cookie: null,
  code: null,
  outcome: null,
  minWaitMs: null,
  fromMs: null,
  toMs: null,
};

async function seqOf({ log }: Engine, machineId: string, number: number): Promise<number> {
  const [operation] = await log.readEvents(machineId, { afterNumber: number - 1, limit: 1 });
  return operation?.seq ?? 0;
}

/** What makes a group of one run that of the other: who asked for which pages, for the n-th time. */
class Names {
  private readonly counts = new Map<string, number>();

  of({ deviceNo, requests }: Pick<IopfGroupRecord, 'deviceNo' | 'requests'>): string {
    const pages = requests.map(({ pasid, addr, perm }) => `${pasid}:${addr}:${perm}`);
    const key = `${deviceNo} ${pages.join(' ')}`;
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    return `${key} #${count}`;
  }
}

/** Which group of the fork stands for which recorded one, as far as both have run. */
class GroupsOfBoth {
  private readonly recordedNames = new Names();
  private readonly redrivenNames = new Names();
  private readonly nameOf = new Map<number, string>();
  private readonly redrivenId = new Map<string, number>();

  recorded({ events }: Operation): void {
    for (const event of events) {
      if (event.type !== 'IopfGroupQueued') continue;
      this.nameOf.set(event.iopfGroupId, this.recordedNames.of(event));
    }
  }

  redriven({ events }: Operation): void {
    for (const event of events) {
      if (event.type !== 'IopfGroupQueued') continue;
      this.redrivenId.set(this.redrivenNames.of(event), event.iopfGroupId);
    }
  }

  /** Groups of the fork for those that a recorded operation answered; a shared one is itself. */
  answeredBy({ events }: Operation): number[] {
    return events.flatMap(event => {
      if (event.type !== 'PageResponseWritten') return [];
      const name = this.nameOf.get(event.iopfGroupId);
      const id = name === undefined ? event.iopfGroupId : this.redrivenId.get(name);
      return id === undefined ? [] : [id];
    });
  }
}

function pairsOf(
  recorded: readonly IopfGroupRecord[],
  redriven: readonly IopfGroupRecord[],
): GroupPair[] {
  const names = new Names();
  const others = new Map(redriven.map(group => [names.of(group), group]));
  const recordedNames = new Names();
  const pairs: GroupPair[] = recorded.map(group => {
    const name = recordedNames.of(group);
    const other = others.get(name) ?? null;
    others.delete(name);
    return { recorded: group, redriven: other };
  });
  for (const group of others.values()) pairs.push({ recorded: null, redriven: group });
  return pairs;
}

function isDifferent({ recorded, redriven }: GroupPair): boolean {
  return recorded?.code !== redriven?.code || recorded?.outcome !== redriven?.outcome;
}
