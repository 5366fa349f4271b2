/** Follows every page request from the events alone: each is answered exactly once. */
import { isDeepStrictEqual } from 'node:util';
import { BEHAVIOUR } from '../../abi/behaviour.ts';
import type { HazardName } from '../../abi/hazards.ts';
import type { PageRequest } from '../../core/iommu/state.ts';
import type { Event, EventOf } from '../../core/machine/event.ts';
import type { Outcome } from '../../core/machine/operation.ts';
import { initialState, type MachineState } from '../../core/machine/state.ts';
import { checkReport } from '../report.ts';

/** A group from the moment it is queued on. */
interface QueuedGroup {
  readonly deviceNo: number;
  readonly last: PageRequest;
  /** Times it left its fault queue. */
  left: number;
  /** Responses at its device. */
  sent: number;
  /** The code its device must get: INVALID unless user space wrote another. */
  code: number;
  /** The hazard for which it may get no answer. */
  lostBy: HazardName | null;
  /** Its device still lists it: leaving the iopf queue answers it. */
  pending: boolean;
}

interface HeldRequest {
  readonly deviceNo: number;
  readonly request: PageRequest;
  /** Its device left the iopf queue, and what was collected went with that. */
  leftQueue: boolean;
}

interface Collected {
  readonly request: PageRequest;
  /** Where it was found to go. */
  readonly attachHandleId: number;
}

const INVALID = 1;
const FAILURE = 2;
const LAST_PAGE = 2;

/** Hazards that take a group's answer away. */
const LOSES: ReadonlySet<HazardName> = new Set([
  'READ_LOST_GROUP',
  'DESTROY_LOST_GROUP',
  'RESPONSE_TO_GONE_DEVICE',
]);

export class Ledger {
  private readonly groups = new Map<number, QueuedGroup>();
  private readonly held = new Map<number, HeldRequest>();
  /** Requests collected by each device and not yet given away, by deviceNo. */
  private readonly partial = new Map<number, Collected[]>();
  /** Devices every IOMMU group ever had: only with two can IOPF be left on the wrong one. */
  private readonly members = new Map<number, number>();
  private landed: HeldRequest | null = null;
  private before: MachineState = initialState();
  /** The pending group answered last as its device leaves the iopf queue: the newest goes first. */
  private flushed: number | null = null;

  /** Faults found in one operation. `before`: the state it ran on. `failed`: an allocation did. */
  check(before: MachineState, outcome: Outcome, failed: boolean): string[] {
    const wrong = checkReport(before, outcome, failed);
    this.landed = null;
    this.before = before;
    this.flushed = null;
    for (const [place, event] of outcome.events.entries()) {
      wrong.push(...this.follow(event, outcome.events.slice(place + 1), outcome, failed));
    }
    return wrong;
  }

  /** Groups that were queued and not answered exactly once, and requests nobody went on with. */
  unsettled(): string[] {
    const groups = [...this.groups]
      .filter(([, { left, sent, lostBy }]) => left !== 1 || (sent !== 1 && lostBy === null))
      .map(([id, { left, sent }]) => `iopf group ${id} left ${left} times, was answered ${sent}`);
    return [...groups, ...[...this.held.keys()].map(id => `request in flight ${id} never landed`)];
  }

  private follow(
    event: Event,
    rest: readonly Event[],
    outcome: Outcome,
    failed: boolean,
  ): string[] {
    switch (event.type) {
      case 'PciDeviceAdded':
      case 'MockDeviceAdded':
        this.members.set(event.iommuGroupId, (this.members.get(event.iommuGroupId) ?? 0) + 1);
        return [];
      case 'PageRequestCollected':
        this.partial.set(event.deviceNo, [...this.collected(event.deviceNo), event]);
        return [];
      case 'PartialRequestsDropped':
        this.take(event.deviceNo, event.grpid);
        return [];
      case 'IopfFeatureDisabled':
        return this.leftQueue(event);
      case 'PhysicalDeviceRemoved':
      case 'VpriReset':
        this.partial.delete(event.deviceNo);
        return [];
      case 'PageRequestInFlight': {
        const { deviceNo, request } = event;
        this.held.set(event.inFlightId, { deviceNo, request, leftQueue: false });
        return [];
      }
      case 'PageRequestLanded':
        return this.land(event, rest, failed);
      case 'IopfGroupQueued':
        return this.queued(event, rest);
      case 'PageResponseWritten':
      case 'IopfGroupAutoResponded':
      case 'IopfGroupLost':
        return this.leaves(event, rest);
      case 'PageResponseSent':
        return event.iopfGroupId === null
          ? this.refused(event)
          : this.sent(event.iopfGroupId, event);
      case 'HazardRecorded':
        return this.hazard(event, outcome);
      default:
        return [];
    }
  }

