/** Where page requests came: the first of each group is where its way begins. */
import type { Event } from '../../core/machine/event.ts';
import type { MachineState } from '../../core/machine/state.ts';

export interface RequestPlace {
  readonly seq: number;
  readonly atMs: number;
}

interface InFlight {
  readonly deviceNo: number;
  readonly place: RequestPlace | null;
}

/** null: before what is looked at. */
type Known = RequestPlace | null;

export class RequestPlaces {
  /** The newest request of each device, which the next event is about. */
  private readonly newest = new Map<number, Known>();
  private readonly inFlight = new Map<number, InFlight>();
  /** The first request of each group that is not whole, by device and group index. */
  private readonly partial = new Map<string, Known>();

  /** Those that a state has came before it. */
  constructor(state?: MachineState) {
    for (const [deviceNo, { partial }] of state?.physicalDevices ?? []) {
      for (const { grpid } of partial) this.partial.set(keyOf(deviceNo, grpid), null);
    }
    for (const { inFlightId, deviceNo } of state?.inFlight.values() ?? []) {
      this.inFlight.set(inFlightId, { deviceNo, place: null });
    }
  }

  after(event: Event, place: RequestPlace): void {
    switch (event.type) {
      case 'PageRequestReported':
        this.newest.set(event.deviceNo, place);
        return;
      case 'PageRequestInFlight': {
        const { inFlightId, deviceNo } = event;
        this.inFlight.set(inFlightId, { deviceNo, place: this.newest.get(deviceNo) ?? null });
        return;
      }
      case 'PageRequestLanded':
        return this.land(event.inFlightId);
      case 'PageRequestCollected': {
        const key = keyOf(event.deviceNo, event.request.grpid);
        if (!this.partial.has(key)) this.partial.set(key, this.newest.get(event.deviceNo) ?? null);
        return;
      }
      case 'PartialRequestsDropped':
        this.partial.delete(keyOf(event.deviceNo, event.grpid));
        return;
      default:
    }
  }

  /** Where the first request of a group that is whole now came; null if that was before. */
  take(deviceNo: number, grpid: number): RequestPlace | null {
    const key = keyOf(deviceNo, grpid);
    const first = this.partial.has(key) ? this.partial.get(key) : this.newest.get(deviceNo);
    this.partial.delete(key);
    return first ?? null;
  }

  private land(inFlightId: number): void {
    const found = this.inFlight.get(inFlightId);
    this.inFlight.delete(inFlightId);
    if (found !== undefined) this.newest.set(found.deviceNo, found.place);
  }
}

function keyOf(deviceNo: number, grpid: number): string {
  return `${deviceNo}/${grpid}`;
}
