/** The life of every DMA and program: each DMA ends once, and until then waits for what exists. */
import type { DmaOptions, DmaRequest } from '../../../core/hardware/function/state.ts';
import type { EventOf } from '../../../core/machine/event.ts';
import type { Outcome } from '../../../core/machine/operation.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import { grantOf } from './page-walk.ts';
import {
  allModelled,
  type LedgerPart,
  type Modelled,
  type Moment,
  modelled,
  ownerOf,
} from './part.ts';

interface Followed {
  readonly deviceNo: number;
  readonly request: DmaRequest;
  readonly options: DmaOptions;
  readonly deadline: number | null;
  retries: number;
}

/** How many indexes there are. */
const INDEXES = 512;

export class DmaLedger implements LedgerPart {
  private readonly dmas = new Map<number, Followed>();
  /** Said to be there now, or resumed: they look again in this operation. */
  private readonly looking = new Set<number>();
  /** They wait for time to pass, or for an overflow to be cleared. */
  private readonly backedOff = new Set<number>();
  /** The IOMMU itself answered what they asked; the device does not know that, and looks again. */
  private readonly lost = new Set<number>();
  /** They looked, and have to back off. */
  private readonly mustBackOff = new Set<number>();
  /** What they wait for came in this operation. */
  private mayAsk = false;
  private readonly looked = new Set<number>();

  follow({ before, event, rest, outcome }: Moment): string[] {
    switch (event.type) {
      case 'DmaIssued':
        return this.issued(before, event);
      case 'DmaRetried':
        return this.retried(before, event);
      case 'DmaWaited':
        return this.waits(event);
      case 'PageRequestAutoResponded':
        this.answeredByIommu(before, event);
        return [];
      case 'TickAdvanced':
      case 'PrqOverflowCleared':
      case 'PriEnabled':
      case 'IopfFeatureEnabled':
        this.mayAsk = true;
        return [];
      case 'DmaCompleted':
        this.looked.add(event.dmaId);
        return this.ended(event);
      case 'DmaAborted':
        this.looked.add(event.dmaId);
        return [...this.aborted(event, outcome), ...this.ended(event)];
      case 'DmaTimedOut': {
        const deadline = this.dmas.get(event.dmaId)?.deadline ?? null;
        const due = deadline !== null && deadline <= before.tick;
        const wrong = due ? [] : [`DMA ${event.dmaId} timed out before its deadline`];
        return [...wrong, ...this.ended({ ...event, request: null })];
      }
      case 'PrgResponseReceived':
        return this.response(before, event, rest);
      case 'StallResumed': {
        const stall = before.iommus.get(event.iommuNo)!.stalls.get(event.stag);
        if (stall !== undefined) this.looking.add(stall.dmaId);
        return [];
      }
      case 'PhysicalDeviceRemoved':
        for (const [id, { deviceNo }] of this.dmas) {
          if (deviceNo === event.deviceNo) this.dmas.delete(id);
        }
        return [];
      default:
        return [];
    }
  }

  private issued(before: MachineState, event: EventOf<'DmaIssued'>): string[] {
    const { deviceNo, dmaId, request, options, missed, deadlineTick: deadline } = event;
    const wrong = this.dmas.has(dmaId) ? [`DMA ${dmaId} was issued twice`] : [];
    this.dmas.set(dmaId, { deviceNo, request, options, deadline, retries: 0 });
    const ticks = options.timeoutTicks;
    if (deadline !== (ticks === null ? null : before.tick + ticks)) {
      wrong.push(`the deadline of DMA ${dmaId} is ${deadline}`);
    }
    return [...wrong, ...misses(before, deviceNo, dmaId, request, missed)];
  }

