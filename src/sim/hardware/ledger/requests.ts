/**
 * Where every page request is: on its way, in a queue, with the driver, collected, in an iopf group,
 * answered, or lost, which something must have said. And which answers are on their way back: each
 * one reaches its function in the same operation, with the code and the index that it left with.
 */
import { isDeepStrictEqual } from 'node:util';
import type { PageRequest } from '../../../core/iommu/state.ts';
import type { Event, EventOf } from '../../../core/machine/event.ts';
import type { Outcome } from '../../../core/machine/operation.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import { type LedgerPart, type Moment, modelled } from './part.ts';
import { type Answer, isLast, isStopMarker, ownAnswer, wireOf } from './rules.ts';

export type Place = 'WIRE' | 'QUEUE' | 'READ' | 'COLLECTED' | 'GROUP' | 'ANSWERED' | 'LOST';

/** One page request on its way. */
export interface Asked {
  readonly deviceNo: number;
  readonly request: PageRequest;
  readonly ofDma: boolean;
  place: Place;
}

/** An answer that left for a function. */
export interface Coming {
  readonly deviceNo: number;
  readonly grpid: number;
  readonly code: number;
}

/** Hazards that name groups whose answer is lost. */
const LOSES = new Set(['READ_LOST_GROUP', 'DESTROY_LOST_GROUP', 'RESPONSE_TO_GONE_DEVICE']);

export class RequestLedger implements LedgerPart {
  /** What was sent and stands in no queue yet. */
  wire: Asked | null = null;
  /** By IOMMU, in the order in which software will read them. */
  readonly queues = new Map<number, Asked[]>();
  /** The one the driver reports at the moment. */
  private reading: Asked | null = null;
  /** The driver answers a request that it refused. */
  private refused: Asked | null = null;
  private readonly partial = new Map<number, Asked[]>();
  private readonly groups = new Map<number, Asked[]>();
  /** What the hardware answers to what it lost; undefined: nothing was lost. */
  private due: { readonly asked: Asked; readonly answer: Answer } | undefined;
  readonly coming: Coming[] = [];

  follow(moment: Moment): string[] {
    const { before, event } = moment;
    const wrong: string[] = [];
    if (this.due !== undefined && !BETWEEN.has(event.type)) wrong.push(...this.auto(event));
    switch (event.type) {
      case 'PageRequestIssued':
      case 'StopMarkerIssued':
        wrong.push(...this.issued(event));
        break;
      case 'PageRequestQueued':
        wrong.push(...this.leftWire(event), ...this.queued(event));
        break;
      case 'PageRequestDropped':
        wrong.push(...this.leftWire(event), ...this.dropped(before, event));
        break;
      case 'TransactionStalled':
        // Its event record is read at once.
        this.reading = null;
        break;
      case 'PageRequestReported':
        wrong.push(...this.reported(before, event));
        break;
      case 'PageRequestRefused':
        wrong.push(...this.refusedBy(event));
        break;
      case 'PageRequestCollected':
        wrong.push(...this.collected(event));
        break;
      case 'IopfGroupQueued':
        wrong.push(...this.grouped(before, event));
        break;
      case 'PartialRequestsDropped':
        this.losePartial(event.deviceNo, event.grpid);
        break;
      case 'IopfFeatureDisabled':
      case 'VpriReset':
      case 'PhysicalDeviceRemoved':
        this.losePartial(event.deviceNo, null);
        break;
      case 'PageResponseSent':
        wrong.push(...this.responded(before, event));
        break;
      case 'HazardRecorded':
        if (LOSES.has(event.name)) this.loseGroups(event.objects);
        break;
      default:
    }
    return wrong;
  }

