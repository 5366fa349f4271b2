/** The iopf groups that are open, followed through a log. */
import type { IopfGroup, PageRequest } from '../../core/iommu/state.ts';
import type { Event } from '../../core/machine/event.ts';
import { deviceName } from '../../core/machine/lookup.ts';
import type { MachineState } from '../../core/machine/state.ts';
import type { OperationEvents } from '../../log/log.ts';
import { deviceAdded } from '../past/device-names.ts';
import { type RequestPlace, RequestPlaces } from './request-places.ts';

/** Where a group is, or how it ended. */
export type IopfOutcome = 'QUEUED' | 'READ' | 'ANSWERED' | 'TAKEN_AWAY' | 'FLUSHED' | 'LOST';

/** What the log has of one iopf group. */
export interface IopfGroupRecord {
  readonly iopfGroupId: number;
  readonly contextId: number;
  readonly faultId: number;
  readonly deviceNo: number;
  /** Its PCI address or mock name; null if its function was added in a part not looked at. */
  readonly device: string | null;
  readonly requests: readonly PageRequest[];
  outcome: IopfOutcome;
  /** null until it is read. */
  cookie: number | null;
  /** What the device got, or will get; null until there is an answer. */
  code: number | null;
  /** The event by which its first request came; null if that was before what is looked at. */
  readonly requestedSeq: number | null;
  readonly requestedAtMs: number | null;
  readonly queuedSeq: number;
  readSeq: number | null;
  readAtMs: number | null;
  /** The event that ended it; null while it waits. */
  endedSeq: number | null;
  endedAtMs: number | null;
  queuedAtMs: number;
  /** Until it ended; while it waits, until the newest operation looked at. */
  waitMs: number;
}

type Queued = Extract<Event, { type: 'IopfGroupQueued' }>;

export class OpenGroups {
  private readonly groups = new Map<number, IopfGroupRecord>();
  private readonly names = new Map<number, string>();
  private readonly requests: RequestPlaces;
  private nowMs = 0;

  /** Those that a state has; from the beginning of a log there are none. */
  constructor(state?: MachineState) {
    this.requests = new RequestPlaces(state);
    if (state === undefined) return;
    for (const [deviceNo, device] of state.physicalDevices) {
      this.names.set(deviceNo, deviceName(device));
    }
    for (const group of state.iopfGroups.values()) {
      // It is answered, whatever its fault queue still has of it.
      if (!group.responded) this.groups.set(group.iopfGroupId, this.recordOf(group));
    }
  }

  /** Those that came before: their times are to be looked up. */
  undated(): IopfGroupRecord[] {
    return [...this.groups.values()];
  }

  /** Goes through an operation's events after `from` up to `to`; gives the groups that ended. */
  after({ events, seqBefore, atMs }: OperationEvents, from: number, to: number): IopfGroupRecord[] {
    this.nowMs = atMs;
    const ended: IopfGroupRecord[] = [];
    for (const [index, event] of events.entries()) {
      const seq = seqBefore + 1 + index;
      if (seq <= from) continue;
      if (seq > to) break;
      const group = this.step(event, seq);
      if (group !== null) ended.push(group);
    }
    return ended;
  }

  /** Those that wait at the end. */
  *still(): Generator<IopfGroupRecord> {
    for (const group of this.groups.values()) {
      yield { ...group, waitMs: Math.max(0, this.nowMs - group.queuedAtMs) };
    }
  }

  private step(event: Event, seq: number): IopfGroupRecord | null {
    switch (event.type) {
      case 'PciDeviceAdded':
      case 'MockDeviceAdded':
        this.names.set(...deviceAdded(event)!);
        return null;
      case 'IopfGroupQueued':
        this.queue(event, { seq, atMs: this.nowMs });
        return null;
      case 'IopfGroupRead': {
        const group = this.groups.get(event.iopfGroupId);
        if (group !== undefined) {
          const { cookie } = event;
          Object.assign(group, { outcome: 'READ', cookie, readSeq: seq, readAtMs: this.nowMs });
        }
        return null;
      }
      case 'PageResponseWritten':
        return this.end(event.iopfGroupId, seq, 'ANSWERED', event.code);
      case 'IopfGroupAutoResponded':
        return this.end(event.iopfGroupId, seq, 'TAKEN_AWAY', 1);
      case 'IopfGroupFlushed':
        return this.end(event.iopfGroupId, seq, 'FLUSHED', 1);
      case 'IopfGroupLost':
        return this.end(event.iopfGroupId, seq, 'LOST', null);
      default:
        this.requests.after(event, { seq, atMs: this.nowMs });
        return null;
    }
  }

  private queue(event: Queued, { seq, atMs }: RequestPlace): void {
    const group = { ...event, queuedSeq: seq, cookie: null, readSeq: null };
    const requested = this.requests.take(event.deviceNo, event.requests[0]!.grpid);
    const record = this.recordOf(group);
    this.groups.set(event.iopfGroupId, {
      ...record,
      queuedAtMs: atMs,
      requestedSeq: requested?.seq ?? null,
      requestedAtMs: requested?.atMs ?? null,
    });
  }

  private recordOf(group: Omit<IopfGroup, 'freed' | 'responded' | 'reader'>): IopfGroupRecord {
    const { iopfGroupId, contextId, faultId, deviceNo, requests, cookie } = group;
    return {
      iopfGroupId,
      contextId,
      faultId,
      deviceNo,
      device: this.names.get(deviceNo) ?? null,
      requests,
      outcome: cookie === null ? 'QUEUED' : 'READ',
      cookie,
      code: null,
      requestedSeq: null,
      requestedAtMs: null,
      queuedSeq: group.queuedSeq,
      readSeq: group.readSeq,
      readAtMs: null,
      endedSeq: null,
      endedAtMs: null,
      queuedAtMs: 0,
      waitMs: 0,
    };
  }

  private end(id: number, seq: number, outcome: IopfOutcome, code: number | null) {
    const group = this.groups.get(id);
    if (group === undefined) return null;
    this.groups.delete(id);
    const endedAtMs = this.nowMs;
    const waitMs = endedAtMs - group.queuedAtMs;
    return { ...group, outcome, code, endedSeq: seq, endedAtMs, waitMs };
  }
}
