/**
 * What a trace shows of a machine: its operations, its events, the life of each iopf group, and how
 * much each fault queue holds. Traces in the formats of others are made from this.
 *
 * Time is in microseconds since the epoch and never stands still: an operation is at its `atMs`, its
 * events follow one microsecond apart, and what would not be later than the one before it comes one
 * microsecond after that. So the order of a trace is that of the log, also within a millisecond.
 */
import type { Event, EventOf } from '../core/event.ts';
import { evolve } from '../core/evolve.ts';
import { contextOf, faultQueueOf, iopfGroupOf } from '../core/lookup.ts';
import type { Operation } from '../core/operation.ts';
import { type IopfGroup, initialState, type MachineState } from '../core/state.ts';

export type Moment =
  | { readonly kind: 'OPERATION'; readonly atUs: number; readonly operation: Operation }
  /** `state` is what the event met. */
  | {
      readonly kind: 'EVENT';
      readonly atUs: number;
      readonly operation: Operation;
      readonly event: Event;
      readonly state: MachineState;
    }
  /** Its first request came at `sinceUs`; the same as `atUs` if there is one alone. */
  | {
      readonly kind: 'GROUP_QUEUED';
      readonly atUs: number;
      readonly group: IopfGroup;
      readonly sinceUs: number;
    }
  | { readonly kind: 'GROUP_READ'; readonly atUs: number; readonly group: IopfGroup }
  /** The group left its queue, answered or not. */
  | {
      readonly kind: 'GROUP_LEFT';
      readonly atUs: number;
      readonly group: IopfGroup;
      readonly end: string;
    }
  /** How many iopf groups the fault queue holds from now on. */
  | {
      readonly kind: 'QUEUE';
      readonly atUs: number;
      readonly contextId: number;
      readonly faultId: number;
      readonly deliver: number;
      readonly awaitingResponse: number;
    };

/** The context an operation came through; null for what the machine's hardware does. */
export function contextIdOf({ command, reply }: Operation): number | null {
  if ('contextId' in command) return command.contextId;
  return reply !== null && 'contextId' in reply ? reply.contextId : null;
}

type OfGroup = EventOf<
  | 'IopfGroupQueued'
  | 'IopfGroupRead'
  | 'PageResponseWritten'
  | 'IopfGroupAutoResponded'
  | 'IopfGroupLost'
>;

const RESPONSES: Readonly<Record<number, string>> = { 0: 'SUCCESS', 1: 'INVALID', 2: 'FAILURE' };

/** Takes the operations of one machine, from its first on. */
export class Timeline {
  readonly #state = initialState();
  #nowUs = -1;
  /** When the first request came that a device still collects: by its number and group index. */
  readonly #collecting = new Map<string, number>();

  /** What the next operation adds, in the order of time. Use each before asking for the next. */
  *moments(operation: Operation): Generator<Moment> {
    const startUs = operation.atMs * 1_000;
    this.#nowUs = Math.max(startUs, this.#nowUs + 1);
    yield { kind: 'OPERATION', atUs: this.#nowUs, operation };
    for (const event of operation.events) {
      const atUs = ++this.#nowUs;
      yield { kind: 'EVENT', atUs, operation, event, state: this.#state };
      yield* this.#apply(event, atUs);
    }
  }

  *#apply(event: Event, atUs: number): Generator<Moment> {
    switch (event.type) {
      case 'IopfGroupQueued':
      case 'IopfGroupRead':
      case 'PageResponseWritten':
      case 'IopfGroupAutoResponded':
      case 'IopfGroupLost':
        yield* this.#applyToGroup(event, atUs);
        return;
      case 'PageRequestCollected': {
        const key = collectingKey(event.deviceNo, event.request.grpid);
        if (!this.#collecting.has(key)) this.#collecting.set(key, atUs);
        break;
      }
      case 'PartialRequestsDropped':
        this.#collecting.delete(collectingKey(event.deviceNo, event.grpid));
        break;
      case 'IopfFeatureDisabled':
      case 'PhysicalDeviceRemoved':
        for (const key of this.#collecting.keys()) {
          if (key.startsWith(collectingKey(event.deviceNo, ''))) this.#collecting.delete(key);
        }
    }
    evolve(this.#state, event);
  }

  *#applyToGroup(event: OfGroup, atUs: number): Generator<Moment> {
    const { contextId, faultId, iopfGroupId } = event;
    const before = this.#state.iopfGroups.get(iopfGroupId);
    evolve(this.#state, event);
    if (event.type === 'IopfGroupQueued') {
      const key = collectingKey(event.deviceNo, event.requests[0]!.grpid);
      const sinceUs = event.requests.length > 1 ? this.#collecting.get(key) : undefined;
      if (sinceUs !== undefined) this.#collecting.delete(key);
      const group = iopfGroupOf(this.#state, iopfGroupId);
      yield { kind: 'GROUP_QUEUED', atUs, group, sinceUs: sinceUs ?? atUs };
    } else if (event.type === 'IopfGroupRead') {
      yield { kind: 'GROUP_READ', atUs, group: iopfGroupOf(this.#state, iopfGroupId) };
    } else {
      yield { kind: 'GROUP_LEFT', atUs, group: before!, end: endOf(event) };
    }
    const queue = faultQueueOf(contextOf(this.#state, contextId), faultId);
    const counts = { deliver: queue.deliver.length, awaitingResponse: queue.awaitingResponse.size };
    yield { kind: 'QUEUE', atUs, contextId, faultId, ...counts };
  }
}

function collectingKey(deviceNo: number, grpid: number | ''): string {
  return `${deviceNo} ${grpid}`;
}

function endOf(event: EventOf<'PageResponseWritten' | 'IopfGroupAutoResponded' | 'IopfGroupLost'>) {
  switch (event.type) {
    case 'PageResponseWritten':
      return RESPONSES[event.code] ?? `code ${event.code}`;
    case 'IopfGroupAutoResponded':
      return 'taken away: INVALID';
    case 'IopfGroupLost':
      return 'lost';
  }
}
