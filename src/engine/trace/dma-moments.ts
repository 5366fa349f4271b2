/** What a trace shows of DMAs: when one is issued, what it waits for, how it ends. */
import type { DmaRequest } from '../../core/hardware/function/state.ts';
import type { Event, EventOf } from '../../core/machine/event.ts';
import type { MachineState } from '../../core/machine/state.ts';

/** A DMA as a trace names it. */
export interface TracedDma {
  readonly dmaId: number;
  /** Of the function that does it. */
  readonly bdf: string;
  readonly iova: bigint;
  readonly length: bigint;
  readonly write: boolean;
  /** null: without a PASID. */
  readonly pasid: number | null;
}

export type DmaMoment =
  | { readonly kind: 'DMA_ISSUED'; readonly atUs: number; readonly dma: TracedDma }
  /** Another wait of it, if there was one, is over by this. */
  | {
      readonly kind: 'DMA_WAITS';
      readonly atUs: number;
      readonly dma: TracedDma;
      readonly waits: string;
      /** What it waited for until now. */
      readonly before: string | null;
    }
  | {
      readonly kind: 'DMA_LEFT';
      readonly atUs: number;
      readonly dma: TracedDma;
      readonly before: string | null;
      readonly end: string;
    }
  /** It was done, or failed, as it was issued. */
  | {
      readonly kind: 'DMA_AT_ONCE';
      readonly atUs: number;
      readonly dma: TracedDma;
      readonly end: string;
    };

interface Open {
  readonly dma: TracedDma;
  waits: string | null;
}

type OfDma = EventOf<'DmaIssued' | 'DmaWaited' | 'DmaCompleted' | 'DmaAborted' | 'DmaTimedOut'>;

export function isOfDma(event: Event): event is OfDma {
  switch (event.type) {
    case 'DmaIssued':
    case 'DmaWaited':
    case 'DmaCompleted':
    case 'DmaAborted':
    case 'DmaTimedOut':
      return true;
    default:
      return false;
  }
}

export class DmaMoments {
  /** DMAs that are not finished. */
  readonly #open = new Map<number, Open>();

  /** What one of its events adds; `state` is what the event met. */
  of(event: OfDma, atUs: number, state: MachineState): DmaMoment | null {
    const { dmaId } = event;
    switch (event.type) {
      case 'DmaIssued': {
        const dma = tracedDma(event, event.request, state);
        this.#open.set(dmaId, { dma, waits: null });
        return { kind: 'DMA_ISSUED', atUs, dma };
      }
      case 'DmaWaited': {
        const open = this.#open.get(dmaId);
        if (open === undefined) return null;
        const before = open.waits;
        open.waits = waitOf(event);
        return { kind: 'DMA_WAITS', atUs, dma: open.dma, waits: open.waits, before };
      }
      case 'DmaCompleted':
      case 'DmaAborted':
      case 'DmaTimedOut':
        return this.#ended(event, atUs, state);
    }
  }

  #ended(
    event: EventOf<'DmaCompleted' | 'DmaAborted' | 'DmaTimedOut'>,
    atUs: number,
    state: MachineState,
  ): DmaMoment | null {
    const end = endOf(event);
    const open = this.#open.get(event.dmaId);
    if (open !== undefined) {
      this.#open.delete(event.dmaId);
      return { kind: 'DMA_LEFT', atUs, dma: open.dma, before: open.waits, end };
    }
    const request = event.type === 'DmaTimedOut' ? null : event.request;
    if (request === null) return null;
    return { kind: 'DMA_AT_ONCE', atUs, dma: tracedDma(event, request, state), end };
  }
}

function tracedDma(
  { dmaId, deviceNo }: { readonly dmaId: number; readonly deviceNo: number },
  { iova, length, write, pasid }: DmaRequest,
  { physicalDevices }: MachineState,
): TracedDma {
  const device = physicalDevices.get(deviceNo);
  const bdf = device?.kind === 'PCI' ? device.bdf : `device ${deviceNo}`;
  return { dmaId, bdf, iova, length, write, pasid };
}

function waitOf({ state, grpids, stag }: EventOf<'DmaWaited'>): string {
  switch (state) {
    case 'WAITING_PRG':
      return `waits for group index ${grpids.join(', ')}`;
    case 'BACKED_OFF':
      return 'backed off';
    case 'NO_CREDIT':
      return 'waits for a credit';
    case 'STALLED':
      return `stalled with STAG ${stag}`;
  }
}

function endOf(event: EventOf<'DmaCompleted' | 'DmaAborted' | 'DmaTimedOut'>): string {
  switch (event.type) {
    case 'DmaCompleted':
      return `done (${event.via})`;
    case 'DmaAborted':
      return event.reason;
    case 'DmaTimedOut':
      return 'timed out';
  }
}

/** What a trace says about it beside its name. */
export function notesOfDma({ bdf, iova, length, write, pasid }: TracedDma) {
  const address = `0x${iova.toString(16)}`;
  return { bdf, iova: address, length: Number(length), access: write ? 'write' : 'read', pasid };
}