  private collected(deviceNo: number): Collected[] {
    return this.partial.get(deviceNo) ?? [];
  }

  /** Takes what a device collected under an index. */
  private take(deviceNo: number, grpid: number): Collected[] {
    const collected = this.collected(deviceNo);
    this.partial.set(
      deviceNo,
      collected.filter(({ request }) => request.grpid !== grpid),
    );
    return collected.filter(({ request }) => request.grpid === grpid);
  }

  private leftQueue(event: EventOf<'IopfFeatureDisabled'>): string[] {
    const { deviceNo, droppedPartialRequests } = event;
    const dropped = this.collected(deviceNo).length;
    this.partial.delete(deviceNo);
    for (const request of this.held.values()) {
      if (request.deviceNo === deviceNo) request.leftQueue = true;
    }
    const wrong: string[] = [];
    this.flushed = null;
    if (dropped !== droppedPartialRequests) {
      wrong.push(`${dropped} requests were dropped, not ${droppedPartialRequests}`);
    }
    for (const [id, group] of this.groups) {
      if (group.deviceNo !== deviceNo || !group.pending) continue;
      group.pending = false;
      if (group.sent === 0) wrong.push(`iopf group ${id} was pending and got no answer`);
    }
    return wrong;
  }

  /** A held request goes on: queued, collected or answered at once, unless a hazard has it. */
  private land(
    event: EventOf<'PageRequestLanded'>,
    rest: readonly Event[],
    failed: boolean,
  ): string[] {
    const held = this.held.get(event.inFlightId);
    if (held === undefined) return [`request in flight ${event.inFlightId} landed twice`];
    this.held.delete(event.inFlightId);
    this.landed = held;
    const { queueGone } = this.before.inFlight.get(event.inFlightId) ?? {};
    const next = rest.find(
      ({ type }) => type !== 'HazardRecorded' && type !== 'PartialRequestsDropped',
    );
    const lost = rest.some(
      other =>
        other.type === 'HazardRecorded' &&
        (other.name === 'RESPONSE_TO_GONE_DEVICE' || other.name === 'PARTIALS_DROPPED'),
    );
    const last = (held.request.flags & LAST_PAGE) !== 0;
    // An emulated PRI that failed meanwhile: the last request is answered INVALID, others are not.
    if (this.before.physicalDevices.get(held.deviceNo)?.vpriFailed === true) {
      const invalid = next?.type === 'PageResponseSent' && next.code === INVALID;
      return !last || (invalid && next.iopfGroupId === null)
        ? []
        : [`request in flight ${event.inFlightId} met a failed PRI and got no INVALID`];
    }
    const settled = last
      ? (next?.type === 'IopfGroupQueued' && queueGone !== true) ||
        (next?.type === 'PageResponseSent' && next.code === FAILURE)
      : next?.type === 'PageRequestCollected' || failed;
    return settled || lost ? [] : [`request in flight ${event.inFlightId} is gone unanswered`];
  }

