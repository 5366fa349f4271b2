/**
 * The DMAs of a range of the log: what each was to move, the events by which it waited and asked again,
 * how it ended, and the iopf groups that its page requests came in. One pass over the range.
 */
import { isModelled } from '../../core/hardware/function/lookup.ts';
import type { DmaRequest, DmaState } from '../../core/hardware/function/state.ts';
import type { Event, EventOf } from '../../core/machine/event.ts';
import type { MachineState } from '../../core/machine/state.ts';
import type { Past } from '../past/past.ts';
import type { GroupRange } from './iopf-groups.ts';

export type DmaStepKind = 'ISSUED' | DmaState | 'RETRIED' | 'DONE' | 'ABORTED' | 'TIMED_OUT';

export interface DmaStep {
  readonly seq: number;
  readonly kind: DmaStepKind;
}

export interface DmaRecord {
  readonly dmaId: number;
  readonly deviceNo: number;
  readonly request: DmaRequest;
  /** The event that issued it; one that did not wait has none. */
  readonly issuedSeq: number | null;
  /** What it was doing at the start of the range, and what happened in it. */
  readonly steps: DmaStep[];
  readonly iopfGroupIds: Set<number>;
  /** Why it was aborted. */
  reason: EventOf<'DmaAborted'>['reason'] | null;
  endedSeq: number | null;
}

/** The DMAs that were not over at `from`, and those that began after it, as they were at `to`; by dmaId. */
export async function dmasIn(past: Past, { from, to }: GroupRange): Promise<DmaRecord[]> {
  const records = await past.look(from, state => new DmaRecords(state));
  for await (const page of past.events(from, to)) {
    for (const { seq, event } of page) records.add(event, seq);
  }
  return [...records.all.values()].sort((a, b) => a.dmaId - b.dmaId);
}

class DmaRecords {
  readonly all = new Map<number, DmaRecord>();
  /** dmaIds by function and the index or tag under which the driver reports what they wait for. */
  private readonly waiting = new Map<string, Set<number>>();

  constructor({ seq, physicalDevices, iopfGroups }: MachineState) {
    for (const device of physicalDevices.values()) {
      if (!isModelled(device)) continue;
      const { deviceNo, hardware } = device;
      for (const { dmaId, request, issuedSeq, groups, stag, state } of hardware.dmas.values()) {
        this.begin(dmaId, deviceNo, request, issuedSeq);
        this.step(dmaId, seq, state);
        for (const index of groups.keys()) this.wait(deviceNo, index, dmaId);
        if (stag !== null) this.wait(deviceNo, stag, dmaId);
      }
    }
    for (const group of iopfGroups.values()) this.inGroup(group);
  }

  add(event: Event, seq: number): void {
    switch (event.type) {
      case 'DmaIssued':
        this.begin(event.dmaId, event.deviceNo, event.request, seq);
        this.step(event.dmaId, seq, 'ISSUED');
        return;
      case 'DmaWaited':
        this.step(event.dmaId, seq, event.state);
        return;
      case 'DmaRetried':
        this.step(event.dmaId, seq, 'RETRIED');
        return;
      case 'DmaCompleted':
      case 'DmaAborted':
      case 'DmaTimedOut':
        this.end(event, seq);
        return;
      case 'PageRequestIssued':
        if (event.dmaId !== null) this.wait(event.deviceNo, event.request.grpid, event.dmaId);
        return;
      case 'TransactionStalled':
        // A tag is one transaction's.
        this.waiting.delete(placeOf(event.deviceNo, event.stag));
        this.wait(event.deviceNo, event.stag, event.dmaId);
        return;
      case 'PrgResponseReceived':
      case 'PageRequestAutoResponded':
        this.waiting.delete(placeOf(event.deviceNo, event.grpid));
        return;
      case 'IopfGroupQueued':
        this.inGroup(event);
    }
  }

  private begin(
    dmaId: number,
    deviceNo: number,
    request: DmaRequest,
    issuedSeq: number | null,
  ): DmaRecord {
    const record: DmaRecord = {
      ...{ dmaId, deviceNo, request, issuedSeq, reason: null, endedSeq: null },
      ...{ steps: [], iopfGroupIds: new Set<number>() },
    };
    this.all.set(dmaId, record);
    return record;
  }

  private step(dmaId: number, seq: number, kind: DmaStepKind): void {
    this.all.get(dmaId)?.steps.push({ seq, kind });
  }

  /** One that did not wait was not issued by an event of its own: its end says what it moved. */
  private end(event: EventOf<'DmaCompleted' | 'DmaAborted' | 'DmaTimedOut'>, seq: number): void {
    const { dmaId, deviceNo } = event;
    const request = event.type === 'DmaTimedOut' ? null : event.request;
    const record = this.all.get(dmaId) ?? (request && this.begin(dmaId, deviceNo, request, null));
    if (record === null) return;
    record.endedSeq = seq;
    if (event.type === 'DmaAborted') record.reason = event.reason;
    record.steps.push({ seq, kind: ENDS[event.type] });
  }

  private wait(deviceNo: number, index: number, dmaId: number): void {
    const place = placeOf(deviceNo, index);
    const there = this.waiting.get(place);
    if (there === undefined) this.waiting.set(place, new Set([dmaId]));
    else there.add(dmaId);
  }

  private inGroup(group: {
    readonly iopfGroupId: number;
    readonly deviceNo: number;
    readonly requests: readonly { readonly grpid: number }[];
  }): void {
    for (const { grpid } of group.requests) {
      for (const dmaId of this.waiting.get(placeOf(group.deviceNo, grpid)) ?? []) {
        const record = this.all.get(dmaId);
        if (record?.endedSeq === null) record.iopfGroupIds.add(group.iopfGroupId);
      }
    }
  }
}

const ENDS = { DmaCompleted: 'DONE', DmaAborted: 'ABORTED', DmaTimedOut: 'TIMED_OUT' } as const;

const placeOf = (deviceNo: number, index: number) => `${deviceNo}/${index}`;
