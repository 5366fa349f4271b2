/** Which events are about one DMA, from its issue to its end: its own, its groups', its answers'. */
import type { Event } from '../../machine/event.ts';

export class DmaTrack {
  private readonly dmaId: number;
  private deviceNo: number | null = null;
  /** PRG indexes under which it waits. */
  private readonly open = new Set<number>();
  private readonly iopfGroupIds = new Set<number>();
  private stag: number | null = null;
  /** It moved its bytes, or failed. */
  ended = false;

  constructor(dmaId: number) {
    this.dmaId = dmaId;
  }

  /** Whether an event is about it. Events come in order, those of other DMAs between them. */
  isAbout(event: Event): boolean {
    if ('dmaId' in event && event.dmaId === this.dmaId) {
      this.follow(event);
      return true;
    }
    if (event.type === 'HazardRecorded') return this.isNamed(event.objects);
    if (this.deviceNo === null || this.ended) return false;
    return this.isOfGroup(event) || this.isOfRequest(event) || this.isOfStall(event);
  }

  private follow(event: Event): void {
    switch (event.type) {
      case 'PageRequestIssued':
        this.open.add(event.request.grpid);
        return;
      case 'TransactionStalled':
        this.deviceNo = event.deviceNo;
        this.stag = event.stag;
        return;
      case 'DmaIssued':
        this.deviceNo = event.deviceNo;
        return;
      case 'DmaCompleted':
      case 'DmaAborted':
      case 'DmaTimedOut':
        this.ended = true;
    }
  }

  private isNamed(objects: readonly string[]): boolean {
    if (objects.includes(`DMA ${this.dmaId}`)) return true;
    if (this.ended) return false;
    return [...this.iopfGroupIds].some(id => objects.includes(`iopf group ${id}`));
  }

  /** The iopf group that its requests are in. */
  private isOfGroup(event: Event): boolean {
    if (event.type === 'IopfGroupQueued') {
      const { deviceNo, requests, iopfGroupId } = event;
      const own = requests.some(({ grpid }) => this.waitsUnder(grpid));
      if (deviceNo !== this.deviceNo || !own) return false;
      this.iopfGroupIds.add(iopfGroupId);
      return true;
    }
    return (
      'iopfGroupId' in event &&
      event.iopfGroupId !== null &&
      this.iopfGroupIds.has(event.iopfGroupId) &&
      this.answered(event)
    );
  }

  /** The answer to its group closes the index. */
  private answered(event: Event): boolean {
    if (event.type === 'PrgResponseReceived') this.open.delete(event.grpid);
    return true;
  }

  /** On the way from the function to the kernel, or answered without it. */
  private isOfRequest(event: Event): boolean {
    switch (event.type) {
      case 'PageRequestQueued':
      case 'PageRequestDropped':
      case 'PageRequestReported':
      case 'PageRequestCollected':
        return event.deviceNo === this.deviceNo && this.waitsUnder(event.request.grpid);
      case 'PageRequestAutoResponded':
      case 'PageRequestRefused':
      case 'PrgResponseIgnored':
        return event.deviceNo === this.deviceNo && this.open.has(event.grpid);
      case 'PrgResponseReceived': {
        const own = event.deviceNo === this.deviceNo && this.open.has(event.grpid);
        return own && this.answered(event);
      }
      default:
        return false;
    }
  }

  /** A PRG index, or the tag under which the driver reports a stalled transaction. */
  private waitsUnder(grpid: number): boolean {
    return this.open.has(grpid) || grpid === this.stag;
  }

  private isOfStall(event: Event): boolean {
    if (event.type !== 'StallResumed' || event.stag !== this.stag) return false;
    this.stag = null;
    return true;
  }
}
