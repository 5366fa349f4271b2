/** A fault handler that stays: the author decides each group, this does everything else. */
import { type Client, CloseCode } from 'graphql-ws';
import {
  AnswerGroupsDocument,
  type AnswerGroupsMutation,
  HandleFaultsDocument,
  type HandleFaultsSubscription,
  type IommuPgfaultFlag,
  type IommuPgfaultPerm,
} from '../operations/operations.ts';
import type { Hex } from '../operations/typed-document.ts';
import {
  type ConnectionOptions,
  ConnectionRefused,
  connect,
  GraphqlErrors,
  retryWaitMs,
  type Sent,
  send,
  sleep,
} from './connection.ts';
import { type Held, HeldGroups } from './held-groups.ts';

/** What a group's device is told: the pages are there, or they are not going to be. */
export type FaultAnswer = 'SUCCESS' | 'INVALID';

/** How addresses come: as numbers (bigint), or as text ("0x1000"). */
export type AddressForm = 'bigint' | 'hex';

export interface HandleFaultsOptions<Form extends AddressForm = 'bigint'>
  extends ConnectionOptions {
  /** By default the machine `default`. */
  readonly machineId?: string;
  readonly contextId: number;
  /** The fault queue to read. */
  readonly faultId: number;
  /** Unanswered groups at a time, 1 to 4096 (16): the others wait in the queue. */
  readonly maxInFlight?: number;
  /** How `addr` comes ('bigint'). */
  readonly addresses?: Form;
  /** Try again, too, while there is no such machine, context or queue; else that is an error. */
  readonly waitForQueue?: boolean;
  /** Aborted, it does what `stop` does. */
  readonly signal?: AbortSignal;
  readonly onNotice?: (notice: HandlerNotice) => void;
}

/** One page request of a group, as read from the fault queue (struct iommu_hwpt_pgfault). */
export interface FaultMessage<Form extends AddressForm = 'bigint'> {
  readonly devId: number;
  /** 0 without IOMMU_PGFAULT_FLAGS_PASID_VALID. */
  readonly pasid: number;
  /** The page request group's index. */
  readonly grpid: number;
  readonly perm: readonly IommuPgfaultPerm[];
  /** The page's address. */
  readonly addr: Form extends 'hex' ? Hex : bigint;
  readonly flags: readonly IommuPgfaultFlag[];
}

/** Page requests that are answered together. */
export interface FaultGroup<Form extends AddressForm = 'bigint'> {
  readonly iopfGroupId: number;
  readonly cookie: number;
  /** A handler got it before and left without answering. */
  readonly redelivered: boolean;
  readonly messages: readonly FaultMessage<Form>[];
}

export interface GroupContext {
  /** Aborted when the group is no longer yours to answer: `signal.reason` says why. */
  readonly signal: AbortSignal;
}

/** Decides a group. What it throws ends the handler, unless the group was gone by then. */
export type HandleGroup<Form extends AddressForm = 'bigint'> = (
  group: FaultGroup<Form>,
  context: GroupContext,
) => Promise<FaultAnswer>;

/** What an author may want to know, and need not. */
export type HandlerNotice =
  | { readonly kind: 'CONNECTED' }
  /** Attempts to connect go on. */
  | { readonly kind: 'DISCONNECTED'; readonly reason: string }
  /** The server is there and has no such queue yet, or is busy: attempts go on. */
  | { readonly kind: 'WAITING'; readonly reason: string }
  /** The answer is written, and the device has it. */
  | { readonly kind: 'ANSWERED'; readonly iopfGroupId: number }
  /** An answer came too late, or the queue's file is closed: nothing was answered by it. */
  | {
      readonly kind: 'ANSWER_REFUSED';
      readonly iopfGroupId: number;
      readonly errno: string;
      readonly message: string;
    };

export interface FaultHandler extends AsyncDisposable {
  /**
   * Resolves when the queue's file is closed (or its machine deleted) or the handler was stopped.
   * Rejects with what `handle` threw, with GraphqlErrors, or with ConnectionRefused.
   */
  readonly ended: Promise<void>;
  /** Sends the answers that are decided, leaves the other groups to the next handler, ends. */
  stop(): Promise<void>;
}