  private retried(before: MachineState, event: EventOf<'DmaRetried'>): string[] {
    const { deviceNo, dmaId, missed, retries } = event;
    this.looked.add(dmaId);
    if (this.lost.has(dmaId)) this.mustBackOff.add(dmaId);
    const dma = this.dmas.get(dmaId);
    if (dma === undefined) return [`DMA ${dmaId} looks again and was never issued`];
    const wrong = misses(before, deviceNo, dmaId, dma.request, missed);
    // What was lost together is one retry.
    if (!this.backedOff.has(dmaId) || retries !== dma.retries) dma.retries++;
    if (retries !== dma.retries) wrong.push(`DMA ${dmaId} counts ${retries} retries`);
    if (!this.looking.has(dmaId)) wrong.push(`DMA ${dmaId} looks again without an answer`);
    if (retries > dma.options.retryLimit) wrong.push(`DMA ${dmaId} retries beyond its limit`);
    return wrong;
  }

  private answeredByIommu(
    before: MachineState,
    { deviceNo, grpid, code }: EventOf<'PageRequestAutoResponded'>,
  ): void {
    const device = modelled(before, deviceNo);
    if (device === null || code !== 0) return;
    for (const [dmaId, { groups }] of device.hardware.dmas) {
      if (groups.has(grpid)) this.lost.add(dmaId);
    }
  }

  /** What was lost in an overflow is not asked again before anything has changed. */
  private waits({ dmaId, state }: EventOf<'DmaWaited'>): string[] {
    const must = this.mustBackOff.delete(dmaId);
    if (state === 'BACKED_OFF') this.backedOff.add(dmaId);
    else if (must) return [`DMA ${dmaId} asks again at once for what was lost`];
    else if (this.backedOff.delete(dmaId) && !this.mayAsk) {
      return [`DMA ${dmaId} asks again, and nothing has changed since its request was lost`];
    }
    return [];
  }

  /** `request`: of one that had not been issued. */
  private ended({
    dmaId,
    request,
  }: {
    readonly dmaId: number;
    readonly request: DmaRequest | null;
  }): string[] {
    this.backedOff.delete(dmaId);
    const known = this.dmas.delete(dmaId);
    return known === (request === null) ? [] : [`DMA ${dmaId} ends, and was never there or twice`];
  }

  private aborted({ dmaId, reason }: EventOf<'DmaAborted'>, { command }: Outcome): string[] {
    const dma = this.dmas.get(dmaId);
    const right = {
      RETRY_LIMIT: () => dma?.retries === dma?.options.retryLimit,
      DEVICE_RESET: () => command.type === 'DeviceReset',
      INVALID_REQUEST: () => dma !== undefined,
      RESPONSE_FAILURE: () => dma !== undefined,
      TERMINATED: () => dma !== undefined,
      NO_PRI: () => true,
      REFUSED: () => true,
    }[reason]();
    return right ? [] : [`DMA ${dmaId} ends with ${reason}`];
  }

  /** Success: look again. Invalid: it ends. Failure: whatever the functions had ends. */
  private response(
    before: MachineState,
    { deviceNo, grpid, code }: EventOf<'PrgResponseReceived'>,
    rest: Moment['rest'],
  ): string[] {
    const device = modelled(before, deviceNo)!;
    const sharing = allModelled(before).filter(
      other => ownerOf(before, other) === ownerOf(before, device),
    );
    const ends = (dmaId: number, reason: string) =>
      rest.some(
        event => event.type === 'DmaAborted' && event.dmaId === dmaId && event.reason === reason,
      );
    const wrong: string[] = [];
    for (const { hardware } of sharing) {
      for (const [dmaId, { groups }] of hardware.dmas) {
        if (code > 1) {
          if (!ends(dmaId, 'RESPONSE_FAILURE')) wrong.push(`DMA ${dmaId} outlives a failure`);
        } else if (groups.has(grpid)) {
          if (code === 0) this.looking.add(dmaId);
          else if (!ends(dmaId, 'INVALID_REQUEST')) wrong.push(`DMA ${dmaId} outlives INVALID`);
        }
      }
    }
    return wrong;
  }

