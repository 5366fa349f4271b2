/**
 * What a trace shows of a machine: its operations, its events, the lives of iopf groups and DMAs, and
 * how much each fault queue holds. Traces in the formats of others are made from this.
 *
 * Time is in microseconds since the epoch and never stands still: an operation is at its `atMs`, its
 * events follow one microsecond apart, and what would not be later than the one before it comes one
 * microsecond after that. So the order of a trace is that of the log, also within a millisecond.
 */
import { IOMMUFD_PAGE_RESP_INVALID } from '../../abi/uapi.ts';
import { responseText } from '../../core/explain/words.ts';
import type { IopfGroup } from '../../core/iommu/state.ts';
import type { Event, EventOf } from '../../core/machine/event.ts';
import { evolve } from '../../core/machine/evolve.ts';
import { contextOf, faultQueueOf, iopfGroupOf } from '../../core/machine/lookup.ts';
import type { Operation } from '../../core/machine/operation.ts';
import { initialState, type MachineState } from '../../core/machine/state.ts';
import { type DmaMoment, DmaMoments, isOfDma } from './dma-moments.ts';
import { type GroupNotes, notesOfGroup } from './group-notes.ts';

export type Moment =
  | DmaMoment
  | { readonly kind: 'OPERATION'; readonly atUs: number; readonly operation: Operation }
  /** `state` is what the event met. */
  | {
      readonly kind: 'EVENT';
      readonly atUs: number;
      readonly operation: Operation;
      readonly event: Event;
      readonly state: MachineState;
    }
  /** What it waited for since its first request came: none if that was just now. */
  | {
      readonly kind: 'GROUP_QUEUED';
      readonly atUs: number;
      readonly group: IopfGroup;
      readonly notes: GroupNotes;
      readonly waits: readonly Wait[];
    }
  | { readonly kind: 'GROUP_READ'; readonly atUs: number; readonly group: IopfGroup }
  /** The group left its queue, answered or not. */
  | {
      readonly kind: 'GROUP_LEFT';
      readonly atUs: number;
      readonly group: IopfGroup;
      readonly notes: GroupNotes;
      /** Its answer by name and number, and who gave it if that was not user space. */
      readonly end: string;
      /** Since its first page request came. */
      readonly waitUs: number;
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

/**
 * A stage of a group before it is queued. `in flight`: nothing of it is collected yet, or its last
 * request has come, and what came is held. `collect`: a request is collected, the last has not come.
 */
export interface Wait {
  readonly name: 'in flight' | 'collect';
  readonly sinceUs: number;
  /** When the next wait begins, or the group is queued. */
  readonly untilUs: number;
}

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

interface Collecting {
  /** When the first request of the group came. */
  readonly firstUs: number;
  /** When the first one was collected: later, if it was in flight. */
  readonly collectedUs: number;
}

/** Takes the operations of one machine, from its first on. */
export class Timeline {
  readonly #state = initialState();
  #nowUs = -1;
  /** Groups a device still collects: by its number and group index. */
  readonly #collecting = new Map<string, Collecting>();
  /** When the first request came of each group that is queued: by iopfGroupId. */
  readonly #sinceUs = new Map<number, number>();
  /** Since when requests are in flight: by inFlightId. */
  readonly #inFlight = new Map<number, number>();
  readonly #dmas = new DmaMoments();
  /** Since when the request was in flight that landed last in this operation. */
  #landedUs: number | null = null;

  /** What the next operation adds, in the order of time. Use each before asking for the next. */
  *moments(operation: Operation): Generator<Moment> {
    const startUs = operation.atMs * 1_000;
    this.#nowUs = Math.max(startUs, this.#nowUs + 1);
    this.#landedUs = null;
    yield { kind: 'OPERATION', atUs: this.#nowUs, operation };
    for (const event of operation.events) {
      const atUs = ++this.#nowUs;
      yield { kind: 'EVENT', atUs, operation, event, state: this.#state };
      yield* this.#apply(event, atUs);
    }
  }

  *#apply(event: Event, atUs: number): Generator<Moment> {
    if (isOfDma(event)) {
      const moment = this.#dmas.of(event, atUs, this.#state);
      if (moment !== null) yield moment;
    }
    switch (event.type) {
      case 'IopfGroupQueued':
      case 'IopfGroupRead':
      case 'PageResponseWritten':
      case 'IopfGroupAutoResponded':
      case 'IopfGroupLost':
        yield* this.#applyToGroup(event, atUs);
        return;
      case 'PageRequestInFlight':
        this.#inFlight.set(event.inFlightId, atUs);
        break;
      case 'PageRequestLanded':
        this.#landedUs = this.#inFlight.get(event.inFlightId)!;
        this.#inFlight.delete(event.inFlightId);
        break;
      case 'PageRequestCollected': {
        const key = collectingKey(event.deviceNo, event.request.grpid);
        const cameUs = this.#landedUs ?? atUs;
        const { firstUs, collectedUs } = this.#collecting.get(key) ?? {
          firstUs: cameUs,
          collectedUs: atUs,
        };
        this.#collecting.set(key, { firstUs: Math.min(firstUs, cameUs), collectedUs });
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
    const notesBefore = before === undefined ? null : notesOfGroup(before, this.#state);
    evolve(this.#state, event);
    if (event.type === 'IopfGroupQueued') {
      const group = iopfGroupOf(this.#state, iopfGroupId);
      const waits = this.#waits(event, atUs);
      this.#sinceUs.set(iopfGroupId, waits[0]?.sinceUs ?? atUs);
      const notes = notesOfGroup(group, this.#state);
      yield { kind: 'GROUP_QUEUED', atUs, group, notes, waits };
    } else if (event.type === 'IopfGroupRead') {
      yield { kind: 'GROUP_READ', atUs, group: iopfGroupOf(this.#state, iopfGroupId) };
    } else {
      const waitUs = atUs - this.#sinceUs.get(iopfGroupId)!;
      this.#sinceUs.delete(iopfGroupId);
      const left = { group: before!, notes: notesBefore!, end: endOf(event), waitUs };
      yield { kind: 'GROUP_LEFT', atUs, ...left };
    }
    const queue = faultQueueOf(contextOf(this.#state, contextId), faultId);
    const counts = { deliver: queue.deliver.length, awaitingResponse: queue.awaitingResponse.size };
    yield { kind: 'QUEUE', atUs, contextId, faultId, ...counts };
  }

  #waits({ deviceNo, requests }: EventOf<'IopfGroupQueued'>, atUs: number): Wait[] {
    const key = collectingKey(deviceNo, requests[0]!.grpid);
    const collecting = requests.length > 1 ? this.#collecting.get(key) : undefined;
    if (collecting !== undefined) this.#collecting.delete(key);
    const lastUs = this.#landedUs ?? atUs;
    const { firstUs, collectedUs } = collecting ?? { firstUs: lastUs, collectedUs: lastUs };
    const heldUs = Math.min(firstUs, lastUs);
    // If the last one came before anything was collected, the group never waited for it to come.
    const begins =
      collectedUs < lastUs
        ? ([
            { name: 'in flight', sinceUs: heldUs },
            { name: 'collect', sinceUs: collectedUs },
            { name: 'in flight', sinceUs: lastUs },
          ] as const)
        : ([{ name: 'in flight', sinceUs: heldUs }] as const);
    return begins
      .map((wait, i) => ({ ...wait, untilUs: begins[i + 1]?.sinceUs ?? atUs }))
      .filter(({ sinceUs, untilUs }) => sinceUs < untilUs);
  }
}

function collectingKey(deviceNo: number, grpid: number | ''): string {
  return `${deviceNo} ${grpid}`;
}

function endOf(event: EventOf<'PageResponseWritten' | 'IopfGroupAutoResponded' | 'IopfGroupLost'>) {
  switch (event.type) {
    case 'PageResponseWritten':
      return responseText(event.code);
    case 'IopfGroupAutoResponded':
      return `taken away: ${responseText(IOMMUFD_PAGE_RESP_INVALID)}`;
    case 'IopfGroupLost':
      return 'lost';
  }
}