  settle(after: MachineState, { command }: Outcome, failed: boolean): string[] {
    const wrong: string[] = [];
    if (this.due !== undefined) wrong.push(...this.auto(null));
    if (this.wire !== null) wrong.push('a page request reached neither a queue nor its loss');
    if (this.reading !== null) {
      const { request, deviceNo } = this.reading;
      // Out of memory.
      if (!failed || isLast(request)) {
        wrong.push(`request ${request.grpid} of device ${deviceNo} was reported and is gone`);
      }
      this.reading.place = 'LOST';
    }
    this.reading = null;
    this.refused = null;
    for (const { deviceNo, grpid } of this.coming) {
      if (modelled(after, deviceNo) === null) continue;
      wrong.push(`an answer to index ${grpid} left and did not reach device ${deviceNo}`);
    }
    this.coming.length = 0;
    this.wire = null;
    for (const id of this.groups.keys()) {
      if (after.iopfGroups.get(id)?.responded === false) continue;
      wrong.push(`iopf group ${id} is gone and its device got no answer (${command.type})`);
      this.groups.delete(id);
    }
    return wrong;
  }

  private issued({
    deviceNo,
    request,
    type,
    ...of
  }: EventOf<'PageRequestIssued' | 'StopMarkerIssued'>): string[] {
    const wrong = this.wire === null ? [] : ['a page request was sent before the last one arrived'];
    const ofDma = 'dmaId' in of && of.dmaId !== null;
    this.wire = { deviceNo, request, ofDma, place: 'WIRE' };
    if (isStopMarker(request) === (type === 'StopMarkerIssued')) return wrong;
    return [...wrong, 'a stop marker counts as a request, or a request as a stop marker'];
  }

  private leftWire(event: EventOf<'PageRequestQueued' | 'PageRequestDropped'>): string[] {
    const same =
      this.wire?.deviceNo === event.deviceNo && isDeepStrictEqual(this.wire.request, event.request);
    return same ? [] : ['an IOMMU received what no function sent'];
  }

  private queued({ iommuNo }: EventOf<'PageRequestQueued'>): string[] {
    const asked = this.wire;
    this.wire = null;
    if (asked === null) return [];
    asked.place = 'QUEUE';
    const queue = this.queues.get(iommuNo) ?? [];
    this.queues.set(iommuNo, queue);
    queue.push(asked);
    return [];
  }

  private dropped(before: MachineState, event: EventOf<'PageRequestDropped'>): string[] {
    const asked = this.wire;
    this.wire = null;
    if (asked === null) return [];
    asked.place = 'LOST';
    const { spec } = before.iommus.get(event.iommuNo)!;
    this.due = { asked, answer: ownAnswer(spec, event.why, event.request) };
    return [];
  }

  /** The event after a loss: the IOMMU's own answer, if there is one, and no other. */
  private auto(event: Event | null): string[] {
    const { asked, answer } = this.due!;
    this.due = undefined;
    const { grpid } = asked.request;
    if (event?.type !== 'PageRequestAutoResponded') {
      return answer === null ? [] : [`the IOMMU did not answer index ${grpid}, which it lost`];
    }
    this.coming.push({ deviceNo: event.deviceNo, grpid: event.grpid, code: event.code });
    asked.place = 'ANSWERED';
    const { code, pasid, deviceNo } = event;
    const same = answer !== null && isDeepStrictEqual({ code, pasid }, answer);
    return same && deviceNo === asked.deviceNo && event.grpid === grpid
      ? []
      : [`the IOMMU answers index ${event.grpid} with ${code}, not ${answer?.code ?? 'nothing'}`];
  }

  private reported(
    before: MachineState,
    { deviceNo, request }: EventOf<'PageRequestReported'>,
  ): string[] {
    const device = modelled(before, deviceNo);
    if (device === null) return [];
    const wrong = this.reading === null ? [] : this.gone(this.reading);
    if (device.hardware.spec.stall) {
      this.reading = { deviceNo, request, ofDma: true, place: 'READ' };
      return wrong;
    }
    const asked = this.queues.get(device.hardware.spec.iommuNo)?.shift() ?? null;
    this.reading = asked;
    const same = asked?.deviceNo === deviceNo && isDeepStrictEqual(asked.request, request);
    if (asked !== null) asked.place = 'READ';
    // An emulated PRI that has failed forgets all but the last of a group.
    if (asked !== null && device.vpriFailed && !isLast(request)) {
      asked.place = 'LOST';
      this.reading = null;
    }
    return same ? wrong : [...wrong, 'the driver reports what does not stand first in its queue'];
  }

  /** Another one is reported, and nothing became of this one. */
  private gone(asked: Asked): string[] {
    asked.place = 'LOST';
    return isLast(asked.request) ? [`request ${asked.request.grpid} was reported and is gone`] : [];
  }