/**
 * Handles the faults of one queue until its file is closed: each group is read for you, `handle`
 * decides it, and the answer is written with the group's id, so that it cannot hit another group.
 * A broken connection is made again for ever; work under way goes on meanwhile.
 */
export function handleFaults<Form extends AddressForm = 'bigint'>(
  options: HandleFaultsOptions<Form>,
  handle: HandleGroup<Form>,
): FaultHandler {
  const handling = new Handling(options, handle);
  const stop = () => handling.stop();
  return { ended: handling.ended, stop, [Symbol.asyncDispose]: stop };
}

type Update = HandleFaultsSubscription['update'];

/** Errors that the same request may not meet again. */
const PASSING_ERRORS = ['INTERNAL_SERVER_ERROR', 'BUSY'];
const MISSING_QUEUE_ERRORS = ['UNKNOWN_MACHINE', 'NO_FAULT_QUEUE'];
/** Closings that would come again at each attempt. */
const FINAL_CLOSINGS: readonly number[] = [
  CloseCode.BadRequest,
  CloseCode.Unauthorized,
  CloseCode.SubprotocolNotAcceptable,
];

class Handling<Form extends AddressForm> {
  readonly ended: Promise<void>;
  private readonly options: HandleFaultsOptions<Form>;
  private readonly handle: HandleGroup<Form>;
  private readonly client: Client;
  private readonly held = new HeldGroups<FaultAnswer>();
  private subscription: Sent | null = null;
  /** Answers on their way, each with what waits for it. */
  private readonly answers = new Map<Sent, Promise<void>>();
  private connected: boolean | null = null;
  /** Why it waits, as last told. */
  private waitsFor: string | null = null;
  private readonly stopper = new AbortController();
  private failure: { readonly error: unknown } | null = null;

  constructor(options: HandleFaultsOptions<Form>, handle: HandleGroup<Form>) {
    this.options = options;
    this.handle = handle;
    const events = { connected: () => this.onConnected(), lost: (why: string) => this.lost(why) };
    this.client = connect(options, events, this.stopper.signal);
    const stop = () => void this.stop();
    options.signal?.addEventListener('abort', stop, { once: true });
    if (options.signal?.aborted) this.stopper.abort();
    this.ended = this.run().finally(() => {
      options.signal?.removeEventListener('abort', stop);
      this.stopper.abort();
      this.held.dropAll('the handler ended');
      return this.client.dispose();
    });
  }

  private get stopping(): boolean {
    return this.stopper.signal.aborted;
  }

  async stop(): Promise<void> {
    this.stopper.abort();
    // What is decided is answered while the groups are still ours.
    await Promise.allSettled(this.answers.values());
    this.subscription?.end();
    // Whoever waits for `ended` hears of a failure.
    await this.ended.catch(() => {});
  }

  private async run(): Promise<void> {
    for (let failures = 0; !this.stopping; failures++) {
      const { machineId = 'default', contextId, faultId, maxInFlight = 16 } = this.options;
      const variables = { machineId, contextId, faultId, maxInFlight };
      this.subscription = send(this.client, HandleFaultsDocument, variables, ({ update }) => {
        failures = 0;
        this.waitsFor = null;
        this.take(update);
      });
      try {
        await this.subscription.done;
        break;
      } catch (error) {
        if (!this.mayPass(error)) throw error;
        this.letGo();
        if (error instanceof GraphqlErrors) this.waits(error.message);
        await sleep(retryWaitMs(failures), this.stopper.signal);
      }
    }
    if (this.failure !== null) throw this.failure.error;
  }

  private mayPass(error: unknown): boolean {
    if (error instanceof ConnectionRefused) return !FINAL_CLOSINGS.includes(error.code);
    if (!(error instanceof GraphqlErrors)) return false;
    const passing = [...PASSING_ERRORS, ...(this.options.waitForQueue ? MISSING_QUEUE_ERRORS : [])];
    return error.errors.every(({ extensions }) => passing.includes(String(extensions?.['code'])));
  }