  /** The group holds what its device collected under this index, in order, and then the last. */
  private queued(event: EventOf<'IopfGroupQueued'>, rest: readonly Event[]): string[] {
    const { deviceNo, iopfGroupId, attachHandleId, requests } = event;
    const last = requests.at(-1)!;
    const mine = this.landed?.leftQueue === true ? [] : this.take(deviceNo, last.grpid);
    this.groups.set(iopfGroupId, {
      deviceNo,
      last,
      left: 0,
      sent: 0,
      code: INVALID,
      lostBy: null,
      pending: !BEHAVIOUR[this.before.baseline].groupDequeued && this.landed?.leftQueue !== true,
    });
    const collected = mine.map(({ request }) => request);
    if (!isDeepStrictEqual(requests.slice(0, -1), collected)) {
      return [`iopf group ${iopfGroupId} does not hold the requests collected for it`];
    }
    const mixed = mine.some(
      other => other.attachHandleId !== attachHandleId || other.request.pasid !== last.pasid,
    );
    const noted = rest.some(
      other =>
        other.type === 'HazardRecorded' &&
        other.name === 'PARTIALS_MIXED' &&
        other.objects.includes(`iopf group ${iopfGroupId}`),
    );
    return mixed === noted ? [] : [`iopf group ${iopfGroupId}: mixed and not noted, or reverse`];
  }

  /** A group leaves its fault queue once, and its response leaves at once. */
  private leaves(
    event: EventOf<'PageResponseWritten' | 'IopfGroupAutoResponded' | 'IopfGroupLost'>,
    rest: readonly Event[],
  ): string[] {
    const { iopfGroupId } = event;
    const group = this.groups.get(iopfGroupId);
    if (group === undefined) return [`iopf group ${iopfGroupId} was never queued`];
    if (++group.left > 1) return [`iopf group ${iopfGroupId} left its fault queue twice`];
    // Only one that its reader lost stays on its device's list.
    if (event.type !== 'IopfGroupLost') group.pending = false;
    // Which code is sent is noted before it is.
    const [next, second] = rest.filter(
      other => other.type !== 'HazardRecorded' || other.name !== 'FAILURE_CODE_RESERVED',
    );
    const emulated = next?.type === 'VpriFailed';
    if (event.type === 'PageResponseWritten' && !emulated) group.code = event.code;
    const response = emulated ? second : next;
    if (event.type === 'IopfGroupLost' || group.sent === 1) return [];
    const loses =
      response?.type === 'HazardRecorded' && response.name === 'RESPONSE_TO_GONE_DEVICE';
    const answers = response?.type === 'PageResponseSent' && response.iopfGroupId === iopfGroupId;
    return loses || answers
      ? []
      : [`the answer of iopf group ${iopfGroupId} did not leave at once`];
  }

  /** One response for a group, to the device that faulted, with what its last request had. */
  private sent(id: number, event: EventOf<'PageResponseSent'>): string[] {
    const group = this.groups.get(id);
    if (group === undefined) return [`a response to iopf group ${id}, which was never queued`];
    if (++group.sent > 1) return [`iopf group ${id} was answered twice`];
    if (group.pending) {
      if (this.flushed !== null && this.flushed < id) return ['pending groups: the oldest first'];
      this.flushed = id;
    }
    const reaches =
      event.deviceNo === group.deviceNo &&
      event.grpid === group.last.grpid &&
      event.pasid === group.last.pasid &&
      event.code === group.code;
    return reaches ? [] : [`the answer of iopf group ${id} did not reach its device`];
  }

  /** A request answered without a group takes with it what was collected for it. */
  private refused({ deviceNo, grpid, code }: EventOf<'PageResponseSent'>): string[] {
    if (code !== FAILURE || this.landed?.leftQueue === true) return [];
    const kept = this.collected(deviceNo).some(({ request }) => request.grpid === grpid);
    return kept ? ['requests collected for a group that failed are kept'] : [];
  }

  private hazard({ name, objects }: EventOf<'HazardRecorded'>, outcome: Outcome): string[] {
    if (name === 'IOPF_DISABLE_UNBALANCED') return this.checkLeftOn(outcome);
    if (!LOSES.has(name)) return [];
    for (const object of objects) {
      const group = this.groups.get(Number(object.replace('iopf group ', '')));
      if (group !== undefined) group.lostBy = name;
    }
    return [];
  }

  private checkLeftOn(outcome: Outcome): string[] {
    const groups = outcome.events.flatMap(event =>
      'iommuGroupId' in event ? [this.members.get(event.iommuGroupId) ?? 0] : [],
    );
    return groups.some(members => members > 1)
      ? []
      : ['IOPF was left on another device of an IOMMU group that never had two'];
  }
}
