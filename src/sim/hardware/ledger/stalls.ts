/** Transactions that stall: a tag is one transaction's, and each has a fault that somebody has. */
import type { EventOf } from '../../../core/machine/event.ts';
import type { Outcome } from '../../../core/machine/operation.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import { type LedgerPart, type Moment, modelled } from './part.ts';
import type { RequestLedger } from './requests.ts';

interface Stalled {
  readonly deviceNo: number;
  readonly dmaId: number;
}

export class StallLedger implements LedgerPart {
  private readonly requests: RequestLedger;
  /** By IOMMU and tag. */
  private readonly stalls = new Map<string, Stalled>();

  /** `requests` follows each event first. */
  constructor(requests: RequestLedger) {
    this.requests = requests;
  }

  follow({ before, event, rest, outcome }: Moment): string[] {
    switch (event.type) {
      case 'TransactionStalled':
        return this.stalled(event, rest);
      case 'StallResumed':
        return this.resumed(event, outcome);
      case 'DmaAborted':
      case 'DmaTimedOut':
      case 'DmaCompleted':
        this.forget(({ dmaId }) => dmaId === event.dmaId);
        return [];
      case 'PhysicalDeviceRemoved':
        this.forget(({ deviceNo }) => deviceNo === event.deviceNo);
        return [];
      case 'HazardRecorded':
        return event.name === 'STALE_STAG_RESUMED' ? this.stale(before, event) : [];
      default:
        return [];
    }
  }

  private forget(which: (stalled: Stalled) => boolean): void {
    for (const [key, stalled] of this.stalls) if (which(stalled)) this.stalls.delete(key);
  }

  private stalled(event: EventOf<'TransactionStalled'>, rest: Moment['rest']): string[] {
    const { iommuNo, stag, deviceNo, dmaId } = event;
    const key = `${iommuNo}/${stag}`;
    const wrong = this.stalls.has(key) ? [`STAG ${stag} is another transaction's`] : [];
    this.stalls.set(key, { deviceNo, dmaId });
    const [next] = rest;
    const told =
      next?.type === 'PageRequestReported' &&
      next.deviceNo === deviceNo &&
      next.request.grpid === stag &&
      (next.request.flags & 2) !== 0;
    return told ? wrong : [...wrong, `STAG ${stag} stalled and its event record is another's`];
  }

  /** By the kernel's answer, or by command; SUCCESS tries it again, everything else ends it. */
  private resumed(
    { iommuNo, stag, action }: EventOf<'StallResumed'>,
    { command }: Outcome,
  ): string[] {
    const key = `${iommuNo}/${stag}`;
    const stalled = this.stalls.get(key);
    if (stalled === undefined) return [`STAG ${stag} was resumed and stalls no more`];
    this.stalls.delete(key);
    const { coming } = this.requests;
    const place = coming.findIndex(
      ({ deviceNo, grpid }) => deviceNo === stalled.deviceNo && grpid === stag,
    );
    if (place < 0) {
      const byCommand = command.type === 'StallResume' && command.stag === stag;
      return byCommand ? [] : [`STAG ${stag} was resumed and nobody answered`];
    }
    const [came] = coming.splice(place, 1);
    const expected = came!.code === 0 ? 'RETRY' : 'ABORT';
    return action === expected ? [] : [`STAG ${stag}, answered ${came!.code}, is to ${action}`];
  }

  /** An answer that meets no transaction of its function is without effect. */
  private stale(before: MachineState, { objects }: EventOf<'HazardRecorded'>): string[] {
    const deviceNo = before.bdfs.get(objects[0] ?? '') ?? -1;
    const iommuNo = modelled(before, deviceNo)?.hardware.spec.iommuNo;
    const { coming } = this.requests;
    const place = coming.findIndex(
      other =>
        other.deviceNo === deviceNo &&
        this.stalls.get(`${iommuNo}/${other.grpid}`)?.deviceNo !== deviceNo,
    );
    if (place >= 0) coming.splice(place, 1);
    return [];
  }

  settle(after: MachineState): string[] {
    const wrong: string[] = [];
    for (const [iommuNo, { stalls }] of after.iommus) {
      for (const [stag, { dmaId, deviceNo }] of stalls) {
        const own = this.stalls.get(`${iommuNo}/${stag}`);
        if (own?.dmaId !== dmaId) wrong.push(`STAG ${stag} is not DMA ${dmaId}'s`);
        const dma = modelled(after, deviceNo)?.hardware.dmas.get(dmaId);
        if (dma?.stag !== stag) wrong.push(`STAG ${stag}: its DMA ${dmaId} does not stall`);
      }
    }
    const count = [...after.iommus.values()].reduce((sum, { stalls }) => sum + stalls.size, 0);
    if (count !== this.stalls.size)
      wrong.push(`${count} transactions stall, not ${this.stalls.size}`);
    return wrong;
  }
}