  private onConnected(): void {
    if (this.connected) return;
    this.connected = true;
    this.notify({ kind: 'CONNECTED' });
  }

  private waits(reason: string): void {
    if (this.waitsFor === reason || this.stopping) return;
    this.waitsFor = reason;
    this.notify({ kind: 'WAITING', reason });
  }

  /** The server has let go of the groups, and of answers that it did not confirm. */
  private letGo(): void {
    this.held.connectionLost();
    for (const sent of this.answers.keys()) sent.end();
  }

  private lost(reason: string): void {
    this.letGo();
    if (this.connected === false || this.stopping) return;
    this.connected = false;
    this.notify({ kind: 'DISCONNECTED', reason });
  }

  private take({ kind, redelivered, handlerId, iopfGroup }: Update): void {
    if (kind === 'TAKEN_AWAY') this.held.takeAway(iopfGroup);
    if (kind !== 'DELIVERED' || this.stopping) return;
    const { held, known } = this.held.deliver(iopfGroup, handlerId!, redelivered);
    if (!known) this.decide(held, this.groupOf(iopfGroup, redelivered)).catch(e => this.fail(e));
    else if (held.answer !== undefined) this.answer(held, cookieOf(iopfGroup));
  }

  private async decide(held: Held<FaultAnswer>, group: FaultGroup<Form>): Promise<void> {
    const { signal } = held.controller;
    let answer: FaultAnswer;
    try {
      answer = await this.handle(group, { signal });
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (answer !== 'SUCCESS' && answer !== 'INVALID') {
      throw new TypeError(`a group is answered "SUCCESS" or "INVALID", not ${String(answer)}`);
    }
    held.answer = answer;
    this.answer(held, group.cookie);
  }

  /** Sends it, unless the connection is broken: then it is sent when the group came again. */
  private answer(held: Held<FaultAnswer>, cookie: number): void {
    if (!this.held.holds(held) || held.handlerId === null) return;
    const { machineId = 'default', contextId, faultId } = this.options;
    const { iopfGroupId } = held.name;
    const code = `IOMMUFD_PAGE_RESP_${held.answer!}` as const;
    const responses = [{ cookie, iopfGroupId, code }];
    const input = { machineId, contextId, faultId, handlerId: held.handlerId, responses };
    let result: AnswerGroupsMutation['result'] = null;
    const sent = send(this.client, AnswerGroupsDocument, { input }, answer => {
      result = answer.result;
    });
    const settled = sent.done
      .then(() => this.answered(held, result))
      .catch(async error => {
        if (!this.mayPass(error)) throw error;
        await sleep(retryWaitMs(0), this.stopper.signal);
        this.answer(held, cookie);
      })
      .catch(error => this.fail(error))
      .finally(() => this.answers.delete(sent));
    this.answers.set(sent, settled);
  }

  /** null: the connection broke before the server's word came. */
  private answered(held: Held<FaultAnswer>, result: AnswerGroupsMutation['result']): void {
    if (result === null) return;
    this.held.forget(held);
    const { iopfGroupId } = held.name;
    if (!('errno' in result)) return this.notify({ kind: 'ANSWERED', iopfGroupId });
    const { errno, message } = result;
    this.notify({ kind: 'ANSWER_REFUSED', iopfGroupId, errno: String(errno), message });
  }

  private groupOf(iopfGroup: Update['iopfGroup'], redelivered: boolean): FaultGroup<Form> {
    const hex = this.options.addresses === 'hex';
    const messages = iopfGroup.messages.map(({ cookie: _, addr, ...message }) => ({
      ...message,
      addr: (hex ? addr : BigInt(addr)) as FaultMessage<Form>['addr'],
    }));
    const { iopfGroupId } = iopfGroup;
    return { iopfGroupId, cookie: cookieOf(iopfGroup), redelivered, messages };
  }

  private fail(error: unknown): void {
    this.failure ??= { error };
    void this.stop();
  }

  private notify(notice: HandlerNotice): void {
    this.options.onNotice?.(notice);
  }
}

/** All messages of a group have its cookie, and a group has one at least. */
function cookieOf({ messages }: Update['iopfGroup']): number {
  return messages[0]!.cookie;
}