  settle(after: MachineState): string[] {
    const wrong: string[] = [];
    const waiting = new Set<number>();
    for (const device of allModelled(after)) {
      for (const dmaId of device.hardware.dmas.keys()) waiting.add(dmaId);
      wrong.push(...idle(after, device), ...programOf(device));
    }
    for (const [dmaId, { deadline }] of this.dmas) {
      if (!waiting.has(dmaId)) wrong.push(`DMA ${dmaId} is gone and did not end`);
      if (deadline !== null && deadline <= after.tick)
        wrong.push(`DMA ${dmaId} is past its deadline`);
    }
    for (const dmaId of waiting) {
      if (!this.dmas.has(dmaId)) wrong.push(`DMA ${dmaId} waits and was never issued, or ended`);
    }
    for (const dmaId of this.looking) {
      const more = this.waitsForMore(after, dmaId);
      if (!this.looked.has(dmaId) && !more)
        wrong.push(`DMA ${dmaId} was answered and did not look`);
    }
    this.looking.clear();
    this.looked.clear();
    this.lost.clear();
    this.mustBackOff.clear();
    this.mayAsk = false;
    return wrong;
  }

  /** Other groups of it have no answer, so that what this one brought need not show. */
  private waitsForMore(after: MachineState, dmaId: number): boolean {
    const device = modelled(after, this.dmas.get(dmaId)?.deviceNo ?? -1);
    const dma = device?.hardware.dmas.get(dmaId);
    return dma === undefined || dma.groups.size > 0 || dma.unrequested.length > 0;
  }
}

/** What is said to be missing is missing. */
function misses(
  before: MachineState,
  deviceNo: number,
  dmaId: number,
  { pasid, iova, write }: DmaRequest,
  missed: readonly { readonly page: number }[],
): string[] {
  if (missed.length === 0) return [`DMA ${dmaId} waits and misses nothing`];
  return missed.flatMap(({ page }) => {
    const grant = grantOf(before, deviceNo, pasid, (iova >> 12n) + BigInt(page));
    const granted = grant !== null && (write ? grant.write : grant.read);
    return granted ? [`DMA ${dmaId} misses page ${page}, which the tables grant`] : [];
  });
}

/** In line for a credit while one is free, or waiting for nothing at all. */
function idle(after: MachineState, device: Modelled): string[] {
  const pri = modelled(after, ownerOf(after, device))?.hardware.pri ?? null;
  return [...device.hardware.dmas.values()].flatMap(dma => {
    const { dmaId, groups, unrequested, stag, state } = dma;
    const where = `DMA ${dmaId} of ${device.bdf}`;
    if (device.hardware.spec.stall) return stag === null ? [`${where} is not stalled`] : [];
    const wrong: string[] = [];
    if (pri === null) return [`${where} waits, and nobody can be asked`];
    const free = pri.enabled && pri.used < pri.allocation && pri.outstanding.size < INDEXES;
    const { overflow } = after.iommus.get(device.hardware.spec.iommuNo)!.pageRequestQueue;
    if (state === 'BACKED_OFF') {
      if (!overflow) wrong.push(`${where} backs off, and its queue takes requests`);
    } else {
      const says = groups.size > 0 ? 'WAITING_PRG' : 'NO_CREDIT';
      if (state !== says) wrong.push(`${where} is ${state}, not ${says}`);
      if (unrequested.length > 0 && free)
        wrong.push(`${where} stands in line, and credits are free`);
    }
    for (const grpid of groups.keys()) {
      if (!pri.outstanding.has(grpid)) wrong.push(`${where} waits for index ${grpid}: not there`);
    }
    return wrong;
  });
}

/** A program waits for its own DMAs; with none it has ended or can be run on. */
function programOf({ bdf, hardware }: Modelled): string[] {
  const { program, dmas } = hardware;
  if (program === null) return [];
  const own = [...dmas.values()].filter(({ request }) => request.ofProgram).length;
  const { state, options, stepsLeft, next, ops } = program;
  const wrong: string[] = [];
  if (own > options.maxOutstanding) wrong.push(`the program of ${bdf} has ${own} DMAs in flight`);
  if (state === 'WAITING' && own === 0) wrong.push(`the program of ${bdf} waits for nothing`);
  if (state === 'DONE' && (own > 0 || next < ops.length)) wrong.push(`${bdf}: done with work left`);
  if (state === 'RUNNING' && stepsLeft > 0) wrong.push(`the program of ${bdf} stands still`);
  return wrong;
}