  private refusedBy({ iommuNo, deviceNo, grpid }: EventOf<'PageRequestRefused'>): string[] {
    const asked = this.queues.get(iommuNo)?.shift();
    this.reading = null;
    this.refused = asked ?? null;
    if (asked === undefined) return ['the driver refuses what does not stand in its queue'];
    asked.place = 'LOST';
    return asked.deviceNo === deviceNo && asked.request.grpid === grpid
      ? []
      : ['the driver refuses another request than the first of its queue'];
  }

  private collected({ deviceNo, request }: EventOf<'PageRequestCollected'>): string[] {
    const asked = this.reading;
    this.reading = null;
    if (asked === null) return [];
    asked.place = 'COLLECTED';
    this.partial.set(deviceNo, [...(this.partial.get(deviceNo) ?? []), asked]);
    const same = asked.deviceNo === deviceNo && isDeepStrictEqual(asked.request, request);
    return same && !isLast(request) ? [] : ['another request is collected than was reported'];
  }

  private grouped(before: MachineState, event: EventOf<'IopfGroupQueued'>): string[] {
    const { deviceNo, iopfGroupId, requests } = event;
    if (modelled(before, deviceNo) === null) return [];
    const last = this.reading;
    this.reading = null;
    if (last === null) return [`iopf group ${iopfGroupId} of no request`];
    const kept = this.partial.get(deviceNo) ?? [];
    const head = kept.filter(({ request }) => request.grpid === last.request.grpid);
    this.partial.set(
      deviceNo,
      kept.filter(asked => !head.includes(asked)),
    );
    const all = [...head, last];
    for (const asked of all) asked.place = 'GROUP';
    this.groups.set(iopfGroupId, all);
    const mine = all.map(({ request }) => request);
    return isDeepStrictEqual(requests, mine)
      ? []
      : [`iopf group ${iopfGroupId} does not hold what was asked for it`];
  }

  private losePartial(deviceNo: number, grpid: number | null): void {
    const kept = this.partial.get(deviceNo) ?? [];
    const stays = (asked: Asked) => grpid !== null && asked.request.grpid !== grpid;
    for (const asked of kept) if (!stays(asked)) asked.place = 'LOST';
    this.partial.set(deviceNo, kept.filter(stays));
  }

  private loseGroups(objects: readonly string[]): void {
    for (const object of objects) {
      const id = Number(object.replace('iopf group ', ''));
      for (const asked of this.groups.get(id) ?? []) asked.place = 'LOST';
      this.groups.delete(id);
    }
  }

  /** The driver's answer: to a group, or to what it reports or refuses at the moment. */
  private responded(before: MachineState, event: EventOf<'PageResponseSent'>): string[] {
    const { deviceNo, grpid, iopfGroupId, code } = event;
    const device = modelled(before, deviceNo);
    if (device === null) return [];
    const group = iopfGroupId === null ? undefined : this.groups.get(iopfGroupId);
    const asked = iopfGroupId === null ? (this.reading ?? this.refused) : group?.at(-1);
    if (iopfGroupId === null) this.reading = null;
    else this.groups.delete(iopfGroupId);
    for (const one of group ?? (asked ? [asked] : [])) one.place = 'ANSWERED';
    const { spec } = before.iommus.get(device.hardware.spec.iommuNo)!;
    const wire = wireOf(spec, device.hardware.spec.stall, code);
    this.coming.push({ deviceNo, grpid, code: wire });
    const right = asked?.deviceNo === deviceNo && asked.request.grpid === grpid;
    return right ? [] : [`index ${grpid} of device ${deviceNo} is answered, which asked nothing`];
  }

  /** Requests that software has of an IOMMU's queue, one after the other. */
  inQueue(iommuNo: number): readonly Asked[] {
    return this.queues.get(iommuNo) ?? [];
  }

  partialOf(deviceNo: number): number {
    return this.partial.get(deviceNo)?.length ?? 0;
  }
}

/** What may come between the loss of a request and the IOMMU's own answer. */
const BETWEEN: ReadonlySet<Event['type']> = new Set(['FaultRecorded', 'HazardRecorded']);
